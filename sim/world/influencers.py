"""Influencers: about one consumer in a hundred has an audience; a role held by a person, counted once.

A few opinion leaders (KOL) with very many followers and a long tail of opinion consumers
(KOC) with some. Follower ties are directed and separate from acquaintance.
"""

from __future__ import annotations

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import builder
from sim.network.csr import CSRGraph
from sim.network.followers import Followers, build_followers
from sim.world.catalog import Catalog
from sim.world.population import People

KOC, KOL = 0, 1


class InfluencerTableParams(Params):
    """How many influencers there are and how large their audiences."""

    head_share: float = constant(0.01, "share of consumers", "F067", ge=0, le=0.2)
    """The head of the KOC pyramid."""

    kol_share: float = uncertainty(0.05, "share of influencers", "A-255", ge=0, le=1, span=(0.02, 0.1))
    """Opinion leaders among them; the others are KOC."""

    top_audience: float = uncertainty(0.15, "share of consumers", "A-256", ge=0, le=0.9, span=(0.05, 0.3))
    """Followers of the largest influencer."""

    audience_decay: float = uncertainty(0.8, "exponent of rank", "A-257", ge=0, le=3, span=(0.5, 1.1))
    """Audiences fall with rank; retweets received have a tail of 1.9 (Higgs), a rank exponent of 1.1."""

    own_group: float = uncertainty(3.0, "ratio", "A-258", ge=0, le=100, span=(1.5, 6.0))
    """Followers from the influencer's own group relative to others."""


class Influencers:
    """Influencer state as columns, one row an influencer, largest audience first.

    Attributes
    ----------
    id : int64[k], the persons' stable ids; seat : int32[k]; tier : int8[k], KOC or KOL.
    followers : int64[k], audience size; audience : Followers, who they are.
    category : int8[k], what they talk about; platform : int8[k], where.
    credibility : float64[k], 0..1; sponsored posts lower it, time restores it.
    bound : bool[n], seats held by influencers (they do not leave the market).
    """

    def __init__(
        self,
        seat: np.ndarray,
        people: People,
        tier: np.ndarray,
        category: np.ndarray,
        platform: np.ndarray,
        audience: Followers,
    ) -> None:
        self.seat = seat.astype(np.int32)
        self.id = people.id[seat].copy()
        self.tier = tier.astype(np.int8)
        self.category = category.astype(np.int8)
        self.platform = platform.astype(np.int8)
        self.audience = audience
        self.followers = audience.counts
        self.credibility = np.ones(len(seat))
        self.bound = np.zeros(len(people), bool)
        self.bound[seat] = True

    def __len__(self) -> int:
        return len(self.seat)


def build_influencers(
    params: InfluencerTableParams, people: People, graph: CSRGraph, catalog: Catalog, seed: int
) -> Influencers:
    """The best connected consumers become influencers; audiences lean towards their own group."""
    n = len(people)
    k = round(n * params.head_share)
    rng = builder(seed, "influencers")
    degree = np.diff(graph.indptr)
    seat = np.sort(np.argsort(-degree, kind="stable")[:k])
    seat = seat[np.argsort(-degree[seat], kind="stable")]
    rank = np.arange(1, k + 1, dtype=np.float64)
    wanted = np.maximum(1, np.rint(params.top_audience * n * rank**-params.audience_decay)).astype(np.int64)
    match = np.ones((k, 3))
    match[np.arange(k), people.group[seat]] = params.own_group
    audience = build_followers(people.group, seat, wanted, match, rng)
    tier = np.where(np.arange(k) < max(1, round(k * params.kol_share)) if k else np.zeros(0, bool), KOL, KOC)
    weights = catalog.group_weight[people.group[seat]].cumsum(axis=1)
    category = (rng.random(k)[:, None] > weights).sum(axis=1).clip(0, catalog.size - 1)
    affinity = people.affinity[seat][:, [0, 2, 3]]
    platform = (
        np.array([0, 2, 3])[np.argmax(affinity * rng.random((k, 3)), axis=1)] if k else np.zeros(0, int)
    )
    return Influencers(seat, people, tier, category, platform, audience)
