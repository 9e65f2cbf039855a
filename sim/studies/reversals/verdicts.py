"""From figures to verdicts: who leads at each end of an uncertainty's range, and how sure that is.

A lead is the paired difference, world by world, between the strategy that the comparison recommends and
the best of the others. It *turns* where its interval lies below 0, stays *open* where the interval
holds 0, and *holds* where it lies above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.measure.intervals import t_interval

Verdict = Literal["holds", "open", "turns"]


class Lead(NamedTuple):
    """A lead and its 95% interval over worlds, in the figure's unit; ``rival`` is who comes next."""

    mean: float
    low: float
    high: float
    worlds: int
    rival: int

    @property
    def verdict(self) -> Verdict:
        """What the interval says; one world says nothing."""
        if self.worlds >= 2 and self.high < 0:
            return "turns"
        return "holds" if self.worlds >= 2 and self.low > 0 else "open"


@dataclass(frozen=True)
class End:
    """One end of one uncertainty's range.

    Attributes
    ----------
    key : str
        Dotted key.
    unit, source : str
        As declared.
    was, value : float
        Value in force, and value at this end.
    lead : Lead
        With the value changed when the window opens.
    inert : bool
        The figure did not move in any world.
    suspect : bool
        The first worlds gave reason to look at all of them; where they did not, a verdict is not called for.
    anew : Lead or None
        With worlds burnt in under the value; None where that was not tried.
    """

    key: str
    unit: str
    source: str
    was: float
    value: float
    lead: Lead
    inert: bool = False
    suspect: bool = False
    anew: Lead | None = None


def leader(values: np.ndarray, sign: float) -> int:
    """Strategy with the best mean.

    Parameters
    ----------
    values : float64[n strategies, n worlds]
        One figure.
    sign : float
        1 where higher is better, -1 where lower is.
    """
    return int(np.argmax(sign * values.mean(axis=1)))


def lead_of(values: np.ndarray, first: int, sign: float) -> Lead:
    """Lead of one strategy over the best of the others, in the same worlds.

    Parameters
    ----------
    values : float64[n strategies, n worlds]
        One figure; worlds in which a strategy could not be observed are left out.
    first : int
        The strategy that is recommended.
    sign : float
        As for :func:`leader`; a positive lead is always good.
    """
    seen = sign * values[:, np.isfinite(values).all(axis=0)]
    others = [k for k in range(len(values)) if k != first]
    if not seen.shape[1]:
        return Lead(np.nan, np.nan, np.nan, 0, others[0])
    rival = max(others, key=lambda k: float(seen[k].mean()))
    mean, low, high, worlds = t_interval(seen[first] - seen[rival])
    return Lead(float(mean), float(low), float(high), int(worlds), rival)
