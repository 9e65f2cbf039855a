"""A sweep that is killed in the middle of a plan's second stage is run again and gives the same bytes."""

from __future__ import annotations

from pathlib import Path

from tests.runs.commands import contents, finish, start, stored, wait_until

#: A feature that halts on the second day of the stage ``rollout``, until a file tells it to go on.
HALT = '''
import time
from pathlib import Path

from sim.core.params import Params, lever
from sim.feature import Feature, act
from sim.mechanism import Phase


class HaltParams(Params):
    """Whether to halt."""

    enabled: bool = lever(True, "switch", "definition")
    """Halt."""


class Halt(Feature):
    """Says when the middle of the second stage is reached, and waits there."""

    section = "halt"
    Params = HaltParams

    @act(Phase.MEASURE, reads=["stage"], writes=["halted"])
    def wait(self, world, draw):
        """Wait."""
        if world.stage.name == "rollout" and world.records.stages["day"][-1] < world.day:
            Path("halted").touch()
            while not Path("go_on").exists():
                time.sleep(0.02)
'''
WORDS = [
    "scenario=flat_cash_referral", "population.size=150", "experiment.burn_in_days=2", "experiment.name=s",
    "experiment.warmup_days=0", "experiment.days=6", "experiment.replications=1", "store.level=events",
    "plan.stages.pilot.days=2", "plan.stages.rollout.days=2", "plan.stages.scale.release=1",
    "plan.stages.rollout.levers.incentive.invite_reward=5,20", "engine=serial",
]  # fmt: skip


def desk(folder: Path) -> Path:
    """Where a command is run, with the feature beside it."""
    folder.mkdir()
    (folder / "halting.py").write_text(HALT, encoding="utf-8")
    return folder


def test_killed_in_the_middle_of_stage_two_it_gives_the_same_bytes(tmp_path):
    calm, wild = desk(tmp_path / "calm"), desk(tmp_path / "wild")
    (calm / "go_on").touch()
    words = ["sweep", *WORDS]
    finish(calm, words, verb="--with=halting")
    assert stored(calm) == 3, "two rewards and the baseline"

    killed = start(wild, words, verb="--with=halting")
    try:
        wait_until((wild / "halted").exists, killed)
        assert killed.poll() is None
        before = contents(wild)
    finally:
        killed.kill()
        killed.communicate()
    (wild / "go_on").touch()
    finish(wild, words, verb="--with=halting")
    mine, theirs = contents(calm), contents(wild)
    assert len(before) < len(mine)
    assert mine == theirs
