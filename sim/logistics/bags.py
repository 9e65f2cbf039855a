"""Lists of parcels: bags in no order, waves in order, and the sorting of what is taken out.

A list is linked through the parcels' own rows, so a parcel costs two writes to put and no list is ever
too small. Whoever takes parcels out sorts them by their own columns: nothing depends on the order in
which they were put.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.logistics import parcels as col
from sim.logistics.yard import DUE, FAR, FIRST, NONE, WAVES

#: Rows are sorted one by one in runs of this length, and runs are merged.
RUN = 8


@njit(inline="always")
def put(data, bags, bag, row, due):
    """Put a parcel into a bag that it leaves at tick ``due``."""
    data[row, col.NEXT] = bags[bag, FIRST]
    data[row, col.DUE] = due
    bags[bag, FIRST] = row
    bags[bag, DUE] = min(bags[bag, DUE], due)


@njit(cache=True)
def take_due(data, bags, bag, tick):
    """Take out of a bag what is due by ``tick``: int64[n] rows, in no order."""
    n = 0
    row = bags[bag, FIRST]
    while row != NONE:
        if data[row, col.DUE] <= tick:
            n += 1
        row = data[row, col.NEXT]
    rows = np.empty(n, np.int64)
    row = bags[bag, FIRST]
    bags[bag, FIRST], bags[bag, DUE] = NONE, FAR
    n = 0
    while row != NONE:
        following = data[row, col.NEXT]
        if data[row, col.DUE] <= tick:
            rows[n] = row
            n += 1
        else:
            put(data, bags, bag, row, data[row, col.DUE])
        row = following
    return rows


@njit(cache=True)
def precedes(data, a, b, columns):
    """Whether parcel ``a`` comes before ``b`` by the first of ``columns`` in which they differ."""
    for column in columns:
        if data[a, column] != data[b, column]:
            return data[a, column] < data[b, column]
    return False


@njit(cache=True)
def arrange(data, rows, columns):
    """Sort ``rows`` in place by several columns of their parcels, the first one first (a merge sort)."""
    n = rows.shape[0]
    for i in range(1, n):
        row, k = rows[i], i
        while k % RUN != 0 and precedes(data, row, rows[k - 1], columns):
            rows[k] = rows[k - 1]
            k -= 1
        rows[k] = row
    width = RUN
    while width < n:
        runs = rows.copy()
        for begin in range(0, n, 2 * width):
            middle, end = min(begin + width, n), min(begin + 2 * width, n)
            a, b = begin, middle
            for k in range(begin, end):
                if a < middle and (b == end or not precedes(data, runs[b], runs[a], columns)):
                    rows[k] = runs[a]
                    a += 1
                else:
                    rows[k] = runs[b]
                    b += 1
        width *= 2


@njit(inline="always")
def same_door(data, rows, begin, longest):
    """End of the round that begins at ``begin``: parcels of one zone, at most ``longest``."""
    end = begin + 1
    zone = data[rows[begin], col.ZONE]
    while end < rows.shape[0] and end - begin < longest and data[rows[end], col.ZONE] == zone:
        end += 1
    return end


@njit(cache=True)
def line_up(data, sites, rows):
    """Let accepted parcels wait for their waves, by wave, minute and order id at each node.

    ``rows`` are in the order of node, wave, minute and order id.
    """
    order = (col.WAVE, col.MINUTE, col.ORDER)
    last, node = NONE, NONE
    for row in rows:
        if data[row, col.NODE] != node:
            last, node = NONE, data[row, col.NODE]
        after = sites[node, WAVES] if last == NONE else data[last, col.NEXT]
        while after != NONE and precedes(data, after, row, order):
            last, after = after, data[after, col.NEXT]
        data[row, col.NEXT] = after
        if last == NONE:
            sites[node, WAVES] = row
        else:
            data[last, col.NEXT] = row
        last = row


@njit(cache=True)
def take_wave(data, sites, node):
    """Take the next wave of a node: int64[n] rows, by minute and order id."""
    first = sites[node, WAVES]
    n, row = 0, first
    while row != NONE and data[row, col.WAVE] == data[first, col.WAVE]:
        row = data[row, col.NEXT]
        n += 1
    sites[node, WAVES] = row
    return chain(data, first, n)


@njit(cache=True)
def chain(data, first, n):
    """Rows of ``n`` parcels that are linked from ``first`` on: int64[n]."""
    rows = np.empty(n, np.int64)
    row = first
    for i in range(n):
        rows[i] = row
        row = data[row, col.NEXT]
    return rows


@njit(cache=True)
def link(data, rows):
    """Link parcels in the order of ``rows``; the first of them (NONE if there is none)."""
    following = NONE
    for i in range(rows.shape[0] - 1, -1, -1):
        data[rows[i], col.NEXT] = following
        following = rows[i]
    return following
