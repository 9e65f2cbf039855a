"""Levers of the plan's market systems over their plausible spans, in markets that read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from sim.config import assumptions_table, compose, market_sources
from sim.config.idle import idle
from sim.config.model import Config
from sim.core.errors import ConfigError

#: Sections of levers that are not the market's: delivery, the operator's rules and plans, experiments.
ELSEWHERE = ("control", "instruments", "logistics", "plan", "returns", "supply", "trial")
#: Levers by pattern -> what is set where more than their own feature has to be on.
_NEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("challenge.*", ("challenge=makeup", "challenge.start=0")),
    ("cocreation.*", ("community=three_levels",)),
    ("content_pool.list_hours", ("content_pool=pool", "content_pool.list_size=5")),
    ("content_pool.scene_tilt", ("content_pool=pool", "content_pool.scene=0.3")),
    ("fraud.*", ("incentive=flat_cash",)),
    ("incentive.levels", ("incentive=three_tier",)),
    ("incentive.second_level", ("incentive=three_tier", "incentive.levels=2")),
    ("lifecycle.*", ("lifecycle=win_back",)),
    ("onboarding.*", ("incentive=three_tier",)),
    ("opinion.*", ("opinion=answered", "shock=scandal", "shock.start=7")),
    ("own_traffic.*", ("policy=open_data", "private_domain=wecom")),
    (
        "remix.*",
        ("remix=two_days", "shock.kind=commission_rise", "shock.start=5", "shock.days=35", "shock.size=0.95"),
    ),
    ("studio.attributes", ("content_pool=pool", "studio=three_stations", "studio.clerks=1")),
    (
        "studio.topic_least",
        ("content_pool=pool", "studio=three_stations", "reviews=read", "studio.from_reviews=0.5"),
    ),
    ("studio.from_reviews", ("content_pool=pool", "studio=three_stations", "reviews=read")),
    ("studio.*", ("content_pool=pool",)),
)


class Lever(NamedTuple):
    """A lever: its key and unit, values over its span, and what else is set."""

    key: str
    unit: str
    values: tuple[float, ...]
    beside: tuple[str, ...]


def levers_left(done: Collection[str]) -> Iterator[Lever]:
    """Every lever of the market with a plausible span that is not among ``done``."""
    sources = market_sources()
    for row in assumptions_table(sources.sections):
        section = row.path.partition(".")[0]
        if row.kind != "lever" or row.span is None or row.path in done or section in ELSEWHERE:
            continue
        low, high = row.span
        whole = isinstance(row.default, int)
        between = (low + high) / 2.0
        values = dict.fromkeys((low, round(between) if whole else between, high))
        beside = _beside(row.path, sources.options(section))
        yield Lever(row.path, row.unit, tuple(map(float, values)), beside)


def _beside(key: str, options: Collection[str]) -> tuple[str, ...]:
    """Words under which something reads a lever: what it needs, and the first option that switches it on."""
    needs = next((words for name, words in _NEEDS if fnmatchcase(key, name)), ())
    section = key.partition(".")[0]
    mine = [word for word in needs if word.partition("=")[0] == section]
    for option in ([], *([f"{section}={one}"] for one in options)):
        words = (*needs, *option) if not (mine and option) else needs
        config = _composed(tuple(words))
        if config is not None and not idle([key], [config]):
            return tuple(words)
    raise LookupError(f"no option of {section} reads {key}")


@cache
def _composed(words: tuple[str, ...]) -> Config | None:
    """The baseline under these words; none if they exclude each other."""
    try:
        return compose(["scenario=baseline", *words])
    except ConfigError:
        return None
