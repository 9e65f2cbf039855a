"""A run is stored whole or not at all, and readers survive whatever lies beside it."""

import hashlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from sim.core import atomic
from sim.core.errors import StoreError
from sim.measure.scorecard import scorecard
from sim.store.results import load_results
from sim.store.store import Store, default_level, variant_of
from sim.world.schema import SCHEMAS
from tests.report.synthetic import CONFIG, fake_run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "results")
    made.check()
    return made


def digests(root):
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*.*") if p.is_file()}


def test_what_is_written_is_read_back(store):
    run = fake_run(replication=2)
    store.write(run, CONFIG)
    results = load_results(store.root)
    stored = results.totals.set_index("name")["value"]
    assert stored.to_dict() == pytest.approx(run.kpis, nan_ok=True)
    assert set(results.totals["replication"]) == {2}
    series = results.daily[results.daily["name"] == "order_conversion"]
    assert series["value"].to_numpy() == pytest.approx(run.daily["order_conversion"])
    assert series["day"].tolist() == list(range(*run.window))
    for table in SCHEMAS:
        events = results.events(table)
        for column, values in run.tables[table].items():
            if len(values):
                assert np.array_equal(events[column].to_numpy(), values)
    assert results.details(run.info["key"])["config"] == {k: v for k, v in CONFIG.items() if k != "paths"}


def test_not_observable_is_missing_and_never_zero(store):
    run = fake_run()
    run.kpis["repurchase_30d"] = float("nan")
    store.write(run, CONFIG)
    path = store.path("totals", "trial", "baseline", run.info["key"])
    column = pq.read_table(path)
    assert column["value"][column["name"].to_pylist().index("repurchase_30d")].as_py() is None


def test_same_run_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        Store(tmp_path / name).write(fake_run(), CONFIG)
    a, b = (sorted(digests(tmp_path / name).values()) for name in ("a", "b"))
    assert a == b


def test_levels_keep_less(tmp_path):
    for level, folders in (("totals", {"totals", "runs", "timings"}), ("daily", {"daily", "breakdown"})):
        store = Store(tmp_path / level, level=level)
        store.write(fake_run(), CONFIG)
        there = {p.name for p in store.root.iterdir()}
        assert folders <= there
        assert "events" not in there
    assert (default_level(50_000), default_level(50_001), default_level(10, sweep=True)) == (
        "events",
        "daily",
        "daily",
    )


def test_duckdb_reads_the_folders_as_columns(store):
    for scenario in ("baseline", "coupon"):
        store.write(fake_run(scenario), CONFIG)
    glob = f"{store.root}/totals/**/*.parquet"
    found = duckdb.sql(
        f"select scenario, count(*) from read_parquet('{glob}', hive_partitioning=true) group by 1 order by 1"
    ).fetchall()
    assert [name for name, _ in found] == ["baseline", "coupon"]


def test_runs_without_totals_do_not_exist(store):
    run = fake_run()
    store.write(run, CONFIG)
    store.path("totals", "trial", "baseline", run.info["key"]).unlink()
    results = load_results(store.root)
    assert results.totals.empty
    assert results.runs.empty
    assert not store.has("trial", "baseline", run.info["key"])


@pytest.mark.parametrize("stage", ["daily", "breakdown", "runs", "timings", "totals"])
def test_a_writer_killed_at_any_stage_leaves_nothing_to_trip_over(store, stage):
    """Kill a real process by SIGKILL while it holds an unfinished file of that stage."""
    script = textwrap.dedent(f"""
        import os, signal
        from sim.core import atomic
        from sim.store.store import Store
        from tests.report.synthetic import CONFIG, fake_run
        real = atomic.os.replace
        def replace(source, target):
            if "/{stage}/" in str(target):
                os.kill(os.getpid(), signal.SIGKILL)
            real(source, target)
        atomic.os.replace = replace
        Store({str(store.root)!r}).write(fake_run("victim"), CONFIG)
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == -9
    left = list(store.root.rglob("*.tmp"))
    assert len(left) == 1
    assert load_results(store.root).runs.empty
    store.write(fake_run(), CONFIG)
    assert load_results(store.root).scenarios == ["baseline"]
    store.check()
    assert not left[0].exists()


def test_work_in_progress_is_not_swept(store):
    running = store.root / "totals" / atomic.temporary_name("abc")
    running.write_bytes(b"half")
    assert atomic.sweep_temporaries(store.root) == []
    assert atomic.sweep_temporaries(store.root, now=running.stat().st_mtime + 2 * 86_400) == [running]


def test_only_our_own_temporaries_are_swept(store):
    foreign = store.root / ".somebody.tmp"
    foreign.write_text("mine")
    atomic.sweep_temporaries(store.root, now=foreign.stat().st_mtime + 10 * 86_400)
    assert foreign.exists()


def test_a_torn_file_is_named_and_skipped(store):
    store.write(fake_run(replication=0), CONFIG)
    store.write(fake_run(replication=1), CONFIG)
    torn = store.path("totals", "trial", "baseline", fake_run(replication=1).info["key"])
    torn.write_bytes(torn.read_bytes()[:200])
    with pytest.warns(UserWarning, match=str(torn)):
        results = load_results(store.root)
    assert results.runs["replication"].tolist() == [0]
    assert not store.has("trial", "baseline", torn.stem)


def test_a_foreign_file_is_named_and_skipped(store):
    store.write(fake_run(), CONFIG)
    stray = store.root / "totals" / "notes.parquet"
    stray.write_text("shopping list")
    with pytest.warns(UserWarning, match=r"notes\.parquet"):
        results = load_results(store.root)
    assert len(results.runs) == 1


def test_a_failing_write_leaves_the_earlier_file_and_no_rubbish(store, monkeypatch):
    run = fake_run()
    store.write(run, CONFIG)
    before = digests(store.root)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "replace", full)
    with pytest.raises(StoreError, match="no space left on device"):
        store.write(fake_run(lift=0.0), CONFIG)
    assert digests(store.root) == before


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", "x" * 65, "a.b", "a b", "/etc"])
def test_names_cannot_leave_the_folder(store, name):
    with pytest.raises(StoreError) as caught:
        store.path("totals", name, "baseline", "abc")
    assert len(caught.value.problems) == 1


def test_a_results_path_that_is_a_file_is_one_line(tmp_path):
    occupied = tmp_path / "results"
    occupied.write_text("a file")
    with pytest.raises(StoreError) as caught:
        Store(occupied).check()
    (line,) = caught.value.problems
    assert str(occupied) in line
    assert "paths.results=" in line
    assert occupied.read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="can be written"):
            Store(tmp_path / "results").check()
    finally:
        tmp_path.chmod(0o700)


def test_missing_folder_is_the_users_mistake(tmp_path):
    with pytest.raises(StoreError, match="no folder"):
        load_results(tmp_path / "nowhere")


def test_errors_are_kept_beside_the_key_and_go_when_the_run_succeeds(store):
    run = fake_run()
    try:
        raise ValueError("the market broke")
    except ValueError as error:
        path = store.write_error("trial", "baseline", run.info["key"], error)
    assert "the market broke" in path.read_text()
    assert "Traceback" in path.read_text()
    store.write(run, CONFIG)
    assert not path.exists()


def test_variants_ignore_seed_and_paths_but_not_settings():
    other_seed = {
        **CONFIG,
        "experiment": {**CONFIG["experiment"], "seed": 9, "replications": 50},
        "paths": {},
    }
    longer = {**CONFIG, "experiment": {**CONFIG["experiment"], "days": 80}}
    assert variant_of(CONFIG) == variant_of(other_seed)
    assert variant_of(CONFIG) != variant_of(longer)
    assert variant_of(CONFIG) != variant_of({**CONFIG, "pricing": {"coupon": 1.0}})
    assert variant_of(CONFIG, "one") != variant_of(CONFIG, "two")


def test_only_comparable_runs_are_averaged(store):
    """An older variant under the same name, and one of other days, must not slip into a mean."""
    old = {**CONFIG, "pricing": {"coupon": 5.0}}
    clock = iter(range(100))

    def write(run, config):
        store.write(run, config)
        path = store.path("totals", "trial", run.info["scenario"], run.info["key"])
        os.utime(path, (1e9 + next(clock),) * 2)

    for replication in range(3):
        write(fake_run("coupon", replication, lift=0.5), old)
        write(fake_run("baseline", replication, days=20), CONFIG)
    for replication in range(2):
        write(fake_run("baseline", replication), CONFIG)
        write(fake_run("coupon", replication, lift=0.1), CONFIG)
    newest = load_results(store.root).newest()
    assert sorted(newest.runs.groupby("scenario")["replication"].apply(list).to_dict().items()) == [
        ("baseline", [0, 1]),
        ("coupon", [0, 1]),
    ]
    assert set(newest.runs["end_day"] - newest.runs["first_day"]) == {40}
    fresh = fake_run("coupon", 1, lift=0.1).kpis["order_conversion"]
    assert newest.values("coupon").loc[1, "order_conversion"] == pytest.approx(fresh)


def test_scorecard_pairs_each_world_with_its_own_baseline(store):
    arms = {
        s: [fake_run(s, r, lift=0.1 * (s != "baseline")) for r in range(3)] for s in ("baseline", "coupon")
    }
    for runs in arms.values():
        for run in runs:
            store.write(run, CONFIG)
    card = load_results(store.root).scorecard("coupon").set_index("kpi")
    ratios = [
        b.kpis["average_order_value"] / a.kpis["average_order_value"] - 1
        for a, b in zip(*arms.values(), strict=True)
    ]
    assert card.loc["average_order_value", "value"] == pytest.approx(np.mean(ratios))
    expected = scorecard(
        [r.kpis for r in arms["coupon"]],
        [r.kpis for r in arms["baseline"]],
        load_results(store.root).targets(),
    )
    assert card["value"].tolist() == pytest.approx(expected["value"].tolist(), nan_ok=True)


def test_asking_for_what_is_not_there(store):
    store.write(fake_run(), CONFIG)
    results = load_results(store.root)
    with pytest.raises(StoreError, match="no run of 'coupon'"):
        results.scorecard("coupon")
    with pytest.raises(StoreError, match="no event table"):
        results.events("vists")
    assert load_results(store.root, scenario="other").totals.empty
    assert "baseline" in load_results(store.root, experiment="trial")._repr_html_()


def test_a_run_that_kept_less_is_not_taken_for_one_that_kept_more(tmp_path):
    run = fake_run()
    Store(tmp_path, level="daily").write(run, CONFIG)
    place = ("trial", "baseline", run.info["key"])
    assert Store(tmp_path, level="daily").has(*place)
    assert Store(tmp_path, level="totals").has(*place)
    assert not Store(tmp_path, level="events").has(*place)
