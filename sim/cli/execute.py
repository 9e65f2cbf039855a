"""The verb ``execute``: runs of a sweep that is written down, all of them or one machine's share.

Array tasks of Slurm and pods of Kubernetes call it with their own number; nothing is planned
and no settings file is read but the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.cli.jobs import walk
from sim.config.overrides import folder, unquoted
from sim.core.errors import InputError
from sim.runs.engines.chunks import chunks, understood
from sim.runs.sweep import sweep_store
from sim.store.manifest import Manifest, distinct, read, read_batch

DONE, FAILED = 0, 1
_OWN = {"experiment": "", "chunk": "1/1", "batch": "", "paths.results": "results"}
_ENGINE = "engine"


def execute(words: Sequence[str]) -> int:
    """Execute the share of a stored sweep; the exit code says whether every run was good."""
    from sim.config import compose
    from sim.core.atomic import check_folder
    from sim.runs.execute import check_engine

    own, engine_words = _understood(words)
    number, count = understood(own["chunk"])
    engine = compose(engine_words).engine
    check_engine(engine)
    manifest = _manifest(own)
    jobs = chunks(distinct(manifest.jobs), count)[number - 1]
    store = sweep_store(own["paths.results"], manifest.level)
    store.check()
    for cache in {str(manifest.config(job).paths.cache) for job in jobs}:
        check_folder(Path(cache), "paths.cache")
    return FAILED if walk(manifest, engine, store, jobs) else DONE


def _understood(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Settings of the verb, and words about the engine."""
    own, engine, problems = dict(_OWN), [], []
    for word in words:
        key, equals, value = word.partition("=")
        key = "experiment" if key == "experiment.name" else key
        if equals and key in own:
            own[key] = folder(word) if key == "paths.results" else unquoted(value)
        elif equals and (key == _ENGINE or key.startswith(f"{_ENGINE}.")):
            engine.append(word)
        else:
            takes = ", ".join(f"{name}=..." for name in own)
            problems.append(f"'{word}': execute takes {takes}, engine=... and nothing else")
    if not own["experiment"]:
        problems.append("experiment must name a stored sweep (you named none); write experiment=NAME")
    if problems:
        raise InputError(problems)
    return own, engine


def _manifest(own: dict[str, str]) -> Manifest:
    """What is executed: the sweep as it stands, or runs of it that were written down for a job array."""
    if own["batch"]:
        return read_batch(own["paths.results"], own["experiment"], own["batch"])
    return read(own["paths.results"], own["experiment"])
