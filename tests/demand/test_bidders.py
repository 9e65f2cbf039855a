"""Auctions clear as second prices do, budgets drift as declared, growth slows, and a poor store pays more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.rng import Draw
from sim.demand.bidders import Bidders, BiddersParams, cost_of, drift, growth_since, share_bought
from tests.conftest import LIVELY, live, small_market

#: Rivals who never change, and traffic that does not grow.
STILL = (
    "bidders=four", "bidders.spread=0", "bidders.season=0", "bidders.growth=0", "bidders.traffic_first=0",
    "bidders.traffic_last=0", "bidders.quality=0",
)  # fmt: skip


def second_price(bid: float, quality: np.ndarray, rivals: np.ndarray) -> tuple[float, float]:
    """Slots won and money paid per slot on offer, one by one: ranks are bid x predicted quality."""
    won = paid = 0.0
    for own, others in zip(quality, rivals, strict=True):
        best = max(others)
        if bid * own > best:
            won += 1.0
            paid += best / own  # the bid that would just have won
    return won / len(quality), paid / len(quality)


@pytest.mark.reference
@pytest.mark.parametrize("bid", [0.4, 0.9, 1.5, 3.0, 50.0])
def test_a_purchase_clears_as_second_price_auctions_with_one_bid_do(bid):
    """The cheapest slots first is what one bid wins; money and slots agree with auctions held one by one."""
    rng = np.random.default_rng(7)
    quality, rivals = np.exp(0.3 * rng.normal(size=300)), np.exp(0.5 * rng.normal(size=(300, 4)))
    won, paid = second_price(bid, quality, rivals)
    thresholds = rivals.max(axis=1) / quality
    assert share_bought(thresholds, paid) == pytest.approx(won, abs=1e-12)
    assert cost_of(thresholds, won) == pytest.approx(paid, abs=1e-12)


@pytest.mark.property
@given(st.lists(st.floats(0.01, 10.0), min_size=1, max_size=30), st.floats(0.0, 1.0))
def test_buying_undoes_what_a_share_costs(thresholds, share):
    found = np.array(thresholds)
    assert share_bought(found, cost_of(found, share)) == pytest.approx(share, abs=1e-9)
    assert (
        cost_of(found, share) <= share * found.mean() + 1e-9
    )  # the cheapest first is no dearer than the mean


@pytest.mark.exact
def test_drift_has_unit_variance_and_forgets_exponentially():
    """Var = 1 and corr(t, t+k) = exp(-k / days) of a stationary AR(1); four standard errors of the draws."""
    days, n, lag = 10.0, 4000, 5
    normals = np.random.default_rng(3).normal(size=(61, n))
    now, then = drift(normals[:-lag], days), drift(normals[lag:], days)
    assert abs(now.var() - 1.0) < 4 * math.sqrt(2.0 / n)
    expected = math.exp(-lag / days)
    assert abs((now * then).mean() - expected) < 4 * math.sqrt((1 + expected**2) / n)


@pytest.mark.exact
@pytest.mark.parametrize("days", [1, 30, 365, 2000])
def test_growth_slows_as_its_rate_says(days):
    """The integral of a rate that falls exponentially from one to another, summed in steps of a hundredth."""
    first, last, slowing = 0.25, 0.12, 180.0
    t = (np.arange(days * 100) + 0.5) / 100
    rate = math.log1p(last) + (math.log1p(first) - math.log1p(last)) * np.exp(-t / slowing)
    assert growth_since(first, last, slowing, days) == pytest.approx(rate.sum() / 100 / 365.0, rel=1e-6)
    assert growth_since(first, last, slowing, -days) == 0.0


def test_rivals_budgets_are_the_same_whatever_the_brand_does_and_spread_as_declared():
    """Standard deviation over many days of 20 bidders: 0.3 within four standard errors of correlated days."""
    feature = Bidders(BiddersParams(spread=0.3, revert_days=5.0, season=0.0), 4.0, 0)
    world = type("W", (), {"conditions": type("C", (), {"foreseen": np.ones(3)})()})
    seen = []
    for day in range(600):
        world.day = day
        seen.append(feature.budgets(world, Draw(11, day), np.arange(5)))
    found = np.array(seen)
    assert found.mean() == pytest.approx(0.0, abs=4 * 0.3 / math.sqrt(20 * 600 / 10))
    assert found.std() == pytest.approx(0.3, abs=4 * 0.3 / math.sqrt(2 * 20 * 600 / 10))
    quiet = feature.budgets(world, Draw(11, 599), np.arange(2))
    assert (quiet == found[-1][:2]).all()


def test_rivals_who_stand_still_move_no_price():
    still = live(small_market("baseline", *STILL, *LIVELY), 5)
    assert (still.records.tables["bidders_days"]["dearness"] == 1.0).all()


def test_money_of_others_makes_attention_dear_and_traffic_makes_it_cheap():
    """S004: the price of a thousand impressions, as billed, in the same world."""

    def price(*words):
        media = live(small_market("baseline", *STILL, "control=media", *words), 40).records.tables["media"]
        late = (media["day"] >= 30) & (media["impressions"] > 0)
        return float(media["spend_fen"][late].sum() / media["impressions"][late].sum())

    usual = price()
    assert price("bidders.growth=3") > 1.05 * usual
    assert price("bidders.traffic_first=3", "bidders.traffic_last=3") < usual / 1.03
    assert price("bidders.quality=0.5", "platforms.reference_sales=10000") > 1.02 * usual
