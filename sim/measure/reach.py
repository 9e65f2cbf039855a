"""What reach is worth: conversions of public visits, by the platform they come from and for some goods.

Public visits leave out people who come by themselves or from the private domain, so that a platform's
conversion is what its own reach brings. The counted figures have twins with each visit's chance in place of
its order (:mod:`sim.measure.expected`), which need fewer worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sim.measure.events import Events
from sim.measure.indicators import conversion, public
from sim.measure.kpis import Guardrail
from sim.world.catalog import CATEGORIES
from sim.world.platforms import PLATFORMS

#: Goods that the plan reports a conversion of.
REPORTED_GOODS = ("rural",)

Among = Callable[[Events], np.ndarray]


def _from_platform(index: int) -> Among:
    return lambda events: public(events) & (events.visits("origin") == index)


def _of_category(index: int) -> Among:
    return lambda events: public(events) & (events.visits("category") == index)


def _figures(name: str, words: str, among: Among) -> Iterator[Guardrail]:
    """The counted figure and its expected twin."""
    yield Guardrail(
        f"order_conversion_public_{name}",
        f"Order conversion of public visits, {words}",
        "share",
        "higher",
        f"Public visits with an order / public visits, {words}.",
        conversion(among).value,
    )
    yield Guardrail(
        f"order_conversion_public_{name}_expected",
        f"Order conversion of public visits, {words}, expected",
        "share",
        "higher",
        f"As the order conversion of public visits, {words}, with each visit's chance in place of its order.",
        conversion(among).expectation,
    )


REACH: tuple[Guardrail, ...] = (
    *(
        figure
        for index, name in enumerate(PLATFORMS)
        for figure in _figures(name, f"from {name.replace('_', ' ')}", _from_platform(index))
    ),
    *(
        figure
        for name in REPORTED_GOODS
        for figure in _figures(name, f"looking at {name} goods", _of_category(CATEGORIES.index(name)))
    ),
)
