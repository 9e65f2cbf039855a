"""An outside condition reaches every path that depends on it, on its days and on no others."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.market import Market
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

pytestmark = pytest.mark.property

START, WORLDS = 3, 3
#: Everything that shows people something, at once, and money for all of it.
PATHS = (
    *LIVELY, "control.daily_budget=4", "influencers.session_click=0.9",
    "private_domain=wecom", "private_domain.join=1.0", "private_domain.messages_per_week=4",
    "influencers.sessions_per_week=14", "influencers.own_posts=0.5", "affiliates.join=1.0",
    "affiliates.posts=1.0", "affiliates.commission=0.3", "sharing.invite_base=0.2",
    "group_buy=beside_referral", "affiliates.click=0.1", "influencers.click=0.1", "group_buy.discount=0.4",
)  # fmt: skip


@cache
def lived(platform: str, size: float, world: int) -> Market:
    """Some days with a platform loss on the fourth, in all its strength and for one day."""
    shock = (
        "shock=platform_loss", f"shock.platform={platform}", f"shock.start={START}", "shock.days=1",
        "shock.recovery=0", f"shock.size={size}",
    )  # fmt: skip
    return live(small_market("baseline", *PATHS, *shock, size=5600, replication=world), START + 2)


def visits(market: Market, day: int, platform: str, *sources: Source) -> int:
    """Visits of one day from a platform, of some sources or of all."""
    v = market.records.visits
    row = (v["day"] == day) & (v["origin"] == PLATFORMS.index(platform))
    return int((row & np.isin(v["source"], [int(s) for s in sources or Source])).sum())


def both(day: int, platform: str, hit: str, *sources: Source, size: float = 0.4) -> tuple[int, int]:
    """Visits without and with the loss, over worlds."""
    sums = [
        sum(visits(lived(hit, loss, w), day, platform, *sources) for w in range(WORLDS))
        for loss in (0.0, size)
    ]
    return sums[0], sums[1]


PATH = {
    "paid media": ("douyin", (Source.PAID_MEDIA,)),
    "feed": ("douyin", (Source.ORGANIC_FEED,)),
    "search": ("xiaohongshu", (Source.SEARCH,)),
    "posts": ("douyin", (Source.INFLUENCER_POST, Source.SPONSORED_POST)),
    "sessions": ("douyin", (Source.LIVESTREAM,)),
    "shares and invitations": ("wechat", (Source.SHARE, Source.INVITATION)),
    "groups": ("wechat", (Source.GROUP_BUY,)),
    "sellers' links": ("wechat", (Source.AFFILIATE,)),
    "private messages": ("wechat", (Source.PRIVATE_DOMAIN,)),
}


def won(market: Market, platform: str, sources: tuple[Source, ...]) -> set[tuple[int, int, int]]:
    """Visits that a path won on the first day of the loss: person, daypart and what was seen."""
    v = market.records.visits
    row = (v["day"] == START) & (v["origin"] == PLATFORMS.index(platform))
    row &= np.isin(v["source"], [int(s) for s in sources])
    return set(zip(v["person"][row].tolist(), (v["minute"][row] // 360).tolist(), v["touch"][row].tolist(),
                   strict=True))  # fmt: skip


@cache
def untold(platform: str, world: int) -> frozenset[int]:
    """What is told without the loss and not with it."""
    told, still_told = (lived(platform, size, world).records.touches["touch"] for size in (0.0, 0.4))
    return frozenset(np.setdiff1d(told, still_told).tolist())


def kept(platform: str, sources: tuple[Source, ...], world: int) -> tuple[int, int]:
    """Visits that a path won without the loss, and those of them that it wins with it.

    Each clock rings by a draw of its own. One that wins without the loss meets no stronger rivals with it, so
    it wins again if its platform shows it, whatever else races: of these very visits 60% stay, while a count
    of all visits would also see those that now win because a rival is gone. What nobody tells any more,
    because the teller heard of it through the loss, is not there to be shown and not counted.
    """
    usual, hit = (lived(platform, size, world) for size in (0.0, 0.4))
    visits = {v for v in won(usual, platform, sources) if v[2] not in untold(platform, world)}
    return len(visits), len(visits & won(hit, platform, sources))


@pytest.mark.parametrize("path", PATH)
def test_a_lost_platform_takes_its_share_of_every_path_on_its_first_day(path):
    """Of the visits that a path wins, the loss stops a binomial share of 40%, within 3 s.e."""
    usual, left = np.sum([kept(*PATH[path], w) for w in range(WORLDS)], axis=0)
    error = 3.0 * math.sqrt(0.4 * 0.6 / usual)
    assert error < 0.2, "too little to tell a loss from none, or from one that strikes twice"
    assert 1.0 - left / usual == pytest.approx(0.4, abs=error)


@pytest.mark.parametrize("platform", ["douyin", "wechat", "xiaohongshu"])
def test_paid_and_unpaid_reach_fall_together_and_what_is_not_shown_is_not_billed(platform):
    row = PLATFORMS.index(platform)
    for world in range(WORLDS):
        usual, hit = (lived(platform, size, world).records.media for size in (0.0, 0.4))
        at = (usual["day"] == START) & (usual["platform"] == row)
        for column in ("impressions", "organic_impressions", "spend_fen"):
            assert hit[column][at] == pytest.approx(0.6 * usual[column][at], abs=1.0), column
        assert (hit["cpm_fen"] == usual["cpm_fen"])[at].all()


def test_other_platforms_are_not_down_and_earlier_days_untouched():
    for world in range(WORLDS):
        usual, hit = (lived("douyin", size, world).records for size in (0.0, 0.4))
        for table in ("visits", "orders", "touches"):
            early = [t[c][t["day"] < START] for t in (usual.tables[table], hit.tables[table])
                     for c in ("day", "minute", "person" if table != "touches" else "touch")]  # fmt: skip
            for one, other in zip(early[:3], early[3:], strict=True):
                assert (one == other).all()
    for platform in ("wechat", "xiaohongshu", "taobao_live", "jd"):
        usual, left = both(START, platform, "douyin")
        assert left >= usual - 3.0 * math.sqrt(usual) * 0.2, platform


def test_a_day_of_loss_is_a_day():
    """The feed gives again what it gives on the morning after, but for what the loss did to its rank."""
    row = PLATFORMS.index("douyin")
    usual, hit = (lived("douyin", size, 0).records.media for size in (0.0, 0.95))
    for day, share in ((START - 1, 1.0), (START, 0.05), (START + 1, 1.0)):
        at = (usual["day"] == day) & (usual["platform"] == row)
        shown = hit["organic_impressions"][at] / usual["organic_impressions"][at]
        assert shown == pytest.approx(share, abs=0.01 if day <= START else 0.1)


def test_a_ban_takes_its_share_of_the_platform_that_banned():
    """While it lasts nobody sees what the brand sends there, if it takes everything."""
    words = ("compliance.ban_risk=1.0", "compliance.ban_ceiling=1.0", "compliance.ban_days=30")
    market = small_market("flat_cash_referral", *PATHS, *words, "compliance.ban_loss=1.0", size=600)
    live(market, 4)
    since = int(market.world.platforms.ban_until[1]) - 30
    after = market.records.visits["day"] >= since
    from_there = market.records.visits["origin"] == PLATFORMS.index("wechat")
    assert (from_there & ~after).any()
    assert not (from_there & after).any()
    assert (market.records.visits["origin"][after] == PLATFORMS.index("douyin")).any()


#: Column of people -> mechanism whose absence would leave it without its fading or reset.
OWNERS = {
    "fatigue": "memory", "notes": "memory", "category_notes": "memory", "habit": "memory",
    "share_fatigue": "news", "good_news": "news", "trust": "word_of_mouth",
}  # fmt: skip
SWITCHES = ("trust", "turnover", "membership", "influencers", "affiliates", "compliance", "fraud", "rival")


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_fades_goes_on_fading_whatever_else_is_switched_off(switch):
    """A day on which nobody does anything: only owners move these columns, by their own law."""
    quiet = (
        "content.click_chance=0", "content.paid_click_chance=0", "sharing.good_delivery=0",
        "sharing.invite_base=0", "population.initial_registered=0", "media.enabled=false",
        "population.needs_per_day=0.001", "traffic.fatigue_per_impression=0", "sharing.invite_gain=0",
        "sessions=none",
    )  # fmt: skip
    words = ["turnover=none", *quiet, f"{switch}=none"]
    market = small_market("baseline", *dict.fromkeys(words), "influencers.own_posts=0", size=100)
    people = market.world.people
    start = {"fatigue": 3.0, "notes": 4.0, "category_notes": 5.0, "habit": 0.2, "share_fatigue": 2.0}
    for name, value in start.items():
        getattr(people, name)[:] = value
    people.good_news[:] = 1
    market.step()
    c = market.config
    days = {
        "fatigue": c.traffic.fatigue_days, "notes": c.traffic.notes_days, "habit": c.traffic.habit_days,
        "category_notes": c.traffic.notes_days, "share_fatigue": c.sharing.recovery_days,
    }  # fmt: skip
    visitors = np.unique(np.asarray(market.records.visits["person"]))
    still = ~np.isin(people.id, visitors)
    assert still.sum() > 90
    for name, value in start.items():
        now = getattr(people, name)[still]
        now = now[:, market.world.catalog.notes_needed > 0] if name == "category_notes" else now
        assert now == pytest.approx(np.float32(value * math.exp(-1.0 / days[name])), rel=1e-6), name
    assert (people.good_news == 0).all()


def test_owners_are_always_there_unless_what_they_own_is_switched_off():
    market = small_market("baseline", *(f"{s}=none" for s in SWITCHES if s != "trust"))
    assert set(OWNERS.values()) <= {m.name for m in market.mechanisms}
