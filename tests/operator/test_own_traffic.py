"""Own traffic: from the rule's day on two costs of an order are compared, and money follows slowly."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config.remarks import remarks
from sim.operator.own_traffic import Costs, OwnTraffic, OwnTrafficParams, next_share, written_off
from sim.world.schema import Source, Spend
from tests.conftest import LIVELY, live, small_config, small_market

#: Messages bring visits, so that an own pool is worth more than in a market of seldom visits.
OWNING = (
    "private_domain=wecom", "policy=open_data", "policy.opens_from=6", "own_traffic=reviewed",
    "control=media", "influencers=none", *LIVELY,
)  # fmt: skip
DAYS = 21


def play(*words: str):
    return live(small_market("baseline", *OWNING, *words, size=1000), DAYS).world


@pytest.fixture(scope="module")
def cheap():
    return play("private_domain.adviser_cost=0", "private_domain.click=0.5")


@pytest.fixture(scope="module")
def never():
    """The same market, whose firm never looks."""
    return play("private_domain.adviser_cost=0", "private_domain.click=0.5", "own_traffic=none")


def cost_of_an_order(world, source: Source, *names: str, first: int, end: int) -> float:
    """CNY, spending and commission of a window, row by row."""
    kinds = {world.kinds.booking(name).kind for name in names}
    rows, orders = world.records.spend, world.records.orders
    fen = sum(
        int(f) for d, k, f in zip(rows["day"], rows["kind"], rows["fen"], strict=True)
        if first <= d < end and int(k) in kinds
    )  # fmt: skip
    mine = [n for n, d in enumerate(orders["day"]) if first <= d < end and orders["source"][n] == source]
    return (fen + int(orders["commission_fen"][mine].sum())) / 100.0 / len(mine)


def test_money_moves_to_the_own_pool_from_the_rules_day_on_in_steps(cheap, never):
    looks, days = (cheap.records.tables[f"own_traffic_{name}"] for name in ("looks", "days"))
    assert looks["day"].tolist() == [6, 13, 20]
    assert (looks["owned"] < 0.85 * looks["rented"]).all()
    assert looks["share"] == pytest.approx([0.1, 0.2, 0.3])
    assert days["fen"][days["day"] < 6].sum() == 0 < days["fen"][6]
    paid, usual = (world.records.spend for world in (cheap, never))
    media = [np.bincount(s["day"], s["fen"] * (s["kind"] == int(Spend.MEDIA)), DAYS) for s in (paid, usual)]
    shown = np.where(days["day"] < 6, 1.0, 0.9)  # without consent nothing is shown, and nothing billed
    assert media[1] - media[0] == pytest.approx(shown * days["fen"], abs=8)  # whole fen of each platform
    assert (shown * days["fen"] <= days["share"] * media[1] + 8).all()
    assert days["joined"].sum() > 20
    assert cheap.people.private_domain.sum() > never.people.private_domain.sum() + 10


def test_costs_are_those_of_the_window_by_hand(cheap):
    """At the first look nothing has been invested yet; the day's own costs are not known."""
    looks = cheap.records.tables["own_traffic_looks"]
    window = {"first": 0, "end": 6}
    rented = cost_of_an_order(cheap, Source.PAID_MEDIA, "media", **window)
    owned = cost_of_an_order(cheap, Source.PRIVATE_DOMAIN, "private_domain", **window)
    assert looks["rented"][0] == pytest.approx(rented)
    assert looks["owned"][0] == pytest.approx(owned)


def test_a_dear_pool_gets_nothing_and_the_rules_own_cost_can_make_it_dear():
    """The same pool is worth owning without the rule, and not where data of users cost ten a day."""
    free = play("own_traffic.begins=first_day", "policy=none", "private_domain.click=0.5")
    ruled = play(
        "own_traffic.begins=first_day", "private_domain.click=0.5", "policy.opens_from=0", "policy.duty=10"
    )
    assert free.records.tables["own_traffic_looks"]["share"][-1] >= 0.1
    assert not ruled.records.tables["own_traffic_looks"]["share"].any()
    assert not ruled.records.tables["own_traffic_days"]["asked"].any()


def test_moving_costs_its_part_and_every_look_its_hours(cheap):
    """Three looks and three moves of a tenth in 1,000 people."""
    assert cheap.ledger.balance["own_traffic_reviewed"] == 3 * 200 + 3 * 1000
    assert (
        cheap.ledger.balance["own_traffic_invited"] == cheap.records.tables["own_traffic_days"]["fen"].sum()
    )


def test_invitations_cost_their_price_to_the_fen():
    """0.29 CNY each, which is no number of fen that a computer holds exactly."""
    world = play("own_traffic.begins=first_day", "own_traffic.gift=0.29", "private_domain.adviser_cost=0",
                 "own_traffic.review_days=1", "private_domain.click=0.5")  # fmt: skip
    days = world.records.tables["own_traffic_days"]
    assert days["asked"].sum() > 100
    assert days["fen"].tolist() == (29 * days["asked"]).tolist()


def test_nobody_is_asked_twice_within_the_rest():
    world = play("own_traffic.begins=first_day", "own_traffic.review_days=1", "own_traffic.step=0.5",
                 "own_traffic.gift=0.05", "own_traffic.accepts=0", "private_domain.click=0.5")  # fmt: skip
    days = world.records.tables["own_traffic_days"]
    assert days["asked"].sum() <= world.people.registered.sum()
    assert days["fen"][days["asked"] == 0].sum() == 0
    assert days["asked"][-1] < 0.2 * days["asked"].max()  # money finds nobody any more, and stays with media


@pytest.mark.parametrize(
    ("rented", "owned", "share"),
    [(10, 8.4, 0.3), (10, 8.6, 0.2), (8.6, 10, 0.2), (8.4, 10, 0.1), (float("nan"), 1, 0.2)],
)
def test_a_difference_within_the_margin_moves_nothing(rented, owned, share):
    assert next_share(OwnTrafficParams(), 0.2, Costs(rented, owned)) == pytest.approx(share)


def test_shares_stay_within_their_bounds():
    p = OwnTrafficParams(most=0.25)
    assert next_share(p, 0.2, Costs(10, 1)) == 0.25
    assert next_share(p, 0.05, Costs(1, 10)) == 0.0


def test_investments_are_written_off_in_equal_parts():
    """Against a sum day by day."""
    day, fen, life = np.array([0, 3, 9]), np.array([1000, 500, 200]), 5.0
    by_hand = sum(fen[k] / life for k in range(3) for d in range(day[k], day[k] + 5) if 4 <= d < 10)
    assert written_off(day, fen, 4, 10, life) == pytest.approx(by_hand)
    assert written_off(day, fen, 0, 100, life) == pytest.approx(fen.sum())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("private_domain=none",), "private_domain=wecom"),
        (("policy=none",), "own_traffic.begins=first_day"),
    ],
)
def test_what_it_needs_is_told_before_a_run_and_nothing_moves_without(words, says):
    config = small_config("baseline", *OWNING, *words)
    [line] = [line for line in remarks(config) if "own_traffic" in line]
    assert says in line
    assert not OwnTraffic.on(config)
    assert OwnTraffic.on(small_config("baseline", *OWNING))
