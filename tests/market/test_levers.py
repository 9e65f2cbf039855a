"""Levers that change while a market runs: in force at once, for their time, and none but levers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.clock import MINUTES_PER_DAY
from sim.core.errors import ConfigError
from sim.levers import lever_problems, nested, with_levers
from sim.market import Market
from tests.market.worlds import digest, events

SMALL = [
    "population.size=600", "experiment.burn_in_days=8", "experiment.warmup_days=0", "experiment.days=8",
    "incentive=flat_cash", "group_buy.enabled=true",
]  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("levers")


def market(cache, *words):
    return Market(compose([*SMALL, *words]), 0, cache)


def test_a_change_that_changes_nothing_leaves_every_bit_as_it_was(cache):
    plain, told = market(cache), market(cache)
    told.levers.change({"incentive.invite_reward": told.config.incentive.invite_reward})
    assert digest(plain.run()) == digest(told.run())


def test_while_nothing_changes_nothing_is_bound_anew(cache):
    one = market(cache).run(1)
    before = list(one.mechanisms)
    one.run(3)
    assert all(a is b for a, b in zip(before, one.mechanisms, strict=True))


def test_a_price_is_in_force_from_the_day_of_its_change_until_it_ends(cache):
    plain, cheap = market(cache).run(2), market(cache).run(2)
    cheap.levers.change({"pricing.list_level": 0.5}, until=cheap.world.clock.midnight + 2 * MINUTES_PER_DAY)
    levels = []
    for _ in range(4):
        cheap.step()
        levels.append(cheap.world.operator.terms.list_level)
    plain.run(6)
    assert levels == [0.5, 0.5, plain.config.pricing.list_level, plain.config.pricing.list_level]
    first = plain.first_measured_day + 2
    early, late = (events(one.world, before_day=first)["orders"] for one in (plain, cheap))
    assert all(np.array_equal(early[name], late[name]) for name in early)


def test_who_leaves_group_buy_lets_open_groups_fill_or_expire(cache):
    one = market(cache, "group_buy.size=5", "group_buy.deadline=60").run(3)
    assert one.world.groups, "groups are open when the strategy leaves"
    opened = {group.group_id for group in one.world.groups}
    one.levers.change({"group_buy.enabled": False})
    one.run(8)
    assert not one.world.groups
    tables = one.tables()["group_buys"]
    assert opened >= set(tables["group_buy"][tables["day"] > one.first_measured_day + 3].tolist())
    waiting = one.world.orders["status"][: len(one.world.orders)]
    from sim.world.world import WAITING

    assert not (waiting == WAITING).any()


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ({"population.size": 900}, "belongs to the world"),
        ({"fraud.reviewers.wage": 3.0}, "is no lever"),
        ({"experiment.days": 9}, "is no lever"),
        ({"incentive.invite_rewrad": 9}, "did you mean 'invite_reward'"),
        ({"incentiv.invite_reward": 9}, "did you mean 'incentive'"),
        ({"incentive.invite_reward": -1}, "write another value"),
        ({"incentive": 3}, "must hold levers"),
        ({"shock.kind": "downturn"}, "is no lever"),
    ],
)
def test_what_is_no_lever_cannot_change(cache, diff, said):
    one = market(cache)
    with pytest.raises(ConfigError, match=said):
        one.levers.change(diff)


def test_a_change_by_sections_and_by_dotted_keys_is_the_same():
    config = compose([])
    dotted, inner = (
        {"pricing.list_level": 0.9, "pricing.rule": "coupon"},
        {"pricing": {"list_level": 0.9, "rule": "coupon"}},
    )
    assert nested(dotted) == inner
    assert not lever_problems(config.models, dotted)
    assert with_levers(config, dotted).pricing == with_levers(config, inner).pricing
    assert with_levers(config, dotted).pricing.list_level == 0.9
