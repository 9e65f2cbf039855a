"""Trust: experience moves it, bad faster than good, and word of mouth carries it on.

What a delivery was like reaches memory at the day's end: trust, satisfaction and the habit of
coming back. Those who talk pull the opinion of their close acquaintances. Left alone, trust
fades towards where it began.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.schema import Cancel
from sim.world.world import World


class TrustParams(Params):
    """How experience becomes trust, and how memory fades."""

    enabled: bool = constant(True, "switch", "definition")
    """Off: experience leaves no trace."""

    gain: float = uncertainty(0.10, "share of the gap", "A-200", ge=0, le=1, span=(0.05, 0.2))
    """Trust gained from an experience better than expected."""

    loss: float = uncertainty(0.25, "share of the gap", "A-201", ge=0, le=1, span=(0.15, 0.4))
    """Trust lost from a worse one; trust is asymmetric (S072)."""

    good: float = uncertainty(0.85, "0..1", "A-202", ge=0, le=1, span=(0.75, 0.95))
    """Experience of a delivery without a low score."""

    bad: float = uncertainty(0.10, "0..1", "A-203", ge=0, le=1, span=(0.0, 0.3))
    """Experience of a delivery with a low score."""

    word_of_mouth: float = uncertainty(0.03, "share of the gap", "A-204", ge=0, le=1, span=(0.02, 0.1))
    """Pull on a close acquaintance who hears of it; 0.02-0.1."""

    forgetting: float = uncertainty(0.005, "share/day", "A-205", ge=0, le=1, span=(0.003, 0.01))
    """Trust drifts back to neutral; 0.003-0.01."""

    satisfaction_gain: float = uncertainty(0.5, "share of the gap", "A-877", ge=0, le=1, span=(0.3, 0.8))
    """Weight of the latest delivery in the memory of recent ones."""

    habit_loss: float = uncertainty(0.5, "share", "A-878", ge=0, le=1, span=(0.2, 0.8))
    """Habit lost after a bad delivery."""

    habit_gain: float = uncertainty(0.6, "share of the gap", "A-206", ge=0, le=1, span=(0.3, 0.9))
    """Habit after a good experience, towards its ceiling."""

    habit_ceiling: float = uncertainty(0.30, "direct visits/day", "A-207", ge=0, le=10, span=(0.15, 0.6))
    """Habit of a delighted regular with a need."""


class Lessons(NamedTuple):
    """What a delivery felt like, and how fast trust, satisfaction and habit learn of it."""

    gain: float
    loss: float
    good: float
    bad: float
    satisfaction_gain: float
    habit_gain: float
    habit_loss: float
    habit_ceiling: float


@njit(cache=True)
def _remember(seats, low, lessons, trust, satisfaction, habit):
    for k in range(seats.shape[0]):
        i = seats[k]
        if i < 0:
            continue
        felt = lessons.bad if low[k] else lessons.good
        gap = felt - trust[i]
        trust[i] += (lessons.gain if gap > 0.0 else lessons.loss) * gap
        satisfaction[i] += lessons.satisfaction_gain * (felt - satisfaction[i])
        if low[k]:
            habit[i] *= 1.0 - lessons.habit_loss
        else:
            habit[i] += lessons.habit_gain * max(0.0, lessons.habit_ceiling * felt - habit[i])


@njit(cache=True)
def _talk(seats, low, pull, good, bad, indptr, indices, strength, trust):
    for k in range(seats.shape[0]):
        i = seats[k]
        if i < 0:
            continue
        felt = bad if low[k] else good
        for e in range(indptr[i], indptr[i + 1]):
            if strength[e]:
                j = indices[e]
                trust[j] += pull * (felt - trust[j])


@njit(cache=True)
def _fade(forgetting, neutral, trust):
    for i in range(trust.shape[0]):
        trust[i] += forgetting * (neutral - trust[i])


class Experience:
    """Today's deliveries reach memory, and what was cancelled because it never came counts as a bad one."""

    name = "experience"
    phase = Phase.SETTLE
    reads = frozenset(
        {
            "records.deliveries",
            "records.cancellations",
            "people.trust~",
            "people.satisfaction",
            "people.habit",
            "people.id",
        }
    )
    writes = frozenset({"people.trust", "people.satisfaction", "people.habit"})

    def __init__(self, params: TrustParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Customers judge what they got; those who left meanwhile do not."""
        people, deliveries = world.people, world.records.deliveries
        given_up, reasons = world.records.cancellations, world.records.cancellations.today("reason")
        late = given_up.today("person")[reasons == int(Cancel.LATE)]
        seats = world.seats_of(np.concatenate([deliveries.today("person"), late]))
        low = np.concatenate([deliveries.today("low_score"), np.ones(len(late), np.bool_)])
        lessons = fields_of(Lessons, self.params)
        _remember(seats, low, lessons, people.trust, people.satisfaction, people.habit)


class WordOfMouth:
    """Yesterday's customers talk to their close acquaintances; trust fades a little."""

    name = "word_of_mouth"
    phase = Phase.PERSUADE
    reads = frozenset({"people.trust", "people.id", "records.deliveries~", "graph"})
    writes = frozenset({"people.trust"})

    def __init__(self, params: TrustParams, neutral: float) -> None:
        self.params = params
        self.neutral = neutral

    def act(self, world: World, draw: Draw) -> None:
        """Talk about the latest settled deliveries, in the order in which they were handed over."""
        people, p, deliveries, graph = world.people, self.params, world.records.deliveries, world.graph
        recent = deliveries["day"] == world.day - 1 if len(deliveries) else np.zeros(0, bool)
        rows = np.flatnonzero(recent)
        seats = world.seats_of(deliveries["person"][rows])
        _talk(
            seats,
            deliveries["low_score"][rows],
            p.word_of_mouth,
            p.good,
            p.bad,
            graph.indptr,
            graph.indices,
            graph.strength,
            people.trust,
        )
        _fade(p.forgetting, self.neutral, people.trust)


class Goodwill:
    """Trust speaks for a cart and an order, counted from where it began: without experiences it is silent."""

    name = "goodwill"
    phase = Phase.BUY
    reads = frozenset({"flow.visits", "people.trust~"})
    writes = frozenset({"flow.terms"})

    def __init__(self, cart: float, order: float, neutral: float) -> None:
        self.cart, self.order, self.neutral = cart, order, neutral

    def act(self, world: World, draw: Draw) -> None:
        """Add it to this daypart's visits."""
        flow = world.flow
        gap = world.people.trust[flow.visits["seat"]].astype(np.float64) - self.neutral
        flow.cart.add("trust", self.cart * gap)
        flow.order.add("trust", self.order * gap)
