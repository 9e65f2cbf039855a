"""A sweep as its report sees it: what was swept, in which way, and what to call it.

A key whose values were combined with everything else can be averaged over and drawn as a curve;
the keys of a design were drawn together and are read as a cloud of points; keys that were moved
alone are read one by one. Which of these holds is counted from the configurations themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.analysis.differences import differences
from sim.analysis.responses import SCENARIO, Swept, swept
from sim.core.amounts import short
from sim.core.language import mark, tr
from sim.measure.guardrails import UNITS
from sim.measure.kpis import KPIS
from sim.report.html import declared_parameters
from sim.report.sentences import PROFIT, label, scenario_label, unit_words
from sim.report.sweep.trials import levers_of, trial_names
from sim.store.results import Results

Way = Literal["crossed", "drawn", "alone"]
#: Indicators of the page, profit first.
SHOWN = (PROFIT, *(kpi.name for kpi in KPIS))
#: Indicators that get a sentence and the larger figures.
MAIN = (PROFIT, "acquisition_cost", "order_conversion", "repurchase_30d")
#: What short labels begin with.
_TRIAL, _SCENARIO = mark("trial"), mark("scenario")
#: Drawn keys that a configuration's name spells out; more of them are called a point.
_SPELT = 3


@dataclass(frozen=True)
class Axis:
    """One thing that was swept.

    Attributes
    ----------
    key : str
        ``scenario``, a group or a dotted key.
    way : {'crossed', 'drawn', 'alone'}
        Combined with everything else; drawn together with others; moved by itself.
    numeric : bool
        Whether its values can be put on a scale.
    values : tuple
        Distinct values, numbers in order.
    label, unit : str
        What people call it.
    """

    key: str
    way: Way
    numeric: bool
    values: tuple[Any, ...]
    label: str
    unit: str

    def said(self, value: Any) -> str:
        """One value in words, without its unit."""
        if value is None or value != value:
            return tr("as shipped")
        if self.key == SCENARIO:
            return scenario_label(str(value))
        if isinstance(value, bool | np.bool_):
            return tr("on") if value else tr("off")
        if isinstance(value, str) or not self.numeric:
            return scenario_label(str(value))
        return short(float(value))


@dataclass(frozen=True)
class Study:
    """The stored runs of one sweep, ready to be described.

    Attributes
    ----------
    results : Results
        Runs of one experiment.
    swept : Swept
        Levels and changes by job.
    """

    results: Results
    swept: Swept

    @classmethod
    def of(cls, results: Results) -> Study:
        """Read one sweep; errors as :func:`sim.analysis.responses.swept`."""
        return cls(results, swept(results))

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        return str(self.swept.jobs["experiment"].iloc[0])

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """What was swept, in the order written."""
        frame, declared = self.swept.configurations, declared_parameters()
        short = Counter(_short(key) for key in self.swept.axes)
        found = []
        for key in self.swept.axes:
            values = [value for value in frame[key].unique() if value == value and value is not None]
            numeric = all(_is_number(value) for value in values)
            label = tr(_short(key)) if short[_short(key)] == 1 else key.replace("_", " ")
            unit = tr(declared[key].unit) if key in declared and numeric else ""
            ordered = tuple(sorted(values)) if numeric else tuple(values)
            found.append(Axis(key, self._way(key), numeric, ordered, label, unit))
        return tuple(found)

    def _way(self, key: str) -> Way:
        frame, others = self.swept.configurations, [k for k in self.swept.axes if k != key]
        values = frame[key].nunique(dropna=False)
        combined = len(frame[others].drop_duplicates()) if others else 1
        if len(frame) == values * combined:
            return "crossed"
        partly = frame[list(self.swept.keys)].notna()
        return "alone" if frame[key].isna().any() and (partly.sum(axis=1) <= 1).all() else "drawn"

    def that_are(self, way: Way, numeric: bool | None = None) -> tuple[Axis, ...]:
        """Axes swept in one way, all of them or the numeric ones or the others."""
        return tuple(a for a in self.axes if a.way == way and numeric in (None, a.numeric))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Indicators of the page that were observed in some run."""
        return tuple(n for n in SHOWN if n in self.swept.levels and self.swept.levels[n].notna().any())

    @cached_property
    def main(self) -> tuple[str, ...]:
        """Those of them that get the larger figures."""
        return tuple(name for name in MAIN if name in self.shown)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Paired differences of all configurations, corrected for them and the main indicators."""
        return differences(self.only(self.main), self.main, family=self.main)

    def only(self, names: Sequence[str]) -> Results:
        """The results with these indicators alone: frames of all of them take three times as long."""
        totals = self.results.totals
        return replace(self.results, totals=totals[totals["name"].isin(names)])

    @cached_property
    def targets(self) -> dict[str, float]:
        """Target by indicator."""
        return self.results.targets()

    @cached_property
    def labels(self) -> dict[int, str]:
        """Configuration -> what it is called on the page."""
        return self._named(_said)

    @cached_property
    def brief(self) -> dict[int, str]:
        """The same without the scenario where all configurations build on one (:attr:`ground`)."""
        if not self.ground:
            return self.labels
        return self._named(_said, whole=False)

    @property
    def ground(self) -> str:
        """The one scenario that all configurations build on; empty if it was swept, or a search chose."""
        chosen = set(self.swept.configurations[SCENARIO])
        plain = len(chosen) == 1 and SCENARIO not in self.swept.axes and self.swept.axes and not self.trials
        return scenario_label(str(chosen.pop())) if plain else ""

    @cached_property
    def short_labels(self) -> dict[int, str]:
        """The same without the names of the keys, for figures that name them beside (:attr:`spelt`)."""
        return self._named(lambda axis, value: axis.said(value))

    @property
    def spelt(self) -> str:
        """What the parts of a short label are."""
        if self.trials:
            levers = levers_of(self.results.root, self.experiment)
            return " · ".join([tr(_TRIAL), *(with_unit(a) for a in self.axes if a.key not in levers)])
        drawn = [axis for axis in self.axes if axis.way == "drawn"]
        first = [] if SCENARIO in self.swept.axes else [tr(_SCENARIO)]
        names = first + [with_unit(axis) for axis in self.axes if axis.way != "drawn" or len(drawn) <= _SPELT]
        return " · ".join(names + ([tr("point of the design")] if len(drawn) > _SPELT else []))

    @cached_property
    def trials(self) -> dict[int, str]:
        """Configuration -> trial of the search filed under this name; empty if there is none."""
        return trial_names(self.results.root, self.experiment, self.swept)

    def _named(self, said: Callable[[Axis, Any], str], whole: bool = True) -> dict[int, str]:
        if self.trials:
            return self._named_by_trial(said)
        drawn = [axis for axis in self.axes if axis.way == "drawn"]
        spelt = [axis for axis in self.axes if axis.way != "drawn" or _few(drawn) or axis.key == SCENARIO]
        frame, names = self.swept.configurations, {}
        points = frame.groupby([a.key for a in drawn], sort=False, dropna=False).ngroup() if drawn else None
        for number, row in frame.iterrows():
            parts = [scenario_label(str(row[SCENARIO]))] if whole and SCENARIO not in self.swept.axes else []
            parts += [said(axis, row[axis.key]) for axis in spelt if not _unset(axis, row[axis.key])]
            if points is not None and not _few(drawn):
                parts.append(tr("point {points}", points=points[number] + 1))
            names[int(str(number))] = (", " if said is _said else " · ").join(parts)
        return names

    def _named_by_trial(self, said: Callable[[Axis, Any], str]) -> dict[int, str]:
        """Trial, then what no trial chooses, such as the shock that it meets."""
        levers = levers_of(self.results.root, self.experiment)
        others = [axis for axis in self.axes if axis.key not in levers and len(axis.values) > 1]
        names = {}
        for number, row in self.swept.configurations.iterrows():
            name = self.trials.get(int(str(number)), scenario_label(str(row[SCENARIO])))
            names[int(str(number))] = tr(", ").join([name, *(said(axis, row[axis.key]) for axis in others)])
        return names

    @cached_property
    def baselines(self) -> tuple[int, ...]:
        """Configurations that are the baseline which others are compared with."""
        jobs = self.swept.jobs
        itself = (jobs["key"] == jobs["baseline_key"]).groupby(jobs["configuration"]).all()
        return tuple(int(number) for number in itself.index[itself])

    @cached_property
    def window(self) -> tuple[int, ...]:
        """Distinct numbers of measured days."""
        runs = self.results.runs
        return tuple(sorted({int(days) for days in runs["end_day"] - runs["first_day"]}))


def _few(drawn: list[Axis]) -> bool:
    """Whether drawn keys are few enough to be spelt out."""
    return len(drawn) <= _SPELT


def scale(name: str) -> float:
    """What a change of an indicator is multiplied with to be in :func:`change_unit`."""
    return 100.0 if UNITS.get(name) == "share" else 1.0


def title(name: str) -> str:
    """Name of an indicator that fits above a small panel; the unit says per whom."""
    return tr("Contribution margin") if name == PROFIT else label(name)


def change_unit(name: str) -> str:
    """Unit of a change: percentage points for shares."""
    return unit_words(name, change=True)


def level_unit(name: str) -> str:
    """Unit of a level, shares in per cent."""
    return unit_words(name)


def with_unit(axis: Axis) -> str:
    """Name of an axis with its unit."""
    return f"{axis.label}, {axis.unit}" if axis.unit else axis.label


def _short(key: str) -> str:
    return key.rpartition(".")[2].replace("_", " ")


def _said(axis: Axis, value: Any) -> str:
    unit = axis.unit.partition("/")[0]
    return axis.said(value) if axis.key == SCENARIO else f"{axis.label} {axis.said(value)} {unit}".rstrip()


def _unset(axis: Axis, value: Any) -> bool:
    """Whether a key that is moved alone was left as it is."""
    return axis.way == "alone" and bool(pd.isna(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
