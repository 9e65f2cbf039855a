"""Files as people really have them: what cannot be read is told, and nothing is dropped unsaid."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import pytest

import sim.cli
from sim.calibration.files.tables import Reading, read_orders
from sim.config import compose
from sim.core.errors import InputError

HEAD = ["product", "category", "price", "unit_cost", "shelf_life"]
ROW = ["a", "fresh", 12, 3, 7]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, *words: str) -> tuple[int, str]:
    """Exit code, and what was said."""
    capsys.readouterr()
    code = sim.cli.main([*words])
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, told.out + told.err


def refused(capsys, *words: str) -> str:
    """The one line of a refusal; nothing may be written."""
    before = sorted(Path().rglob("*"))
    code, told = run(capsys, *words)
    assert code == 2, told
    assert sorted(Path().rglob("*")) == before
    [line] = told.splitlines()
    return line


def text(lines: str, name: str = "products.csv") -> None:
    Path(name).write_text(lines, encoding="utf-8")


def workbook(*rows: list, change=None) -> None:
    """A workbook ``products.xlsx`` of one sheet."""
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book, book.active)
    book.save("products.xlsx")


@pytest.mark.parametrize(("at", "column"), [(2, "price"), (4, "shelf_life")])
def test_a_formula_without_its_value_is_told_and_not_taken_for_an_empty_cell(at, column, capsys):
    row = [*ROW]
    row[at] = "=1+6"
    workbook(HEAD, row)
    told = refused(capsys, "import", "products.xlsx")
    assert f"line 2, column {column}: " in told
    assert "(found '=1+6')" in told


@pytest.mark.parametrize(("box", "column"), [("B2:B3", "category"), ("E2:E3", "shelf_life")])
def test_merged_cells_are_told_and_not_taken_for_empty_ones(box, column, capsys):
    workbook(HEAD, ROW, ["b", "fresh", 14, 3, 7], change=lambda _, sheet: sheet.merge_cells(box))
    told = refused(capsys, "import", "products.xlsx")
    assert f"line 2, column {column}: " in told
    assert f"(found '{box}'); unmerge" in told


def test_merged_cells_beside_the_table_do_no_harm(capsys):
    workbook(
        [*HEAD, "note"], [*ROW, "x"], ["b", "fresh", 14, 3, 7], change=lambda _, s: s.merge_cells("F2:F3")
    )
    assert run(capsys, "import", "products.xlsx")[0] == 0


def test_the_first_sheet_that_is_shown_is_read(capsys):
    def hide(book, sheet):
        sheet.sheet_state = "hidden"
        shown = book.create_sheet("Real")
        shown.append(HEAD)
        shown.append(["z", "fresh", 99, 3, 7])

    workbook(HEAD, ROW, change=hide)
    assert "sheet 'Real' is read, others are not: Sheet" in run(capsys, "import", "products.xlsx")[1]
    assert compose(["scenario=own"]).catalog.fresh.price == 99


def test_rows_that_excel_hides_are_read_and_told(capsys):
    def hide(_, sheet):
        sheet.row_dimensions[3].hidden = True

    workbook(HEAD, ROW, ["b", "fresh", 36, 3, 7], change=hide)
    assert "hides are read too: 1" in run(capsys, "import", "products.xlsx")[1]
    assert compose(["scenario=own"]).catalog.fresh.price == 24


def test_a_title_above_the_header_is_one_fault(capsys):
    workbook(["Our shop"], HEAD, ROW)
    assert "the first line must be the header (found 'Our shop')" in refused(
        capsys, "import", "products.xlsx"
    )


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_damaged_part_of_a_workbook_is_one_line(part, capsys):
    workbook(HEAD, *([f"p{n}", *ROW[1:]] for n in range(500)))
    with zipfile.ZipFile("products.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts[part] = parts[part][: len(parts[part]) // 2]
    with zipfile.ZipFile("products.xlsx", "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    assert "an Excel file must be whole (found a damaged one)" in refused(capsys, "import", "products.xlsx")


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!"])
@pytest.mark.parametrize("at", [0, 1, 2, 4])
def test_an_error_of_a_spreadsheet_is_no_remark_and_no_word(error, at, capsys):
    cells = ["a", "fresh", "12", "3", "7"]
    cells[at] = error
    text("\n".join([",".join(HEAD), ",".join(cells), "b,fresh,12,3,7"]) + "\n")
    assert f"line 2, column {HEAD[at]}: " in (told := refused(capsys, "import", "products.csv"))
    assert f"error (found '{error}')" in told


def test_lines_that_are_passed_over_are_counted(capsys):
    text("# ours\nproduct,category,price,unit_cost\n#12,fresh,10,3\n# 13\nb,fresh,20,3\n")
    told = run(capsys, "import", "products.csv")[1]
    assert "1 products" in told
    assert "begin with #: 2 lines" in told


@pytest.mark.parametrize(
    "words",
    [
        "columns=prise:price",
        "columns=shelf_life:Keeps",
        "columns=price:Keeps",
        "columns=price:price,price:unit_cost",
        "columns=price:price,unit_cost:price",
        "categories=fresh:fresh,fresh:frozen",
        "currency=",
        "currency=¥",
    ],
)
def test_words_that_name_nothing_or_twice_are_refused(words, capsys):
    text("product,category,price,unit_cost\na,fresh,10,3\n")
    told = refused(capsys, "import", "products.csv", words)
    assert words.partition("=")[0] in told


def test_a_name_of_a_column_need_stand_in_one_of_the_files_alone(capsys):
    text("product,category,price,unit_cost,Qty\na,fresh,10,3,5\n")
    text("category,price\nfresh,10\n", "prices.csv")
    assert run(capsys, "import", "products.csv", "prices.csv", "columns=units_sold:Qty")[0] == 0


def test_chinese_headers_with_wide_brackets_and_yuan_are_read(capsys):
    text("商品,品类,售价（元）,成本（元/件）\n苹果,fresh,12,3\n")
    assert run(capsys, "import", "products.csv")[0] == 0
    assert compose(["scenario=own"]).catalog.fresh.price == 12
    text("商品，品类，售价，成本\n苹果，fresh，12，3\n")
    assert "write ',' in place of the wide '，'" in refused(capsys, "import", "products.csv", "replace=yes")
    text("商品,品类,售价（美元）,成本\n苹果,fresh,12,3\n")
    assert "the unit must be CNY/unit (found '美元')" in refused(
        capsys, "import", "products.csv", "replace=yes"
    )


def test_letters_that_cannot_be_seen_are_to_be_deleted_not_shortened(capsys):
    text("product,category,price,unit_cost\na\u200b,fresh,10,3\n")
    assert "delete letters that cannot be seen" in refused(capsys, "import", "products.csv")


def test_said_dates_count_more_than_what_a_column_suggests(capsys):
    text("customer,time,value\nu,13/02/2026,1\nv,02/11/2026,1\n", "orders.csv")
    assert "line 2, column time" in refused(capsys, "import", "orders.csv", "dates=month_first")
    with pytest.raises(InputError, match="line 2, column time"):
        read_orders(Path("orders.csv"), Reading(dates="month_first"))
    assert run(capsys, "import", "orders.csv", "dates=day_first")[0] == 0
    assert Path("own/own_orders.csv").read_text().count("2026-11-02") == 1


def test_a_first_cell_that_is_no_date_has_nothing_above_it(capsys):
    text("customer,time,value\nu,2-Jan-2026,1\n", "orders.csv")
    assert "a time must be a date (found '2-Jan-2026')" in refused(capsys, "import", "orders.csv")


def test_a_price_of_no_category_is_not_dropped(capsys):
    text("category,price\nfresh,3\n,4\n", "prices.csv")
    assert "line 3, column category: a name is needed (found an empty cell)" in refused(
        capsys, "import", "prices.csv"
    )


def test_numbers_of_warehouses_that_move_nothing_are_told(capsys):
    rows = "F1,front,1000,3,,100\nF2,front,1000,3,,\nR,regional,500,,20,7\n"
    text(f"node,kind,consumers,radius_km,distance_km,orders_a_day\n{rows}", "nodes.csv")
    told = run(capsys, "import", "nodes.csv")[1]
    assert "capacity is left as it is" in told
    assert "not used of regional warehouses: consumers, orders_a_day" in told


def test_what_cannot_be_written_leaves_nothing_and_names_its_own_key(capsys):
    text("product,category,price,unit_cost\na,fresh,10,3\n")
    text("customer,time,value\nu,2026-01-01,1\n", "orders.csv")
    text("no folder", "scenarios")
    told = refused(capsys, "import", "products.csv", "orders.csv")
    assert told.startswith("liebian: 'scenarios' must be one that can be written")
    assert "FOLDER" not in told
    for key, place in (("salt", "/proc/x.key"), ("folder", "/proc/x")):
        told = refused(capsys, "import", "orders.csv", f"{key}={place}")
        assert f"with {key}=" in told
        assert "paths." not in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["products", "prices"], "(you wrote products and prices)"),
        (["product"], "did you mean 'products'"),
        (["products", "currncy=EUR"], "'currncy=EUR': template takes currency, out"),
        (["products", "currency="], "currency: must be a name"),
    ],
)
def test_a_template_says_which_word_is_wrong(words, says, capsys):
    assert says in refused(capsys, "template", *words)


def test_dates_of_a_workbook_are_days(capsys):
    workbook(["customer", "time", "value"], ["u", datetime.datetime(2026, 1, 2, 3, 4), 5])
    assert run(capsys, "import", "orders=products.xlsx")[0] == 0
    assert "2026-01-02 03:04:00" in Path("own/own_orders.csv").read_text()


def test_ties_of_people_to_themselves_alone_are_told(capsys):
    text("from,to\na,a\nb,b\n", "edges.csv")
    told = refused(capsys, "import", "edges=edges.csv")
    assert "line 2, column target: some tie must join two people (found 'a')" in told
    text("from,to\na,a\na,b\n", "edges.csv")
    code, told = run(capsys, "import", "edges=edges.csv")
    assert code == 0, told
