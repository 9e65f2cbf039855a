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
#: Nearly all that is wanted is apparel, which often comes back: one category has many orders and reviews.
_APPAREL = (
    *(f"catalog.apparel.{group}=20" for group in ("silver_vanguard", "cyber_native", "eco_pioneer")),
    "catalog.apparel.stock_days=2",
    "catalog.apparel.order_offset=1.5",
    "population.size=3000",
)
_REVIEWED = ("reviews=read", "reviews.writes=0.2", "reviews.read_most=20")
_FLAWS = (*_APPAREL, "experiment.days=60", *_REVIEWED, "reviews.flaw=0.5", "reviews.development_days=10")
_BAD = ("tracing.batches=2", "tracing.bad=0.2", "tracing.complains=0.6")
#: Levers by pattern -> what is set where more than their own feature has to be on, or where other worlds are
#: needed before anything reads them.
_NEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("challenge.*", ("challenge=makeup", "challenge.start=0")),
    ("cocreation.*", ("community=three_levels",)),
    ("content_pool.list_hours", ("content_pool=pool", "content_pool.list_size=5")),
    ("content_pool.scene_tilt", ("content_pool=pool", "content_pool.scene=0.3")),
    ("cross_border.out.*", ("cross_border=customers_abroad",)),
    ("cross_border.second.*", ("cross_border=two_places",)),
    ("fraud.*", ("incentive=flat_cash",)),
    ("incentive.levels", ("incentive=three_tier",)),
    ("incentive.second_level", ("incentive=three_tier", "incentive.levels=2")),
    ("incentive.valid_days", ("incentive=three_tier",)),
    ("lifecycle.*", ("lifecycle=win_back",)),
    ("onboarding.*", ("incentive=three_tier",)),
    ("opinion.*", ("opinion=answered", "shock=scandal", "shock.start=7")),
    ("own_traffic.*", ("policy=open_data", "private_domain=wecom")),
    (
        "partners.premium",
        ("partners=alliance", "partners.insured=1", "shock=platform_loss", "shock.start=10"),
    ),
    ("partners.term", ("partners=marketing", "experiment.days=90")),
    ("points.remind_days", ("points=members", "points.valid_days=30", "experiment.days=120")),
    ("points.valid_days", ("points=members", "experiment.days=120")),
    (
        "remix.*",
        ("remix=two_days", "shock.kind=commission_rise", "shock.start=5", "shock.days=35", "shock.size=0.95"),
    ),
    ("reviews.least", _FLAWS),
    ("reviews.threshold", _FLAWS),
    (  # as many staff as compete in a market of 10,000
        "service.*",
        (*_APPAREL, "service=ranked", "service.contacts=0.6", "service.hurts=0.2", "service.staff=30"),
    ),
    ("studio.attributes", ("content_pool=pool", "studio=three_stations", "studio.clerks=1")),
    (
        "studio.topic_least",
        ("content_pool=pool", "studio=three_stations", "reviews=read", "studio.from_reviews=0.5"),
    ),
    (
        "studio.from_reviews",
        ("content_pool=pool", "studio=three_stations", "studio.topic_least=1", *_REVIEWED),
    ),
    ("studio.*", ("content_pool=pool",)),
    ("survey.rest_days", ("survey=asked", "survey.asked=20", "experiment.days=100")),
    ("tracing.agree", (*_APPAREL, "tracing=traced", "tracing.traced=1", *_BAD)),
    ("tracing.stands_out", (*_APPAREL, "tracing=bad_batches", *_BAD)),
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


def told(beside: Collection[str]) -> str:
    """What a lever's worlds have that those of others have not, behind a semicolon; nothing by default."""
    set_ = dict(word.split("=") for word in beside)
    parts = [f"{set_['experiment.days']} days"] if "experiment.days" in set_ else []
    parts += [f"{int(set_['population.size']):,} people"] if "population.size" in set_ else []
    parts += ["mostly apparel"] if "catalog.apparel.stock_days" in set_ else []
    return f"; {', '.join(parts)}" if parts else ""


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
