"""Pull: what people bring to a cart and an order by themselves, as terms of the two decisions.

A need, taste, notes read and tiredness speak for or against a cart; taste, proof that is missed and coming
by oneself for or against an order.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw
from sim.demand.choice_params import ChoiceParams
from sim.mechanism import Phase
from sim.world.world import World


class Shoppers(NamedTuple):
    """What the terms ask of people, one row a seat (columns of the population)."""

    need_category: np.ndarray
    notes: np.ndarray
    kol_reliance: np.ndarray
    taste: np.ndarray
    proof_need: np.ndarray
    fatigue: np.ndarray


class Weights(NamedTuple):
    """Logits a unit of each (see :class:`ChoiceParams`)."""

    cart_need: float
    cart_notes: float
    cart_taste: float
    cart_fatigue: float
    order_taste: float
    order_proof: float
    usual_reliance: float


@njit(cache=True)
def pulls(seat, category, origin, shoppers, k):
    """Terms of each visit, float64[6, n]: need, notes, taste and tiredness; taste and proof."""
    out = np.zeros((6, seat.shape[0]), np.float64)
    for v in range(seat.shape[0]):
        i = seat[v]
        if shoppers.need_category[i] == category[v]:
            out[0, v] = k.cart_need
        reliance = shoppers.kol_reliance[i] / k.usual_reliance
        out[1, v] = k.cart_notes * reliance * math.log(1.0 + shoppers.notes[i])
        out[2, v] = k.cart_taste * shoppers.taste[i]
        out[3, v] = -k.cart_fatigue * shoppers.fatigue[i, origin[v]]
        out[4, v] = k.order_taste * shoppers.taste[i]
        out[5, v] = -k.order_proof * shoppers.proof_need[i] / (1.0 + shoppers.notes[i])
    return out


class Pull:
    """Adds what people bring to this daypart's visits."""

    name = "pull"
    phase = Phase.BUY
    reads = frozenset(
        {
            "flow.visits",
            "people.need_category~",
            "people.notes",
            "people.notes~",
            "people.kol_reliance",
            "people.taste",
            "people.proof_need",
            "people.fatigue~",
        }
    )
    writes = frozenset({"flow.terms"})

    def __init__(self, params: ChoiceParams) -> None:
        self.bound: tuple[object, Shoppers] | None = None
        self.weights = fields_of(Weights, {n: float(getattr(params, n)) for n in Weights._fields})

    def act(self, world: World, draw: Draw) -> None:
        """Add the terms of carts and orders."""
        visits, flow = world.flow.visits, world.flow
        if self.bound is None or self.bound[0] is not world.people:  # columns stay where they are
            self.bound = world.people, fields_of(Shoppers, world.people)
        shoppers = self.bound[1]
        terms = pulls(visits["seat"], visits["category"], visits["origin"], shoppers, self.weights)
        for name, values in zip(("need", "notes", "taste", "fatigue"), terms[:4], strict=True):
            flow.cart.add(name, values)
        flow.order.add("taste", terms[4])
        flow.order.add("proof", terms[5])
