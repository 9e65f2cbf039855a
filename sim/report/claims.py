"""What an estimate allows one to say: one rule for every mark, figure and sentence of every report.

A direction is claimed only where the interval of a difference leaves 0 out. It is claimed without
reserve (a filled mark, the word "surely") only where that still holds once all comparisons that
are shown together have been corrected for; else the mark is hollow and the sentence says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.core.language import mark, tr
from sim.measure.intervals import CONFIDENCE

UP, DOWN, ALONE_UP, ALONE_DOWN = "up", "down", "up alone", "down alone"
SAME, UNCLEAR, SINGLE, UNSEEN = "same", "unclear", "one world", "not observable"
#: Standing -> mark. Filled: stands corrected. Hollow: leaves 0 out by itself only.
MARKS = {
    UP: "▲",
    DOWN: "▼",
    ALONE_UP: "△",
    ALONE_DOWN: "▽",
    SAME: "=",
    UNCLEAR: "~",
    SINGLE: "",
    UNSEEN: "",
}
#: The legend of these marks, everywhere the same.
LEGEND = mark(
    "▲ higher, ▼ lower, also once corrected for everything compared here; △ ▽ hollow: "
    "higher or lower by itself, not once corrected; ~ unclear: the interval holds 0; = "
    "the same in every world"
)
#: Standing of what strategies earn -> the whole sentence, of one strategy and of several.
_BESIDE = {
    UP: (
        mark("{who} surely earns more than the baseline."),
        mark("{who} surely earn more than the baseline."),
    ),
    ALONE_UP: (
        mark("{who} earns more by itself, but not once all that was tried is corrected for."),
        mark("{who} earn more by themselves, but not once all that was tried is corrected for."),
    ),
    UNCLEAR: (mark("{who} cannot be told apart from the baseline."),) * 2,
    SAME: (
        mark("{who} earns exactly what the baseline earns, in every world."),
        mark("{who} earn exactly what the baseline earns, in every world."),
    ),
    ALONE_DOWN: (
        mark("{who} earns less by itself, but not once all that was tried is corrected for."),
        mark("{who} earn less by themselves, but not once all that was tried is corrected for."),
    ),
    DOWN: (
        mark("{who} surely earns less than the baseline."),
        mark("{who} surely earn less than the baseline."),
    ),
    SINGLE: (mark("{who} cannot be judged from one world."),) * 2,
}
#: Standings that are told without amounts.
BARE = (SAME, SINGLE)
#: Chance of a false claim that differences are held to.
LEVEL = 1 - CONFIDENCE


@dataclass(frozen=True)
class Estimate:
    """A difference with its 95% interval, and what it is once corrected.

    Attributes
    ----------
    name : str
        Who or what it is of, in words.
    value, low, high : float
        Mean and interval; nan bounds where there was one world.
    stands : bool
        Whether it still leaves 0 out once all that is compared with it is corrected for.
    """

    name: str
    value: float
    low: float
    high: float
    stands: bool = True

    @property
    def standing(self) -> str:
        """One of the keys of :data:`MARKS`."""
        return standing(self.value, self.low, self.high, self.stands)


def standing(value: float, low: float, high: float, stands: bool = True) -> str:
    """What may be said of a difference: one of the keys of :data:`MARKS`."""
    if not math.isfinite(value):
        return UNSEEN
    if not (math.isfinite(low) and math.isfinite(high)):
        return SINGLE
    if low == high == 0:
        return SAME
    if low > 0:
        return UP if stands else ALONE_UP
    if high < 0:
        return DOWN if stands else ALONE_DOWN
    return UNCLEAR


def filled(kind: str) -> bool:
    """Whether a figure fills the mark of an estimate: only where it stands corrected."""
    return kind in (UP, DOWN)


def beside_baseline(kind: str, who: str, n: int) -> str:
    """What strategies of one standing earn beside the baseline.

    Parameters
    ----------
    kind : str
        One of the keys of :data:`MARKS` but the last.
    who : str
        Their names, with amounts but for those of :data:`BARE`.
    n : int
        How many they are.
    """
    one, many = _BESIDE[kind]
    return capital(tr(one if n == 1 else many, who=who))


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence: ``a``, ``a and b``, ``a, b and c``, ``a, b, c and 4 others``."""
    shown, left = list(names[:most]), len(names) - most
    if left > 0:
        shown.append(tr("{left} other{s}", left=left, s="s" if left > 1 else ""))
    return (
        shown[0]
        if len(shown) == 1
        else tr("{shown} and {shown2}", shown=tr(", ").join(shown[:-1]), shown2=shown[-1])
        if shown
        else ""
    )


def capital(text: str) -> str:
    """The same with a capital first letter; the others stay."""
    return text[:1].upper() + text[1:]
