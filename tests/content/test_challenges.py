"""Challenges: entries beget entries over ties and followers, prizes are shared, and it ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.content.challenges import Challenge
from tests.conftest import LIVELY, live, small_market

EAGER = (
    "challenge=makeup", "challenge.start=1", "challenge.think_hours=6", "challenge.seeds=20", "control=media",
    "sessions=none", "sharing.weak_click=0.5", *LIVELY,
)  # fmt: skip


def play(*words: str, days: int = 8):
    return live(small_market("baseline", *EAGER, *words, size=1500), days).world


def figure(world, name: str) -> float:
    return next(one for one in Challenge.figures if one.name == name).value(world.records.tables)


@pytest.fixture(scope="module")
def world():
    return play("challenge.joins=0.3", "challenge.days=3")


def test_it_begins_with_those_who_are_asked_and_ends_on_its_last_day(world):
    entries = world.records.tables["challenge_entries"]
    assert (entries["generation"] == 0).sum() == 30
    assert entries["day"].min() == 1
    assert entries["day"].max() == 3
    longer = play("challenge.joins=0.3", "challenge.days=6").records.tables["challenge_entries"]
    assert longer["day"].max() > 3
    assert len(np.unique(entries["person"])) == len(entries)  # once each
    assert (entries["generation"] > 1).any()


def test_every_entry_is_paid_and_prizes_are_paid_in_whole(world):
    entries, p = world.records.tables["challenge_entries"], Challenge.Params()
    fees = np.where(entries["generation"] == 0, p.seed_fee + p.handling, p.handling)
    assert entries["fen"].sum() == round(100 * fees.sum())
    paid = world.ledger.balance["challenge_cost"]
    assert paid == entries["fen"].sum() + world.records.tables["challenge_pools"]["fen"].sum()
    assert world.records.tables["challenge_pools"]["fen"].sum() == pytest.approx(50 * 1.5 * 100, abs=5)


def test_prizes_that_nobody_can_win_are_not_paid():
    alone = play("challenge.seeds=0", "challenge.days=3", days=6)
    assert not len(alone.records.tables["challenge_entries"])
    assert not alone.ledger.balance.get("challenge_cost", 0)


def test_entries_are_seen_over_ties_and_bring_visits_about_the_topic(world):
    """A mean of ``sharing.audience`` acquaintances each; influencers, who have followers, are left out."""
    quiet = play("challenge.joins=0.1", "influencers=none", "sharing.audience=4", days=6)
    entries = quiet.records.tables["challenge_entries"]
    n = len(entries)
    assert (
        abs(entries["seen_by"].mean() - 4.0) < 4.0 * math.sqrt(4.0 / n) + 0.2
    )  # few know fewer than they tell
    visits = world.records.visits
    mine = visits["source"] == world.kinds.source("challenge_entry")
    assert mine.sum() > 5
    assert figure(world, "challenge_views") > figure(quiet, "challenge_views") > 0.0


def test_a_small_part_of_a_prize_wins_fewer_than_a_large_one_and_less_and_less():
    chances = []
    for prize in (0.0, 50.0, 100.0):
        challenge = Challenge(Challenge.Params(prize=prize, tires=0.0), 0, (None, None, 1.0, 0.5))
        stub = type("W", (), {})()
        stub.people = type("P", (), {"__len__": lambda self: 1000})()
        stub.people.belonging, stub.people.challenge_seen = np.array([0.5]), np.array([1.0])
        stub.people.challenge_fresh = np.array([1])
        stub.records = type("R", (), {"challenge_entries": range(24)})()
        chances.append(float(challenge._chance(stub, np.array([0]))[0]))
    p = Challenge.Params()
    assert chances[0] == pytest.approx(p.joins)
    assert chances[1] == pytest.approx(p.joins + p.prize_adds * (1.0 - math.exp(-1.0)))  # 50 / 25 = 2 each
    assert chances[0] < chances[1] < chances[2] < 2.0 * chances[1] - chances[0]


def test_whoever_has_seen_many_joins_less():
    """Each entry seen before makes one less likely: there are fewer where all tire at once."""
    fresh, tired = (play("challenge.joins=0.2", f"challenge.tires={t}", days=6) for t in (0, 5))
    assert figure(tired, "challenge_size") < 0.8 * figure(fresh, "challenge_size")


@pytest.mark.parametrize(("prize", "fee", "paid"), [(50, 0, True), (0, 10, False), (0, 0, False)])
def test_visits_by_entries_that_may_win_are_not_unpaid_ones(prize, fee, paid):
    """All entries may win a prize; without one only those are paid for that begin."""
    words = (
        f"challenge.prize={prize}",
        f"challenge.seed_fee={fee}",
        "challenge.joins=0.3",
        "challenge.days=4",
    )
    world = play(*words, days=7)
    visits = world.records.visits
    mine = visits["source"] == world.kinds.source("challenge_entry")
    rewarded = visits["rewarded"][mine]
    assert mine.sum() > 20
    assert rewarded.all() if paid else not rewarded.all()
    assert rewarded.any() == (prize > 0 or fee > 0)
