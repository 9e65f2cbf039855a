"""The day's rhythm: who is there sees what is published, busy hours are dear, and parts saturate."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.core.clock import DAYPART_NAMES
from sim.core.rng import Draw
from sim.demand.exposure import hour_shares
from sim.demand.media import Media, MediaParams
from sim.world.platforms import PLATFORMS
from sim.world.rhythm import Rhythm, RhythmParams
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

DOUYIN, XIAOHONGSHU = PLATFORMS.index("douyin"), PLATFORMS.index("xiaohongshu")
#: Many accounts that are paid to post.
BOUGHT = (
    "rhythm=evening", "influencers.audience.head_share=0.1", "influencers.seen=0.3",
    "control.daily_budget=20", "channel_mix.influencer_share=0.6", "influencers.own_posts=0", *LIVELY,
)  # fmt: skip


def rhythm(hours=None, mean_minutes: float = 360.0, **levers) -> Rhythm:
    """That of two kinds of platforms and three groups, of which two are awake all day."""
    flat = np.full((3, 24), 1 / 24)
    reach = np.ones((len(PLATFORMS), 3))
    return Rhythm(RhythmParams(**levers), flat if hours is None else hours, reach, mean_minutes)


def day_and_night() -> np.ndarray:
    """float64[3, 24]: the first group is awake from 12 to 24 alone."""
    hours = np.full((3, 24), 1 / 24)
    hours[0] = np.where(np.arange(24) >= 12, 1 / 12, 0.0)
    return hours


def test_where_all_are_awake_all_day_an_hour_is_as_good_as_another():
    all_day = rhythm(moved=0.5, media="late")
    assert all_day.audience == pytest.approx(np.ones((24, 3)))
    assert all_day.dearer(np.array([DOUYIN, XIAOHONGSHU])) == pytest.approx([1.0, 1.0])
    assert all_day.media_price() == pytest.approx(np.ones(len(PLATFORMS)))
    minute = np.array([600, 900, 1500])
    seen = all_day.seen_at(np.full(3, 540), np.zeros(3, np.int8), minute)
    assert np.abs(seen - minute).max() <= 5  # views within an hour are taken as even


def test_an_hour_reaches_who_is_there_before_the_post_is_old():
    """A post of eight in the morning that fades with 6 hours: e^(-4/6) of its views are left to who comes at
    noon, less those past midnight, and so on the next day.
    """
    made = rhythm(day_and_night())
    left = math.exp(-4 / 6) - math.exp(-16 / 6) + math.exp(-28 / 6) - math.exp(-40 / 6)
    noon = 1 - math.exp(-12 / 6) + math.exp(-24 / 6) - math.exp(-36 / 6)
    assert made.audience[8, 0] / made.audience[12, 0] == pytest.approx(left / noon)
    assert made.audience[7:23].mean(axis=0) == pytest.approx(np.ones(3))
    seen = made.seen_at(np.full(200, 480), np.zeros(200, np.int8), 480 + np.arange(1, 2001, 10))
    assert ((seen % 1440 >= 720) | (seen % 1440 == 0)).all()


def test_a_busy_hour_is_dearer_and_loses_part_of_its_audience_to_others():
    hours = day_and_night()
    made = rhythm(hours, douyin=12, xiaohongshu=3, crowding=0.5, slot_price=0.4)
    crowd = made.audience[[12, 3]].mean(axis=1)
    platform = np.array([DOUYIN, XIAOHONGSHU])
    assert made.dearer(platform) == pytest.approx(crowd**0.4)
    assert crowd[0] > 1.0 > crowd[1]
    assert made.reached(12, DOUYIN) == pytest.approx(made.audience[12] / math.sqrt(crowd[0]))
    assert rhythm(hours, crowding=0.0).reached(12, DOUYIN) == pytest.approx(made.audience[12])


@pytest.fixture(scope="module")
def worlds():
    """Posts on Douyin at eight in the evening and at three at night, those on Xiaohongshu at eight."""
    return [
        live(small_market("baseline", *BOUGHT, f"rhythm.douyin={hour}", size=1500), 4).world
        for hour in (20, 3)
    ]


def bought(world, platform: int) -> dict[str, np.ndarray]:
    posts = world.records.posts
    rows = (posts["source"] == int(Source.SPONSORED_POST)) & (posts["platform"] == platform)
    return {name: posts[name][rows] for name in ("influencer", "minute", "reach", "fee_fen")}


def reach_and_fee(world, platform: int) -> tuple[float, float]:
    """Readers and fee a follower of the posts of a platform, as those of a usual hour have."""
    posts, influencers = bought(world, platform), world.influencers
    at = {int(one): int(n) for one, n in zip(influencers.id, influencers.followers, strict=True)}
    followers = sum(at[int(one)] for one in posts["influencer"])
    assert followers > 500
    return posts["reach"].sum() / followers, posts["fee_fen"].sum() / followers


def test_posts_of_the_night_reach_fewer_and_cost_less_and_other_platforms_keep_their_hour(worlds):
    evening, night = worlds
    assert (bought(evening, DOUYIN)["minute"] % 1440 // 60 == 20).all()
    assert (bought(night, DOUYIN)["minute"] % 1440 // 60 == 3).all()
    assert (bought(night, XIAOHONGSHU)["minute"] % 1440 // 60 == 20).all()
    late, early = (reach_and_fee(one, DOUYIN) for one in (night, evening))
    config = small_market("baseline", *BOUGHT, size=300).config
    made = Rhythm.of(config, hour_shares(config.traffic))
    expected = [made.crowd[hour, DOUYIN] for hour in (3, 20)]
    assert late[1] / early[1] == pytest.approx((expected[0] / expected[1]) ** 0.4, rel=0.05)
    shares = [0.3 * made.reached(hour, DOUYIN) for hour in (3, 20)]
    for (seen, _), share in ((late, shares[0]), (early, shares[1])):
        assert share.min() < seen < share.max() or seen == pytest.approx(share.mean(), rel=0.1)
    assert late[0] < early[0]


def test_the_hour_on_one_platform_is_its_own():
    """Moved on Xiaohongshu, posts of Douyin stay."""
    words = (*BOUGHT, "rhythm.xiaohongshu=9")
    world = live(small_market("baseline", *words, size=1500), 2).world
    assert (bought(world, XIAOHONGSHU)["minute"] % 1440 // 60 == 9).all()
    assert (bought(world, DOUYIN)["minute"] % 1440 // 60 == 20).all()


def made_world(fen: int) -> SimpleNamespace:
    n = len(PLATFORMS)
    platforms = SimpleNamespace(
        cpm=np.full(n, 20.0), adstock=np.zeros(n), paid_scale=np.zeros(n), feed_scale=np.zeros(n),
        feed=np.ones(n), rank=np.ones(n), open_share=lambda _: np.ones(n), paid_traffic=np.ones(n),
        unpaid_traffic=np.ones(n), dearness=np.ones(n), growth=np.ones(n),
    )  # fmt: skip
    people = SimpleNamespace(
        activity=np.ones(50), affinity=np.full((50, n), 0.2), registered=np.zeros(50, np.bool_)
    )
    table = SimpleNamespace(rows=[])
    table.append = lambda **row: table.rows.append(row)
    return SimpleNamespace(
        day=3, platforms=platforms, people=people, operator=SimpleNamespace(media_fen=np.full(n, fen)),
        records=SimpleNamespace(media=table), spend=lambda kind, paid: None,
    )  # fmt: skip


@pytest.mark.parametrize(("moved", "media"), [(0.0, "evening"), (0.4, "evening"), (1.0, "late")])
def test_media_moved_into_a_part_of_the_day_meet_its_ceiling(moved, media):
    """By hand: impressions of a part over its time, at the price of its hours, felt as s(1 - exp(-a/s))."""
    hours = day_and_night()
    made = rhythm(hours, moved=moved, media=media, slot_price=0.5)
    world = made_world(400)
    Media(MediaParams(carry_over=0.0, saturation=0.5, targeting=1.0), SimpleNamespace(price_slope=0.0),
          made).act(world, Draw(1))  # fmt: skip
    part, spans = DAYPART_NAMES.index(media), np.array([8, 4, 6, 4, 2]) / 24
    time = (np.array([0, 0, 0.5, 1 / 3, 1 / 6]) + 2 * spans) / 3
    price = (time[part] / spans[part]) ** 0.5
    shown = (1 - moved) * time
    shown[part] += moved / price
    cpm = round(2000 / shown.sum())
    assert world.records.media.rows[0]["cpm_fen"][0] == cpm
    a = (400 * 1000 // cpm) / 50 * shown / shown.sum()
    felt = time * 0.5 * (1 - np.exp(-a / time / 0.5))
    platforms = world.platforms
    by_part = platforms.paid_scale[0] * 0.2 * platforms.paid_slots[:, 0] * time
    assert by_part == pytest.approx(felt, rel=2e-3)


def test_moved_media_bring_their_visits_in_that_part_of_the_day():
    words = ("control=media", "influencers=none", *LIVELY, "rhythm=evening", "rhythm.media=morning")
    usual, moved = (
        live(small_market("baseline", *words, f"rhythm.moved={share}", size=1500), 3).world
        for share in (0, 1)
    )
    shares = []
    for world in (usual, moved):
        visits = world.records.visits
        paid = visits["minute"][visits["source"] == int(Source.PAID_MEDIA)] % 1440
        assert len(paid) > 50
        shares.append(((paid >= 480) & (paid < 720)).mean())
    assert shares[1] == 1.0
    assert shares[0] < 0.5
