"""Who earns most: the highest mean is tested against every other one in the same worlds.

The largest of several means is large by luck as well. It is said to be the largest only where the
intervals of its lead over each rival, widened so that all of them hold together, leave 0 out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.measure.intervals import simultaneous_interval
from sim.report.claims import UP, Estimate


@dataclass(frozen=True)
class Lead:
    """The contender with the highest mean, and its lead over each rival, the closest first.

    Intervals of ``gaps`` hold for all rivals together; ``worlds`` is the number of worlds of the
    first.
    """

    first: str
    gaps: tuple[Estimate, ...]
    worlds: int

    @property
    def rivals(self) -> tuple[Estimate, ...]:
        """Those that cannot be told apart from the first."""
        return tuple(gap for gap in self.gaps if gap.standing != UP)


def lead(values: Mapping[str, pd.Series], higher: bool = True) -> Lead | None:
    """Find the best mean and test it against the others, world by world.

    Parameters
    ----------
    values : mapping of str to Series
        Contender -> its figure by world (the index); worlds need not be the same.
    higher : bool
        Whether more is better.

    Returns
    -------
    Lead or None
        None without at least two contenders that were observed.
    """
    sign = 1.0 if higher else -1.0
    seen = {name: sign * series.dropna().astype(float) for name, series in values.items()}
    seen = {name: series for name, series in seen.items() if len(series)}
    if len(seen) < 2:
        return None
    # A mean over a few lucky worlds is no best; whoever lacks more than half of them cannot come first.
    most = max(map(len, seen.values()))
    able = [name for name, series in seen.items() if 2 * len(series) >= most]
    first = max(able, key=lambda name: seen[name].mean())
    rivals = [name for name in seen if name != first]
    gaps = [_gap(seen[first], seen[name], name, len(rivals)) for name in rivals]
    gaps.sort(key=lambda gap: gap.value if np.isfinite(gap.value) else -np.inf)
    return Lead(first, tuple(gaps), len(seen[first]))


def _gap(first: pd.Series, other: pd.Series, name: str, rivals: int) -> Estimate:
    """Lead over one rival in the worlds that both have."""
    change = (first - other).dropna().to_numpy(float)
    value, low, high, _ = simultaneous_interval(change, rivals)
    return Estimate(name, value, low, high)
