"""What one command compares: its configurations, the baseline first, and which of their runs are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sim.report.comparison import Comparison
from sim.store.last import Command
from sim.store.results import load_results
from sim.store.store import Store

if TYPE_CHECKING:
    from sim.config import Config


class Asked:
    """What one command compares: the baseline first, and which of its runs are there.

    Attributes
    ----------
    ended : dict
        (scenario, key) -> number of the configuration and of the world, of runs that are stored.
    """

    def __init__(self, configs: Sequence[Config], store: Store, verb: str, pairing: str) -> None:
        self.configs, self.store, self.verb, self.pairing = configs, store, verb, pairing
        self.ended: dict[tuple[str, str], tuple[int, int]] = {}
        self.experiment = configs[-1].experiment
        self._planned = {
            (config.scenario, key_of(config, world)): (number, world)
            for number, config in enumerate(configs)
            for world in self.worlds
        }

    @property
    def worlds(self) -> range:
        """Numbers of its worlds."""
        first = self.experiment.first_replication
        return range(first, first + self.experiment.replications)

    @property
    def command(self) -> Command:
        """What is noted of it in the store, strategy by strategy."""
        runs = tuple(run for run in self._planned if run in self.ended)
        return Command(self.verb, str(self.experiment.name), runs, self.pairing)

    def end(self, scenario: str, key: str) -> None:
        """Note that a run is there."""
        self.ended[scenario, key] = self._planned[scenario, key]

    def comparison(self, runs: Collection[tuple[str, str]]) -> Comparison:
        """What the store holds of some of its runs."""
        results = load_results(self.store.root, str(self.experiment.name))
        return Comparison.asked(results, self.command, runs)

    def first_pair(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Runs of the first strategy asked for and of the baseline in one world where both are there."""
        first = min(1, len(self.configs) - 1)
        worlds = [{world for number, world in self.ended.values() if number == which} for which in (0, first)]
        shared = sorted(worlds[0] & worlds[1])
        wanted = [(number, shared[0]) for number in (0, first) if shared]
        return {run: place for run, place in self.ended.items() if place in wanted}


def key_of(config: Config, world: int) -> str:
    """Key of one run."""
    from sim.runs.replicate import run_key

    return run_key(config, world)
