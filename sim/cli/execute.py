"""The verb ``execute``: tasks that are written down, all of them or one machine's share.

Array tasks of Slurm and pods of Kubernetes call it with their own number; nothing is planned
and no settings file is read but the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from sim.cli.jobs import walk, walk_tasks
from sim.cli.session import hand_over
from sim.config.overrides import folder, unquoted
from sim.config.verb_keys import defaults
from sim.core.errors import InputError
from sim.core.language import tr
from sim.runs.engines.chunks import chunks, parse_chunk
from sim.runs.sweep import sweep_store
from sim.store.batch import read_batch
from sim.store.manifest import Job, Manifest, distinct, read
from sim.store.store import Store

DONE, FAILED = 0, 1
_OWN = defaults("execute")
_ENGINE = "engine"
#: Kind of the tasks of a batch -> the study that knows them; runs of sweeps are none of a study's.
_STUDIES = {
    "draws": "sim.studies.robustness.tasks",
    "branches": "sim.studies.reversals.tasks",
    "points": "sim.calibration.tasks",
}


def execute(words: Sequence[str]) -> int:
    """Execute the share of a stored sweep; the exit code says whether every run was good."""
    from sim.config import compose
    from sim.runs.execute import check_engine
    from sim.runs.live import check_paths

    own, engine_words = _understood(words)
    number, count = parse_chunk(own["chunk"])
    engine = compose(engine_words).engine
    check_engine(engine)
    root, experiment, batch = own["paths.results"], own["experiment"], own["batch"]
    kind, lines = read_batch(root, experiment, batch) if batch else ("", [])
    if kind in _STUDIES:
        study = import_module(_STUDIES[kind])
        tasks = chunks(study.read_tasks(root, experiment, lines), count)[number - 1]
        lost = walk_tasks(tasks, engine, Store(root))
        hand_over(experiment=experiment, keys=[task.key for task in tasks], failed=lost)
        return FAILED if lost else DONE
    manifest = read(root, experiment)
    if kind:
        manifest = Manifest(manifest.place, tuple(Job(**line) for line in lines))
    jobs = chunks(distinct(manifest.jobs), count)[number - 1]
    store = sweep_store(root, manifest.level)
    store.check()
    for config in {str(one.paths): one for one in map(manifest.config, jobs)}.values():
        check_paths(config)
    failed = walk(manifest, engine, store, jobs)
    hand_over(experiment=experiment, keys=[job.key for job in jobs], failed=len(failed))
    return FAILED if failed else DONE


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
            problems.append(
                tr("'{word}': execute takes {takes}, engine=... and nothing else", word=word, takes=takes)
            )
    if not own["experiment"]:
        problems.append(tr("experiment must name a stored sweep (you named none); write experiment=NAME"))
    if problems:
        raise InputError(problems)
    return own, engine
