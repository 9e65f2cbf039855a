"""Each feature off: all other state evolves as in a twin in which it is there and has no effect."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from sim.demand.lifecycle import Lifecycle
from sim.demand.profiles import LOOKS
from sim.market import Market
from sim.registry import FEATURES
from tests.conftest import LIVELY, live, small_config, small_market

DAYS = 6


class Case(NamedTuple):
    """A feature switched off, without effect and at work; what belongs to it alone; the market around it.

    ``own`` names what the feature keeps and counts for itself: ``people.COLUMN``, ``TABLE.COLUMN`` or a
    whole table. ``counts`` is set of what only counts, and may move nothing else.
    """

    off: tuple[str, ...]
    null: tuple[str, ...]
    on: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    scenario: str = "baseline"
    counts: bool = False


LIFE = tuple(f"people.{name}" for name in Lifecycle.columns)
MEMBERS = ("people.member", "daily.members", "cohort.member")
REFERRAL = ("sharing.invite_gain=2.0", "sharing.invite_click=1.0", "incentive.invite_reward=60")
CASES = {
    "trust": Case(
        ("trust=none",),
        (
            "trust.gain=0",
            "trust.loss=0",
            "trust.word_of_mouth=0",
            "trust.forgetting=0",
            "trust.satisfaction_gain=0",
            "trust.habit_loss=0",
            "trust.habit_gain=0",
        ),
    ),
    "rival": Case(
        ("rival=none",),
        ("rival.follow=0",),
        ("rival.follow=1", "rival.lag=1"),
        around=("pricing=coupon", "pricing.coupon_share=1"),
    ),
    "turnover": Case(("turnover=none",), ("turnover.exit_rate=0",), ("turnover.exit_rate=0.05",)),
    "membership": Case(
        ("membership=none",), ("membership.discount=0",), ("membership.discount=0.2",), MEMBERS
    ),
    "group_buy": Case(
        ("group_buy.enabled=false",),
        ("group_buy.enabled=true", "group_buy.uptake=0"),
        ("group_buy.enabled=true",),
    ),
    "affiliates": Case(
        ("affiliates=none",),
        ("affiliates.join=0", "affiliates.posts=0"),
        ("affiliates.join=1", "affiliates.posts=1"),
        ("people.affiliate",),
    ),
    "influencers": Case(
        ("influencers=none",),
        ("influencers.own_posts=0", "influencers.sessions_per_week=0", "channel_mix.influencer_share=0"),
        ("influencers.own_posts=1",),
        around=("channel_mix.influencer_share=0",),
    ),
    "sharing": Case(
        ("sharing=none",),
        ("sharing.good_delivery=0", "sharing.invite_base=0", "sharing.invite_gain=0"),
        (),
        ("people.good_news", "people.share_fatigue"),
    ),
    "fraud": Case(
        ("fraud=none",),
        ("fraud.opportunists=0", "fraud.attempts=0", "fraud.review=0", "control.alarm_review=0"),
        ("fraud.review=0.5", "fraud.false_positive=0.5"),
        around=("control.alarm_review=0", "control.daily_budget=5", *REFERRAL),
        scenario="flat_cash_referral",
    ),
    "compliance": Case(
        ("compliance=none",),
        ("compliance.ban_risk=0",),
        ("compliance.ban_risk=1", "compliance.ban_ceiling=1"),
        around=(*REFERRAL, "control.daily_budget=50"),
        scenario="flat_cash_referral",
    ),
    "incentive": Case(
        ("incentive=none",),
        ("incentive=flat_cash", "incentive.invite_reward=0"),
        ("incentive=flat_cash", *REFERRAL),
    ),
    "private_domain": Case(
        ("private_domain=none",),
        ("private_domain=wecom", "private_domain.join=0"),
        ("private_domain=wecom", "private_domain.join=1"),
    ),
    "shock": Case(
        ("shock=none",),
        ("shock=downturn", "shock.size=0", "shock.start=1", "shock.days=2"),
        ("shock=downturn", "shock.size=0.5", "shock.start=1", "shock.days=2"),
    ),
    "sessions": Case(
        ("sessions=none",),
        ("sessions=daily", "sessions.per_week=0"),
        ("sessions=daily", "sessions.feed=2", "sessions.click=0.8"),
    ),
    "content_pool": Case(
        ("content_pool=none",),
        (
            "content_pool=pool",
            "content_pool.hook_spread=0",
            "content_pool.tires=0",
            "content_pool.missed=1",
            "content_pool.misfit=0",
            "content_pool.tested_notes=0",
        ),
        ("content_pool=pool", "content_pool.adapted=4", "content_pool.pieces=20"),
        ("content_pool_pieces", "content_pool_shown", "content_pool_clicks", "content_pool_daily"),
        around=("content.hybrid_completion=0.45",),
    ),
    "virtual_hosts": Case(
        ("virtual_hosts=none",),
        ("virtual_hosts=nights", "virtual_hosts.per_week=0"),
        ("virtual_hosts=nights", "virtual_hosts.hour=18", "sessions.feed=2"),
        ("people.virtual_hosts_seen", "virtual_hosts_held"),
    ),
    "studio": Case(
        ("studio=none",),
        (
            "studio=three_stations",
            "studio.briefs=0",
            "studio.writers=0",
            "studio.refiners=0",
            "studio.reviewers=0",
        ),
        ("studio=three_stations", "studio.briefs=20"),
        ("studio_costs",),
        around=("content_pool=pool",),
    ),
    "contagion": Case(
        ("contagion.strength=0",),
        ("contagion.strength=1e-300",),
        ("contagion.strength=5",),
        ("people.contagion_friends", "contagion_first_orders"),
    ),
    "relay": Case(
        ("relay=none",),
        ("relay=on", "relay.pass_on=0", "relay.activation=0"),
        ("relay=on", "relay.pass_on=1"),
        ("people.relay_read", "relay_heads"),
    ),
    "trial": Case(
        ("trial=none",),
        ("trial=half", "trial.share=1"),
        ("trial=half", "trial.offer=new_user"),
        ("people.trial_orders", "trial_days"),
    ),
    "onboarding": Case(
        ("onboarding=none",),
        (
            "onboarding.enabled=true",
            "onboarding.gift=0",
            "onboarding.ice_breaker=0",
            "onboarding.exchange=0",
            "onboarding.identity=0",
        ),
        ("onboarding.enabled=true", "onboarding.ice_breaker=1", "onboarding.habit=0.5"),
        ("people.onboarding_step", "onboarding_steps"),
        REFERRAL,
    ),
    "plan": Case(
        ("plan=none",),
        ("plan.stages.a.days=3", "plan.stages.b.release=1"),
        ("plan.stages.a.days=3", "plan.stages.b.levers.pricing.list_level=0.8"),
        ("stages", "stage_days"),
    ),
    "endorsement": Case(
        ("endorsement=none",),
        ("endorsement=three", "endorsement.report=0", "endorsement.tests=0", "endorsement.history=false"),
        ("endorsement=three", "endorsement.report=1", "endorsement.report_days=0", "choice.order_proof=4"),
        ("endorsement_days",),
        around=("choice.order_proof=4",),
    ),
    "opinion": Case(
        ("opinion=none",),
        ("opinion=spreads", "opinion.tells=0"),
        ("opinion=spreads", "opinion.tells=1", "opinion.hit=1", "opinion.strong=1"),
        ("opinion_complaints", "opinion_heard", "opinion_rehearsals", "opinion_crises", "opinion_posts"),
        around=("aftersales.complain=1", "aftersales.low_on_time=0.5"),
    ),
    "touchpoints": Case(
        ("touchpoints=none",),
        ("touchpoints=three", "touchpoints.budget=0"),
        ("touchpoints=three", "touchpoints.budget=200", "touchpoints.click=0.5"),
        ("touchpoints_sent",),
    ),
    "service": Case(
        ("service=none",),
        ("service=ranked", "service.contacts=0"),
        ("service=ranked", "service.contacts=1", "service.hurts=0.5"),
        ("service_contacts", "service_rankings"),
    ),
    "firm_value": Case(
        ("firm_value=none",),
        ("firm_value=daily",),
        ("firm_value=daily", "firm_value.discount=0.5"),
        ("firm_value_days",),
        counts=True,
    ),
    "survey": Case(
        ("survey=none",),
        ("survey=asked", "survey.asked=0"),
        ("survey=asked", "survey.asked=900", "survey.cost=0.1"),
        ("survey_answers", "survey_days"),
    ),
    "care": Case(
        ("care=none",),
        ("care=three_signals", "care.calls=0"),
        ("care=three_signals", "care.calls=100", "care.repairs=1", "care.repaired=1"),
        ("care_calls", "care_days", "people.care_own"),
    ),
    "cocreation": Case(
        ("cocreation=none",),
        ("cocreation=new_products", "cocreation.worth=0"),
        ("cocreation=new_products", "cocreation.worth=5", "cocreation.every_days=1"),
        ("cocreation_products",),
    ),
    "reviews": Case(
        ("reviews=none",),
        ("reviews=read", "reviews.writes=0"),
        ("reviews=read", "reviews.writes=1", "reviews.conviction=5"),
        ("reviews_written", "reviews_read", "reviews_products"),
    ),
    "tracing": Case(
        ("tracing=none",),
        ("tracing=bad_batches", "tracing.bad=0"),
        ("tracing=bad_batches", "tracing.bad=0.5", "tracing.hit=1"),
        ("tracing_received", "tracing_recalls", "tracing_looks", "tracing_days"),
    ),
    "recovery": Case(
        ("recovery=none",),
        ("recovery=packages", "recovery.capacity=0", "recovery.shown=false"),
        ("recovery=packages", "recovery.wait_days=1", "recovery.hands_in=0.9"),
        ("recovery_days",),
    ),
    "community": Case(
        ("community=none",),
        (
            "community=three_levels",
            "community.join_visit=0",
            "community.join_order=0",
            "community.advisers.staff=0",
            "community.challenges=0",
        ),
        ("community=three_levels", "community.join_visit=1", "community.account_click=1"),
        ("community_moves", "community_advice", "people.community_level"),
    ),
    "partners": Case(
        ("partners=none",),
        ("partners=marketing", "partners.reach=0", "partners.upkeep=0"),
        ("partners=marketing", "partners.reach=200", "partners.click=1"),
        ("partners_firms",),
    ),
    "challenge": Case(
        ("challenge=none",),
        ("challenge=makeup", "challenge.prize=0", "challenge.seeds=0", "challenge.start=1"),
        ("challenge=makeup", "challenge.seeds=50", "challenge.start=1"),
        ("challenge_pools",),
    ),
    "labels": Case(
        ("labels=none",),
        ("labels.enabled=true",),
        ("labels=certified", "labels.believes=1"),
        ("labels_days", "labels_looks", "labels_daily", "people.labels_seen"),
    ),
    "attachment": Case(
        ("attachment=none",),
        ("attachment.enabled=true", "attachment.writes=0"),
        ("attachment=answered", "attachment.writes=0.5", "attachment.cart=4"),
        ("attachment_replies", "attachment_daily", "people.attachment_felt"),
    ),
    "circles": Case(
        ("circles=none",),
        ("circles.enabled=true",),
        ("circles=led", "circles.number=10", "circles.joins=0.5", "circles.posts=1", "circles.warms=4"),
        (
            "circles_days",
            "circles_moves",
            "circles_posts",
            "circles_daily",
            "people.circles_of",
            "people.circles_felt",
        ),
    ),
    "expression": Case(
        ("expression=none",),
        ("expression.enabled=true",),
        ("expression=marked", "expression.says=2"),
        (
            "expression_looks",
            "expression_days",
            "expression_articles",
            "expression_daily",
            "people.expression_worn",
            "people.expression_seen",
        ),
    ),
    "craft": Case(
        ("craft=none",),
        ("craft=classes", "craft.premium=0", "craft.class_cost=0"),
        ("craft=classes", "craft.premium=1"),
        ("craft_classes", "people.craft_seen"),
        around=("catalog.rural.eco_pioneer=20",),
    ),
    "cross_border": Case(
        ("cross_border=none",),
        (
            *("cross_border=direct", "cross_border.promise_days=0", "cross_border.tax_borne=1"),
            *("cross_border.way_days=0", "cross_border.freight=0", "cross_border.tax=0"),
            *("cross_border.brokers.hours=24", "cross_border.brokers.wage=0"),
            *("cross_border.brokers.staff=1000", "cross_border.brokers.minutes=0.01"),
            *("cross_border.brokers.skill=10", "cross_border.return_cost=0"),
        ),
        ("cross_border=direct", "cross_border.promise_days=0"),
        ("cross_border_sent", "cross_border_cleared", "cross_border_days", "people.cross_border_year"),
        around=("catalog.cross_border_beauty.eco_pioneer=20",),
    ),
    "origin": Case(
        ("origin=none",),
        ("origin=fresh", "origin.per_week=0", "origin.crew.wage=0"),
        (
            "origin=fresh",
            "origin.reach=0.5",
            "origin.click=0.8",
            "origin.crew.staff=10",
            "origin.crew.wage=1",
        ),
        ("origin_sessions", "origin_sent"),
    ),
    "shops": Case(
        ("shops=none",),
        ("shops=codes", "shops.visits=0", "shops.number=0"),
        ("shops=codes", "shops.visits=1"),
        ("shops_visits",),
    ),
    "policy": Case(
        ("policy=none",),
        ("policy=support", "policy.relief=0"),
        ("policy=open_data", "policy.opens_from=0"),
        ("policy_days",),
    ),
    "profiles": Case(
        ("profiles=none",),
        ("profiles=kept", "profiles.guessed=0"),
        ("profiles=kept", "profiles.guessed=1"),
        ("profiles_shown", *(f"people.{name}" for name in LOOKS)),
    ),
    "decision": Case(
        ("decision=none",),
        ("decision=in_steps", "decision.takes_steps=0"),
        ("decision=in_steps", "decision.looks=0"),
        (
            "decision_steps",
            "decision_folders",
            *(f"people.decision_{name}" for name in ("category", "since", "made", "found", "sent")),
        ),
    ),
    "ambassadors": Case(
        ("ambassadors=none",),
        ("ambassadors=retained", "ambassadors.number=0", "ambassadors.link=0"),
        ("ambassadors=retained", "ambassadors.link=3"),
        ("ambassadors_days",),
    ),
    "rhythm": Case(
        ("rhythm=none",),
        ("rhythm=evening", "rhythm.moved=0"),
        ("rhythm=evening", "rhythm.moved=1"),
        around=("influencers.own_posts=0", "channel_mix.influencer_share=0"),
    ),
    "usage": Case(
        ("usage=none",),
        ("usage=counted",),
        ("usage=counted", "usage.visit=8"),
        own=("usage_days", "people.usage_seconds"),
        counts=True,
    ),
    "points": Case(
        ("points=none",),
        ("points=members", "points.earn=0", "points.reminder_click=0"),
        ("points=members", "points.earn=0.5", "points.redeem=1"),
        ("points_moves", "people.points_home"),
    ),
    "calendar": Case(
        ("calendar=flat",), ("calendar.weekday=[1,1,1,1,1,1,1.0000000000000002]",), ("calendar=china",)
    ),
    "lifecycle": Case(
        ("lifecycle=none",),
        ("lifecycle=default", "lifecycle.needs_elsewhere=0", "lifecycle.habit_lost=0"),
        ("lifecycle=default", "lifecycle.patience=0.5", "lifecycle.usual_gap=1"),
        ("lifecycle_daily", "lifecycle_moves", "observed", *LIFE),
    ),
    "late_memory": Case(
        ("late_memory=none",),
        ("late_memory=default", "late_memory.causal=0", "aftersales.low_remembered=0"),
        ("late_memory=default", "late_memory.causal=1", "late_memory.shortfall=0.9"),
        ("people.late_memory_level", "late_memory_daily", "observed"),
        around=("logistics=tight",),
    ),
    "brand": Case(
        ("brand=none",),
        ("brand=default", "brand.habit=0", "brand.search=0"),
        ("brand=default", "brand.habit=1"),
        ("people.brand_stock", "brand_daily", "observed"),
    ),
    "dynamic_prices": Case(
        ("dynamic_prices=none",),
        (
            "dynamic_prices=cover",
            "dynamic_prices.floor=1",
            "dynamic_prices.ceiling=1",
            "dynamic_prices.upkeep=0",
        ),
        ("dynamic_prices=cover", "dynamic_prices.cover_days=2", "dynamic_prices.data_hours=0"),
        (
            "dynamic_prices_levels",
            "dynamic_prices_felt",
            *(f"people.dynamic_prices_{name}" for name in ("seen", "bought", "paid", "sore")),
        ),
    ),
    "shelf_feedback": Case(
        ("shelf_feedback=none",),
        ("shelf_feedback=hourly", "shelf_feedback.surfaces=0"),
        ("shelf_feedback=hourly", "shelf_feedback.surfaces=1", "shelf_feedback.accepts=1"),
        ("shelf_feedback_gaps", "shelf_feedback_turned"),
        around=("supply.safety_factor=0", "supply.supplier_late_probability=0.8"),
    ),
    "own_site": Case(
        ("own_site=none",),
        ("own_site=settling", "own_site.premium=0", "own_site.care=0"),
        ("own_site=settling", "own_site.premium=0.2"),
        ("own_site_moves", "own_site_daily", "people.own_site_stage", "people.own_site_seen"),
    ),
    "links": Case(
        ("links=none",),
        ("links=watched", "links.breaks=0", "links.desk_cost=0"),
        ("links=unwatched", "links.breaks=1"),
        ("links_breaks",),
    ),
    "platform_ally": Case(
        ("platform_ally=none",),
        (
            "platform_ally=traffic",
            *(f"platform_ally.{name}=0" for name in ("traffic", "rebate", "share", "upkeep")),
        ),
        ("platform_ally=traffic", "platform_ally.traffic=2"),
        ("platform_ally_days",),
    ),
    "own_traffic": Case(
        ("own_traffic=none",),
        ("own_traffic=reviewed", "own_traffic.step=0", "own_traffic.review_cost=0"),
        ("own_traffic=reviewed", "own_traffic.review_days=1", "own_traffic.step=0.5"),
        ("own_traffic_looks", "own_traffic_days", "people.own_traffic_asked"),
        around=("policy=open_data", "policy.opens_from=1", "private_domain=wecom", "control=media"),
    ),
    "bidders": Case(
        ("bidders=none",),
        (
            "bidders=four",
            "bidders.spread=0",
            "bidders.season=0",
            "bidders.growth=0",
            "bidders.traffic_first=0",
            "bidders.traffic_last=0",
            "bidders.quality=0",
        ),
        ("bidders=four", "bidders.spread=1", "bidders.quality=2"),
        ("bidders_days",),
        around=("control=media",),
    ),
    "long_tail": Case(
        ("long_tail=none",),
        ("long_tail=video", "long_tail.douyin=0", "long_tail.taobao_live=0"),
        ("long_tail=video", "long_tail.douyin=3"),
    ),
    "remix": Case(
        ("remix=none",),
        ("remix=two_days", "remix.watch_cost=0", "remix.least_margin=-1"),
        ("remix=two_days", "remix.response_hours=1"),
        ("remix_alarms", "remix_moves", "remix_led"),
        around=("shock=platform_loss", "shock.kind=commission_rise", "shock.start=1", "shock.days=5"),
    ),
    "data_platform": Case(
        ("data_platform=none",),
        (
            "data_platform=hourly",
            "data_platform.sources=0",
            "data_platform.care=0",
            "data_platform.privacy=0",
            "data_platform.cost_fresh=0",
        ),
        ("data_platform=hourly", "data_platform.sources=18"),
        ("data_platform_days", "data_platform_peaks", "data_platform_hours"),
    ),
    "bursts": Case(
        ("bursts=none",),
        ("bursts=default", "bursts.per_year=0", "bursts.of_all_per_year=0"),
        ("bursts=default", "bursts.of_all_per_year=100"),
    ),
}
#: The ground of a market: nothing switches it off, and what stands in its place is another machine
#: (``logistics.enabled=false`` is unlimited delivery), or feeds that go on without paid media.
ALWAYS_THERE = {
    "population",
    "graph",
    "catalog",
    "platforms",
    "needs",
    "media",
    "traffic",
    "choice",
    "content",
    "pricing",
    "orders",
    "aftersales",
    "channel_mix",
    "control",
    "instruments",
    "rules",
    "logistics",
    "returns",
    "supply",
}


def test_every_feature_is_looked_at():
    assert CASES.keys() | ALWAYS_THERE == {feature.section for feature in FEATURES}
    assert not CASES.keys() & ALWAYS_THERE


def state(market: Market, own: tuple[str, ...]) -> dict[str, bytes]:
    """Everything that was recorded and that people keep, and the books, without what is a feature's own."""
    found = {"ledger": repr(sorted(market.world.ledger.balance.items())).encode()}
    for name, values in market.world.people.columns.items():
        found[f"people.{name}"] = values.tobytes()
    for name, table in market.tables().items():
        for column, values in table.items():
            found[f"{name}.{column}"] = values.tobytes()
    return {key: value for key, value in found.items() if not {key, key.partition(".")[0]} & set(own)}


def market_of(case: Case, words: tuple[str, ...]) -> Market:
    """Some days of the market around a case."""
    return live(small_market(case.scenario, *LIVELY, *case.around, *words, size=300), DAYS)


@cache
def plain_market() -> Market:
    """The market that most cases are switched off in."""
    return market_of(Case((), ()), ())


def off_market(case: Case) -> Market:
    """A case switched off; what is off in the baseline leaves the same settings, and so the same market."""
    config = small_config(case.scenario, *LIVELY, *case.around, *case.off, size=300)
    return plain_market() if config.resolved == plain_market().config.resolved else market_of(case, case.off)


@pytest.mark.parametrize("name", CASES)
def test_switched_off_is_as_good_as_without_effect(name):
    case = CASES[name]
    lived = [off_market(case), market_of(case, case.null)]
    kept = {column: c for f in FEATURES if f.section == name for column, c in f.columns.items()}
    for column, declared in kept.items():
        values = lived[1].world.people.columns.get(column, np.zeros(0))
        assert f"people.{column}" in case.own or (values == declared.first(lived[1].config.population)).all()
    own = (*case.own, *(f"people.{column}" for column in kept))
    off, null = (state(market, own) for market in lived)
    assert off.keys() == null.keys()
    assert [key for key in off if off[key] != null[key]] == []
    at_work = market_of(case, case.on)
    moved = state(at_work, own)
    differs = [
        key for key in ("orders.order_id", "visits.order_probability", "ledger") if off[key] != moved[key]
    ]
    if case.counts:
        assert differs == []
        counted = [getattr(at_work.records, name) for name in case.own if not name.startswith("people.")]
        assert all(len(table) == DAYS for table in counted)
    else:
        assert differs
    assert len(lived[0].records.orders) > 30
