"""Which uncertain parameters are varied, and the Latin hypercube over their plausible ranges.

The ranges are the spans of the declarations and stand nowhere else. A Latin hypercube cuts each
range into as many strips as there are draws and uses every strip once, so that few draws cover
every range from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sim.config.sweep_request import named
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.params import Declared
from sim.core.rng import builder
from sim.store.draws import Draws, read_draws

#: Sections, or patterns of dotted keys, that are varied unless others are named.
VARIED = ("sharing", "incentive", "fraud", "population.faking_*")


def uncertainties(
    declared: Iterable[Declared], vary: Sequence[str] = VARIED, held: Iterable[str] = ()
) -> tuple[Declared, ...]:
    """Uncertain parameters with a plausible range that the named patterns choose.

    Parameters
    ----------
    declared : iterable of Declared
        Every parameter there is.
    vary : sequence of str
        Sections (``fraud``) or patterns of keys (``population.faking_*``).
    held : iterable of str
        Keys that the user set: they keep the user's value.

    Raises
    ------
    ConfigError
        If a pattern names no uncertainty with a range, or nothing is left to vary.
    """
    known = [row for row in declared if row.kind == "uncertainty" and row.span is not None]
    missed = [one for one in vary if not any(named(row.path, one) for row in known)]
    if missed:
        sections = ", ".join(dict.fromkeys(row.path.partition(".")[0] for row in known))
        raise ConfigError(
            [
                tr(
                    "vary: '{one}' names no uncertainty with a plausible range; choose from the sections "
                    "{sections}",
                    one=one,
                    sections=sections,
                )
                for one in missed
            ]
        )
    fixed = set(held)
    chosen = tuple(
        row for row in known if row.path not in fixed and any(named(row.path, one) for one in vary)
    )
    if not chosen:
        raise ConfigError(
            tr("vary: every uncertainty named is set by you, so nothing varies; leave one unset")
        )
    return chosen


def from_calibration(path: str, declared: Iterable[Declared], held: Iterable[str] = ()) -> Draws:
    """Draws that a calibration found, to be used in place of declared ranges.

    Parameters
    ----------
    path : str
        Table of draws.
    declared : iterable of Declared
        Every parameter there is.
    held : iterable of str
        Keys that the user set.

    Raises
    ------
    InputError
        If the file is no table of draws, or a key is in it and set as well.
    """
    spanned = [row.path for row in declared if row.kind == "uncertainty" and row.span is not None]
    table = read_draws(path, spanned)
    if both := sorted(set(table.keys) & set(held)):
        raise ConfigError(
            [
                tr("{key}: is in {path}, so it cannot be set too; leave one out", key=key, path=path)
                for key in both
            ]
        )
    return table


def latin_hypercube(spans: Sequence[tuple[float, float]], draws: int, seed: int) -> np.ndarray:
    """Latin hypercube, uniform over each span.

    Parameters
    ----------
    spans : sequence of (float, float)
        Lowest and highest value of each parameter.
    draws : int
        Points; another number gives another design, not a longer one.
    seed : int
        The experiment's seed.

    Returns
    -------
    float64[draws, len(spans)]
        In each column, one value in each of ``draws`` equal strips of the span (McKay 1979).
    """
    from scipy.stats import qmc  # here, because requests are read from this module too

    unit = qmc.LatinHypercube(d=len(spans), rng=builder(seed, "robustness.design")).random(draws)
    low, high = np.array(spans, np.float64).T
    values: np.ndarray = low + unit * (high - low)
    return values
