"""Indices after Sobol: what share of a figure's variance each uncertainty explains.

The first index is the share that goes with the parameter alone, the total index the share that
would remain if all others were known. Luck adds to total indices; how much is told beside them.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from sim.measure.intervals import CONFIDENCE
from sim.studies.sensitivity.design import analysis_seed, problem, salib
from sim.studies.sensitivity.evaluations import CHANCE, Evaluations, beyond_luck, luck_of_one
from sim.studies.sensitivity.screening import DUMMY

_RESAMPLES = 1000
_TAILS = ((1 - CONFIDENCE) / 2, 1 - (1 - CONFIDENCE) / 2)
#: Columns of empty tables, where no indices were looked for.
COLUMNS = (
    "scenario",
    "kpi",
    "parameter",
    "first",
    "first_low",
    "first_high",
    "total",
    "total_low",
    "total_high",
    "total_by_luck",
    "p",
    "above_noise",
    "n",
)
PAIR_COLUMNS = ("scenario", "kpi", "parameter", "other", "second", "second_low", "second_high")
_NUMBERS = ("first", "first_low", "first_high", "total", "total_low", "total_high", "total_by_luck", "p")


def indices(evaluations: Evaluations, seed: int, second_order: bool = False) -> pd.DataFrame:
    """First and total indices of every scenario, pair and figure.

    Returns
    -------
    DataFrame
        scenario, kpi, parameter, first and total with 95% intervals (bootstrap over blocks: ``_low``,
        ``_high``), total_by_luck (the part of total that luck alone makes), p, above_noise as in the
        screening, n (blocks in which the figure was observable). The last parameter is the dummy.
    """
    tables = [
        _one(blocked, evaluations.names, seed, second_order).assign(scenario=scenario, kpi=kpi)
        for scenario, kpi, blocked in _blocked(evaluations, second_order)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["scenario", "kpi", *(name for name in table if name not in ("scenario", "kpi"))]]


def _blocked(evaluations: Evaluations, second_order: bool) -> list[tuple[str, str, np.ndarray]]:
    """Outcomes by block, point of the block and world, of blocks that are whole."""
    rows = len(evaluations.names) * (2 if second_order else 1) + 2
    found = []
    for scenario, kpi, outcome in evaluations.series():
        whole = outcome.reshape(-1, rows, outcome.shape[1])
        found.append((scenario, kpi, whole[np.isfinite(whole).all(axis=(1, 2))]))
    return found


def _one(blocked: np.ndarray, names: tuple[str, ...], seed: int, second_order: bool) -> pd.DataFrame:
    k, n = len(names), len(blocked)
    b = 2 * k + 1 if second_order else k + 1
    inner = blocked[:, [*range(k + 1), b]]  # A, A with one of B each, B
    means = inner.mean(axis=2)
    if n < 2 or np.ptp(means[:, [0, -1]]) == 0:
        blank = dict.fromkeys(_NUMBERS, np.nan)
        return pd.DataFrame({"parameter": [*names, DUMMY]}).assign(**blank, above_noise=False, n=n)
    changes = np.moveaxis(inner[:, 1 : k + 1] - inner[:, :1], 1, 0)
    dummy = means[:, 0] + luck_of_one(changes)
    outputs = np.column_stack([means[:, : k + 1], dummy, means[:, k + 1]]).ravel()
    found = salib("analyze", "sobol").analyze(
        problem((*names, DUMMY)),
        outputs,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        keep_resamples=True,
        seed=analysis_seed(seed, "indices"),
    )
    first = np.quantile(found["S1_conf_all"], _TAILS, axis=0)
    total = np.quantile(found["ST_conf_all"], _TAILS, axis=0)
    # As SALib's total index: over the variance of points A and B.
    variance = means[:, [0, k + 1]].var()
    luck = (
        changes.var(axis=2, ddof=1).mean(axis=1) / changes.shape[2] / (2 * variance) if variance else np.nan
    )
    p = np.append(beyond_luck(changes), np.nan)
    return pd.DataFrame(
        {
            "parameter": [*names, DUMMY],
            "first": found["S1"],
            "first_low": first[0],
            "first_high": first[1],
            "total": found["ST"],
            "total_low": total[0],
            "total_high": total[1],
            "total_by_luck": np.append(luck, found["ST"][-1]),
            "p": p,
            "above_noise": p * k < CHANCE,
            "n": n,
        }
    )


def pairs(evaluations: Evaluations, seed: int) -> pd.DataFrame:
    """Second-order indices: shares of variance that two parameters explain only together.

    Returns
    -------
    DataFrame
        scenario, kpi, parameter, other, second, second_low, second_high (95%, normal, bootstrap).
    """
    rows = []
    names = evaluations.names
    for scenario, kpi, blocked in _blocked(evaluations, True):
        means = blocked.mean(axis=2)
        if len(means) < 2 or np.ptp(means) == 0:
            continue
        found = salib("analyze", "sobol").analyze(
            problem(names),
            means.ravel(),
            calc_second_order=True,
            num_resamples=_RESAMPLES,
            seed=analysis_seed(seed, "pairs"),
        )
        for i, j in combinations(range(len(names)), 2):
            value, half = float(found["S2"][i, j]), float(found["S2_conf"][i, j])
            rows.append((scenario, kpi, names[i], names[j], value, value - half, value + half))
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
