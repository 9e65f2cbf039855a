"""What the stored runs say about several strategies: scorecards, paired differences, money.

Every figure of a report and every table of the terminal is computed here, once, from stored
results. Strategies are compared world by world, so that the luck of a world that all of them
share cancels out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.differences import difference_table, scenario_pairs
from sim.measure.guardrails import UNITS
from sim.measure.intervals import Interval, holm, limits, t_interval, within
from sim.measure.scorecard import Scorecard
from sim.store.last import Command, Run
from sim.store.results import BASELINE, Results

#: What strategies are ranked by: its paired difference is the incremental profit.
PROFIT = "contribution_per_1000"


@dataclass(frozen=True)
class Comparison:
    """Strategies that ran on the same worlds.

    Attributes
    ----------
    results : Results
        Comparable runs only, see :meth:`Results.newest`.
    pairing : str
        What the baseline shares with the strategies, as said on the command line; empty if nothing was set.
    scenarios : tuple of str
        Names of strategies in the order in which they are shown: scenarios, or, of two settings of one
        scenario, each with the keys that differ.
    """

    results: Results
    scenarios: tuple[str, ...]
    pairing: str = ""

    @classmethod
    def of(cls, results: Results, order: Sequence[str] = (), pairing: str = "") -> Comparison:
        """Compare all strategies of ``results``; those named in ``order`` come first."""
        there = results.strategies
        first = [name for name in order if name in there]
        shown = dict.fromkeys([*(n for n in there if n == BASELINE), *first, *there])
        return cls(results, tuple(shown), pairing)

    @classmethod
    def asked(cls, results: Results, command: Command, runs: Collection[Run] | None = None) -> Comparison:
        """What one command compares, in its order; only of ``runs`` (scenario and key) if given."""
        wanted = [run for run in command.runs if runs is None or run in runs]
        found = results.at({(command.experiment, *run) for run in wanted})
        strategy = found.runs.set_index(["scenario", "key"])["strategy"]
        order = [strategy[run] for run in wanted if run in strategy.index]
        return cls.of(found, order, command.pairing)

    @property
    def strategies(self) -> tuple[str, ...]:
        """All scenarios but the baseline."""
        return tuple(name for name in self.scenarios if name != BASELINE)

    @cached_property
    def targets(self) -> dict[str, float]:
        """Target by indicator."""
        return self.results.targets()

    @cached_property
    def cards(self) -> dict[str, Scorecard]:
        """Scorecard of each scenario."""
        return {name: self.results.scorecard(name) for name in self.scenarios}

    @cached_property
    def _values(self) -> dict[str, pd.DataFrame]:
        """Indicators of each scenario, worlds down and names across; a report asks for a hundred of them."""
        return {name: self.results.values(name) for name in self.scenarios}

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Paired differences from the baseline, see :func:`sim.analysis.differences.difference_table`.

        Profit is what strategies are ranked by, and the one question that is asked beforehand: it
        is corrected for the number of strategies, all other indicators together for all of them.
        Empty if the baseline did not run.
        """
        frame = difference_table(scenario_pairs(self.results, self.strategies))
        profit = (frame["name"] == PROFIT).to_numpy(bool)
        rest = ~profit & frame["p_holm"].notna().to_numpy(bool)
        p, corrected = frame["p"].to_numpy(float), frame["p_holm"].to_numpy(float)
        for family in (profit, rest):
            corrected = np.where(family, holm(np.where(family, p, np.nan)), corrected)
        return frame.assign(p_holm=corrected)

    def difference(self, scenario: str, name: str) -> pd.Series | None:
        """One row of :attr:`differences`, or None."""
        found = self.differences.query("scenario == @scenario and name == @name")
        return None if found.empty else found.iloc[0]

    def relative(self, scenario: str, name: str) -> Interval:
        """Change of one indicator over its level under the baseline, world by world, as a share."""
        mine, base = self.results.pairs(scenario)
        over = [
            one.get(name, np.nan) / other[name] - 1 if other.get(name, np.nan) > 0 else np.nan
            for one, other in zip(mine, base, strict=False)
        ]
        can_be_lost = limits(UNITS.get(name, ""), name)[0] < 0
        return within(t_interval(over), -np.inf if can_be_lost else -1.0, np.inf)

    def level(self, scenario: str, name: str) -> Interval:
        """Mean of one indicator over replications with its interval; nan if it was not recorded."""
        values = self._values[scenario] if scenario in self._values else self.results.values(scenario)
        found = t_interval(values[name].to_numpy(float) if name in values else [])
        return within(found, *limits(UNITS.get(name, ""), name))

    @cached_property
    def spend(self) -> pd.DataFrame:
        """Campaign money by kind (rows, those that any scenario has) and scenario (columns), CNY a world."""
        return self._per_world("spend")

    @cached_property
    def books(self) -> pd.DataFrame:
        """From list price to contribution margin (rows that any scenario has) by scenario, CNY a world."""
        return self._per_world("books")

    def _per_world(self, figure: str) -> pd.DataFrame:
        counts = self.figure(figure)
        if counts.empty:
            return pd.DataFrame()
        table = counts.pivot_table(index="item", columns="strategy", values="value", sort=False)
        table = table[[name for name in self.scenarios if name in table]]
        return table[(table.fillna(0.0) != 0).any(axis=1)]

    def figure(self, figure: str) -> pd.DataFrame:
        """Counts of one figure, averaged over worlds: strategy, item, part, x, value."""
        counts = self.results.breakdown
        if counts.empty:
            return counts
        worlds = counts.groupby("strategy")["replication"].nunique()
        mine = counts[counts["figure"] == figure]
        summed = mine.groupby(["strategy", "item", "part", "x"], sort=False)["value"].sum().reset_index()
        # By position, because mapping names to numbers of an empty column would leave it a column of texts.
        return summed.assign(value=summed["value"] / worlds.reindex(summed["strategy"]).to_numpy(float))

    def details(self, scenario: str) -> dict[str, Any]:
        """What was noted about the first run of a strategy."""
        first = self.results.of_strategy(scenario).iloc[0]
        return self.results.details(str(first["key"]), str(first["scenario"]))

    @property
    def worlds(self) -> int:
        """Worlds of the strategy that ran on most of them."""
        return int(self.results.runs.groupby("strategy")["replication"].nunique().max())

    @property
    def days(self) -> int:
        """Measured days."""
        run = self.results.runs.iloc[0]
        return int(run["end_day"] - run["first_day"])
