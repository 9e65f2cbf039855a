"""What mechanisms say they read and write is what they read and write, in lively markets of every kind."""

from __future__ import annotations

from collections import defaultdict

import pytest

from sim.core.clock import DAYPARTS
from sim.day import EVENING, EVERY_DAYPART, MORNING
from sim.mechanism import Mechanism
from tests.conftest import LIVELY, small_market
from tests.features.festival import Festival
from tests.market.recording import WIDE, Notes, RecordingWorld, changes, fingerprints

DAYS = 8


def watch(*figures: str) -> tuple[str, ...]:
    """Rules that look at these figures, so that instruments read the tables they are counted from."""
    return tuple(f"rules.named.{name}.figure={name}" for name in figures)


#: Rules that look at every table that instruments know, in the course of the day too.
WATCHED = (
    "instruments.every=daypart", "rules.named.more={figure: visits, against: given, reference: 1, days: 1}",
    *watch("late_rate", "returns_asked", "cancellations", "rejected_share", "orders", "acquisition_cost",
           "sessions_cost_per_viewer", "bursts_in_all"),
)  # fmt: skip
MARKETS = {
    "baseline": ("turnover.exit_rate=0.05", "membership.lapse_after=2", "pricing=coupon",
                 "aftersales.return_days=1", "aftersales.return_low=10",
                 "festival.enabled=true", "festival.off=0.2", "festival.mood=0.1",
                 "festival.crowd=0.1", "festival.badge=0.05"),
    "flat_cash_referral": ("sharing.invite_gain=2.0", "sharing.invite_click=1.0", "incentive.clawback_days=1",
                           "incentive.invite_reward=100", "fraud.attempts=2", "fraud.opportunists=1",
                           "fraud.review=0.5", "fraud.false_positive=0.5", "orders.register_invited=1"),
    "three_tier_referral": ("sharing.invite_gain=2.0", "sharing.invite_click=1.0", "incentive.levels=2",
                            "incentive.second_level=0.2", "sharing.content_review=0.5", "trial.enabled=true",
                            "trial.offer=recipient_coupon", *watch("trial_effect")),
    "referral_with_groups": ("fraud=team", "fraud.reviewers.hours=24", "sharing.invite_gain=2.0",
                             "sharing.invite_click=1.0", "orders.register_invited=1", "fraud.review=1"),
    "group_buy": ("group_buy.uptake=1.0", "group_buy.pool_people=0", "channel_mix.linked_ids=true"),
    "group_buy#or_alone": ("group_buy=or_alone", "group_buy.uptake=1.0", "group_buy.pool_people=0",
                           "group_buy.comes_back=1.0", "group_buy.deadline=6"),
    "private_domain": ("sessions=daily", "sessions.follow=0.5", "sessions.interaction=9",
                       "influencers=livestream",
                       "influencers.sessions_per_week=7", "private_domain.join=1.0", "points=exchange",
                       "opinion=answered", "aftersales.complain=1", "opinion.tells=1", "opinion.strong=1",
                       "shock=scandal", "shock.start=1", "shock.days=2", "endorsement=three",
                       "opinion.readiness.rehearsals=30", "opinion.listening.read=1",
                       "firm_value=daily", "firm_value.period=2", "policy.open_data=true",
                       "policy.opens_from=1",
                       "opinion.desk.staff=200", "opinion.desk.hours=24",
                       "touchpoints=three", "touchpoints.joins=1",
                       "touchpoints.budget=100", "touchpoints.opts_out=0.2",
                       "endorsement.report_days=1",
                       "points.earn=0.3", "points.valid_days=2", "points.remind_days=1",
                       *watch("points_earned", "endorsement_tests", "opinion_hearings", "opinion_answered",
                              "opinion_delay", "opinion_found", "firm_value_mean", "touchpoints_messages"),
                       "private_domain.opt_out=0.5", "affiliates.join=1.0", "affiliates.posts=1.0"),
    "baseline#prices": ("dynamic_prices=cover", "dynamic_prices.data_hours=0", "dynamic_prices.step=0.2",
                        "dynamic_prices.cover_days=1", "shelf_feedback=hourly",
                        "shelf_feedback.delay_hours=0",
                        "supply.safety_factor=0", "supply.supplier_late_probability=0.8",
                        "data_platform=hourly", "data_platform.hours_ahead=1",
                        "own_site=settling", "own_site.settling_days=1",
                        "own_site.leave_days=2", "long_tail=video", "bidders=four", "remix=two_days",
                        "remix.response_hours=1", "shock=platform_loss", "shock.kind=commission_rise",
                        "shock.start=1", "shock.days=3", "shock.size=0.9",
                        "platforms.douyin.commission=0.2",
                        *watch("dynamic_prices_changes", "shelf_feedback_visits", "own_site_settled",
                               "bidders_dearness", "remix_moves_in_all",
                               "data_platform_sharpness", "dynamic_prices_complaints", "remix_followed")),
    "baseline#levels": ("circles=led", "circles.number=20", "circles.joins=0.5", "circles.leaves=0.5",
                        *watch("circles_felt", "circles_members"),
                        "community=three_levels", "community.join_visit=1", "community.join_order=1",
                        "community.opt_out=0.2", "community.advisers.staff=50", "community.advisers.hours=24",
                        "community.challenges=15", "community.asks=1", *watch("community_answered")),
    "baseline#partners": ("partners=alliance", "partners.reach=200", "partners.click=1",
                          "partners.shows_back=200", "partners.insured=0.5",
                          "partners.breaks=0.5", "partners.memory=1", "partners.quarrels=1",
                          "partners.quarrel_days=1", "challenge=makeup", "challenge.start=1",
                          "challenge.seeds=50", "challenge.joins=0.5",
                          "challenge.think_hours=2", "challenge.days=2",
                          "cross_border=direct", "cross_border.way_days=0.5", "cross_border.return_borne=0",
                          "cross_border.out.share=0.1", "cross_border.out.way_days=0.5",
                          "catalog.cross_border_beauty.eco_pioneer=20", "cross_border.brokers.staff=50",
                          "aftersales.return_days=1", "aftersales.return_low=10",
                          "expression=marked",
                          "profiles=kept", "channel_mix.linked_ids=true",
                          "labels=certified", "shops=codes", "shops.visits=0.5", "craft=classes",
                          "craft.classes=7", "policy.support=true", "policy.open_data=true",
                          "policy.opens_from=1", "platforms.offline.feed=5", "shock.kind=ad_limits",
                          "shock.start=1", "shock.days=2", "origin=fresh", "origin.reach=0.5",
                          "origin.click=1", "origin.crew.staff=30", "origin.boxes=1000",
                          *watch("origin_hours", "origin_age", "origin_margin", "labels_moved",
                                 "profiles_match",
                                 "expression_seen", "expression_logits",
                                 "policy_duty", "shops_scanned", "cross_border_days",
                                 "cross_border_again", "craft_viewers",
                                 "partners_earned", "partners_paid_out",
                                 "partners_members", "partners_settled", "partners_break_hours",
                                 "partners_acquisition_cost", "partners_new_users", "challenge_size")),
    "baseline#content": ("content_pool=pool", "content_pool.learn=1", "content_pool.trial_videos=50",
                         "content_pool.adapted=1", "content_pool.allocation=measured", "content_pool.tilt=1",
                         "content_pool.tested=0.5", "content_pool.scene=0.5", "content_pool.scene_tilt=1",
                         "content_pool.list_size=5", "studio=three_stations", "studio.briefs=20",
                         "studio.clerks=1", "studio.from_reviews=0.5", "reviews.enabled=true",
                         "studio.reviewed=0.5", "studio.caught=1", "studio.refiners=3", "studio.fine=1",
                         *watch("content_pool_match", "content_pool_clicks_per_impression", "studio_hours",
                                "studio_unit_cost", "studio_review_wait", "studio_fined",
                                "virtual_hosts_cost_per_viewer", "usage_minutes"),
                         "virtual_hosts=nights", "virtual_hosts.hour=18", "sessions.feed=1", "usage=counted",
                         "rhythm=evening", "decision=informed", "decision.folders=100",
                         "decision.gives_up=1", "ambassadors=retained",
                         *watch("decision_days", "decision_made", "ambassadors_credibility")),
    "rider_shortage": ("shock.start=1", "shock.days=2", "logistics.capacity_ratio=1.5", "brand=default",
                       "late_memory=default", "lifecycle=win_back", "lifecycle.usual_gap=1",
                       "lifecycle.patience=1", "lifecycle.messages=500",
                       *watch("lifecycle_aware", "lifecycle_won_back", "brand_mean_stock",
                              "late_memory_mean")),
    "downturn": ("calendar=china", "bursts=default", "bursts.per_year=50", *WATCHED,
                 "plan.stages.a.days=3", "plan.stages.b.release=1",
                 "shock.start=1", "shock.days=2", "logistics.damage_probability=0.5",
                 "shock.also={a:{kind:storm,start:1},b:{kind:price_resistance,start:1},"
                 "c:{kind:commission_rise,start:1}}"),
    "baseline#trusted": ("attachment=answered", "attachment.writes=0.5",
                         *watch("attachment_felt", "attachment_answered"),
                         "survey=asked", "survey.asked=300", "survey.rest_days=2", "survey.delay_days=1",
                         "care=three_signals", "care.calls=50", "endorsement=three", "reviews=read",
                         "reviews.writes=1", "reviews.least=1", "reviews.threshold=0",
                         "reviews.development_days=1", "aftersales.return_days=1", "tracing=traced",
                         "tracing.shown=true", "recovery=packages", "recovery.wait_days=1",
                         "service=ranked", "service.contacts=1", "service.rated=0.9",
                         *watch("service_pleased", "service_effort", "recovery_rate"),
                         "tracing.bad=0.3", "cocreation=votes", "cocreation.every_days=2",
                         "tracing.complains=1", "tracing.agree=1", "tracing.stands_out=3",
                         *watch("survey_nps", "survey_trust", "care_score", "care_gain", "reviews_flaw_read",
                                "reviews_flaw_written", "reviews_products_begun", "cocreation_fit",
                                "tracing_harmed", "tracing_recalled")),
    "platform_loss": ("shock.start=1", "shock.days=2", "incentive=flat_cash", "sharing.invite_gain=2.0",
                      "compliance.ban_risk=1.0", "compliance.ban_ceiling=1.0"),
}  # fmt: skip
#: Any passing-on stands out, so that the plan's alarm has its occasion.
OCCASIONS = (
    "control.alarm.against=given",
    "control.alarm.reference=0.001",
    "control.alarm.ratio=1.1",
    "control.answer.days=2",
)


def widened(names: frozenset[str]) -> set[str]:
    """Declared names without marks, the wide ones with all they stand for."""
    plain = {name.rstrip("~") for name in names}
    return plain.union(*(WIDE.get(name, ()) for name in plain))


class Ledger:
    """Notes by mechanism over all markets; what one declares may depend on what the market holds."""

    def __init__(self) -> None:
        self.read: dict[str, set[str]] = defaultdict(set)
        self.wrote: dict[str, set[str]] = defaultdict(set)
        self.changed: dict[str, set[str]] = defaultdict(set)
        self.members: dict[str, Mechanism] = {}
        self.reads_declared: dict[str, frozenset[str]] = defaultdict(frozenset)
        self.writes_declared: dict[str, frozenset[str]] = defaultdict(frozenset)
        self.unsaid_reads: dict[str, set[str]] = defaultdict(set)
        self.unsaid_writes: dict[str, set[str]] = defaultdict(set)

    def act(self, mechanism: Mechanism, market, before: dict) -> dict:
        """Let somebody act on a state with these fingerprints; the fingerprints of what comes of it."""
        notes = Notes()
        mechanism.act(RecordingWorld(market.world, notes), market.draw)
        after = fingerprints(market.world)
        name = mechanism.name
        self.members[name] = mechanism
        changed = changes(before, after)
        self.read[name] |= notes.read
        self.wrote[name] |= notes.wrote
        self.changed[name] |= changed
        self.reads_declared[name] |= mechanism.reads
        self.writes_declared[name] |= mechanism.writes
        writes = widened(mechanism.writes)
        self.unsaid_reads[name] |= notes.read - widened(mechanism.reads) - writes
        self.unsaid_writes[name] |= (changed | notes.wrote) - writes
        return after

    def day(self, market) -> None:
        """A day as :func:`sim.day.trade` lives it."""
        world = market.world
        market.draw.day = world.day
        world.begin_day()
        for daypart, phases in [
            (0, MORNING),
            *((d, EVERY_DAYPART) for d in range(DAYPARTS)),
            (DAYPARTS - 1, EVENING),
        ]:
            world.begin_daypart(daypart)
            held = fingerprints(world)
            for phase in phases:
                for mechanism in market.schedule[phase]:
                    held = self.act(mechanism, market, held)
        world.check()
        world.clock.day += 1
        world.clock.daypart = 0


@pytest.fixture(scope="module")
def seen() -> Ledger:
    ledger = Ledger()
    for scenario, overrides in MARKETS.items():
        words = (*LIVELY, *OCCASIONS, "control.daily_budget=50", *overrides)
        market = small_market(scenario.partition("#")[0], *words, size=300, features=[Festival])
        market.open_window()
        for _ in range(DAYS):
            market.next_stage()
            market.put_in_force()
            ledger.day(market)
    return ledger


def test_every_mechanism_was_seen_at_work(seen):
    assert len(seen.members) >= 30


def test_nobody_looks_at_what_it_does_not_declare(seen):
    assert {name: sorted(states) for name, states in seen.unsaid_reads.items() if states} == {}


def test_nobody_changes_what_it_does_not_declare_to_write(seen):
    assert {name: sorted(states) for name, states in seen.unsaid_writes.items() if states} == {}


def test_what_is_declared_to_be_read_is_read(seen):
    wrong = {
        name: sorted(
            state for state in (s.rstrip("~") for s in reads if "#" not in s)
            if not WIDE.get(state, {state}) & seen.read[name]
        )
        for name, reads in seen.reads_declared.items()
    }  # fmt: skip
    assert {name: states for name, states in wrong.items() if states} == {}


def test_what_is_declared_to_be_written_changes(seen):
    wrong = {
        name: sorted(
            state for state in writes if "#" not in state
            and not WIDE.get(state, {state}) & (seen.changed[name] | seen.wrote[name])
        )
        for name, writes in seen.writes_declared.items()
    }  # fmt: skip
    assert {name: states for name, states in wrong.items() if states} == {}


def settled(names: frozenset[str]) -> set[str]:
    """Columns that somebody who settles people in writes, whether or not these days' leavers had any."""
    return set().union(*(WIDE[name] for name in names if name in WIDE))


def stale_reads(seen: Ledger) -> dict[str, list[str]]:
    """What each mechanism looked at and a later phase of the same day goes on to write."""
    found = {}
    for name, mechanism in seen.members.items():
        later = set()
        for other, writer in seen.members.items():
            if writer.phase > mechanism.phase:
                later |= seen.changed[other] | seen.wrote[other]
        declared = widened(frozenset(s for s in seen.reads_declared[name] if s.endswith("~")))
        own = seen.changed[name] | seen.wrote[name] | settled(seen.writes_declared[name])
        found[name] = sorted((seen.read[name] & later) - declared - own)
    return {name: states for name, states in found.items() if states}


def test_whoever_reads_what_a_later_phase_writes_says_that_it_is_yesterdays(seen):
    assert stale_reads(seen) == {}


def test_nothing_is_called_yesterdays_that_nobody_writes_later(seen):
    """A mark that means nothing would hide the next stale read."""
    idle = {}
    for name, mechanism in seen.members.items():
        later = set()
        for other, writer in seen.members.items():
            if writer.phase > mechanism.phase or (writer.phase == mechanism.phase and other != name):
                later |= seen.changed[other] | seen.wrote[other]
        marked = [s.rstrip("~") for s in seen.reads_declared[name] if s.endswith("~")]
        idle[name] = sorted(s for s in marked if not WIDE.get(s, {s}) & later)
    assert {name: states for name, states in idle.items() if states} == {}
