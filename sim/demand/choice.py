"""Choice: from a visit to the cart, and from the cart to an order.

Two logits with keyed draws, each a level and the terms that features add to it (:mod:`sim.world.terms`):
need, trust, notes read, tiredness, where the visit came from. The order looks besides at the price against
what the person expects, the delivery promise that logistics can quote now, and the rival's offer. The price
is the best of what the bill's lines offer. Nothing here is a conversion rate: rates are counted
afterwards from what people did.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.core.fields import fields_of
from sim.core.rng import Draw
from sim.demand.choice_params import ChoiceParams
from sim.demand.decide import Buyers, Coefficients, Goods, Looks, Streams, Terms, choose
from sim.mechanism import Phase
from sim.world.flow import promise
from sim.world.schema import Spend
from sim.world.trial import treats
from sim.world.world import Terms as Offered
from sim.world.world import World

if TYPE_CHECKING:
    from sim.content.notes import ContentParams

#: What the operator offers that enters the kernel; all else travels as terms of carts, orders and bills.
OFFERED = ("list_level", "group_discount", "group_uptake", "group_worth")
#: Confidence below which nothing more is lost (a shock takes at most 95%).
LEAST_CONFIDENCE = 0.05
#: Columns that decisions add to the visits of a daypart.
DECIDED = (
    "cart",
    "order",
    "ratio",
    "ratio_more",
    "fee",
    "stopped",
    "quantity",
    "grouped",
    "wish_one",
    "wish_more",
    "why",
)


def fresh_curve(accept_30min: float, accept_72h: float) -> tuple[float, float]:
    """Intercept and slope of the logit of acceptance in ln(hours), through the two anchors."""

    def logit(x: float) -> float:
        return math.log(x / (1.0 - x))

    slope = (logit(accept_30min) - logit(accept_72h)) / (math.log(72.0) - math.log(0.5))
    return logit(accept_30min) + slope * math.log(0.5), slope


class Choice:
    """Cart and order decisions of this daypart's visits.

    To each visit it adds ``cart`` and ``order`` (bool; the wish, before the budget and the shelf have a
    say), ``quantity`` (int32), ``grouped`` (bool: at the group's price), ``ratio`` and ``ratio_more``
    (float64, price of one unit and of one among several as a share of the catalogue price), ``fee``
    (float64, commission agreed), ``stopped`` (bool: no money was left for a concession or a fee),
    ``wish_one`` and ``wish_more`` (float64):
    the chances that the visit would end in a wish for one unit or for several, given all that is known
    when it begins; and ``why`` (float64[n, 9]), what the ground itself said (``sim.world.terms.GROUND``).
    The draws of match, cart, order and basket, which are made afresh at each visit, are
    averaged over; what a person keeps for longer (this week's coupon and readiness to wait for a
    group, whether one reads notes) is known.
    """

    name = "choice"
    phase = Phase.BUY
    reads = frozenset(
        {
            "flow.visits",
            "flow.terms",
            "flow.group_odds",
            "flow.to_order",
            "flow.farther",
            "people.id",
            "people.category_notes",
            "people.price_sensitivity",
            "people.reference",
            "people.zone",
            "people.basket",
            "operator.terms",
            "operator.allowance",
            "conditions.rival_price~",
            "conditions.confidence",
            "conditions.acceptance",
            "logistics.quote",
            "observed",
            "observed~",
        }
    )
    writes = frozenset({"flow.choices", "people.reference", "people.category_notes"})

    def __init__(self, params: ChoiceParams, content: ContentParams) -> None:
        own = {n: float(getattr(params, n)) for n in Coefficients._fields if n in ChoiceParams.model_fields}
        a, b = fresh_curve(params.fresh_accept_30min, params.fresh_accept_72h)
        none = dict.fromkeys(OFFERED, 0.0)
        self.coefficients = Coefficients(
            **own, **none, match_accuracy=content.match_accuracy, fresh_a=a, fresh_b=b, log_confidence=0.0
        )
        self.match_accuracy = content.match_accuracy
        #: What is offered and felt in these coefficients, and the prices to which dearness belongs.
        self._now: tuple[float, ...] = ()
        self._priced, self._relative = b"", np.zeros(0)

    def act(self, world: World, draw: Draw) -> None:
        """Decide for each visit, in order of minute; the offer seen becomes part of what is expected."""
        visits, people, flow = world.flow.visits, world.people, world.flow
        week = world.day // 7
        flow.hours = world.logistics.quote_hours()
        flow.service = world.logistics.service()
        terms, conditions = world.operator.terms, world.conditions
        match = world.observed.match(world.day, self.match_accuracy)
        coefficients = self._coefficients(terms, conditions.confidence * conditions.acceptance, match)
        streams = Streams(
            cart=draw("choice.cart"),
            order=draw("choice.order"),
            match=draw("choice.match"),
            group=draw.timeless("choice.group"),
            basket=draw("choice.basket"),
            reader=draw.timeless("choice.reader"),
        )
        price = world.catalog.price_fen
        today = {
            "dearness": self._dearness(price),
            "hours": flow.hours,
            "rival_price": conditions.rival_price,
        }
        n, offers = len(visits["seat"]), flow.bill.settle(price[visits["category"]])
        hope, wait = (np.ones(n) if x is None else x for x in (flow.group_hope, flow.group_wait))
        hope = hope * treats(world.operator.terms.trial, draw, "group", visits["person"])
        told = promise(flow, people.zone[visits["seat"]])
        sums = flow.cart.total(n), flow.order.total(n), flow.basket.total(n)
        added = Terms(*sums, *offers, hope, wait, told)
        result = choose(
            coefficients,
            streams,
            world.clock.daypart,
            week,
            world.clock.midnight,
            fields_of(Looks, visits),
            fields_of(Buyers, people),
            fields_of(Goods, today, world.catalog),
            added,
            world.platforms.order_offset,
            world.free_fen(),
        )
        for name, values in zip(DECIDED, result, strict=True):
            visits[name] = values
        if visits["stopped"].any():
            world.stop(Spend.DISCOUNT)

    def _coefficients(self, terms: Offered, confidence: float, match: float) -> Coefficients:
        """Coefficients with what is offered and felt now; those of the last daypart where nothing moved."""
        now = (*(getattr(terms, name) for name in OFFERED), match, confidence)
        if self._now != now:
            self._now = now
            self.coefficients = self.coefficients._replace(
                **dict(zip((*OFFERED, "match_accuracy"), now[:-1], strict=True)),
                log_confidence=math.log(max(LEAST_CONFIDENCE, confidence)),
            )
        return self.coefficients

    def _dearness(self, price: np.ndarray) -> np.ndarray:
        """Prices relative to the mean of the assortment, kept until one of them moves."""
        if self._priced != price.tobytes():
            self._priced = price.tobytes()
            self._relative = price / price.mean()
        return self._relative
