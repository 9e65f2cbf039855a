"""Communities: they grow along ties up to their room, give belonging that fades, and cost a leader each."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.private_domain.circles import NONE, Circles, CirclesParams, most_known
from tests.conftest import LIVELY, live, small_market

LED = ("control=media", *LIVELY, "turnover.enabled=false", "circles.enabled=true")


@pytest.fixture(scope="module")
def grown():
    words = ("circles.number=5", "circles.joins=0.3", "circles.room=60", "circles.posts=1")
    return live(small_market("baseline", *LED, *words, size=800), 12)


def first_carts(*words: str, felt: float) -> dict[int, bool]:
    """Carts of the first eight hours by visit, where everybody feels so much at first."""
    market = small_market("baseline", *LED, "population.needs_per_day=2", *words, size=3000)
    market.open_window()
    market.world.people.circles_felt[:] = felt
    visits = live(market, 1).world.records.visits
    mine = visits["minute"] < 480
    return dict(zip(visits["visit_id"][mine].tolist(), visits["cart"][mine].tolist(), strict=True))


def test_everybody_joins_where_most_acquaintances_are_as_long_as_there_is_room(grown):
    """The kernel against counting one by one, in turn."""
    graph, luck = grown.world.graph, np.random.default_rng(1)
    n, room = graph.n, 120
    circle = luck.integers(-1, 6, n).astype(np.int32)
    seats = luck.permutation(np.flatnonzero(circle == NONE))
    sizes = np.bincount(circle[circle != NONE], minlength=6)
    slow, size = [], sizes.tolist()
    for seat in seats:
        known = Counter(int(circle[one]) for one in graph.neighbours(seat))
        known = {c: k for c, k in known.items() if c != NONE and size[c] < room}
        best = min(known, key=lambda c: (-known[c], c)) if known else NONE
        slow.append(best)
        if best != NONE:
            size[best] += 1
    found = most_known(graph.indptr, graph.indices, circle, seats, sizes, room)
    assert found.tolist() == slow
    assert room in size
    assert sizes.tolist() == size


def test_communities_grow_along_ties_up_to_their_room(grown):
    world = grown.world
    moves, people = world.records.tables["circles_moves"], world.people
    sizes = np.bincount(people.circles_of[people.circles_of != NONE], minlength=4)
    assert len(sizes) == 4  # 5 for 1,000 people make four for 800
    assert sizes.max() == 60
    assert world.records.tables["circles_posts"]["members"].max() <= 60
    member = np.isin(people.id, moves["person"][moves["circle"] >= 0])
    assert people.belonging[member].mean() > people.belonging[~member].mean()
    joined = [people.circles_of[one] for one in range(len(people)) if people.circles_of[one] != NONE]
    shared = [
        np.mean(people.circles_of[world.graph.neighbours(one)] == people.circles_of[one])
        for one in np.flatnonzero(people.circles_of != NONE)
    ]
    by_chance = np.square(np.bincount(joined) / len(joined)).sum() * len(joined) / len(people)
    assert np.mean(shared) > 1.5 * by_chance


def two_circles():
    """Two circles in which nobody joins or leaves and members write once a day, and the feature."""
    words = ("circles.number=2", "circles.posts=1", "circles.leaves=0", "circles.joins=0")
    market = small_market("baseline", *LED, *words, size=500)
    market.open_window()
    return market.world, Circles(market.config.circles)


def test_belonging_follows_what_is_read_and_fades():
    """One day by hand: everybody writes; 12 posts of 24 are read, so 6 good ones; need is that of each."""
    world, feature = two_circles()
    people = world.people
    people.belonging[:] = 1.0
    people.registered[:24] = True
    people.circles_of[:24], people.circles_felt[:] = 0, 0.5
    world.records.tables["circles_days"].append(day=world.day, circles=1, fen=0)
    feature.gather(world, Draw(world.seed, world.day))
    keep = math.exp(-1.0 / 30.0)
    assert people.circles_felt[:24] == pytest.approx(
        np.full(24, 0.5 * keep + (1.0 - keep) * 6.0 / (6.0 + 4.0))
    )
    assert people.circles_felt[24:] == pytest.approx(np.full(476, 0.5 * keep))


def test_more_posts_than_anybody_reads_make_a_community_colder():
    heard = CirclesParams(read=12.0, half=4.0).heard(np.array([0.0, 4.0, 12.0, 24.0, 48.0]))
    assert heard == pytest.approx([0.0, 4 / 8, 12 / 16, 6 / 10, 3 / 7])


def test_belonging_speaks_for_carts():
    """At first people are the same: by common draws belonging only adds carts."""
    warm, cold = (first_carts("circles.warms=2", felt=felt) for felt in (1.0, 0.0))
    both = warm.keys() & cold.keys()
    assert len(both) > 60
    assert all(cold[one] <= warm[one] for one in both)
    assert sum(cold[one] for one in both) < sum(warm[one] for one in both)


def test_every_community_costs_its_leader_and_none_is_led_without_money(grown):
    days = grown.world.records.tables["circles_days"]
    assert days["fen"].tolist() == [4 * 600] * len(days)
    assert grown.world.ledger.balance["circles_cost"] == 4 * 600 * len(days)
    broke = ("circles.number=5", "control=default", "control.daily_budget=0")
    world = live(small_market("baseline", *LED, *broke, size=500), 3).world
    assert not world.records.tables["circles_days"]["circles"].any()
    assert not world.people.circles_felt.any()


def test_whose_account_is_closed_is_no_member_and_writes_nothing():
    """Of 24 who all write, ten are turned away: fourteen are left, and fourteen posts."""
    world, feature = two_circles()
    people = world.people
    people.belonging[:], people.registered[:24] = 1.0, True
    people.circles_of[:24] = 0
    people.registered[:10] = False
    world.records.tables["circles_days"].append(day=world.day, circles=1, fen=0)
    feature.gather(world, Draw(world.seed, world.day))
    told, moves = (world.records.tables[f"circles_{name}"] for name in ("posts", "moves"))
    assert (told["members"].tolist(), told["posts"].tolist()) == ([14], [14])
    assert sorted(moves["person"].tolist()) == sorted(people.id[:10].tolist())
    assert (moves["circle"] == NONE).all()
    assert (people.circles_of[:10] == NONE).all()
