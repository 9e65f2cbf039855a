"""Rare goods sell worse on the platform of videos, common ones better, and needs as a whole as before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.demand.long_tail import rarity
from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market


@pytest.mark.property
@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=20))
def test_rarity_is_log_odds_of_needs_and_centred_over_them(weights):
    weight = np.array(weights)
    found = rarity(weight)
    share = weight / weight.sum()
    assert float(share @ found) == pytest.approx(0.0, abs=1e-9)
    assert found - found[0] == pytest.approx(-np.log(weight / weight[0]), abs=1e-9)


def test_what_nobody_needs_is_neither_rare_nor_common():
    assert rarity(np.array([0.0, 1.0, 1.0])).tolist() == [0.0, 0.0, 0.0]


def test_rare_goods_convert_worse_on_videos_than_on_the_others():
    """S019: chances of an order of the rarest third of goods, in the same world and days, by platform."""
    odds = {}
    for name in ("none", "video"):
        market = live(
            small_market("baseline", f"long_tail={name}", "long_tail.douyin=1", *LIVELY, size=1500), 6
        )
        visits = market.records.tables["visits"]
        rare = np.argsort(market.world.catalog.group_weight.sum(axis=0))[:4]
        first = np.isin(visits["category"], rare)
        for platform in ("douyin", "taobao_live", "wechat"):
            here = first & (visits["origin"] == PLATFORMS.index(platform))
            assert here.sum() > 20
            odds[name, platform] = float(visits["order_probability"][here].mean())
    assert odds["video", "douyin"] < 0.9 * odds["none", "douyin"]
    assert (
        odds["video", "douyin"] / odds["none", "douyin"]
        < odds["video", "taobao_live"] / odds["none", "taobao_live"]
    )
    assert odds["video", "wechat"] == pytest.approx(odds["none", "wechat"], rel=0.15)
