"""Free parameters: which they are, over what ranges, and points that fill these evenly."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.config.sweep_request import named
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.params import Declared
from sim.core.rng import builder

#: Freed unless the user names others, by the file that speaks of them.
USUAL = {
    "orders": (
        "turnover.exit_rate",
        "population.needs_per_day",
        "population.need_shape",
        "population.taste_sd",
        "population.exit_spread",
        "population.basket_sigma",
        "population.basket_needs",
        "choice.basket_mean",
        "choice.own_memory",
        "trust.habit_ceiling",
    ),
    "cascades": ("sharing.audience", "sharing.pass_on", "sharing.delay_median", "sharing.delay_sigma"),
    "deliveries": ("aftersales.low_spoiled", "logistics.late_share", "logistics.drop_minutes"),
}
#: Most parameters that may be free: beyond it, emulators on so few runs say nothing.
MOST_FREE = 20


@dataclass(frozen=True)
class Space:
    """Free parameters and their plausible ranges.

    Attributes
    ----------
    keys : tuple of str
        Dotted keys.
    low, high : float64[k]
        Ends of the declared spans.
    whole : bool[k]
        Whether only whole numbers may be written.
    default : float64[k]
        Values in force.
    """

    keys: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray
    default: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Declared]) -> Space:
        """Space of declared parameters, all with a span."""
        spans = np.array([row.span for row in rows], float).reshape(-1, 2)
        whole = np.array([isinstance(row.default, int) for row in rows], bool)
        default = np.array([float(row.default) for row in rows])
        return cls(tuple(row.path for row in rows), spans[:, 0], spans[:, 1], whole, default)

    def values(self, unit: np.ndarray) -> np.ndarray:
        """Values, float64[n, k], of points of the unit cube; whole numbers are rounded."""
        stretched = self.low + unit * (self.high - self.low)
        values: np.ndarray = np.where(self.whole, np.rint(stretched), stretched)
        return values

    def unit(self, values: np.ndarray) -> np.ndarray:
        """Points of the unit cube of values."""
        placed: np.ndarray = (values - self.low) / (self.high - self.low)
        return placed


def free(declared: Iterable[Declared], wanted: Sequence[str], held: Iterable[str] = ()) -> Space:
    """The space that a user frees.

    Parameters
    ----------
    declared : iterable of Declared
        Every parameter there is.
    wanted : sequence of str
        Keys, or patterns and sections of them.
    held : iterable of str
        Keys that the user also set.

    Raises
    ------
    ConfigError
        With one line for every word that frees nothing, a key that is set as well, or too many parameters.
    """
    rows = [row for row in declared if row.kind == "uncertainty" and _spanned(row)]
    everything = {row.path for row in rows}
    problems, fixed = [], set(held)
    for one in wanted:
        if not any(named(row.path, one) for row in rows):
            close = difflib.get_close_matches(one, everything, n=1)
            hint = tr("did you mean '{close}'? ", close=close[0]) if close else ""
            problems.append(
                tr(
                    "free: '{one}' names no uncertain number with a plausible range; {hint}see 'liebian "
                    "list parameters'",
                    one=one,
                    hint=hint,
                )
            )
    chosen = [row for row in rows if any(named(row.path, one) for one in wanted)]
    problems += [
        tr("{path}: is free, so it cannot be set too; leave one out", path=row.path)
        for row in chosen
        if row.path in fixed
    ]
    if len(chosen) > MOST_FREE:
        problems.append(
            tr(
                "free: at most {most_free} parameters can be found at once (you named {n_chosen}); "
                "name fewer",
                most_free=MOST_FREE,
                n_chosen=len(chosen),
            )
        )
    if problems:
        raise ConfigError(problems)
    return Space.of(chosen)


def _spanned(row: Declared) -> bool:
    number = isinstance(row.default, (int, float)) and not isinstance(row.default, bool)
    return row.span is not None and number


def sobol(count: int, width: int, seed: int) -> np.ndarray:
    """float64[count, width]: a scrambled Sobol sequence in the unit cube."""
    from scipy.stats import qmc

    power = int(np.ceil(np.log2(max(count, 2))))
    points: np.ndarray = qmc.Sobol(d=width, rng=builder(seed, "calibration.waves")).random_base2(power)
    return points[:count]
