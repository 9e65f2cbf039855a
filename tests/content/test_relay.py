"""Posts that are passed on, and small accounts that write of what large ones posted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.content.influencers import InfluencerParams
from sim.content.relay import Relay
from sim.world.influencers import KOC, KOL
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

#: One person in twenty writes, one in five of these is large, and all are bought from every day.
WRITING = (
    "influencers.audience.head_share=0.05", "influencers.audience.kol_share=0.2", "influencers.own_posts=1",
    "influencers.sessions_per_week=0", "sessions=none", "control=media", "relay=on", *LIVELY,
)  # fmt: skip


def play(*words: str, days: int = 8):
    return live(small_market("baseline", *WRITING, *words, size=1500), days).world


def figure(world, name: str) -> float:
    return next(one for one in Relay.figures if one.name == name).value(world.records.tables)


@pytest.fixture(scope="module")
def world():
    return play("relay.activation=1", "relay.tires=0.2", "relay.pass_on=0.1", "relay.cool_down=3")


def test_only_small_accounts_write_each_after_what_it_is_about_and_not_again_for_days(world):
    posts, written = world.records.posts, world.records.tables["relay_posts"]
    assert len(written["post"]) > 20
    when = dict(zip(posts["post"].tolist(), posts["minute"].tolist(), strict=True))
    who = dict(zip(posts["post"].tolist(), posts["influencer"].tolist(), strict=True))
    tier = dict(zip(world.influencers.id.tolist(), world.influencers.tier.tolist(), strict=True))
    days: dict[int, list[int]] = {}
    for post, cause in zip(written["post"].tolist(), written["cause"].tolist(), strict=True):
        assert tier[who[post]] == KOC
        assert tier[who[cause]] == KOL
        assert when[post] > when[cause]
        days.setdefault(who[post], []).append(when[post] // 1440)
    assert max(map(len, days.values())) <= 4  # eight days, at most one in three


def test_what_is_written_costs_nothing_and_reaches_followers(world):
    posts = world.records.posts
    own = np.isin(posts["post"], world.records.tables["relay_posts"]["post"])
    assert not posts["fee_fen"][own].any()
    assert posts["reach"][own].sum() > 0


def test_tellings_are_friends_shares_that_begin_with_a_reader(world):
    """Each is a share in the network's records, and some bring visits as shares do."""
    told, touches = world.records.tables["relay_tellings"], world.records.touches
    rows = np.isin(touches["touch"], told["touch"])
    assert rows.sum() == len(told["touch"]) > 100
    assert (touches["source"][rows] == int(Source.SHARE)).all()
    visits = world.records.visits
    assert np.isin(visits["touch"][visits["source"] == int(Source.SHARE)], told["touch"]).any()
    assert 0.0 < figure(world, "relay_tail_share") < 1.0


def test_tellings_of_a_head_are_its_readers_times_the_chance_times_the_cascade():
    """A branching process: audience / (1 - audience * pass_on) tellings a reader who passes it on."""
    words = ("sharing.tiring=0", "relay.activation=0", "relay.pass_on=0.2", "sharing.audience=1.5",
             "sharing.pass_on=0.2", "sharing.delay_median=1", "sharing.delay_sigma=0")  # fmt: skip
    world = play(*words, days=9)
    posts = world.records.posts
    read = 1440 * world.day - posts["minute"] > 20 * 60 * InfluencerParams().hours_seen
    heads = posts["post"][read & np.isin(posts["post"], world.records.tables["relay_heads"]["post"])]
    readers = posts["reach"][np.isin(posts["post"], heads)].sum()
    tellings = world.records.tables["relay_tellings"]
    told = np.isin(tellings["post"], heads).sum()
    mean = 1.5 / (1.0 - 1.5 * 0.2)
    # one reader's tellings: whether it is passed on, times the total of a Poisson branching process
    second = 0.2 * (1.5 / (1.0 - 1.5 * 0.2) ** 3 + mean**2)
    error = math.sqrt(readers * (second - (0.2 * mean) ** 2))
    assert len(heads) > 10
    assert abs(told - 0.2 * mean * readers) < 4.0 * error


def test_more_chance_more_tellings_and_more_posts(world):
    fewer = play("relay.activation=0.2", "relay.tires=0.2", "relay.pass_on=0.02", "relay.cool_down=3")
    for name in ("relay_tellings_per_head_post", "relay_posts_per_head_post"):
        assert 0.0 <= figure(fewer, name) < figure(world, name)


def test_small_accounts_say_nothing_while_influencers_do_not():
    """What they had in mind for a day on which nobody writes is not written later either."""
    market = live(small_market("baseline", *WRITING, "relay.activation=0", size=1500), 2)
    world, written = market.world, market.records.tables["relay_posts"]
    small = world.influencers.seat[world.influencers.tier == KOC]
    assert len(small) > 5
    world.people.relay_due[small] = world.clock.midnight + 2 * 1440 + 720
    market.levers.change({"influencers.enabled": False})
    live(market, 3)
    market.levers.change({"influencers.enabled": True})
    live(market, 2)
    assert not len(written["post"])
    world.people.relay_due[small] = world.clock.midnight + 720
    live(market, 1)
    assert len(written["post"]) == len(small)
