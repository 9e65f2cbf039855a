"""What a sweep found, by configuration: levels and paired changes, with their luck beside them.

A configuration is a scenario with one set of swept values; it ran in several worlds, and in each
of them the baseline ran too. Figures, tables and notebooks all start from the two matrices here:
one row a job, one column an indicator, as it came out and less the baseline of the same world.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.special import stdtrit
from sim.measure.guardrails import UNITS
from sim.measure.intervals import CONFIDENCE
from sim.store.results import Results

#: Columns of :attr:`Results.jobs` that are no swept values.
_MARKS = ("experiment", "scenario", "replication", "key", "baseline_key", "world", "added", "done")
SCENARIO = "scenario"


@dataclass(frozen=True)
class Swept:
    """The jobs of one sweep with what each of them measured.

    Attributes
    ----------
    jobs : DataFrame
        One row per planned job that is no added baseline: configuration, scenario, replication,
        key, baseline_key, done and the swept values.
    configurations : DataFrame
        One row per configuration, in the order planned: scenario, swept values, planned, done (worlds).
    keys : tuple of str
        Swept keys and groups, without the scenario.
    levels : DataFrame
        float64[jobs, indicators]; missing where a run or an indicator is.
    changes : DataFrame
        float64[jobs, indicators]: less the baseline of the same world.
    """

    jobs: pd.DataFrame
    configurations: pd.DataFrame
    keys: tuple[str, ...]
    levels: pd.DataFrame
    changes: pd.DataFrame

    @property
    def axes(self) -> tuple[str, ...]:
        """What was swept: the scenario if there are several, then keys and groups."""
        several = self.configurations[SCENARIO].nunique() > 1
        return ((SCENARIO,) if several else ()) + self.keys

    def worlds(self, name: str, changes: bool = True) -> pd.DataFrame:
        """float64[configurations, replications] of one indicator; missing where it was not observed."""
        table = self.changes if changes else self.levels
        column = table[name] if name in table else pd.Series(np.nan, index=self.jobs.index)
        marked = self.jobs[["configuration", "replication"]].assign(value=column)
        return marked.pivot(index="configuration", columns="replication", values="value")


def swept(results: Results) -> Swept:
    """Join the jobs of a sweep with their runs and the baseline of the same world.

    Raises
    ------
    StoreError
        If there is no manifest, or there are several and none was named.
    """
    jobs = results.jobs
    if jobs.empty:
        raise StoreError(
            tr("results: '{root}' holds no sweep of that name; run 'liebian sweep' first", root=results.root)
        )
    if jobs["experiment"].nunique() > 1:
        known = ", ".join(sorted(set(jobs["experiment"])))
        raise StoreError(
            tr("experiment: name one sweep ('{root}' holds {known})", root=results.root, known=known)
        )
    own = jobs[~jobs["added"].astype(bool)].reset_index(drop=True)
    keys = tuple(key for key in own if key not in _MARKS and own[key].notna().any())
    own = own.assign(**{key: [_plain(value) for value in own[key]] for key in keys})
    names = own[[SCENARIO, *keys]].apply(lambda row: json.dumps([str(value) for value in row]), axis=1)
    own = own.assign(configuration=pd.factorize(names)[0])
    wide = results.totals.drop_duplicates(["key", "name"]).pivot(index="key", columns="name", values="value")
    wide = wide[list(dict.fromkeys(results.totals["name"]))].astype(float)
    levels = wide.reindex(own["key"]).reset_index(drop=True)
    # A run of that key under another scenario's name is the same run, but this job's own is still to come.
    levels = levels.where(own["done"].astype(bool), np.nan)
    changes = levels - wide.reindex(own["baseline_key"]).reset_index(drop=True)
    return Swept(own, _configurations(own, keys), keys, levels, changes)


def _plain(value: Any) -> Any:
    """A swept value that can be grouped by: lists and mappings as their text."""
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict) else value


def _configurations(jobs: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    grouped = jobs.groupby("configuration", sort=True)
    found = grouped[[SCENARIO, *keys]].nth(0).set_axis(list(grouped.groups), axis="index")
    counts = grouped["done"].agg(["size", "sum"]).astype(int)
    return found.assign(planned=counts["size"], done=counts["sum"]).rename_axis("configuration")


def mean_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> np.ndarray:
    """Means of columns with their t intervals.

    Parameters
    ----------
    values : ndarray
        float64[worlds, columns]; missing values are left out.
    confidence : float
        Of the interval; for several at once see Bonferroni: ``1 - 0.05 / number``.

    Returns
    -------
    ndarray
        float64[columns, 4]: mean, low, high and number of values; bounds are nan for fewer than two.
    """
    seen = np.isfinite(values)
    n = seen.sum(axis=0)
    mean = np.where(seen, values, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan)
    spread = np.where(seen, values - mean, 0.0)
    half = half_width(np.sqrt((spread**2).sum(axis=0) / np.where(n > 1, n - 1, np.nan)), n, confidence)
    return np.column_stack([mean, mean - half, mean + half, n])


def half_width(deviation: np.ndarray, n: np.ndarray, confidence: float = CONFIDENCE) -> np.ndarray:
    """Half a t interval's width from standard deviations and numbers of values, nan for fewer than two."""
    several = np.where(n > 1, n, np.nan)
    return np.asarray(stdtrit(several - 1, 0.5 + confidence / 2) * deviation / np.sqrt(several))


def responses(results: Results) -> pd.DataFrame:
    """One tidy row per configuration and indicator, for notebooks.

    Returns
    -------
    DataFrame
        configuration, scenario, swept values, name, unit; mean, low, high over ``n`` worlds; change,
        change_low, change_high against the baseline in the same worlds, over ``pairs`` of them. Bounds
        are those of 95% t intervals, each by itself, and missing for fewer than two worlds.

    Raises
    ------
    StoreError
        As :func:`swept`.
    """
    one = swept(results)
    parts = []
    for table, columns in (
        (one.levels, ("mean", "low", "high", "n")),
        (one.changes, ("change", "change_low", "change_high", "pairs")),
    ):
        grouped = table.groupby(one.jobs["configuration"].to_numpy())
        mean, deviation, n = (
            part.stack(future_stack=True) for part in (grouped.mean(), grouped.std(), grouped.count())
        )
        half = half_width(deviation.to_numpy(), n.to_numpy())
        values = (mean, mean - half, mean + half, n.astype(int))
        parts.append(pd.DataFrame(dict(zip(columns, values, strict=True))))
    tidy = pd.concat(parts, axis=1).rename_axis(["configuration", "name"]).reset_index()
    who = one.configurations[[SCENARIO, *one.keys]]
    tidy = tidy.join(who, on="configuration").assign(unit=[UNITS.get(name, "") for name in tidy["name"]])
    first = ["configuration", SCENARIO, *one.keys, "name", "unit"]
    return tidy[first + [column for column in tidy if column not in first]]
