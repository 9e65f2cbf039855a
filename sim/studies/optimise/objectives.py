"""What a search weighs: margin, targets, the bad days, any figure of a run, and the rules it must keep.

All objectives of one strategy are computed from the figures of its runs, world by world, so that
each has an interval over worlds. The downside is the conditional value at risk of the margin: its
mean over the worst share of markets, where a market is a world under a shock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from sim.core.language import tr
from sim.measure.guardrails import FIGURES, UNITS
from sim.measure.intervals import clopper_pearson, limits, t_interval, within
from sim.measure.kpis import KPI_BY_NAME, KPIS
from sim.measure.scorecard import targets_met

MARGIN, TOGETHER, MET, DOWNSIDE = "contribution_margin", "targets_together", "targets_met", "downside"
#: Objectives that are not the mean of one figure.
OWN = (TOGETHER, MET, DOWNSIDE)
#: Shock option under which margin, targets and rules are measured.
USUAL = "none"

Direction = Literal["maximize", "minimize"]
Figures = Mapping[str, float]
_DIRECTION: dict[str, Direction] = {"higher": "maximize", "lower": "minimize"}
DIRECTIONS: dict[str, Direction] = {
    **{figure.name: _DIRECTION[figure.better] for figure in FIGURES if figure.better},
    TOGETHER: "maximize",
    MET: "maximize",
    DOWNSIDE: "maximize",
}
_RULE = re.compile(r"\s*([a-z0-9_]+)\s*(<=|>=)\s*([-+0-9.eE]+)\s*")


class Scored(NamedTuple):
    """A value and the bounds of its 95% interval over worlds (nan where there is none)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Measured:
    """Figures of one strategy's runs.

    Attributes
    ----------
    runs : mapping of str to sequence of Figures
        Shock option -> figures in each world, in the order of worlds.
    baseline : sequence of Figures
        The baseline strategy in the same worlds, without a shock.
    """

    runs: Mapping[str, Sequence[Figures]]
    baseline: Sequence[Figures]


@dataclass(frozen=True)
class Proposal:
    """A strategy to be run: number of its trial and what is set."""

    trial: int
    strategy: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A trial that has ended.

    Attributes
    ----------
    trial : int
        Its number.
    strategy : mapping
        What was set.
    scores : mapping of str to Scored
        Objectives; empty if it failed.
    figures : mapping of str to float
        Means of the figures that rules hold.
    reason : str
        Why it failed; empty if it did not.
    """

    trial: int
    strategy: Mapping[str, Any]
    scores: Mapping[str, Scored]
    figures: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True)
class Rule:
    """A figure's mean over worlds that must stay on one side of a bound."""

    figure: str
    upper: bool
    bound: float

    @property
    def text(self) -> str:
        """As the user writes it."""
        return f"{self.figure}{'<=' if self.upper else '>='}{self.bound:g}"

    def violation(self, value: float) -> float:
        """How far ``value`` is beyond the bound, as a share of the bound; at most 0 where it is kept.

        A figure that is not observable in any world (no invited account, so no fraud rate) breaks
        no rule.
        """
        if not np.isfinite(value):
            return 0.0
        beyond = value - self.bound if self.upper else self.bound - value
        return float(beyond / (abs(self.bound) or 1.0))


@dataclass(frozen=True)
class Aims:
    """What a search weighs.

    Attributes
    ----------
    objectives : tuple of str
        Names in :data:`DIRECTIONS`.
    targets : tuple of str
        Targets that count for ``targets_together`` and ``targets_met``.
    levels : mapping of str to float
        Target of each indicator.
    rules : tuple of Rule
        What a strategy must keep.
    shocks : tuple of str
        Shock options whose markets make the downside.
    alpha : float
        Share of markets that are the worst.
    """

    objectives: tuple[str, ...]
    targets: tuple[str, ...]
    levels: Mapping[str, float]
    rules: tuple[Rule, ...]
    shocks: tuple[str, ...]
    alpha: float

    @property
    def markets(self) -> tuple[str, ...]:
        """Shock options that every strategy is run under."""
        shocks = self.shocks if DOWNSIDE in self.objectives else ()
        return (USUAL, *(shock for shock in shocks if shock != USUAL))

    def score(self, measured: Measured) -> dict[str, Scored]:
        """Every objective of one strategy."""
        return {name: self._one(name, measured) for name in self.objectives}

    def values(self, measured: Measured) -> dict[str, float]:
        """Mean over worlds of each figure that a rule holds; nan where not observable."""
        usual = measured.runs[USUAL]
        return {rule.figure: t_interval(_column(usual, rule.figure)).value for rule in self.rules}

    def _one(self, name: str, measured: Measured) -> Scored:
        if name == DOWNSIDE:
            markets = np.array([_column(measured.runs[shock], MARGIN) for shock in self.shocks])
            return jackknife(markets, lambda kept: cvar(kept, self.alpha))
        if name not in OWN:
            found = t_interval(_column(measured.runs[USUAL], name))
            return Scored(*within(found, *limits(UNITS[name], name))[:3])
        met = targets_met(measured.runs[USUAL], measured.baseline, self.levels, self.targets)
        if name == MET:
            return Scored(*within(t_interval(met.sum(axis=1)), 0, len(self.targets))[:3])
        together = met.all(axis=1)
        return Scored(float(together.mean()), *clopper_pearson(int(together.sum()), len(together)))


def cvar(values: np.ndarray, alpha: float) -> float:
    """Conditional value at risk of gains: their mean over the worst share ``alpha`` of outcomes.

    The outcome at the boundary counts with the part of it that lies within the share, which is the
    definition of Rockafellar and Uryasev (2002) for distributions with atoms.

    Parameters
    ----------
    values : float64[...]
        Equally likely outcomes, larger is better; nan gives nan.
    alpha : float
        Share within (0, 1].
    """
    ordered = np.sort(np.asarray(values, np.float64).ravel())
    if not len(ordered) or np.isnan(ordered).any():
        return float("nan")
    worst = alpha * len(ordered)
    weights = np.clip(worst - np.arange(len(ordered)), 0.0, 1.0)
    return float(weights @ ordered / worst)


def jackknife(markets: np.ndarray, statistic: Callable[[np.ndarray], float]) -> Scored:
    """A statistic with its 95% interval over worlds: t on the pseudo-values (Tukey 1958).

    Parameters
    ----------
    markets : float64[shocks, worlds]
        One column a world, left out whole.
    statistic : callable
        ``float64[shocks, worlds] -> float``.
    """
    whole, n = statistic(markets), markets.shape[1]
    if n < 2 or not np.isfinite(whole):
        return Scored(whole, np.nan, np.nan)
    without = np.array([statistic(np.delete(markets, k, axis=1)) for k in range(n)])
    interval = t_interval(n * whole - (n - 1) * without)
    half = (interval.high - interval.low) / 2
    return Scored(whole, whole - half, whole + half)


def pareto(values: np.ndarray, directions: Sequence[Direction]) -> np.ndarray:
    """bool[n]: no other row is at least as good in every objective and better in one.

    Parameters
    ----------
    values : float64[n, objectives]
        Finite values.
    directions : sequence of Direction
        One an objective.
    """
    signs = np.array([1.0 if one == "maximize" else -1.0 for one in directions])
    gains = np.asarray(values, np.float64).reshape(-1, len(signs)) * signs
    beaten = [bool(((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any()) for one in gains]
    return ~np.array(beaten, bool)


def read_objectives(names: Sequence[str], problems: list[str]) -> tuple[str, ...]:
    """Objectives that were asked for; problems are added."""
    problems += [
        tr(
            "objectives: '{name}' is no objective with a better side; choose among {value} and "
            "the figures of docs/kpis.md that have one",
            name=name,
            value=", ".join((MARGIN, *OWN)),
        )
        for name in names
        if name not in DIRECTIONS
    ]
    problems += [
        tr("objectives: '{name}' stands there twice; delete one", name=name) for name in _twice(names)
    ]
    if not names:
        problems.append(
            tr("objectives: must name what to search for; write objectives=[contribution_margin]")
        )
    return tuple(name for name in dict.fromkeys(names) if name in DIRECTIONS)


def read_targets(names: Sequence[str], problems: list[str]) -> tuple[str, ...]:
    """Targets that count, all nine if none is named; problems are added."""
    known = [kpi.name for kpi in KPIS]
    problems += [
        tr("targets: '{name}' is no target; choose among {known}", name=name, known=", ".join(known))
        for name in names
        if name not in KPI_BY_NAME
    ]
    problems += [tr("targets: '{name}' stands there twice; delete one", name=name) for name in _twice(names)]
    return tuple(name for name in dict.fromkeys(names) if name in KPI_BY_NAME) or tuple(known)


def read_rules(texts: Sequence[str], problems: list[str]) -> tuple[Rule, ...]:
    """Rules that must be kept; problems are added."""
    known, rules = {figure.name for figure in FIGURES}, []
    for text in texts:
        found = _RULE.fullmatch(text)
        bound = _number(found[3]) if found else None
        if found is None or bound is None:
            problems.append(
                tr("subject_to: '{text}' is no rule; write for instance fraud_rate<=0.05", text=text)
            )
        elif found[1] not in known:
            problems.append(
                tr(
                    "subject_to: '{found}' is no figure of a run; see docs/kpis.md for their names",
                    found=found[1],
                )
            )
        else:
            rules.append(Rule(found[1], found[2] == "<=", bound))
    problems += [
        tr("subject_to: '{name}' is held by two rules of one sort; delete one", name=name)
        for name in _twice([f"{rule.figure}{'<=' if rule.upper else '>='}" for rule in rules])
    ]
    return tuple(rules)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _twice(names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if list(names).count(name) > 1]


def _column(runs: Sequence[Figures], name: str) -> np.ndarray:
    """float64[worlds]: one figure, nan where it is not observable."""
    return np.array([run.get(name, np.nan) for run in runs], np.float64)
