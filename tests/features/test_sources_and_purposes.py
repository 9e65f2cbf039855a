"""Sources of visits and purposes of spending that a feature declares are the market's in every respect."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.config import compose, market_sources
from sim.core.clock import DAYPART_STARTS, MINUTES_PER_DAY
from sim.core.errors import ConfigError, WiringError
from sim.core.fields import fields_of
from sim.demand.day_clock import Crowd
from sim.demand.exposure import day_clock
from sim.demand.lanes import race_lane
from sim.demand.race import NEVER, Moment, new_race
from sim.feature import Feature
from sim.measure.breakdown import breakdown
from sim.measure.events import Events
from sim.measure.indicators import ACQUISITION_SPEND, organic, public
from sim.measure.money import books, contribution_margin
from sim.registry import kinds_of
from sim.world.kinds import MOST_SOURCES, Purpose, VisitSource
from sim.world.schema import Spend
from sim.world.weights import acquiring_spend
from tests.conftest import LIVELY, live, small_market
from tests.features.stamps import Stamps

DAYS = 5
ON = ("stamps.enabled=true", "control.daily_budget=2")
KIOSK, LETTERS = ("stamps.kiosk=0.3",), ("stamps.letter_chance=0.9", "stamps.letter_cost=0.5")


def lived(*words: str, days: int = DAYS):
    return live(small_market("baseline", *LIVELY, *ON, *words, features=[Stamps]), days)


@pytest.fixture(scope="module")
def plain():
    return lived()


@pytest.fixture(scope="module")
def full():
    return lived(*KIOSK, *LETTERS)


def visits(market, *, before: int = DAYS * MINUTES_PER_DAY) -> pd.DataFrame:
    table = pd.DataFrame(market.tables()["visits"])
    return table[table["minute"] < before]


def number(market, name: str) -> int:
    return market.world.kinds.source(name)


def test_a_lane_brings_what_its_pull_says():
    """Somebody has a moment in a stretch of a day with chance 1 - exp(-pull x its share of activity)."""
    market, size = small_market(size=4000), 4000
    people, clocks, stream = market.world.people, day_clock(market.config.traffic), np.uint64(77)
    start, end, pull = DAYPART_STARTS[2], DAYPART_STARTS[4], np.full(size, 1.7)
    moment, crowd = Moment(2, start, end, 0), fields_of(Crowd, people)
    race, again = new_race(size), new_race(size)
    reached = race_lane(stream, moment, clocks, pull, 12, 5, crowd, race)
    share = np.array([clocks[g][end // 60] - clocks[g][start // 60] for g in people.group])
    chance = 1.0 - np.exp(-1.7 * share)
    error = math.sqrt(float(np.sum(chance * (1.0 - chance))))
    assert abs(len(reached) - chance.sum()) < 3.5 * error
    assert (race.best[reached] < NEVER).all()
    assert ((race.best[reached] >= start) & (race.best[reached] < end)).all()
    fewer = race_lane(stream, moment, clocks, pull / 2, 12, 5, crowd, again)
    assert set(fewer) < set(reached)
    assert not len(race_lane(stream, moment, clocks, np.zeros(size), 12, 5, crowd, again))


def test_visits_and_orders_of_the_sources_are_in_the_tables(full):
    came, orders = visits(full), pd.DataFrame(full.tables()["orders"])
    for name, least in (("stamps_kiosk", 200), ("stamps_letter", 5)):
        mine = came[came["source"] == number(full, name)]
        assert len(mine) > least
        assert (mine["sources_seen"] & (1 << number(full, name)) > 0).all()
        assert mine["order"].sum() == (orders["source"] == number(full, name)).sum()
    assert (came.loc[came["source"] == number(full, "stamps_letter"), "touch"] != -1).all()
    names = pd.DataFrame(full.tables()["names"]).set_index(["what", "name"])
    assert names.loc[("source", "stamps_kiosk"), "number"] == number(full, "stamps_kiosk")
    assert names.loc[("source", "stamps_kiosk"), "role"] == "owned"
    assert names.loc[("source", "share"), "number"] == 8


def test_other_lanes_are_not_dealt_anew(plain, full):
    """Until the kiosk opens on the first day all is as it was; after that for whom it does not bring."""
    noon, evening = DAYPART_STARTS[2], DAYPART_STARTS[3]
    pd.testing.assert_frame_equal(visits(plain, before=noon), visits(full, before=noon))
    without, with_ = (
        visits(market, before=evening).set_index("visit_id").drop(columns=["order", "refused"])
        for market in (plain, full)
    )  # of one shelf the last piece goes to one of them
    brought = with_["sources_seen"] & (1 << number(full, "stamps_kiosk")) > 0
    assert brought.any()
    others = with_[~brought]
    pd.testing.assert_frame_equal(without.loc[others.index], others)
    assert set(without.index) <= set(with_.index)


def test_the_sources_are_in_funnels_and_figures(full):
    found, came = full.kpis(), visits(full)
    rows = pd.DataFrame(breakdown(full.tables(), full.window)).set_index(["figure", "item"])
    for name in ("stamps_kiosk", "stamps_letter"):
        mine = came[came["source"] == number(full, name)]
        assert found[f"order_conversion_{name}"] == pytest.approx(mine["order"].mean())
        chance = (mine["order_probability"].astype(float) - mine["refused"]).mean()
        assert found[f"order_conversion_{name}_expected"] == pytest.approx(chance)
        assert rows.loc[("visits", name), "value"].sum() == len(mine)
    events = Events(full.tables(), full.window)
    kiosk, letter = (came["source"] == number(full, n) for n in ("stamps_kiosk", "stamps_letter"))
    assert not public(events)[kiosk].any()
    assert public(events)[letter].all()
    assert not organic(events)[letter].any()


def test_the_spending_is_in_the_books_and_in_the_figures(plain, full):
    spend, purpose = pd.DataFrame(full.tables()["spend"]), full.world.kinds.booking("stamps_print")
    paid = int(spend.loc[spend["kind"] == purpose.kind, "fen"].sum())
    daily = full.tables()["stamps_daily"]
    letters = daily["held"][:-1]  # a stamp a delivery is printed for whoever held one the morning before
    assert paid > 0
    assert paid <= 50 * letters.sum()
    assert paid % 50 == 0
    assert full.world.ledger.balance["stamps_print"] == paid
    rows = pd.DataFrame(breakdown(full.tables(), full.window)).set_index(["figure", "item"])
    assert rows.loc[("spend", "stamps_print"), "value"].sum() == pytest.approx(paid / 100)
    events = Events(full.tables(), full.window)
    journal = pd.DataFrame(full.tables()["journal"])
    mine = journal["debit"] == full.world.kinds.accounts["stamps_print"]
    assert journal.loc[mine, "fen"].sum() == paid
    assert sum(books(events).values()) == pytest.approx(contribution_margin(events))
    bought = int(full.tables()["media"]["spend_fen"].sum() + full.tables()["posts"]["fee_fen"].sum())
    bought += int(spend.loc[spend["kind"] == Spend.SESSIONS, "fen"].sum())
    [bills] = [weigh(events).sum() for table, weigh in ACQUISITION_SPEND.parts if table == "journal"]
    assert bills == bought + paid
    assert acquiring_spend(full.tables()).sum() == bought + paid
    assert full.kpis()["all_in_spend"] == pytest.approx(spend["fen"].sum() / 100)


def test_the_allowance_bounds_it():
    """Where a morning's letters cost more than the allowance, none is sent and the stop is recorded."""
    market = lived("stamps.letter_chance=0.9", "stamps.letter_cost=100", "control.daily_budget=0.06")
    kind = market.world.kinds.booking("stamps_print").kind
    assert market.world.people.stamps_held.any()
    assert kind not in market.tables()["spend"]["kind"]
    assert kind in market.tables()["campaign_stops"]["kind"]
    assert not (visits(market)["source"] == number(market, "stamps_letter")).any()


def test_without_the_feature_nothing_is_left_of_it(plain):
    bare = live(small_market("baseline", *LIVELY, "control.daily_budget=2"), DAYS)
    pd.testing.assert_frame_equal(visits(bare), visits(plain))
    assert not any("stamps" in name for name in bare.kpis())
    assert not any("stamps" in name for name in bare.tables()["names"]["name"])
    assert len(bare.tables()["names"]["name"]) == len(plain.tables()["names"]["name"]) - 4


class Tents(Feature):
    section = "tents"
    declares = (VisitSource("tents", "Tents.", "organic"), Purpose("tents_rent", "Rent."))


class Arks(Feature):
    section = "arks"
    world = True
    declares = (VisitSource("arks", "Arks.", "paid"),)


class Zoos(Arks):
    section = "zoos"
    declares = (VisitSource("zoos", "Zoos.", "paid"),)


def test_numbers_do_not_depend_on_the_order_of_features_nor_on_those_that_come_after():
    kinds = kinds_of([Tents, Zoos, Stamps, Arks])
    assert kinds.sources == kinds_of([Arks, Stamps, Zoos, Tents]).sources
    first = len(kinds_of([]).sources)  # the market's own
    assert kinds.sources["zoos"] == kinds_of([Zoos, Arks]).sources["zoos"] == first + 1


def test_added_features_re_number_nothing_of_the_market():
    own, more = kinds_of([]), kinds_of([Tents, Zoos, Stamps, Arks])
    assert own.sources.items() <= more.sources.items()
    assert own.accounts.items() <= more.accounts.items()
    assert own.added
    assert all(own.booking(one.name) == more.booking(one.name) for one in own.added)


def test_what_is_not_declared_or_impossible_is_refused(plain):
    world = plain.world
    with pytest.raises(WiringError, match="no source of visits 'kiosk'"):
        world.kinds.source("kiosk")
    with pytest.raises(WiringError, match="no purpose of spending 'print'"):
        world.spend("print", 5)
    for pull in (-1.0, math.nan, math.inf):
        with pytest.raises(WiringError, match="must be finite and at least 0"):
            world.flow.lanes.add("stamps_kiosk", np.array([pull]))
    with pytest.raises(WiringError, match="must be on one of douyin"):
        world.flow.lanes.add("stamps_kiosk", np.zeros(1), platform="moon")

    class Many(Feature):
        section = "many"
        declares = tuple(VisitSource(f"many_{k}", "One of many.", "paid") for k in range(MOST_SOURCES))

    class Taken(Feature):
        section = "reward"
        declares = (Purpose("reward", "Taken."),)

    for feature, told in (
        (Many, "31 sources of visits at most"),
        (Taken, "'reward' must begin with 'reward_'"),
    ):
        with pytest.raises(ConfigError) as error:
            compose([], sources=market_sources([feature]))
        assert any(told in line for line in error.value.problems)
