"""A serial sweep to compare with, and what Slurm says; these tests need a Slurm with accounting."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.commands import TINY, finish

SWEEP = (*TINY, "population.size=60", "incentive.invite_reward=0,8", "experiment.replications=2")


def slurm(*words: str) -> str:
    """What one of Slurm's commands says."""
    return subprocess.run(list(words), capture_output=True, text=True, timeout=60, check=True).stdout


def wait_for(ready: Callable[[], bool], seconds: float = 600) -> None:
    """Wait until it holds: accounts follow what happens by some seconds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.5)


def states(job: str) -> list[str]:
    """State and exit code of every array task of a job, by the accounting."""
    return sorted(slurm("sacct", "-X", "-n", "-P", "-j", job, "--format=State,ExitCode").split("\n")[:-1])


@pytest.fixture(scope="session")
def serial(tmp_path_factory) -> Path:
    """The sweep as one process makes it."""
    desk = tmp_path_factory.mktemp("serial")
    finish(desk, [*SWEEP, "engine=serial"])
    return desk
