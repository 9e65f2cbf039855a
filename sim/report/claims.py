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
