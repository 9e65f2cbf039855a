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
from sim.registry import FEATURES

_PAYS = ("flat_cash", "three_tier", "task_ladder")
#: Levers by pattern -> whether a configuration reads them, and a setting under which it does.
_READ: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("incentive.invite_reward", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
    ("incentive.clawback_days", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
    ("incentive.valid_days", lambda c: c.incentive.design in _PAYS, "incentive=flat_cash"),
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
)


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


def _missing(path: str, config: Config) -> str:
    """A setting without which nothing reads a lever; empty if it is read."""
    section = path.partition(".")[0]
    mine = [one for one in (*FEATURES, *config.features) if one.section == section]
    if mine and not any(one.on(config) for one in mine):
        switched = hasattr(config.section(section), "enabled")
        return f"{section}.enabled=true" if switched else f"{section}=..."
    lacking = (setting for name, read, setting in _READ if fnmatchcase(path, name) and not read(config))
    return next(lacking, "")
