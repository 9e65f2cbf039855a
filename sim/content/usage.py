"""Time that people spend with the brand, counted from what they did: minutes a day of whoever is active.

Nobody measures it in the market, and nothing hangs on it. Every visit, order, session that is watched,
post and message that is seen takes its declared time, so that a strategy lengthens time spent only by
being seen or used more by those who are there. Impressions of feeds and searches are recorded of no
person, and are left out.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw
from sim.core.scatter import add_at
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.people import Column
from sim.world.schema import Source
from sim.world.touches import shown
from sim.world.world import World

#: Sources whose touches are something to read; a session is watched, and whatever else is sent is a message.
_POSTS = (int(Source.INFLUENCER_POST), int(Source.SPONSORED_POST))


class UsageParams(Params):
    """How long what people do takes them."""

    enabled: bool = lever(False, "switch", "S029")
    """Time spent is counted."""

    visit: float = uncertainty(3.0, "minutes/visit", "A-1350", ge=0, le=240, span=(1, 8), scope="strategy")
    """Looking at goods, from coming to leaving."""

    order: float = uncertainty(2.0, "minutes/order", "A-1351", ge=0, le=240, span=(0.5, 5), scope="strategy")
    """Choosing quantity, address and payment, on top of the visit."""

    session: float = uncertainty(
        6.0,
        "minutes/viewer",
        "A-1352; most look in, few stay an hour",
        ge=0,
        le=720,
        span=(1, 20),
        scope="strategy",
    )
    """Mean stay of a viewer in a livestream session, the same at any hour."""

    post: float = constant(15.0, "seconds/post", "F045; a short video", ge=0, le=3600, scope="strategy")
    """Seeing a post of an influencer."""

    glance: float = constant(3.0, "seconds/message", "F012", ge=0, le=3600, scope="strategy")
    """Attention that a message of a friend or of the brand gets."""


def _sum(column: str) -> Any:
    return lambda tables: tables["usage_days"][column].astype(np.float64)


class Usage(Feature):
    """Minutes a day of whoever is active (S029)."""

    section = "usage"
    Params = UsageParams
    columns: ClassVar = {
        "usage_seconds": Column("float32", "seconds of what was seen today", start=0, back="start")
    }
    events: ClassVar = {
        "usage_days": {
            "day": ("int32", "absolute day"),
            "people": ("int32", "people of the market"),
            "active": ("int32", "people who saw, watched, visited or ordered anything"),
            "seen": ("float64", "minutes of sessions, posts and messages"),
            "shopped": ("float64", "minutes of visits and orders"),
        }
    }
    figures = (
        Figure(
            "usage_minutes",
            "Time spent by whoever is active",
            "minutes/day",
            over=lambda t: _sum("seen")(t) + _sum("shopped")(t),
            per=_sum("active"),
        ),
        Figure("usage_active", "People active on a day", "share", over=_sum("active"), per=_sum("people")),
    )

    @act(
        Phase.SHARE,
        reads=[
            "agendas.touches",
            "agendas.touches~",
            "people.id",
            "people.usage_seconds",
            "platforms.traffic",
            "platforms.ban~",
        ],
        writes=["people.usage_seconds"],
    )
    def see(self, world: World, draw: Draw) -> None:
        """Add the seconds of everything that is due in this daypart and shown."""
        due, people = world.agendas["touches"].columns, cast("Any", world.people)
        rows = np.flatnonzero(due["minute"] < world.clock.end)
        seat, person, touch, source = (due[name][rows] for name in ("seat", "person", "touch", "source"))
        open_share = world.platforms.open_share(world.day)[due["origin"][rows]]
        here = (people.id[seat] == person) & shown(draw, person, touch, open_share)
        add_at(people.usage_seconds, seat[here], self.seconds(source[here]))

    def seconds(self, source: np.ndarray) -> np.ndarray:
        """float64[k]: seconds that touches of these sources take."""
        p = self.params
        longer = np.where(np.isin(source, _POSTS), p.post, p.glance)
        return np.where(source == int(Source.LIVESTREAM), 60.0 * p.session, longer)

    @act(
        Phase.MEASURE,
        reads=["people.id", "people.usage_seconds", "records.visits", "records.orders"],
        writes=["people.usage_seconds", "records.usage_days"],
    )
    def count(self, world: World, draw: Draw) -> None:
        """Add visits and orders, record the day, and begin the next at nothing."""
        people, records, p = cast("Any", world.people), cast("Any", world.records), self.params
        visitors, buyers = records.visits.today("person"), records.orders.today("person")
        active = people.usage_seconds > 0.0
        seats = world.seats_of(np.concatenate([visitors, buyers]))
        active[seats[seats >= 0]] = True
        records.usage_days.append(
            day=world.day,
            people=len(people),
            active=int(active.sum()),
            seen=float(people.usage_seconds.sum(dtype=np.float64)) / 60.0,
            shopped=p.visit * len(visitors) + p.order * len(buyers),
        )
        people.usage_seconds[:] = 0.0
