"""What is told of an array task whose accounts lag behind the queue it has left."""

import logging
from collections import deque

import pytest

from sim.runs.engines import slurm, slurm_client
from sim.runs.plan import plan
from sim.runs.sweep import run, sweep_store
from sim.store import manifest
from tests.runs.commands import TINY


def told(tmp_path, monkeypatch, states, last):
    """Errors of the two runs of an array task that leaves the queue at once, and what was asked after it."""
    answers = deque(states)
    asked = []

    def state(array, index):
        asked.append((array, index))
        return answers.popleft() if answers else last

    monkeypatch.setattr(slurm_client, "state", state)
    monkeypatch.setattr(slurm_client, "queued", lambda prefix: [])
    monkeypatch.setattr(slurm_client, "submit", lambda *_: "7")
    monkeypatch.setattr(slurm_client, "check_request", lambda _: None)
    monkeypatch.setattr(slurm, "_LOOK", 0.001)
    results = tmp_path / "results"
    planned = plan([*TINY, "experiment.replications=1", f"paths.results={results}", "engine=slurm"])
    manifest.extend(str(results), "s", planned.jobs, planned.content)
    stored = manifest.read(str(results), "s")
    ended = list(run(stored, planned.settings.engine, sweep_store(str(results))))
    return [str(outcome.error) for _, outcome in ended], asked


@pytest.mark.parametrize("alive", ["RUNNING", "COMPLETING", "PENDING"])
def test_a_task_that_left_the_queue_is_told_by_its_last_state(tmp_path, monkeypatch, caplog, alive):
    caplog.set_level(logging.ERROR)
    errors, asked = told(tmp_path, monkeypatch, [alive] * 3, "CANCELLED")
    assert len(asked) == 4
    assert len(errors) == 2
    assert all("array task 7_1 ended as CANCELLED before this run was made" in error for error in errors)


def test_accounts_that_never_follow_do_not_hold_the_sweep_for_ever(tmp_path, monkeypatch):
    errors, asked = told(tmp_path, monkeypatch, [], "RUNNING")
    assert 2 < len(asked) < 30
    assert "array task 7_1 ended as RUNNING" in errors[0]
