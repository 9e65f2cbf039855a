"""How parcels and pickups come into the flow, and where those lie that wait in it."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.admission import fill
from sim.logistics.bags import line_up, put
from sim.logistics.yard import NONE, held_of, rules_of
from sim.stations.queues import next_departure


@njit(cache=True)
def accept(held, district, rows, lines, shelves, clock):
    """Let parcels wait for their waves; other arguments as in :func:`sim.logistics.admission.fill`.

    Returns
    -------
    failed, earliest : int
        Line of the first parcel that finds no goods set aside, or -1; tick of the earliest wave.
    """
    held = held_of(held)
    data = held.data
    failed = fill((data, held.life, held.volume), rows, lines, shelves, clock)
    if failed >= 0:
        return failed, np.int64(yard.FAR)
    line_up(data, held.sites, rows)
    earliest = np.int64(yard.FAR)
    for row in rows:
        earliest = min(earliest, data[row, col.WAVE])
        if data[row, col.NODE] == 0:
            held.sites[1 + district[data[row, col.ZONE]], yard.STANDARD_OPEN] += 1
    return failed, earliest


@njit(cache=True)
def collect(held, rules, rows, ticks):
    """Put pickups, each with the tick from which it can be collected, where their rounds begin."""
    held, rules = held_of(held), rules_of(rules)
    for i in range(rows.shape[0]):
        held.sites[1 + rules.district[held.data[rows[i], col.ZONE]], yard.STANDARD_OPEN] += 1
        due = next_departure(ticks[i], rules.releases, rules.numbers[yard.DAY])
        put(held.data, held.bags, yard.SHELF, rows[i], due)


@njit(cache=True)
def listed(data, first):
    """Rows that are linked from ``first`` on: int64[n]; a list that bites its tail ends after all rows."""
    rows = np.empty(data.shape[0], np.int64)
    n, row = 0, first
    while row != NONE and n < rows.shape[0]:
        rows[n] = row
        n, row = n + 1, data[row, col.NEXT]
    return rows[:n].copy()


@njit(cache=True)
def called(data, sites, rounds):
    """Rows of all rounds that have called for a rider and have not left: int64[n]."""
    rows, n = np.empty(data.shape[0], np.int64), 0
    open_branches, height = np.empty(rounds.shape[0] + 1, np.int64), 0
    for site in range(1, sites.shape[0]):
        for heap in (yard.COMING, yard.INSTANT, yard.STANDARD, yard.RECALLED):
            open_branches[0], height = sites[site, heap], 1
            while height > 0:
                height -= 1
                item = open_branches[height]
                if item == NONE:
                    continue
                open_branches[height] = rounds[item, yard.LEFT]
                open_branches[height + 1] = rounds[item, yard.RIGHT]
                height += 2
                row = rounds[item, yard.CARRIED]
                for _ in range(rounds[item, yard.LENGTH]):
                    rows[n] = row
                    n, row = n + 1, data[row, col.NEXT]
    return rows[:n].copy()
