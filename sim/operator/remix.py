"""Answer to a platform that asks for more: goods that no longer pay there are sold elsewhere.

Somebody watches the platforms' terms. Some hours after a commission has risen, goods whose margin it has
eaten are taken off that platform: a part of those who come for them follows to the own site, the others
are shown what is still sold there, and advertisements for these goods move to the other platforms. When the
old terms are back, so are the goods, as many hours later.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.world.catalog import CATEGORIES
from sim.world.choosing import pick
from sim.world.kinds import Purpose
from sim.world.money import upkeep
from sim.world.platforms import PLATFORMS
from sim.world.world import World

_OWN_SITE = PLATFORMS.index("own_site")
_MINUTES_PER_HOUR = 60
#: Columns of a listing that move on.
_SHAPE = len(PLATFORMS), len(CATEGORIES)


class RemixParams(Params):
    """How soon the assortment answers, which goods move, who follows, and what it costs."""

    enabled: bool = lever(False, "switch", "S047")
    """The operator answers changed terms by moving goods."""

    response_hours: float = lever(48.0, "hours", "F072", ge=1, le=2160, span=(12, 240))
    """From the change of a platform's commission until goods have moved."""

    least_margin: float = lever(0.35, "share of the list price", "A-1211", ge=-1, le=1, span=(0.1, 0.5))
    """Goods move whose list price, less goods and the new commission, leaves less than this."""

    media: float = lever(1.0, "share", "S047", ge=0, le=1, span=(0, 1))
    """How far advertising money follows the goods, by their share of what people want."""

    follows: float = uncertainty(0.4, "share", "A-1213", ge=0, le=1, span=(0.1, 0.8), scope="strategy")
    """Visitors who follow goods to the brand's own site; the others look at what is still there."""

    watch_cost: float = uncertainty(
        5.0, "CNY/1,000 people/day x hours", "A-1214", ge=0, le=1000, span=(1, 25), scope="strategy"
    )
    """Being ready to answer, times the hours within which: half the time costs twice as much."""

    move_cost: float = uncertainty(
        0.5, "CNY/category/1,000 people", "A-1215", ge=0, le=1000, span=(0.1, 3), scope="strategy"
    )
    """Taking goods of one category off a platform, or putting them back."""


class Remix(Feature):
    """Goods leave platforms that have become too dear (S047)."""

    section = "remix"
    Params = RemixParams
    events: ClassVar = {
        "remix_alarms": {
            "day": ("int32", "absolute day"),
            "minute": ("int64", "absolute minute at which the new terms are noticed"),
            "platform": ("int8", "platform"),
            "rise": ("float64", "rise of its commission, as a share of the usual one"),
        },
        "remix_moves": {
            "day": ("int32", "absolute day"),
            "minute": ("int64", "absolute minute"),
            "platform": ("int8", "platform"),
            "category": ("int8", "category of goods"),
            "away": ("bool", "taken off the platform, or put back"),
        },
        "remix_led": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "missing": ("int8", "category that is not sold on the platform any more"),
            "followed": ("bool", "went on to the own site; the others looked at other goods"),
        },
    }
    figures = (
        Figure(
            "remix_moves_in_all",
            "Goods taken off a platform, or put back",
            "moves",
            over=lambda t: np.ones(len(t["remix_moves"]["day"])),
        ),
        Figure(
            "remix_followed",
            "Visitors who followed goods to the own site",
            "share",
            over=lambda t: t["remix_led"]["followed"],
            per=lambda t: np.ones(len(t["remix_led"]["day"])),
        ),
    )
    declares = (Purpose("remix_cost", "Watching platforms' terms, and moving goods between them."),)

    @act(
        Phase.STEER,
        reads=["platforms.commission", "operator.allowance", "records.remix_alarms", "records.spend"],
        writes=["records.remix_alarms", "records.remix_moves", "records.spend", "ledger"],
        offers=True,
    )
    def watch(self, world: World, draw: Draw) -> None:
        """Notice new terms, and move goods when the time to answer is over; not on a day without money."""
        p, thousand = self.params, len(world.people) / 1000.0
        if not upkeep(world, "remix_cost", to_fen(p.watch_cost / p.response_hours * thousand)):
            return
        alarms = cast("Any", world.records).remix_alarms
        rise = world.platforms.commission_rise
        new = np.flatnonzero(rise != known(alarms, world.clock.start))
        alarms.append(
            day=world.day, minute=np.full(len(new), world.clock.start), platform=new, rise=rise[new]
        )
        answered = known(alarms, world.clock.start - p.response_hours * _MINUTES_PER_HOUR)
        wanted = self.unprofitable(world, answered)
        platform, category = np.nonzero(wanted != away(world))
        fen = to_fen(p.move_cost * thousand * len(platform))
        if not len(platform) or not world.affords("remix_cost", fen):
            return
        world.spend("remix_cost", fen)
        cast("Any", world.records).remix_moves.append(
            day=world.day,
            minute=np.full(len(platform), world.clock.start),
            platform=platform,
            category=category,
            away=wanted[platform, category],
        )

    def unprofitable(self, world: World, rise: np.ndarray) -> np.ndarray:
        """bool[n_platforms, n_categories]: goods that leave too little where commission has risen."""
        catalog = world.catalog
        margin = 1.0 - catalog.cost_fen / catalog.price_fen
        left = margin[None, :] - world.platforms.commission_due(rise)[:, None]
        dear: np.ndarray = (rise > 0.0)[:, None] & (left < self.params.least_margin)
        return dear

    @act(
        Phase.DECIDE,
        reads=["operator.media", "records.remix_moves~", "people.group"],
        writes=["operator.media", "media#moved"],
        offers=True,
    )
    def move_media(self, world: World, draw: Draw) -> None:
        """Advertising money follows the goods to platforms on which nothing was taken off."""
        gone = away(world)
        if not gone.any():
            return
        of_group = np.bincount(world.people.group, minlength=len(world.catalog.group_weight))
        wanted = of_group @ world.catalog.group_weight / of_group.sum()
        media = world.operator.media_fen
        moved = np.floor(self.params.media * (gone @ wanted) * media).astype(np.int64)
        stays = np.where(gone.any(axis=1), 0, media)
        if stays.sum() > 0:
            share = np.floor(moved.sum() * stays / stays.sum()).astype(np.int64)
            world.operator.media_fen = media - moved + share

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.group",
            "records.remix_moves",
            "visits#guessed",
            "visits#weighted",
            "visits#shown",
        ],
        writes=["flow.visits", "records.remix_led"],
        offers=True,
    )
    def lead(self, world: World, draw: Draw) -> None:
        """Lead visitors on, or show them what is still sold where they are."""
        visits, gone = world.flow.visits, away(world)
        here = visits["surface"] == visits["origin"]
        rows = np.flatnonzero(here & gone[visits["origin"], visits["category"]])
        if not len(rows):
            return
        person, category = visits["person"][rows], visits["category"].copy()
        missing = category[rows]
        follows = keyed_uniforms(draw("remix.follows"), person, world.clock.daypart) < self.params.follows
        weight = world.catalog.group_weight[world.people.group[visits["seat"][rows]]]
        weight = weight * ~gone[visits["origin"][rows]]
        shown, found = pick(weight, keyed_uniforms(draw("remix.shown"), person, world.clock.daypart))
        surface = visits["surface"].copy()
        surface[rows[follows | ~found]] = _OWN_SITE
        stays = ~follows & found
        category[rows[stays]] = shown[stays]
        visits["surface"], visits["category"] = surface, category
        cast("Any", world.records).remix_led.append(
            day=np.full(len(rows), world.day), person=person, missing=missing, followed=~stays
        )


def known(alarms: Any, minute: float) -> np.ndarray:
    """float64[n_platforms]: rises of commission that had been noticed by an absolute minute."""
    rise, rows = np.zeros(len(PLATFORMS)), alarms["minute"] <= minute
    rise[alarms["platform"][rows]] = alarms["rise"][rows]  # of several the last one counts
    return rise


def away(world: World) -> np.ndarray:
    """bool[n_platforms, n_categories]: goods that are not sold on a platform now."""
    moves, gone = cast("Any", world.records).remix_moves, np.zeros(_SHAPE, np.bool_)
    gone[moves["platform"], moves["category"]] = moves["away"]
    return gone
