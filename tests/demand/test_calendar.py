"""The calendar: its factors by hand, what they do in a market, and what they leave as it was."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sim.config import compose, from_resolved, market_sources
from sim.config.compose import baseline_of, reference_of
from sim.config.model import market_values
from sim.core.errors import ConfigError, StationarityError
from sim.core.records import Table
from sim.demand.calendar import CalendarParams, FestivalParams, course
from sim.market.stationarity import check_stationary
from sim.world.catalog import CATEGORIES
from tests.conftest import LIVELY, live, small_market

FRESH, BEAUTY, BABY = (CATEGORIES.index(name) for name in ("fresh", "beauty", "mother_baby"))
MONDAY = "2025-05-05"


def china() -> CalendarParams:
    return compose(["calendar=china"]).calendar


def test_the_flat_calendar_is_the_usual_one_and_moves_nothing():
    usual, flat = compose([]), compose(["calendar=flat", "calendar.start=2027-01-04"])
    assert usual.calendar.flat
    assert flat.calendar.flat
    assert (flat.calendar.factors(100) == 1.0).all()
    assert (course(flat.calendar, np.ones(len(CATEGORIES)), -10, 20) == 1.0).all()


def test_a_calendar_that_says_nothing_leaves_every_event_as_it_was():
    """A calendar in force whose factors are 1 on these days plays the same history, bit for bit."""
    words = ("calendar.mid_year.lift=3", "calendar.start=2025-01-06")
    one, other = (live(small_market("baseline", *LIVELY, *more), 4) for more in ((), words))
    assert any(m.name == "calendar" for m in other.mechanisms)
    for name, table in one.records.tables.items():
        theirs = other.records.tables[name].arrays()
        assert all(
            np.array_equal(x, theirs[c], equal_nan=x.dtype.kind == "f") for c, x in table.arrays().items()
        )


def test_weekdays_have_a_mean_of_one_whatever_is_written():
    calendar = compose(["calendar.weekday=[2,2,2,2,2,1,3]", f"calendar.start={MONDAY}"]).calendar
    week = [calendar.factors(day)[FRESH] for day in range(-7, 0)]
    assert week == pytest.approx([1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 1.5])
    for start in range(-20, 20):  # any seven days in a row
        days = [calendar.factors(day)[BEAUTY] for day in range(start, start + 7)]
        assert np.mean(days) == pytest.approx(1.0)


def test_seasons_have_a_mean_of_one_over_the_months_and_their_own_categories():
    months = [2.0] * 6 + [1.0] * 6
    calendar = CalendarParams(start="2025-01-01", season={"fresh": tuple(months)})
    assert calendar.factors(0)[FRESH] == pytest.approx(4 / 3)
    assert calendar.factors(181)[FRESH] == pytest.approx(2 / 3)  # the first of July
    assert calendar.factors(180)[FRESH] == pytest.approx(4 / 3)
    assert calendar.factors(0)[BEAUTY] == 1.0


def test_growth_counts_from_the_first_measured_day():
    calendar = CalendarParams(growth={"mother_baby": 0.45})
    assert calendar.factors(-200)[BABY] == 1.0
    assert calendar.factors(0)[BABY] == 1.0
    assert calendar.factors(365)[BABY] == pytest.approx(1.45)
    assert calendar.factors(365)[BEAUTY] == 1.0


FESTIVAL = FestivalParams(dates=("06-18",), categories=("beauty",), days=2, lift=3.0, presale_days=4,
                          presale=1.2, dip_days=3, dip=0.7)  # fmt: skip


def test_a_festival_has_a_pre_sale_days_and_a_dip_every_year():
    for year in (2024, 2025, 2026):
        eighteenth = date(year, 6, 18)
        course_ = [FESTIVAL.factor(eighteenth + timedelta(days=d)) for d in range(-6, 7)]
        assert course_ == [1, 1, 1.2, 1.2, 1.2, 1.2, 3.0, 3.0, 0.7, 0.7, 0.7, 1, 1]


def test_a_festival_that_moves_with_the_moon_has_the_dates_it_lists():
    spring = FestivalParams(dates=("2025-01-29", "2026-02-17"), lift=0.5, days=7)
    assert spring.factor(date(2026, 2, 17)) == 0.5
    assert spring.factor(date(2026, 1, 29)) == 1.0
    assert spring.factor(date(2027, 2, 6)) == 1.0
    assert FestivalParams(dates=("02-29",), lift=2.0, days=1).factor(date(2025, 3, 1)) == 1.0


def test_pre_sales_reach_over_new_year():
    new_year = FestivalParams(dates=("01-01",), presale_days=5, presale=1.5, lift=2.0, days=1)
    assert new_year.factor(date(2025, 12, 31)) == 1.5
    assert new_year.factor(date(2026, 1, 1)) == 2.0


def test_a_festival_moves_the_categories_it_names_alone():
    calendar = CalendarParams(start="2025-06-18", also={"mine": FESTIVAL})
    assert calendar.factors(0)[BEAUTY] == 3.0
    assert calendar.factors(2)[BEAUTY] == 0.7
    assert (np.delete(calendar.factors(0), BEAUTY) == 1.0).all()


#: A festival of beauty on days 4 and 5 of a market that begins on the first of June, with four days of dip.
HELD = ("calendar.start=2025-06-01", "calendar.also.mine={dates:[06-05],days:2,lift:6,dip_days:4,dip:0.1,"
        "categories:[beauty]}")  # fmt: skip


def needs_that_arise(market, days: int) -> np.ndarray:
    """int64[days, n_categories]: people who come to want something, day by day."""
    found = np.zeros((days, len(CATEGORIES)), np.int64)
    for day in range(days):
        people = market.world.people
        people.need_category[:] = -1  # everybody is free to want
        people.stocked_until[:] = 0
        market.draw.day = day
        market.world.clock.day = day
        for mechanism in market.mechanisms:
            if mechanism.name in ("calendar", "needs"):
                mechanism.act(market.world, market.draw)
        wanted = people.need_category[people.need_category >= 0]
        found[day] = np.bincount(wanted, minlength=len(CATEGORIES))
    return found


def test_people_want_more_on_the_festival_and_less_after_it():
    """Common random numbers: whoever wants beauty on a usual day wants it on the festival too."""
    plain, held = (needs_that_arise(small_market("baseline", *words, size=4000), 12)
                   for words in (("population.needs_per_day=0.05",),
                                 ("population.needs_per_day=0.05", *HELD)))  # fmt: skip
    usual = plain[:, BEAUTY].mean()
    assert held[4:6, BEAUTY].mean() == pytest.approx(6 * usual, rel=0.25)
    assert held[6:10, BEAUTY].mean() < 0.3 * usual
    before_and_after = [0, 1, 2, 3, 10, 11]
    assert (held[before_and_after] == plain[before_and_after]).all()
    others = np.delete(plain, BEAUTY, axis=1).sum(), np.delete(held, BEAUTY, axis=1).sum()
    assert others[1] == pytest.approx(others[0], rel=0.05)


def test_orders_follow():
    """Over five worlds more beauty is bought on and just after the festival than without it."""

    def beauty(*words: str) -> int:
        bought = 0
        for world in range(5):
            market = live(small_market("baseline", *LIVELY, "population.needs_per_day=0.1", *words,
                                       size=600, replication=world), 7)  # fmt: skip
            orders = market.records.orders
            bought += int(((orders["category"] == BEAUTY) & (orders["day"] >= 4)).sum())
        return bought

    assert beauty(*HELD) > 1.5 * beauty()


def test_days_before_the_start_have_the_dates_before_it():
    words = ("experiment.burn_in_days=4", "experiment.warmup_days=3", "calendar.weekday=[1,1,1,1,1,1,8]",
             f"calendar.start={MONDAY}")  # fmt: skip
    market = small_market("baseline", *words, size=300)
    seen = []
    for _ in range(9):
        market.step()
        seen.append(float(market.world.conditions.demand[FRESH]))
    assert [x > 1 for x in seen] == [False] * 6 + [True] + [False] * 2  # day 6 is the Sunday before the start


def test_a_season_is_no_drift_and_a_drift_is_not_hidden_by_it():
    days = 360
    season = np.repeat([1.0, 2.0], [300, 60])
    steady = {"registered": np.full(days, 100), "mean_trust": np.full(days, 0.5)}

    def check(sold: np.ndarray, demand: np.ndarray | None) -> None:
        orders = Table("orders", {"day": ("int64", "day")})
        orders.append(day=np.repeat(np.arange(days), sold.astype(int)))
        check_stationary(steady, orders, days, demand)

    check(100 * season, season)  # orders follow needs one to one
    check(100 * np.ones(days), season)  # or not at all
    check(100 * season**0.3, season)  # or in part
    for sold, demand in ((100 * season, None), (100 * season**2, season), (100 / season, season)):
        with pytest.raises(StationarityError, match="orders a day"):
            check(sold, demand)


def test_the_course_of_a_market_weighs_categories_by_what_is_wanted():
    calendar = CalendarParams(start="2025-06-18", also={"mine": FESTIVAL})
    weights = np.zeros(len(CATEGORIES))
    weights[[FRESH, BEAUTY]] = 3.0, 1.0
    assert course(calendar, weights, -1, 4) == pytest.approx([1.05, 1.5, 1.5, 0.925])


def test_the_calendar_belongs_to_the_world():
    config = compose(["scenario=group_buy", "calendar=china", "calendar.start=2026-01-05"])
    for other in (baseline_of(config), reference_of(config)):
        assert other.calendar == config.calendar
    again = from_resolved(config.resolved, market_sources())
    assert market_values(again) == market_values(config)


def test_chinas_calendar_names_its_festivals_and_grows_what_the_plan_says():
    calendar = china()
    assert set(calendar.festivals()) == {"mid_year", "double_eleven", "spring_festival"}
    assert calendar.growth == {"healthy_food": 0.35, "mother_baby": 0.45, "sustainable_office": 0.45}
    year = np.array([calendar.factors(day) for day in range(-365, 0)])
    assert year.mean() == pytest.approx(1.0, abs=0.06)


WRONG = {
    "calendar.start=2025-02-30": r"calendar\.start must be a date .*'2025-02-30'.*; write",
    "calendar.start=soon": r"calendar\.start must .*'soon'",
    "calendar.start=1066-10-14": r"calendar\.start must be a date from 2000",
    "calendar.weekday=[1,1]": r"calendar\.weekday must hold 7 numbers .*2 numbers",
    "calendar.weekday=[0,0,0,0,0,0,0]": r"calendar\.weekday must hold 7 numbers",
    "calendar.weekday=[1,1,1,1,1,1,11]": r"calendar\.weekday\.6 must be 0\.\.10",
    "calendar.season.fresh=[1,2,3]": r"calendar\.season must hold 12 numbers .*3 numbers",
    "calendar.season.toys=[1,1,1,1,1,1,1,1,1,1,1,1]": r"calendar\.season must name categories .*'toys'",
    "calendar.growth.toys=0.1": r"calendar\.growth must name categories .*'toys'",
    "calendar.growth.fresh=9": r"calendar\.growth\.fresh must be -0\.9\.\.5",
    "calendar.mid_year.dates=[06-31]": r"calendar\.mid_year\.dates must hold dates .*'06-31'",
    "calendar.mid_year.categories=[toys]": r"calendar\.mid_year\.categories must name categories",
    "calendar.also.mine.dates=[13-01]": r"calendar\.also\.mine\.dates must hold dates",
    "calendar.also.mine.lift=99": r"calendar\.also\.mine\.lift must be 0\.\.20",
    "calendar=mars": r"calendar: there is no option 'mars'",
}


@pytest.mark.parametrize("word", WRONG)
def test_anything_wrong_is_told_in_one_line(word):
    with pytest.raises(ConfigError, match=WRONG[word]) as told:
        compose([word])
    assert len(told.value.problems) == 1
