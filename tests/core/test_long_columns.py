"""Long tables in files: they hold what tables in memory hold, and memory holds a day of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core import long_columns, records
from sim.core.language import speaking
from sim.core.long_columns import LongColumn, lies_in_memory
from sim.core.records import Table

SCHEMA = {"who": ("int64", "id"), "fen": ("int32", "amount"), "real": ("bool", "not fake"), "of": ("U3", "x")}


def rows(n: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "who": rng.integers(-(2**62), 2**62, n),
        "fen": rng.integers(0, 10**9, n).astype(np.int32),
        "real": rng.random(n) < 0.5,
        "of": np.resize(np.array(["ab", "cde", ""]), n),
    }


def resident() -> int:
    """Bytes of this process that lie in memory."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


@pytest.fixture
def short_memory(monkeypatch):
    monkeypatch.setattr(records, "IN_MEMORY", 2**14)


def in_files(table: Table) -> bool:
    return bool(table._files)


@pytest.mark.property
@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=12))
def test_files_hold_what_memory_holds(sizes):
    with pytest.MonkeyPatch.context() as patch:
        long, plain = Table("t", SCHEMA), Table("t", SCHEMA)
        for table, most in ((plain, 2**40), (long, 2**14)):
            patch.setattr(records, "IN_MEMORY", most)
            for day, size in enumerate(sizes):
                table.begin_day()
                table.append(**rows(size, day))
                table["fen"][: table.n // 2] += 1  # some columns are settled later
        assert not in_files(plain)
        assert in_files(long) or sum(sizes) * long.row_bytes <= 2**14
        for name in SCHEMA:
            assert np.array_equal(long[name], plain[name])
            assert np.array_equal(long.today(name), plain.today(name))
            assert long[name].dtype == plain[name].dtype


@pytest.mark.usefixtures("short_memory")
def test_a_long_table_holds_days_in_memory_and_not_all_rows(monkeypatch):
    most, a_day, days = 2**20, 50_000, 60
    monkeypatch.setattr(records, "IN_MEMORY", most)
    block, table = rows(a_day), Table("t", SCHEMA)
    begin = resident()
    for _ in range(days):
        table.begin_day()
        table.append(**block)
    table.begin_day()
    held, written = resident() - begin, days * a_day * table.row_bytes
    assert written > 60 * most
    assert (
        held < most + 2 * a_day * table.row_bytes + 2**22
    )  # before files, two days, what Python takes on the way
    assert np.array_equal(table["who"].reshape(days, a_day), np.tile(block["who"], (days, 1)))


@pytest.mark.usefixtures("short_memory")
def test_views_of_a_shorter_table_show_its_rows_when_it_has_grown():
    table = Table("t", SCHEMA)
    table.append(**rows(1_000, 1))
    early = table["fen"]
    table.append(**rows(50_000, 2))
    assert in_files(table)
    assert np.array_equal(early, rows(1_000, 1)["fen"])


@pytest.mark.usefixtures("short_memory")
@pytest.mark.parametrize("calls", [0, 2, 5])
def test_without_room_for_files_a_table_goes_on_in_memory(monkeypatch, calls):
    """The disk may be full from the start, between two columns, or when the table grows again."""
    made, plain = [], LongColumn.room

    def room(self, n):
        made.append(n)
        if len(made) > calls:
            raise OSError(28, "No space left on device")
        return plain(self, n)

    monkeypatch.setattr(LongColumn, "room", room)
    table = Table("t", SCHEMA)
    for day in range(6):
        table.begin_day()
        table.append(**rows(3_000, day))
    assert not in_files(table)
    for name in SCHEMA:
        assert np.array_equal(table[name], np.concatenate([rows(3_000, day)[name] for day in range(6)]))


@pytest.mark.usefixtures("short_memory")
def test_without_a_folder_for_files_a_table_goes_on_in_memory(monkeypatch):
    def nowhere(*_args, **_named):
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(tempfile, "TemporaryFile", nowhere)
    table = Table("t", SCHEMA)
    table.append(**rows(9_000))
    assert not in_files(table)
    assert np.array_equal(table["who"], rows(9_000)["who"])


@pytest.mark.usefixtures("short_memory")
def test_a_cleared_table_begins_anew():
    table = Table("t", SCHEMA)
    table.append(**rows(9_000))
    table.clear()
    table.append(**rows(40, 3))
    table.begin_day()
    assert np.array_equal(table["who"], rows(40, 3)["who"])


@pytest.fixture
def told(monkeypatch):
    """Lines that are told of the folder for temporary files, which nobody was told of yet."""
    lines: list[str] = []
    monkeypatch.setattr(long_columns._LOG, "warning", lambda text, *args: lines.append(text % args))
    long_columns.tell_where.cache_clear()
    yield lines
    long_columns.tell_where.cache_clear()


def mounts(tmp_path: Path, kind: str) -> Path:
    """A list of mounts as Linux writes it, in which the file system of this test is of a kind."""
    device = tmp_path.stat().st_dev
    place = f"{os.major(device)}:{os.minor(device)}"
    lines = [
        "22 28 0:999999 / /dev/shm rw,nosuid shared:2 - tmpfs tmpfs rw",
        f"36 28 {place} / {tmp_path} rw,noatime master:1 - {kind} none rw,errors=continue",
    ]
    file = tmp_path / "mountinfo"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("kind", "memory"), [("tmpfs", True), ("ramfs", True), ("ext4", False), ("xfs", False)]
)
def test_a_folder_in_memory_is_known_by_its_file_system(kind, memory, tmp_path, monkeypatch):
    monkeypatch.setattr(long_columns, "_MOUNTS", mounts(tmp_path, kind))
    assert lies_in_memory(str(tmp_path)) == memory
    monkeypatch.setattr(long_columns, "_MOUNTS", tmp_path / "there is none")
    assert not lies_in_memory(str(tmp_path))


def test_the_system_itself_says_which_folder_lies_in_memory():
    told = {line.split()[4]: line.partition(" - ")[2].split()[0] for line in long_columns._MOUNTS.open()}
    if told.get("/dev/shm") != "tmpfs":
        pytest.skip("this system has no /dev/shm in memory")
    assert lies_in_memory("/dev/shm")
    assert not lies_in_memory("/proc/self")


@pytest.mark.parametrize(("kind", "lines"), [("tmpfs", 1), ("ext4", 0)])
def test_that_files_save_no_memory_is_told_once_with_the_remedy(kind, lines, tmp_path, monkeypatch, told):
    monkeypatch.setattr(long_columns, "_MOUNTS", mounts(tmp_path, kind))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(records, "IN_MEMORY", 2**14)
    with speaking("en"):
        for name in ("visits", "orders"):
            table = Table(name, SCHEMA)
            table.append(**rows(2_000))
            assert in_files(table)
    assert len(told) == lines
    assert all("TMPDIR=/path/on/disk" in one and str(tmp_path) in one and "\n" not in one for one in told)


def test_a_short_table_says_nothing_of_folders(tmp_path, monkeypatch, told):
    monkeypatch.setattr(long_columns, "_MOUNTS", mounts(tmp_path, "tmpfs"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Table("visits", SCHEMA).append(**rows(2_000))
    assert told == []
