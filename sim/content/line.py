"""A line of stations, one after the other: each serves first come first served, whatever it cannot do waits.

Stations are teams of :mod:`sim.stations.pool`, whose queue is tested against theory. A piece that one station
is done with comes to its next at that minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from sim.core.rng import Draw
from sim.stations.pool import FOR_EVER, PoolParams, Team
from sim.world.library import Columns

WRITE, GENERATE, OPTIMISE, REFINE, REVIEW, DONE = range(6)
STATIONS = ("writing", "generation", "optimisation", "refinement", "review")


def station(number: int, minutes: float, opens: float, hours: float) -> Team:
    """A station with nobody there yet, at which nothing is given up and nobody learns."""
    return Team(f"studio_{STATIONS[number]}", _numbers(minutes, opens, hours))


@cache
def _numbers(minutes: float, opens: float, hours: float) -> PoolParams:
    """How a station serves; asked every morning, and checked once."""
    return PoolParams(minutes=minutes, opens=opens, hours=hours, patience=FOR_EVER)


def following(drafts: Columns, after: int) -> np.ndarray:
    """int8[n]: the station of each piece that comes next after one; -1 begins the line.

    A piece that people write goes nowhere else. One that a machine writes is optimised, refined and reviewed
    as far as it was sent on.
    """
    hand = np.full(len(drafts["id"]), WRITE if after < WRITE else DONE)
    at = np.full(len(drafts["id"]), DONE)
    for number, sent in ((REVIEW, "reviewed"), (REFINE, "refined"), (OPTIMISE, "optimised")):
        if number > after:
            at = np.where(drafts[sent], number, at)
    if after < GENERATE:
        at = np.full(len(at), GENERATE)
    found: np.ndarray = np.where(drafts["machine"], at, hand).astype(np.int8)
    return found


def work(draw: Draw, teams: Mapping[int, Team], drafts: Columns, until: float) -> list[tuple[int, Columns]]:
    """Let every station serve what comes to it before a minute; ``drafts`` is brought up to date.

    Parameters
    ----------
    draw : Draw
        The day's draws, for the times of tasks.
    teams : mapping of int to Team
        Stations by number.
    drafts : dict of str to array[n]
        Columns of :data:`sim.world.library.DRAFTS`.
    until : float
        Absolute minute, after all earlier calls'.

    Returns
    -------
    list of (station, dict)
        For each station that served anything: ``row``, int64[k], and ``waited``, float64[k], minutes.
    """
    served = []
    for number in range(len(STATIONS)):
        rows = np.flatnonzero((drafts["station"] == number) & (drafts["minute"] < until))
        if not len(rows) or not len(teams[number]):
            continue
        done = teams[number].work(draw, drafts["id"][rows], drafts["minute"][rows], waits=True)
        drafts["minute"][rows] = done.end
        drafts["waited"][rows] += done.waited
        drafts["station"][rows] = following({k: v[rows] for k, v in drafts.items()}, number)
        served.append((number, {"row": rows, "waited": done.waited}))
    return served
