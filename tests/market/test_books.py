"""Conservation and causality in lively markets: every effect has its cause, every fen its account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.core.errors import ConservationError, RunError
from sim.market import Market
from sim.world.schema import Source
from sim.world.world import CANCELLED, DELIVERED, OPEN, RETURNED, RETURNING, WAITING
from tests.conftest import LIVELY, live, small_market

DAYS = 12
OPTIONS = {
    "incentive": ("none", "flat_cash", "three_tier", "task_ladder", "group_buy"),
    "private_domain": ("none", "wecom"),
    "pricing": ("list", "coupon", "bundle"),
    "logistics": ("standard", "tight", "instant"),
    "influencers": ("default", "livestream", "none"),
    "shock": ("none", "downturn", "platform_loss", "rider_shortage"),
    "control": ("default", "media"),
}
BUSY = (
    "sharing.invite_gain=1.0", "sharing.invite_click=0.6", "turnover.exit_rate=0.03", "shock.start=2",
    "fraud.attempts=1", "fraud.opportunists=0.5", "aftersales.return_days=2", "aftersales.return_low=5",
    "affiliates.join=1", "affiliates.posts=0.5", "incentive.clawback_days=3", "shock.days=5",
)  # fmt: skip


@st.composite
def markets(draw) -> Market:
    chosen = [f"{group}={draw(st.sampled_from(options))}" for group, options in OPTIONS.items()]
    size = draw(st.sampled_from([400, 700]))
    if draw(st.booleans()):
        chosen += ["incentive.invite_reward=60", "incentive.levels=2", "incentive.second_level=0.2"]
    return small_market("baseline", *chosen, *LIVELY, *BUSY, size=size, replication=draw(st.integers(0, 50)))


def causes(ids: np.ndarray, minutes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Minute of the cause of each wanted id; every one must exist."""
    order = np.argsort(ids, kind="stable")
    at = np.searchsorted(ids[order], wanted)
    assert len(wanted) == 0 or at.max() < len(ids)
    assert (ids[order][at] == wanted).all()
    return minutes[order][at]


def check_visits(market: Market) -> None:
    r = market.records
    assert len(np.unique(r.visits["visit_id"])) == len(r.visits)
    assert len(np.unique(r.touches["touch"])) == len(r.touches)
    assert (r.visits["day"] == r.visits["minute"] // 1440).all()
    shared = np.isin(
        r.visits["source"], [Source.SHARE, Source.INVITATION, Source.AFFILIATE, Source.GROUP_BUY]
    )
    touched = causes(r.touches["touch"], r.touches["minute"], r.visits["touch"][shared])
    assert (r.visits["minute"][shared] >= touched).all()
    shown = np.isin(r.visits["source"], [Source.INFLUENCER_POST, Source.SPONSORED_POST, Source.LIVESTREAM])
    held = r.tables["sessions_held"]
    ids = np.concatenate([r.posts["post"], held["session"]])
    begun = np.concatenate(
        [r.posts["minute"], held["start_minute"] - 1]
    )  # they come from the first minute on
    assert (r.visits["minute"][shown] > causes(ids, begun, r.visits["touch"][shown])).all()
    feeds = np.isin(
        r.visits["source"], [Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT]
    )
    assert (r.visits["touch"][feeds] == -1).all()


def check_cascades(market: Market) -> None:
    """A passing-on of generation g+1 comes after its sender was told in generation g of the same cascade."""
    t = market.records.touches
    told: dict[tuple[int, int], list[tuple[int, int]]] = {}
    rows = list(
        zip(*(t[c].tolist() for c in ("root", "sender", "receiver", "minute", "generation")), strict=True)
    )
    for root, _, who, minute, generation in rows:
        told.setdefault((root, who), []).append((minute, generation))
    for root, who, _, minute, generation in rows:
        if generation > 1:
            assert any(m < minute and g == generation - 1 for m, g in told[root, who])


def check_orders(market: Market) -> None:
    r = market.records
    orders = r.orders
    assert len(np.unique(orders["order_id"])) == len(orders)
    assert (causes(r.visits["visit_id"], r.visits["minute"], orders["visit_id"]) == orders["minute"]).all()
    assert set(orders["visit_id"].tolist()) == set(r.visits["visit_id"][r.visits["order"]].tolist())
    assert (orders["paid_fen"] + orders["discount_fen"] == orders["list_fen"]).all()
    assert (orders["paid_fen"] >= 0).all()
    for table in (r.deliveries, r.cancellations):
        at = causes(orders["order_id"], orders["minute"], table["order_id"])
        assert (table["minute"] >= at).all(), table.name
        assert len(np.unique(table["order_id"])) == len(table), table.name
    delivered = causes(r.deliveries["order_id"], r.deliveries["minute"], r.returns["order_id"])
    assert (r.returns["minute"] >= delivered).all()
    assert len(np.unique(r.returns["order_id"])) == len(r.returns)
    assert not set(r.deliveries["order_id"].tolist()) & set(r.cancellations["order_id"].tolist())


def check_statuses(market: Market) -> None:
    """Every order is open, waiting, delivered, cancelled or returned, and the tables say the same."""
    r, status = market.records, market.world.orders["status"]
    count = {s: int((status == s).sum()) for s in (OPEN, WAITING, DELIVERED, CANCELLED, RETURNED, RETURNING)}
    assert sum(count.values()) == len(r.orders)
    assert count[CANCELLED] == len(r.cancellations)
    assert count[RETURNED] == len(r.returns)
    assert count[DELIVERED] + count[RETURNING] == len(r.deliveries) - len(r.returns)
    assert count[WAITING] == sum(len(g.rows) for g in market.world.groups)


def check_rewards(market: Market) -> None:
    r = market.records
    earned = ~r.rewards["clawed_back"]
    people = r.registrations["person"]
    assert (r.rewards["inviter"] >= 0).all()
    first = dict(zip(people[::-1].tolist(), r.registrations["day"][::-1].tolist(), strict=True))
    for invitee, day in zip(
        r.rewards["invitee"][earned].tolist(), r.rewards["day"][earned].tolist(), strict=True
    ):
        assert day >= first[invitee]
    invited = r.registrations["inviter"] >= 0
    assert (r.registrations["source"][invited] == Source.INVITATION).all()
    assert (people[invited] != r.registrations["inviter"][invited]).all()
    keys = np.stack([r.rewards[c][earned] for c in ("invitee", "stage", "inviter")], axis=1)
    assert len(np.unique(keys, axis=0)) == len(keys)
    if market.config.incentive.design in ("none", "group_buy"):
        assert len(r.rewards) == 0
    if market.config.incentive.design in ("three_tier", "task_ladder"):
        check_stages(market)


def check_stages(market: Market) -> None:
    """A second stage is paid at the first hand-over after joining, a third at the second, none is skipped."""
    r = market.records
    real = ~r.rewards["fake"]
    paid = {s: set(r.rewards["invitee"][real & (r.rewards["stage"] == s)].tolist()) for s in (1, 2, 3)}
    handed = dict(zip(*np.unique(r.deliveries["person"], return_counts=True), strict=True))
    assert paid[3] <= paid[2]
    assert all(handed[person] >= 1 for person in paid[2])
    assert all(handed[person] >= 2 for person in paid[3])


def check_people(market: Market) -> None:
    world, r = market.world, market.records
    everybody = np.concatenate([world.people.id, world.away.get("id", np.zeros(0, np.int64))])
    assert len(np.unique(everybody)) == len(everybody)
    assert (r.daily["arrivals"] + r.daily["returners"] == r.daily["exits"]).all()
    assert r.daily["exits"].sum() > 0
    assert (r.daily["population"] == len(world.people)).all()
    assert (world.people.id[world.influencers.seat] == world.influencers.id).all()


def check_money(market: Market) -> None:
    world, r = market.world, market.records
    assert sum(world.ledger.balance.values()) == 0
    held = world.ledger.balance.get
    status, paid = world.orders["status"], r.orders["paid_fen"]
    handed_over = np.isin(status, [DELIVERED, RETURNED, RETURNING])
    assert -held("revenue", 0) == r.orders["list_fen"][handed_over].sum()
    assert held("discounts", 0) == r.orders["discount_fen"][status != CANCELLED].sum()
    assert held("commissions", 0) == r.orders["campaign_commission_fen"][status != CANCELLED].sum()
    assert held("refunds", 0) == r.returns["refund_fen"].sum() == paid[status == RETURNED].sum()
    assert held("media", 0) == r.media["spend_fen"].sum()
    assert held("influencer_fees", 0) == r.posts["fee_fen"].sum()
    earned = r.rewards["fen"] * np.where(r.rewards["clawed_back"], -1, 1)
    assert held("rewards", 0) == earned.sum()
    assert r.spend["fen"].sum() == world.operator.spent_fen


CHECKS = (
    check_visits,
    check_cascades,
    check_orders,
    check_statuses,
    check_rewards,
    check_people,
    check_money,
)


@pytest.mark.property
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(markets())
def test_every_effect_has_its_cause_and_every_fen_its_account(market):
    live(market, DAYS)
    assert len(market.records.orders) > 50
    for check in CHECKS:
        check(market)


def test_whoever_stays_and_receives_brings_the_inviter_each_stage():
    """Also when a second order is placed before the first is handed over."""
    market = live(
        small_market(
            "three_tier_referral", *LIVELY, *BUSY, "turnover=none", "fraud=none", "control=media", size=800
        ),
        DAYS,
    )
    check_stages(market)
    r = market.records
    invited = set(r.registrations["person"][r.registrations["inviter"] >= 0].tolist())
    persons, times = np.unique(r.deliveries["person"], return_counts=True)
    for stage in (2, 3):
        paid = set(r.rewards["invitee"][r.rewards["stage"] == stage].tolist())
        assert paid == invited & set(persons[times >= stage - 1].tolist())
        assert len(paid) >= 5


@pytest.fixture
def market() -> Market:
    return live(small_market("flat_cash_referral", *LIVELY, *BUSY, "control.daily_budget=5", size=300), 4)


def spoil_deposits(world):
    world.ledger.balance["deposits"] -= 1
    world.ledger.balance["cash"] += 1


def spoil_rewards(world):
    world.agendas["rewards"].columns["fen"][0] += 1


def spoil_sum(world):
    world.ledger.balance["cash"] += 7


def spoil_status(world):
    world.orders["status"][np.flatnonzero(world.orders["status"] == OPEN)[0]] = CANCELLED


def spoil_people(world):
    world.people.id[0] = world.people.id[1]
    world.forget_index()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_deposits, "day 4: account 'deposits'"),
        (spoil_rewards, "account 'rewards_payable'"),
        (spoil_sum, r"day 4: account 'cash' holds"),
        (spoil_status, "account 'deposits'"),
        (spoil_people, "people, day 4: two seats hold the same person"),
    ],
)
def test_a_tampered_world_is_stopped_and_the_account_named(market, spoil, message):
    market.world.check()
    spoil(market.world)
    with pytest.raises(ConservationError, match=message):
        market.world.check()


def test_goods_out_of_thin_air_stop_the_day(market):
    market.world.logistics.stock.shelf[...] += 1
    with pytest.raises(RunError):
        market.step()
