"""A process that makes many runs holds one market at a time."""

from __future__ import annotations

import gc

import pytest

from sim.config import compose
from sim.market import Market
from sim.runs import replicate
from sim.runs.replicate import prepare_world, run_replication

TINY = ("population.size=120", "experiment.burn_in_days=3", "experiment.warmup_days=1", "experiment.days=2")


def alive() -> int:
    """Markets that have not been freed."""
    return sum(isinstance(one, Market) for one in gc.get_objects())


@pytest.mark.parametrize("make", [run_replication, prepare_world])
def test_earlier_markets_are_freed_before_a_new_one_is_built(make, tmp_path, monkeypatch):
    """Counted at the moment each is built, with the collector off, as it is between its rare rounds."""
    before: list[int] = []

    class Counted(Market):
        def __init__(self, *arguments, **words):
            before.append(alive())
            super().__init__(*arguments, **words)

    monkeypatch.setattr(replicate, "Market", Counted)
    config = compose([*TINY, f"paths.cache={tmp_path}"])
    gc.collect()
    gc.disable()
    try:
        usual = alive()
        for replication in range(4):
            make(config, replication)
    finally:
        gc.enable()
    assert before == [usual + 1] * 4  # the one that is being built counts already
