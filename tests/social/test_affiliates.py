"""Affiliates sell for a commission, and for nothing else."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

SELLERS = ("affiliates.join=1", "affiliates.posts=0.5", "affiliates.commission=0.3", "affiliates.audience=3",
           "turnover.enabled=false", "control=media")  # fmt: skip


@cache
def links(commission: float) -> int:
    """Links on days after the commission has become another one, by those who sold before."""
    market = live(small_market("baseline", *LIVELY, *SELLERS, size=800), 8)
    people = market.world.people
    sellers = people.id[people.affiliate]
    market.levers.change({"affiliates.commission": commission})
    live(market, 4)
    touches = market.records.touches
    mine = (touches["source"] == int(Source.AFFILIATE)) & np.isin(touches["sender"], sellers)
    return int((mine & (touches["day"] >= 10)).sum())


def test_nobody_sells_for_nothing():
    assert links(0.3) > 100
    assert links(0.0) == 0


def test_who_gets_half_posts_half_as_often_and_nobody_posts_more_for_more():
    """Posts are a share of the same draws: four standard errors of counts in bunches of three."""
    whole, half = links(0.3), links(0.15)
    assert abs(half - whole / 2) < 4.0 * np.sqrt(3.0 * whole / 4.0)
    assert abs(links(0.6) - whole) < 4.0 * np.sqrt(3.0 * whole / 4.0)


def test_what_they_began_for_is_kept():
    people = live(small_market("baseline", *LIVELY, *SELLERS, size=800), 8).world.people
    assert people.affiliate.sum() > 20
    assert (people.affiliate_for[people.affiliate] == np.float32(0.3)).all()
    assert not people.affiliate_for[~people.affiliate].any()
