"""Hazards of the market: thinning them thins what happens, and the calendar acts through its integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from sim.config import compose
from sim.core.rng import Draw, stream_key
from sim.demand.day_clock import DIRECT, Crowd, Offer, Response, further_points
from sim.demand.exposure import day_clock
from sim.demand.needs import Needs
from sim.world.attention import nothing_listed
from sim.world.catalog import CATEGORIES
from sim.world.platforms import PLATFORMS
from tests.conftest import small_market

pytestmark = pytest.mark.exact

PEOPLE = 20_000


def visits(habit: float):
    """Moments of a day at which a habit brings each of many registered people, who need something."""
    places = len(PLATFORMS)
    crowd = Crowd(
        id=np.arange(PEOPLE),
        group=np.zeros(PEOPLE, np.int8),
        activity=np.ones(PEOPLE, np.float32),
        registered=np.ones(PEOPLE, np.bool_),
        need_category=np.zeros(PEOPLE, np.int8),
        habit=np.full(PEOPLE, habit, np.float32),
        affinity=np.zeros((PEOPLE, places), np.float32),
        fatigue=np.zeros((PEOPLE, places), np.float32),
    )
    nothing = np.zeros(places)
    points, _ = further_points(
        stream_key(5, "a test", 0),
        0,
        day_clock(compose([]).traffic),
        crowd,
        Offer(nothing, nothing, nothing, 1.0),
        Response(0.01, 0.01, 1.0, 1.0, 1.0, 0.0, 0.0),
        nothing_listed(PEOPLE, places),
    )
    own = points[points["source"] == DIRECT]
    return own[own["level"] < habit]


@pytest.mark.parametrize("habit", [0.3, 1.5])
def test_a_hazard_brings_poisson_numbers(habit):
    """Visits a person and day of a habit h: Poisson(h), by chi-square."""
    number = np.bincount(visits(habit)["seat"], minlength=PEOPLE)
    most = int(poisson.ppf(0.999, habit))
    seen = np.bincount(np.minimum(number, most), minlength=most + 1)
    expected = np.append(poisson.pmf(np.arange(most), habit), poisson.sf(most - 1, habit)) * PEOPLE
    assert chisquare(seen, expected).pvalue > 0.001


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
def test_thinning_a_hazard_keeps_each_event_with_that_chance_and_adds_none(kept):
    """A hazard times q has a subset of the events, each kept with chance q: 3 s.e."""
    whole, thinned = visits(1.5), visits(1.5 * kept)
    key = {(row["seat"], row["minute"], float(row["level"])) for row in whole}
    assert all((row["seat"], row["minute"], float(row["level"])) in key for row in thinned)
    error = np.sqrt(kept * (1 - kept) / len(whole))
    assert abs(len(thinned) / len(whole) - kept) < 3 * error


def test_who_has_felt_no_need_by_a_day_depends_on_the_integral_of_the_calendar_alone():
    """exp(-rate x sum of the calendar's factors), through festival and season, at four dates: 3 s.e."""
    market = small_market("baseline", "calendar=china", "calendar.start=2025-10-01", size=PEOPLE)
    world, calendar = market.world, market.config.calendar
    people, rate = world.people, 0.01
    people.need_rate[:], people.stocked_until[:] = rate / len(CATEGORIES), 0
    people.need_total[:], people.need_category[:] = rate, -1
    needs, felt, integral = Needs(market.config.needs, market.config.population), np.zeros(PEOPLE, bool), 0.0
    for day in range(61):
        world.clock.day = day
        world.conditions.demand = calendar.factors(day)
        needs.act(world, Draw(world.seed, day))
        felt |= people.need_category >= 0
        people.need_category[:] = -1
        integral += rate * calendar.factors(day).mean()
        if day in (5, 20, 40, 60):
            still = np.exp(-integral)
            assert abs((~felt).mean() - still) < 3 * np.sqrt(still * (1 - still) / PEOPLE)
    assert integral > 61 * rate * 1.05  # the festival is in it


@pytest.mark.parametrize("start", ["2025-01-01", "2027-03-15"])
def test_weekdays_and_seasons_leave_the_years_needs_as_they_were(start):
    """Weekdays integrate to exactly one a day over a week, months to one over twelve of them."""
    words = [f"calendar.start={start}", "calendar.weekday=[1,2,3,4,5,6,7]"]
    weeks = compose(words).calendar
    assert np.mean([weeks.factors(day) for day in range(7 * 8)]) == pytest.approx(1.0, abs=1e-12)
    months = compose(
        [f"calendar.start={start}", "calendar.season.fresh=[1,2,3,4,5,6,7,8,9,9.5,0.5,0]"]
    ).calendar
    seen = {months.factors(day)[CATEGORIES.index("fresh")] for day in range(366)}
    assert len(seen) == 12
    assert np.mean(list(seen)) == pytest.approx(1.0, abs=1e-12)
