"""When are there enough worlds: intervals asked for in words, and the rule that stops at them.

``repurchase_30d +- 0.5pp`` asks for a 95% interval no wider than half a percentage point to
either side, in every configuration. Worlds are added until all are that narrow, which is the
fixed-width sequential procedure; because it looks at the data to stop, its coverage lies a little
below the nominal one, which a first round of ten worlds and few looks keep small.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.analysis.differences import Pairs
from sim.core.errors import ConfigError
from sim.core.language import mark, tr
from sim.core.messages import did_you_mean
from sim.measure.guardrails import UNITS
from sim.measure.intervals import t_interval

#: Worlds before the rule may stop. An early stop needs a spread that was underestimated by chance:
#: of five worlds it is less than half its true size once in 11 times, of ten once in 76.
LEAST = 10
_AIM = re.compile(
    r"(?P<change>change\s+)?(?P<name>[a-z][a-z0-9_]*)\s*(?:\+-|±)\s*(?P<half>[0-9]*\.?[0-9]+)\s*(?P<unit>pp|%)?"
)
_EXAMPLE = mark(
    "write 'repurchase_30d +- 0.5pp', 'order_conversion +- 2%' or 'change contribution_margin +- 500'"
)
_KEY = "experiment.until"


@dataclass(frozen=True)
class Aim:
    """How narrow the interval of one indicator must become.

    Attributes
    ----------
    name : str
        The indicator.
    half : float
        Half-width at most: in the indicator's unit, or a share if ``relative``.
    relative : bool
        Whether it is relative: to the mean, for a change to the mean of the baseline.
    change : bool
        Whether it is of the paired difference from the baseline rather than of the level.
    """

    name: str
    half: float
    relative: bool
    change: bool

    def __str__(self) -> str:
        share = UNITS[self.name] == "share"
        size = (
            f"{100 * self.half:g}%"
            if self.relative
            else tr("{half:g}pp", half=100 * self.half)
            if share
            else f"{self.half:g}"
        )
        return f"{tr('change ') if self.change else ''}{self.name} +- {size}"


class Width(NamedTuple):
    """How wide the widest interval of one aim is: ``ratio`` to what is asked for, where, and its half."""

    aim: Aim
    ratio: float
    half: float
    who: str
    n: int

    @property
    def reached(self) -> bool:
        """Whether every configuration's interval is narrow enough."""
        return self.ratio <= 1


def understand(until: str) -> tuple[Aim, ...]:
    """What ``experiment.until`` asks for; several are parted by ``,`` or ``;``; empty if it is blank.

    Raises
    ------
    ConfigError
        With one line for every part that cannot be read.
    """
    aims: list[Aim] = []
    problems: list[str] = []
    for part in (one.strip() for one in re.split("[,;]", until)):
        if not part and not until.strip(" ,;"):
            continue
        read = _aim(part)
        if isinstance(read, str):
            problems.append(f"{_KEY}: {read}")
        else:
            aims.append(read)
    if problems:
        raise ConfigError(problems)
    return tuple(dict.fromkeys(aims))


def _aim(part: str) -> Aim | str:
    """One aim, or what is wrong with it."""
    found = _AIM.fullmatch(part)
    if not found:
        return tr("'{part}' cannot be read; {example}", part=part, example=tr(_EXAMPLE))
    name, size, unit = found["name"], float(found["half"]), found["unit"]
    if name not in UNITS:
        return tr(
            "'{part}': there is no indicator '{name}'; {did_you_mean}",
            part=part,
            name=name,
            did_you_mean=did_you_mean(name, list(UNITS)),
        )
    if not size > 0:
        return tr(
            "'{part}': the half-width must be above 0 (you wrote {half}); {example}",
            part=part,
            half=found["half"],
            example=tr(_EXAMPLE),
        )
    if unit == "pp" and UNITS[name] != "share":
        return tr(
            "'{part}': '{name}' is in {units}, not a share; write its half-width without pp, or in %",
            part=part,
            name=name,
            units=UNITS[name],
        )
    if unit is None and UNITS[name] == "share" and size >= 1:
        return tr(
            "'{part}': '{name}' is a share between 0 and 1; write {half}pp for percentage points",
            part=part,
            name=name,
            half=found["half"],
        )
    if unit == "%" and size >= 100:
        return tr(
            "'{part}': must be below 100% (you wrote {half}%); {example}",
            part=part,
            half=found["half"],
            example=tr(_EXAMPLE),
        )
    return Aim(name, size / 100 if unit else size, unit == "%", bool(found["change"]))


def width(aim: Aim, pairs: Sequence[Pairs]) -> Width:
    """The widest interval of an aim over configurations; infinite where fewer than two worlds are observed.

    A relative aim g of a level asks for a half-width of at most g / (1 + g) times the mean's size,
    which makes the mean's relative error at most g.
    """
    widest = Width(aim, 0.0, 0.0, "", 0)
    for pair in pairs:
        if aim.change and pair.is_baseline:
            continue
        one = _width(aim, pair)
        if one.ratio > widest.ratio or not widest.who:
            widest = one
    return widest


def _width(aim: Aim, pair: Pairs) -> Width:
    who = " ".join(str(value) if key == "scenario" else f"{key}={value}" for key, value in pair.who.items())
    if aim.name not in pair.mine or aim.name not in pair.base:
        return Width(aim, math.inf, math.inf, who, 0)
    mine, base = pair.mine[aim.name].to_numpy(float), pair.base[aim.name].to_numpy(float)
    interval = t_interval(mine - base if aim.change else mine)
    if interval.n < 2:
        return Width(aim, math.inf, math.inf, who, interval.n)
    half = interval.high - interval.value
    allowed = aim.half
    if aim.relative and aim.change:
        allowed = aim.half * abs(t_interval(base).value)
    elif aim.relative:
        allowed = aim.half / (1 + aim.half) * abs(interval.value)
    ratio = 0.0 if half == 0 else half / allowed if allowed > 0 else math.inf
    return Width(aim, ratio, half, who, interval.n)


def more(worlds: int, widths: Sequence[Width], most: int) -> int:
    """Worlds that there should be after the next round; as many as now if it is over.

    The next look is where the widest interval should be narrow enough by what is known now (its
    width falls with the root of the number of worlds), but at most twice as far and at least a
    tenth further: few looks give the data few chances to stop the run at a lucky moment.
    """
    ratio = max((one.ratio for one in widths), default=0.0)
    if ratio <= 1 or worlds >= most:
        return worlds
    wanted = worlds * ratio**2 if math.isfinite(ratio) else math.inf
    at_least = worlds + max(2, math.ceil(worlds / 10))
    return int(min(most, max(at_least, math.ceil(min(wanted, 2 * worlds)))))


def fixed_width(
    values: np.ndarray, half: float, least: int = LEAST, most: int | None = None
) -> tuple[int, float]:
    """The rule by itself, on one stream of values: how many it takes, and their mean.

    Parameters
    ----------
    values : float64[n]
        Values in the order in which they would be made.
    half : float
        Half-width asked for.
    least, most : int
        First round, and the cap (all values if None).

    Notes
    -----
    Chow & Robbins (1965), "On the asymptotic theory of fixed-width sequential confidence intervals
    for the mean", Annals of Mathematical Statistics 36(2); Law (2015), "Simulation Modeling and
    Analysis", 5th ed., section 9.4.1, has the t quantile and the relative width. Coverage tends to
    the nominal one as the width asked for shrinks.
    """
    n, end = least, len(values) if most is None else min(most, len(values))
    aim = Aim("new_users", half, relative=False, change=False)
    while True:
        interval = t_interval(values[:n])
        wide = interval.high - interval.value
        after = more(n, [Width(aim, wide / half, wide, "", n)], end)
        if after == n:
            return n, interval.value
        n = after
