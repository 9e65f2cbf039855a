"""Declared parameters move what is recorded, each shown by one other value in one lively market.

Two markets live the same days under common random numbers, one with another value; they must differ in a row
of an event table or in an account of the ledger within a few days. ``moves.txt`` says for each parameter
which market and value show it; ``python -m tests.market.test_every_parameter_moves PARAMETER ...`` looks for
them. Parameters in ``moves_open.txt`` move nothing that is recorded, each for the reason given there: the
list may shrink and never grow, and a new parameter has to move something.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.config import SETTINGS, assumptions_table, market_sources
from sim.core.errors import InputError
from sim.core.params import Declared
from sim.market import Market
from sim.world.catalog import CATEGORIES
from sim.world.schema import GROUPS
from tests.conftest import AT_ONCE, LIVELY, composed

DAYS = 14
SIZE = ("population.size=700", *AT_ONCE, f"experiment.days={DAYS}", "experiment.replications=1")
RICH = (
    "control.daily_budget=20", "sharing.audience=20", "influencers.audience.kol_share=0.02",
    "influencers.sessions_per_week=7", "channel_mix.influencer_share=0.4", *LIVELY,
)  # fmt: skip
#: People invite for rewards, cheat, are reviewed, and any passing-on raises the alarm.
CHEATED = (
    "sharing.invite_gain=2.0", "sharing.invite_click=1.0", "incentive.invite_reward=100", "fraud.attempts=2",
    "fraud.opportunists=1", "fraud.review=0.5", "fraud.false_positive=0.5", "orders.register_invited=1",
    "compliance.ban_risk=0.3", "compliance.ban_ceiling=0.5", "control.alarm.against=given",
    "control.alarm.ratio=1.1", "control.answer.days=2", *RICH,
)  # fmt: skip
FRAUD = ("incentive=flat_cash", "control.alarm.reference=0.001", *CHEATED)
AT_A_LOSS = ("population.faking_median=2", "fraud.penalty=0", "control.alarm.reference=0.001")
#: A monitor that fires and is calm again within hours.
NERVOUS = (
    "control.answer.days=0.2", "control.answer.read_hours=0", "control.answer.decide_hours=0",
    "control.answer.act_hours=0", "control.alarm.false_alarms=10000", "control.alarm.window=1",
    "control.alarm.ratio=1.5", "control.alarm.reference=4", "control.alarm.against=given",
)  # fmt: skip


def only(category: str) -> tuple[str, ...]:
    """Everybody needs goods of one category alone, sold in sessions too, and sends them back at once."""
    return (
        *(f"catalog.{one}.{group}={20 * (one == category)}" for one in CATEGORIES for group in GROUPS),
        "influencers=livestream", "aftersales.return_days=1", *RICH,
    )  # fmt: skip


#: Markets in which parameters are looked at, the likeliest first.
MARKETS: dict[str, tuple[str, ...]] = {
    "all": (
        "private_domain=wecom", "incentive=three_tier", "incentive.levels=2", "group_buy.enabled=true",
        "shock=platform_loss", "shock.start=1", "shock.days=5", "pricing=coupon",
        "channel_mix.linked_ids=true", "logistics.sensors=true", "logistics.idle_resale_share=0.5", *RICH,
    ),
    "ages": (
        "population.between_share=0.1", "population.elder_share=0.2", "population.ages.follows=1", *LIVELY,
    ),
    "groups": ("incentive=group_buy", "private_domain=wecom", "shock=downturn", "shock.start=1", *RICH),
    "ladder": ("incentive=task_ladder", "pricing=bundle", "calendar=china", *RICH),
    "media": ("control=media", "influencers=none", *LIVELY),
    "instant": ("logistics=instant", "supply.supplier_lead_days=1", *RICH),
    "tight": ("logistics=tight", "shock=rider_shortage", "shock.start=1", *RICH),
    "mid_year": ("calendar=china", "calendar.start=2025-06-12", *RICH),
    "double_eleven": ("calendar=china", "calendar.start=2025-11-06", *RICH),
    "sessions": (
        "sessions=daily", "sessions.feed=1", "sessions.click=0.5", "sessions.follow=0.5",
        "sessions.interaction=60", *RICH,
    ),
    "leaving": ("incentive=three_tier", "turnover.exit_rate=0.1", "sharing.invite_base=0.1", *RICH),
    "social": (
        "contagion=field_trial", "relay=on", "relay.activation=1", "onboarding.enabled=true",
        "influencers.audience.head_share=0.05", "influencers.own_posts=1", "sharing.invite_base=0.5",
        "orders.register_invited=1", *RICH,
    ),
    "trial": ("trial=half", "pricing=coupon", "pricing.coupon_share=1", *RICH),
    "read": ("sharing.content_review=0.5", *RICH),
    "alone": (
        "group_buy=or_alone", "group_buy.pool_people=700", "group_buy.uptake=1",
        "group_buy.worth_waiting=0.5",
        *RICH,
    ),
    "endorsed": (
        "endorsement=three", "endorsement.report=1", "endorsement.report_days=1", "endorsement.tests=7",
        "choice.order_proof=4", *RICH,
    ),
    "scandal": (
        "shock=scandal", "shock.start=1", "shock.days=4", "aftersales.complain=0.5", "opinion.hedging=2",
        "opinion.compensation=10", "opinion.desk.staff=20", "opinion.desk.minutes=120", *RICH,
    ),
    "rehearsed": (
        "shock=scandal", "shock.start=4", "shock.days=3", "aftersales.complain=1", "opinion.desk.staff=200",
        "opinion.desk.hours=24", "opinion.desk.patience=6", "opinion.readiness.rehearsals=30", *RICH,
    ),
    "listened": (
        "shock=scandal", "shock.start=1", "shock.days=3", "aftersales.complain=1", "opinion.desk.staff=200",
        "opinion.desk.hours=24", "opinion.listening.read=0.9", "opinion.readiness.delay_hours=0",
        "firm_value.enabled=true", "firm_value.period=3", *RICH,
    ),
    "recovered": (
        "recovery.enabled=true", "recovery.shown=true", "recovery.capacity=30", "recovery.wait_days=1",
        "recovery.reuse=0.8", "recovery.credit=0.3", "tracing=traced", "tracing.shown=true", *RICH,
    ),
    "touched": (
        "touchpoints.enabled=true", "touchpoints.budget=300", "touchpoints.joins=0.5",
        "touchpoints.answers=2", "touchpoints.click=0.2", "touchpoints.opts_out=0.05",
        "touchpoints.posts=3", *RICH,
    ),
    "served": (
        "service.enabled=true", "service.staff=60", "service.contacts=0.9", "service.rated=0.6",
        "service.bonus=100", "service.peers=0.5", "service.every_days=3",
        *RICH,
    ),
    "scandal_learning": (
        "opinion=spreads", "aftersales.complain=1", "opinion.desk.staff=20", "opinion.desk.minutes=120",
        "opinion.desk.learning=0.4", *RICH,
    ),
    "levels_of_three": (
        "community=three_levels", "community.advisers.staff=15", "community.advisers.hours=12",
        "community.advisers.minutes=60", "community.join_visit=0.5", "community.join_order=1",
        "community.promote=1", "community.join_group=0.5", "community.challenges=15",
        "community.challenge_click=0.8", "community.account_click=0.2", "community.asks=0.8",
        "community.answer_minutes=30", "community.opt_out=0.05", "community.advisers.learning=0.2", *RICH,
    ),
    "points": (
        "points=exchange", "points.earn=0.2", "points.valid_days=7", "points.remind_days=2",
        "points.reminder_click=0.5", *RICH,
    ),
    "steps": ("decision=informed", "decision.gives_up=5", "decision.folders=400", "decision.enough=3", *RICH),
    "tied": ("ambassadors=retained", "ambassadors.number=5", "influencers.own_posts=0.05", *RICH),
    "slots": ("rhythm=evening", "influencers.own_posts=0.5", *RICH),
    "counted": ("usage=counted", "sharing.invite_base=0.5", *RICH),
    "asked": ("survey=asked", "survey.asked=100", "survey.rest_days=3", "survey.cost=0.1", *RICH),
    "cared": (
        "care=three_signals", "care.calls=60", "care.rest_days=4", "aftersales.low_on_time=0.5",
        "endorsement=three", "endorsement.report_days=1", *RICH,
    ),
    "reviewed": (
        "reviews=read", "reviews.writes=0.6", "reviews.gift=1", "reviews.read_most=20", "reviews.flaw=0.5",
        "reviews.threshold=0.05", "reviews.least=2", "reviews.development_days=2",
        "reviews.development_cost=10", "aftersales.return_days=1", "catalog.apparel.return_rate=0.5", *RICH,
    ),
    "read_by_people": (
        "reviews=read", "reviews.reader=people", "reviews.writes=0.6", "reviews.flaw=0.5", *RICH,
    ),
    "batches": (
        "tracing=traced", "tracing.bad=0.2", "tracing.complains=0.9", "tracing.agree=2",
        "tracing.stands_out=5", *RICH,
    ),
    "voted": (
        "cocreation=votes", "cocreation.every_days=2", "cocreation.votes=100", "cocreation.takes_part=0.5",
        *RICH,
    ),
    "read_in_time": (
        "sharing.content_review=0.9", "compliance.ban_risk=0.001", "compliance.ban_ceiling=1",
        *(word for word in FRAUD if "ban_" not in word),
    ),
    "uneven": ("graph=pareto_lognormal", "sharing=uneven", *RICH),
    "spring": ("calendar=china", "calendar.start=2026-02-09", *RICH),
    "after_spring": ("calendar=china", "calendar.start=2026-02-18", *RICH),
    "fraud": FRAUD,
    "reviewers": (
        "fraud=team", "fraud.reviewers.staff=0.5", "fraud.reviewers.learning=0.2", "fraud.reviewers.hours=6",
        *FRAUD,
    ),
    "alarm": ("incentive=flat_cash", "control.alarm.window=1", "control.alarm.reference=2", *CHEATED),
    "alarms": (*NERVOUS, *(w for w in FRAUD if not w.startswith(("control.al", "control.answer")))),
    "levels": (
        "incentive=three_tier", "incentive.levels=2", "incentive.recipient_coupon=0.1",
        "sharing.invite_gain=2.0", "sharing.invite_click=1.0", "fraud.attempts=2", "fraud.opportunists=1",
        "fraud.review=0.5", "orders.register_invited=1", *RICH,
    ),
    "vouchers": ("incentive=three_tier", *AT_A_LOSS, *CHEATED),
    "talk": (
        "sharing.good_delivery=1", "affiliates.join=1", "affiliates.posts=1", "affiliates.audience=30", *RICH,
    ),
    "heat": (
        "catalog.fresh.shelf_life=2", "catalog.frozen.shelf_life=6", "logistics.truck_delay_probability=0.5",
        "logistics.damage_probability=0.2", "supply.supplier_late_probability=0.5",
        "aftersales.return_days=1", "aftersales.complain=0.5", *RICH,
    ),
    "warm": ("logistics=instant", "logistics.transit_life_chilled_days=0.5", *RICH),
    "waves": ("logistics.front_wave_minutes=60", "logistics.regional_wave_minutes=720", *RICH),
    "economy": ("logistics=economy", *RICH),
    "live": (
        "influencers=livestream", "influencers.own_posts=0.5", "aftersales.return_days=1",
        *(word for word in RICH if "kol_share" not in word), "influencers.audience.kol_share=0.1",
    ),
    "unbought": (
        "channel_mix.influencer_share=0", *(word for word in RICH if "influencer_share" not in word),
    ),
    "poor": (
        *(word for word in RICH if "kol_share" not in word and "daily_budget" not in word),
        "influencers.audience.kol_share=0.5", "control.daily_budget=0.5",
    ),
    "watched": (
        "influencers.session_click=1", "influencers.session_watch=1", "choice.cart_live=3", *only("apparel"),
    ),
    "cycle": ("turnover.exit_rate=0.05", "needs.lifetime=3", "content.hybrid_share=0.4", *RICH),
    "shelves": ("platforms.own_site.feed=5", "platforms.reference_sales=100", *RICH),
    "lapsing": (
        "lifecycle=win_back", "lifecycle.usual_gap=2", "lifecycle.patience=1",
        "lifecycle.messages=200", *RICH,
    ),
    "remembered": ("late_memory=default", "logistics=tight", *RICH),
    "clustered": ("logistics=clustered", *RICH),
    "brand": ("brand=default", *RICH),
    "rendered": ("virtual_hosts=nights", "virtual_hosts.hour=18", "sessions.feed=1", *RICH),
    "content": (
        "content_pool=pool", "content_pool.learn=0.5", "content_pool.trial_videos=50",
        "content_pool.tilt=0.5", "content_pool.adapted=1", "content_pool.allocation=measured",
        "content_pool.original=0.3", "content_pool.tested=0.4", "content_pool.pieces=10",
        "content_pool.scene=0.5", "content_pool.scene_tilt=0.5", "content_pool.list_size=5",
        "content.hybrid_share=0.4", "studio=three_stations", "studio.briefs=12", "studio.caught=0.5",
        "studio.clerks=1", "studio.reviewed=0.5", "studio.machine_share=0.7", "studio.refined=0.5",
        "studio.fine=1", *RICH,
    ),
    "praised": (
        "control=media", "content_pool=pool", "content_pool.pieces=1", "studio=three_stations",
        "studio.briefs=12", "studio.machine_share=1", "studio.refined=0", "studio.reviewed=0",
        "reviews.enabled=true", "reviews.writes=1", "reviews.read_most=1000", "studio.from_reviews=1", *RICH,
    ),
    "bursts": ("bursts=default", "bursts.of_all_per_year=60", "bursts.per_year=20", *RICH),
    "repriced": (
        "dynamic_prices=cover", "dynamic_prices.data_hours=0", "dynamic_prices.least_move=0.01", *RICH,
    ),
    "telling": (
        "shelf_feedback=hourly", "supply.safety_factor=0", "supply.supplier_late_probability=0.8", *RICH,
    ),
    "data": ("data_platform=hourly", *RICH),
    "hourly": ("data_platform=hourly", "data_platform.hours_ahead=0.5", *RICH),
    "bidding": ("bidders=four", "control=media", "calendar=china", *LIVELY),
    "struck": (
        "remix=two_days", "remix.least_margin=0.1", "shock=platform_loss", "shock.kind=commission_rise",
        "shock.start=1", "shock.size=0.9", "platforms.douyin.commission=0.2", *RICH,
    ),
    "settling": (
        "own_site=settling", "own_site.care=2", "own_site.settling_days=5", "own_site.leave_days=4",
        "own_site.visits=0.2", *RICH,
    ),
    "owning": (
        "own_traffic=reviewed", "own_traffic.review_days=1", "own_traffic.window_days=3",
        "own_traffic.most=0.3", "own_traffic.gift=0.1", "own_traffic.life_days=10", "own_traffic.rest_days=5",
        "policy=open_data", "policy.opens_from=2", "private_domain=wecom", "control=media", *LIVELY,
    ),
    "rare": ("long_tail=video", *RICH),
    "degrees": ("graph=configuration", *RICH),
    "partners": (
        "partners=alliance", "partners.reach=100", "partners.click=0.8", "partners.breaks=0.5",
        "partners.memory=2", "partners.quarrels=0.5", "partners.quarrel_days=2", "partners.leaves=0.1",
        "partners.depth_days=2", "partners.share=0.05", *RICH,
    ),
    "partners_back": (
        "partners=marketing", "partners.shows_back=100", "partners.readmits=true", "partners.reach=100",
        "partners.click=0.5", "partners.memory=1", "partners.probation_days=2", "partners.returns=1",
        "partners.quarrels=0", "partners.leaves=1", "partners.effort=8", "partners.firms=8", *RICH,
    ),
    "insured": (
        "partners=marketing", "partners.insured=0.5", "partners.strikes=0.3", "partners.premium=0.1",
        "shock=platform_loss", "shock.start=3", "shock.days=8", *RICH,
    ),
    "unseen": (
        "links=watched", "links.linked=false", "links.breaks=0.8", "sessions.feed=1", "sessions.click=0.5",
        *RICH,
    ),
    "broken": ("links=watched", "links.breaks=0.5", "sessions.feed=1", "sessions.click=0.5", *RICH),
    "ally": (
        "platform_ally=traffic", "platform_ally.memory=2", "platform_ally.leaves=0.7",
        "platform_ally.sells=0.8", "platform_ally.traffic=1", "platform_ally.probation_days=2",
        "platform_ally.returns=1", "platform_ally.share=0.2", "platform_ally.rebate=0.8", *RICH,
    ),
    "partners_alone": (
        "partners=marketing", "partners.agreement=supply", "partners.contingency=true", "partners.research=5",
        "partners.reach=100", "partners.click=0.8", "partners.breaks=0.5", "partners.memory=2",
        "partners.quarrels=0.5", "partners.quarrel_days=2", "partners.leaves=0.1", "partners.share=0",
        "partners.effort=1", "partners.depth_days=2", *RICH,
    ),
    "challenge": (
        "challenge=makeup", "challenge.start=1", "challenge.seeds=30", "challenge.joins=0.3",
        "challenge.think_hours=6", "sharing.weak_click=0.5", *RICH,
    ),
    "labels": ("labels=certified", *RICH),
    "guessed": (
        "profiles=kept", "channel_mix.linked_ids=true", "channel_mix.linked_ids_cost=0",
        "profiles.guessed=0.9", *RICH,
    ),
    "attachment": (
        "attachment=answered", "attachment.writes=0.3", "attachment.hosts.staff=15",
        "attachment.hosts.hours=12", "attachment.hosts.minutes=20", "attachment.hosts.learning=0.2", *RICH,
    ),
    "circles": ("circles=led", "circles.number=10", "circles.joins=0.5", "circles.posts=1", *RICH),
    "expression": ("expression=marked", "expression.marked=0.8", *RICH),
    "craft": (
        "craft=classes", "craft.classes=7", "craft.reach=0.5",
        *(word for word in only("rural") if "live" not in word),
    ),
    "cross_border": (
        "cross_border=direct", "cross_border.way_days=1", "cross_border.promise_days=0.5",
        "cross_border.stocked=0.5", "cross_border.return_borne=0.5", "cross_border.brokers.staff=30",
        "cross_border.brokers.patience=2", "cross_border.brokers.learning=0.1", "cross_border.year_limit=300",
        *(word for word in only("cross_border_beauty") if "live" not in word),
    ),
    "places": (
        "cross_border=two_places", "cross_border.second.way_days=1", "cross_border.second.promise_days=0.5",
        "cross_border.second.stocked=0.5", "cross_border.out.share=0.3", "cross_border.out.way_days=1",
        "cross_border.out.promise_days=0.5", "cross_border.brokers.staff=30",
        *(word for word in only("healthy_food") if "live" not in word),
    ),
    "origin": (
        "origin=fresh", "origin.reach=0.4", "origin.click=0.5", "origin.boxes=40", "origin.crew.staff=15",
        "origin.crew.minutes=30", "origin.crew.learning=0.1", "origin.hour=9", *RICH,
    ),
    "shops": ("shops=codes", "shops.number=1", "shops.visits=0.3", "shops.follows=1", *RICH),
    "policy": (
        "policy.support=true", "policy.open_data=true", "policy.opens_from=1", "policy.relief_days=5",
        "platforms.offline.feed=5", *RICH,
    ),
    "growth": ("catalog.personal_growth.layer=ambient", *only("personal_growth")),
    **{f"only_{category}": only(category) for category in CATEGORIES},
}  # fmt: skip
_FOLDER = Path(__file__).parent
#: Every eighth parameter is looked at by default, all others with ``make scan``.
STEP = 8


def declared() -> dict[str, Declared]:
    """Parameters of the market itself."""
    rows = assumptions_table(market_sources().sections)
    return {row.path: row for row in rows if row.path.partition(".")[0] not in SETTINGS}


ROWS = declared()
#: Parameter -> market and value that show it.
SHOWN = {
    path: (market, value)
    for path, market, value in (
        line.split("\t") for line in (_FOLDER / "moves.txt").read_text(encoding="utf-8").splitlines()
    )
}
KNOWN = sorted(SHOWN.keys() & ROWS.keys())
#: Parameters that no market of this file moves by, and why.
OPEN = dict(
    line.split("\t") for line in (_FOLDER / "moves_open.txt").read_text(encoding="utf-8").splitlines()
)
#: How many there are.
MOST_OPEN = 6


def written(value: Any) -> str:
    """A value as the command line takes it."""
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else str(value).lower()


def others(row: Declared) -> Iterator[Any]:
    """Values other than the default, those that are plausible first."""
    default, bounds = row.default, row.bounds
    if isinstance(default, bool):
        yield not default
    elif row.choices:
        yield from (choice for choice in row.choices if choice != default)
    elif isinstance(default, (int, float)):
        low = bounds.get("ge", bounds.get("gt", 0.0))
        high = bounds.get("le", bounds.get("lt", max(1.0, default * 4)))
        tried = [*(row.span or ()), default * 2, default / 2, low, high]
        tried = [round(value) if isinstance(default, int) else float(value) for value in tried]
        yield from dict.fromkeys(value for value in tried if low <= value <= high and value != default)
    elif isinstance(default, (tuple, list)) and default:
        if all(isinstance(value, (int, float)) for value in default):
            yield [value * 0.5 for value in default]
        yield list(default)[::-1]


def day(market: Market) -> bytes:
    """Live a day; digest of what was recorded and of the books."""
    market.step()
    total = hashlib.sha256()
    for table in market.world.records.tables.values():
        for column in table.schema:
            total.update(np.ascontiguousarray(table.today(column)).tobytes())
    total.update(repr(sorted(market.world.ledger.balance.items())).encode())
    return total.digest()


class Usual:
    """Days of a market without a change, lived as far as they are asked for."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._market, self._days = Market(composed([*words, *SIZE])), list[bytes]()

    def __getitem__(self, n: int) -> bytes:
        while len(self._days) <= n:
            self._days.append(day(self._market))
        return self._days[n]


usual = cache(Usual)


def moves(path: str, words: Sequence[str], value: str) -> int:
    """First day (from 1) on which another value is seen; 0 if it never is, or does not go with the market."""
    kept = tuple(word for word in words if word.partition("=")[0] != path)
    try:
        market = Market(composed([*kept, *SIZE, f"{path}={value}"]))
    except InputError:
        return 0
    before = usual(kept)
    return next((n + 1 for n in range(DAYS) if day(market) != before[n]), 0)


def search(path: str) -> tuple[str, str] | None:
    """Market and value by which a parameter moves something; None if there is none."""
    for market, words in MARKETS.items():
        for value in map(written, others(ROWS[path])):
            if moves(path, words, value):
                return market, value
    return None


def test_a_parameter_is_shown_or_open_and_none_is_open_anew():
    assert not set(SHOWN) & set(OPEN)
    assert len(OPEN) <= MOST_OPEN
    assert set(OPEN) <= set(ROWS)
    assert all(len(why.split()) > 5 for why in OPEN.values())


@pytest.mark.parametrize("path", sorted(set(ROWS) - set(SHOWN) - set(OPEN)))
def test_a_new_parameter_moves_what_is_recorded(path):
    assert search(path), f"{path} moves nothing that is recorded: wire it, or remove it"


@pytest.mark.parametrize("path", KNOWN[::STEP])
def test_a_parameter_moves_what_is_recorded(path):
    market, value = SHOWN[path]
    assert moves(path, MARKETS[market], value)


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for n, path in enumerate(KNOWN) if n % STEP])
def test_each_other_parameter_moves_what_is_recorded(path):
    test_a_parameter_moves_what_is_recorded(path)


def test_the_scan_can_fail():
    assert not moves("population.represents", MARKETS["all"], "2.0")


if __name__ == "__main__":
    for name in sys.argv[1:] or OPEN:
        sys.stdout.write("\t".join((name, *(search(name) or ("open",)))) + "\n")
