"""Reading results back: tidy frames of what a folder holds, whatever foreign files lie beside it.

A run counts once its totals can be read; any other file is named in a warning and passed over.
Runs filed under one scenario name may stem from different settings, so every frame names the
strategy (:mod:`sim.store.strategies`), and comparisons are over :meth:`Results.newest` only: the
runs of the last command or, where none was noted, the last runs and those that may be paired with them.
"""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from sim.measure.scorecard import Scorecard

from sim.core.errors import StoreError
from sim.store import told
from sim.store.last import last
from sim.store.reading import MARKS, PLACE, Place, folder_of, listed, noted, rows, text_of, tidy
from sim.store.store import Store
from sim.store.strategies import BASELINE as BASELINE
from sim.store.strategies import strategy_names
from sim.world.schema import SCHEMAS

_PAIR = "baseline_key"
_RUN = ["experiment", "scenario", "strategy", *MARKS, _PAIR]
#: Runs that share these and their world may be paired.
_SAME_DAYS = ["experiment", "seed", "first_day", "end_day"]


@dataclass(frozen=True)
class Results:
    """Stored runs as pandas frames.

    Attributes
    ----------
    root : Path
        Folder of the store.
    totals : DataFrame
        One row per run and indicator: experiment, scenario, strategy, name, value, unit, replication,
        key, ... A value that is not observable is missing (NaN). ``strategy`` is the scenario and, where
        several settings were run under its name, the keys that differ; ``baseline_key`` names the run
        under the baseline in the same world (empty if none is known).
    written : dict of tuple to float
        (experiment, scenario, key) -> when the run was committed, seconds since 1970.
    skipped : list of str
        Files that were passed over, with the reason.
    experiment : str, optional
        The only experiment read; None if all were.
    """

    root: Path
    totals: pd.DataFrame
    written: dict[Place, float] = field(default_factory=dict, repr=False)
    skipped: list[str] = field(default_factory=list)
    experiment: str | None = None

    def __post_init__(self) -> None:
        """Name the strategy of every run; names depend on which runs are here."""
        object.__setattr__(self, "totals", self._named(self.totals))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run: experiment, scenario, strategy, key, replication, seed, world, variant, days."""
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
        from sim.store.manifest import names, rows

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
        return _baseline_first(self.runs["scenario"])

    @cached_property
    def strategies(self) -> list[str]:
        """Names of strategies, the baseline first: a scenario with two settings is two of them."""
        return _baseline_first(self.runs["strategy"])

    def events(self, table: str) -> pd.DataFrame:
        """Every stored event of one kind, with experiment, scenario and replication; empty if none is stored.

        Raises
        ------
        StoreError
            If there is no such table.
        """
        if table not in SCHEMAS and not (self.root / "events" / table).is_dir():
            raise StoreError(told.no_table(table, SCHEMAS))
        return self._read(f"events/{table}")

    def details(self, key: str, scenario: str | None = None) -> dict[str, Any]:
        """What was noted about one run: info, window, configuration and level."""
        runs = self.runs if scenario is None else self.runs[self.runs["scenario"] == scenario]
        return self._noted(runs[runs["key"] == key].iloc[0])

    def _noted(self, run: Any) -> dict[str, Any]:
        store = Store(self.root)
        path = store.path("runs", run.experiment, run.scenario, run.key, "json")
        try:
            folded = (
                None
                if path.exists()
                else text_of(store.folded("runs", run.experiment, run.scenario), run.key)
            )
            described: dict[str, Any] = json.loads(
                path.read_text(encoding="utf-8") if folded is None else folded
            )
        except (OSError, ValueError) as error:
            warnings.warn(told.skipped(path, error), stacklevel=2)
            return {"info": {}, "window": [int(run.first_day), int(run.end_day)], "config": {}, "level": ""}
        return described

    def _named(self, totals: pd.DataFrame) -> pd.DataFrame:
        """The totals with the columns ``strategy`` and ``baseline_key``."""
        if totals.empty:
            return totals.reindex(columns=list(dict.fromkeys([*totals.columns, *_RUN])))
        if _PAIR not in totals or (totals[_PAIR].fillna("") == "").any():
            totals = totals.assign(**{_PAIR: self._paired(totals)})
        marked = totals.drop(columns="strategy", errors="ignore")
        runs = marked.drop_duplicates(PLACE)
        names = strategy_names(runs, self._noted)
        if (names == runs["scenario"]).all():
            names_of = marked["scenario"]
        else:
            places = pd.MultiIndex.from_frame(marked[PLACE])
            names_of = pd.Series(names.to_numpy(), pd.MultiIndex.from_frame(runs[PLACE]))[places].to_numpy()
        marked.insert(marked.columns.get_loc("scenario") + 1, "strategy", names_of)
        return marked

    def _paired(self, totals: pd.DataFrame) -> pd.Series:
        """Key of the baseline's run in the same world, for runs that an earlier version stored."""
        runs = totals.drop_duplicates(PLACE)
        base = runs[runs["scenario"] == BASELINE]
        when = [self.written.get(place, 0.0) for place in zip(*(base[name] for name in PLACE), strict=True)]
        base = base.assign(written=when).sort_values("written", kind="stable")
        world = ["world", *_SAME_DAYS]
        known = base.drop_duplicates(world, keep="last").set_index(world)["key"]
        found = known.reindex(pd.MultiIndex.from_frame(totals[world])).fillna("").to_numpy()
        stored = totals[_PAIR].fillna("") if _PAIR in totals else pd.Series("", totals.index)
        return stored.where(stored != "", found)

    @cached_property
    def plot(self) -> Any:
        """Plots of these runs (:class:`sim.plots.results.ResultPlots`); loads Matplotlib when used."""
        return import_module("sim.plots.results").ResultPlots(self)

    @cached_property
    def export(self) -> Any:
        """These runs as CSV, Excel or xarray (:class:`sim.store.export.Export`)."""
        return import_module("sim.store.export").Export(self)

    def values(self, strategy: str) -> pd.DataFrame:
        """Indicators of one strategy: replications down, names across."""
        mine = self.totals[self.totals["strategy"] == strategy]
        return mine.pivot_table(index="replication", columns="name", values="value", dropna=False, sort=False)

    def targets(self) -> dict[str, float]:
        """Targets under which the last run was made."""
        from sim.config.settings import TargetParams

        runs = self.runs
        when = [self.written.get(place, 0.0) for place in zip(*(runs[name] for name in PLACE), strict=True)]
        newest = runs.assign(written=when).sort_values(["written", "key"]).iloc[-1]
        stated = self._noted(newest)["config"].get("targets", {})
        return {**TargetParams().model_dump(), **{name: float(value) for name, value in stated.items()}}

    def scorecard(self, strategy: str) -> Scorecard:
        """Indicators of one strategy against the targets, over the newest comparable runs.

        Targets against the baseline need its runs on the same worlds; without them they are
        not observable. A scenario's name means its newest settings; others under that name are
        never mixed in, and a warning names them.

        Raises
        ------
        StoreError
            If no run of that strategy is stored.
        """
        from sim.measure.scorecard import scorecard

        known = self.strategies
        if strategy in known:
            chosen = self.newest()
            if strategy not in chosen.strategies:
                scenario, key = self.of_strategy(strategy).iloc[0][["scenario", "key"]]
                chosen = self.of(strategy)
                strategy = chosen.name_of(scenario, key)
        elif strategy in self.scenarios:
            chosen, strategy = self._newest_settings(strategy)
        else:
            raise StoreError(told.no_run(strategy, self.root, known))
        runs, baseline = chosen.pairs(strategy)
        mine = chosen.of_strategy(strategy)
        is_baseline = bool((mine[_PAIR] == mine["key"]).all())
        return scorecard(runs, baseline or None, chosen.targets(), is_baseline=is_baseline)

    def _newest_settings(self, scenario: str) -> tuple[Results, str]:
        """The newest comparable runs of a scenario that was run with several settings, and its name there."""
        newest = self.newest()
        if scenario not in newest.scenarios:
            newest = self.only(set(self.runs.loc[self.runs["scenario"] == scenario, "key"])).newest()
        mine = newest.runs[newest.runs["scenario"] == scenario].iloc[-1]
        chosen = self.name_of(scenario, str(mine["key"]))
        others = [name for name in self.strategies if name != chosen and name.startswith(f"{scenario} (")]
        warnings.warn(told.several(scenario, chosen, others), stacklevel=3)
        return newest, str(mine["strategy"])

    def name_of(self, scenario: str, key: str) -> str:
        """Name of the strategy of one run among the runs that are here."""
        same = (self.runs["key"] == key) & (self.runs["scenario"] == scenario)
        return str(self.runs.loc[same, "strategy"].iloc[0])

    def of_strategy(self, strategy: str) -> pd.DataFrame:
        """Runs of one strategy, each key once, by replication."""
        mine = self.runs[self.runs["strategy"] == strategy]
        return mine.drop_duplicates("key").sort_values("replication", kind="stable")

    def pairs(self, strategy: str) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        """Indicators of one strategy by replication and of the baseline on the same worlds.

        If the baseline ran on some of these worlds only, those worlds are given; if it ran on
        none, the second list is empty.
        """
        mine = self.of_strategy(strategy)
        wanted = self.totals[self.totals["key"].isin({*mine["key"], *mine[_PAIR]})]
        figures = wanted.drop_duplicates(["key", "name"]).pivot(index="key", columns="name", values="value")
        figures = figures[list(dict.fromkeys(wanted["name"]))]
        shared = mine[mine[_PAIR].isin(figures.index)]
        base = figures.loc[shared[_PAIR]].to_dict("records")
        return figures.loc[shared["key"] if base else mine["key"]].to_dict("records"), base

    def of(self, strategy: str) -> Results:
        """Runs of one strategy and of the baseline in the same worlds."""
        mine = self.of_strategy(strategy)
        return self.only({*mine["key"], *mine[_PAIR]})

    def only(self, keys: set[str]) -> Results:
        """Runs of these keys alone."""
        return self._chosen(self.totals["key"].isin(keys))

    def at(self, places: set[Place]) -> Results:
        """Runs at these places alone: experiment, scenario and key."""
        here = pd.MultiIndex.from_frame(self.totals[PLACE]).isin(list(places)) if places else False
        return self._chosen(pd.Series(here, self.totals.index))

    def _chosen(self, rows: pd.Series) -> Results:
        totals = self.totals[rows].reset_index(drop=True)
        here = set(totals[PLACE].drop_duplicates().itertuples(index=False, name=None))
        written = {place: when for place, when in self.written.items() if place in here}
        return Results(self.root, totals, written, self.skipped, self.experiment)

    def newest(self) -> Results:
        """The runs of the last command; where none was noted, the last run and what may be compared with it.

        That is, per scenario, the newest settings that ran for the same days on any of the same
        worlds, within the same experiment.
        """
        if self.runs.empty:
            return self
        command = last(self.root, self.experiment)
        if command is not None and command.runs:
            asked = {(command.experiment, *run) for run in command.runs}
            if not (found := self.at(asked)).runs.empty:
                return found
        mine = self if command is None else self._chosen(self.totals["experiment"] == command.experiment)
        return (self if mine.runs.empty else mine)._last_runs()

    def _last_runs(self) -> Results:
        when = [self.written.get(place, 0.0) for place in self.runs[PLACE].itertuples(index=False, name=None)]
        runs = self.runs.assign(written=when).sort_values(["written", "key"])
        # The baseline that others are paired with, and the same scenario with levers, are two.
        runs = runs.assign(part=runs["scenario"] + (runs["key"] == runs[_PAIR]).map({True: "*", False: ""}))
        latest = runs.iloc[-1]
        peers = runs[(runs["scenario"] == latest.scenario) & (runs["variant"] == latest.variant)]
        same = runs[
            runs["world"].isin(set(peers["world"])) & (runs[_SAME_DAYS] == latest[_SAME_DAYS]).all(axis=1)
        ]
        variant = same.groupby("part")["variant"].last()
        same = same[same["variant"] == same["part"].map(variant)]
        same = same.drop_duplicates(["part", "replication"], keep="last")
        return self.at(set(same[PLACE].itertuples(index=False, name=None)))

    def _read(self, table: str) -> pd.DataFrame:
        """Rows of ``table`` of every run, tidy; runs that did not keep it are left out."""
        here = set(zip(*(self.runs[name] for name in PLACE), strict=True))
        files = listed(self.root, table, self.skipped, self.experiment)
        scenarios = {place[:2] for place in here}
        files.loose = {place: path for place, path in files.loose.items() if place in here}
        files.folded = {place: path for place, path in files.folded.items() if place in scenarios}
        frame = tidy(rows(self.root, table, files, self.skipped))
        if frame.empty:
            return frame
        if files.folded:
            wanted = pd.MultiIndex.from_frame(self.runs[PLACE])
            mine = pd.MultiIndex.from_frame(frame[PLACE]).isin(wanted)
            frame = frame if mine.all() else frame[mine].reset_index(drop=True)
        if (self.runs["strategy"] == self.runs["scenario"]).all():
            names = frame["scenario"]
        else:
            names = frame[PLACE].merge(self.runs[[*PLACE, "strategy"]], "left", on=PLACE)["strategy"]
        frame.insert(frame.columns.get_loc("scenario") + 1, "strategy", names)
        return frame

    def __repr__(self) -> str:
        return (
            f"Results({str(self.root)!r}: {len(self.runs)} runs of {', '.join(self.strategies) or 'nothing'})"
        )

    def _repr_html_(self) -> str:
        """Runs by strategy, for notebooks."""
        counted = self.runs.groupby(["experiment", "strategy"]).size().rename("runs").reset_index()
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
    root = folder_of(path)
    skipped: list[str] = []
    files = listed(root, "totals", skipped, experiment, scenario)
    written = {place: path.stat().st_mtime_ns for place, path in files.loose.items() if path.exists()}
    table = rows(root, "totals", files, skipped)
    totals = tidy(table)
    if totals.empty:
        totals = pd.DataFrame(columns=["experiment", "scenario", "name", "value", "unit", *MARKS])
    for place in listed(root, "runs", [], experiment, scenario).folded:
        notes = noted(Store(root).folded("runs", *place))
        written = {(*place, key): note.written for key, note in notes.items()} | written
    here = totals[PLACE].drop_duplicates().itertuples(index=False, name=None)
    when = {place: written.get(place, 0) / 1e9 for place in here}
    return Results(root, totals, when, skipped, experiment)


def _baseline_first(names: pd.Series) -> list[str]:
    return sorted(set(names), key=lambda name: (name != BASELINE, name))
