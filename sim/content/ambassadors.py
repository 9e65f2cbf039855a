"""Ambassadors: one tie to one account enters an order, and some accounts speak for the brand by contract.

Whoever follows accounts is tied to one of them. While that account speaks for the brand, by posts or by
contract, its credibility enters orders of those tied to it, the more they rely on influencers; an account
that is believed too little speaks against. Being paid wears credibility, and every further contract is with
a smaller account, so that contracts bring less the more there are and the longer they last.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.network.followers import Followers
from sim.world.influencers import Influencers
from sim.world.kinds import Purpose
from sim.world.world import World


class AmbassadorParams(Params):
    """Contracts, and what a tie does."""

    enabled: bool = constant(False, "switch", "S012")
    """Ties to accounts enter orders, with contracts and without."""

    number: float = lever(
        0.0, "accounts/1,000 people", "A-1342; two are a fifth of all accounts", ge=0, le=100, span=(0, 5)
    )
    """Accounts with a contract, those with most followers first."""

    retainer: float = uncertainty(
        0.003,
        "CNY/follower/day",
        "A-1343; about one bought post in eight days",
        ge=0,
        le=10,
        span=(0.001, 0.01),
        scope="strategy",
    )
    """What a contract costs."""

    wears: float = uncertainty(
        0.015,
        "share of credibility/day",
        "A-1344; what it settles at is two thirds where it comes back by 0.01 a day",
        ge=0,
        le=1,
        span=(0.008, 0.03),
        scope="strategy",
    )
    """Credibility that an account under contract loses."""

    link: float = uncertainty(0.8, "logit", "A-1345; as much as a friend's word", ge=0, le=5, span=(0.2, 1.6))
    """What an account of full credibility does for orders of somebody who relies on it wholly."""

    doubt: float = uncertainty(0.4, "credibility", "A-1346; no data", ge=0, le=0.95, span=(0.2, 0.6))
    """Credibility at which an account says nothing; below it, it speaks against an order."""

    remembers: int = uncertainty(14, "days", "A-1347; two weeks", ge=1, le=365, span=(5, 45))
    """Days for which it is known that an account spoke for the brand."""


class Ties:
    """To which of the accounts that they follow people are tied.

    Parameters
    ----------
    audience : Followers
        Who follows whom.
    n : int
        Seats.
    """

    def __init__(self, audience: Followers, n: int) -> None:
        rows = np.repeat(np.arange(len(audience.seat)), audience.counts)
        self.audience = audience
        self.accounts = rows[np.argsort(audience.indices, kind="stable")]
        self.number = np.bincount(audience.indices, minlength=n)
        self.first = np.concatenate([[0], np.cumsum(self.number)[:-1]])

    def of(self, seats: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """int64[k]: row of the account to which each is tied, any of those followed alike; -1 for none."""
        number = self.number[seats]
        one = self.first[seats] + np.minimum((luck * number).astype(np.int64), np.maximum(number - 1, 0))
        tied = np.full(len(seats), -1, np.int64)
        some = number > 0
        tied[some] = self.accounts[one[some]]
        return tied


class Ambassadors(Feature):
    """The tie to one account, and accounts under contract (S012)."""

    section = "ambassadors"
    Params = AmbassadorParams
    world = True
    events: ClassVar = {
        "ambassadors_days": {
            "day": ("int32", "absolute day"),
            "number": ("int32", "accounts under contract that were paid, the largest first"),
            "credibility": ("float64", "their mean credibility, 0..1"),
            "fen": ("int64", "what they were paid, fen"),
        }
    }
    figures = (
        Figure(
            "ambassadors_credibility",
            "Credibility of accounts under contract",
            "0..1",
            over=lambda t: t["ambassadors_days"]["credibility"] * (t["ambassadors_days"]["number"] > 0),
            per=lambda t: (t["ambassadors_days"]["number"] > 0).astype(np.float64),
        ),
    )
    declares = (
        Purpose("ambassadors_cost", "Contracts with accounts that speak for the brand.", acquires=True),
    )

    def __init__(self, params: AmbassadorParams) -> None:
        super().__init__(params)
        self._ties: Ties | None = None

    @act(
        Phase.DECIDE,
        reads=["influencers", "influencers.credibility", "operator.allowance"],
        writes=["influencers.credibility", "records.ambassadors_days", "records.spend", "ledger"],
        offers=True,
    )
    def retain(self, world: World, draw: Draw) -> None:
        """Pay today's contracts, those with the largest accounts first, as far as there is money."""
        influencers, p = world.influencers, self.params
        wanted = min(len(influencers), round(p.number * len(world.people) / 1000.0))
        fees = np.array([to_fen(p.retainer * one) for one in influencers.followers[:wanted]], np.int64)
        total = np.cumsum(fees)
        number = int(np.searchsorted(total, world.free_fen(), side="right"))
        if number < wanted:
            world.stop("ambassadors_cost")
        fen = int(total[number - 1]) if number else 0
        world.spend("ambassadors_cost", fen)
        influencers.credibility[:number] *= 1.0 - p.wears
        cast("Any", world.records).ambassadors_days.append(
            day=np.full(1, world.day),
            number=number,
            credibility=float(influencers.credibility[:number].mean()) if number else 0.0,
            fen=fen,
        )

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "influencers",
            "influencers.credibility",
            "people.id",
            "people.kol_reliance",
            "records.posts",
            "records.ambassadors_days",
        ],
        writes=["flow.terms"],
        offers=True,
    )
    def vouch(self, world: World, draw: Draw) -> None:
        """What the account says to which each visitor is tied, while it speaks for the brand."""
        p, people, influencers = self.params, world.people, world.influencers
        seats = world.flow.visits["seat"].astype(np.int64)
        said = np.zeros(len(seats))
        if len(influencers):
            luck = keyed_uniforms(draw.timeless("ambassadors.tie"), people.id[seats], 0)
            tied = self._tied(world, seats, luck)
            heard = (tied >= 0) & self._speaks(world, influencers)[tied]
            believed = (influencers.credibility[tied] - p.doubt) / (1.0 - p.doubt)
            relies = people.kol_reliance[seats].astype(np.float64)
            said[heard] = (p.link * relies * believed)[heard]
        world.flow.order.add("ambassadors", said)

    def _tied(self, world: World, seats: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """int64[k]: account to which each is tied; who follows whom is looked at once."""
        audience = world.influencers.audience
        if self._ties is None or self._ties.audience is not audience:
            self._ties = Ties(audience, len(world.people))
        return self._ties.of(seats, luck)

    def _speaks(self, world: World, influencers: Influencers) -> np.ndarray:
        """bool[n_influencers]: who posted of late, or is under a contract that was paid today."""
        posts, days = world.records.posts, cast("Any", world.records).ambassadors_days
        late = int(np.searchsorted(posts["day"], world.day - self.params.remembers + 1))
        speaks: np.ndarray = np.isin(influencers.id, posts["influencer"][late:])
        if len(days) and int(days["day"][-1]) == world.day:
            speaks[: int(days["number"][-1])] = True
        return speaks
