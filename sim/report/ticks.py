"""Numbers of an axis: told as in tables, and never two of them alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import Formatter

from sim.core.amounts import alike, short

#: Below this, labels are short as they are.
_WHOLE = 1000


class Ticks(Formatter):
    """Labels of an axis, all in one unit and fine enough to tell neighbours apart.

    Parameters
    ----------
    signed : bool
        Whether what is above zero has a plus, on an axis of changes.
    """

    def __init__(self, signed: bool = False) -> None:
        self._signed = signed

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One number by itself, as the pointer reads it off."""
        return short(x, self._signed) if x else "0"

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All labels of an axis."""
        self.set_locs(list(values))
        known = np.unique(np.asarray(values, float))
        if not len(known) or np.abs(known).max() < _WHOLE:
            return [self(value) for value in values]
        told = alike(
            values, signed=self._signed, apart=float(np.diff(known).min()) if len(known) > 1 else None
        )
        return ["0" if not value else one for value, one in zip(values, told, strict=True)]
