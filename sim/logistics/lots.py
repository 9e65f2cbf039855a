"""Lots: units of one product at one node by age, taken oldest first (FEFO), aged and moved.

A lot vector counts units by age step. Reserving, replenishing and ordering walk over nodes and
products in a fixed order, so the same requests always find the same goods.
"""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_uniform
from sim.logistics import parcels as col

#: Age steps on the shelf; a step is a day, or a thirtieth of the life of goods that keep longer.
AGES = 30


@njit(cache=True)
def take_lots(lots, quantity):
    """Remove ``quantity`` units, oldest first; age step of the oldest unit, or -1 if there are too few."""
    held = 0
    for age in range(lots.shape[0]):
        held += lots[age]
    if held < quantity:
        return -1
    oldest = -1
    for age in range(lots.shape[0] - 1, -1, -1):
        units = min(quantity, lots[age])
        if units > 0:
            if oldest < 0:
                oldest = age
            lots[age] -= units
            quantity -= units
        if quantity == 0:
            break
    return max(oldest, 0)


@njit(cache=True)
def move_lots(source, target, quantity):
    """Move ``quantity`` units from one lot vector to another, oldest first, keeping their ages."""
    for age in range(source.shape[0] - 1, -1, -1):
        units = min(quantity, source[age])
        source[age] -= units
        target[age] += units
        quantity -= units
        if quantity == 0:
            break


@njit(cache=True)
def reserve_rows(shelf, aside, demand, node_of, product, zone, quantity, layer, held):
    """Set goods aside row by row at the nearest node that holds them: int32[n] nodes, -1 = none."""
    out = np.full(product.shape[0], -1, np.int32)
    for i in range(product.shape[0]):
        p = product[i]
        near = node_of[layer[p], zone[i]]
        if near < 0:
            continue
        units = quantity[i]
        demand[near, p] += units
        if near > 0 and held[near, p] >= units:
            node = near
        elif held[0, p] >= units:
            node = 0
        else:
            continue
        move_lots(shelf[node, p], aside[node, p], units)
        held[node, p] -= units
        out[i] = node
    return out


@njit(cache=True)
def age_lots(shelf, aside, day, step_days, last_step, thrown):
    """Age all lots by a day; goods past their sell-by step move into ``thrown`` (int64[nodes, products])."""
    for node in range(shelf.shape[0]):
        for p in range(shelf.shape[1]):
            if day % step_days[p] != 0:
                continue
            for lots in (shelf[node, p], aside[node, p]):
                lots[AGES - 1] += lots[AGES - 2]
                for age in range(AGES - 2, 0, -1):
                    lots[age] = lots[age - 1]
                lots[0] = 0
            for age in range(last_step[p], AGES):
                thrown[node, p] += shelf[node, p, age]
                shelf[node, p, age] = 0


@njit(cache=True)
def replenish_fronts(shelf, transit, level):
    """Order every front warehouse up to ``level`` from the regional shelf; scarce goods are shared pro rata.

    Returns int64[n_products] units shipped.
    """
    nodes, products, ages = shelf.shape
    shipped = np.zeros(products, np.int64)
    need = np.zeros(nodes, np.int64)
    for p in range(products):
        total = 0
        for node in range(1, nodes):
            position = 0
            for age in range(ages):
                position += shelf[node, p, age] + transit[node, p, age]
            need[node] = max(0, level[node, p] - position)
            total += need[node]
        if total == 0:
            continue
        held = 0
        for age in range(ages):
            held += shelf[0, p, age]
        spare = min(held, total)
        left = spare
        for node in range(1, nodes):
            units = need[node] * spare // total
            move_lots(shelf[0, p], transit[node, p], units)
            need[node] -= units
            left -= units
        for node in range(1, nodes):
            units = min(left, min(1, need[node]))
            if units > 0:
                move_lots(shelf[0, p], transit[node, p], units)
                left -= units
        shipped[p] = spare - left
    return shipped


@njit(cache=True)
def order_suppliers(shelf, pipeline, level, day, lead, late_days, late_probability, stream):
    """Order the regional centre up to ``level``; a late supplier is keyed to (product, day).

    ``pipeline[k]`` arrives at the receipt hour of the day that begins ``k`` midnights from now,
    so an order with a lead of L days comes L whole days later, at the receipt hour.
    """
    for p in range(shelf.shape[1]):
        position = 0
        for age in range(shelf.shape[2]):
            position += shelf[0, p, age]
        for k in range(pipeline.shape[0]):
            position += pipeline[k, p]
        units = level[p] - position
        if units > 0:
            late = late_days if keyed_uniform(stream, p, day) < late_probability else 0
            pipeline[lead + late, p] += units


@njit(cache=True)
def put_on_shelf(data, rows, shelf, held, assigned):
    """Return the goods of parcels to their nodes' shelves, at their age."""
    for r in rows:
        node, product, quantity = data[r, col.NODE], data[r, col.PRODUCT], data[r, col.QUANTITY]
        shelf[node, product, data[r, col.AGE]] += np.int32(quantity)
        held[node, product] += quantity
        assigned[node, product] -= quantity
