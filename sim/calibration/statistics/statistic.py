"""What a statistic is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statistic:
    """One named number of a table.

    Attributes
    ----------
    name, what, unit : str
        Id, what people read, and unit.
    needs : str
        Table that it is counted from: orders, cascades, deliveries, edges.
    of : callable
        Table -> value; nan where nothing can be said.
    over : str
        What is dealt again in a bootstrap: customers, weeks, cascades, deliveries, people.
    cohort : bool
        Whether it means something for customers who came in one stretch of time and are then followed.
    """

    name: str
    what: str
    unit: str
    needs: str
    of: Callable[[Any], float]
    over: str
    cohort: bool = True
