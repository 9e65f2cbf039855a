"""Who lives in the market: one row a seat, columns for traits and for state.

A seat is a place in the social graph; a person is an id that may leave it and come back.
Traits are drawn when a person takes a seat and stay with the id; state moves day by day.
Persistent differences (taste for the brand, individual need rates) carry most of what looks
like loyalty, as in real repeat-purchase data (Dube, Hitsch & Rossi 2010).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sim.core.jit import njit
from sim.core.params import Params, param
from sim.core.rng import Draw, keyed_exponential, keyed_normal, keyed_uniform
from sim.world.catalog import CATEGORIES, Catalog
from sim.world.platforms import PLATFORMS, Platforms
from sim.world.schema import GROUPS

#: Column -> (dtype, second axis, one-line meaning with unit).
COLUMNS: dict[str, tuple[str, str, str]] = {
    "id": ("int64", "", "stable id; survives relabelling of rows"),
    "group": ("int8", "", "consumer group, index into GROUPS"),
    "age": ("int16", "", "years"),
    "male": ("bool", "", "gender as platforms report it"),
    "lower_tier": ("bool", "", "lives in a lower-tier city"),
    "zone": ("int32", "", "delivery zone"),
    "income": ("float32", "", "monthly disposable income, CNY"),
    "price_sensitivity": ("float32", "", "multiplier of the price coefficient, mean 1"),
    "kol_reliance": ("float32", "", "weight of influencers' word, 0..1"),
    "proof_need": ("float32", "", "need for third-party proof, 0..1"),
    "belonging": ("float32", "", "need to belong to a community, 0..1"),
    "taste": ("float32", "", "lasting liking of the brand, logit"),
    "activity": ("float32", "", "time on platforms relative to the mean"),
    "cost_of_faking": ("float32", "", "what one fake account costs this person, CNY"),
    "affinity": ("float32", "platform", "use of each platform, 0 = not a user"),
    "need_rate": ("float32", "category", "needs a day"),
    "need_total": ("float32", "", "needs a day over all categories"),
    "registered": ("bool", "", "registered user"),
    "registered_day": ("int32", "", "absolute day of registration, -1 before"),
    "acquired_source": ("int8", "", "source of the first visit, -1 before"),
    "acquired_platform": ("int8", "", "platform of the registration, -1 before"),
    "inviter": ("int64", "", "id of the inviter who is paid for this person, -1 if none"),
    "reward_stage": ("int8", "", "last stage for which the inviter was rewarded"),
    "visits": ("int32", "", "lifetime visits"),
    "last_visit_day": ("int32", "", "absolute day, -1 before"),
    "orders": ("int32", "", "lifetime orders"),
    "first_order_day": ("int32", "", "absolute day, -1 before"),
    "last_order_day": ("int32", "", "absolute day, -1 before"),
    "last_order_category": ("int8", "", "category of the last order, -1 before"),
    "trust": ("float32", "", "trust in the brand, 0..1"),
    "satisfaction": ("float32", "", "memory of recent experiences, 0..1"),
    "habit": ("float32", "", "direct visits a day with a need"),
    "reference": ("float32", "", "expected price relative to list"),
    "budget_left": ("float32", "", "what is left of this month's budget for such goods, CNY"),
    "notes": ("float32", "", "buyer notes and posts recently read, decaying count"),
    "category_notes": ("float32", "category", "the same on each category that needs notes before buying"),
    "share_fatigue": ("float32", "", "tiredness of sharing, decaying count"),
    "good_news": ("int8", "", "good deliveries yesterday not yet talked about"),
    "fatigue": ("float32", "platform", "tiredness of the brand's content, decaying impressions"),
    "need_category": ("int8", "", "live need, -1 if none"),
    "need_until": ("int32", "", "absolute day on which the live need ends"),
    "stocked_until": ("int32", "category", "absolute day until which the household has stock"),
    "member": ("bool", "", "member"),
    "member_day": ("int32", "", "absolute day of joining, -1 before"),
    "private_domain": ("bool", "", "in the private domain"),
    "affiliate": ("bool", "", "sells for commission"),
    "paid_impressions": ("float32", "platform", "paid impressions of this daypart"),
    "feed_impressions": ("float32", "platform", "unpaid impressions of this daypart"),
}  # fmt: skip

AGES = ((35, 45), (18, 24), (28, 38))


# fmt: off
class PopulationParams(Params):
    """Size and make-up of the population."""

    size: int = param(
        20_000, unit="consumers", kind="constant", source="definition", ge=50, le=5_000_000, scope="world",
        why="Seats in the market; a real edge list sets its own.",
    )
    represents: float = param(
        1.0, unit="real consumers per simulated one", kind="constant", source="definition", ge=0.01, le=1e6,
        scope="world",
        why="Stated in reports; absolute figures are multiplied by it there.",
    )
    silver_share: float = param(
        0.30, unit="share", kind="uncertainty", source="A-001", ge=0, le=1, part_of="people",
        span=(0.2, 0.4),
        why="Share of Silver Vanguard (35-45).",
    )
    cyber_share: float = param(
        0.35, unit="share", kind="uncertainty", source="A-002", ge=0, le=1, part_of="people",
        span=(0.25, 0.45),
        why="Share of Cyber Natives (18-24); Eco Pioneers are the rest.",
    )
    lower_tier_share: float = param(
        0.55, unit="share", kind="uncertainty", source="A-003", ge=0, le=1,
        span=(0.45, 0.65),
        why="Consumers in lower-tier cities.",
    )
    male_share: float = param(
        0.46, unit="share", kind="uncertainty", source="A-004", ge=0, le=1,
        span=(0.4, 0.5),
        why="Social-commerce buyers are slightly more often women.",
    )
    silver_income: float = param(
        14500.0, unit="CNY/month", kind="constant", source="F019", ge=1000, le=1e6,
        why="Median; the plan says 12,000 or more.",
    )
    cyber_income: float = param(
        5500.0, unit="CNY/month", kind="uncertainty", source="A-005", ge=500, le=1e6,
        span=(4000, 7500),
        why="Median of students and first jobs.",
    )
    eco_income: float = param(
        10500.0, unit="CNY/month", kind="uncertainty", source="A-006", ge=500, le=1e6,
        span=(8000, 14000),
        why="Median of young middle-class families.",
    )
    income_sigma: float = param(
        0.45, unit="log sd", kind="uncertainty", source="A-007", ge=0, le=2,
        span=(0.3, 0.7),
        why="Spread of lognormal incomes within a group.",
    )
    budget_share: float = param(
        0.06, unit="share of income", kind="uncertainty", source="A-008", ge=0.001, le=1,
        span=(0.03, 0.12),
        why="Monthly budget for goods of this kind from one brand.",
    )
    kol_reliance_cyber: float = param(
        0.91, unit="share", kind="constant", source="F023", ge=0, le=1,
        why="Dependence of Cyber Natives on influencers' word.",
    )
    kol_reliance_other: float = param(
        0.55, unit="share", kind="uncertainty", source="A-009", ge=0, le=1,
        span=(0.3, 0.75),
        why="The same for the other groups.",
    )
    proof_need_eco: float = param(
        0.8, unit="0..1", kind="uncertainty", source="A-010", ge=0, le=1,
        span=(0.6, 0.95),
        why="Eco Pioneers ask for certificates (S013).",
    )
    proof_need_other: float = param(
        0.35, unit="0..1", kind="uncertainty", source="A-011", ge=0, le=1,
        span=(0.15, 0.55),
        why="The same for the other groups.",
    )
    belonging_silver: float = param(
        0.75, unit="0..1", kind="uncertainty", source="A-012", ge=0, le=1,
        span=(0.5, 0.9),
        why="Silver Vanguard seek communities (S011).",
    )
    belonging_other: float = param(
        0.4, unit="0..1", kind="uncertainty", source="A-013", ge=0, le=1,
        span=(0.2, 0.6),
        why="The same for the other groups.",
    )
    taste_sd: float = param(
        0.9, unit="logit sd", kind="uncertainty", source="A-014", ge=0, le=3,
        span=(0.4, 1.8),
        why="Lasting taste for the brand; taste carries 40-90% of repeat variance.",
    )
    needs_per_day: float = param(
        0.115, unit="needs/consumer/day", kind="uncertainty", source="A-015", ge=0.001, le=2,
        span=(0.08, 0.15),
        why="Over all categories; a prototype behaved like a market at 0.08-0.15.",
    )
    need_shape: float = param(
        1.2, unit="gamma shape", kind="uncertainty", source="A-016", ge=0.05, le=50,
        span=(0.35, 2.5),
        why="Heterogeneity of individual need rates (BG/NBD fits have shapes below 1).",
    )
    activity_sigma: float = param(
        0.6, unit="log sd", kind="uncertainty", source="A-017", ge=0, le=2,
        span=(0.3, 1.0),
        why="Spread of time on platforms.",
    )
    faking_median: float = param(
        16.0, unit="CNY", kind="uncertainty", source="A-018", ge=0.01, le=1000, span=(8, 30),
        why="Median cost of faking one account.",
    )
    faking_sigma: float = param(
        0.6, unit="log sd", kind="uncertainty", source="A-019", ge=0, le=3, span=(0.3, 1.0),
        why="Its spread over people.",
    )
    initial_registered: float = param(
        0.60, unit="share", kind="constant", source="A-020", ge=0, le=1,
        why="Registered users when burn-in starts, near the level it settles at.",
    )
    initial_buyers: float = param(
        0.6, unit="share of registered", kind="constant", source="A-021", ge=0, le=1,
        why="Buyers among them when burn-in starts.",
    )
    initial_members: float = param(
        0.35, unit="share of initial buyers", kind="constant", source="A-023", ge=0, le=1,
        why="Members among them when burn-in starts.",
    )
    initial_trust: float = param(
        0.5, unit="0..1", kind="constant", source="A-022", ge=0, le=1,
        why="Trust of people who have had no experience.",
    )
# fmt: on


class People:
    """Columns of the population; ``people.trust`` is a NumPy array with one entry a seat."""

    columns: dict[str, np.ndarray]

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns
        self.__dict__.update(columns)

    def __len__(self) -> int:
        return len(self.columns["id"])

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getattr__(self, name: str) -> np.ndarray:
        raise AttributeError(f"people have no column '{name}'")

    @classmethod
    def empty(cls, n: int) -> People:
        """All columns at zero, ``n`` seats."""
        axes = {"platform": len(PLATFORMS), "category": len(CATEGORIES)}
        return cls(
            {
                name: np.zeros((n, axes[axis]) if axis else n, dtype)
                for name, (dtype, axis, _) in COLUMNS.items()
            }
        )


@njit(cache=True)
def _draw_traits(stream, seats, people_id, group, shares, lower, male_share, incomes, sigma, reliance, proof,
                 belonging, taste_sd, activity_sigma, fake_median, fake_sigma, out):  # fmt: skip
    age, male, tier, income, sensitivity, kol, proof_need, belong, taste, activity, faking = out
    for k in range(seats.shape[0]):
        i = seats[k]
        who = people_id[i]
        g = group[i]
        span = shares[g, 1] - shares[g, 0] + 1.0
        age[i] = np.int16(shares[g, 0] + math.floor(keyed_uniform(stream, who, 0) * span))
        male[i] = keyed_uniform(stream, who, 1) < male_share
        tier[i] = keyed_uniform(stream, who, 2) < lower
        income[i] = incomes[g] * math.exp(sigma * keyed_normal(stream, who, 10))
        # richer people mind prices less; the mean over a group stays near one
        sensitivity[i] = math.exp(0.25 * keyed_normal(stream, who, 11)) * (incomes[g] / income[i]) ** 0.25
        kol[i] = min(1.0, reliance[g] * (0.8 + 0.4 * keyed_uniform(stream, who, 3)))
        proof_need[i] = min(1.0, proof[g] * (0.6 + 0.8 * keyed_uniform(stream, who, 4)))
        belong[i] = min(1.0, belonging[g] * (0.6 + 0.8 * keyed_uniform(stream, who, 5)))
        taste[i] = taste_sd * keyed_normal(stream, who, 12)
        activity[i] = math.exp(activity_sigma * keyed_normal(stream, who, 13) - 0.5 * activity_sigma**2)
        faking[i] = fake_median * math.exp(fake_sigma * keyed_normal(stream, who, 14))


@njit(cache=True)
def _draw_tables(stream, seats, people_id, group, male, tier, reach, lower_tier, male_ratio, needs, shape,
                 weight,
                 affinity, need_rate, need_total):  # fmt: skip
    for k in range(seats.shape[0]):
        i = seats[k]
        who = people_id[i]
        g = group[i]
        for p in range(affinity.shape[1]):
            chance = reach[g, p] * (lower_tier[p] if tier[i] else 1.0) * (male_ratio[p] if male[i] else 1.0)
            uses = keyed_uniform(stream, who, 100 + p) < chance
            affinity[i, p] = 0.4 + 1.2 * keyed_uniform(stream, who, 200 + p) if uses else 0.0
        level = _gamma(stream, who, 300, shape) / shape
        total = 0.0
        for c in range(need_rate.shape[1]):
            share = weight[g, c] * keyed_exponential(stream, who, 400 + c)
            need_rate[i, c] = needs * level * share
            total += need_rate[i, c]
        need_total[i] = total


@njit(inline="always")
def _gamma(stream, who, occasion, shape):
    """Gamma draw (Marsaglia & Tsang 2000) from keyed occasions, shape > 0, scale 1."""
    boost = 1.0
    if shape < 1.0:
        boost = keyed_uniform(stream, who, occasion) ** (1.0 / shape)
        shape = shape + 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    value = d
    for attempt in range(64):
        x = keyed_normal(stream, who, occasion * 4 + 2 * attempt + 2)
        v = (1.0 + c * x) ** 3
        if v > 0.0:
            u = keyed_uniform(stream, who, occasion * 16 + 1000 * attempt + 7)
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                value = d * v
                break
    return value * boost


def settle_in(people: People, seats: np.ndarray, params: PopulationParams, catalog: Catalog,
              platforms: Platforms, draw: Draw, zones: int) -> None:  # fmt: skip
    """Give the (new) people on ``seats`` their traits and a blank state; ids and groups are set."""
    p = params
    others = (p.kol_reliance_other,) * 3
    _draw_traits(
        draw.timeless("people.traits"), seats, people.id, people.group,
        np.array(AGES, np.float64), p.lower_tier_share, p.male_share,
        np.array([p.silver_income, p.cyber_income, p.eco_income]), p.income_sigma,
        np.array([others[0], p.kol_reliance_cyber, others[2]]),
        np.array([p.proof_need_other, p.proof_need_other, p.proof_need_eco]),
        np.array([p.belonging_silver, p.belonging_other, p.belonging_other]),
        p.taste_sd, p.activity_sigma, p.faking_median, p.faking_sigma,
        (people.age, people.male, people.lower_tier, people.income, people.price_sensitivity,
         people.kol_reliance, people.proof_need, people.belonging, people.taste, people.activity,
         people.cost_of_faking),
    )  # fmt: skip
    _draw_tables(
        draw.timeless("people.tables"), seats, people.id, people.group, people.male, people.lower_tier,
        platforms.reach, platforms.lower_tier, platforms.male, p.needs_per_day, p.need_shape,
        catalog.group_weight, people.affinity, people.need_rate, people.need_total,
    )  # fmt: skip
    _blank_state(people, seats, params, zones, draw)


def _blank_state(people: People, seats: np.ndarray, params: PopulationParams, zones: int, draw: Draw) -> None:
    for name in ("registered_day", "acquired_source", "acquired_platform", "inviter", "last_visit_day",
                 "first_order_day", "last_order_day", "need_category", "member_day",
                 "last_order_category"):  # fmt: skip
        people.columns[name][seats] = -1
    for name in ("registered", "visits", "orders", "habit", "notes", "category_notes", "share_fatigue",
                 "good_news", "fatigue",
                 "need_until", "stocked_until", "member", "private_domain", "affiliate",
                 "reward_stage"):  # fmt: skip
        people.columns[name][seats] = 0
    people.trust[seats] = params.initial_trust
    people.satisfaction[seats] = params.initial_trust
    people.reference[seats] = 1.0
    people.budget_left[seats] = people.income[seats] * params.budget_share
    _draw_zones(draw.timeless("people.zone"), seats, people.id, zones, people.zone)


@njit(cache=True)
def _draw_zones(stream, seats, people_id, zones, zone):
    for k in range(seats.shape[0]):
        zone[seats[k]] = np.int32(keyed_uniform(stream, people_id[seats[k]], 0) * zones)


def build_people(n: int, params: PopulationParams, catalog: Catalog, platforms: Platforms, draw: Draw,
                 zones: int) -> People:  # fmt: skip
    """A population of ``n``, rows contiguous by group, part of it already customers.

    The initial customers only shorten the burn-in; their history is overwritten by it.
    """
    people = People.empty(n)
    people.id[:] = np.arange(n)
    silver = round(n * params.silver_share)
    cyber = round(n * params.cyber_share)
    people.group[silver : silver + cyber] = 1
    people.group[silver + cyber :] = 2
    seats = np.arange(n)
    settle_in(people, seats, params, catalog, platforms, draw, zones)
    _start_history(draw.timeless("people.history"), people.id, params.initial_registered,
                   params.initial_buyers,
                   params.initial_members, people.registered, people.orders, people.habit, people.member,
                   people.last_order_day)  # fmt: skip
    return people


@njit(cache=True)
def _start_history(stream, people_id, registered_share, buyer_share, member_share, registered, orders,
                   habit, member,
                   last_order_day):  # fmt: skip
    for i in range(people_id.shape[0]):
        if keyed_uniform(stream, people_id[i], 0) < registered_share:
            registered[i] = True
            habit[i] = 0.1 * keyed_uniform(stream, people_id[i], 1)
            if keyed_uniform(stream, people_id[i], 2) < buyer_share:
                orders[i] = 1
                last_order_day[i] = -np.int64(180 * keyed_uniform(stream, people_id[i], 3))
                member[i] = keyed_uniform(stream, people_id[i], 4) < member_share


__all__ = ["COLUMNS", "GROUPS", "People", "PopulationParams", "build_people", "settle_in"]
