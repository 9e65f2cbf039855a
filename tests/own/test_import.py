"""Own files become a market, or nothing is written and every fault is told in a line of its own."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from pathlib import Path

import pytest

import sim.cli
from sim.calibration.files.tables import Reading, read_orders
from sim.config import compose
from sim.own.columns import EXAMPLE, tables
from sim.own.faults import MOST
from sim.world.catalog import CatalogParams
from tests.own.made_up import ORDER_HEAD, orders, products, write

ORDERS = orders(400)
PRODUCTS = products(300)
#: Processor time that reading the longest files may take, seconds; they take a third of it on a quiet core.
ENOUGH = 12.0


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def done(capsys, *words: str) -> str:
    assert sim.cli.main([*words]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys, *words: str) -> list[str]:
    """Lines of a refusal; nothing may be written."""
    before = sorted(Path().rglob("*"))
    assert sim.cli.main([*words]) == 2
    assert sorted(Path().rglob("*")) == before
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err.splitlines()


def test_five_thousand_products_become_the_means_of_their_categories(capsys):
    lines = products(5000)
    write(Path("products.csv"), lines)
    began = time.process_time()
    out = done(capsys, "import", "products.csv")
    assert time.process_time() - began < ENOUGH
    assert "5,000 products, money in CNY" in out
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for row in csv.DictReader(lines):
        units = float(row["units_sold"])
        for n, key in enumerate(("price [CNY/unit]", "unit_cost [CNY/unit]", "shelf_life [days]")):
            sums[row["category"]][n] += units * float(row[key])
        sums[row["category"]][3] += units
    config = compose(["scenario=own"])
    for name, (price, cost, life, units) in sums.items():
        category = getattr(config.catalog, name)
        assert category.price == pytest.approx(price / units, abs=0.006)
        assert category.unit_cost == pytest.approx(cost / units, abs=0.006)
        assert category.shelf_life == pytest.approx(life / units, abs=0.006)
        assert category.volume == getattr(CatalogParams(), name).volume  # not in the file


def test_two_hundred_thousand_orders_become_a_table_for_calibrate(capsys):
    write(Path("orders.csv"), orders())
    began = time.process_time()
    out = done(capsys, "import", "orders.csv", "name=shop")
    assert time.process_time() - began < ENOUGH
    assert "200,000 orders" in out
    held = read_orders(Path("own/shop_orders.csv"), Reading())
    plain = read_orders(Path("orders.csv"), Reading(columns={"value": "value [CNY]"}))
    assert (
        (held.customers, len(held.value)) == (plain.customers, len(plain.value)) == (held.customers, 200_000)
    )
    assert held.value.sum() == pytest.approx(plain.value.sum())


def broken(lines: list[str], at: int, cell: int, text: str) -> list[str]:
    cells = lines[at].split(",")
    cells[cell] = text
    return [*lines[:at], ",".join(cells), *lines[at + 1 :]]


#: What is done to a table of products -> line and words of the one fault that it makes.
WRONG_PRODUCTS = {
    "letters in a price": (broken(PRODUCTS, 40, 2, "4x.50"), "line 41, column price", "a number is needed"),
    "a price with its sign": (broken(PRODUCTS, 7, 2, "¥45"), "line 8, column price", "without currency"),
    "a price of nothing": (broken(PRODUCTS, 9, 2, "0"), "line 10, column price", "0.01 to 100,000 CNY/unit"),
    "no cost": (broken(PRODUCTS, 11, 3, ""), "line 12, column unit_cost", "an empty cell"),
    "a cost below nothing": (broken(PRODUCTS, 3, 3, "-2"), "line 4, column unit_cost", "0 to 100,000"),
    "a misspelt category": (broken(PRODUCTS, 5, 1, "frehs"), "line 6, column category", "mean 'fresh'"),
    "a product twice": (broken(PRODUCTS, 200, 0, "P-00000"), "line 201, column product", "first on line 2"),
    "a short line": ([*PRODUCTS[:50], "P-x,fresh,3"], "line 51", "every line must have 6 cells"),
    "days that nothing keeps": (broken(PRODUCTS, 8, 4, "99999"), "line 9, column shelf_life", "0.5 to 3,650"),
    "no prices": (
        [",".join(one.split(",")[:2] + one.split(",")[3:]) for one in PRODUCTS],
        "line 1",
        "a column price is needed",
    ),
    "another currency": (
        [PRODUCTS[0].replace("price [CNY/unit]", "price [EUR/unit]"), *PRODUCTS[1:]],
        "line 1, column price",
        "say currency=NAME rate=CNY_FOR_ONE",
    ),
    "a column twice": (
        [PRODUCTS[0].replace("shelf_life [days]", "price [CNY/unit]"), *PRODUCTS[1:]],
        "line 1",
        "give it another name",
    ),
    "the example left in": (broken(PRODUCTS, 1, 0, EXAMPLE), "line 2, column product", "delete the line"),
}
WRONG_ORDERS = {
    "a day that is none": (
        broken(ORDERS, 30, 1, "2024-02-30"),
        "line 31, column time",
        "a day of the calendar",
    ),
    "a time in words": (broken(ORDERS, 4, 1, "yesterday"), "line 5, column time", "as those above it"),
    "another form": (broken(ORDERS, 60, 1, "31.01.2024"), "line 61, column time", "(year first)"),
    "no time": (broken(ORDERS, 61, 1, ""), "line 62, column time", "an empty cell"),
    "a year far off": (broken(ORDERS, 62, 1, "2924-01-01"), "line 63, column time", "1970..2100"),
    "nobody": (broken(ORDERS, 10, 0, ""), "line 11, column customer", "a name is needed"),
    "money back": (broken(ORDERS, 11, 2, "-5"), "line 12, column value", "0 to 1,000,000 CNY"),
    "a value in words": (broken(ORDERS, 12, 2, "gratis"), "line 13, column value", "a number is needed"),
    "no value": (broken(ORDERS, 13, 2, ""), "line 14, column value", "an order has a value"),
    "an unknown category": (
        broken(ORDERS, 14, 4, "toys"),
        "line 15, column category",
        "categories=YOUR_WORD",
    ),
    "an order twice": (
        [f"{ORDERS[0]},order_id", *(f"{line},N-{n % 300}" for n, line in enumerate(ORDERS[1:302]))],
        "line 302, column order",
        "each stands once (first on line 2)",
    ),
    "an open quotation mark": (broken(ORDERS, 400, 3, '"feed'), "line 401", "quotation mark"),
    "no customers": (
        [ORDERS[0].replace("customer", "nobody"), *ORDERS[1:]],
        "line 1",
        "a column customer is needed",
    ),
}


@pytest.mark.parametrize("case", WRONG_PRODUCTS)
def test_a_wrong_product_is_told_in_one_line(case, capsys):
    lines, place, words = WRONG_PRODUCTS[case]
    write(Path("products.csv"), lines)
    told = refused(capsys, "import", "products.csv")
    assert len(told) == 1
    assert told[0].startswith(f"liebian: products.csv, {place}: ")
    assert words in told[0]


@pytest.mark.parametrize("case", WRONG_ORDERS)
def test_a_wrong_order_is_told_in_one_line(case, capsys):
    lines, place, words = WRONG_ORDERS[case]
    write(Path("orders.csv"), lines)
    told = refused(capsys, "import", "orders.csv")
    assert len(told) == 1
    assert told[0].startswith(f"liebian: orders.csv, {place}")
    assert words in told[0]


def test_all_faults_are_told_by_line_up_to_a_number(capsys):
    lines = broken(broken(broken(PRODUCTS, 5, 2, "x"), 3, 3, "y"), 4, 1, "z")
    write(Path("products.csv"), lines)
    write(Path("orders.csv"), broken(ORDERS, 2, 2, "w"))
    told = refused(capsys, "import", "products.csv", "orders.csv")
    assert [one.partition(" (found")[0].split(", ")[1] for one in told] == [
        "line 4",
        "line 5",
        "line 6",
        "line 3",
    ]
    write(Path("products.csv"), [PRODUCTS[0], *(f"P{n},fresh,x,1,1,1" for n in range(500))])
    told = refused(capsys, "import", "products.csv")
    assert len(told) == MOST + 1
    assert told[-1].startswith(f"liebian: and {500 - MOST} more faults")


@pytest.mark.parametrize("kind", tables())
def test_a_template_is_refused_as_it_is_and_taken_once_its_example_is_a_row(kind, capsys):
    done(capsys, "template", kind, f"out={kind}.csv")
    text = Path(f"{kind}.csv").read_text(encoding="utf-8-sig")
    for column in tables()[kind].columns:
        assert f"# {column.name} (" in text
        assert column.allowed in text
    told = refused(capsys, "import", f"{kind}.csv")
    assert all("a template's example is no row; " in one or "template's example" in one for one in told)
    names = iter(("one", "two", "three"))
    lines = text.splitlines()
    lines[-1] = ",".join(next(names) if cell == EXAMPLE else cell for cell in lines[-1].split(","))
    if lines[-1].startswith("one") and kind in ("prices", "costs"):
        lines[-1] = lines[-1].replace("one", "fresh")
    write(Path(f"{kind}.csv"), lines)
    assert f"1 {kind}" in done(capsys, "import", f"{kind}.csv")


def test_people_are_written_as_pseudonyms_and_nothing_else_of_them_is(capsys):
    rows = [f"{line},Zhang San,1380000{n:04d}" for n, line in enumerate(ORDERS[1:])]
    write(Path("orders.csv"), [f"{ORDERS[0]},name,phone", *rows])
    write(Path("edges.csv"), ["source,target", "user1@example.org,user2@example.org"])
    out = done(capsys, "import", "orders.csv", "edges.csv")
    assert "left out: name, phone" in out
    salt = Path("own/salt.key")
    assert salt.stat().st_mode & 0o077 == 0
    text = Path("own/own_orders.csv").read_text() + Path("own/own_edges.csv").read_text() + out
    for secret in ("example.org", "Zhang", "1380000", salt.read_bytes().hex()):
        assert secret not in text
    assert text.splitlines()[0] == "customer,time,value,source,category"
    first = Path("own/own_orders.csv").read_bytes()
    done(capsys, "import", "orders.csv", "replace=yes")
    assert Path("own/own_orders.csv").read_bytes() == first  # the same salt, the same pseudonyms
    done(capsys, "import", "orders.csv", "name=other", "salt=another.key")
    assert Path("own/other_orders.csv").read_bytes() != first
    ids = {row["customer"] for row in csv.DictReader(first.decode().splitlines())}
    assert len(ids) == len({line.split(",")[0] for line in ORDERS[1:]})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_read_or_refused_in_one_line(encoding, capsys):
    head = ORDER_HEAD.replace("customer", "客户").replace("time", "下单时间").replace("value", "金额")
    write(Path("orders.csv"), [head, *ORDERS[1:]], encoding)
    if encoding == "gb18030":
        told = refused(capsys, "import", "orders.csv")
        assert len(told) == 1
        assert "encoding=gb18030" in told[0]
        assert "400 orders" in done(capsys, "import", "orders.csv", "encoding=gb18030")
    else:
        assert "400 orders" in done(capsys, "import", "orders.csv")


def test_a_workbook_is_read_like_its_text(capsys):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    for n, line in enumerate(PRODUCTS):
        cells = line.split(",")
        book.active.append(cells if n == 0 else [*cells[:2], *map(float, cells[2:])])
    book.save("products.xlsx")
    write(Path("products.csv"), PRODUCTS)
    done(capsys, "import", "products.csv", "name=text")
    done(capsys, "import", "products.xlsx", "name=book")
    text, book_ = (compose([f"scenario={name}"]).catalog for name in ("text", "book"))
    assert text == book_
    book.active.cell(row=5, column=3).value = "dear"
    book.save("products.xlsx")
    told = refused(capsys, "import", "products.xlsx")
    assert len(told) == 1
    assert "line 5, column price: a number is needed (found 'dear')" in told[0]


def test_of_a_workbook_with_several_sheets_one_is_named(capsys):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["read me"])
    for title, lines in (("Goods", PRODUCTS[:20]), ("Sold", ORDERS[:30])):
        sheet = book.create_sheet(title)
        for n, line in enumerate(lines):
            cells = line.split(",")
            sheet.append(cells if n == 0 or title == "Sold" else [*cells[:2], *map(float, cells[2:])])
    book.create_sheet("空")
    book.save("shop.xlsx")
    told = refused(capsys, "import", "products=shop.xlsx")
    assert all("sheets=products:NAME (others: Goods, Sold, 空)" in one for one in told)
    for sheet, words in (("Gods", "choose one of: Notes, Goods, Sold, 空"), ("空", "found an empty sheet")):
        told = refused(capsys, "import", "products=shop.xlsx", f"sheets=products:{sheet}")
        assert len(told) == 1
        assert words in told[0]
    out = done(
        capsys, "import", "products=shop.xlsx", "orders=shop.xlsx", "sheets=products:Goods,orders:Sold"
    )
    assert "19 products, money in CNY; sheet 'Goods' is read, others are not: Notes, Sold, 空" in out
    assert "29 orders, money in CNY; sheet 'Sold' is read" in out
    write(Path("products.csv"), PRODUCTS)
    for word in ("sheets=products:Goods", "sheets=prices:Goods", "sheets=Goods"):
        assert len(refused(capsys, "import", "products.csv", word, "replace=yes")) == 1


def test_zones_of_times_are_told_and_order_numbers_are_not_kept(capsys):
    rows = ["N-77,u1,2026-02-20T10:00:00Z", "N-78,u2,2026-02-20T10:00:00+08:00"]
    write(Path("orders.csv"), ["order_id,customer,time", *rows])
    out = done(capsys, "import", "orders.csv")
    assert "time: the clock is taken as written, without its zone (+08:00, Z)" in out
    assert "N-7" not in Path("own/own_orders.csv").read_text() + out
    write(Path("orders.csv"), ["customer,time", "u1,2026-02-20 10:00"])
    assert "zone" not in done(capsys, "import", "orders.csv", "replace=yes")


def test_prices_and_costs_take_the_place_of_those_of_products(capsys):
    write(
        Path("products.csv"),
        ["product,category,price,unit_cost,units_sold", "a,fresh,10,5,1", "b,fresh,30,5,3"],
    )
    write(Path("prices.csv"), ["product,price", "a,20", "b,40"])
    write(Path("costs.csv"), ["category,unit_cost", "fresh,12"])
    done(capsys, "import", "products.csv", "prices.csv", "costs.csv", "currency=EUR", "rate=2")
    fresh = compose(["scenario=own"]).catalog.fresh
    assert fresh.price == pytest.approx(2 * (20 + 3 * 40) / 4)
    assert fresh.unit_cost == pytest.approx(24)


def test_warehouses_become_numbers_of_the_network(capsys):
    rows = ["F1,front,30000,4,,600", "F2,front,10000,6,,400", "C1,community,2000,,,", "R,regional,,,35,"]
    write(Path("nodes.csv"), ["node,kind,consumers,radius_km,distance_km,orders_a_day", *rows])
    done(capsys, "import", "nodes.csv")
    config = compose(["scenario=own"])
    held = config.logistics
    assert (held.consumers_per_front, held.consumers_per_zone) == (20_000, 2_000)
    assert (held.front_radius_km, held.trunk_km) == (5.0, 35.0)
    assert (config.business.market, config.business.capacity) == (40_000, 1_000.0)
    write(Path("nodes.csv"), ["node,kind,consumers", "F1,front,", "F1,community,5000"])
    told = refused(capsys, "import", "nodes.csv", "replace=yes")
    assert ["line 2" in told[0], "line 3" in told[1]] == [True, True]


def test_files_are_not_written_over_unless_told(capsys):
    write(Path("prices.csv"), ["category,price", "fresh,20"])
    done(capsys, "import", "prices.csv")
    assert "replace=yes" in refused(capsys, "import", "prices.csv")[0]
    done(capsys, "import", "prices.csv", "replace=yes")
    for words in (["name=baseline"], ["currency=EUR"], ["no.such=1"], ["categories=a:b"], ["things.csv"]):
        assert len(refused(capsys, "import", "prices.csv", *words)) == 1
    assert len(refused(capsys, "import", "nothing_products.csv")) == 1


def test_own_words_hold_for_every_strategy_and_give_way_to_what_is_written(capsys):
    from sim.cli.own_words import with_own

    write(Path("prices.csv"), ["category,price", "fresh,20", "pet,30"])
    done(capsys, "import", "prices.csv")
    words = with_own(["own=own", "catalog.pet.price=99", "scenario=group_buy"])
    config = compose(words)
    assert (config.catalog.fresh.price, config.catalog.pet.price) == (20, 99)
    assert refused(capsys, "plan", "group_buy", "own=nothing")
    assert "group_buy" in done(capsys, "plan", "group_buy", "own=own", "population.size=300")


def test_a_file_that_is_not_there_is_said_to_be_missing_whatever_its_name(capsys):
    (line,) = refused(capsys, "import", "nofile.csv")
    assert "must exist" in line
    assert "which table" not in line


def test_a_template_that_cannot_be_written_is_a_file(capsys):
    Path("taken").write_text("", encoding="utf-8")
    (line,) = refused(capsys, "template", "products", "out=taken/y.csv")
    assert "must be a file" in line
    assert "out=FILE" in line


def test_an_import_speaks_chinese_with_units_and_without_odd_decimals(capsys):
    write(Path("products.csv"), ["product,category,price,unit_cost,units_sold", "a,fresh,95,50,1"])
    out = done(capsys, "import", "products.csv", "language=zh")
    was = CatalogParams().fresh.price
    assert "products.csv：1 个商品" in out
    assert f"catalog.fresh.price：95 元/件（原为 {was:g}）" in out
    told = out[: out.index("own.yaml")]
    assert not [word for word in (" units\n", "CNY", "95.0", "(was") if word in told]
