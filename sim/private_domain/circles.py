"""Communities of acquaintances: who joins, what is said in them, and who leads them.

A community begins with somebody who needs to belong and grows along ties: people join the one in which
most of their acquaintances are, as long as there is room. What its members post feeds a feeling of belonging,
which speaks for the brand and fades. Whoever leads it has time to read some posts a day; beyond these, good
ones are lost among all others, so that a large community is not a warm one.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, cast

import numpy as np

from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.lookup import first_by
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Schema, act, mean_of, mean_over_days
from sim.mechanism import Phase
from sim.world.kinds import Purpose
from sim.world.people import Column
from sim.world.world import World

#: Community of whoever is in none.
NONE = -1


class CirclesParams(Params):
    """How many communities there are, who joins, and what they do."""

    enabled: bool = lever(False, "switch", "S011")
    """Communities are led."""

    number: float = lever(0.0, "communities/1,000 people", "S011", ge=0, le=100, span=(0, 10))
    """Communities, in whole ones."""

    manager_cost: float = uncertainty(
        6.0, "CNY/community/day", "A-1424", ge=0, le=1000, span=(2, 20), scope="strategy"
    )
    """Part of the day of somebody who leads it: a few minutes in the morning and at night."""

    room: int = uncertainty(100, "people", "A-1425", ge=1, le=500, span=(40, 300), scope="strategy")
    """Most members; platforms allow 500, and beyond some hundred people do not know each other."""

    joins: float = uncertainty(0.02, "chance/day", "A-1426", ge=0, le=1, span=(0.005, 0.05), scope="strategy")
    """Chance that a user with acquaintances in a community joins, in proportion to the need to belong."""

    leaves: float = uncertainty(
        0.01, "chance/day", "A-1427", ge=0, le=1, span=(0.002, 0.03), scope="strategy"
    )
    """Chance that a member who does not feel to belong leaves; who wholly does stays."""

    posts: float = uncertainty(
        0.2, "posts/member/day", "A-1428", ge=0, le=1, span=(0.05, 0.5), scope="strategy"
    )
    """What a member writes at most, in proportion to the need to belong."""

    read: float = uncertainty(
        12.0, "posts/community/day", "A-1429", ge=0.1, le=1000, span=(5, 40), scope="strategy"
    )
    """Posts that whoever leads it has time for; where there are more, good ones are lost among the others."""

    half: float = uncertainty(
        4.0, "posts/community/day", "A-1430", ge=0.01, le=1000, span=(1, 15), scope="strategy"
    )
    """Good posts at which half of the belonging is felt that a person can feel."""

    days: float = uncertainty(30.0, "days", "A-1431", ge=1, le=365, span=(10, 90), scope="strategy")
    """Mean time for which it is felt."""

    warms: float = uncertainty(0.4, "logit", "A-1432", ge=0, le=5, span=(0.1, 0.9), scope="strategy")
    """What belonging does for a cart of whoever feels it wholly."""

    def heard(self, posts: np.ndarray) -> np.ndarray:
        """float64[k]: share of what can be felt, 0..1, by posts a day; it falls where many go unread."""
        good = posts * np.minimum(1.0, self.read / np.maximum(posts, 1e-12)) ** 2
        return np.asarray(good / (good + self.half), np.float64)


@njit(cache=True)
def most_known(indptr, indices, circle, seats, sizes, room):
    """int32[k]: community in which most acquaintances of each are, among those with room; -1 if none.

    Parameters
    ----------
    indptr : int64[n + 1]; indices : int32[n_ties]
    circle : int32[n]
        Community of each seat before anybody joins.
    seats : int64[k]
        Who joins, in the order in which they do.
    sizes : int64[communities]
        Members, counted on as people join.
    room : int
        Most members.
    """
    found = np.full(seats.shape[0], NONE, np.int32)
    for k in range(seats.shape[0]):
        known = indices[indptr[seats[k]] : indptr[seats[k] + 1]]
        best, most = NONE, 0
        for one in known:
            here = circle[one]
            if here == NONE or sizes[here] >= room:
                continue
            number = 0
            for other in known:
                number += circle[other] == here
            if number > most or (number == most and here < best):
                best, most = here, number
        found[k] = best
        if best != NONE:
            sizes[best] += 1
    return found


class Circles(Feature):
    """Communities that give belonging (S011)."""

    section = "circles"
    Params = CirclesParams
    columns: ClassVar = {
        "circles_of": Column("int32", "community, -1 for none", start=NONE, back="start"),
        "circles_felt": Column("float32", "belonging felt, 0..1", start=0, back="start"),
    }
    events: ClassVar[dict[str, Schema]] = {
        "circles_days": {
            "day": ("int32", "absolute day"),
            "circles": ("int64", "communities that are led"),
            "fen": ("int64", "what that cost, fen"),
        },
        "circles_moves": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "circle": ("int32", "community joined or begun, -1 = left"),
        },
        "circles_posts": {
            "day": ("int32", "absolute day"),
            "circle": ("int32", "community"),
            "members": ("int64", "members"),
            "posts": ("int64", "posts of the day"),
        },
    }
    gauges: ClassVar = {"felt": mean_of("circles_felt", "mean belonging felt, 0..1")}
    figures = (
        mean_over_days("circles_felt", "Belonging felt", "0..1", "circles_daily", "felt"),
        Figure(
            "circles_members",
            "Members of a community",
            "people/community",
            over=lambda t: t["circles_posts"]["members"],
            per=lambda t: np.ones(len(t["circles_posts"]["day"])),
        ),
    )
    declares = (Purpose("circles_cost", "People who lead communities."),)

    @act(
        Phase.DECIDE,
        reads=["people.id", "people.belonging", "people.registered~", "operator.allowance"],
        writes=[
            "people.circles_of",
            "records.circles_days",
            "records.circles_moves",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def lead(self, world: World, draw: Draw) -> None:
        """Pay whoever leads, begin communities that have nobody, and dissolve those that are led no more."""
        people, p = cast("Any", world.people), self.params
        wanted = math.floor(p.number * len(people) / 1000.0 + 1e-9)
        fen = to_fen(p.manager_cost * wanted)
        led = wanted if world.affords("circles_cost", fen) else 0
        world.spend("circles_cost", fen if led else 0)
        cast("Any", world.records).circles_days.append(day=world.day, circles=led, fen=fen if led else 0)
        self._move(world, np.flatnonzero(people.circles_of >= wanted), NONE)
        empty = np.setdiff1d(np.arange(led), people.circles_of)
        free = np.flatnonzero(people.registered & (people.circles_of == NONE))
        first = first_by(len(empty), -people.belonging[free], people.id[free])
        self._move(world, free[first], empty[: len(first)])

    @act(
        Phase.BUY,
        reads=["flow.visits", "people.circles_felt~"],
        writes=["flow.terms"],
    )
    def warm(self, world: World, draw: Draw) -> None:
        """Belonging speaks for a cart."""
        felt = cast("Any", world.people).circles_felt[world.flow.visits["seat"]]
        world.flow.cart.add("circles", self.params.warms * felt.astype(np.float64))

    @act(
        Phase.MEASURE,
        reads=["people.id", "people.belonging", "people.registered", "graph", "records.circles_days"],
        writes=["people.circles_of", "people.circles_felt", "records.circles_moves", "records.circles_posts"],
    )
    def gather(self, world: World, draw: Draw) -> None:
        """Members post and feel what they read; some leave, others join where their acquaintances are."""
        people, p = cast("Any", world.people), self.params
        days = cast("Any", world.records).circles_days
        led = int(days["circles"][-1]) if len(days) and days["day"][-1] == world.day else 0
        closed = (people.circles_of != NONE) & ~people.registered  # accounts that review closed
        self._move(world, np.flatnonzero(closed), NONE)
        self._feel(world, draw, led)
        luck = keyed_uniforms(draw("circles.moves"), people.id, 0)
        member = people.circles_of != NONE
        leaves = member & (luck < p.leaves * (1.0 - people.circles_felt.astype(np.float64)))
        joins = ~member & people.registered & (luck < p.joins * people.belonging.astype(np.float64))
        if led:
            self._join(world, np.flatnonzero(joins)[np.argsort(luck[joins], kind="stable")], led)
        self._move(world, np.flatnonzero(leaves), NONE)

    def _feel(self, world: World, draw: Draw, led: int) -> None:
        """Write the day's posts, and let members feel them as far as they need to belong."""
        people, p = cast("Any", world.people), self.params
        keep = math.exp(-1.0 / p.days)
        seats = np.flatnonzero((people.circles_of != NONE) & (people.circles_of < led))
        of, need = people.circles_of[seats], people.belonging[seats].astype(np.float64)
        writes = keyed_uniforms(draw("circles.posts"), people.id[seats], 0) < p.posts * need
        posts = np.bincount(of[writes], minlength=led)
        people.circles_felt *= np.float32(keep)
        people.circles_felt[seats] += ((1.0 - keep) * need * p.heard(posts)[of]).astype(np.float32)
        cast("Any", world.records).circles_posts.append(
            day=np.full(led, world.day),
            circle=np.arange(led),
            members=np.bincount(of, minlength=led),
            posts=posts,
        )

    def _join(self, world: World, seats: np.ndarray, led: int) -> None:
        """Let people in who know somebody there, in turn, as far as there is room."""
        people, graph = cast("Any", world.people), world.graph
        sizes = np.bincount(people.circles_of[people.circles_of != NONE], minlength=led)
        sizes[led:] = self.params.room  # not led today
        found = most_known(graph.indptr, graph.indices, people.circles_of, seats, sizes, self.params.room)
        self._move(world, seats[found != NONE], found[found != NONE])

    def _move(self, world: World, seats: np.ndarray, circle: np.ndarray | int) -> None:
        """Put people into communities or out of them, and record it."""
        people = cast("Any", world.people)
        people.circles_of[seats] = circle
        cast("Any", world.records).circles_moves.append(
            day=np.full(len(seats), world.day), person=people.id[seats], circle=np.full(len(seats), circle)
        )
