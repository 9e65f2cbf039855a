"""Users settle on the own site in an exponential time, pay more there then, and leave if they stay away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.own_site import NOT, SETTLED, SETTLING, speed
from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market

OWN = PLATFORMS.index("own_site")
MARKET = (
    "own_site=settling",
    *(f"platforms.{name}.sends_on=0.9" for name in ("wechat", "xiaohongshu")),
    "control=media",
    "membership=none",
    *LIVELY,
)


@pytest.mark.exact
def test_care_speeds_settling_less_and_less():
    assert speed(1.0, 1.0) == speed(1.0, 3.0) == 1.0
    assert speed(0.0, 1.0) == 0.0
    assert [speed(c, 1.0) for c in (2.0, 3.0, 1e9)] == pytest.approx([4 / 3, 1.5, 2.0])


def staged(*words, days, size=2000):
    """Everybody is settling and never leaves; nothing else is looked at."""
    market = small_market("baseline", *MARKET, "own_site.leave_days=3650", "turnover=none", *words, size=size)
    live(market, 1)
    people = market.world.people
    people.own_site_stage[:] = SETTLING
    people.own_site_seen[:] = 1
    return live(market, days)


@pytest.mark.exact
@pytest.mark.parametrize(("mean", "care"), [(120.0, 1.0), (20.0, 1.0), (20.0, 3.0)])
def test_settling_takes_its_mean_time(mean, care):
    """After t days 1 - exp(-t speed / mean) have settled: binomial, four standard errors (F039: 120 days)."""
    days = 15
    market = staged(f"own_site.settling_days={mean}", f"own_site.care={care}", days=days)
    share = float((market.world.people.own_site_stage == SETTLED).mean())
    expected = 1.0 - math.exp(-days * speed(care, 1.0) / mean)
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / 2000)


def test_without_care_nobody_settles_and_nothing_is_paid():
    market = staged("own_site.care=0", days=5, size=300)
    assert not (market.world.people.own_site_stage == SETTLED).any()
    kind = market.world.kinds.booking("own_site_cost").kind
    assert kind not in market.records.tables["spend"]["kind"]


def test_whoever_stays_away_leaves():
    market = small_market("baseline", *MARKET, "own_site.leave_days=2", "own_site.visits=0")
    live(market, 1)
    people = market.world.people
    people.own_site_stage[:] = SETTLED
    people.own_site_seen[:] = 0
    live(market, 3)
    visits = market.records.tables["visits"]
    here = visits["person"][(visits["surface"] == OWN) & (visits["day"] >= 1)]
    away = ~np.isin(people.id, here)
    assert away.any()
    assert (people.own_site_stage[away] == NOT).all()


def test_settled_users_come_and_pay_the_premium():
    """S021: with settled users the own site takes more money, at a price that is above the list."""
    taken = {}
    for name, stage in (("settled", SETTLED), ("nobody", NOT)):
        market = small_market(
            "baseline", *MARKET, "own_site.leave_days=3650", "own_site.visits=0.2", "own_site.cost=0"
        )
        live(market, 1)
        market.world.people.own_site_stage[:] = stage
        market.world.people.own_site_seen[:] = 1
        live(market, 10)
        orders = market.records.tables["orders"]
        here = (orders["surface"] == OWN) & (orders["day"] >= 1)
        taken[name] = int(orders["paid_fen"][here].sum())
        full = orders["quantity"] * market.world.catalog.price_fen[orders["category"]]
        once = here & (orders["lifetime_order"] > 1) & (orders["discount_fen"] == 0)
        assert once.any()
        assert (orders["paid_fen"][once] / full[once]) == pytest.approx(np.full(once.sum(), 1.05), rel=1e-3)
    assert taken["settled"] > 1.2 * taken["nobody"]


def test_nobody_is_cared_for_once_the_strategy_has_ended():
    """After its last day nothing is paid and nobody settles any more; who stays away still leaves."""
    market = small_market(
        "baseline", *MARKET, "own_site.settling_days=5", "own_site.leave_days=3", "own_site.visits=0",
        "experiment.days=5", "experiment.after_days=6",
    )  # fmt: skip
    live(market, 5)
    paid = market.world.ledger.balance["own_site_cost"]
    assert paid > 0
    assert (market.world.people.own_site_stage == SETTLING).sum() > 10
    live(market, 6)
    assert market.world.ledger.balance["own_site_cost"] == paid
    moves = market.records.tables["own_site_moves"]
    late = moves["day"] >= 5
    assert late.any()
    assert (moves["stage"][late] == NOT).all()
