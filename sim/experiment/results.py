"""Reading results back: tidy frames of what a folder holds, whatever foreign files lie beside it.

A run counts once its totals can be read; any other file is named in a warning and passed over.
Runs filed under one scenario name may stem from different settings, so that averages are taken
over :meth:`Results.newest` only: the last runs, and those that share their worlds and their days.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from sim.measure.scorecard import Scorecard

from sim.core.errors import StoreError
from sim.experiment.reading import MARKS, PLACE, define, listed, noted, rows, text_of
from sim.experiment.store import Store
from sim.world.schema import SCHEMAS

#: The strategy that all others are compared with.
BASELINE = "baseline"
_RUN = ["experiment", "scenario", *MARKS]


@dataclass(frozen=True)
class Results:
    """Stored runs as pandas frames.

    Attributes
    ----------
    root : Path
        Folder of the store.
    totals : DataFrame
        One row per run and indicator: experiment, scenario, name, value, unit, replication, key, ...
        A value that is not observable is missing (NaN).
    written : dict of str to float
        Key -> when the run was committed, seconds since 1970.
    skipped : list of str
        Files that were passed over, with the reason.
    experiment : str, optional
        The only experiment read; None if all were.
    """

    root: Path
    totals: pd.DataFrame
    written: dict[str, float] = field(default_factory=dict, repr=False)
    skipped: list[str] = field(default_factory=list)
    experiment: str | None = None

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run: experiment, scenario, key, replication, seed, world, variant, days."""
        return self.totals.drop_duplicates(PLACE)[_RUN].reset_index(drop=True)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """One row per run, series and day: experiment, scenario, replication, key, name, day, value."""
        return self._read("daily")

    @cached_property
    def breakdown(self) -> pd.DataFrame:
        """Counts behind the figures: experiment, scenario, replication, figure, item, part, x, value."""
        return self._read("breakdown")

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """One row per planned job of the sweeps read: its swept values as columns, and what to join on.

        ``scenario`` and ``key`` join with :attr:`totals`, ``baseline_key`` names the run under the
        baseline strategy in the same world, ``added`` marks baselines that the plan added, and
        ``done`` says whether the run is here. A column is missing (NaN) where a job did not set it.
        """
        from sim.experiment.manifest import names, rows

        sweeps = names(self.root)
        wanted = [name for name in sweeps if self.experiment in (None, name)]
        frame = pd.DataFrame(list(rows(self.root, wanted)))
        if frame.empty:
            return frame
        here = set(zip(self.runs["experiment"], self.runs["scenario"], self.runs["key"], strict=True))
        places = zip(frame["experiment"], frame["scenario"], frame["key"], strict=True)
        return frame.assign(done=[place in here for place in places])

    @cached_property
    def scenarios(self) -> list[str]:
        """Scenario names, the baseline first."""
        return sorted(set(self.runs["scenario"]), key=lambda name: (name != BASELINE, name))

    def events(self, table: str) -> pd.DataFrame:
        """Every stored event of one kind, with experiment, scenario and replication; empty if none is stored.

        Raises
        ------
        StoreError
            If there is no such table.
        """
        if table not in SCHEMAS:
            raise StoreError(
                f"results: there is no event table '{table}'; choose one of: {', '.join(SCHEMAS)}"
            )
        return self._read(f"events/{table}")

    def details(self, key: str) -> dict[str, Any]:
        """What was noted about one run: info, window, configuration and level."""
        run = self.runs[self.runs["key"] == key].iloc[0]
        store = Store(self.root)
        path = store.path("runs", run.experiment, run.scenario, key, "json")
        try:
            folded = (
                None if path.exists() else text_of(store.folded("runs", run.experiment, run.scenario), key)
            )
            described: dict[str, Any] = json.loads(path.read_text() if folded is None else folded)
        except (OSError, ValueError) as error:
            warnings.warn(f"results: '{path}' cannot be read ({error}); it is skipped", stacklevel=2)
            return {"info": {}, "window": [int(run.first_day), int(run.end_day)], "config": {}, "level": ""}
        return described

    def values(self, scenario: str) -> pd.DataFrame:
        """Indicators of one scenario: replications down, names across."""
        mine = self.totals[self.totals["scenario"] == scenario]
        return mine.pivot_table(index="replication", columns="name", values="value", dropna=False, sort=False)

    def targets(self) -> dict[str, float]:
        """Targets under which the last run was made."""
        from sim.settings import TargetParams

        noted = self.details(max(self.written, key=lambda key: (self.written[key], key)))["config"]
        stated = noted.get("targets", {})
        return {**TargetParams().model_dump(), **{name: float(value) for name, value in stated.items()}}

    def scorecard(self, scenario: str) -> Scorecard:
        """Indicators of one scenario against the targets, over the newest comparable runs.

        Targets against the baseline need its runs on the same worlds; without them they are
        not observable.

        Raises
        ------
        StoreError
            If no run of that scenario is stored.
        """
        from sim.measure.scorecard import scorecard

        newest = self.newest() if scenario in self.newest().scenarios else self.of(scenario).newest()
        if scenario not in newest.scenarios:
            raise StoreError(
                f"results: no run of '{scenario}' in '{self.root}'; "
                f"choose one of: {', '.join(self.scenarios)}"
            )
        runs, baseline = newest.pairs(scenario)
        return scorecard(runs, baseline or None, newest.targets(), is_baseline=scenario == BASELINE)

    def pairs(self, scenario: str) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        """Indicators of one scenario by replication and of the baseline on the same worlds.

        If the baseline ran on some of these worlds only, those worlds are given; if it ran on
        none, the second list is empty.
        """
        mine, base = self.values(scenario), self.values(BASELINE)
        shared = mine.index.intersection(base.index)
        if len(shared):
            return mine.loc[shared].to_dict("records"), base.loc[shared].to_dict("records")
        return mine.to_dict("records"), []

    def of(self, scenario: str) -> Results:
        """Runs of one scenario and of the baseline."""
        chosen = self.runs[self.runs["scenario"].isin([scenario, BASELINE])]
        mine = chosen[chosen["scenario"] == scenario]
        return self.only(set(chosen[chosen["world"].isin(set(mine["world"]))]["key"]))

    def only(self, keys: set[str]) -> Results:
        """These runs alone."""
        totals = self.totals[self.totals["key"].isin(keys)].reset_index(drop=True)
        written = {k: v for k, v in self.written.items() if k in keys}
        return Results(self.root, totals, written, self.skipped, self.experiment)

    def newest(self) -> Results:
        """The last committed run and all that may be compared with it.

        That is, per scenario, the newest variant that ran for the same days on any of the same
        worlds, within the same experiment.
        """
        if self.runs.empty:
            return self
        runs = self.runs.assign(written=self.runs["key"].map(self.written)).sort_values(["written", "key"])
        last = runs.iloc[-1]
        peers = runs[(runs["scenario"] == last.scenario) & (runs["variant"] == last.variant)]
        same = runs[
            runs["world"].isin(set(peers["world"]))
            & (runs["experiment"] == last.experiment)
            & (runs["seed"] == last.seed)
            & (runs["first_day"] == last.first_day)
            & (runs["end_day"] == last.end_day)
        ]
        variant = same.groupby("scenario")["variant"].last()
        same = same[same["variant"] == same["scenario"].map(variant)]
        same = same.drop_duplicates(["scenario", "replication"], keep="last")
        return self.only(set(same["key"]))

    def _read(self, table: str) -> pd.DataFrame:
        """Rows of ``table`` of every run, tidy; runs that did not keep it are left out."""
        here = set(zip(*(self.runs[name] for name in PLACE), strict=True))
        files = listed(self.root, table, self.skipped, self.experiment)
        scenarios = {place[:2] for place in here}
        files.loose = {place: path for place, path in files.loose.items() if place in here}
        files.folded = {place: path for place, path in files.folded.items() if place in scenarios}
        frame = _frame(rows(self.root, table, files, self.skipped))
        if frame.empty or not files.folded:
            return frame
        wanted = pd.MultiIndex.from_frame(self.runs[PLACE])
        mine = pd.MultiIndex.from_frame(frame[PLACE]).isin(wanted)
        return frame if mine.all() else frame[mine].reset_index(drop=True)

    def __repr__(self) -> str:
        return (
            f"Results({str(self.root)!r}: {len(self.runs)} runs of {', '.join(self.scenarios) or 'nothing'})"
        )

    def _repr_html_(self) -> str:
        """Runs by scenario, for notebooks."""
        counted = self.runs.groupby(["experiment", "scenario"]).size().rename("runs").reset_index()
        html: str = counted.to_html(index=False, border=0)
        return html


def load_results(
    path: str | os.PathLike[str] = "results", experiment: str | None = None, scenario: str | None = None
) -> Results:
    """Read the totals of a results folder; days and events are read when asked for.

    Parameters
    ----------
    path : path-like
        Folder of the store.
    experiment, scenario : str, optional
        Only these.

    Raises
    ------
    StoreError
        If there is no such folder.
    """
    root = _folder(path)
    skipped: list[str] = []
    files = listed(root, "totals", skipped, experiment, scenario)
    written = {place: path.stat().st_mtime_ns for place, path in files.loose.items() if path.exists()}
    table = rows(root, "totals", files, skipped)
    totals = _frame(table)
    if totals.empty:
        totals = pd.DataFrame(columns=["experiment", "scenario", "name", "value", "unit", *MARKS])
    for place in listed(root, "runs", [], experiment, scenario).folded:
        notes = noted(Store(root).folded("runs", *place))
        written = {(*place, key): note.written for key, note in notes.items()} | written
    found = Results(root, totals, {}, skipped, experiment)
    places = zip(*(found.runs[name] for name in PLACE), strict=True)
    return replace(found, written={place[2]: written.get(place, 0) / 1e9 for place in places})


def query(root: str | os.PathLike[str], sql: str) -> pd.DataFrame:
    """Answer of DuckDB to a question about a store, whatever else lies in its folders.

    Parameters
    ----------
    root : path-like
        Folder of the store.
    sql : str
        Its tables are ``totals``, ``daily``, ``breakdown`` and the event tables (``visits``, ``orders``,
        ...), each with experiment, scenario and key. Every run is there once, folded or not.

    Raises
    ------
    StoreError
        If there is no such folder, or DuckDB refuses the question.
    """
    folder = _folder(root)
    try:
        return _answer(folder, sql, thorough=False)
    except duckdb.Error:  # perhaps because of a stranger among the files
        try:
            return _answer(folder, sql, thorough=True)
        except duckdb.Error as error:
            told = " ".join(str(error).split())
            raise StoreError(f"results: DuckDB cannot answer ({told}); correct the question") from None


def _answer(root: Path, sql: str, thorough: bool) -> pd.DataFrame:
    skipped: list[str] = []
    events = {name: f"events/{name}" for name in SCHEMAS if name != "daily"}
    tables = {name: name for name in ("totals", "daily", "breakdown")} | events
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        for name, table in tables.items():
            if re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                define(connection, name, root, table, skipped, thorough)
        answer: pd.DataFrame = connection.execute(sql).df()
    return answer


def _folder(path: str | os.PathLike[str]) -> Path:
    root = Path(path)
    if not root.is_dir():
        raise StoreError(
            f"paths.results: there is no folder '{root}'; run something first, or name another folder"
        )
    return root


def _frame(table: pa.Table | None) -> pd.DataFrame:
    """A tidy frame, who and what first."""
    if table is None:
        return pd.DataFrame()
    frame: pd.DataFrame = table.to_pandas()
    first = [name for name in ("experiment", "scenario", "replication") if name in frame]
    return frame[first + [name for name in frame.columns if name not in first]]
