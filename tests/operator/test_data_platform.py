"""A data platform: what is lost and blurred adds up as declared, and what is left moves decisions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.operator.data_platform import DataPlatformParams, forecast_ratio, kept
from sim.world.catalog import CATEGORIES
from sim.world.observed import DataService, Observed
from tests.conftest import LIVELY, live, small_market

FULL = ("data_platform=hourly", "data_platform.sources=18", "data_platform.care=5", *LIVELY)


@pytest.mark.exact
@pytest.mark.parametrize(("lost", "care"), [(0.0, 0.0), (0.1, 0.0), (0.3, 1.0), (0.5, 4.0)])
def test_three_layers_lose_one_after_the_other(lost, care):
    """S050: of 10 million events, each layer keeps its share of what reaches it."""
    left = 10_000_000.0
    for _ in range(3):
        left -= left * lost / (1.0 + care)
    assert kept(lost, care) == pytest.approx(left / 10_000_000.0)


@pytest.mark.property
@given(st.integers(0, 16), st.floats(0.0, 5.0), st.floats(0.0, 1.0))
def test_each_further_source_adds_less_and_blur_never_takes_more_than_a_twentieth(sources, care, privacy):
    def sharp(n, p=privacy):
        return DataPlatformParams(sources=n, care=care, privacy=p, consent=1.0).sharpness()

    first, second = sharp(sources + 1) - sharp(sources), sharp(sources + 2) - sharp(sources + 1)
    assert 0.0 < second < first
    assert 0.95 * sharp(sources, 0.0) - 1e-12 <= sharp(sources) <= sharp(sources, 0.0)


def test_protection_wins_consent_and_blurs_so_that_neither_end_need_be_best():
    """S051: with few who agree to open data protection pays; where all agree it only blurs."""

    def best(consent, enough, sources=18):
        tried = np.linspace(0.0, 1.0, 21)
        words = {"consent": consent, "enough": enough, "sources": sources}
        return tried[int(np.argmax([DataPlatformParams(privacy=p, **words).sharpness() for p in tried]))]

    assert best(0.3, 12.0) == 1.0
    assert best(1.0, 6.0) == 0.0
    assert any(0.0 < best(0.3, enough) < 1.0 for enough in np.linspace(1.0, 6.0, 26))


@pytest.mark.exact
def test_a_peak_is_foreseen_as_far_as_it_is_recognised():
    usual, recent = np.array([600.0, 300.0, 100.0]), np.array([60.0, 30.0, 110.0])
    found = forecast_ratio(recent, usual, 1e-9, 0.8)
    assert found == pytest.approx(1.0 + 0.8 * (recent / 200.0 / np.array([0.6, 0.3, 0.1]) - 1.0))
    assert forecast_ratio(usual, usual, 5.0, 0.8) == pytest.approx(np.ones(3), abs=0.05)
    assert (forecast_ratio(recent, usual, 20.0, 0.0) == 1.0).all()
    assert forecast_ratio(np.zeros(3), usual, 20.0, 1.0) == pytest.approx(np.ones(3))


def test_what_closes_misfits_leaves_the_rest_to_others_and_holds_for_its_day():
    seen = Observed()
    assert seen.match(5, 0.82) == 0.82
    seen.closes("a", 5, 0.5)
    assert seen.match(5, 0.82) == pytest.approx(0.91)  # F057 with all sources
    seen.closes("b", 5, 0.5)
    assert seen.match(5, 0.82) == pytest.approx(1.0 - 0.18 / 4)
    assert seen.match(6, 0.82) == 0.82


def test_reports_are_as_old_as_the_platforms_at_most_on_days_that_are_paid():
    seen = Observed(service=DataService(3, 0.25))
    assert (seen.served(3).fresher(24.0), seen.served(3).fresher(0.1), seen.served(4).fresher(24.0)) == (
        0.25,
        0.1,
        24.0,
    )


@pytest.fixture(scope="module")
def lived():
    words = {
        "without": LIVELY,
        "with": FULL,
        "poor": (*FULL, "data_platform.cost_source=100", "control.daily_budget=0.1"),
    }
    return {
        n: [live(small_market("baseline", *w, replication=r), 14) for r in range(2)] for n, w in words.items()
    }


def test_sharp_data_bring_fitting_goods_into_carts(lived):
    """S048: with all sources the recommender is right more often: first visits are likelier to order.

    By hand, chance = order x (match x matched + (1 - match) x missed), so that it rises by a factor between 1
    and 1 + closed misfits over the usual matches.
    """
    for plain, sharp in zip(lived["without"], lived["with"], strict=True):
        tables = [m.records.tables["visits"] for m in (plain, sharp)]
        chance = [
            dict(zip(t["visit_id"][t["day"] == 0], t["order_probability"][t["day"] == 0], strict=True))
            for t in tables
        ]
        told = [key for key in chance[0].keys() & chance[1].keys() if chance[0][key] > 0.0]
        assert len(told) > 20
        ratio = np.median([chance[1][key] / chance[0][key] for key in told])
        closed = 0.5 * sharp.records.tables["data_platform_days"]["sharpness"][0]
        assert 1.0 < ratio < 1.0 + 0.18 * closed / 0.82


def test_without_money_there_is_no_platform(lived):
    for market in lived["poor"]:
        days = market.records.tables["data_platform_days"]
        assert not days["paid"].any()
        assert not days["sharpness"].any()
    for market in lived["with"]:
        spend = market.records.tables["spend"]
        kind = market.world.kinds.booking("data_platform_cost").kind
        due = DataPlatformParams(sources=18, care=5.0).daily_cost() * 0.4 * 100
        assert spend["fen"][spend["kind"] == kind] == pytest.approx(np.full(14, due), abs=0.51)


def test_foreseen_peaks_put_stock_and_what_is_shown_ahead():
    """S049: goods that people begin to look at are shown to more of the others, and ordered in advance."""
    one = "bursts=default", "bursts.per_year=0", "bursts.of_all_per_year=0"
    market = live(small_market("baseline", *FULL, *one, size=400), 6)
    peaks = market.records.tables["data_platform_peaks"]
    assert peaks["ratio"].std() > 0.0
    stock = market.world.logistics.stock
    usual = stock.levels()
    market.world.logistics.expect(np.full(13, 2.0))
    ahead = stock.levels()
    assert (ahead >= usual).all()
    assert ahead.sum() > 1.3 * usual.sum()
    live(market, 1)
    assert (stock.expected == 1.0).all()  # a foresight holds for one review


def test_rules_see_late_reports_as_soon_as_the_platform_does():
    words = (
        "instruments.delay=3",
        "rules.named.more={figure: visits, against: given, reference: 1, days: 1}",
    )
    delays = [
        live(small_market("baseline", *w, *words), 2).world.observed.delay["visits"] for w in (LIVELY, FULL)
    ]
    assert delays == [3.0, 1.0 / 24.0]


def test_protection_reaches_the_recommender_as_far_as_it_sharpens():
    """S051: where few agree to open data, full protection makes the same first visits likelier to order."""
    words = (*FULL, "data_platform.consent=0.2", "data_platform.enough=20")
    mean = {}
    for privacy in (0, 1):
        market = live(small_market("baseline", *words, f"data_platform.privacy={privacy}"), 1)
        visits = market.records.tables["visits"]
        mean[privacy] = dict(zip(visits["visit_id"], visits["order_probability"], strict=True))
    same = [key for key in mean[0].keys() & mean[1].keys() if mean[0][key] > 0.0]
    assert len(same) > 20
    assert np.median([mean[1][key] / mean[0][key] for key in same]) > 1.0


def test_nobody_knows_yet_what_was_looked_at_since_the_data_are_old():
    """Data that are a day old: what is foreseen follows from visits of more than a day ago alone."""
    words = ("data_platform=hourly", "data_platform.minutes=1440", *LIVELY)
    world = live(small_market("baseline", *words, size=400), 5).world
    p, visits = DataPlatformParams(minutes=1440.0), world.records.visits
    peaks, sharp = world.records.tables["data_platform_peaks"], world.records.tables["data_platform_days"]
    told = np.unique(peaks["minute"])
    assert len(told) > 10
    for now in told[told > 2 * 1440]:
        old = visits["minute"] < now - 1440
        usual, recent = (
            np.bincount(visits["category"][old & more], minlength=len(CATEGORIES)).astype(float)
            for more in (True, visits["minute"] >= now - 1440 - 60 * p.lead_hours)
        )
        accuracy = p.forecast * sharp["sharpness"][0]
        found = peaks["ratio"][peaks["minute"] == now]
        assert found == pytest.approx(forecast_ratio(recent, usual, p.steady, accuracy))
