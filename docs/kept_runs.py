"""Runs that a page is made from, kept in a table beside it, and which of them still hold.

A run is kept with the digest of the code that made it. Most changes of the code change no number of it, so
that runs of other code are taken up where a probe, played with today's code, gives the figure that is kept.
What cannot be probed, or comes out otherwise, is not used again.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sim.config import code_digest


class Run(NamedTuple):
    """What a run is known by: level, arm, world, and the window's days."""

    level: str
    arm: str
    world: int
    days: int


#: Run -> the figure, and CPU seconds since the last window of the same run.
Played = dict[Run, tuple[float, float]]
#: Runs that show whether a run still comes out as it is kept.
Probes = Callable[[Run], list[Run]]
#: Plays a run.
Play = Callable[[Run], tuple[float, float]]


def read(path: Path, probes: Probes, play: Play) -> Played:
    """Runs that are done and still hold.

    Parameters
    ----------
    path : Path
        The table.
    probes, play : callable
        Which runs speak for a run, and how one is played. No probe is played where today's code made all.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    code = code_digest()[:12]
    by_code: dict[str, Played] = {code: {}}
    for r in rows:
        run = Run(r["level"], r["arm"], int(r["world"]), int(r["days"]))
        by_code.setdefault(r["code"], {})[run] = float(r["value"]), float(r["seconds"])
    done = by_code.pop(code)
    for older in by_code.values():
        done = dict(holding(older, done, probes, play)) | done
    return done


def holding(
    older: Played, done: Played, probes: Probes, play: Play
) -> Iterator[tuple[Run, tuple[float, float]]]:
    """Runs of other code all of whose probes come out as that code had them.

    Parameters
    ----------
    older, done : dict
        Runs of the other code, and of today's.
    probes, play : callable
        As :func:`read`.
    """
    same: dict[Run, bool] = {}
    for run, told in older.items():
        for probe in probes(run):
            if probe not in same:
                same[probe] = probe in older and _alike(older[probe], done.get(probe) or play(probe))
                verdict = "as before" if same[probe] else "not as before: runs that it speaks for are dropped"
                sys.stdout.write(f"{', '.join(map(str, probe))}: {verdict}\n")
            if not same[probe]:
                break
        else:
            yield run, told


def _alike(old: tuple[float, float], new: tuple[float, float]) -> bool:
    return f"{old[0]:.6g}" == f"{new[0]:.6g}"


def write(path: Path, done: Played) -> None:
    """Keep runs as those of today's code."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("code", "level", "arm", "world", "days", "value", "seconds"))
        for run, (value, seconds) in done.items():
            out.writerow((code_digest()[:12], *run, f"{value:.6g}", f"{seconds:.2f}"))
