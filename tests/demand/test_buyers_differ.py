"""Lasting differences between buyers: baskets, and how long people stay."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, nbinom, poisson

from sim.config import compose
from sim.core.jit import njit
from sim.core.rng import Draw, stream_key
from sim.demand import decide
from sim.demand.turnover import Turnover, TurnoverParams, _leaving
from sim.world.catalog import build_catalog
from sim.world.platforms import Platforms
from sim.world.population import PopulationParams, build_people
from tests.conftest import LIVELY, live, small_market

PEOPLE = 40_000


def people_of(**changes: float):
    """A population drawn with other spreads, and nothing else."""
    config, params = compose([]), PopulationParams(**changes)
    catalog, platforms = build_catalog(config.catalog), Platforms(config.platforms)
    return build_people(PEOPLE, params, catalog, platforms, Draw(3), 1)


@njit
def units(stream: np.uint64, n: int, mean: float, spread: float) -> np.ndarray:
    out = np.empty(n, np.int64)
    for who in range(n):
        out[who] = decide._more(stream, who, 2, mean, spread)
    return out


@pytest.mark.parametrize(("mean", "spread"), [(0.18, 0.0), (0.18, 4.0), (2.0, 0.5), (3.0, 6.0)])
def test_units_beyond_the_first_follow_their_law(mean: float, spread: float) -> None:
    """Negative binomial with the excess asked for, Poisson without; chi-square over 0 to 7 and more."""
    drawn = units(stream_key(1, "test.units", 0), PEOPLE, mean, spread)
    law = nbinom(1 / spread, 1 / (1 + spread * mean)) if spread else poisson(mean)
    expected = np.append(law.pmf(np.arange(8)), law.sf(7)) * PEOPLE
    last = max(1, int(np.flatnonzero(expected > 5)[-1]))  # rare counts are one class
    seen = np.bincount(np.minimum(drawn, last), minlength=last + 1)
    expected = np.append(expected[:last], expected[last:].sum())
    assert chisquare(seen, expected).pvalue > 0.001
    assert decide._no_more(mean, spread) == pytest.approx(law.pmf(0))


def test_by_default_baskets_and_stays_are_alike() -> None:
    people = people_of()
    assert np.all(people.basket == 1.0)
    assert np.all(people.exit_pace == 1.0)


@pytest.mark.parametrize(("sigma", "power"), [(0.5, 0.0), (0.0, 0.8), (0.5, 0.8)])
def test_lasting_baskets_have_mean_one_and_their_spread(sigma: float, power: float) -> None:
    """Mean and, without needs in it, log sd within 3 s.e.; with needs, those who need more buy more."""
    people = people_of(basket_sigma=sigma, basket_needs=power)
    basket = people.basket.astype(float)
    assert abs(basket.mean() - 1) < 3 * basket.std() / np.sqrt(PEOPLE)
    if power == 0.0:
        assert abs(np.log(basket).std() - sigma) < 3 * sigma / np.sqrt(2 * PEOPLE)
    often = people.need_total > np.quantile(people.need_total, 0.9)
    ratio = basket[often].mean() / basket[~often].mean()
    assert ratio > 1.8 if power else ratio == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.5])
def test_who_stays_thins_out_as_a_mixture_of_hazards(spread: float) -> None:
    """After 300 days at 1% a day (1 + s^2 rt)^(-1/s^2) of those who came are left (Pareto), or exp(-rt)."""
    people, rate, days = people_of(exit_spread=spread), 0.01, 300
    pace = people.exit_pace
    assert abs(pace.mean() - 1) < 3 * spread / np.sqrt(PEOPLE) + 1e-6
    here, bound = np.ones(PEOPLE, bool), np.zeros(PEOPLE, bool)
    for day in range(days):
        here &= ~_leaving(stream_key(1, "test.exit", day), people.id, rate, pace, bound)
    # A day's chance is rate x pace: the product over days, averaged over paces.
    shape = spread**-2 if spread else np.inf
    sample = np.random.default_rng(1).gamma(shape, 1 / shape, 10**6) if spread else np.ones(1)
    expected = float(np.mean(np.clip(1 - rate * sample, 0, 1) ** days))
    assert abs(here.mean() - expected) < 3 * np.sqrt(expected * (1 - expected) / PEOPLE)
    if spread:
        assert expected == pytest.approx((1 + spread**2 * rate * days) ** (-(spread**-2)), rel=0.05)


def test_those_whose_inviter_is_here_leave_less() -> None:
    """Of 2,000 exits of people with an inviter in the market half are kept at 0.5, of others none."""
    market = small_market("baseline", size=2_000)
    world = market.world
    turnover = Turnover(TurnoverParams(inviter_keeps=0.5), market.config.population, world.catalog)
    seats = np.arange(2_000)
    world.people.inviter[:] = world.people.id[::-1]
    world.people.inviter[1_000:1_500] = -1
    world.people.inviter[1_500:] = 2**50  # has left
    kept = turnover._kept(world, stream_key(1, "test.kept", 0), seats)
    assert not kept[1_000:].any()
    assert abs(kept[:1_000].mean() - 0.5) < 3 * 0.5 / np.sqrt(1_000)


def order_values(*words: str) -> tuple[float, float]:
    """Log sd of order values, and the share of their variance that is between people."""
    market = live(small_market("baseline", *LIVELY, "choice.basket_mean=0.8", *words, size=700), 30)
    orders = market.world.records.orders
    value = np.log(np.asarray(orders["paid_fen"]) + 1.0)
    at, count = np.unique(np.asarray(orders["person"]), return_inverse=True, return_counts=True)[1:]
    mean = np.bincount(at, value) / count
    several, total = count > 1, value.var(ddof=1)
    within = np.sum((value - mean[at])[several[at]] ** 2) / np.sum(count[several] - 1)
    return float(np.sqrt(total)), float(1 - within / total)


def test_unlike_buyers_make_unlike_orders() -> None:
    """Wider order values, and more of it between people."""
    alike = order_values()
    assert order_values("choice.basket_spread=3")[0] > alike[0] + 0.02
    assert order_values("population.basket_sigma=2")[1] > alike[1] + 0.05
