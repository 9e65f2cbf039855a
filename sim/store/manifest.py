"""The manifest: what a sweep will run, line by line, as the only thing that executing it reads.

Every job is a line of ``manifest.jsonl`` that points at its resolved values in a file beside
it, where values that many jobs share stand once. Settings files that change while a sweep runs
therefore change nothing in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sim.config import Config
from sim.core.errors import StoreError
from sim.core.language import tr
from sim.store.lines import read_lines, write_lines
from sim.store.values import check_code, configs_of, read_values, write_values

MANIFEST = "manifest.jsonl"
_SAFE = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class Job:
    """One run of a sweep.

    Attributes
    ----------
    key : str
        Name of the run in the store.
    scenario : str
        Scenario it is filed under.
    replication : int
        Number of its world.
    options : mapping of str to str
        Option chosen in each group.
    overrides : mapping of str to value
        Swept scenario, options and keys with the values of this job; empty for an added baseline.
    world : str
        Name of the burnt-in world it branches from.
    baseline : str
        Key of the run under the baseline strategy in the same world.
    added : bool
        Whether the plan added it to pair others with.
    values, config : str, int
        File of resolved values beside the manifest, and which of its configurations this is.
    """

    key: str
    scenario: str
    replication: int
    options: Mapping[str, str]
    overrides: Mapping[str, Any]
    world: str
    baseline: str
    added: bool
    values: str
    config: int


def folder(root: str | Path, experiment: str) -> Path:
    """Folder of one sweep's manifest.

    Raises
    ------
    StoreError
        If the experiment's name could leave the folder.
    """
    if not _SAFE.fullmatch(experiment):
        raise StoreError(
            tr(
                "experiment: must be 1 to 64 of a-z, 0-9 and _ (you wrote '{experiment}'); write "
                "another name",
                experiment=experiment,
            )
        )
    return Path(root) / "sweeps" / experiment


def write(root: str | Path, experiment: str, jobs: Sequence[Job], content: Mapping[str, Any]) -> Path:
    """Write values, then the manifest, each whole or not at all; returns the manifest's path.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    place = folder(root, experiment)
    write_values(place, content)
    return _write_jobs(place, jobs)


def extend(root: str | Path, experiment: str, jobs: Sequence[Job], content: Mapping[str, Any]) -> Path:
    """Add jobs to a sweep, or begin one; jobs that are there already stay as they are.

    Raises
    ------
    StoreError
        If a file cannot be written, or what is there was planned by another version of the program.
    """
    if experiment not in names(root):
        return write(root, experiment, jobs, content)
    there = read(root, experiment)
    for values in dict.fromkeys(job.values for job in there.jobs):
        there.check_code(values)
    known = {_identity(job) for job in there.jobs}
    fresh = [job for job in jobs if _identity(job) not in known]
    if not fresh:
        return there.place / MANIFEST
    write_values(there.place, content)
    return _write_jobs(there.place, [*there.jobs, *fresh])


def _identity(job: Job) -> str:
    """What makes a job this one: its run, and what it was asked for as."""
    return json.dumps([job.scenario, job.key, job.overrides], sort_keys=True)


def _write_jobs(place: Path, jobs: Sequence[Job]) -> Path:
    write_lines(place / MANIFEST, [asdict(job) for job in jobs], place.name)
    return place / MANIFEST


@dataclass(frozen=True)
class Manifest:
    """A sweep as it was planned.

    Attributes
    ----------
    place : Path
        Its folder.
    jobs : tuple of Job
        Its runs, in the order planned.
    """

    place: Path
    jobs: tuple[Job, ...]
    _read: dict[str, list[Config]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        return self.place.name

    @property
    def level(self) -> str:
        """How much of each run was asked to be kept (``store.level``).

        Raises
        ------
        StoreError
            If the values are missing or torn.
        """
        sections = read_values(self.place, self.jobs[-1].values)["sections"]
        return next((plain["level"] for name, plain in sections.items() if name.startswith("store-")), "auto")

    def config(self, job: Job) -> Config:
        """Configuration of one job, from the stored values alone.

        Raises
        ------
        StoreError
            If the values are missing or torn, or were planned by another version of the program.
        """
        if job.values not in self._read:
            self._read[job.values] = configs_of(self.check_code(job.values))
        return self._read[job.values][job.config]

    def check_code(self, values: str) -> dict[str, Any]:
        """Content of one file of values, if this version of the program planned it; errors as ``config``."""
        content = read_values(self.place, values)
        check_code(content, self.experiment)
        return content


def read(root: str | Path, experiment: str) -> Manifest:
    """The manifest of one sweep.

    Raises
    ------
    StoreError
        If there is none, or it is torn.
    """
    place = folder(root, experiment)
    try:
        return Manifest(place, _jobs_of(place / MANIFEST, experiment))
    except FileNotFoundError:
        known = ", ".join(names(root))
        remedy = (
            tr("choose one of: {known}", known=known)
            if known
            else tr("there are none yet, write one with 'liebian sweep'")
        )
        raise StoreError(
            tr(
                "experiment: no sweep '{experiment}' in '{root}'; {remedy}",
                experiment=experiment,
                root=root,
                remedy=remedy,
            )
        ) from None


def _jobs_of(path: Path, name: str) -> tuple[Job, ...]:
    try:
        return tuple(Job(**line) for line in read_lines(path, name))
    except TypeError as error:
        raise StoreError(
            tr(
                "results: '{path}' cannot be read ({error}); move it away, its command writes it again",
                path=path,
                error=error,
            )
        ) from None


def names(root: str | Path) -> list[str]:
    """Experiments that have a manifest, sorted."""
    return sorted(path.parent.name for path in (Path(root) / "sweeps").glob(f"*/{MANIFEST}"))


def rows(root: str | Path, experiments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Who and what of every job of the sweeps, its swept values as entries."""
    known = names(root)
    for experiment in experiments:
        for job in read(root, experiment).jobs if experiment in known else ():
            marks = {
                "experiment": experiment,
                "scenario": job.scenario,
                "replication": job.replication,
                "key": job.key,
                "baseline_key": job.baseline,
                "world": job.world[:16],
                "added": job.added,
            }
            yield marks | {key: value for key, value in job.overrides.items() if key not in marks}


def distinct(jobs: Sequence[Job]) -> list[Job]:
    """The first job of each run."""
    first: dict[tuple[str, str], Job] = {}
    for job in jobs:
        first.setdefault((job.scenario, job.key), job)
    return list(first.values())
