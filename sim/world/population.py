"""Who lives in the market: one row a seat, columns for traits and for state.

A seat is a place in the social graph; a person is an id that may leave it and come back.
Traits are drawn when a person takes a seat and stay with the id; state moves day by day.
Persistent differences (taste for the brand, individual need rates) carry most of what looks
like loyalty, as in real repeat-purchase data (Dube, Hitsch & Rossi 2010).
"""

from __future__ import annotations

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw, keyed_uniform
from sim.world.ages import OLDEST, YOUNGEST, draw_ages, mixture, reach_left
from sim.world.catalog import CATEGORIES, Catalog
from sim.world.people import Column, People
from sim.world.platforms import PLATFORMS, Platforms
from sim.world.population_params import PopulationParams
from sim.world.schema import GROUPS
from sim.world.traits import Needs, Reach, Spread, Tables, Traits, Typical, Ways, draw_tables, draw_traits

#: What there is one value, or one row, of a person.
COLUMNS: dict[str, Column] = {
    "id": Column("int64", "stable id; survives relabelling of rows"),
    "group": Column("int8", "consumer group, index into GROUPS"),
    "age": Column("int16", "years of age when they came to the market"),
    "male": Column("bool", "gender as platforms report it"),
    "lower_tier": Column("bool", "lives in a lower-tier city"),
    "zone": Column("int32", "delivery zone"),
    "income": Column("float32", "monthly disposable income, CNY"),
    "price_sensitivity": Column("float32", "multiplier of the price coefficient, mean 1"),
    "kol_reliance": Column("float32", "weight of influencers' word, 0..1"),
    "proof_need": Column("float32", "need for third-party proof, 0..1"),
    "belonging": Column("float32", "need to belong to a community, 0..1"),
    "taste": Column("float32", "lasting liking of the brand, logit"),
    "activity": Column("float32", "time on platforms relative to the mean"),
    "cost_of_faking": Column("float32", "what one fake account costs this person, CNY"),
    "affinity": Column("float32", "use of each platform, 0 = not a user", "platform"),
    "need_rate": Column("float32", "needs a day", "category"),
    "need_total": Column("float32", "needs a day over all categories"),
    "basket": Column("float32", "units beyond the first relative to the mean"),
    "exit_pace": Column("float32", "chance to leave the market relative to the mean"),
    "registered": Column("bool", "registered user", start=0),
    "registered_day": Column("int32", "absolute day of registration, -1 before", start=-1),
    "acquired_source": Column("int8", "source of the first visit, -1 before", start=-1),
    "inviter": Column("int64", "id of the inviter who is paid for this person, -1 if none", start=-1),
    "reward_stage": Column("int8", "last stage for which the inviter was rewarded", start=0),
    "orders": Column("int32", "lifetime orders", start=0),
    "last_order_day": Column("int32", "absolute day, -1 before", start=-1),
    "last_order_category": Column("int8", "category of the last order, -1 before", start=-1),
    "trust": Column("float32", "trust in the brand, 0..1", start="initial_trust"),
    "satisfaction": Column("float32", "memory of recent experiences, 0..1", start="initial_trust"),
    "habit": Column("float32", "direct visits a day with a need", start=0, back="start"),
    "reference": Column("float32", "expected price relative to list", start=1.0),
    "budget_left": Column("float32", "what is left of this month's budget for such goods, CNY"),
    "notes": Column("float32", "buyer notes and posts recently read, decaying count", start=0),
    "category_notes": Column(
        "float32", "the same on each category that needs notes before buying", "category", start=0
    ),
    "share_fatigue": Column("float32", "tiredness of sharing, decaying count", start=0),
    "good_news": Column("int8", "good deliveries yesterday not yet talked about", start=0),
    "fatigue": Column(
        "float32",
        "tiredness of the brand's content, decaying impressions up to midnight or the last visit",
        "platform",
        start=0,
    ),
    "need_category": Column("int8", "live need, -1 if none", start=-1, back="start"),
    "need_until": Column("int32", "absolute day on which the live need ends", start=0),
    "stocked_until": Column("int32", "absolute day until which the household has stock", "category", start=0),
    "member": Column("bool", "member", start=0),
    "private_domain": Column("bool", "in the private domain", start=0),
    "affiliate": Column("bool", "sells for commission", start=0),
    "affiliate_for": Column("float32", "commission for which that began, share of revenue", start=0),
}

#: Length of a row of values, by what it goes along.
AXES = {"": 1, "platform": len(PLATFORMS), "category": len(CATEGORIES)}


#: Shares of zones below one another where all are alike.
EVEN = np.zeros(0)


def empty(n: int) -> People:
    """All columns at zero, ``n`` seats."""
    columns = {
        name: np.zeros((n, AXES[column.axis]) if column.axis else n, column.dtype)
        for name, column in COLUMNS.items()
    }
    return People(columns, COLUMNS)


def _relative(ratio: np.ndarray, share: float) -> np.ndarray:
    """float64[2, n_platforms]: reach of the others and of a part of the people, relative to the mean of all.

    ``ratio`` is the part's; the others have what keeps the mean at 1, as far as it goes.
    """
    others = (1.0 - share * ratio) / (1.0 - share) if share < 1.0 else np.ones_like(ratio)
    return np.stack((np.maximum(others, 0.0), ratio))


def settle_in(
    people: People,
    seats: np.ndarray,
    params: PopulationParams,
    catalog: Catalog,
    platforms: Platforms,
    draw: Draw,
    zones: int,
    below: np.ndarray = EVEN,
) -> None:
    """Give the (new) people on ``seats`` their traits and what newcomers have; ids and groups are set.

    ``below`` is float64[zones], the share of people in a zone and those before it; empty where all are alike.
    """
    p = params
    typical = Typical(
        income=np.array([p.silver_income, p.cyber_income, p.eco_income]),
        kol_reliance=np.array([p.kol_reliance_other, p.kol_reliance_cyber, p.kol_reliance_other]),
        proof_need=np.array([p.proof_need_other, p.proof_need_other, p.proof_need_eco]),
        belonging=np.array([p.belonging_silver, p.belonging_other, p.belonging_other]),
    )
    group = people.group[seats]
    _, outside = p.group_shares()
    age = people.age[seats] = draw_ages(draw.timeless("people.age"), people.id[seats], group, p.ages, outside)
    ways = mixture(p.ages, group, age)
    traits, spread = fields_of(Traits, people), fields_of(Spread, p)
    draw_traits(draw.timeless("people.traits"), seats, traits, ways, typical, spread)
    reach = Reach(
        by_group=platforms.reach,
        by_tier=_relative(platforms.lower_tier, p.lower_tier_share),
        by_sex=_relative(platforms.male, p.male_share),
    )
    draw_tables(
        draw.timeless("people.tables"),
        seats,
        fields_of(Tables, people),
        Ways(ways, reach_left(p.ages, age)),
        reach,
        fields_of(Needs, p),
        catalog.group_weight,
    )
    people.reset(seats, params)
    people.budget_left[seats] = people.income[seats] * params.budget_share
    _draw_zones(draw.timeless("people.zone"), seats, people.id, zones, below, people.zone)


@njit(cache=True)
def _draw_zones(stream, seats, people_id, zones, below, zone):
    for k in range(seats.shape[0]):
        u = keyed_uniform(stream, people_id[seats[k]], 0)
        zone[seats[k]] = np.searchsorted(below, u) if below.shape[0] else np.int32(u * zones)


def build_people(
    n: int,
    params: PopulationParams,
    catalog: Catalog,
    platforms: Platforms,
    draw: Draw,
    zones: int,
    below: np.ndarray = EVEN,
) -> People:
    """A population of ``n``, rows contiguous by group, part of it already customers.

    The initial customers only shorten the burn-in; their history is overwritten by it.
    """
    people = empty(n)
    people.id[:] = np.arange(n)
    shares, _ = params.group_shares()
    silver, cyber = round(n * shares[OLDEST]), round(n * shares[YOUNGEST])
    people.group[silver : silver + cyber] = 1
    people.group[silver + cyber :] = 2
    seats = np.arange(n)
    settle_in(people, seats, params, catalog, platforms, draw, zones, below)
    _start_history(
        draw.timeless("people.history"),
        people.id,
        params.initial_registered,
        params.initial_buyers,
        params.initial_members,
        people.registered,
        people.orders,
        people.habit,
        people.member,
        people.last_order_day,
    )
    return people


@njit(cache=True)
def _start_history(
    stream,
    people_id,
    registered_share,
    buyer_share,
    member_share,
    registered,
    orders,
    habit,
    member,
    last_order_day,
):
    for i in range(people_id.shape[0]):
        if keyed_uniform(stream, people_id[i], 0) < registered_share:
            registered[i] = True
            habit[i] = 0.1 * keyed_uniform(stream, people_id[i], 1)
            if keyed_uniform(stream, people_id[i], 2) < buyer_share:
                orders[i] = 1
                last_order_day[i] = -np.int64(180 * keyed_uniform(stream, people_id[i], 3))
                member[i] = keyed_uniform(stream, people_id[i], 4) < member_share


__all__ = ["AXES", "COLUMNS", "GROUPS", "People", "PopulationParams", "build_people", "empty", "settle_in"]
