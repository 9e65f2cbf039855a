"""New products that members vote on: the more who vote, the better the draft that is made fits.

In a world with new products one comes out every so often, made from one of several drafts of unequal fit. The
brand makes any of them, or asks members which they like: each vote sees the fit with an error, so that the
mean of many finds the best draft, each further vote adding less. A product that fits sells better while it is
new, and one that does not sells worse.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.world import World


class CocreationParams(Params):
    """New products, and votes on them."""

    enabled: bool = constant(False, "switch", "S046")
    """New products come out in this world, whoever chooses among their drafts."""

    every_days: int = uncertainty(14, "days", "S046", ge=1, le=720, span=(7, 60))
    """From one new product to the next; each is of a category drawn for it. An assumption, as all numbers of
    this section."""

    drafts: int = uncertainty(4, "drafts", "S046", ge=1, le=50, span=(2, 8))
    """Drafts of a product, whose fit is drawn evenly from none to a full one."""

    new_days: int = uncertainty(30, "days", "S046", ge=1, le=720, span=(14, 90))
    """Days for which it counts as new."""

    worth: float = uncertainty(0.6, "logit", "S046", ge=0, le=5, span=(0.2, 1.5))
    """What a full fit does for an order of its category, and none against it; half a fit does nothing."""

    votes: float = lever(0.0, "votes/1,000 people", "S046", ge=0, le=1000, span=(0, 50))
    """Members who are asked for each product; there are never more votes than members who take part."""

    takes_part: float = uncertainty(0.1, "share of members", "S046", ge=0, le=1, span=(0.02, 0.3))
    """Members who are ready to vote."""

    error: float = uncertainty(0.5, "0..1", "S046", ge=0, le=10, span=(0.2, 1.0))
    """Width of the even error with which one vote sees the fit of a draft."""

    cost: float = uncertainty(1.5, "CNY/vote", "S046", ge=0, le=1000, span=(0.5, 5), scope="strategy")
    """Showing drafts, and a small thank-you."""

    ballot_cost: float = uncertainty(
        5.0, "CNY/1,000 people", "S046", ge=0, le=1000, span=(1, 20), scope="strategy"
    )
    """Preparing a vote on one product, however many vote."""


def chosen(fit: np.ndarray, errors: np.ndarray) -> int:
    """The draft with the best mean vote; with no vote the first.

    Parameters
    ----------
    fit : float64[drafts]
        What each would be.
    errors : float64[votes, drafts]
        What each vote adds to it.
    """
    return int(np.argmax(fit + errors.mean(axis=0))) if len(errors) else 0


class Cocreation(Feature):
    """Products that members help to choose (S046)."""

    section = "cocreation"
    Params = CocreationParams
    world = True
    events: ClassVar = {
        "cocreation_products": {
            "day": ("int32", "absolute day on which it comes out"),
            "category": ("int8", "category"),
            "fit": ("float64", "fit of the draft that was made, 0..1"),
            "best": ("float64", "fit of the best draft"),
            "votes": ("int32", "votes"),
            "fen": ("int64", "cost of asking"),
        }
    }
    figures = (
        Figure(
            "cocreation_fit",
            "Fit of new products",
            "0..1",
            over=lambda t: t["cocreation_products"]["fit"],
            per=lambda t: np.ones(len(t["cocreation_products"]["day"])),
        ),
    )
    declares = (Purpose("cocreation_cost", "Votes of members on new products."),)

    @act(
        Phase.DECIDE,
        reads=["people.id", "people.member~", "people.registered~", "operator.allowance"],
        writes=["records.cocreation_products", "records.spend", "ledger"],
    )
    def bring_out(self, world: World, draw: Draw) -> None:
        """On its day, choose among the drafts of the next product and sell it."""
        p = self.params
        if world.day % p.every_days:
            return
        lot = draw.timeless("cocreation.drafts")
        number = np.full(p.drafts, world.day, np.int64)
        fit = np.array([keyed_uniforms(lot, number[:1], 1 + k)[0] for k in range(p.drafts)])
        category = int(keyed_uniforms(lot, number[:1], 0)[0] * len(CATEGORIES))
        voters = self._voters(world, draw)
        fen = to_fen(p.cost * len(voters) + p.ballot_cost * len(world.people) / 1000.0)
        if not len(voters) or not world.affords("cocreation_cost", fen):
            voters, fen = voters[:0], 0
        world.spend("cocreation_cost", fen)
        luck = [keyed_uniforms(draw("cocreation.vote"), voters, k) - 0.5 for k in range(p.drafts)]
        made = chosen(fit, p.error * np.array(luck).T.reshape(len(voters), p.drafts))
        cast("Any", world.records).cocreation_products.append(
            day=world.day,
            category=category,
            fit=float(fit[made]),
            best=float(fit.max()),
            votes=len(voters),
            fen=fen,
        )

    def _voters(self, world: World, draw: Draw) -> np.ndarray:
        """Stable ids of members who vote, as many as are asked and ready."""
        people, p = world.people, self.params
        members = people.id[people.member & people.registered]
        luck = keyed_uniforms(draw("cocreation.ready"), members, 0)
        ready = members[luck < p.takes_part]
        turn = np.lexsort((ready, luck[luck < p.takes_part]))
        voters: np.ndarray = ready[turn[: round(p.votes * len(people) / 1000.0)]]
        return voters

    @act(Phase.BUY, reads=["flow.visits", "records.cocreation_products"], writes=["flow.terms"])
    def sell(self, world: World, draw: Draw) -> None:
        """Products that are new speak for an order of their category, or against it, by their fit."""
        p, made = self.params, cast("Any", world.records).cocreation_products
        new = made["day"] > world.day - p.new_days
        speaks = np.zeros(len(CATEGORIES))
        np.add.at(speaks, made["category"][new], p.worth * (2.0 * made["fit"][new] - 1.0))
        world.flow.order.add("new_product", speaks[world.flow.visits["category"]])
