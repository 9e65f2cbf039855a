"""Links that break: the studio and the carrier, seen in minutes or hours, and who stands in for them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.operator.links import CARRIER, SESSION, LinksParams, part
from tests.conftest import LIVELY, live, small_market

#: Links that break on most days for a day or more, in a market that lives off sessions and riders.
BROKEN = (
    "sessions=daily", "sessions.feed=2", "sessions.per_week=21", "sessions.hour=9", "links.breaks=0.5",
    "links.lasts_hours=30", "control=media", "influencers=none", *LIVELY,
)  # fmt: skip
DAYS = 14
WORDS = {
    "whole": (),
    "waits": ("links=unwatched",),
    "late": ("links=watched", "links.linked=false"),
    "watched": ("links=watched",),
}


def lived(*more: str):
    """Two worlds of each way to deal with breaks."""
    return {
        name: [
            live(small_market("baseline", *BROKEN, *words, *more, size=1000, replication=r), DAYS).world
            for r in range(2)
        ]
        for name, words in WORDS.items()
    }


@pytest.fixture(scope="module")
def worlds():
    return lived()


@pytest.fixture(scope="module")
def without_sessions():
    """Where no session sells more or less, so that the same orders are carried."""
    return lived("sessions=none", "logistics.design_orders_per_1000_consumers=400")


def viewers(world) -> int:
    return int(world.records.tables["sessions_held"]["viewers"].sum())


def on_the_way(world) -> float:
    """Mean hours from order to delivery."""
    rows = world.records.deliveries
    return float((rows["minute"] - rows["ordered_minute"])[rows["service"] >= 0].mean() / 60.0)


def hours(world, link: int) -> float:
    breaks = world.records.tables["links_breaks"]
    return float((breaks["taken"] - breaks["start"])[breaks["link"] == link].sum() / 60.0)


def test_what_is_seen_in_minutes_costs_fewer_viewers_than_what_is_seen_in_hours(worlds):
    """S064: the same breaks in the same worlds, seen after 15 minutes, after six hours, or waited for."""
    for whole, waits, slow, quick in zip(*worlds.values(), strict=True):
        starts = [w.records.tables["links_breaks"]["start"].tolist() for w in (waits, slow, quick)]
        assert starts[0] == starts[1] == starts[2]
        assert len(starts[0]) > 5
        for link in (SESSION, CARRIER):
            assert hours(quick, link) < 0.5 * hours(slow, link) < 0.5 * hours(waits, link)
        assert viewers(waits) < viewers(slow) < viewers(quick) < viewers(whole)


def test_what_is_seen_in_minutes_keeps_parcels_on_the_way_for_less_time(without_sessions):
    """Both worlds. Where riders are missing promises are longer, so that lateness would not tell."""
    hours = [np.mean([on_the_way(w) for w in without_sessions[name]]) for name in WORDS]
    whole, waits, slow, quick = hours
    assert whole - 0.1 < quick < slow - 1.0 < waits - 2.0


def test_standing_in_is_paid_by_the_hour_and_the_desk_by_the_day(worlds):
    """Minute by minute: somebody stands in for a link in each minute between its being seen and mended."""
    world = worlds["watched"][0]
    breaks, minutes = world.records.tables["links_breaks"], np.zeros((2, DAYS * 1440), bool)
    open_ = np.zeros_like(minutes)
    for link, start, taken, end in zip(*(breaks[c] for c in ("link", "start", "taken", "end")), strict=True):
        open_[link, start:taken] = True
        minutes[link, start:end] = True
    covered = (minutes & ~open_).sum() / 60.0
    assert world.ledger.balance["links_stand_in"] == pytest.approx(200 * covered, abs=5 * DAYS)
    assert world.ledger.balance["links_desk"] == 150 * DAYS
    assert "links_stand_in" not in worlds["waits"][0].ledger.balance


def test_nobody_stands_in_without_money():
    """An allowance of nothing: no premium is paid, and each break is felt until it is mended."""
    words = ("links=watched", "control=default", "control.daily_budget=0")
    world = live(small_market("baseline", *BROKEN, *words, size=600), 6).world
    breaks = world.records.tables["links_breaks"]
    over = breaks["end"] <= 6 * 1440
    assert over.sum() >= 2
    assert breaks["taken"][over].tolist() == breaks["end"][over].tolist()
    assert "links_stand_in" not in world.ledger.balance


@pytest.mark.parametrize(
    ("linked", "contingency", "taken"),
    [(True, True, [35, 135]), (False, True, [380, 480]), (True, False, [600, 1200])],
)
def test_somebody_stands_in_once_a_break_is_seen(linked, contingency, taken):
    """15 minutes or six hours, and then 20 minutes for a recording and two hours for a carrier."""
    p = LinksParams(contingency=contingency)
    links = np.array([SESSION, CARRIER])
    at, end = p.watches(links, np.array([1000, 2000]), np.array([600.0, 1200.0]), linked)
    assert (at - [1000, 2000]).tolist() == taken
    assert (end - [1000, 2000]).tolist() == [600, 1200]
    soon = p.watches(links, np.array([0, 0]), np.array([5.0, 5.0]), linked)[0]
    assert soon.tolist() == [5, 5]  # what is mended sooner is not taken over


def test_stretches_that_overlap_count_once():
    """Against minutes counted one by one."""
    begin, end = np.array([5, 10, 40, 70]), np.array([20, 15, 50, 200])
    by_hand = np.mean([any(b <= m < e for b, e in zip(begin, end, strict=True)) for m in range(8, 100)])
    assert part(begin, end, 8, 100) == pytest.approx(by_hand)
    assert part(begin, end, 300, 400) == 0.0


def test_nobody_stands_in_for_what_is_not_there():
    """Without sessions only the carrier breaks down, as it would with them, and without either nothing."""
    words, days = ("sessions=none", "links=watched", "links.breaks=1"), 3
    carried, nothing = (
        live(small_market("baseline", *LIVELY, *words, *more), days).world
        for more in ((), ("logistics.enabled=false",))
    )
    breaks = carried.records.tables["links_breaks"]
    assert breaks["link"].tolist() == [CARRIER] * days
    usual = live(small_market("baseline", *LIVELY, *words, "sessions=daily"), days).world
    both = usual.records.tables["links_breaks"]
    assert breaks["start"].tolist() == both["start"][both["link"] == CARRIER].tolist()
    assert not len(nothing.records.tables["links_breaks"]["day"])
    assert "links_stand_in" not in nothing.ledger.balance


def test_all_is_whole_again_once_links_are_mended(worlds):
    for world in worlds["whole"]:
        assert world.conditions.sessions_short == world.conditions.carrier_short == 0.0
