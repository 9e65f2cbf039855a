"""Orders that are neither handed over nor cancelled, so that a day looks at these and not at all of them."""

from __future__ import annotations

import numpy as np

from sim.core.records import Table


class OpenOrders:
    """Rows of the table of orders' states that are still open.

    Parameters
    ----------
    open_states : tuple of int
        Statuses of open orders. An order begins with one of them, and none comes back to one that has left
        them.
    """

    def __init__(self, open_states: tuple[int, ...]) -> None:
        self.open_states = open_states
        self._rows = np.zeros(0, np.int64)
        self._seen = 0
        self._cleared = 0

    def rows(self, states: Table) -> np.ndarray:
        """int64[k]: open orders' rows, ascending; costs what is open and what is new since the last call.

        Parameters
        ----------
        states : Table
            One row an order, with a column ``status``; always the same table.
        """
        if states.cleared != self._cleared:  # another world's orders stand in it now
            self._rows, self._seen, self._cleared = self._rows[:0], 0, states.cleared
        status, known = states["status"], self._rows
        if self._seen < len(status):
            known = np.concatenate([known, np.arange(self._seen, len(status))])
            self._seen = len(status)
        now = status[known]
        is_open = now == self.open_states[0]
        for one in self.open_states[1:]:
            is_open |= now == one
        self._rows = known[is_open]
        return self._rows
