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

DONE, FAILED = 0, 1
_OWN = own_keys("bundle")
_CHECK = "--check"
#: Differences that are told one by one.
_MOST = 10


def bundle(words: Sequence[str]) -> int:
    """Write a bundle, or play one again."""
    own, settings, names, problems = split_words([word for word in words if word != _CHECK], _OWN)
    problems += [f"'{word}': bundle takes {', '.join(f'{key}=...' for key in _OWN)}" for word in settings]
    most = own.get("runs", "")
    if most and not (most.isdecimal() and int(most) > 0):
        problems.append(f"runs: must be a whole number above 0 (you wrote '{most}'); write runs=4")
    wanted = 1 if _CHECK in words else 2
    if len(names) != wanted or not names[-1].endswith(".zip"):
        problems.append(
            "bundle: write 'liebian bundle EXPERIMENT out.zip', or 'liebian bundle --check out.zip'"
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
        raise InputError(f"bundle: '{path}' is there already and must not be written over; name another file")
    index = write(chosen(load_results(root), name), name, path)
    say(f"written: {path} ({len(index['runs'])} runs, {path.stat().st_size:,} bytes)")
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
        say("The sources or libraries that make numbers are not those that made the bundle.")
    if found.equal:
        say(f"equal: {found.runs} runs, {found.values:,} figures and days, to the last digit")
    else:
        say(f"differs: {len(found.differences):,} of {found.values:,} figures and days in {found.runs} runs")
        for one in found.differences[:_MOST]:
            place = f"{one.strategy}, world {one.replication}, {one.what}"
            say(f"  {place}: {one.then:.10g} then, {one.now:.10g} now")
        if len(found.differences) > _MOST:
            say(f"  and {len(found.differences) - _MOST:,} more")
    hand_over(equal=found.equal, runs=found.runs, values=found.values, differences=found.differences)
    return DONE if found.equal else FAILED
