"""A run counts as made only while every table that was written for it is whole and its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim.cli
from sim.store.compact import compact
from sim.store.integrity import repeated, serialized
from sim.store.store import Store
from tests.conftest import draw_no_pages

SWEEP = [
    "sweep", "scenario=flat_cash_referral", "population.size=60", "experiment.days=2",
    "experiment.warmup_days=1", "experiment.burn_in_days=2", "experiment.replications=2",
    "experiment.name=s", "engine=serial", "store.level=events",
]  # fmt: skip


HARMED = ("totals", "daily", "breakdown", "events/visits", "events/spend", "events/group_buys")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished sweep of two worlds and their baselines, with every event."""
    desk = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        draw_no_pages(patch)
        patch.chdir(desk)
        assert sim.cli.main(SWEEP) == 0
    return desk


@pytest.fixture
def desk(made, tmp_path, monkeypatch, undrawn):
    shutil.copytree(made, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def tables(desk: Path) -> list[str]:
    root = desk / "results"
    kept = ("totals", "daily", "breakdown", "events")
    return sorted(
        {
            p.relative_to(root).as_posix().split("/experiment=")[0]
            for k in kept
            for p in (root / k).rglob("*.parquet")
        }
    )


def first(desk: Path, table: str, suffix: str = "parquet") -> Path:
    return sorted((desk / "results" / table).rglob(f"*.{suffix}"))[0]


def delete(path: Path, desk: Path) -> None:
    path.unlink()


def halve(path: Path, desk: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path, desk: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x40
    path.write_bytes(bytes(content))


def exchange(path: Path, desk: Path) -> None:
    """The same table of another run under this run's name."""
    other = next(p for p in sorted(path.parents[2].rglob("*.parquet")) if p.read_bytes() != path.read_bytes())
    shutil.copy(other, path)


@pytest.mark.parametrize("harm", [delete, halve, flip, exchange])
@pytest.mark.parametrize("table", HARMED)
def test_harm_to_any_table_is_named_and_mended_by_the_same_command(desk, capsys, table, harm):
    if harm is exchange and table == "events/group_buys":
        pytest.skip("no run of this sweep has another one's groups")
    path = first(desk, table)
    before, place = path.read_bytes(), (path.parent.name.partition("=")[2], path.stem)
    harm(path, desk)
    store = Store(desk / "results", "events")
    assert place not in store.finished("s")
    assert not store.has("s", *place)
    assert sim.cli.main(["status"]) == 0
    told = capsys.readouterr().out
    assert "3 done" in told
    assert place[1][:12] in told
    if not (harm is delete and table == "totals"):  # a run without totals was never finished
        assert "damaged" in told
        assert table in told
    assert sim.cli.main(SWEEP) == 0
    assert path.read_bytes() == before
    assert store.has("s", *place)


def test_a_description_of_another_run_is_refused(desk):
    path = first(desk, "runs", "json")
    other = sorted((desk / "results/runs").rglob("*.json"))[1]
    shutil.copy(other, path)
    assert (path.parent.name.partition("=")[2], path.stem) not in Store(desk / "results", "events").finished(
        "s"
    )


def test_a_whole_run_under_another_name_is_no_run(desk):
    for table, suffix in ((t, "parquet") for t in tables(desk)):
        source = first(desk, table, suffix)
        shutil.copy(source, source.with_name(f"copied.{suffix}"))
    description = first(desk, "runs", "json")
    shutil.copy(description, description.with_name("copied.json"))
    assert "copied" not in {key for _, key in Store(desk / "results", "events").finished("s")}


def test_every_table_has_one_schema_whether_it_has_rows_or_not(made):
    """Baselines reward nobody and open no group; their tables are empty and typed all the same."""
    seen = 0
    for table in tables(made):
        files = sorted((made / "results" / table).rglob("*.parquet"))
        schemas = {str(pq.read_schema(path).remove_metadata()) for path in files}
        assert len(schemas) == 1, table
        seen += any(pq.read_metadata(path).num_rows == 0 for path in files)
    assert seen >= 2


def test_a_table_without_rows_is_one_whose_rows_were_cut_off():
    rows = {
        "name": ["one", "two"],
        "day": np.array([3, 4], np.int32),
        "fen": np.array([5, 6], np.int64),
        "share": np.array([0.5, np.nan]),
        "fake": np.array([True, False]),
        "key": repeated("key", "abc", 2),
        "seed": repeated("seed", 7, 2),
    }
    whole = pq.read_table(pa.BufferReader(serialized(rows)))
    nothing = {name: values[:0] for name, values in rows.items()}
    for _ in range(2):
        read = pq.read_table(pa.BufferReader(serialized(nothing)))
        assert read.schema == whole.schema
        assert read.num_rows == 0
    other = pq.read_table(pa.BufferReader(serialized({**nothing, "day": np.empty(0, np.int64)})))
    assert other.schema.field("day").type == pa.int64()


def test_averages_merges_and_folding_work_on_every_table(desk):
    for table in tables(desk):
        files = str(desk / "results" / table / "**/*.parquet")
        query = f"select avg(replication) from read_parquet('{files}', hive_partitioning=true)"
        mean = duckdb.sql(query).fetchall()[0][0]
        assert mean is None or 0.0 <= mean <= 1.0, table
        frame = pd.read_parquet(first(desk, table))
        runs = pd.DataFrame({"replication": [0, 1], "mark": ["a", "b"]})
        assert len(frame.merge(runs, on="replication", how="left")) == len(frame)
    assert compact(desk / "results", "s").runs == 4
    assert len(Store(desk / "results", "daily").finished("s")) == 4


def test_skipped_files_are_lines_without_a_source_line(desk, capsys):
    first(desk, "totals").with_name("notes.parquet").write_bytes(b"no table")
    sim.cli.main(["report", "experiment=s"])
    told = capsys.readouterr().err
    assert "notes.parquet" in told
    assert "UserWarning" not in told
    assert ".py" not in told


def test_a_folder_that_cannot_be_written_is_one_line(desk, capsys, monkeypatch):
    """Whatever verb meets it, and wherever: the line names the place and what to do."""

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", str(desk / "results"))

    monkeypatch.setattr("sim.store.compact.compact", refused)
    assert sim.cli.main(["compact", "experiment=s"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "permission denied" in told
    assert "Traceback" not in told
