"""Commands run in processes of their own: progress, answers, and an end that leaves nothing behind."""

from __future__ import annotations

import subprocess
import time

import matplotlib.pyplot as plt
import pytest

from sim.board.answers import answers_yet, loaded
from sim.board.desk import Desk
from sim.board.draft import Draft
from sim.board.jobs import CANCELLED, DONE, FAILED, RUNNING, Job, stop_all
from sim.plots.live import plot_under_way, under_way
from sim.runs.live import lived
from tests.cli.tiny import TINY


def tiny_words(**more):
    return [f"{key}={value}" for key, value in (TINY | more).items()]


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("results"))
    run = desk.start("one", "run", [*Draft().words(), *tiny_words()])
    assert run.job.wait(120) == DONE
    return desk, run


def test_a_run_is_counted_and_stored_under_its_own_name(ended):
    desk, run = ended
    assert (run.job.progress.done, run.job.progress.total) == (2, 2)
    assert run.job.progress.share == 1.0
    assert run.job.document["data"]["strategies"] == ["baseline", "three_tier_referral"]
    assert len(loaded(desk.results, run.experiment).runs) == 2
    assert desk.busy is None
    assert f"experiment.name={run.experiment}" in run.job.command
    assert "paths.live" not in run.job.command
    days = desk.days(run)
    assert {one.scenario for one in days} == {"baseline", "three_tier_referral"}
    stored = loaded(desk.results, run.experiment)
    first = stored.only(set(stored.runs.loc[stored.runs["scenario"] == "baseline", "key"]))
    assert answers_yet(stored, days)
    assert not answers_yet(first, days)
    assert answers_yet(first, [one for one in days if one.scenario == "baseline"])


def test_days_of_a_run_are_seen_while_it_goes(tmp_path):
    desk = Desk(tmp_path)
    run = desk.start("one", "run", [*Draft().words(), *tiny_words(**{"experiment.days": "2000"})])
    deadline, seen = time.monotonic() + 60, []
    while (not seen or seen[0].lived < 3) and time.monotonic() < deadline:
        time.sleep(0.1)
        seen = under_way(desk.days(run))
    assert run.job.state == RUNNING
    run.job.cancel()
    assert (seen[0].scenario, seen[0].replication, seen[0].total) == ("baseline", 0, 2000)
    assert lived(seen, run.job.progress.total) == seen[0].lived / 2000 / 2
    axes = plot_under_way(seen)
    assert axes[0].lines[0].get_xdata().tolist() == list(range(1, seen[0].lived + 1))
    assert axes[0].get_xlim() == (1, 2000)
    plt.close(axes[0].figure)
    assert Desk(tmp_path).days(run) == []


def test_two_visitors_have_different_names(tmp_path):
    one, other = Desk(tmp_path), Desk(tmp_path)
    assert one.name != other.name
    assert one.folder != other.folder


def test_what_is_wrong_is_told(tmp_path):
    job = Job(["run", "scenario=nobody_wrote_this"], tmp_path)
    assert job.wait(60) == FAILED
    assert any("nobody_wrote_this" in line for line in job.problems)


@pytest.mark.parametrize("stop", [Job.cancel, lambda job: stop_all()])
def test_a_cancelled_run_leaves_no_process(stop, tmp_path):
    words = tiny_words(**{"experiment.days": "2000", "engine": "local", "engine.workers": "2"})
    job = Job(["run", *Draft().words(), *words, f"paths.results={tmp_path}/results"], tmp_path / "job")
    deadline = time.monotonic() + 60
    while "runs to simulate" not in job.progress.line and time.monotonic() < deadline:
        time.sleep(0.1)
    assert job.state == RUNNING
    stop(job)
    assert job.state == CANCELLED
    alive = subprocess.run(
        ["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    mine = [
        line for line in alive if line.split()[0] == str(job.group) and not line.split()[1].startswith("Z")
    ]
    assert mine == []
