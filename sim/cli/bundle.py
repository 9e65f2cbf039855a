"""The verb ``bundle``: runs as one file that anybody can play again, and whether they come out equal."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sim.cli.output import say
from sim.cli.session import hand_over
from sim.config.own_keys import split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import InputError
from sim.core.language import tr

DONE, FAILED = 0, 1
_OWN = own_keys("bundle")
_CHECK = "--check"
#: Differences that are told one by one.
_MOST = 10


def bundle(words: Sequence[str]) -> int:
    """Write a bundle, or play one again."""
    own, settings, names, problems = split_words([word for word in words if word != _CHECK], _OWN)
    problems += [
        tr("'{word}': bundle takes {own}", word=word, own=", ".join(f"{key}=..." for key in _OWN))
        for word in settings
    ]
    most = own.get("runs", "")
    if most and not (most.isdecimal() and int(most) > 0):
        problems.append(
            tr("runs: must be a whole number above 0 (you wrote '{most}'); write runs=4", most=most)
        )
    wanted = 1 if _CHECK in words else 2
    if len(names) != wanted or not names[-1].endswith(".zip"):
        problems.append(
            tr("bundle: write 'liebian bundle EXPERIMENT out.zip', or 'liebian bundle --check out.zip'")
        )
    if problems:
        raise InputError(problems)
    if _CHECK in words:
        return _check(Path(names[0]), own.get("inputs", ""), int(most) if most else None)
    return _write(names[0], Path(names[1]), own.get("paths.results", "results").strip("'\""))


def _write(name: str, path: Path, root: str) -> int:
    from sim.runs.bundle import chosen, write
    from sim.store.results import load_results

    if path.exists():
        raise InputError(
            tr("bundle: '{path}' is there already and must not be written over; name another file", path=path)
        )
    index = write(chosen(load_results(root), name), name, path)
    say(
        tr(
            "written: {path} ({n_runs} runs, {st_size:,} bytes)",
            path=path,
            n_runs=len(index["runs"]),
            st_size=path.stat().st_size,
        )
    )
    hand_over(runs=len(index["runs"]), bundle=path, files=index["files"])
    return DONE


def _check(path: Path, inputs: str, most: int | None) -> int:
    from sim.runs.bundle import Bundle
    from sim.runs.replay import replay

    held = Bundle(path)
    folder = Path(inputs.strip("'\"")) if inputs else path.parent
    with tempfile.TemporaryDirectory() as cache:
        found = replay(held, folder, Path(cache), most, lambda line: say(line, file=sys.stderr, flush=True))
    if not found.same_code:
        say(tr("The sources or libraries that make numbers are not those that made the bundle."))
    if found.equal:
        say(
            tr(
                "equal: {runs} runs, {values:,} figures and days, to the last digit",
                runs=found.runs,
                values=found.values,
            )
        )
    else:
        say(
            tr(
                "differs: {n_differences:,} of {values:,} figures and days in {runs} runs",
                n_differences=len(found.differences),
                values=found.values,
                runs=found.runs,
            )
        )
        for one in found.differences[:_MOST]:
            place = tr(
                "{strategy}, world {replication}, {what}",
                strategy=one.strategy,
                replication=one.replication,
                what=one.what,
            )
            say(tr("  {place}: {then:.10g} then, {now:.10g} now", place=place, then=one.then, now=one.now))
        if len(found.differences) > _MOST:
            say(tr("  and {most:,} more", most=len(found.differences) - _MOST))
    hand_over(equal=found.equal, runs=found.runs, values=found.values, differences=found.differences)
    return DONE if found.equal else FAILED
