"""Ages: who is of which group, who is of none, and what follows age rather than the group."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.config import compose
from sim.core.errors import ConfigError
from sim.core.rng import Draw
from sim.world.ages import MIDDLE, OLDEST, YOUNGEST, AgesParams, ages_of, mixture
from sim.world.catalog import CATEGORIES, build_catalog
from sim.world.platforms import Platforms
from sim.world.population import PopulationParams, build_people
from sim.world.schema import GROUPS
from tests.conftest import LIVELY, live, small_market

PEOPLE = 20_000
#: Middles of the groups' ages, from the plan's bounds.
MIDDLES = {"cyber_native": 21.0, "eco_pioneer": 33.0, "silver_vanguard": 40.0}


def people_of(ages: dict | None = None, **changes: float):
    """A population of such ages, and nothing else."""
    config, params = compose([]), PopulationParams(ages=AgesParams(**(ages or {})), **changes)
    catalog, platforms = build_catalog(config.catalog), Platforms(config.platforms)
    return build_people(PEOPLE, params, catalog, platforms, Draw(3), 1)


def shares_by_hand(group: str, age: int, follows: float) -> dict[str, float]:
    """How much of each group's ways somebody of a group's age has, step by step."""
    if age <= MIDDLES["cyber_native"]:
        line = {"cyber_native": 1.0}
    elif age <= MIDDLES["eco_pioneer"]:
        on = (age - 21.0) / 12.0
        line = {"cyber_native": 1.0 - on, "eco_pioneer": on}
    elif age <= MIDDLES["silver_vanguard"]:
        on = (age - 33.0) / 7.0
        line = {"eco_pioneer": 1.0 - on, "silver_vanguard": on}
    else:
        line = {"silver_vanguard": 1.0}
    return {one: (1.0 - follows) * (one == group) + follows * line.get(one, 0.0) for one in GROUPS}


#: Ages of Eco Pioneers and of Silver Vanguard under each rule.
RULES = [("both", (28, 38), (35, 45)), ("older", (28, 34), (35, 45)), ("younger", (28, 38), (39, 45))]


def counted_ages(group: int, n: int, outside: float, **ages: object) -> dict[int, int]:
    """How often each age comes of n people of a group whose luck is spread evenly.

    Chance is the same for all: none is of another age where ``outside`` is 0, and all are where it is 1.
    """
    luck, share = (np.arange(n) + 0.5) / n, np.full(len(GROUPS), outside)
    age = ages_of(luck, np.full(n, 0.5), np.full(n, group), AgesParams(**ages), share)
    return dict(zip(*(one.tolist() for one in np.unique(age, return_counts=True)), strict=True))


@pytest.mark.exact
@pytest.mark.parametrize(("rule", "eco", "silver"), RULES)
def test_each_age_of_a_group_comes_equally_often_at_even_luck(rule, eco, silver):
    """A hundred of each year, whoever else is of that age."""
    for code, (low, high) in ((YOUNGEST, (18, 24)), (MIDDLE, eco), (OLDEST, silver)):
        years = range(low, high + 1)
        assert counted_ages(code, 100 * len(years), 0.0, overlap=rule) == dict.fromkeys(years, 100)


@pytest.mark.exact
@pytest.mark.parametrize("rule", [one[0] for one in RULES])
def test_each_age_between_the_groups_and_beyond_them_comes_equally_often_at_even_luck(rule):
    """Fifteen years beyond; three or four between, of which the younger half is of the younger group."""
    beyond = dict.fromkeys(range(46, 61), 100)
    assert counted_ages(OLDEST, 1500, 1.0, overlap=rule) == beyond
    assert counted_ages(YOUNGEST, 150, 1.0, overlap=rule) == {25: 100, 26: 50}
    assert counted_ages(MIDDLE, 150, 1.0, overlap=rule) == {26: 50, 27: 100}
    four = {"overlap": rule, "cyber_native": (18, 23)}
    assert counted_ages(YOUNGEST, 200, 1.0, **four) == {24: 100, 25: 100}
    assert counted_ages(MIDDLE, 200, 1.0, **four) == {26: 100, 27: 100}


@pytest.mark.exact
def test_who_is_of_no_groups_age_is_as_many_as_are_said_to_be():
    """At evenly spread chance, exactly the share, group by group."""
    chance, outside = (np.arange(1000) + 0.5) / 1000, np.zeros(len(GROUPS))
    outside[[YOUNGEST, MIDDLE, OLDEST]] = 0.1, 0.25, 0.5
    for code, low, high in ((YOUNGEST, 18, 24), (MIDDLE, 28, 38), (OLDEST, 35, 45)):
        age = ages_of(np.full(1000, 0.5), chance, np.full(1000, code), AgesParams(), outside)
        assert ((age < low) | (age > high)).sum() == 1000 * outside[code]


@pytest.mark.parametrize(("rule", "eco", "silver"), RULES)
def test_a_rule_says_who_is_of_which_group_and_ages_lie_evenly(rule, eco, silver):
    """Each age has as many people as any other of its group, within four standard errors."""
    people = people_of({"overlap": rule})
    for code, (low, high) in ((YOUNGEST, (18, 24)), (MIDDLE, eco), (OLDEST, silver)):
        age = people.age[people.group == code]
        assert (age.min(), age.max()) == (low, high)
        seen = np.bincount(age - low) / len(age)
        even = 1.0 / (high - low + 1)
        assert np.abs(seen - even).max() < 4.0 * math.sqrt(even * (1.0 - even) / len(age))


def test_people_of_no_groups_age_are_there_in_their_share_and_counted_with_the_nearest():
    people = people_of(between_share=0.12, elder_share=0.2)
    between = (people.age > 24) & (people.age < 28)
    elder = people.age > 45
    for mine, share in ((between, 0.12), (elder, 0.2)):
        assert abs(mine.mean() - share) < 4.0 * math.sqrt(share * (1.0 - share) / PEOPLE)
    one_year = np.bincount(people.age[between])[25:] / PEOPLE
    assert np.abs(one_year - 0.04).max() < 4.0 * math.sqrt(0.04 * 0.96 / PEOPLE)
    assert set(people.age[between & (people.group == YOUNGEST)]) == {25, 26}
    assert set(people.age[between & (people.group == MIDDLE)]) == {26, 27}
    assert (people.group[elder] == OLDEST).all()
    assert people.age.max() == 60
    shares, outside = PopulationParams(between_share=0.12, elder_share=0.2).group_shares()
    assert shares.sum() == pytest.approx(1.0)
    assert outside[[OLDEST, YOUNGEST, MIDDLE]] == pytest.approx([0.2 / 0.5, 0.06 / 0.41, 0.06 / 0.09])


@pytest.mark.parametrize("follows", [0.0, 0.4, 1.0])
def test_needs_follow_age_as_far_as_they_are_said_to(follows):
    """The same people under the same draws: the ratio of needs is that of the weights, person by person."""
    people, plain = people_of({"follows": follows}), people_of()
    weight = build_catalog(compose([]).catalog).group_weight
    for row in range(0, PEOPLE, 97):
        group = GROUPS[people.group[row]]
        ways = shares_by_hand(group, int(people.age[row]), follows)
        mine = sum(ways[one] * weight[code] for code, one in enumerate(GROUPS))
        expected = plain.need_rate[row] * mine / weight[people.group[row]]
        assert people.need_rate[row] == pytest.approx(expected, rel=1e-5)


def test_whoever_is_of_no_groups_age_has_tastes_between_those_of_the_neighbours():
    p, ages = AgesParams(), np.array([25, 26, 27, 50])
    group = np.array([YOUNGEST, MIDDLE, MIDDLE, OLDEST])
    ways = mixture(p, group, ages)
    assert ways[:, MIDDLE] == pytest.approx([4 / 12, 5 / 12, 6 / 12, 0.0])
    assert ways[:, YOUNGEST] == pytest.approx([8 / 12, 7 / 12, 6 / 12, 0.0])
    assert ways[:, OLDEST] == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_elders_use_platforms_less_the_older_they_are():
    """By exp(-fades x years / 10) of what the oldest group's chance is; four standard errors."""
    people = people_of({"fades": 0.5}, elder_share=0.5)
    usual = float((people_of().affinity[:, 0] > 0)[people_of().group == OLDEST].mean())
    mine = people.affinity[people.age > 45, 0] > 0
    expected = usual * np.exp(-0.5 * (people.age[people.age > 45] - 45) / 10.0)
    spread = math.sqrt((expected * (1 - expected)).sum() + len(mine) ** 2 * usual / 6000)
    assert abs(mine.sum() - expected.sum()) < 4.0 * spread
    assert expected.mean() < usual - 0.1


def liked_more_by_the_younger(follows: float) -> tuple[float, float]:
    """Share of what Cyber Natives like in orders of younger less older Eco Pioneers, and its standard error.

    Cyber Natives need characters alone, all others clothes alone.
    """
    wants = {"cyber_native": "virtual_ip", "eco_pioneer": "apparel", "silver_vanguard": "apparel"}
    weights = [
        f"catalog.{one}.{group}={20 * (one == wants[group])}" for group in GROUPS for one in CATEGORIES
    ]
    words = (*LIVELY, *weights, f"population.ages.follows={follows}", "turnover.enabled=false")
    world = live(small_market("baseline", *words, size=2500), 8).world
    orders, people = world.records.orders, world.people
    seats = world.seats_of(orders["person"])
    eco, liked = people.group[seats] == MIDDLE, orders["category"] == CATEGORIES.index("virtual_ip")
    young = people.age[seats] < 33
    one, other = liked[eco & young], liked[eco & ~young]
    return one.mean() - other.mean(), math.sqrt(one.var() / len(one) + other.var() / len(other))


def test_what_is_ordered_follows_age_within_a_group():
    """Eco Pioneers below the middle of their ages buy what Cyber Natives like, as far as needs follow age."""
    gap, error = liked_more_by_the_younger(1.0)
    assert gap > 4.0 * error
    gap, error = liked_more_by_the_younger(0.0)
    assert abs(gap) <= 4.0 * error


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("population.ages.cyber_native=[24,18]", r"population.ages.cyber_native.*youngest.*turn them round"),
        ("population.ages.eco_pioneer=[28,50]", r"population.ages.*must rise.*move one"),
        ("population.ages.oldest=40", r"population.ages.*oldest.*move one"),
    ],
)
def test_ages_in_the_wrong_order_are_refused(word, said):
    with pytest.raises(ConfigError, match=said):
        small_market("baseline", word)


def test_nobody_is_between_ages_that_meet():
    with pytest.raises(ConfigError, match=r"between_share.*make it 0"):
        small_market("baseline", "population.ages.cyber_native=[18,27]", "population.between_share=0.1")
