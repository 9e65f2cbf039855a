"""Large numbers as people read them at a glance, the same in every table, figure and sentence.

A number keeps four digits, and from a million on it is told in millions, in Chinese from ten thousand on in
万. Numbers that are read beside each other, as a mean and the ends of its interval, are rounded at one place
and told in one unit, and that place is fine enough that an interval never looks like a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.core.language import CHINESE, ENGLISH, language

#: What stands for a number that is not known.
UNKNOWN = "–"
#: Digits that a number keeps, and that the distance of numbers beside each other keeps.
FIGURES, _APART = 4, 2
#: From here on numbers have no decimals of their own.
_WHOLE = 1000
#: Nothing finer than a fen is told.
_FINEST = -2
#: Decimals at most where a word of size follows; with more of them the number is written out.
_DECIMALS = 3
#: From here on numbers are powers of ten.
_POWERS = 1e16
#: Language -> exponents of ten with what they are called, the largest first.
_SIZES = {
    ENGLISH: ((12, " trillion"), (9, " billion"), (6, " million")),
    CHINESE: ((12, "万亿"), (8, "亿"), (4, "万")),
}


def large(value: float, digits: int = 0, signed: bool = False) -> str:
    """A number by itself, see :func:`alike`."""
    return alike((value,), digits, signed)[0]


def short(value: float, signed: bool = False) -> str:
    """A setting or a level of any size: no more decimals than it has, four digits below a thousand."""
    if abs(value) >= _WHOLE:
        return large(value, signed=signed)
    return f"{value:{'+' if signed else ''}.{FIGURES}g}"


def alike(
    values: Sequence[float],
    digits: int = 0,
    signed: bool = False,
    apart: float | None = None,
    figures: int = FIGURES,
) -> tuple[str, ...]:
    """Numbers that are read beside each other: rounded at one place, told in one unit.

    A number that this place would make zero is told with its first digit, so that its side of zero is seen.

    Parameters
    ----------
    values : sequence of float
        In one unit; what is not finite is told as a dash.
    digits : int
        Decimals of numbers below a thousand.
    signed : bool
        Whether what is above zero has a plus.
    apart : float, optional
        Distance that must be seen, in the same unit; by default that of the smallest and largest number.
    figures : int
        Digits that the largest keeps, if the distance needs no more.
    """
    known = [float(value) for value in values if np.isfinite(value)]
    largest = max(map(abs, known), default=0.0)
    if largest >= _POWERS:
        return tuple(
            f"{value:{'+' if signed else ''}.{figures - 1}e}" if np.isfinite(value) else UNKNOWN
            for value in values
        )
    place = _place(largest, digits, figures)
    distance = apart if apart is not None else (max(known) - min(known) if known else 0.0)
    if distance > 0:
        place = min(place, max(_FINEST, exponent(distance) - (_APART - 1)))
    size, word = _size(largest, place)
    decimals = max(0, size - place)
    told = [_told(value, place, size, decimals, signed) for value in values]
    spare = _spare(told) if word else 0
    least = max(0, -place)
    return tuple(
        _small(value, least, signed) if one is None else one[: len(one) - spare].rstrip(".") + word
        for one, value in zip(told, values, strict=True)
    )


def exponent(value: float, figures: int = 16) -> int:
    """Power of ten of a number's first digit, once it is rounded to so many digits."""
    return int(f"{abs(value):.{figures - 1}e}".partition("e")[2])


def _place(largest: float, digits: int, figures: int) -> int:
    """Power of ten at which numbers are rounded."""
    if largest < _WHOLE:
        return -digits
    return max(-digits, exponent(largest, figures) - (figures - 1))


def _size(largest: float, place: int) -> tuple[int, str]:
    """Power of ten of the unit, and its word."""
    seen = round(largest / 10.0**place) * 10.0**place
    for size, word in _SIZES[language()]:
        if seen >= 10.0**size and size - place <= _DECIMALS:
            return size, word
    return 0, ""


def _told(value: float, place: int, size: int, decimals: int, signed: bool) -> str | None:
    """A number in its unit, None for what is unknown or would be zero."""
    if not np.isfinite(value):
        return None
    steps = round(value / 10.0**place)
    return f"{steps * 10.0 ** (place - size):{'+' if signed else ''},.{decimals}f}" if steps else None


def _small(value: float, decimals: int, signed: bool) -> str:
    """What rounds to zero beside others: its first digit, or zero below half a fen."""
    if not np.isfinite(value):
        return UNKNOWN
    if abs(value) < 10.0**_FINEST / 2:
        return f"{0.0:.{decimals}f}"
    first = float(f"{value:.0e}")
    return f"{first:{'+' if signed else ''},.{max(0, -exponent(first))}f}"


def _spare(told: Sequence[str | None]) -> int:
    """Zeros at the end of all decimals, which say nothing."""
    ends = [one.partition(".")[2] for one in told if one is not None]
    return min((len(end) - len(end.rstrip("0")) for end in ends), default=0)
