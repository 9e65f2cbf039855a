"""A sweep that is killed again and again ends with every run, none twice, as if nobody had touched it.

The command runs as users run it, in a process of its own. It, or one of its workers, is killed
without warning at moments that are drawn anew in each test session.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
import warnings
from pathlib import Path

import pandas as pd
import pytest

from sim.store.results import load_results
from tests.runs.commands import TINY, contents, start, stored, wait_until, workers_of

SIZES = ["population.size=60,100"]


def wait_for_runs(process: subprocess.Popen[str], desk: Path, wanted: int) -> None:
    """Wait until so many runs are stored or the command has ended, and a random moment more."""
    wait_until(lambda: stored(desk) >= wanted, process)
    time.sleep(random.Random().uniform(0.0, 0.3))


def totals(desk: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing may be passed over
        frame = load_results(desk / "results").totals
    frame = frame.set_index(["scenario", "key", "name"])[
        ["value", "unit", "replication", "world"]
    ].sort_index()
    assert not frame.index.duplicated().any()
    return frame


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are looked up in /proc")
@pytest.mark.parametrize(
    ("rewards", "worlds"),
    [("1,2", 4), pytest.param("range(0,24)", 4, marks=pytest.mark.slow)],
    ids=["24 runs", "200 runs"],
)
def test_killed_again_and_again_it_ends_as_if_undisturbed(rewards, worlds, tmp_path):
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    calm.mkdir()
    wild.mkdir()
    words = [*TINY, *SIZES, f"incentive.invite_reward={rewards}", f"experiment.replications={worlds}"]
    serial = start(calm, [*words, "engine=serial"])
    _, told = serial.communicate(timeout=900)
    assert serial.returncode == 0, told
    expected = totals(calm)
    runs = stored(calm)
    assert runs == (24 if rewards == "1,2" else 200)

    local = [*words, "engine=local", "engine.workers=2"]
    started = []
    try:
        for share in (0.1, 0.4) if runs > 100 else (random.Random().uniform(0.0, 0.5),):  # the command itself
            started.append(start(wild, local))
            wait_for_runs(started[-1], wild, int(share * runs))
            started[-1].kill()
            started[-1].wait()
            assert not (wild / "results").exists() or len(totals(wild).groupby("key")) < runs
        started.append(start(wild, local))  # then a worker: the command goes on by itself
        wait_for_runs(started[-1], wild, int(0.6 * runs))
        for pid in workers_of(started[-1])[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _, told = started[-1].communicate(timeout=900)
        assert started[-1].returncode == 0, told
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    pd.testing.assert_frame_equal(totals(wild), expected, check_exact=True)
    mine, theirs = contents(wild), contents(calm)  # to the byte, by whichever engine they were made
    assert mine.keys() == theirs.keys()
    assert [name for name in mine if mine[name] != theirs[name]] == []
    jobs = load_results(wild / "results").jobs
    assert len(jobs) == runs
    assert jobs["done"].all()
    assert not list((wild / "results/totals").rglob("*.tmp"))


def test_ctrl_c_stops_with_130(tmp_path):
    process = start(
        tmp_path,
        [*TINY, *SIZES, "incentive.invite_reward=1,2,3,4", "experiment.replications=5", "engine=local"],
    )
    wait_for_runs(process, tmp_path, 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and its workers
    _, told = process.communicate(timeout=900)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert 2 <= len(totals(tmp_path).groupby("key")) < 50
