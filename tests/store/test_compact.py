"""Folding keeps every run, once, whatever is killed, torn or in the way."""

import fcntl
import os
import random
import subprocess
import sys
import textwrap
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim.cli
from sim.core import atomic
from sim.core.errors import StoreError
from sim.store import compact as folding
from sim.store.compact import compact
from sim.store.results import load_results
from sim.store.sql import query
from sim.store.store import Store
from tests.cli.tiny import tiny
from tests.report.synthetic import CONFIG, fake_run

ROOT = Path(__file__).parents[2]
BASE = fake_run(visits=60)
TABLES = ("totals", "daily", "breakdown", "runs", "timings")


def run(number: int, scenario: str = "baseline"):
    """A run of its own name and numbers; the same number is the same run."""
    info = {
        **BASE.info,
        "scenario": scenario,
        "replication": number,
        "key": f"k{number}",
        "world": f"w{number}",
    }
    kpis = {"order_conversion": number / 7, "repurchase_30d": float("nan"), f"only_{number % 2}": 1.0}
    daily = {"order_conversion": BASE.daily["order_conversion"] + number}
    return replace(BASE, info=info, kpis=kpis, daily=daily)


def filled(root, numbers, level="daily", scenario="baseline"):
    store = Store(root, level)
    store.check()
    for number in numbers:
        store.write(run(number, scenario), CONFIG)
        os.utime(store.path("totals", "trial", scenario, f"k{number}"), (1e9 + number,) * 2)
    return store


def seen(root):
    """All that a reader sees, and that nothing was passed over."""
    results = load_results(root)
    events = results.events("visits")
    noted = {key: results.details(key) for key in results.runs["key"]}
    assert results.skipped == []
    frames = [results.totals, results.daily, results.breakdown, events, results.newest().totals]
    return frames, noted, results.written


def assert_same(one, other):
    for left, right in zip(one[0], other[0], strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    assert one[1:] == other[1:]


def read_all(root):
    results = load_results(root)
    return results.totals, results.daily, results.breakdown, results.events("visits")


def small_files(root):
    return [
        path for table in TABLES for path in (root / table).rglob("*.*") if path.name != "all-runs.parquet"
    ]


@pytest.mark.parametrize("level", ["totals", "daily", "events"])
def test_folded_runs_are_read_as_they_were(tmp_path, level):
    store = filled(tmp_path, range(4), level)
    filled(tmp_path, range(4, 6), level, scenario="coupon")
    before = seen(tmp_path)
    keys = [("baseline", f"k{n}") for n in range(4)] + [("coupon", "k4"), ("coupon", "k5")]
    done = compact(tmp_path, "trial")
    assert (done.runs, done.skipped) == (6, [])
    assert_same(before, seen(tmp_path))
    assert not small_files(tmp_path)
    assert all(store.has("trial", *key) for key in keys)
    assert store.finished("trial") == set(keys)
    assert not store.has("trial", "baseline", "k4")
    higher = {"totals": "daily", "daily": "events"}.get(level)
    if higher:
        assert not Store(tmp_path, higher).has("trial", *keys[0])
        assert Store(tmp_path, higher).finished("trial") == set()
    text = query(tmp_path, "select scenario, key, name, value from totals order by all")
    assert len(text) == len(before[0][0])


@pytest.mark.property
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.just("fold"), st.integers(0, 5), st.just("more")), max_size=8))
def test_whatever_is_folded_and_written_in_any_order_reads_the_same(tmp_path_factory, steps):
    """Against a twin that never folds; ``more`` makes the last run again and keeps every event."""
    plain, folded = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("folded")
    last = 0
    for step in ["first", *steps, "fold"]:
        if step == "fold":
            compact(folded, "trial")
        elif step == "more":
            filled(plain, [last], "events")
            filled(folded, [last], "events")
        else:
            last = step if isinstance(step, int) else 0
            for root in (plain, folded):
                if not Store(root, "daily").has("trial", "baseline", f"k{last}"):
                    filled(root, [last])
    assert_same(seen(plain), seen(folded))
    assert not small_files(folded)


class Killed(BaseException):
    """Stands in for a kill between two steps."""


def killed_at(step: int, monkeypatch):
    """End at the step-th rename or removal, before it is done."""
    count = Counter()

    def counting(real):
        def call(*args, **kwargs):
            count["steps"] += 1
            if count["steps"] == step:
                raise Killed
            return real(*args, **kwargs)

        return call

    monkeypatch.setattr(atomic.os, "replace", counting(os.replace))
    monkeypatch.setattr(folding.Path, "unlink", counting(Path.unlink))
    return count


def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(tmp_path):
    """Every step of folding a run into a file that already holds one."""
    step, steps = 0, 10**6
    while step < steps:
        step += 1
        root = tmp_path / str(step)
        store = filled(root, [0])
        compact(root, "trial")
        filled(root, [1])
        before = seen(root)
        with pytest.MonkeyPatch.context() as patch:
            count = killed_at(step, patch)
            try:
                compact(root, "trial")
                steps = count["steps"]
            except Killed:
                pass
        assert_same(before, seen(root))
        assert store.finished("trial") == {("baseline", f"k{n}") for n in range(2)}
        counted = query(root, "select key, name, count(*) as n from totals group by all")
        assert set(counted["n"]) == {1}
        compact(root, "trial")
        assert_same(before, seen(root))
        assert not small_files(root)
    assert steps >= 15  # five folded files, five small ones, and temporaries


def test_killed_by_sigkill_at_random_moments(tmp_path):
    store = filled(tmp_path, range(6))
    before = seen(tmp_path)
    draw = random.Random()
    for _ in range(2):
        script = textwrap.dedent(f"""
            import os, signal, sys
            left = {draw.randrange(1, 30)}
            def watch(event, _):
                global left
                if event in ("os.rename", "os.remove"):
                    left -= 1
                    if not left:
                        os.kill(os.getpid(), signal.SIGKILL)
            from sim.store.compact import compact
            sys.addaudithook(watch)
            compact({str(tmp_path)!r}, "trial")
        """)
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
        assert done.returncode in (0, -9)
        assert_same(before, seen(tmp_path))
        if done.returncode == 0:
            break
    store.check()
    compact(tmp_path, "trial")
    assert_same(before, seen(tmp_path))
    assert not small_files(tmp_path)


def strangers(folder: Path, scenario: str = "baseline") -> dict[str, Path]:
    """What may lie among the totals of a scenario; the last two are none of the store's business."""
    place = folder / "totals" / "experiment=trial" / f"scenario={scenario}"
    named = {
        "torn": place / "torn.parquet",
        "empty": place / "empty.parquet",
        "text": place / "notes.parquet",
        "folder": place / "x.parquet",
        "foreign": place / "foreign.parquet",
        "capitals": place / "Copy of k1.parquet",
        "hidden": place / ".hidden.parquet",
        "above": folder / "totals" / "stray.parquet",
    }
    whole = (place / "k1.parquet").read_bytes()
    named["torn"].write_bytes(whole[: len(whole) // 2])
    named["empty"].touch()
    named["text"].write_text("shopping list")
    named["folder"].mkdir()
    pq.write_table(pa.table({"animal": ["cat"]}), named["foreign"])
    for name in ("capitals", "hidden", "above"):
        named[name].write_bytes(whole)
    (place / "readme.txt").write_text("mine")
    (place / ".k9.host.1.abcdef01.tmp").write_bytes(whole[:9])
    return named


def test_strangers_are_named_and_passed_over_by_every_reader(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "results"
    filled(root, range(3))
    good = seen(root)[0][0]
    named = strangers(root)
    for folded in (False, True):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            results = load_results(root)
            counted = query(root, "select key, count(*) as n from totals group by all order by all")
        pd.testing.assert_frame_equal(results.totals, good, check_exact=True)
        assert counted["n"].tolist() == [3, 3, 3]
        for path in named.values():
            assert sum(f"'{path}'" in line for line in results.skipped) == 1, path
            assert any(f"'{path}'" in str(one.message) for one in told)
        assert len(results.skipped) == len(named)
        assert sim.cli.main(["report", "experiment=trial"]) == 0
        if not folded:
            with pytest.warns(UserWarning, match="skipped"):
                done = compact(root, "trial")
            assert done.runs == 3
            assert all(path.exists() for path in named.values())


def test_a_torn_folded_file_is_named_and_its_runs_are_made_again(tmp_path):
    store = filled(tmp_path, range(2))
    filled(tmp_path, [5], scenario="coupon")
    compact(tmp_path, "trial")
    torn = store.folded("totals", "trial", "baseline")
    torn.write_bytes(torn.read_bytes()[:100])
    with pytest.warns(UserWarning, match=str(torn)):
        assert load_results(tmp_path).runs["key"].tolist() == ["k5"]
    assert store.finished("trial") == {("coupon", "k5")}
    assert not store.has("trial", "baseline", "k0")
    filled(tmp_path, range(2))
    with pytest.warns(UserWarning, match=str(torn)):
        assert compact(tmp_path, "trial").skipped
    with pytest.warns(UserWarning, match=str(torn)):
        assert sorted(load_results(tmp_path).runs["key"]) == ["k0", "k1", "k5"]
    torn.unlink()
    compact(tmp_path, "trial")
    assert sorted(load_results(tmp_path).runs["key"]) == ["k0", "k1", "k5"]
    assert not small_files(tmp_path)


@pytest.mark.parametrize("table", ["totals", "daily", "breakdown", "runs", "events/visits"])
def test_a_flipped_byte_or_a_missing_file_takes_folded_runs_out_of_what_is_finished(tmp_path, table):
    store = filled(tmp_path, range(3), level="events")
    compact(tmp_path, "trial")
    assert len(store.finished("trial")) == 3
    path = store.folded(table, "trial", "baseline")
    content = path.read_bytes()
    # the first page of data begins behind four letters; a footer would be another matter
    path.write_bytes(content[:60] + bytes([content[60] ^ 4]) + content[61:])
    assert store.finished("trial") == set()
    if table != "runs":
        with pytest.warns(UserWarning, match=str(path)):
            read_all(tmp_path)
    path.unlink()
    assert store.finished("trial") == set()


def test_a_folded_file_that_holds_less_is_never_put_in_place(tmp_path, monkeypatch):
    filled(tmp_path, range(3))
    before, there = seen(tmp_path), sorted(small_files(tmp_path))
    real = pq.write_table
    monkeypatch.setattr(folding.pq, "write_table", lambda rows, *a, **k: real(rows.slice(1), *a, **k))
    with pytest.raises(StoreError, match="nothing was removed"):
        compact(tmp_path, "trial")
    monkeypatch.setattr(folding.pq, "write_table", real)
    assert sorted(small_files(tmp_path)) == there
    assert_same(before, seen(tmp_path))


def test_two_commands_do_not_fold_the_same_experiment_at_once(tmp_path):
    filled(tmp_path, range(2))
    with (tmp_path / ".trial.folding").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="two commands at once"):
            compact(tmp_path, "trial")
    assert compact(tmp_path, "trial").runs == 2


def test_a_run_without_totals_is_neither_folded_nor_removed(tmp_path):
    store = filled(tmp_path, range(2))
    store.path("totals", "trial", "baseline", "k0").unlink()
    compact(tmp_path, "trial")
    assert store.path("daily", "trial", "baseline", "k0").exists()
    assert load_results(tmp_path).runs["key"].tolist() == ["k1"]
    assert set(load_results(tmp_path).daily["key"]) == {"k1"}


def test_what_cannot_be_folded_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words, line in (
        (["compact"], "write experiment=NAME"),
        (["compact", "experiment=none"], "no run of 'none'"),
        (["compact", "x"], "compact takes experiment=..."),
        (["compact", "experiment=../x"], "no run of '../x'"),
    ):
        assert sim.cli.main(words) == 2
        [told] = capsys.readouterr().err.splitlines()
        assert line in told


SWEEP = tiny(
    "sweep", "scenario=flat_cash_referral", "incentive.invite_reward=0,8", "experiment.name=s",
    "population.size=60",
)  # fmt: skip


def test_a_sweep_knows_its_folded_runs_and_keeps_as_much_as_is_asked(tmp_path, monkeypatch, capsys, undrawn):
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "results"
    assert sim.cli.main(SWEEP) == 0
    first = load_results(root)
    lost = Store(root).path("totals", "s", *first.runs[["scenario", "key"]].iloc[0])
    kept = lost.read_bytes()
    lost.unlink()
    capsys.readouterr()
    assert sim.cli.main(["compact", "experiment=s"]) == 2
    assert "1 of 3 runs are missing" in capsys.readouterr().err
    assert sim.cli.main(["compact", "--unfinished", "experiment=s"]) == 0
    assert sim.cli.main(SWEEP) == 0
    assert lost.read_bytes() == kept
    assert sim.cli.main(["compact", "experiment=s"]) == 0
    pd.testing.assert_frame_equal(load_results(root).totals, first.totals, check_exact=True)
    assert load_results(root).jobs["done"].all()
    capsys.readouterr()
    assert sim.cli.main(["status", "experiment=s"]) == 0
    assert "s: 3 done, 0 failed, 0 waiting" in capsys.readouterr().out
    for level, folders in (("totals", set()), ("daily", set()), ("events", {"visits", "orders"})):
        assert sim.cli.main([*SWEEP, f"store.level={level}"]) == 0
        assert folders <= {path.name for path in (root / "events").glob("*")}
        assert bool(small_files(root)) == (level == "events")
    assert set(load_results(root).events("visits")["key"]) <= set(first.runs["key"])
    assert sim.cli.main(["compact", "experiment=s"]) == 0
    assert {path.name for path in (root / "events").rglob("*.parquet")} == {"all-runs.parquet"}
    pd.testing.assert_frame_equal(load_results(root).totals, first.totals, check_exact=True)


def test_two_sweeps_that_overlap_share_a_store(tmp_path, monkeypatch, undrawn):
    """Two commands at the same moment, with two of three configurations in common."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    def words_of(name: str, rewards: str):
        mine = ("incentive.invite_reward", "experiment.name", "experiment.replications")
        words = [word for word in SWEEP if not word.startswith(mine)]
        return [
            *words,
            f"incentive.invite_reward={rewards}",
            f"experiment.name={name}",
            "experiment.replications=3",
        ]

    def started(desk: Path, name: str, rewards: str):
        desk.mkdir(exist_ok=True)
        words = words_of(name, rewards)
        return subprocess.Popen([sys.executable, "-m", "sim", *words], cwd=desk, env=env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # fmt: skip

    both = [started(tmp_path / "shared", "s", "0,4"), started(tmp_path / "shared", "s", "4,0,8")]
    for command in both:
        assert (command.communicate()[1], command.returncode)[1] == 0
    (tmp_path / "alone").mkdir()
    monkeypatch.chdir(tmp_path / "alone")
    assert sim.cli.main(words_of("s", "0,4,8")) == 0
    shared, single = (load_results(tmp_path / desk / "results") for desk in ("shared", "alone"))
    assert shared.skipped == []
    assert len(shared.runs) == 12
    pd.testing.assert_frame_equal(shared.totals, single.totals, check_exact=True)
    pd.testing.assert_frame_equal(shared.daily, single.daily, check_exact=True)
    assert not list((tmp_path / "shared").rglob("*.tmp"))
