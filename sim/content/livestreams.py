"""Livestream sessions of hosts: a slot, a fixed fee, a commission, and the discount that hosts demand."""

from __future__ import annotations

import math

import numpy as np

from sim.content.influencers import Deal, InfluencerParams, Showing, post_ids, publish
from sim.core.clock import MINUTES_PER_DAY
from sim.core.ledger import to_fen
from sim.core.rng import Draw, keyed_uniforms
from sim.mechanism import Phase
from sim.world.influencers import KOL
from sim.world.schema import Source, Spend
from sim.world.world import World


class Livestreams:
    """Sessions of the day in the slot of their category; who is not awake then does not look in.

    Parameters
    ----------
    params : InfluencerParams
        Terms and response.
    response : float
        Response of registered users relative to others.
    hours : float64[n_groups, 24]
        Share of a day's activity by hour.
    """

    name = "livestreams"
    phase = Phase.EXPOSE
    offers = True
    reads = frozenset(
        {
            "influencers",
            "influencers.credibility",
            "operator.allowance",
            "people.id",
            "people.group",
            "people.kol_reliance",
            "people.registered~",
            "platforms.traffic",
            "platforms.ban~",
        }
    )
    writes = frozenset({"agendas.touches", "records.posts", "records.spend", "ledger"})

    def __init__(self, params: InfluencerParams, response: float, hours: np.ndarray) -> None:
        self.params = params
        self.response = response
        self.awake = hours / hours.max(axis=1, keepdims=True)

    def present(self, start: int) -> np.ndarray:
        """float64[n_groups]: who is awake in a session's first hour, relative to a group's busiest hour."""
        awake: np.ndarray = self.awake[:, start % MINUTES_PER_DAY // 60]
        return awake

    def act(self, world: World, draw: Draw) -> None:
        """Hold the sessions whose slot lies in this daypart."""
        p, hosts = self.params, np.flatnonzero(world.influencers.tier == KOL)
        if not len(hosts) or p.sessions_per_week == 0.0:
            return
        stream = draw("session")
        found = 1.0 - math.exp(-p.session_commission / p.host_commission)
        found *= 1.0 - math.exp(-p.session_discount / p.host_discount)
        number = math.floor(p.sessions_per_week / 7.0 * found)
        chance = p.sessions_per_week / 7.0 * found - number
        number += float(keyed_uniforms(stream, np.array([0]), 0)[0]) < chance
        for k in range(number):
            host = hosts[int(keyed_uniforms(stream, np.array([1 + k]), 1)[0] * len(hosts))]
            category = int(world.influencers.category[host])
            minute = 60 * int(world.catalog.live_hour[category]) + round(60 * p.session_shift)
            start = world.clock.midnight + minute % MINUTES_PER_DAY
            if world.clock.start <= start < world.clock.end:
                fee = to_fen(world.influencers.followers[host] * p.session_fee_per_follower)
                if not world.affords(Spend.INFLUENCER_FEE, fee):
                    continue
                self._hold(world, draw, int(host), start, fee)

    def _hold(self, world: World, draw: Draw, host: int, start: int, fee: int) -> None:
        """Hold one session of a host from a minute on."""
        p, influencers = self.params, world.influencers
        source, rows, minute = np.array([int(Source.LIVESTREAM)]), np.array([host]), np.array([start])
        showing = Showing(
            post=post_ids(influencers.id[rows], minute, source),
            row=rows,
            start=minute,
            credibility=influencers.credibility[rows].astype(np.float64),
            share=p.session_watch * self.present(start),
            mean_minutes=30.0,
            chance=p.session_click,
            response=self.response,
            floor=p.reliance_floor,
        )
        category, cut, commission = influencers.category[rows], p.session_discount, p.session_commission
        publish(world, draw, showing, Deal(source, category, np.array([fee]), cut, commission))
