"""The manifest: what a sweep will run, line by line, as the only thing that executing it reads.

Every job is a line of ``manifest.jsonl`` that points at its resolved values in a file beside
it, where values that many jobs share stand once. Settings files that change while a sweep runs
therefore change nothing in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.config import Config, Sources, code_digest, market_sources
from sim.config.validate import validate
from sim.core.atomic import commit
from sim.core.errors import ConfigError, StoreError
from sim.core.params import Params
from sim.core.sealed import SEAL, seal_of
from sim.registry import load

MANIFEST = "manifest.jsonl"
#: Folder beside the manifest for what job arrays execute.
BATCHES = "slurm"
_VALUES = re.compile(r"values-[0-9a-f]{16}\.json")
_SAFE = re.compile(r"[a-z0-9_]{1,64}")
_BATCH = re.compile(r"[0-9a-f]{12}")


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
            f"experiment: must be 1 to 64 of a-z, 0-9 and _ (you wrote '{experiment}'); write another name"
        )
    return Path(root) / "sweeps" / experiment


def values_of(configs: Sequence[Config], pinned: Config) -> tuple[str, dict[str, Any]]:
    """File name and content of the resolved values of all configurations, each section's values once."""
    sections: dict[str, Any] = {}
    names: dict[int, str] = {}

    def filed(config: Config) -> dict[str, str]:
        for name, model in config.models.items():
            if id(model) not in names:
                plain = model.model_dump(mode="json")
                names[id(model)] = f"{name}-{_digest(plain)}"
                sections[names[id(model)]] = plain
        return {name: names[id(model)] for name, model in sorted(config.models.items())}

    content = {
        "code": code_digest(),
        **({"features": [one.path() for one in pinned.features]} if pinned.features else {}),
        "pinned": _described(pinned, filed(pinned)),
        "configs": [_described(config, filed(config)) for config in configs],
        "sections": sections,
    }
    return f"values-{_digest(content)}.json", content


def _described(config: Config, sections: dict[str, str]) -> dict[str, Any]:
    return {
        "scenario": config.scenario,
        "description": config.description,
        "options": dict(config.options),
        "chosen": sorted(config.chosen),
        "sections": sections,
        "common": sorted(config.common),
    }


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def write(root: str | Path, experiment: str, jobs: Sequence[Job], content: Mapping[str, Any]) -> Path:
    """Write values, then the manifest, each whole or not at all; returns the manifest's path.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    place = folder(root, experiment)
    values = json.dumps(content, sort_keys=True)
    commit(
        place / jobs[0].values, lambda temporary: temporary.write_text(values, encoding="utf-8", newline="\n")
    )
    return _commit_jobs(place, jobs)


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
    text = json.dumps(content, sort_keys=True)
    commit(
        there.place / fresh[0].values,
        lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"),
    )
    return _commit_jobs(there.place, [*there.jobs, *fresh])


def _identity(job: Job) -> str:
    """What makes a job this one: its run, and what it was asked for as."""
    return json.dumps([job.scenario, job.key, job.overrides], sort_keys=True)


def _commit_jobs(place: Path, jobs: Sequence[Job]) -> Path:
    lines = _lines(jobs, place.name)
    commit(place / MANIFEST, lambda temporary: temporary.write_text(lines, encoding="utf-8", newline="\n"))
    return place / MANIFEST


def _lines(jobs: Sequence[Job], name: str) -> str:
    """One line a job; each holds the seal of all, so that none can be changed, added or lost unnoticed."""
    plain = [asdict(job) for job in jobs]
    seal = seal_of(name, plain)
    return "".join(
        json.dumps({**one, SEAL: seal}, sort_keys=True, ensure_ascii=False) + "\n" for one in plain
    )


def keep_batch(manifest: Manifest, jobs: Sequence[Job]) -> str:
    """Write some jobs of a sweep down once more, for machines that execute them later; returns a name.

    The same jobs have the same name, and stay as they are when the sweep grows or is planned anew.
    """
    name = seal_of(manifest.experiment, [asdict(job) for job in jobs])[:12]
    lines = _lines(jobs, name)
    commit(
        manifest.place / BATCHES / f"{name}.jsonl",
        lambda temporary: temporary.write_text(lines, encoding="utf-8", newline="\n"),
    )
    return name


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
        sections = self._values(self.jobs[-1].values)["sections"]
        return next((plain["level"] for name, plain in sections.items() if name.startswith("store-")), "auto")

    def config(self, job: Job) -> Config:
        """Configuration of one job, from the stored values alone.

        Raises
        ------
        StoreError
            If the values are missing or torn, or were planned by another version of the program.
        """
        if job.values not in self._read:
            self._read[job.values] = self._configs(self.check_code(job.values))
        return self._read[job.values][job.config]

    def check_code(self, values: str) -> dict[str, Any]:
        """Content of one file of values, if this version of the program planned it; errors as ``config``."""
        content = self._values(values)
        if content["code"] != code_digest():
            raise StoreError(
                f"experiment: '{self.experiment}' was planned with another version of the program; "
                "write its sweep again to plan it anew, or choose another experiment.name"
            )
        return content

    def _configs(self, content: Mapping[str, Any]) -> list[Config]:
        features = tuple(one for path in content.get("features", ()) for one in load(path))
        sources = market_sources(features)
        models = {key: _model(key, plain, sources) for key, plain in content["sections"].items()}
        pinned = replace(_config(content["pinned"], models, None), features=features)
        return [replace(_config(one, models, pinned), features=features) for one in content["configs"]]

    def _values(self, name: str) -> dict[str, Any]:
        file = self.place / name
        try:
            if not _VALUES.fullmatch(name):
                raise ValueError("not a file of values")
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if name != f"values-{_digest(content)}.json":
                raise ValueError("its content was changed")
        except (OSError, ValueError) as error:
            raise StoreError(
                f"results: '{file}' cannot be used ({error}); write its sweep again to plan it anew"
            ) from None
        return content


def _model(key: str, plain: dict[str, Any], sources: Sources) -> Params:
    section = key.rpartition("-")[0]
    outcome = validate(section, sources.sections[section], plain, {})
    if isinstance(outcome, list):
        raise ConfigError(outcome)
    return outcome


def _config(one: Mapping[str, Any], models: Mapping[str, Params], pinned: Config | None) -> Config:
    held = {name: models[key] for name, key in one["sections"].items()}
    chosen, common = frozenset(one["chosen"]), frozenset(one.get("common", ()))
    return Config(one["scenario"], one["description"], one["options"], held, chosen, pinned, common)


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
        known = ", ".join(names(root)) or "there are none yet"
        raise StoreError(f"experiment: no sweep '{experiment}' in '{root}'; choose one of: {known}") from None


def read_batch(root: str | Path, experiment: str, name: str) -> Manifest:
    """Jobs that :func:`keep_batch` wrote down; errors as :func:`read`."""
    place = folder(root, experiment)
    try:
        if not _BATCH.fullmatch(name):
            raise FileNotFoundError
        return Manifest(place, _jobs_of(place / BATCHES / f"{name}.jsonl", name))
    except FileNotFoundError:
        raise StoreError(
            f"batch: the sweep '{experiment}' in '{root}' has no batch '{name}'; leave batch out to "
            "execute the manifest"
        ) from None


def _jobs_of(path: Path, name: str) -> tuple[Job, ...]:
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
        seals = {line.pop(SEAL, None) for line in lines}
        jobs = tuple(Job(**line) for line in lines)
        if jobs and seals != {seal_of(name, lines)}:
            raise ValueError("its content was changed, or belongs to another sweep")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StoreError(
            f"results: '{path}' cannot be read ({error}); move it away, its command writes it again"
        ) from None
    if not jobs:
        raise StoreError(f"results: '{path}' is empty; move it away, its command writes it again")
    return jobs


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
