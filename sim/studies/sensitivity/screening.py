"""Screening after Morris: which of many uncertainties move a figure at all.

The mean size of an elementary effect (mu star) is what crossing the parameter's whole span does to
the figure, in the figure's unit; sigma says how much that depends on where the others stand. A
dummy parameter that does nothing but deal luck anew shows how large an effect of nothing looks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.core.special import stdtr
from sim.studies.sensitivity.design import LEVELS, analysis_seed, problem, salib
from sim.studies.sensitivity.evaluations import CHANCE, Evaluations, beyond_luck, luck_of_one

#: Name of the parameter that nothing reads.
DUMMY = "dummy"
_RESAMPLES = 1000
_STEP = LEVELS / (2 * (LEVELS - 1))  # two thirds of a span


def elementary_effects(unit: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Change of an outcome for each step of each trajectory, as if the step crossed the whole span.

    Parameters
    ----------
    unit : float64[r * (k + 1), k]
        Trajectories.
    outcome : float64[r * (k + 1), w]
        One column a world.

    Returns
    -------
    float64[k, r, w]
    """
    k = unit.shape[1]
    steps = np.diff(unit.reshape(-1, k + 1, k), axis=1)
    rises = np.diff(outcome.reshape(len(steps), k + 1, -1), axis=1)
    changed = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, changed[..., None], axis=2)
    effects = np.empty((k, len(steps), outcome.shape[1]))
    for t, order in enumerate(changed):
        effects[order, t] = rises[t] / size[t]
    return effects


def chance(effects: np.ndarray) -> np.ndarray:
    """Chance that luck alone gives the elementary effects of each parameter.

    Luck has no direction and no fixed size, so an effect shows in either of two ways: its mean square is
    beyond the scatter between worlds (:func:`beyond_luck`), or its mean over trajectories is beyond
    their scatter (a t test). The smaller chance counts, doubled because there are two.

    Parameters
    ----------
    effects : float64[n parameters, n trajectories, w]
        As from :func:`elementary_effects`.

    Returns
    -------
    float64[n parameters]
    """
    walks = effects.mean(axis=2)
    n = walks.shape[1]
    mean, error = np.abs(walks.mean(axis=1)), walks.std(axis=1, ddof=1) / np.sqrt(n)
    # Rounding of floats must not make an effect out of nothing.
    moved = mean > 1e-12 * np.maximum(1.0, np.abs(walks).max(axis=1))
    t = np.where(moved, mean / np.maximum(error, 1e-300), 0.0)
    p: np.ndarray = np.minimum(1.0, 2 * np.minimum(beyond_luck(effects), 2 * stdtr(n - 1, -t)))
    return p


def screen(evaluations: Evaluations, seed: int) -> pd.DataFrame:
    """Elementary effects of every scenario, pair and figure.

    Returns
    -------
    DataFrame
        scenario, kpi, parameter, mu_star with its 95% interval (mu_star_low, mu_star_high; bootstrap over
        trajectories), mu (the mean with its sign), sigma, p (chance that luck alone does as much),
        above_noise (p below 5% after Bonferroni's correction for the number of parameters) and n
        (trajectories in which the figure was observable). The last parameter of each is the dummy.
    """
    tables = [
        _screen_one(evaluations.unit, outcome, evaluations.names, seed).assign(scenario=scenario, kpi=kpi)
        for scenario, kpi, outcome in evaluations.series()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["scenario", "kpi", *(name for name in table if name not in ("scenario", "kpi"))]]


def _screen_one(unit: np.ndarray, outcome: np.ndarray, names: tuple[str, ...], seed: int) -> pd.DataFrame:
    k = len(names)
    seen = np.isfinite(outcome.reshape(-1, (k + 1) * outcome.shape[1])).all(axis=1)
    kept = np.repeat(seen, k + 1)
    unit, outcome, n = unit[kept], outcome[kept], int(seen.sum())
    if n < 2:
        return _unseen((*names, DUMMY), n)
    effects = elementary_effects(unit, outcome)
    inputs, outputs = _with_dummy(unit, outcome.mean(axis=1), luck_of_one(effects))
    found = salib("analyze", "morris").analyze(
        problem((*names, DUMMY)),
        inputs,
        outputs,
        num_resamples=_RESAMPLES,
        num_levels=LEVELS,
        seed=analysis_seed(seed, "screening"),
    )
    mu_star, half = (np.asarray(found[name], np.float64) for name in ("mu_star", "mu_star_conf"))
    p = np.append(chance(effects), np.nan)
    return pd.DataFrame(
        {
            "parameter": [*names, DUMMY],
            "mu_star": mu_star,
            "mu_star_low": np.maximum(mu_star - half, 0.0),
            "mu_star_high": mu_star + half,
            "mu": np.asarray(found["mu"], np.float64),
            "sigma": np.asarray(found["sigma"], np.float64),
            "p": p,
            "above_noise": p * k < CHANCE,
            "n": n,
        }
    )


def _with_dummy(unit: np.ndarray, outcome: np.ndarray, luck: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Trajectories with one more step at their end: the dummy's, which changes the outcome by luck alone."""
    r, k = len(luck), unit.shape[1]
    inputs = np.zeros((r, k + 2, k + 1))
    inputs[:, :-1, :-1] = unit.reshape(r, k + 1, k)
    inputs[:, -1, :-1] = inputs[:, -2, :-1]
    inputs[:, -1, -1] = _STEP
    walked = outcome.reshape(r, k + 1)
    outputs = np.column_stack([walked, walked[:, -1] + luck * _STEP])
    return inputs.reshape(-1, k + 1), outputs.ravel()


def _unseen(names: Sequence[str], n: int) -> pd.DataFrame:
    """What is said of a figure that could hardly be observed: nothing."""
    blank = dict.fromkeys(("mu_star", "mu_star_low", "mu_star_high", "mu", "sigma", "p"), np.nan)
    return pd.DataFrame({"parameter": list(names)}).assign(**blank, above_noise=False, n=n)


def matter(screening: pd.DataFrame, keys: Sequence[str], top: int) -> tuple[str, ...]:
    """Parameters that the screening found to matter, at most ``top``, in the order of ``keys``.

    A parameter's weight in a figure is its share of the sum of all parameters' mu star there, if it is
    above the noise. What counts is its largest weight over all figures, scenarios and differences, so
    that the one driver of a single figure is not lost behind the many drivers of others.
    """
    real = screening[screening["parameter"] != DUMMY]
    total = real.groupby(["scenario", "kpi"])["mu_star"].transform("sum")
    weight = (real["mu_star"] / total.where(total > 0)).where(real["above_noise"].astype(bool))
    largest = weight.groupby(real["parameter"]).max().reindex(list(keys)).dropna()
    chosen = set(largest.sort_values(ascending=False, kind="stable").index[:top])
    return tuple(key for key in keys if key in chosen)
