"""A command may be killed at any moment: what it finished stays, what it began is as if it had never been.

Commands run as their users run them, in processes of their own that are killed without warning
(or one of their workers is), at moments that are drawn anew for each test session.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.store.results import load_results
from tests.cli.tiny import fingerprint, tiny

ROOT = Path(__file__).parents[2]
SETTINGS = [
    "scenario=flat_cash_referral",
    "experiment.burn_in_days=10",
    "experiment.days=3",
    "experiment.replications=3",
]
SERIAL = tiny("run", *SETTINGS)
LOCAL = tiny("run", *SETTINGS, "engine=local", "engine.workers=2")
RUNS = 6


def start(desk: Path, words: list[str]) -> subprocess.Popen[str]:
    """Start a command in a group of its own, which takes its workers with it when it is ended."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *words], cwd=desk, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def finish(desk: Path, words: list[str]) -> None:
    """Run a command to its end, which must be good."""
    process = start(desk, words)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told


def committed(desk: Path) -> list[Path]:
    return sorted((desk / "results/totals").rglob("*.parquet"))


def wait_for(what: Callable[[], object], process: subprocess.Popen[str], patience: float = 90.0) -> None:
    """Wait until something is so or the command has ended."""
    end = time.monotonic() + patience
    while not what() and process.poll() is None:
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def totals(desk: Path) -> pd.DataFrame:
    """Indicators of all runs, in one order."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing may be passed over
        results = load_results(desk / "results")
    assert results.skipped == []
    columns = ["scenario", "replication", "name"]
    return results.totals.set_index(columns)[["value", "unit", "key", "world"]].sort_index()


def check_whole(desk: Path) -> int:
    """Every committed run is whole with all its tables; how many there are."""
    if not (desk / "results/totals").exists():
        return 0
    found = totals(desk)
    per_run = found.groupby("key").size()
    assert per_run.nunique() <= 1
    for path in (desk / "results").rglob("*.parquet"):
        pq.ParquetFile(path).read()
    for key, scenario in found.reset_index()[["key", "scenario"]].drop_duplicates().itertuples(index=False):
        place = f"experiment=default/scenario={scenario}/{key}"
        for table in ("daily", "breakdown", "events/orders", "events/visits"):
            assert (desk / f"results/{table}/{place}.parquet").is_file()
        assert (desk / f"results/runs/{place}.json").is_file()
    return len(per_run)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Indicators of the command that nobody disturbs."""
    desk = tmp_path_factory.mktemp("undisturbed")
    finish(desk, SERIAL)
    assert check_whole(desk) == RUNS
    return totals(desk)


@pytest.fixture
def ended() -> Iterator[list[subprocess.Popen[str]]]:
    """Commands whose groups are ended with the test, whatever happened."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def kill(process: subprocess.Popen[str]) -> None:
    """End a command without warning, at a moment that differs each time."""
    time.sleep(random.Random().uniform(0.0, 0.3))
    process.kill()
    process.wait()


def interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, which reaches the command and its workers alike, and read the answer."""
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    lines = [
        line
        for line in told.splitlines()
        if not re.match(rf"\[\d/{RUNS}\]|{RUNS} runs|liebian: note: ", line)
    ]
    assert lines == ["liebian: interrupted; finished runs are kept, the same command takes up the rest"]


def tear(desk: Path) -> None:
    """Damage what is cached and one result, as a failing disk would."""
    for number, path in enumerate(sorted((desk / "results/cache").rglob("*.npz"))):
        whole = path.read_bytes()
        path.write_bytes((b"", whole[: len(whole) // 2], b"not an archive")[number % 3])
    path = committed(desk)[-1]
    path.write_bytes(path.read_bytes()[:100])


def test_killed_and_torn_it_ends_the_same(undisturbed, tmp_path, ended):
    ended.append(start(tmp_path, SERIAL))
    wait_for(lambda: committed(tmp_path), ended[-1])
    kill(ended[-1])
    kept = check_whole(tmp_path)
    files = fingerprint(tmp_path / "results/totals")
    tear(tmp_path)
    finish(tmp_path, SERIAL)
    pd.testing.assert_frame_equal(totals(tmp_path), undisturbed, check_exact=True)
    after = fingerprint(tmp_path / "results/totals")
    whole = [name for name in files if name.endswith(".parquet")]
    assert len(whole) == kept
    assert sum(after[name] == files[name] for name in whole) == kept - 1  # all but the torn one
    assert not list((tmp_path / "results").rglob("*.tmp"))


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Process ids of the workers, leaving out the tracker of shared resources."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        found = [int(pid) for pid in children.read_text().split()]
        return [pid for pid in found if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are looked up in /proc")
def test_workers_end_with_their_command_and_a_killed_one_is_told(undisturbed, tmp_path, ended):
    ended.append(start(tmp_path, LOCAL))
    wait_for(lambda: len(workers_of(ended[-1])) == 2, ended[-1])
    orphans = workers_of(ended[-1])
    kill(ended[-1])
    end = time.monotonic() + 30
    while any(alive(pid) for pid in orphans):
        assert time.monotonic() < end, "a worker outlived its command"
        time.sleep(0.05)
    kept = check_whole(tmp_path)

    ended.append(start(tmp_path, LOCAL))
    wait_for(lambda: len(committed(tmp_path)) > kept, ended[-1])
    interrupt(ended[-1])
    stopped = check_whole(tmp_path)
    assert kept < stopped < RUNS

    ended.append(start(tmp_path, LOCAL))
    wait_for(lambda: len(committed(tmp_path)) > stopped, ended[-1])  # before that, none has taken up work
    os.kill(workers_of(ended[-1])[0], signal.SIGKILL)
    _, told = ended[-1].communicate(timeout=90)
    assert ended[-1].returncode == 1
    [line] = [line for line in told.splitlines() if re.match(r"liebian: (?!note: )", line)]
    assert "a worker process was killed" in line
    assert "Traceback" not in told
    finish(tmp_path, LOCAL)
    pd.testing.assert_frame_equal(totals(tmp_path), undisturbed, check_exact=True)
    assert not list((tmp_path / "results").rglob("*.tmp"))
