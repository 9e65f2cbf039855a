"""What scenarios and options say of themselves is what they set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.config import compose
from sim.logistics.network import Region

#: Service classes.
HALF_AN_HOUR, ONE_HOUR, TWO_HOURS = 0, 1, 2


def said(*words: str) -> Any:
    """A configuration with its description."""
    return compose(list(words))


def test_cash_for_everybody_who_registers() -> None:
    config = said("scenario=flat_cash_referral")
    amount, cash = config.incentive.schedule()
    assert "registers" in config.description
    assert amount.tolist() == [config.incentive.invite_reward, 0.0, 0.0]
    assert cash.all()


def test_cold_goods_within_the_hour_and_all_others_within_two() -> None:
    config = said("scenario=instant_retail")
    region = Region(config.logistics, 100_000, 0)
    ambient, *cold = region.class_by_layer(config.logistics)[1:]
    near = region.distance_km <= config.logistics.front_radius_km
    next_door = region.distance_km <= 2.0
    assert next_door.any()
    assert (near & ~next_door).any()
    assert all((classes[near] <= ONE_HOUR).all() for classes in cold)
    assert (ambient[near & ~next_door] == TWO_HOURS).all()
    assert all((classes[next_door] == HALF_AN_HOUR).all() for classes in (ambient, *cold))
    assert "cold goods within the hour, all others within two" in config.description


@pytest.mark.parametrize(
    ("scenario", "phrase", "true"),
    [
        ("capacity_crunch", "85 percent", lambda c: c.logistics.capacity_ratio == 0.85),
        ("platform_loss", "40 percent", lambda c: c.shock.size == 0.4),
        ("rider_shortage", "Four in ten riders stay away for two weeks",
         lambda c: (c.shock.size, c.shock.days) == (0.4, 14)),
        ("koc_pyramid", "most of that to many small ones", lambda c: c.channel_mix.kol_split < 0.5),
        ("koc_pyramid", "More of the media money to influencers",
         lambda c: c.channel_mix.influencer_share > said("scenario=baseline").channel_mix.influencer_share),
        ("three_tier_referral", "three tiers", lambda c: np.count_nonzero(c.incentive.schedule()[0]) == 3),
        ("three_tier_referral", "purchase subsidy, service credit, merchandise",
         lambda c: not c.incentive.schedule()[1].any()),
        ("private_domain", "one WeCom pool", lambda c: c.private_domain.pool == "wecom"),
        ("baseline", "no referral reward, list prices",
         lambda c: c.incentive.schedule()[0].sum() == 0 and c.pricing.rule == "list"),
    ],
)  # fmt: skip
def test_a_description_says_what_the_scenario_sets(scenario: str, phrase: str, true: Any) -> None:
    config = said(f"scenario={scenario}")
    assert phrase in config.description
    assert true(config)


def test_comments_of_options_say_what_they_set() -> None:
    """Cheap and slow for ambient goods alone; reviews of three in ten; most money for short video."""
    usual, cheap = said("logistics=standard").logistics, said("logistics=economy").logistics
    assert (cheap.near_class_ambient, cheap.far_class_ambient) == (3, 4)
    assert [cheap.near_class_chilled, cheap.near_class_frozen, cheap.far_class_chilled] == [
        usual.near_class_chilled, usual.near_class_frozen, usual.far_class_chilled,
    ]  # fmt: skip
    assert said("fraud=default").fraud.review == 0.3
    shares = said("channel_mix=balanced").channel_mix.shares()
    assert shares.argmax() == 0
    assert (shares[:5] > 0).all()
