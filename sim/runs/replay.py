"""Playing a bundle again, run by run, and saying what is equal and what is not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.config import Config, code_digest, from_resolved, market_sources
from sim.core.errors import InputError
from sim.core.language import tr
from sim.measure.display import day_number
from sim.runs.bundle import Bundle
from sim.runs.replicate import RunResult, run_replication


@dataclass(frozen=True)
class Difference:
    """A value that came out otherwise: where, what it was, what it is now."""

    strategy: str
    replication: int
    what: str
    then: float
    now: float


@dataclass
class Replay:
    """What playing a bundle again gave.

    Attributes
    ----------
    runs, values : int
        Runs played, and figures and days compared.
    differences : list of Difference
        Empty where everything is equal to the last digit.
    same_code : bool
        Whether the sources and libraries that make numbers are those that made the bundle.
    """

    runs: int
    values: int
    differences: list[Difference]
    same_code: bool

    @property
    def equal(self) -> bool:
        """Whether every value is what it was."""
        return not self.differences


def replay(
    bundle: Bundle, inputs: Path, cache: Path, most: int | None = None, told: Callable[[str], object] = str
) -> Replay:
    """Play runs of a bundle again.

    Parameters
    ----------
    bundle : Bundle
        As it was written.
    inputs : Path
        Folder of the files that its runs read, which are not in it.
    cache : Path
        Folder for burnt-in worlds.
    most : int, optional
        Runs played at most; all of them if None.
    told : callable
        Called with a line after each run.

    Raises
    ------
    InputError
        If a file that a run read is missing or another one.
    ConfigError
        If settings do not fit this version of the program.
    """
    runs = bundle.index["runs"][:most]
    totals, daily = bundle.table("totals"), bundle.table("daily")
    made = Replay(0, 0, [], bundle.index["code"] == code_digest())
    configs = [_config(bundle, one, inputs, cache) for one in runs]
    for one, config in zip(runs, configs, strict=True):
        result = run_replication(config, int(one["replication"]))
        for what, then, now in _pairs(one["key"], result, totals, daily):
            made.values += 1
            if then != now and not (np.isnan(then) and np.isnan(now)):
                made.differences.append(Difference(one["strategy"], int(one["replication"]), what, then, now))
        made.runs += 1
        told(
            tr(
                "{runs} of {n_runs}: {strategy}, world {replication}",
                runs=made.runs,
                n_runs=len(runs),
                strategy=one["strategy"],
                replication=one["replication"],
            )
        )
    return made


def _config(bundle: Bundle, one: Mapping[str, Any], inputs: Path, cache: Path) -> Config:
    """Settings of one run, for this machine."""
    plain = bundle.settings(one["key"])
    if one["input"]:
        path = inputs / one["input"]["name"]
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            raise InputError(
                tr(
                    "bundle: the file '{name}' that its runs read must lie in '{inputs}' (there is "
                    "none); put it there, or name its folder with inputs=FOLDER",
                    name=path.name,
                    inputs=inputs,
                )
            ) from None
        if one["input"]["sha256"] not in ("", digest):
            raise InputError(
                tr(
                    "bundle: '{path}' is not the file that its runs read (its digest is {digest}, not "
                    "{sha256}); put that one there",
                    path=path,
                    digest=digest[:12],
                    sha256=one["input"]["sha256"][:12],
                )
            )
        plain["graph"]["path"] = str(path)
    plain["paths"] = {"cache": str(cache)}
    return from_resolved(plain, market_sources(), scenario=one["scenario"])


def _pairs(
    key: str, result: RunResult, totals: pd.DataFrame, daily: pd.DataFrame
) -> Iterator[tuple[str, float, float]]:
    """What, then and now, of every figure and every day of a run."""
    mine = totals[totals["key"] == key]
    for name, then in zip(mine["name"], mine["value"].astype(float), strict=True):
        yield name, then, float(result.kpis.get(name, np.nan))
    if daily.empty:
        return
    for name, rows in daily[daily["key"] == key].groupby("name", sort=False):
        then = rows.sort_values("day")["value"].to_numpy(float)
        now = np.asarray(result.daily.get(str(name), np.full(len(then), np.nan)), float)
        for day, pair in enumerate(zip(then, now, strict=len(then) == len(now))):
            yield (
                tr("{name}, day {day_number}", name=name, day_number=day_number(day)),
                float(pair[0]),
                float(pair[1]),
            )
