"""Strategies under which a world is lived for the plan's figures."""

from __future__ import annotations

_POOL = ("baseline", "control=media", "content_pool=pool")
_STUDIO = (*_POOL, "studio=three_stations")
#: The same six hours of sessions a day from 17 on, in three parts, so that only their hours may differ.
_COUNTED = ("baseline", "control=media", "usage=counted", "sessions.per_week=21", "sessions.minutes=120")
_CHALLENGE = ("challenge=makeup", "challenge.start=0", "challenge.days=30")
_STOCK = (
    "baseline",
    "control=media",
    "dynamic_prices=cover",
    "shelf_feedback=hourly",
    "data_platform=hourly",
)
#: Arm of a world -> the scenario and the words that differ from it.
ARMS: dict[str, tuple[str, ...]] = {
    "baseline": ("baseline",),
    "private domain": ("private_domain",),
    "three levels": ("baseline", "community=three_levels"),
    "three tiers": ("three_tier_referral",),
    "equal media": ("baseline", "control=media"),
    "linked identities": ("baseline", "control=media", "channel_mix.linked_ids=true"),
    "invited": ("flat_cash_referral",),
    "invited with tasks": ("flat_cash_referral", "onboarding=three_steps"),
    "posts passed on": ("baseline", "relay=on"),
    "points": ("baseline", "points=exchange"),
    "endorsements": ("baseline", "endorsement=three"),
    "prices and stock": _STOCK,
    "prices that aim at less stock": (*_STOCK, "dynamic_prices.cover_days=4"),
    "bidders who stay": (
        "baseline",
        "control=media",
        "bidders=four",
        "bidders.growth=0",
        "bidders.traffic_first=0",
        "bidders.traffic_last=0",
    ),
    "bidders who grow": ("baseline", "control=media", "bidders=four"),
    "sent from abroad": ("baseline", "control=media", "cross_border=direct"),
    "from a bonded warehouse": ("baseline", "control=media", "cross_border=bonded"),
    "asked": ("baseline", "survey=asked"),
    "asked and cared for": ("baseline", "survey=asked", "care=three_signals"),
    "cared for without a ceiling": (
        "baseline",
        "survey=asked",
        "care=three_signals",
        "care.repaired=1",
    ),
    "time counted": _COUNTED,
    "time by slots": (*_COUNTED, "sessions.slots=dayparts"),
    "pool": _POOL,
    "pool with data": (*_POOL, "content_pool.learn=1", "content_pool.tilt=1"),
    "pool with videos": (*_POOL, "content_pool.trial_videos=10000"),
    "pool on all platforms": (*_POOL, "content_pool.adapted=4"),
    "pieces by hand": (*_STUDIO, "studio.machine_share=0", "studio.briefs=12"),
    "pieces at stations": (*_STUDIO, "studio.machine_share=1", "studio.briefs=8", "studio.reviewed=0"),
    "downturn": ("downturn",),
    "downturn with bundles": ("downturn", "pricing=bundle"),
    "challenge": ("baseline", *_CHALLENGE),
    "challenge beside media": ("baseline", "control=media", *_CHALLENGE),
    "three levels beside media": ("baseline", "control=media", "community=three_levels"),
    "points beside media": ("baseline", "control=media", "points=exchange"),
    "downturn with smaller bundles": ("downturn", "pricing=bundle", "pricing.bundle_discount=0.02"),
    "young market": ("baseline", "experiment.burn_in_days=60"),
    "partners": ("baseline", "partners=marketing", "partners.agreement=data"),
    "partners by open interfaces": (
        "baseline",
        "partners=marketing",
        "partners.agreement=data",
        "partners.openness=1",
    ),
    "deep partners": (
        "baseline",
        "control=media",
        "partners=alliance",
        "partners.research=100",
        "partners.depth_days=1",
        "partners.leaves=0",
        "partners.quarrels=0",
    ),
}
