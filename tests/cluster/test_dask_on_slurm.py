"""Workers that Slurm gives out make what a serial sweep makes, also when a job of theirs is cancelled."""

from __future__ import annotations

import pytest

from tests.cluster.conftest import SWEEP, slurm, wait_for
from tests.runs.commands import contents, finish, start, stored

pytestmark = pytest.mark.cluster
ENGINE = ("engine=dask", "engine.cluster=slurm", "engine.memory=1G")


def test_same_bytes_as_serial_though_a_job_of_workers_is_cancelled(tmp_path, serial):
    desk = tmp_path / "a folder's name"
    desk.mkdir()
    process = start(desk, [*SWEEP, *ENGINE, "engine.workers=2"])
    try:
        wait_for(lambda: stored(desk) >= 1 or process.poll() is not None)
        jobs = slurm("squeue", "--me", "-h", "--name=liebian-dask", "--states=RUNNING", "-o", "%i").split()
        slurm("scancel", jobs[0])
        out, err = process.communicate(timeout=900)
    finally:
        process.kill()
    assert process.returncode == 0, out + err
    assert contents(desk) == contents(serial)
    wait_for(lambda: not slurm("squeue", "--me", "-h", "--name=liebian-dask", "-o", "%i").split())


def test_what_slurm_refuses_is_an_input_error_and_nothing_is_written(tmp_path):
    words = [*SWEEP, *ENGINE, "engine.workers=1", "engine.partition=nowhere"]
    told = finish(tmp_path, words, code=2)
    assert told.startswith("liebian: engine: Slurm refuses the job")
    assert not list(tmp_path.iterdir())
