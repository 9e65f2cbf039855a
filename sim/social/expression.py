"""Self-expression by what one buys: marks that acquaintances see, and the wish to be like or unlike them.

Some goods are carried where others see them. An article with a mark of the brand says something about its
owner, and the more of it somebody carries already, the less a further one says. Acquaintances see it for a
time; some wish to have what others have, others to be different (Leibenstein 1950 calls the two bandwagon and
snob). So a mark that everybody carries pleases ones and repels the others, and it costs money for each.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.lookup import rows_of
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Gauge, Schema, act, mean_over_days
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.schema import GROUPS
from sim.world.world import World

#: Categories whose goods others see.
VISIBLE: tuple[str, ...] = ("beauty", "apparel", "virtual_ip")
_SEEN = np.isin(CATEGORIES, VISIBLE)


class ExpressionParams(Params):
    """Marks on goods, what they say, and who wishes to be like others."""

    enabled: bool = lever(False, "switch", "S001")
    """Goods may carry marks that acquaintances see."""

    marked: float = lever(0.0, "share of articles", "S001", ge=0, le=1, span=(0, 1))
    """Clothes, beauty goods and characters with a mark or design by which others know them."""

    mark_cost: float = uncertainty(1.5, "CNY/unit", "A-1416", ge=0, le=1000, span=(0.5, 5), scope="strategy")
    """Design and making of the mark, for each unit that is ordered."""

    says: float = uncertainty(0.25, "logit", "A-1417", ge=0, le=5, span=(0, 0.8), scope="strategy")
    """What the first marked article says about its owner does for its cart."""

    said: float = uncertainty(0.7, "1/article", "A-1418", ge=0, le=10, span=(0.2, 2), scope="strategy")
    """Each one carried makes a further one say less, by exp(-said); by the same law others notice them."""

    wears_days: float = uncertainty(60.0, "days", "A-1419", ge=1, le=3650, span=(20, 180), scope="strategy")
    """Mean time for which an article is carried."""

    half: float = uncertainty(0.2, "share", "A-1420", ge=0.001, le=1, span=(0.05, 0.5), scope="strategy")
    """Share of acquaintances who carry marks at which half of what they can do is done."""

    silver_vanguard: float = uncertainty(
        0.4, "logit", "A-1421; Leibenstein 1950", ge=-5, le=5, span=(-0.3, 0.9), scope="strategy"
    )
    """Wish to be like acquaintances who carry marks at most; a negative one is to be unlike them."""

    cyber_native: float = uncertainty(
        -0.3, "logit", "A-1422; Leibenstein 1950", ge=-5, le=5, span=(-0.9, 0.5), scope="strategy"
    )
    """As above: the young look for what not everybody has."""

    eco_pioneer: float = uncertainty(
        0.1, "logit", "A-1423; Leibenstein 1950", ge=-5, le=5, span=(-0.5, 0.6), scope="strategy"
    )
    """As above: families with children are taken to lie between the two others."""

    def wishes(self) -> np.ndarray:
        """float64[n groups]: wish to be like acquaintances, logits."""
        return np.array([getattr(self, name) for name in GROUPS])

    def carried(self, articles: np.ndarray) -> np.ndarray:
        """float64[k]: how much of what somebody carries is noticed, 0..1, by a law that saturates."""
        return np.asarray(-np.expm1(-self.said * articles.astype(np.float64)), np.float64)

    def speaks(self, articles: np.ndarray, seen: np.ndarray, group: np.ndarray) -> np.ndarray:
        """float64[k]: logits of a marked article's cart, by what its visitor and acquaintances carry."""
        shown = seen.astype(np.float64)
        own = self.says * (1.0 - self.carried(articles))
        return np.asarray(own + self.wishes()[group] * shown / (shown + self.half), np.float64)


@njit(cache=True)
def mean_of_acquaintances(indptr, indices, value):
    """float64[n]: mean of a value over everybody's acquaintances, 0 for whoever has none.

    Parameters
    ----------
    indptr : int64[n + 1]; indices : int32[n_ties]
    value : float64[n]
    """
    mean = np.zeros(value.shape[0])
    for i in range(value.shape[0]):
        for tie in range(indptr[i], indptr[i + 1]):
            mean[i] += value[indices[tie]]
        mean[i] /= max(1, indptr[i + 1] - indptr[i])
    return mean


class Expression(Feature):
    """Marked goods that are seen (S001)."""

    section = "expression"
    Params = ExpressionParams
    columns: ClassVar = {
        "expression_worn": Column("float32", "marked articles carried, a decaying count", start=0),
        "expression_seen": Column("float32", "mean of what acquaintances carry, 0..1", start=0, back="start"),
    }
    events: ClassVar[dict[str, Schema]] = {
        "expression_looks": {
            "day": ("int32", "absolute day"),
            "group": ("int8", "consumer group of the visitors"),
            "looks": ("int64", "visits to a marked article"),
            "logits": ("float64", "what marks and acquaintances added to their carts, summed"),
        },
        "expression_days": {
            "day": ("int32", "absolute day"),
            "units": ("int64", "marked units ordered"),
            "fen": ("int64", "what their marks cost, fen"),
        },
        "expression_articles": {
            "day": ("int32", "absolute day"),
            "order_id": ("int64", "order of marked goods, whose marks are paid"),
        },
    }
    gauges: ClassVar = {
        "seen": Gauge(
            "float64",
            lambda world: float(cast("Any", world.people).expression_seen.mean(dtype=np.float64)),
            "mean of what acquaintances carry, 0..1",
            ("people.expression_seen",),
        )
    }
    figures = (
        mean_over_days(
            "expression_seen", "Marks that acquaintances carry", "0..1", "expression_daily", "seen"
        ),
        Figure(
            "expression_logits",
            "What marks add to a cart",
            "logit",
            over=lambda t: t["expression_looks"]["logits"],
            per=lambda t: t["expression_looks"]["looks"],
        ),
    )
    declares = (Purpose("expression_marks", "Marks on goods that others see.", of_goods=True),)

    def _marked(self, draw: Draw, visit: np.ndarray, category: np.ndarray) -> np.ndarray:
        """bool[k]: whether a visit is to a marked article; the same when its order is looked at later."""
        luck = keyed_uniforms(draw.timeless("expression.article"), visit, 0)
        found: np.ndarray = _SEEN[category] & (luck < self.params.marked)
        return found

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.group", "people.expression_worn~", "people.expression_seen~"],
        writes=["flow.terms", "records.expression_looks"],
        offers=True,
    )
    def compare(self, world: World, draw: Draw) -> None:
        """Visitors of marked articles think of what they carry, and of what others do."""
        people, visits = cast("Any", world.people), world.flow.visits
        seats, n = visits["seat"], len(GROUPS)
        group = people.group[seats]
        looks = self._marked(draw, visits["visit_id"], visits["category"])
        speaks = self.params.speaks(people.expression_worn[seats], people.expression_seen[seats], group)
        total = np.where(looks, speaks, 0.0)
        world.flow.cart.add("expression", total)
        cast("Any", world.records).expression_looks.append(
            day=np.full(n, world.day),
            group=np.arange(n),
            looks=np.bincount(group[looks], minlength=n),
            logits=np.bincount(group, weights=total, minlength=n),
        )

    @act(
        Phase.SETTLE,
        reads=["records.orders"],
        writes=[
            "records.expression_days",
            "records.expression_articles",
            "records.goods_costs",
            "ledger",
        ],
        offers=True,
    )
    def mark(self, world: World, draw: Draw) -> None:
        """Pay for the marks of what was ordered today."""
        orders = world.records.orders
        own = ~orders.today("carried_over")
        marked = own & self._marked(draw, orders.today("visit_id"), orders.today("category"))
        units = int(orders.today("quantity")[marked].sum())
        fen = to_fen(self.params.mark_cost) * units
        world.spend("expression_marks", fen)
        records = cast("Any", world.records)
        records.expression_days.append(day=world.day, units=units, fen=fen)
        ids = orders.today("order_id")[marked]
        records.expression_articles.append(day=np.full(len(ids), world.day), order_id=ids)

    @act(
        Phase.MEASURE,
        reads=["records.expression_articles", "records.deliveries", "records.returns", "graph", "people.id"],
        writes=["people.expression_worn", "people.expression_seen"],
    )
    def carry(self, world: World, draw: Draw) -> None:
        """What was handed over is carried, what was sent back is not, and everybody sees acquaintances."""
        people, p = cast("Any", world.people), self.params
        people.expression_worn *= np.float32(math.exp(-1.0 / p.wears_days))
        for table, change in ((world.records.deliveries, 1.0), (world.records.returns, -1.0)):
            seats = self._owners(world, table.today("order_id"), table.today("person"))
            np.add.at(people.expression_worn, seats, np.float32(change))
        np.maximum(people.expression_worn, np.float32(0), out=people.expression_worn)
        carried = p.carried(people.expression_worn)
        people.expression_seen[:] = mean_of_acquaintances(world.graph.indptr, world.graph.indices, carried)

    def _owners(self, world: World, ids: np.ndarray, persons: np.ndarray) -> np.ndarray:
        """int64[k]: seats of people here to whom some orders brought an article whose mark was paid."""
        marked = rows_of(cast("Any", world.records).expression_articles["order_id"], ids) >= 0
        seats = world.seats_of(persons[marked])
        return np.asarray(seats[seats >= 0], np.int64)
