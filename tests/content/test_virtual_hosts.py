"""Rendered hosts: sessions at any hour, interaction that is a novelty for a while, and what it costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.content.virtual_hosts import VirtualHosts
from sim.world.schema import Source
from tests.conftest import live, small_market

FIGURES = {one.name: one for one in VirtualHosts.figures}
ROOM = ("control=media", "sessions.clips=0", "sessions.per_week=0", "virtual_hosts=nights")


def lived(*words: str, days: int = 14, size: int = 2000):
    return live(small_market("baseline", *ROOM, *words, size=size), days)


def held(market):
    return market.records.tables["virtual_hosts_held"]


@pytest.fixture(scope="module")
def evenings():
    """Sessions at hours when people are there, often enough that many see several."""
    return lived("virtual_hosts.hour=18", "sessions.feed=1", "virtual_hosts.wears=0.3")


def test_interaction_is_27_percent_more_while_hosts_are_new_and_wears_off(evenings):
    """The first session meets nobody who has seen one; later ones follow what each viewer remembers."""
    table = held(evenings)
    each = table["interaction"] / np.maximum(table["viewers"], 1)
    assert table["viewers"][0] > 20
    assert each[0] == pytest.approx(1.27)
    assert each[-5:].mean() < 0.95 * each[0]
    fresh = held(lived("virtual_hosts.hour=18", "sessions.feed=1", "virtual_hosts.wears=0"))
    assert fresh["interaction"] == pytest.approx(1.27 * fresh["viewers"])


def test_what_viewers_remember_is_the_sessions_they_saw_and_fades(evenings):
    seen, table = evenings.world.people.virtual_hosts_seen, held(evenings)
    keep = math.exp(-1.0 / 60.0)
    left = (table["viewers"] * keep ** (14.0 - table["day"])).sum()
    assert seen.sum() <= left * 1.001  # some have left the market
    assert seen.sum() > 0.9 * left


def test_at_night_fewer_come_for_the_same_money():
    night, evening = lived("virtual_hosts.hour=2"), lived("virtual_hosts.hour=18")
    assert held(night)["viewers"].sum() < 0.6 * held(evening)["viewers"].sum()
    # 28 sessions of three hours at 1.5 CNY an hour and thousand people
    for market in (night, evening):
        assert (held(market)["fen"] == 900).all()
        assert market.world.ledger.balance["virtual_hosts_cost"] == 28 * 900


def test_livelier_hosts_make_more_carts():
    """Chances of carts of the same visits, with the interaction of the plan and with twice as much."""
    odds = []
    for gain in ("0", "2"):
        visits = lived("virtual_hosts.hour=18", f"virtual_hosts.gain={gain}", days=6).records.visits
        live_ones = visits["source"] == int(Source.LIVESTREAM)
        odds.append(dict(zip(visits["visit_id"][live_ones].tolist(), visits["cart"][live_ones], strict=True)))
    both = sorted(set(odds[0]) & set(odds[1]))
    assert len(both) > 50
    assert all(odds[1][k] >= odds[0][k] for k in both)
    assert sum(odds[1][k] for k in both) > sum(odds[0][k] for k in both)


def test_rooms_tire_whoever_holds_them():
    """Who watched a rendered host in the afternoon is less likely to watch people in the evening."""
    room = (*(word for word in ROOM if "per_week" not in word), "sessions.per_week=7", "sessions.hour=20",
            "sessions.feed=1", "sessions.tires=2", "virtual_hosts.hour=10")  # fmt: skip
    alone, beside = (
        live(small_market("baseline", *room, f"virtual_hosts.per_week={n}", size=1000), 5) for n in (0, 14)
    )
    with_people = [one.records.tables["sessions_held"]["viewers"] for one in (alone, beside)]
    assert len(with_people[0]) == len(with_people[1]) == 5
    lost = 1.0 - with_people[1].sum() / with_people[0].sum()
    assert lost > 4.0 / np.sqrt(with_people[0].sum())
    rested = np.exp(-1.0 / beside.config.sessions.rest_days)
    seen = sum(
        beside.records.tables[name]["viewers"] @ rested ** (5.0 - beside.records.tables[name]["day"])
        for name in ("sessions_held", "virtual_hosts_held")
    )
    assert 0.9 * seen < beside.world.people.sessions_watched.sum() <= 1.001 * seen


def test_without_sessions_or_a_room_there_is_nothing():
    assert not len(held(lived("virtual_hosts.per_week=0", days=3, size=400))["day"])
    without = small_market("baseline", "sessions=none", "virtual_hosts=nights")
    assert "virtual_hosts_held" not in without.records.tables


def test_they_begin_at_their_own_hour_whatever_the_slots_of_people():
    market = lived(
        "sessions.slots=dayparts", "virtual_hosts.hour=1", "virtual_hosts.per_week=7", days=4, size=400
    )
    assert set((held(market)["start_minute"] % 1440).tolist()) == {60}
