"""The verbs ``status`` and ``compact``: how far sweeps have come, and folding those that are finished.

Neither simulates anything. Status reads manifests and what the store holds; whether somebody is
executing a sweep at this moment cannot be seen from there, so it tells when a run last came in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sim.cli.jobs import said, span
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.config.overrides import folder, unquoted
from sim.config.verb_keys import defaults
from sim.core.errors import InputError
from sim.core.language import tr
from sim.runs.sweep import sweep_store
from sim.store.manifest import Job, Manifest, distinct, names, read
from sim.store.store import Store

DONE = 0
UNFINISHED = "--unfinished"
#: Flag that tells again and again until nothing waits, and seconds between.
WATCH, _EVERY = "--watch", 5.0
_SAMPLE = 5
_SETTINGS = defaults("status")
#: The pace of a sweep is that of its last so many seconds.
_LATELY = 600.0


def status(words: Sequence[str]) -> int:
    """How many runs of each sweep are done, failed and waiting, and which failed."""
    settings = _understood("status", [word for word in words if word != WATCH])
    root, wanted = settings["paths.results"], settings["experiment"]
    experiments = [wanted] if wanted else names(root)
    if not experiments:
        raise InputError(
            tr("no sweep in '{root}'; start one, or name another folder with paths.results=FOLDER", root=root)
        )
    told = _tell(root, experiments)
    while WATCH in words and any(one["waiting"] for one in told):
        time.sleep(_EVERY)
        say("")
        told = _tell(root, experiments)
    hand_over(sweeps=told)
    return DONE


def _tell(root: str, experiments: Sequence[str]) -> list[dict[str, Any]]:
    """Tell each sweep as it is now."""
    told = []
    for experiment in experiments:
        manifest = read(root, experiment)
        told.append(_tell_status(manifest, sweep_store(root, manifest.level)))
    return told


def compact(words: Sequence[str]) -> int:
    """Fold the runs of a finished sweep into few files."""
    from sim.store.compact import compact as fold

    settings = _understood("compact", [word for word in words if word != UNFINISHED])
    if not settings["experiment"]:
        raise InputError(tr("experiment must name what to fold (you named none); write experiment=NAME"))
    began = time.monotonic()
    done = fold(settings["paths.results"], settings["experiment"], UNFINISHED in words)
    say(
        tr(
            "{experiment}: {runs:,} runs; {removed:,} small files became {written:,} ({span})",
            experiment=settings["experiment"],
            runs=done.runs,
            removed=done.removed,
            written=done.written,
            span=span(time.monotonic() - began),
        )
    )
    hand_over(
        experiment=settings["experiment"],
        runs=done.runs,
        removed=done.removed,
        written=done.written,
        skipped=[str(one) for one in done.skipped],
    )
    if done.skipped:
        say(
            tr(
                "{n_skipped} files could not be read and were left where they are",
                n_skipped=len(done.skipped),
            )
        )
    return DONE


def _understood(verb: str, words: Sequence[str]) -> dict[str, str]:
    """Experiment and folder."""
    settings, problems = dict(_SETTINGS), []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key in settings:
            settings[key] = folder(word) if key == "paths.results" else unquoted(value)
        else:
            takes = ", ".join(f"{k}=..." for k in settings)
            problems.append(
                tr("'{word}': {verb} takes {takes} and nothing else", word=word, verb=verb, takes=takes)
            )
    if problems:
        raise InputError(problems)
    settings["experiment"] = settings["experiment"] or settings["experiment.name"]
    return settings


def _tell_status(manifest: Manifest, store: Store) -> dict[str, Any]:
    """Counts of one sweep, its pace, and which runs failed or wait; the counts and keys are returned."""
    here, damaged = store.states(manifest.experiment)
    states: dict[str, list[Job]] = {"done": [], "failed": [], "waiting": []}
    for job in distinct(manifest.jobs):
        error = store.path("errors", manifest.experiment, job.scenario, job.key, "txt")
        done = (job.scenario, job.key) in here
        states["done" if done else "failed" if error.exists() else "waiting"].append(job)
    counts = {state: len(jobs) for state, jobs in states.items()}
    told = tr("{done} done, {failed} failed, {waiting} waiting", **counts)
    say(f"{manifest.experiment}: {told}{_pace(manifest, store, states)}")
    for job in states["failed"]:
        error = store.path("errors", manifest.experiment, job.scenario, job.key, "txt")
        lines = error.read_text(encoding="utf-8").strip().splitlines()[-1:] if error.exists() else []
        say(
            tr(
                "  failed   {key}  {job}: {told} ({error})",
                key=job.key[:12],
                job=said(job),
                told="".join(lines),
                error=error,
            )
        )
    for job in distinct(manifest.jobs):
        if wrong := damaged.get((job.scenario, job.key)):
            say(
                tr(
                    "  damaged  {key}  {job}: {wrong}; the same command makes it again",
                    key=job.key[:12],
                    job=said(job),
                    wrong=wrong,
                )
            )
    for job in states["waiting"][:_SAMPLE]:
        say(tr("  waiting  {key}  {job}", key=job.key[:12], job=said(job)))
    if len(states["waiting"]) > _SAMPLE:
        say(tr("  waiting  {sample} more", sample=len(states["waiting"]) - _SAMPLE))
    keys = {state: [job.key for job in jobs] for state, jobs in states.items()}
    return {"experiment": manifest.experiment, **keys, "damaged": sorted(key for _, key in damaged)}


def _pace(manifest: Manifest, store: Store, states: Mapping[str, Sequence[Job]]) -> str:
    """When a run last came in and, if some did lately, how long the others take at that pace."""
    paths = [store.path("totals", manifest.experiment, job.scenario, job.key) for job in states["done"]]
    written = sorted(path.stat().st_mtime for path in paths if path.exists())
    if not written or not states["waiting"]:
        return ""
    now = time.time()
    last = tr("; the last came in {span} ago", span=span(max(now - written[-1], 0.0)))
    lately = [when for when in written if now - when < _LATELY]
    if len(lately) < 2:
        return last
    each = (now - lately[0]) / len(lately)
    return tr(
        "{last}, about {span} left at the pace of the last ten minutes",
        last=last,
        span=span(each * len(states["waiting"])),
    )
