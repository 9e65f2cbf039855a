"""Open orders: kept row numbers are those that looking through all orders finds."""

from __future__ import annotations

import numpy as np

from sim.core.records import Table
from sim.world.open_orders import OpenOrders

SCHEMA = {"status": ("int8", "status")}


def test_open_orders_are_those_that_a_look_at_all_finds() -> None:
    """Orders begin open or waiting (0, 1) and end (2, 3); in between another world is read."""
    rng, table, kept = np.random.default_rng(2), Table("orders", SCHEMA), OpenOrders((0, 1))
    for step in range(60):
        if step == 40:
            table.clear()
        table.append(status=rng.integers(0, 2, rng.integers(0, 6)).astype(np.int8))
        status = table["status"]
        status[(status == 1) & (rng.random(len(status)) < 0.3)] = 0
        ends = (status < 2) & (rng.random(len(status)) < 0.2)
        status[ends] = rng.integers(2, 4, int(ends.sum()))
        if step % 3 != 1:
            assert kept.rows(table).tolist() == np.flatnonzero(status < 2).tolist()
    assert len(kept.rows(table)) < len(table)
