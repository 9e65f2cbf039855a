"""Brand stock: how it builds and fades, and that advertising's long run may exceed its short run."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.clock import DAYPARTS
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.schema import Source
from tests.conftest import LIVELY, small_market

DAYS = 10


def learn(market) -> None:
    """The feature's evening by itself."""
    [act] = [one for one in market.schedule[Phase.PERSUADE] if one.name == "brand.learn"]
    act.act(market.world, Draw(market.world.seed, market.world.day))


def test_steady_exposure_builds_its_own_level_geometrically_and_fades_as_it_came():
    """Exposure b a day from nothing: b x (1 - keep^n) after n days, then x keep^n without any."""
    market = small_market("baseline", "brand=default", f"brand.days={DAYS}", size=300)
    world, keep = market.world, np.exp(-1 / DAYS)
    world.flow.shown.paid[DAYPARTS] = 0.7
    time = (world.people.activity[:, None] * world.people.affinity).sum(axis=1)
    each = 0.7 * time * np.where(world.people.registered, market.config.media.targeting, 1.0)
    for n in range(1, 31):
        learn(market)
        np.testing.assert_allclose(world.people.brand_stock, each * (1 - keep**n), rtol=1e-4)
    full = world.people.brand_stock.copy()
    world.flow.shown.paid[DAYPARTS] = 0.0
    for _ in range(30):
        learn(market)
    np.testing.assert_allclose(world.people.brand_stock, full * keep**30, rtol=1e-4)


@pytest.mark.parametrize("level", [0.1, 0.5, 5.0])
def test_habit_settles_where_the_saturating_curve_says(level):
    """At a steady stock the habit of someone who never buys is ceiling x stock / (stock + half)."""
    market = small_market("baseline", "brand=default", "brand.days=3650", "brand.habit=0.2", size=50)
    people, fades = market.world.people, np.exp(-1 / market.config.traffic.habit_days)
    people.habit[:] = 0.0
    for _ in range(600):
        people.brand_stock[:] = level
        people.habit[:] *= fades
        learn(market)
    np.testing.assert_allclose(people.habit, 0.2 * level / (level + 0.5), rtol=0.002)


def test_a_known_brand_is_searched_for_more_often():
    """Twice the searches at a full stock with search=1; nothing is searched for more without one."""
    found = []
    for stock in (0.0, 1e6):
        market = small_market(
            "baseline", *LIVELY, "brand=default", "brand.habit=0", "brand.days=3650", size=1500
        )
        for _ in range(6):
            market.world.people.brand_stock[:] = stock
            market.step()
        found.append((market.records.visits["source"] == int(Source.SEARCH)).sum())
        # it is the morning's level that counts: 1 + stock / (stock + half)
        assert market.world.conditions.search == pytest.approx(1.0 + (stock > 0), abs=1e-3)
    assert 1.4 < found[1] / found[0] < 2.2


def test_a_known_brand_brings_users_by_themselves_once_habit_has_followed():
    """Direct visits of users, with a full stock against none; without the ceiling nothing changes."""
    came = {}
    for ceiling in (0.0, 0.3):
        for stock in (0.0, 1e6):
            words = ("brand=default", f"brand.habit={ceiling}", "brand.search=0", "brand.days=3650")
            market = small_market("baseline", *words, size=1500)
            for _ in range(15):
                market.world.people.brand_stock[:] = stock
                market.step()
            came[ceiling, stock] = (market.records.visits["source"] == int(Source.DIRECT)).sum()
    assert came[0.0, 0.0] == came[0.0, 1e6] == came[0.3, 0.0]
    assert came[0.3, 1e6] > 1.3 * came[0.3, 0.0]
