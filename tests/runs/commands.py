"""The sweep command in a process of its own, as users run it, and what it left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = (
    "scenario=flat_cash_referral", "experiment.days=2", "experiment.warmup_days=1",
    "experiment.burn_in_days=2", "experiment.name=s",
)  # fmt: skip
#: Folders of results that are the same bytes whoever made them, and when.
SAME = ("totals", "daily", "breakdown", "runs")


def start(desk: Path, words: list[str], verb: str = "sweep") -> subprocess.Popen[str]:
    """A command in a session of its own, so that signals to it reach nobody else."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim", verb, *words], cwd=desk, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def finish(desk: Path, words: list[str], verb: str = "sweep", code: int = 0, seconds: float = 900) -> str:
    """Run a command to its end, hold it to its exit code, and return all that it said."""
    process = start(desk, words, verb)
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    assert process.returncode == code, out + err
    return out + err


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Process ids of the workers, leaving out the tracker of shared resources."""
    try:
        lists = Path(f"/proc/{process.pid}/task").glob("*/children")
        children = [pid for one in lists for pid in one.read_text().split()]
        return [int(pid) for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
    except OSError:
        return []


def stored(desk: Path) -> int:
    """Finished runs."""
    return len(list((desk / "results/totals").rglob("*.parquet")))


def wait_until(ready: object, process: subprocess.Popen[str], seconds: float = 600) -> None:
    """Wait until ``ready()`` holds or the command has ended."""
    assert callable(ready)
    end = time.monotonic() + seconds
    while not ready() and process.poll() is None:
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def contents(desk: Path) -> dict[str, bytes]:
    """Bytes of every stored result; what a killed process had half written carries another name."""
    root = desk / "results"
    files = [path for name in SAME for path in (root / name).rglob("[!.]*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}
