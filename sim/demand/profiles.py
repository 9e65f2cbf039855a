"""Estimates of what a person wishes for, one a platform or one that linked platforms share.

Without it feeds and ads know what everybody wants. With it they know what they have seen: each platform
keeps a fading count of a person's looks by category that came from it, and shrinks it towards what such
people want. An impression shows the wish with the share that the estimate gives it; another one is clicked as
by somebody who wants nothing, and leads to other goods. On days with linked identities
(``channel_mix.linked_ids``, which cost money) all platforms draw on the looks of all, of people who allow it.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.params import Params, constant, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, Moment, Schema, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import CATEGORIES
from sim.world.choosing import pick
from sim.world.kinds import among
from sim.world.people import Column
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source
from sim.world.world import World

#: Platforms that tell people apart; a shop in the street does not.
KEEPERS = tuple(name for name in PLATFORMS if name != "offline")
LOOKS = {
    f"profiles_{name}": Column("float32", f"looks that came from {name}, fading count", "category", start=0)
    for name in KEEPERS
}
_STATE = tuple(f"people.{name}" for name in LOOKS)
#: Visits that platforms bring by what they choose to show.
_SHOWN = among(Source.ORGANIC_FEED, Source.PAID_MEDIA)
_REFUSES, _KEEPS_APART = 1, 2


class ProfilesParams(Params):
    """What platforms remember of a person, what they make of it, and who does not let them."""

    enabled: bool = constant(False, "switch", "S045")
    """Feeds and ads know what they have seen of people, not what people wish for."""

    guessed: float = uncertainty(
        0.7, "share", "A-1620; others follow a search or a cart of the same hour", ge=0, le=1, span=(0.4, 1)
    )
    """Impressions that are chosen by the estimate; all others show the wish."""

    prior: float = uncertainty(
        4.0, "looks", "A-1621; a handful of clicks says more than the group", ge=0.01, le=1000, span=(1.5, 12)
    )
    """Looks that what such people want weighs as much as."""

    half_life: float = uncertainty(
        14.0, "days", "A-1622; windows of a week to a month are usual", ge=0.1, le=1000, span=(5, 45)
    )
    """Days after which a look says half as much."""

    refuses: float = uncertainty(
        0.2, "share of people", "A-1623; personalised content can be turned off", ge=0, le=1, span=(0.05, 0.5)
    )
    """People of whom nothing is kept."""

    keeps_apart: float = uncertainty(
        0.3, "share of people", "A-1624; of those who let platforms remember", ge=0, le=1, span=(0.1, 0.6)
    )
    """People who let no platform know what others have seen."""

    def daily(self) -> float:
        """Part of the count that a day leaves."""
        return float(0.5 ** (1.0 / self.half_life))


def estimate(looks: np.ndarray, wanted: np.ndarray, prior: float) -> np.ndarray:
    """Share of each category in what a person wishes for: mean of a Dirichlet after these looks.

    Parameters
    ----------
    looks, wanted : float64[k, n_categories]
        Looks that were seen; what such people want, rows that sum to 1.
    prior : float
        Looks that the latter weighs as much as.

    Returns
    -------
    float64[k, n_categories]
        Rows sum to 1.
    """
    return np.asarray((looks + prior * wanted) / (looks.sum(axis=1, keepdims=True) + prior), np.float64)


class Profiles(Feature):
    """Estimates of what people wish for (S045)."""

    section = "profiles"
    Params = ProfilesParams
    world = True
    columns: ClassVar = LOOKS
    events: ClassVar[dict[str, Schema]] = {
        "profiles_shown": {
            "day": ("int32", "absolute day"),
            "offered": ("int64", "visits by feeds and ads if they knew each wish, of people who have one"),
            "known": ("int64", "of them, by impressions that showed the wish"),
            "met": ("int64", "visits to what was wished for"),
            "other": ("int64", "visits to something else"),
        }
    }
    figures = (
        Figure(
            "profiles_match",
            "Impressions that show people what they wish for",
            "share",
            over=lambda t: t["profiles_shown"]["known"],
            per=lambda t: t["profiles_shown"]["offered"],
        ),
    )

    def __init__(self, params: ProfilesParams, need_response: float) -> None:
        super().__init__(params)
        self.need_response = need_response

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """The acts, which know how much more often a wish is clicked (``traffic.need_response``)."""
        return cls(config.section(cls.section), config.traffic.need_response).acts()

    @act(Phase.DECIDE, reads=_STATE, writes=_STATE)
    def fade(self, world: World, draw: Draw) -> None:
        """Looks say less by the day."""
        daily = np.float32(self.params.daily())
        for name in LOOKS:
            getattr(world.people, name)[...] *= daily

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.group",
            "people.need_category~",
            "operator.terms.linked",
            *(f"{name}~" for name in _STATE),
        ],
        writes=["flow.visits", "visits#guessed", "records.profiles_shown"],
    )
    def guess(self, world: World, draw: Draw) -> None:
        """Let visits go, or lead them elsewhere, where the impression did not show what is wished for."""
        visits, people = world.flow.visits, world.people
        need = people.need_category[visits["seat"]]
        mine = _SHOWN[visits["source"]] & (need >= 0) & (visits["category"] == need)
        rows = np.flatnonzero(mine)
        if self.params.guessed == 0.0 or not len(rows):
            return
        of_rows, wish = {name: column[rows] for name, column in visits.items()}, need[rows].astype(np.int64)
        share = self._estimates(world, draw, of_rows)
        at = np.arange(len(rows))
        known = 1.0 - self.params.guessed * (1.0 - share[at, wish])
        u = keyed_uniforms(draw("profiles.guess"), of_rows["person"], world.clock.daypart)
        comes = u < known + (1.0 - known) / self.need_response
        share[at, wish] = 0.0
        elsewhere = keyed_uniforms(draw("profiles.shown"), of_rows["person"], world.clock.daypart)
        shown, found = pick(share, elsewhere)
        other = comes & (u >= known) & found
        category = visits["category"].copy()
        category[rows[other]] = shown[other]
        stays = np.ones(len(need), np.bool_)
        stays[rows[~comes]] = False
        world.flow.visits = {
            name: column[stays] for name, column in (visits | {"category": category}).items()
        }
        cast("Any", world.records).profiles_shown.append(
            day=world.day,
            offered=len(rows),
            known=int((u < known).sum()),
            met=int((comes & ~other).sum()),
            other=int(other.sum()),
        )

    def _estimates(self, world: World, draw: Draw, visits: dict[str, np.ndarray]) -> np.ndarray:
        """float64[k, n_categories]: what the platform that brought each visit makes of its visitor."""
        joined = world.operator.terms.linked_ids & ~self._is(draw, visits["person"], _KEEPS_APART)
        looks = np.zeros((len(joined), len(CATEGORIES)))
        for name in KEEPERS:
            sees = joined | (visits["origin"] == PLATFORMS.index(name))
            looks[sees] += getattr(world.people, f"profiles_{name}")[visits["seat"][sees]]
        wanted = world.catalog.group_weight[world.people.group[visits["seat"]]]
        return estimate(looks, wanted, self.params.prior)

    def _is(self, draw: Draw, person: np.ndarray, question: int) -> np.ndarray:
        """bool[k]: who refuses to be remembered, or keeps platforms apart; drawn once for each person."""
        chance = self.params.refuses if question == _REFUSES else self.params.keeps_apart
        return np.asarray(
            keyed_uniforms(draw.timeless("profiles.people"), person, question) < chance, np.bool_
        )

    @act(Phase.BUY, reads=["flow.visits", *_STATE], writes=_STATE)
    def note(self, world: World, draw: Draw) -> None:
        """Each platform counts the looks that came from it."""
        visits = world.flow.visits
        may = ~self._is(draw, visits["person"], _REFUSES)
        for name in KEEPERS:
            rows = np.flatnonzero(may & (visits["origin"] == PLATFORMS.index(name)))
            looks = getattr(world.people, f"profiles_{name}")
            np.add.at(looks, (visits["seat"][rows], visits["category"][rows]), np.float32(1.0))
