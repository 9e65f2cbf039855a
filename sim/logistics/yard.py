"""What is under way, as the kernels keep it: parcels in bags and waves, rounds in heaps, numbers in force.

A parcel lies in one list at a time and is linked to the next by its row, and a round is a record that
lies in one heap at a time; so nothing is copied while parcels wait, and no list has a capacity. The
arrays cross into the kernels as two plain tuples, which cost a fifth of what named ones do, and are
read there by name.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from sim.core.jit import before_compiling, njit

#: A tick that never comes.
FAR = 2**62
#: No parcel, no round.
NONE = -1

#: Bags of the region: at the dock for a truck, at a community warehouse for a round, on the way back to
#: the regional centre, handed over, and inspected. Each has its first parcel and the earliest tick at
#: which one is due.
DOCK, SHELF, RETURNED, HANDED_OVER, INSPECTED = range(5)
BAGS = 5
FIRST, DUE = range(2)

#: Columns of a site: row 0 is the regional centre, row 1 + d district d's front warehouse and its riders.
#: First parcel waiting for a wave; heaps of rounds that will call, that wait, that are on the road and whose
#: rider is called back first; riders on the road; instant rounds waiting; regional drops whose round has not
#: left; next tick at which a shift begins for those who wait; place of the first pick team and their number.
(
    WAVES,
    COMING,
    INSTANT,
    STANDARD,
    ON_ROAD,
    RECALLED,
    BUSY,
    INSTANT_WAITING,
    STANDARD_OPEN,
    ALARM,
    FIRST_TEAM,
    TEAMS,
    UNUSED,
) = range(13)
SITE_COLUMNS = 13

#: Columns of a round: the three by which heaps are ordered (tick, where and which it is), its two branches
#: in a heap, what is carried (first parcel, number, whether from a front warehouse, zone), and the tick at
#: which its rider was called back.
(TICK, WHERE, WHICH, LEFT, RIGHT, CARRIED, LENGTH, FROM_FRONT, TO_ZONE, SENT) = range(10)
ROUND_COLUMNS = 10

#: Columns of a shift.
STARTS, ENDS, RIDERS, GUARD = range(4)

#: Whole numbers in force: ticks of a day, last tick of the day for standard rounds, parcels of one instant
#: and of one standard round, ticks to call an idle rider back, and from the truck back to inspection.
DAY, LAST_STANDARD, INSTANT_DROPS, STANDARD_DROPS, RECALL, REVERSE = range(6)


class Held(NamedTuple):
    """Everything that changes.

    data, life, volume : the parcel table's arrays; bags : int64[5, 2]; sites : int64[n_nodes, 13];
    rounds : int64[capacity, 10]; presence : float64[capacity], of the rider of each round;
    teams : int64, when each pick team is free (a heap for each node); inspectors : int64;
    assigned : int64[n_nodes, n_products], left : int64[n_products], tally : int64[10].
    """

    data: np.ndarray
    life: np.ndarray
    volume: np.ndarray
    bags: np.ndarray
    sites: np.ndarray
    rounds: np.ndarray
    presence: np.ndarray
    teams: np.ndarray
    inspectors: np.ndarray
    assigned: np.ndarray
    left: np.ndarray
    tally: np.ndarray


class Rules(NamedTuple):
    """Everything in force.

    numbers : int64[6]; vector, ageing, compartments, restock, trucks, releases : as in
    :class:`sim.logistics.kernel_params.Settings`; streams : uint64[11]; district, stop, distance_km :
    of the zones; route_metres : int64[n_fronts]; shifts : int64[n_fronts, k, 4], ticks and riders;
    shares : float64[n_fronts, k], presence of their riders; local_km : float64[n_zones].
    """

    numbers: np.ndarray
    vector: np.ndarray
    ageing: np.ndarray
    compartments: np.ndarray
    restock: np.ndarray
    trucks: np.ndarray
    releases: np.ndarray
    streams: np.ndarray
    district: np.ndarray
    stop: np.ndarray
    distance_km: np.ndarray
    route_metres: np.ndarray
    shifts: np.ndarray
    shares: np.ndarray
    local_km: np.ndarray


def lent(array):
    """The same array; in a kernel a view of it that nobody counts.

    A kernel counts who holds an array each time that it hands one on, which took three quarters of the
    time here. Whoever calls a kernel holds its arrays until it returns, so a view may go uncounted.
    """
    return array


def _without_counter(typing_context, array):
    """The array structure without the reference to its counter."""

    def generate(context, builder, signature, args):
        view = context.make_array(array)(context, builder, args[0])
        view.meminfo = view.meminfo.type(None)
        view.parent = view.parent.type(None)
        return view._getvalue()

    return array(array), generate


@before_compiling
def _declare_lent() -> None:
    """Say what ``lent`` is in a kernel."""
    from numba.extending import intrinsic, overload

    uncounted: Any = intrinsic(_without_counter)

    @overload(lent)
    def _lent(array):
        return lambda array: uncounted(array)


@njit(inline="always")
def held_of(h):
    """:class:`Held` of a tuple of arrays, lent for the time of a kernel."""
    return Held(
        lent(h[0]),
        lent(h[1]),
        lent(h[2]),
        lent(h[3]),
        lent(h[4]),
        lent(h[5]),
        lent(h[6]),
        lent(h[7]),
        lent(h[8]),
        lent(h[9]),
        lent(h[10]),
        lent(h[11]),
    )


@njit(inline="always")
def rules_of(r):
    """:class:`Rules` of a tuple of arrays, lent for the time of a kernel."""
    return Rules(
        lent(r[0]),
        lent(r[1]),
        lent(r[2]),
        lent(r[3]),
        lent(r[4]),
        lent(r[5]),
        lent(r[6]),
        lent(r[7]),
        lent(r[8]),
        lent(r[9]),
        lent(r[10]),
        lent(r[11]),
        lent(r[12]),
        lent(r[13]),
        lent(r[14]),
    )


def empty_bags() -> np.ndarray:
    """int64[5, 2]: nothing in any bag."""
    return np.tile(np.array([NONE, FAR], np.int64), (BAGS, 1))


def empty_sites(n_nodes: int) -> np.ndarray:
    """int64[n_nodes, 13]: nothing waits and nobody is on the road."""
    sites = np.zeros((n_nodes, SITE_COLUMNS), np.int64)
    sites[:, [WAVES, COMING, INSTANT, STANDARD, ON_ROAD, RECALLED, UNUSED]] = NONE
    sites[:, ALARM] = FAR
    return sites


def grown_rounds(rounds: np.ndarray, sites: np.ndarray, capacity: int) -> np.ndarray:
    """A copy of ``rounds`` with room for ``capacity`` of them; those added are unused."""
    old = len(rounds)
    grown = np.zeros((capacity, ROUND_COLUMNS), np.int64)
    grown[:old] = rounds
    grown[old:, LEFT] = np.arange(old + 1, capacity + 1)
    grown[-1, LEFT] = sites[0, UNUSED]
    sites[0, UNUSED] = old
    return grown
