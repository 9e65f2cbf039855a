"""Texts of parameters: every figure, key and number that they name is there, and is what they say.

A number in a text is the parameter's own (default, bounds, plausible range), follows from other parameters
(``FOLLOWS``: recomputed here), is counted in a market (``COUNTED``), or is somebody else's (``CITED``). A
text with any other number fails, so that a new one must be placed.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from sim.config import assumptions_table, compose, market_sources
from sim.core.params import Declared
from sim.market import Market
from sim.measure.guardrails import UNITS
from sim.store.store import EVENTS_UP_TO
from sim.world.schema import Source

ROLES = Path(__file__).with_name("plan_roles.csv")
PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
ROWS = assumptions_table(market_sources().sections)
#: Key of a text (an entry's name left out) -> one parameter of that text.
TEXTS: dict[str, Declared] = {}
for _row in ROWS:
    _parts = _row.path.split(".")
    _named = len(_parts) == 3 and _parts[0] in ("catalog", "platforms", "calendar")
    TEXTS.setdefault(".*.".join((_parts[0], _parts[2])) if _named else _row.path, _row)

#: Sections, choices and data sets, which are no keys.
NAMES = (
    {"facebook_combined"}
    | {_row.path.partition(".")[0] for _row in ROWS}
    | {str(one) for _row in ROWS for one in _row.choices}
)
Says = dict[float, Callable[[Any], float]]


def lognormal_below(minutes: float, median: float, sigma: float) -> float:
    return float(norm.cdf(math.log(minutes / median) / sigma))


def margins(c: Any) -> list[float]:
    goods = [getattr(c.catalog, name) for name in type(c.catalog).model_fields]
    return [100 * (1 - one.unit_cost / one.price) for one in goods if hasattr(one, "unit_cost")]


def after(times: float) -> float:
    """Percent reached after so many time constants."""
    return 100 * (1 - math.exp(-times))


def measured(what: str, column: int = 4) -> float:
    """A figure of the calibration page, which comes from runs on the flat calendar."""
    flat = PAGE.read_text(encoding="utf-8").partition("## Under the calendar")[0]
    [row] = [line for line in flat.splitlines() if f"| {what} |" in line]
    return float(row.split("|")[column])


#: Numbers that follow from declared ones, or were measured for a page.
FOLLOWS: dict[str, Says] = {
    "media.saturation": {69: lambda c: 100 * math.log(2)},
    "traffic.fatigue_per_impression": {
        load: (lambda c, load=load: load) for load in (0.15, 1.5, 4)
    } | {
        lost: (lambda c, load=load: after(load * c.traffic.fatigue_effect))
        for lost, load in ((2, 0.15), (20, 1.5), (44, 4))
    },
    "traffic.fatigue_effect": {
        4: lambda c: 4, 44: lambda c: after(4 * c.traffic.fatigue_effect),
        0.56: lambda c: math.exp(-4 * c.traffic.fatigue_effect),
    },
    "choice.promise": {
        72: lambda c: c.logistics.three_day_hours, 24: lambda c: c.logistics.next_day_hours,
        0.1: lambda c: 0.1, 12: lambda c: 100 * (3**0.1 - 1),
    },
    "choice.fresh_accept_30min": {30: lambda c: 60 * c.logistics.thirty_minute_hours},
    "choice.fresh_accept_72h": {72: lambda c: c.logistics.three_day_hours},
    "influencers.host_commission": {63: lambda c: after(1)},
    "influencers.host_discount": {63: lambda c: after(1)},
    "group_buy.worth_waiting": {63: lambda c: after(1)},
    "sharing.reward_scale": {63: lambda c: after(1)},
    "sharing.pass_on": {78: lambda c: 100 * math.exp(-c.sharing.audience * c.sharing.pass_on)},
    "sharing.delay_sigma": {
        99: lambda c: 100 * lognormal_below(1440, c.sharing.delay_median, c.sharing.delay_sigma),
        100: lambda c: 100,
    },
    "incentive.payout_patience": {37: lambda c: 100 - after(1)},
    "incentive.reach_days": {63: lambda c: after(1)},
    "incentive.second_look": {63: lambda c: after(1)},
    "sessions.staff": {80: lambda c: c.sessions.staff * 100_000 / 1000 / 10, 100_000: lambda c: 100_000},
    "private_domain.adviser_cost": {
        8000: lambda c: 8000, 22_000: lambda c: 8000 / 30 / c.private_domain.adviser_cost,
    },
    "control.answer.cost": {20_000: lambda c: 2 * 30 / c.control.answer.cost * 1000},
    "catalog.*.unit_cost": {30: lambda c: min(30, *margins(c)), 65: lambda c: max(margins(c))},
    "catalog.*.live_hour": {
        8: lambda c: c.catalog.fresh.live_hour, 12: lambda c: c.catalog.sustainable_office.live_hour,
        20: lambda c: c.catalog.mother_baby.live_hour, 23: lambda c: c.catalog.healing_home.live_hour,
    },
    "platforms.price_slope": {0.13: lambda c: measured("advertising elasticity, first 14 days")},
    "choice.price": {
        -2.97: lambda c: measured("price elasticity, first 14 days"),
        -2.6: lambda c: measured("price elasticity, first 14 days", column=3),
    },
    "platforms.rank_elasticity": {7: lambda c: c.media.window},
    "logistics.area_radius_km": {
        5: lambda c: c.logistics.front_radius_km,
        70: lambda c: 100 * (c.logistics.front_radius_km / c.logistics.area_radius_km) ** 2,
    },
    "logistics.thirty_minute_radius_km": {30: lambda c: 60 * c.logistics.thirty_minute_hours},
    "logistics.thirty_minute_hours": {0: lambda c: 0, 30: lambda c: 60 * c.logistics.thirty_minute_hours},
    "logistics.next_day_hours": {3: lambda c: 3},
    "logistics.design_orders_per_1000_consumers": {
        132: lambda c: 20 * c.logistics.design_orders_per_1000_consumers, 20_000: lambda c: 20_000,
    },
    "logistics.bad_weather_probability": {45: lambda c: 365 * c.logistics.bad_weather_probability},
    "logistics.q10_frozen": {
        -18: lambda c: -18, -5: lambda c: -18 + 10 * math.log(8, c.logistics.q10_frozen),
    },
    "logistics.transit_life_frozen_days": {
        1.2: lambda c: c.logistics.transit_life_frozen_days / c.logistics.q10_frozen, -8: lambda c: -18 + 10,
    },
    "logistics.storage_fen_ambient": {1: lambda c: c.logistics.storage_fen_ambient / 100 * 2000 / 6},
    "logistics.handling_fen": {24: lambda c: c.logistics.handling_fen / 100 * 60 / 3},
    "logistics.walking_share": {41: lambda c: 100 * (math.sqrt(2) - 1)},
    "logistics.truck_space_fen": {
        4.2: lambda c: 4.2, 950: lambda c: 950,
        13_500: lambda c: (2 * van(c, 950) - c.logistics.truck_fen_per_km) / c.logistics.truck_space_fen,
    },
    "logistics.ice_fen_per_degree": {
        14: lambda c: c.logistics.outdoor_c - c.logistics.box_chilled_c,
        30: lambda c: c.logistics.outdoor_c - c.logistics.box_frozen_c,
        1: lambda c: c.logistics.ice_fen_per_degree * 14 / 100,
        2: lambda c: c.logistics.ice_fen_per_degree * 30 / 100,
    },
    "returns.inspectors_per_1000_orders": {360: lambda c: 24 * 60 / c.returns.inspect_minutes},
    "returns.inspector_fen_per_hour": {
        1.8: lambda c: c.returns.inspector_fen_per_hour / 100 * c.returns.inspect_minutes / 60,
    },
    "supply.fast_supply_share": {
        15: lambda c: 15, 1: lambda c: 1, 0.6: lambda c: 100 * c.supply.fast_supply_share * 2, 5: lambda c: 5,
        4: lambda c: 100 * c.supply.fast_supply_share * 14,
    },
    "supply.safety_factor": {97: lambda c: 100 * norm.cdf(c.supply.safety_factor)},
    "experiment.days": {30: lambda c: c.experiment.days / 3},
    "store.level": {50_000: lambda c: EVENTS_UP_TO},
}  # fmt: skip


def van(c: Any, litres: float) -> float:
    """Fen a km."""
    return c.logistics.truck_fen_per_km + litres * c.logistics.truck_space_fen


#: Numbers that are somebody else's, the name of something, or a judgement that no code can confirm.
CITED: dict[str, set[float]] = {
    "population.silver_share": {35, 45}, "population.cyber_share": {18, 24},  # the plan's groups
    "population.silver_income": {12_000},
    "circles.room": {500},  # a platform's limit
    "population.need_shape": {1},
    "graph.source": {1}, "graph.mean_degree": {122}, "graph.exponent": {2, 2.55},
    "graph.triangle_probability": {0.20},
    "graph.assortativity": {0.24},
    "graph.clustering": {0.2, 0.61}, "graph.degree_spread": {0.54, 0.59, 0.63, 2, 2.5, 5},  # data sets
    "sharing.audience_tail": {0.24, 87},
    "choice.basket_spread": {0.46, 1.07}, "population.basket_needs": {0.17, 0.03},  # Online Retail
    "population.basket_sigma": {24}, "population.exit_spread": {0.79, 2.43, 0.85},  # CDNOW
    "turnover.inviter_keeps": {18},
    "catalog.*.return_rate": {30, 60}, "catalog.*.cyber_native": {58},
    "platforms.*.lower_tier": {65}, "platforms.*.male": {48},  # tests/market/test_plan_figures.py
    "platforms.price_slope": {0.12, 0.24},
    "turnover.exit_rate": {0.2, 0.5},
    "calendar.start": {618}, "calendar.weekday": {1, 0, 10}, "calendar.season": {1, 0.7, 1.4},
    "calendar.growth": {35, 45}, "calendar.*.days": {618, 11.11, 1, 5},
    "calendar.*.lift": {1, 1.4, 4, 0.4, 0.9}, "calendar.*.presale": {0.9, 1.6}, "calendar.*.dip": {0.6, 0.95},
    "traffic.silver_hours": {24, 20, 22}, "traffic.cyber_hours": {24, 23}, "traffic.eco_hours": {24},
    "choice.cart_notes": {0.24}, "choice.order_friend": {2}, "choice.promise": {-14.6},
    "content.hybrid_wear": {65},
    "influencers.audience.audience_decay": {1.9, 1.1}, "influencers.click": {0.9},
    "influencers.fee_per_follower": {0.02}, "influencers.session_commission": {10, 30},
    "influencers.session_discount": {10, 40},
    "sessions.feed": {30, 15, 35}, "sharing.invite_base": {3, 12},  # what the trade reports, plausible ranges
    "opinion.desk.evenness": {1, 3.4}, "community.advisers.evenness": {1, 3.4},
    "attachment.hosts.evenness": {1, 3.4},
    "cross_border.brokers.evenness": {1, 3.4},
    "origin.crew.evenness": {1},
    "fraud.reviewers.evenness": {3.4},
    "control.alarm.against": {60}, "compliance.ban_risk": {10, 1000},
    "instruments.delay": {7}, "instruments.error": {0.05, 0.3}, "instruments.coverage": {0.5, 0.9},
    "logistics.capacity_ratio": {0.85},  # tests/market/test_capacity_pays.py
    "experiment.until": {0.5}, "engine.cluster": {8786}, "engine.memory": {1, 0.4},
    "engine.walltime": {12, 0, 2}, "targets.repurchase_30d": {30},
}  # fmt: skip


def clicked(market: Market, tables: Any, source: Source, shown: str) -> float:
    """Percent of impressions that brought a visit."""
    return 100 * float((tables["visits"]["source"] == source).sum() / tables["media"][shown].sum())


def ad_prices(tables: Any) -> np.ndarray:
    """CNY for a thousand impressions, mean of each platform."""
    media = tables["media"]
    return np.array([media["cpm_fen"][media["platform"] == p].mean() / 100 for p in range(5)])


#: Numbers that a market must show: text -> number -> how it is counted, and how near it must come.
COUNTED: dict[str, dict[float, tuple[Callable[[Market, Any], float], float]]] = {
    "platforms.*.cpm": {
        22: (lambda m, t: float(ad_prices(t).min()), 0.1),
        33: (lambda m, t: float(ad_prices(t).max()), 0.1),
    },
    "content.click_chance": {
        4: (lambda m, t: clicked(m, t, Source.ORGANIC_FEED, "organic_impressions"), 0.2)
    },
    "graph.triangle_probability": {0.18: (lambda m, t: clustering(m), 0.1)},
}


def clustering(market: Market) -> float:
    """Mean local clustering of every tenth person."""
    graph = market.world.graph
    near = [set(graph.neighbours(i).tolist()) for i in range(graph.n)]
    found = []
    for friends in near[::10]:
        pairs = len(friends) * (len(friends) - 1)
        found.append(sum(len(near[f] & friends) for f in friends) / pairs if pairs else 0.0)
    return float(np.mean(found))


def numbers(text: str) -> set[float]:
    """What is written in figures, names of plan figures, keys and years of papers left out."""
    text = re.sub(r"\b(?:[FSX]|A-)\d{2,3}(?:-[FSX]?\d+)?", " ", text)
    text = re.sub(r"\b[A-Z][a-z]+ (?:19|20)\d\d", " ", text)
    text = re.sub(
        r"\b[a-z]\w*(?:\.[\w*]+)+(?:=\{.*\}|=\S+)?|\b\w*[a-z_]\w*\d\w*|utf-16|latin-1|UTF-8", " ", text
    )
    found = re.findall(r"(?<![\w.])(?:(?<= )-)?\d[\d,]*(?:\.\d+)?", text)
    return {float(one.replace(",", "")) for one in found}


def own(row: Declared) -> set[float]:
    """Numbers of the declaration itself, shares also as percentages."""
    values = [row.default, *row.bounds.values(), *(row.span or ())]
    plain = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return {*plain, *(round(100 * v, 6) for v in plain)}


@pytest.mark.parametrize("section", sorted({key.partition(".")[0] for key in TEXTS}))
def test_every_number_of_a_text_is_placed(section: str) -> None:
    for key, row in TEXTS.items():
        if key.partition(".")[0] == section:
            there = {*FOLLOWS.get(key, {}), *COUNTED.get(key, {}), *CITED.get(key, ())}
            assert not numbers(row.why) - own(row) - there, (key, row.why)


@pytest.mark.parametrize("places", [FOLLOWS, COUNTED, CITED], ids=["follows", "counted", "cited"])
def test_every_place_belongs_to_a_number_that_is_said(places: Any) -> None:
    for key, said in places.items():
        assert not {*said} - numbers(TEXTS[key].why), (key, TEXTS[key].why)


plain = cache(compose)


@pytest.mark.parametrize(("key", "number"), [(key, n) for key, said in FOLLOWS.items() for n in said])
def test_numbers_that_follow_from_others_still_do(key: str, number: float) -> None:
    half_a_digit = 0.5 * 10.0 ** -len(f"{number:g}".partition(".")[2])
    found = FOLLOWS[key][number](plain())
    assert found == pytest.approx(number, rel=0.06) or abs(found - number) <= half_a_digit, TEXTS[key].why


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[Market, Any]:
    """A market without a burn-in, whose allowance and habits are soon as usual."""
    words = ("population.size=3000", "experiment.burn_in_days=12", "experiment.warmup_days=2")
    market = Market.from_scenario("baseline", *words, cache=tmp_path_factory.mktemp("worlds"))
    return market, market.run(8).tables()


@pytest.mark.parametrize(("key", "number"), [(key, n) for key, said in COUNTED.items() for n in said])
def test_numbers_that_a_market_shows(key: str, number: float, usual: tuple[Market, Any]) -> None:
    count, near = COUNTED[key][number]
    assert count(*usual) == pytest.approx(number, rel=near), TEXTS[key].why


def test_plan_figures_that_are_named_exist() -> None:
    with ROLES.open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    named = {f for row in ROWS for f in re.findall(r"\bF\d{3}\b", f"{row.why} {row.source}")}
    assert named
    assert named <= known


def test_keys_that_are_named_exist() -> None:
    """Words with an underscore or a dot that a text gives as a key, within its section or in full."""
    paths = {row.path for row in ROWS}
    last = {path.rpartition(".")[2] for path in paths}
    open_sections = ("plan.stages", "rules.named", "shock.also", "calendar.also", "instruments.of")
    checked = 0
    for row in ROWS:
        for word in re.findall(r"(?<![\w./])[a-z]+(?:[._][a-z0-9]+)+(?![\w/])", f"{row.why} {row.source}"):
            if word in UNITS or word in row.choices or word in NAMES or word.startswith(open_sections):
                continue
            checked += 1
            section = row.path.partition(".")[0]
            assert word in paths or f"{section}.{word}" in paths or word in last, (row.path, word)
    assert checked > 10
