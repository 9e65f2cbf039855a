"""What people have is read; what is wrong is told in one line with file, place, rule, value and remedy."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest

import sim.cli
from sim.calibration.files.refusal import TableError
from sim.calibration.files.tables import Reading, read_cascades, read_deliveries, read_orders
from tests.calibration.made_up import made_orders, write_orders

HELD = made_orders(60, 90.0)
HEAD = "customer,time,value"
OTHER = {"customer": "buyer_no", "time": "paid_at", "value": "eur"}


def rows(form: str = "2024-{m:02d}-{d:02d}", count: int = 60, head: str = HEAD, separator: str = ",") -> str:
    lines = [head]
    for n in range(count):
        when = form.format(m=1 + n % 6, d=1 + n % 28)
        lines.append(separator.join([f"c{n % 40}", when, f"{10 + n}.50"]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(tmp_path, separator):
    path = write_orders(tmp_path / "o.csv", HELD, separator=separator)
    read = read_orders(path, Reading())
    assert read.customers == 60
    np.testing.assert_allclose(np.sort(read.value), np.sort(np.round(HELD.value, 2)))


@pytest.mark.parametrize(
    "form",
    [
        "2024-{m:02d}-{d:02d}", "2024/{m}/{d}", "2024{m:02d}{d:02d}", "{d:02d}.{m:02d}.2024", "{d}/{m}/2024",
        "{m}/{d}/2024", "2024-{m:02d}-{d:02d}T07:30:00Z", "2024-{m:02d}-{d:02d} 07:30:00.123+08:00",
        "2024年{m}月{d}日", "{d:02d}-{m:02d}-2024 7:05",
    ],
)  # fmt: skip
def test_dates_in_several_forms_are_the_same_days(tmp_path, form):
    path = tmp_path / "o.csv"
    path.write_text(rows(form), encoding="utf-8")
    plain = tmp_path / "p.csv"
    plain.write_text(rows(), encoding="utf-8")
    np.testing.assert_array_equal(
        np.floor(read_orders(path, Reading()).day), np.floor(read_orders(plain, Reading()).day)
    )


@pytest.mark.parametrize(
    ("data", "reading"),
    [
        (rows().encode("utf-8-sig"), Reading()),
        (rows().encode("utf-16"), Reading()),
        (rows(head="客户,时间,金额").encode("gb18030"), Reading(encoding="gb18030")),
        (gzip.compress(rows().encode()), Reading()),
        (rows().replace("\n", "\r\n").encode(), Reading()),
        (
            rows(head="buyer_no,paid_at,eur").encode(),
            Reading(columns={"customer": "buyer_no", "time": "paid_at", "value": "eur"}),
        ),
        (rows(separator=";", head=HEAD.replace(",", ";")).replace(".50", ",50").encode(), Reading()),
        (rows(separator="   ", head="customer  date  value").encode(), Reading()),
        (f"sep=,\n{rows()}".encode(), Reading()),
    ],
)
def test_encodings_compression_and_columns(tmp_path, data, reading):
    path = tmp_path / "o.csv"
    path.write_bytes(data)
    read = read_orders(path, reading)
    assert (len(read.day), read.customers) == (60, 40)
    assert read.value.sum() == pytest.approx(sum(10.5 + n for n in range(60)))


def broken(change: str, to: str, count: int = 1) -> bytes:
    assert change in rows()
    return rows().replace(change, to, count).encode()


FIFTH = "c3,2024-04-04,13.50"
BROKEN = {
    "missing file": (None, "must exist"),
    "empty": (b"", "empty file"),
    "blanks": (b" \n\n", "empty file"),
    "header alone": (HEAD.encode(), "rows"),
    "one column": (b"customer\n1\n2\n", "several columns"),
    "no header": (rows().partition("\n")[2].encode(), "column customer is needed"),
    "numbers for a header": (b"1,2,3\n4,5,6\n", "names the columns"),
    "no customer": (broken("customer", "thing"), "column customer is needed"),
    "no time": (broken("time", "thing"), "column time is needed"),
    "doubled header": (broken("value", "time"), "name of its own"),
    "two candidates": (broken("value", "user"), "one column holds the customer"),
    "short line": (broken(FIFTH, "c3,2024-04-04"), "line 5"),
    "long line": (broken(FIFTH, FIFTH + ",x"), "line 5"),
    "empty customer": (broken(FIFTH, ",2024-04-04,13.50"), "line 5, column customer"),
    "empty time": (broken(FIFTH, "c3,,13.50"), "line 5, column time"),
    "empty value": (broken(FIFTH, "c3,2024-04-04,"), "line 5, column value"),
    "words for a value": (broken(FIFTH, "c3,2024-04-04,lots"), "line 5, column value"),
    "currency": (broken(FIFTH, "c3,2024-04-04,¥13.50"), "line 5, column value"),
    "nan": (broken(FIFTH, "c3,2024-04-04,nan"), "line 5, column value"),
    "infinite": (broken(FIFTH, "c3,2024-04-04,1e999"), "line 5, column value"),
    "negative": (broken(FIFTH, "c3,2024-04-04,-13.50"), "drop=negative"),
    "no date": (broken(FIFTH, "c3,yesterday,13.50"), "line 5, column time"),
    "other form": (broken(FIFTH, "c3,04/04/2024,13.50"), "line 5, column time"),
    "no such day": (broken(FIFTH, "c3,2024-02-30,13.50"), "day of the calendar"),
    "month 13": (broken(FIFTH, "c3,2024-13-04,13.50"), "day of the calendar"),
    "year 1899": (broken(FIFTH, "c3,1899-12-30,13.50"), "1970..2100"),
    "ambiguous dates": (rows("{m}/{m}/2024").encode(), "dates=day_first"),
    "day and month": (rows("{d}/{d}/2024").encode(), "day of the calendar"),
    "open quotation": (broken(FIFTH, '"c3,2024-04-04,13.50'), "quot"),
    "latin-1": (broken(FIFTH, FIFTH).replace(b"c3", b"M\xfcller"), "encoding=gb18030"),
    "zero byte": (broken(FIFTH, "c3\x00,2024-04-04,13.50"), "zero byte"),
    "torn gzip": (gzip.compress(rows().encode())[:-20], "damaged"),
    "office file": (b"PK\x03\x04 and more", "CSV UTF-8"),
    "old office file": (b"\xd0\xcf\x11\xe0 and more", "CSV UTF-8"),
    "parquet": (b"PAR1 and more", "to_csv"),
    "pdf": (b"%PDF-1.4", "PDF"),
    "one customer": (re.sub(r"\nc\d+", "\nc1", rows()).encode(), "30 customers"),
    "one day": (rows("2024-01-01").encode(), "28 days"),
    "json": (b'{"orders": [1, 2]}', "table"),
    "excel dates": (rows("4529{m}").encode(), "must be a date"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_refused_in_one_line(tmp_path, capsys, kind):
    data, said = BROKEN[kind]
    path = tmp_path / "mine.csv"
    if data is not None:
        path.write_bytes(data)
    assert sim.cli.main(["calibrate", f"orders={path}", f"paths.results={tmp_path / 'r'}"]) == 2
    errors = capsys.readouterr().err.strip().split("\n")
    assert len(errors) == 1
    assert said in errors[0]
    assert "mine.csv" in errors[0]
    assert ";" in errors[0]
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["free=turnover.exit_rat"], "did you mean 'turnover.exit_rate'"),
        (["free=turnover.exit_rate", "turnover.exit_rate=0.002"], "is free"),
        (["holdout=2"], "holdout"),
        (["waves=0"], "waves"),
        (["wave_points=many"], "wave_points"),
        (["draws=1"], "draws"),
        (["discrepancy=-1"], "discrepancy"),
        (["customers=old"], "customers"),
        (["drop=everything"], "drop"),
        (["dates=american"], "dates"),
        (["encoding=klingon"], "encoding"),
        (["columns=customer"], "columns"),
        (["columns=customer:nobody"], "nobody"),
        (["statistics=depth"], "depth"),
        (["statistics=nothing"], "nothing"),
        (["experiment.days=400"], "experiment.days"),
        (["experiment.days=20"], "experiment.days"),
        (["orders=other.csv"], "once"),
        (["baseline"], "settings alone"),
        (["population.size=-5"], "population.size"),
    ],
)
def test_wrong_words_are_refused(tmp_path, capsys, words, said):
    path = write_orders(tmp_path / "o.csv", HELD)
    assert sim.cli.main(["calibrate", f"orders={path}", *words]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert "Traceback" not in errors


def test_no_file_is_asked_for(capsys):
    assert sim.cli.main(["calibrate", "free=turnover.exit_rate"]) == 2
    assert "orders=FILE" in capsys.readouterr().err


def test_records_may_be_left_out(tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes(broken(FIFTH, ",2024-04-04,-13.50"))
    assert len(read_orders(path, Reading(drop=("missing",))).day) == 59
    path.write_bytes(broken(FIFTH, "c3,2024-04-04,-13.50"))
    assert len(read_orders(path, Reading(drop=("negative",))).day) == 59


def test_cascades(tmp_path):
    """Two cascades; a circle and what hangs on it is left out, whoever has two parents is refused."""
    path = tmp_path / "c.csv"
    lines = ["cascade,parent,child,minute"]
    lines += [f"1,r,a{n},{n}" for n in range(40)] + [f"2,r,b{n},{2 * n}" for n in range(20)]
    lines += ["1,a1,x,50", "1,x,y,60", "2,p,q,1", "2,q,p,2"]
    path.write_text("\n".join(lines))
    read = read_cascades(path, Reading())
    assert (read.cascades, len(read.root)) == (2, 64)
    assert (read.parent < 0).sum() == 2
    assert read.minute[read.parent[read.minute == 60]].tolist() == [50]
    path.write_text("\n".join([*lines, "1,a1,y,70"]))
    with pytest.raises(TableError, match="one parent"):
        read_cascades(path, Reading())


def test_deliveries(tmp_path):
    path = tmp_path / "d.csv"
    lines = ["ordered,promised,delivered,score"]
    lines += [f"2024-01-01 10:00,2024-01-05,2024-01-{d:02d} 12:00,{1 + d % 5}" for d in range(2, 12)] * 6
    path.write_text("\n".join(lines))
    read = read_deliveries(path, Reading())
    assert (read.late_days > 0).sum() == 6 * 6  # a promised day ends with the day
    assert read.hours.min() == pytest.approx(26.0)
    path.write_text("\n".join([*lines, "2024-01-03 10:00,2024-01-05,2024-01-02 12:00,3"]))
    with pytest.raises(TableError, match="line 62"):
        read_deliveries(path, Reading())
