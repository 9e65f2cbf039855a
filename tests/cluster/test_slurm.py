"""Job arrays make what a serial sweep makes; failures show, and lost tasks are submitted again."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import replace

import pytest

from sim.store import manifest
from tests.cluster.conftest import SWEEP, slurm, states, wait_for
from tests.runs.commands import TINY, contents, finish, start, stored

pytestmark = pytest.mark.cluster
SUBMITTED = re.compile(r"submitted job array (\d+): (\d+) tasks")


def submitted(told: str) -> list[tuple[str, int]]:
    """Number and size of the job arrays that a command submitted."""
    return [(array, int(size)) for array, size in SUBMITTED.findall(told)]


def test_same_bytes_as_serial_and_nothing_is_submitted_twice(tmp_path, serial):
    desk = tmp_path / "a folder's name"
    desk.mkdir()
    told = finish(desk, [*SWEEP, "engine=slurm", "engine.wait=false"])
    [(array, size)] = submitted(told)
    assert size == 2  # one for each world
    told = finish(desk, [*SWEEP, "engine=slurm", "engine.workers=4"])
    assert not submitted(told)
    assert f"job array {array} is at work already" in told or "6 of 6" in told
    assert contents(desk) == contents(serial)
    wait_for(lambda: states(array) == ["COMPLETED|0:0"] * 2)
    assert not submitted(finish(desk, [*SWEEP, "engine=slurm"]))
    assert len(list((desk / "results/sweeps/s/slurm/logs").glob("*.log"))) == 2


def test_more_tasks_than_worlds_burn_each_world_in_once(tmp_path, serial):
    [(_, size)] = submitted(finish(tmp_path, [*SWEEP, "engine=slurm", "engine.workers=4"]))
    assert size == 4
    assert contents(tmp_path) == contents(serial)
    assert len(list((tmp_path / "results/cache/worlds").glob("*"))) == 2


def test_a_failed_run_shows_in_the_accounts_and_in_the_summary(tmp_path):
    finish(tmp_path, [*SWEEP, "engine=slurm", "engine.wait=false", "engine.workers=1"])
    wait_for(lambda: stored(tmp_path) == 6)
    first, *rest = manifest.read(tmp_path / "results", "s").jobs
    # what this job was planned as is not what the program makes of it now
    manifest._write_jobs(tmp_path / "results/sweeps/s", [replace(first, key="0" * 40), *rest])
    words = ["experiment=s", "engine=slurm", "engine.workers=2"]
    told = finish(tmp_path, words, verb="execute", code=1)
    [(array, size)] = submitted(told)
    assert size == 1  # the other chunk is finished
    assert "5 of 6 runs are in" in told
    [line] = [line for line in told.splitlines() if line.startswith("liebian: failed:")]
    assert "changed after this run was planned" in line
    assert str("0" * 40) in line
    wait_for(lambda: states(array) == ["FAILED|1:0"])


def first_line(process: subprocess.Popen[str]) -> str:
    """What a command says first, notes on the market's size left out."""
    assert process.stderr is not None
    return next(line for line in process.stderr if not line.startswith("liebian: note: "))


def test_a_cancelled_task_is_told_and_healed_by_the_same_line(tmp_path, serial):
    process = start(tmp_path, [*SWEEP, "engine=slurm"])
    try:
        [(array, _)] = submitted(first_line(process))
        wait_for(lambda: f"{array}_2 RUNNING" in slurm("squeue", "--me", "-h", "-r", "-o", "%i %T"))
        slurm("scancel", f"{array}_2")
        out, err = process.communicate(timeout=900)
    finally:
        process.kill()
    assert process.returncode == 1, out + err
    assert f"array task {array}_2 ended as CANCELLED before this run was made" in err
    assert stored(tmp_path) == 3
    told = finish(tmp_path, [*SWEEP, "engine=slurm"])
    [(_, size)] = submitted(told)
    assert size == 1
    assert contents(tmp_path) == contents(serial)


def test_ctrl_c_leaves_the_array_at_work(tmp_path):
    process = start(tmp_path, [*SWEEP[:-1], "experiment.replications=1", "engine=slurm"])
    try:
        [(array, _)] = submitted(first_line(process))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
    finally:
        process.kill()
    assert process.returncode == 130
    assert f"'scancel {array}' ends it" in err
    wait_for(lambda: stored(tmp_path) == 3)


def test_what_slurm_refuses_is_an_input_error_and_nothing_is_written(tmp_path):
    told = finish(tmp_path, [*SWEEP, "engine=slurm", "engine.partition=nowhere"], code=2)
    assert told.startswith("liebian: engine: Slurm refuses the job")
    assert len(told.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_draws_of_a_robustness_study_are_array_tasks(tmp_path):
    pair = ["flat_cash_referral", "three_tier_referral", "draws=3", *TINY[1:4], "population.size=60"]
    files = []
    for engine in (["engine=serial"], ["engine=slurm", "engine.workers=2"]):
        desk = tmp_path / engine[0]
        desk.mkdir()
        told = finish(desk, [*pair, *engine], verb="robustness")
        draws = desk.rglob("robustness/draws/**/*.parquet")
        files.append({path.name: path.read_bytes() for path in draws})
    [(_, size)] = submitted(told)
    assert size == 2
    assert len(files[0]) == 3
    assert files[0] == files[1]
