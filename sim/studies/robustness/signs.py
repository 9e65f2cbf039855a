"""Reading a study: in how many draws each sign holds, and which parameters decide it.

A difference of exactly zero counts as neither sign. The shares say how often a sign holds when
every range is uniform, not how probable it is; their intervals are the exact ones of a frequency.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.core.language import mark
from sim.core.special import ndtri
from sim.measure.intervals import clopper_pearson
from sim.studies.robustness.stored import Study

#: Names of the three signs of a difference.
SIGNS = ("positive", "zero", "negative")
#: A rank correlation is clear when chance alone brings the largest of all that far in one study of twenty.
_CHANCE = 0.05


def signs(study: Study) -> pd.DataFrame:
    """Signs and size of every difference.

    Returns
    -------
    DataFrame
        Index: figure. Columns: a, b (median levels), n (draws in which both are observable),
        counts ``positive``, ``zero``, ``negative``, for each its ``_share``, ``_low`` and ``_high``
        (95% Clopper-Pearson), and ``median``, ``p10``, ``p90`` of the difference; nan where n is 0.
    """
    rows = {}
    first, second = study.levels("a"), study.levels("b")
    for name, change in study.differences().items():
        seen = np.isfinite(change.to_numpy(float))
        rows[name] = {
            "a": _median(first[name].to_numpy(float)[seen]),
            "b": _median(second[name].to_numpy(float)[seen]),
            **_counted(change.to_numpy(float)[seen]),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _counted(change: np.ndarray) -> dict[str, float]:
    n = len(change)
    row: dict[str, float] = {"n": n}
    for word, mask in zip(SIGNS, (change > 0, change == 0, change < 0), strict=True):
        held = int(np.count_nonzero(mask))
        low, high = clopper_pearson(held, n) if n else (np.nan, np.nan)
        share = held / n if n else np.nan
        row |= {word: held, f"{word}_share": share, f"{word}_low": low, f"{word}_high": high}
    p10, mid, p90 = np.quantile(change, (0.1, 0.5, 0.9)) if n else (np.nan,) * 3
    return row | {"median": float(mid), "p10": float(p10), "p90": float(p90)}


def drivers(study: Study, name: str, top: int = 3) -> pd.DataFrame:
    """Parameters whose value goes with the sign of a difference, strongest first.

    Parameters
    ----------
    study : Study
        The draws.
    name : str
        Figure.
    top : int
        How many parameters.

    Returns
    -------
    DataFrame
        Columns: key, correlation (Spearman), of (``"sign"``, or ``"size"`` where all draws have the
        same sign), clear (larger than the largest of so many would be by chance, 19 times in 20).
        Empty if nothing varies.
    """
    from scipy.stats import spearmanr  # here, because every report imports this module and few hold a study

    change = study.differences()[name]
    seen = change[np.isfinite(change.astype(float))]
    outcome, of = np.sign(seen), mark("sign")
    if outcome.nunique() < 2:
        outcome, of = seen, mark("size")
    values = study.values().loc[seen.index]
    if outcome.nunique() < 2 or len(seen) < 3:
        return pd.DataFrame(columns=["key", "correlation", "of", "clear"])
    table = pd.DataFrame(
        {
            "key": values.columns,
            "correlation": [float(spearmanr(values[key], outcome).statistic) for key in values.columns],
        }
    )
    table = table.sort_values("correlation", key=np.abs, ascending=False, kind="stable").head(top)
    clear = table["correlation"].abs() > by_chance(len(seen), values.shape[1])
    return table.assign(of=of, clear=clear).reset_index(drop=True)


def by_chance(draws: int, parameters: int) -> float:
    """Largest of several rank correlations that pure chance would exceed once in twenty studies.

    Under independence a rank correlation has variance ``1 / (draws - 1)``; Bonferroni's bound
    holds for the largest of them.
    """
    return float(min(1.0, ndtri(1.0 - _CHANCE / 2 / parameters) / np.sqrt(draws - 1)))
