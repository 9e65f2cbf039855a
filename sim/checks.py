"""Checks of settings that span several sections: what may not go together, one line a problem."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from sim.core.language import tr
from sim.core.params import check_parts
from sim.levers import lever_problems, with_levers
from sim.logistics.cold_chain import check_products
from sim.operator.named_rules import problems, signals_of, undeclared
from sim.operator.stages import plan_problems
from sim.registry import FEATURES
from sim.world.catalog import build_catalog


def _check_cold_chain(c: Any) -> list[str]:
    """Frozen goods need a frozen room and a frozen compartment."""
    return check_products(c.logistics, np.asarray(build_catalog(c.catalog).layer, np.int64))


def _check_shares(c: Any) -> list[str]:
    """Shares of one whole add up to at most 1, in every section."""
    return [line for name, model in c.models.items() for line in check_parts(name, model)]


def _check_messages(c: Any) -> list[str]:
    """Private messages within what the platform allows, and one private domain at a time."""
    pool, levels = c.private_domain.pool != "none", c.community.enabled
    wanted = {"private_domain.messages_per_week": c.private_domain.messages_per_week if pool else 0.0}
    for name in ("account_messages", "adviser_messages", "group_messages"):
        wanted[f"community.{name}"] = getattr(c.community, name) if levels else 0.0
    wanted["touchpoints.posts"] = c.touchpoints.posts if c.touchpoints.enabled else 0.0
    cap = c.compliance.message_cap
    problems = [
        tr(
            "{key} must be at most compliance.message_cap, {cap} a week (you wrote {value}); lower it, or "
            "switch compliance off with compliance=none",
            key=key,
            cap=f"{cap:g}",
            value=f"{value:g}",
        )
        for key, value in wanted.items()
        if c.compliance.enabled and value > cap
    ]
    if pool and levels:
        problems.append(
            tr(
                "community and private_domain must not both be on (you wrote community.enabled=true and "
                "private_domain.pool={pool}); choose community=none or private_domain=none",
                pool=c.private_domain.pool,
            )
        )
    return problems


def _check_reminders(c: Any) -> list[str]:
    """A reminder comes within the period that it is about."""
    p = c.points
    if not p.enabled or p.remind_days <= p.valid_days:
        return []
    return [
        tr(
            "points.remind_days must be at most points.valid_days, {valid} (you wrote {remind}); "
            "lower it, or let points last longer",
            valid=p.valid_days,
            remind=p.remind_days,
        )
    ]


def _check_shifts(c: Any) -> list[str]:
    """Shifts of riders follow one another; a shift without length would need riders without number."""
    names = ("day_shift_hour", "evening_shift_hour", "late_shift_hour", "evening_end_hour")
    hours = [getattr(c.logistics, name) for name in names]
    if all(late - early >= 0.25 for early, late in pairwise(hours)):
        return []
    listed = ", ".join(f"logistics.{name}" for name in names)
    wrote = ", ".join(f"{hour:g}" for hour in hours)
    return [
        tr(
            "{keys} must follow one another, each 15 minutes or more after the one before (you wrote "
            "{values}); move one of them",
            keys=listed,
            values=wrote,
        )
    ]


def _check_hours(c: Any) -> list[str]:
    """Every group needs its day."""
    problems = []
    for name in ("silver_hours", "cyber_hours", "eco_hours"):
        hours = getattr(c.traffic, name)
        if len(hours) != 24 or sum(hours) <= 0:
            problems.append(
                tr(
                    "traffic.{name} must hold 24 numbers that are not all 0 (you wrote {n_numbers} numbers); "
                    "give one number an hour",
                    name=name,
                    n_numbers=len(hours),
                )
            )
    return problems


def _check_rules(c: Any) -> list[str]:
    """Rules watch figures that there are, and what they set could be a strategy's own."""
    every = (*FEATURES, *c.features)
    on = [one for one in every if one.on(c)]
    found = undeclared(c, on, every) + problems(c, tuple(on))
    if found:
        return found
    checks = [check for check in CHECKS if check not in (_check_rules, _check_plan)]
    for name, rule in c.rules.named.items():
        answered, where = c.overridden(rule.levers), f"rules.named.{name}.levers"
        found += [f"{where}: {line}" for check in checks for line in check(answered)]
        switched = {one.section for one in every if one.on(answered) != (one in on)}
        switched |= {key.partition(".")[0] for key in rule.levers if key.endswith(".enabled")}
        found += [
            tr(
                "{where}: {section} cannot be switched on or off by a response: what was promised has to "
                "be kept; set its numbers, or switch it in the strategy",
                where=where,
                section=section,
            )
            for section in sorted(switched)
        ]
    return found


def _check_plan(c: Any) -> list[str]:
    """Stages fit the window, gates look at figures, and every stage could run by itself."""
    every = (*FEATURES, *c.features)
    figures = [signal.name for signal in signals_of(every)]
    lines = plan_problems(c.plan, c.calendar.first, c.experiment.days, figures)
    checks = [check for check in CHECKS if check is not _check_plan]
    known = {line for check in checks for line in check(c)} if c.plan.stages else set()
    for name, stage in c.plan.listed():
        wrong = lever_problems(c.models, stage.levers, f"plan.stages.{name}.levers.")
        if not wrong:
            config = with_levers(c, stage.levers)
            seen = {signal.name for signal in signals_of([one for one in every if one.on(config)])}
            if stage.gate.figure in set(figures) - seen:
                lines.append(
                    tr(
                        "plan.stages.{name}.gate.figure is read by a feature that this stage switches off "
                        "(you wrote '{figure}'); switch it on, or look at another figure",
                        name=name,
                        figure=stage.gate.figure,
                    )
                )
            found = [line for check in checks for line in check(config) if line not in known]
            wrong = [f"plan.stages.{name}: {line}" for line in found]
        lines += wrong
    return list(dict.fromkeys(lines))


#: Checks that span sections; each returns one line per problem.
CHECKS: tuple[Callable[[Any], list[str]], ...] = (
    _check_shares,
    _check_cold_chain,
    _check_hours,
    _check_shifts,
    _check_messages,
    _check_reminders,
    _check_rules,
    _check_plan,
)
