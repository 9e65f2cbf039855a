"""Adoption by friends: whoever knows people who bought of late orders for the first time more readily.

The odds of a first order at a visit rise with the number of acquaintances who bought, the first of them
counting most. A randomised trial found odds 50 to 60% higher with one adopting friend (Bapna & Umyarov
2015); how much of that holds for goods is not known, so the strength runs from nothing to that and is 0
unless it is set.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.jit import njit
from sim.core.params import Params, uncertainty
from sim.core.rng import Draw
from sim.feature import Feature, Figure, Schema, Tables, act
from sim.mechanism import Phase
from sim.world.people import Column
from sim.world.world import World

TABLE = "contagion_first_orders"


class ContagionParams(Params):
    """How buying friends move a first order."""

    strength: float = uncertainty(
        0.0, "share of odds", "Bapna Umyarov 2015; +50 to +60% in a music network", ge=0, le=5, span=(0, 1)
    )
    """Added to the odds of a first order at a visit by one acquaintance who bought of late; 0 switches it
    off. Chances at the checkout are not small, so it adds less than that to the odds of a day. Friends who
    buy raise all conversion: a market with it is to be fitted anew."""

    saturation: float = uncertainty(2.0, "friends", "A-963", ge=0.1, le=50, span=(1, 5))
    """Buying friends at which nearly two thirds of what they can add is reached: the first counts most."""

    recent_days: int = uncertainty(60, "days", "A-964", ge=1, le=3650, span=(14, 180))
    """How long ago a friend's last order may lie: people hear of what was bought lately."""


def odds_factor(friends: np.ndarray, strength: float, saturation: float) -> np.ndarray:
    """float64[n]: factor of the odds of a first order; 1 without buying friends, 1 + strength with one.

    Parameters
    ----------
    friends : array [n]
        Acquaintances who bought of late.
    strength, saturation : float
        See :class:`ContagionParams`.
    """
    factor: np.ndarray = 1.0 + strength * np.expm1(-friends / saturation) / np.expm1(-1.0 / saturation)
    return factor


@njit(cache=True)
def buying_friends(indptr, indices, bought):
    """int64[n]: how many of each person's acquaintances bought (bool[n]).

    Ties are mutual, so that whoever bought counts with each of theirs: fewer people than all.
    """
    friends = np.zeros(indptr.shape[0] - 1, np.int64)
    for i in range(friends.shape[0]):
        if bought[i]:
            for k in range(indptr[i], indptr[i + 1]):
                friends[indices[k]] += 1
    return friends


@njit(cache=True)
def first_orders(orders, friends, buyers):
    """int64[2, 4]: people new to ordering and, of them, who did today, by friends 0 to 3 and more.

    Parameters
    ----------
    orders : int array [n]
        Orders of each person, today's counted.
    friends : int array [n]
        Acquaintances who bought of late.
    buyers : int array [k]
        Seats of today's orders.
    """
    today = np.zeros(orders.shape[0], np.int64)
    for k in range(buyers.shape[0]):
        today[buyers[k]] += 1
    found = np.zeros((2, 4), np.int64)
    for i in range(orders.shape[0]):
        if orders[i] <= today[i]:
            of = min(friends[i], 3)
            new = today[i] > 0
            found[0, of] += new or orders[i] == 0
            found[1, of] += new
    return found


def _counted(column: str, *, friends: bool) -> Any:
    def weights(tables: Tables) -> np.ndarray:
        table = tables[TABLE]
        return table[column] * ((table["friends"] > 0) == friends)

    return weights


def _rate(name: str, label: str, *, friends: bool) -> Figure:
    of = "first_orders", "people"
    over, per = (_counted(column, friends=friends) for column in of)
    return Figure(f"contagion_{name}", label, "first orders/person/day", over=over, per=per)


class Contagion(Feature):
    """Friends who buy make first orders likelier (S041)."""

    section = "contagion"
    Params = ContagionParams
    world = True
    columns: ClassVar = {
        "contagion_friends": Column("int32", "acquaintances who bought of late, at midnight", start=0)
    }
    events: ClassVar[dict[str, Schema]] = {
        TABLE: {
            "day": ("int32", "absolute day"),
            "friends": ("int8", "acquaintances who bought of late: 0, 1, 2, or 3 and more"),
            "people": ("int32", "people who had never ordered before today"),
            "first_orders": ("int32", "of them, who ordered today"),
        }
    }
    figures = (
        _rate("first_orders_with", "First orders of people with friends who bought", friends=True),
        _rate("first_orders_without", "First orders of people without", friends=False),
    )

    @classmethod
    def on(cls, config: Any) -> bool:
        """Switched on by its strength."""
        return bool(config.section(cls.section).strength > 0.0)

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.orders~", "people.contagion_friends"],
        writes=["flow.terms"],
    )
    def persuade(self, world: World, draw: Draw) -> None:
        """Add it to orders of visitors who have never ordered."""
        seats, people, p = world.flow.visits["seat"], cast("Any", world.people), self.params
        factor = odds_factor(people.contagion_friends[seats], p.strength, p.saturation)
        world.flow.order.add("buying_friends", np.where(people.orders[seats] == 0, np.log(factor), 0.0))

    @act(
        Phase.MEASURE,
        reads=[
            "graph",
            "records.orders",
            "people.orders",
            "people.last_order_day",
            "people.contagion_friends",
        ],
        writes=[f"records.{TABLE}", "people.contagion_friends"],
    )
    def count(self, world: World, draw: Draw) -> None:
        """Who could order for the first time today, and who did, by friends as they stood this morning."""
        people, graph = cast("Any", world.people), world.graph
        never, new = first_orders(people.orders, people.contagion_friends, world.records.orders.today("seat"))
        cast("Any", world.records).contagion_first_orders.append(
            day=np.full(4, world.day), friends=np.arange(4), people=never, first_orders=new
        )
        bought = (people.orders > 0) & (people.last_order_day > world.day - self.params.recent_days)
        people.contagion_friends[:] = buying_friends(graph.indptr, graph.indices, bought)
