"""Levers that nothing reads under given settings, so that moving them would be looking at nothing.

A lever is idle where its feature is switched off, or where the design in force does not use it. It is told
only where that holds under every configuration that is asked about, and never where a plan or a named rule
may switch something on in mid-run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from sim.config.model import Config
from sim.core.language import tr
from sim.core.params import declared
from sim.registry import FEATURES

_PAYS = ("flat_cash", "three_tier", "task_ladder")
#: Designs that pay for what an invited person does after registering, too.
_PAYS_LATER = ("three_tier", "task_ladder")

#: Pools of people: without anybody on a shift nothing asks when it begins or how long it is.
_POOLS = (
    ("fraud", "reviewers"),
    ("opinion", "desk"),
    ("attachment", "hosts"),
    ("community", "advisers"),
    ("cross_border", "brokers"),
    ("origin", "crew"),
)


def _staffed(section: str, pool: str) -> tuple[str, Callable[[Any], bool], str]:
    """Hours of a shift are read where there is somebody to work."""
    name = f"{section}.{pool}"
    return f"{name}.[oh]*", lambda c: getattr(getattr(c, section), pool).staff > 0, f"{name}.staff=0.5"


def _more(pattern: str, lever: str, least: str) -> tuple[str, Callable[[Any], bool], str]:
    """Levers that are read where another is more than nothing: ``least`` is an amount that is."""
    section, name = lever.split(".")
    return pattern, lambda c: getattr(getattr(c, section), name) > 0, f"{lever}={least}"


def _judged(c: Any) -> bool:
    """Whether anybody rates service."""
    return bool(c.service.rated > 0 or c.service.peers > 0)


def _dearer(c: Any) -> bool:
    """Whether a platform may take a higher commission."""
    return any("commission" in one.moves for one in c.shock.listed().values())


#: Levers by pattern -> whether a configuration reads them, and a setting under which it does.
_READ: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("incentive.invite_reward", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
    ("incentive.clawback_days", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
    ("incentive.levels", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
    ("incentive.valid_days", lambda c: c.incentive.design in _PAYS_LATER, "incentive=three_tier"),
    ("incentive.tier_split_*", lambda c: c.incentive.design == "three_tier", "incentive=three_tier"),
    ("incentive.task_*", lambda c: c.incentive.design == "task_ladder", "incentive=task_ladder"),
    (
        "incentive.second_level",
        lambda c: c.incentive.design in _PAYS and c.incentive.levels == 2,
        "incentive.levels=2",
    ),
    ("private_domain.*", lambda c: c.private_domain.pool != "none", "private_domain=wecom"),
    ("pricing.coupon_*", lambda c: c.pricing.rule == "coupon", "pricing=coupon"),
    ("control.daily_budget", lambda c: c.control.budget_rule == "all_in", "control.budget_rule=all_in"),
    ("control.media_budget", lambda c: c.control.budget_rule != "all_in", "control=media"),
    (
        "cross_border.second.[ps]*",  # all but the category itself
        lambda c: c.cross_border.second.category != "none",
        "cross_border=two_places",
    ),
    ("cross_border.out.*", lambda c: c.cross_border.out.share > 0, "cross_border=customers_abroad"),
    ("partners.openness", lambda c: c.partners.agreement != "marketing", "partners.agreement=data"),
    ("partners.research", lambda c: c.partners.agreement == "supply", "partners.agreement=supply"),
    ("partners.pooled", lambda c: c.partners.agreement == "supply", "partners.agreement=supply"),
    _more("partners.premium", "partners.insured", "0.5"),
    ("service.bonus", _judged, "service.rated=0.3"),
    ("service.winners", _judged, "service.rated=0.3"),
    _more("service.winners", "service.bonus", "60"),
    _more("tracing.agree", "tracing.traced", "0.5"),
    _more("tracing.shown", "tracing.traced", "0.5"),
    ("studio.from_reviews", lambda c: c.reviews.enabled, "reviews=read"),
    _more("studio.topic_least", "studio.from_reviews", "0.3"),
    _more("studio.attributes", "studio.clerks", "1"),
    _more("content_pool.scene_tilt", "content_pool.scene", "0.3"),
    _more("content_pool.list_hours", "content_pool.list_size", "5"),
    _more("touchpoints.[acihps]*", "touchpoints.budget", "10"),  # all but the budget itself
    ("touchpoints.answers", lambda c: c.touchpoints.shares()[0] > 0, "touchpoints.instant=1"),
    ("touchpoints.posts", lambda c: c.touchpoints.shares()[1] > 0, "touchpoints.community=1"),
    ("touchpoints.hour", lambda c: c.touchpoints.shares()[2] > 0, "touchpoints.scene=1"),
    _more("lifecycle.[dlr]*", "lifecycle.messages", "5"),
    _more("survey.rest_days", "survey.asked", "2"),
    _more("care.rest_days", "care.calls", "5"),
    _more("recovery.reuse", "recovery.capacity", "20"),
    ("endorsement.history_days", lambda c: c.endorsement.history, "endorsement.history=true"),
    ("fraud.reviewers.*", lambda c: c.fraud.review_by == "team", "fraud.review_by=team"),
    *(_staffed(section, pool) for section, pool in _POOLS),
    ("opinion.compensation", lambda c: c.opinion.desk.staff > 0, "opinion.desk.staff=0.5"),
    ("opinion.readiness.rehearsals", lambda c: c.opinion.desk.staff > 0, "opinion.desk.staff=0.5"),
    ("sharing.*", lambda c: c.sharing.enabled, "sharing=default"),
    ("channel_mix.kol_split", lambda c: c.influencers.enabled, "influencers=default"),
    _more("channel_mix.kol_split", "channel_mix.influencer_share", "0.3"),
    ("control.alarm.reference", lambda c: c.control.alarm.against == "given", "control.alarm.against=given"),
    ("remix.least_margin", _dearer, "shock.kind=commission_rise"),
    ("remix.media", _dearer, "shock.kind=commission_rise"),
)
#: What a feature that is switched on still waits for, where it says so itself.
_WAITS: dict[str, Callable[[Any], str]] = {
    "own_traffic": lambda c: (
        "private_domain=wecom" if c.private_domain.pool == "none" else "own_traffic.begins=first_day"
    ),
    "studio": lambda c: "content_pool=pool",
    "virtual_hosts": lambda c: "sessions=daily",
}


def idle(paths: Sequence[str], configs: Sequence[Config]) -> dict[str, str]:
    """Levers that no configuration reads, each with a setting under which it is read.

    Parameters
    ----------
    paths : sequence of str
        Dotted keys of levers.
    configs : sequence of Config
        All that may be in force.

    Returns
    -------
    dict of str to str
        Empty where a plan of stages or a named rule may switch something on.
    """
    if any(one.plan.stages or one.rules.named for one in configs):
        return {}
    told = ((path, [_missing(path, one) for one in configs]) for path in paths)
    return {path: missing[0] for path, missing in told if missing and all(missing)}


def idle_said(found: Mapping[str, str]) -> list[str]:
    """The line that says which levers are left out; none if all are read."""
    if not found:
        return []
    keys = ", ".join(f"{key} ({setting})" for key, setting in found.items())
    return [
        tr(
            "left out, because nothing reads them under these settings: {keys}; a setting under which a "
            "lever is read stands in brackets",
            keys=keys,
        )
    ]


def set_for_nothing(configs: Sequence[Config]) -> list[str]:
    """One line for each amount that was set one by one and that nothing reads where it was.

    Parameters
    ----------
    configs : sequence of Config
        All that are compared; a lever that one of them reads is not named, nor one at its default.
    """
    sections = sorted({key.partition(".")[0] for one in configs for key in one.chosen})
    models = [(name, configs[0].models[name]) for name in sections if name in configs[0].models]
    rows = (row for name, model in models for row in declared(type(model), f"{name}."))
    lines = []
    for path, usual in ((row.path, row.default) for row in rows if row.kind == "lever"):
        if isinstance(usual, bool) or not isinstance(usual, int | float):
            continue
        setting = [one for one in configs if path in one.chosen and one.value(path) != usual]
        lines += [
            tr(
                "{key} was set and moves nothing: nothing reads it under these settings; add {setting}",
                key=path,
                setting=missing,
            )
            for missing in idle([path], setting).values()
        ]
    return lines


def _missing(path: str, config: Config) -> str:
    """A setting without which nothing reads a lever; empty if it is read."""
    section = path.partition(".")[0]
    mine = [one for one in (*FEATURES, *config.features) if one.section == section]
    if mine and not any(one.on(config) for one in mine):
        switch = getattr(config.section(section), "enabled", None)
        if switch and section in _WAITS:
            return _WAITS[section](config)
        return f"{section}=..." if switch is None else f"{section}.enabled=true"
    lacking = (setting for name, read, setting in _READ if fnmatchcase(path, name) and not read(config))
    return next(lacking, "")
