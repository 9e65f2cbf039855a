"""The life of a customer: unaware, aware, buyer, repeat buyer, advocate, lapsed; and messages that win back.

A stage follows from what happened to a person: visits and posts read, orders, things passed on, and how
long no order has come for. Whoever has not ordered for some multiple of their own usual gap has lapsed: part
of the needs that arise are then met elsewhere, and a part of the habit of coming is gone, until the next
order. The operator may write to people who have lapsed, so many a day, at a cost each, and less well the more
often.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, Gauge, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.kinds import among
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.schema import Source, Spend
from sim.world.touches import send
from sim.world.world import World

#: Stages, in the order of their numbers.
STAGES = ("unaware", "aware", "buyer", "repeat_buyer", "advocate", "lapsed")
UNAWARE, AWARE, BUYER, REPEAT_BUYER, ADVOCATE, LAPSED = range(len(STAGES))
_NEVER = -10_000
_TOLD = among(Source.SHARE, Source.INVITATION)


class LifecycleParams(Params):
    """When customers lapse, what that does, and how they are won back."""

    enabled: bool = constant(False, "switch", "definition")
    """Stages are kept, and lapsing acts."""

    patience: float = uncertainty(3.0, "own gaps", "A-935", ge=0.5, le=50, span=(2, 6))
    """Multiples of a customer's own mean gap between orders without an order, after which they have lapsed;
    whoever ordered at a constant rate would wait so long once in twenty times."""

    usual_gap: float = uncertainty(60.0, "days", "A-936", ge=1, le=1000, span=(30, 120))
    """Gap of a customer of whom none is known yet; it counts as one gap beside those that were seen."""

    needs_elsewhere: float = uncertainty(0.5, "share", "A-937", ge=0, le=1, span=(0.1, 0.9))
    """Needs of a lapsed customer that are met elsewhere without a thought of the brand."""

    habit_lost: float = uncertainty(0.5, "share", "A-938", ge=0, le=1, span=(0.1, 0.9))
    """Habit of coming that is gone once a customer has lapsed."""

    advocate_days: float = uncertainty(90.0, "days", "A-939", ge=1, le=1000, span=(30, 180))
    """A repeat buyer who passed something on is an advocate for so long."""

    messages: float = lever(0.0, "messages/1,000 people/day", "S028", ge=0, le=1000, span=(0, 20))
    """Messages that win back, written by hand or sent with a voucher, so many a day at most."""

    discount: float = lever(0.0, "share of price", "S028", ge=0, le=0.8, span=(0, 0.3))
    """What the message takes off the price of the visit that it brings."""

    least_orders: int = lever(1, "orders", "A-1353; whoever ordered once", ge=1, le=100, span=(1, 4))
    """Orders from which on a lapsed customer is worth a message; all others are let go."""

    rest_days: int = lever(7, "days", "A-1282", ge=1, le=365, span=(3, 60))
    """Days between two messages to one person; platforms allow more a week than one."""

    message_cost: float = uncertainty(0.3, "CNY/message", "A-956", ge=0.001, le=100, span=(0.05, 2))
    """Sending, and choosing whom and what to write."""

    message_click: float = uncertainty(0.05, "visits/message", "A-957", ge=0, le=1, span=(0.01, 0.1))
    """Visits that the first message brings."""

    message_tires: float = uncertainty(0.4, "log response/message", "A-958", ge=0, le=5, span=(0.1, 1))
    """Response lost with every message since the customer lapsed."""


def _stage_column(name: str, what: str) -> dict[str, Gauge]:
    number = STAGES.index(name)
    reads = ("people.lifecycle_stage",)
    return {name: Gauge("int64", lambda w: int((w.people.lifecycle_stage == number).sum()), what, reads)}


def _mean(name: str) -> Figure:
    return Figure(
        f"lifecycle_{name}",
        f"People at the stage '{name.replace('_', ' ')}' (mean over days)",
        "people",
        over=lambda t: t["lifecycle_daily"][name],
        per=lambda t: np.ones(len(t["lifecycle_daily"]["day"])),
    )


class Gaps(NamedTuple):
    """What gaps between orders are counted from: columns of people."""

    orders: np.ndarray
    last_order_day: np.ndarray
    lifecycle_orders: np.ndarray
    lifecycle_ordered: np.ndarray
    lifecycle_gap_days: np.ndarray
    lifecycle_gaps: np.ndarray


class Lives(NamedTuple):
    """What a stage follows from: columns of people."""

    registered: np.ndarray
    notes: np.ndarray
    orders: np.ndarray
    last_order_day: np.ndarray
    lifecycle_stage: np.ndarray
    lifecycle_told: np.ndarray
    lifecycle_gap_days: np.ndarray
    lifecycle_gaps: np.ndarray


@njit(cache=True)
def count_gaps(of, day):
    """Note the gap that ends on a day of whoever orders then and has ordered before (:class:`Gaps`)."""
    for i in range(of.orders.shape[0]):
        ordered = of.lifecycle_ordered[i]
        if of.orders[i] > of.lifecycle_orders[i] and _NEVER < ordered < day:
            of.lifecycle_gap_days[i] += day - ordered
            of.lifecycle_gaps[i] += 1
        of.lifecycle_orders[i] = of.orders[i]
        if of.orders[i] > 0:
            of.lifecycle_ordered[i] = of.last_order_day[i]


@njit(cache=True)
def stages_of(of, visitors, day, advocate_days, patience, usual_gap):
    """int8[n]: stages on the evening of a day, of people (:class:`Lives`) and seats that visited today."""
    stage = of.lifecycle_stage.copy()
    stage[visitors] = np.maximum(stage[visitors], AWARE)
    for i in range(stage.shape[0]):
        orders = of.orders[i]
        if orders > 0:
            gap = (usual_gap + of.lifecycle_gap_days[i]) / (1.0 + of.lifecycle_gaps[i])
            if day - of.last_order_day[i] > patience * gap:
                stage[i] = LAPSED
            elif orders == 1:
                stage[i] = BUYER
            else:
                stage[i] = ADVOCATE if day - of.lifecycle_told[i] < advocate_days else REPEAT_BUYER
        else:
            aware = stage[i] > UNAWARE or of.registered[i] or of.notes[i] > 0
            stage[i] = AWARE if aware else UNAWARE
    return stage


class Lifecycle(Feature):
    """Stages of customers as state that acts (S006, S028)."""

    section = "lifecycle"
    Params = LifecycleParams
    world = True
    columns: ClassVar = {
        "lifecycle_stage": Column("int8", "stage: index into STAGES of sim.demand.lifecycle", start=UNAWARE),
        "lifecycle_orders": Column("int32", "orders when the stage was last looked at", start=0),
        "lifecycle_ordered": Column("int32", "absolute day of the last order then", start=_NEVER),
        "lifecycle_gaps": Column("int32", "gaps between days with orders that were seen", start=0),
        "lifecycle_gap_days": Column("float32", "days of these gaps together", start=0),
        "lifecycle_told": Column("int32", "absolute day on which something was last passed on", start=_NEVER),
        "lifecycle_messages": Column("int32", "messages since the customer lapsed", start=0, back="start"),
        "lifecycle_written": Column("int32", "absolute day of the last of them", start=_NEVER),
    }
    events: ClassVar = {
        "lifecycle_moves": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "stage_from": ("int8", "index into unaware, aware, buyer, repeat_buyer, advocate, lapsed"),
            "stage_to": ("int8", "the same after it"),
        },
        "lifecycle_sent": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id of who is written to"),
            "number": ("int32", "number of the message since this customer lapsed"),
        },
    }
    gauges: ClassVar = {
        key: gauge
        for name in STAGES
        for key, gauge in _stage_column(name, f"people at the stage '{name}' at the day's end").items()
    }
    figures = (
        *(_mean(name) for name in STAGES),
        Figure(
            "lifecycle_won_back",
            "Lapsed customers who ordered again, of those who lapsed",
            "share",
            over=lambda t: t["lifecycle_moves"]["stage_from"] == LAPSED,
            per=lambda t: t["lifecycle_moves"]["stage_to"] == LAPSED,
        ),
    )

    def __init__(self, params: LifecycleParams, lifetime: int) -> None:
        super().__init__(params)
        self.lifetime = lifetime

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """The acts, which know a need that is new by how long it will live."""
        return cls(config.section(cls.section), config.needs.lifetime).acts()

    @act(
        Phase.STRIKE,
        reads=[
            "people.id",
            "people.need_category",
            "people.need_until",
            "people.need_until~",
            "people.lifecycle_stage~",
        ],
        writes=["people.need_category"],
    )
    def turn_elsewhere(self, world: World, draw: Draw) -> None:
        """Thin the needs that arise in lapsed customers."""
        people = world.people
        new = (people.need_category >= 0) & (people.need_until == world.day + self.lifetime)
        seats = np.flatnonzero(new & (people.lifecycle_stage == LAPSED))
        away = keyed_uniforms(draw("lifecycle.need"), people.id[seats], 0) < self.params.needs_elsewhere
        people.need_category[seats[away]] = -1

    @act(
        Phase.SHARE,
        reads=[
            "people.id",
            "people.registered~",
            "people.orders~",
            "people.lifecycle_stage~",
            "people.lifecycle_messages",
            "people.lifecycle_written",
            "operator.allowance",
        ],
        writes=[
            "agendas.touches",
            "people.lifecycle_messages",
            "people.lifecycle_written",
            "records.lifecycle_sent",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def write(self, world: World, draw: Draw) -> None:
        """Write to lapsed customers in the morning, first to those who were written to least."""
        p, people = self.params, world.people
        if world.clock.daypart != 1 or p.messages == 0.0:
            return
        seats = np.flatnonzero(
            (people.lifecycle_stage == LAPSED)
            & people.registered
            & (people.orders >= p.least_orders)
            & (people.lifecycle_written <= world.day - p.rest_days)
        )
        turn = keyed_uniforms(draw("lifecycle.message"), people.id[seats], 0)
        order = np.lexsort((turn, people.lifecycle_messages[seats]))
        seats = seats[order[: self._affordable(world, draw)]]
        if not len(seats):
            return
        chance = p.message_click * np.exp(-p.message_tires * people.lifecycle_messages[seats])
        people.lifecycle_messages[seats] += 1
        people.lifecycle_written[seats] = world.day
        cast("Any", world.records).lifecycle_sent.append(
            day=world.day, person=people.id[seats], number=people.lifecycle_messages[seats]
        )
        send(world, "private_domain", seats, chance, discount=p.discount)
        world.spend(Spend.PRIVATE_DOMAIN, to_fen(p.message_cost * len(seats)))

    def _affordable(self, world: World, draw: Draw) -> int:
        """Messages that today's capacity and money allow; a part of one is made up over the days."""
        capacity = self.params.messages * len(world.people) / 1000.0
        number = whole_number(draw("lifecycle.capacity"), capacity)
        cost = 100.0 * self.params.message_cost
        return affordable(world, Spend.PRIVATE_DOMAIN, cost, number)

    @act(
        Phase.MEASURE,
        reads=[
            "people.id",
            "people.orders",
            "people.last_order_day",
            "people.registered",
            "people.notes",
            "people.habit",
            "people.lifecycle_stage",
            "records.visits",
            "records.touches",
        ],
        writes=[
            "people.habit",
            "people.lifecycle_stage",
            "people.lifecycle_orders",
            "people.lifecycle_ordered",
            "people.lifecycle_gaps",
            "people.lifecycle_gap_days",
            "people.lifecycle_told",
            "people.lifecycle_messages",
            "records.lifecycle_moves",
        ],
    )
    def move(self, world: World, draw: Draw) -> None:
        """Look at what happened today and move everybody to the stage it makes theirs."""
        people, before = world.people, world.people.lifecycle_stage.copy()
        self._count_gaps(world)
        told = world.records.touches
        senders = world.seats_of(told.today("sender")[_TOLD[told.today("source")]])
        people.lifecycle_told[senders[senders >= 0]] = world.day
        stage = self.stages(world)
        lapsing = (stage == LAPSED) & (before != LAPSED)
        people.habit[lapsing] *= np.float32(1.0 - self.params.habit_lost)
        people.lifecycle_messages[stage != LAPSED] = 0
        people.lifecycle_stage[:] = stage
        moved = np.flatnonzero(stage != before)
        cast("Any", world.records).lifecycle_moves.append(
            day=world.day, person=people.id[moved], stage_from=before[moved], stage_to=stage[moved]
        )

    def _count_gaps(self, world: World) -> None:
        """Note the gap that ends today of whoever orders today and has ordered on an earlier day."""
        count_gaps(fields_of(Gaps, world.people), world.day)

    def stages(self, world: World) -> np.ndarray:
        """int8[n]: everybody's stage at the end of the day."""
        p, people = self.params, world.people
        lives, visitors = fields_of(Lives, people), world.records.visits.today("seat")
        at_end = stages_of(lives, visitors, world.day, p.advocate_days, p.patience, np.float32(p.usual_gap))
        return np.asarray(at_end)
