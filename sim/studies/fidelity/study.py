"""Worlds lived under every arm, and a verdict on every figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.config import Config, compose
from sim.core.language import mark
from sim.market import Market
from sim.market.snapshot import burnt_in
from sim.measure.intervals import Interval, limits, t_interval, within
from sim.studies.fidelity.arms import ARMS
from sim.studies.fidelity.causes import causes
from sim.studies.fidelity.figure import Figure
from sim.studies.fidelity.figures import FIGURES, orderings

#: What is lived when nobody says otherwise: the figures want pairs of many worlds more than large worlds.
USUAL = {"population.size": "3000", "experiment.replications": "4"}
#: What is said of a bound that is kept, and of directions and orders together with what was compared.
AS_STATED = mark("as stated")
_COMPARED = {
    "direction": mark("sign as stated"),
    "order": mark("order as stated"),
    "cause": mark("a cause"),
}
#: Relative distance from what is stated within which something fitted or put in must lie to have arrived.
ARRIVES = 0.05


class World(dict[str, Market]):
    """One world under every arm that is asked for, each branched from the same burnt-in snapshot."""

    def __init__(self, number: int, words: Sequence[str], cache: Path) -> None:
        super().__init__()
        self.number, self.words, self.cache = number, tuple(words), cache
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Market:
        if name not in self.asked:
            self.asked.append(name)
        return super().__getitem__(name)

    def __missing__(self, name: str) -> Market:
        first, *more = ARMS[name]
        market = Market(compose([f"scenario={first}", *more, *self.words]), self.number, self.cache)
        if market.config.experiment.burn_in_days:
            burnt_in(market)
        return self.setdefault(name, market.run())


class Judged(NamedTuple):
    """A figure and how it came out: simulated value, difference that was judged, verdict in a word or two."""

    figure: Figure
    simulated: Interval
    judged: Interval
    verdict: str


def wanted() -> tuple[Figure, ...]:
    """All figures, then orderings, then experiments on causes."""
    return (*FIGURES, *orderings(), *causes())


def settings(words: Sequence[str]) -> list[str]:
    """The user's words, with the usual sizes where nothing is said of them."""
    written = {word.partition("=")[0] for word in words}
    usual = [f"{key}={value}" for key, value in USUAL.items() if key not in written]
    if any(word.startswith("graph=") or word == "population=large" for word in words):
        usual = [word for word in usual if not word.startswith("population.")]
    return [*usual, *words]


def check(words: Sequence[str]) -> Config:
    """Compose every arm, so that everything that is wrong is told before a day is lived; the baseline's.

    Raises
    ------
    ConfigError
        If an arm cannot be composed with these words.
    """
    configs = {name: compose([f"scenario={first}", *more, *words]) for name, (first, *more) in ARMS.items()}
    return configs["baseline"]


def live(
    words: Sequence[str], config: Config, asked: dict[str, list[str]] | None = None
) -> Iterator[np.ndarray]:
    """Live one world after another.

    Parameters
    ----------
    words : sequence of str
        As :func:`settings` gives them.
    config : Config
        The baseline's.
    asked : dict, optional
        Takes up the arms that each figure was counted in, by figure.

    Yields
    ------
    float64[n figures, 2]
        Each figure's value in this world, and what it is judged against (0 where that is nothing); nan where
        it is not observable.
    """
    experiment = config.experiment
    first = experiment.first_replication
    for number in range(first, first + experiment.replications):
        arms = World(number, words, Path(config.paths.cache))
        found = np.full((len(wanted()), 2), np.nan)
        for row, figure in zip(found, wanted(), strict=True):
            arms.asked = []
            if figure.simulated is not None:
                row[:] = figure.simulated(arms), figure.against(arms) if figure.against else 0.0
                if asked is not None:
                    asked[figure.fact] = list(arms.asked)
        yield found


def judge(worlds: Sequence[np.ndarray]) -> list[Judged]:
    """A verdict on every figure from the values of all worlds (see :func:`live`)."""
    values = np.stack(worlds)
    found = []
    for n, figure in enumerate(wanted()):
        simulated = within(t_interval(values[:, n, 0]), *limits(figure.unit))
        judged = t_interval(values[:, n, 0] - values[:, n, 1]) if figure.against else simulated
        found.append(Judged(figure, simulated, judged, verdict(figure, simulated, judged)))
    return found


def verdict(figure: Figure, simulated: Interval, judged: Interval) -> str:
    """What the worlds say of a figure.

    Parameters
    ----------
    figure : Figure
        As the plan states it.
    simulated, judged : Interval
        Its value in the market, and the difference by which sign and order are judged.

    Returns
    -------
    str
        ``sign as stated``, ``order as stated``, ``contradicts``, ``cannot be told``; for bounds ``as stated``
        in place of the first two; for levels ``inside``, ``below`` or ``above`` the
        stated value; for inputs and fits ``arrives`` or ``does not arrive``; for suspected causes
        ``a cause`` or ``not the cause``; ``no mechanism``; ``not observed``.
    """
    if figure.role == "open":
        return mark("no mechanism")
    if not math.isfinite(simulated.value):
        return mark("not observed")
    if figure.role in _COMPARED:
        side = _side(judged, figure.sign)
        if figure.role == "cause" and side == "contradicts":
            return mark("not the cause")
        return _COMPARED[figure.role] if side == AS_STATED else side
    if figure.bound:
        value, low, high, n = simulated
        return _side(
            Interval(value - figure.stated, low - figure.stated, high - figure.stated, n), figure.sign
        )
    if not math.isfinite(simulated.low):
        return mark("cannot be told")
    if figure.role in ("input", "fitted"):
        return _arrives(simulated, figure.stated)
    if simulated.low <= figure.stated <= simulated.high:
        return mark("inside")
    return mark("below") if simulated.high < figure.stated else mark("above")


def _arrives(found: Interval, stated: float) -> str:
    """Whether all of an interval lies near what is stated, or none of it does."""
    off = ARRIVES * abs(stated)
    if stated - off <= found.low and found.high <= stated + off:
        return mark("arrives")
    outside = found.high < stated - off or found.low > stated + off
    return mark("does not arrive") if outside else mark("cannot be told")


def _side(found: Interval, sign: int) -> str:
    """On which side of 0 an interval lies, seen from the side that is stated."""
    low, high = sorted((sign * found.low, sign * found.high))
    if low > 0.0:
        return AS_STATED
    return mark("contradicts") if high < 0.0 else mark("cannot be told")


def told(found: Judged) -> str:
    """The likely cause, where what was found is another thing than what is stated."""
    other = found.verdict in ("contradicts", "below", "above", "does not arrive")
    return found.figure.cause if other else ""
