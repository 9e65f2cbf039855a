"""The day's rhythm: at which hours what is bought is shown, who is there then, and what an hour costs.

A post is in feeds for some hours after it is published, and whoever is on the platform in these hours may see
it; so an hour reaches some groups more than others. All that competes for attention follows the crowd: part
of what a busy hour gains is lost among other posts, and it is dearer. Media may be moved into one part of the
day as well, where the ceiling of what people can be shown in that time is met sooner.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from sim.core.clock import DAYPART_NAMES, DAYPARTS, HOURS_PER_DAY, MINUTES_PER_DAY, daypart_bounds
from sim.core.params import Params, lever, uncertainty
from sim.world.platforms import PLATFORMS

#: Hours from which and until which accounts post when nobody asks for an hour.
POSTED_FROM, POSTED_UNTIL = 7, 23
#: Hours for which a post is followed.
_FOLLOWED = 48


class RhythmParams(Params):
    """Hours of bought posts, and the part of the day into which media are moved."""

    enabled: bool = lever(False, "switch", "S029")
    """Hours are chosen, and posts are seen by who is there."""

    douyin: float = lever(20.0, "hour of the day", "S056; evening peak of F053", ge=0, le=23, span=(7, 23))
    """Hour from which bought posts are published on Douyin, within the hour that follows."""

    xiaohongshu: float = lever(
        20.0, "hour of the day", "S056; evening peak of F053", ge=0, le=23, span=(7, 23)
    )
    """The same on Xiaohongshu."""

    taobao_live: float = lever(
        20.0, "hour of the day", "S056; evening peak of F053", ge=0, le=23, span=(7, 23)
    )
    """The same on Taobao Live."""

    media: Literal["morning", "afternoon", "evening", "late"] = lever("evening", "part of the day", "S029")
    """Part of the day into which paid media are moved."""

    moved: float = lever(0.0, "share of media budget", "S029", ge=0, le=1, span=(0, 0.6))
    """Paid media that are moved there; the others are shown all day, as people are there."""

    crowding: float = uncertainty(
        0.5,
        "exponent",
        "A-1340; no data; feeds show as much to each, and others publish at busy hours too",
        ge=0,
        le=1,
        span=(0.2, 0.9),
        scope="strategy",
    )
    """What of an hour's larger audience is lost among the posts of others, as a power of that audience."""

    slot_price: float = uncertainty(
        0.4,
        "exponent",
        "A-1341; prices of hours on television rise with audiences, less than in proportion",
        ge=0,
        le=2,
        span=(0.1, 0.9),
        scope="strategy",
    )
    """How much dearer an hour is, as a power of its audience relative to the usual one."""


class Rhythm:
    """What hours reach and cost, from the hours at which groups are awake.

    Parameters
    ----------
    params : RhythmParams
        Levers, crowding and prices.
    hours : float64[n_groups, 24]
        Share of a day's activity by hour.
    reach : float64[n_platforms, n_groups]
        Reach of platforms by group: whose hours make up a platform's crowd.
    mean_minutes : float
        Mean time after which a post is seen by who is always there.

    Attributes
    ----------
    audience : float64[24, n_groups]
        Who sees a post of an hour, relative to the mean over the hours at which accounts post by themselves.
    crowd : float64[24, n_platforms]
        The same of the people of a platform.
    """

    def __init__(
        self, params: RhythmParams, hours: np.ndarray, reach: np.ndarray, mean_minutes: float
    ) -> None:
        self.params, self.mean_minutes = params, mean_minutes
        people = reach / reach.sum(axis=1, keepdims=True)
        self.audience, self.course = _courses(hours, mean_minutes / 60.0)
        self.crowd = self.audience @ people.T
        self.time = _in_dayparts(hours) @ people.T
        self.hour = np.full(len(PLATFORMS), -1.0)
        for name in ("douyin", "xiaohongshu", "taobao_live"):
            self.hour[PLATFORMS.index(name)] = getattr(params, name)

    @classmethod
    def of(cls, config: Any, hours: np.ndarray) -> Rhythm | None:
        """That of a configuration; nothing where hours are not chosen."""
        if not config.rhythm.enabled:
            return None
        rows = [getattr(config.platforms, name) for name in PLATFORMS]
        reach = np.array([[row.silver_vanguard, row.cyber_native, row.eco_pioneer] for row in rows])
        return cls(config.rhythm, hours, reach, 60.0 * config.influencers.hours_seen)

    def bought_minute(self, platform: np.ndarray, within: np.ndarray) -> np.ndarray:
        """int64[k]: minute of the day of bought posts on these platforms; ``within`` 0..1 is drawn."""
        minute = (60.0 * (self.hour[platform] + within)).astype(np.int64)
        last: np.ndarray = np.minimum(minute, MINUTES_PER_DAY - 1)
        return last

    def dearer(self, platform: np.ndarray) -> np.ndarray:
        """float64[k]: fee of a bought post at its platform's hour, relative to one at any hour."""
        at = self.crowd[self.hour[platform].astype(np.int64), platform]
        fee: np.ndarray = at**self.params.slot_price
        return fee

    def reached(self, hour: int, platform: int) -> np.ndarray:
        """float64[n_groups]: who sees a post of this hour, relative to one at any hour."""
        seen: np.ndarray = self.audience[hour] * self.crowd[hour, platform] ** -self.params.crowding
        return seen

    def seen_at(self, start: np.ndarray, group: np.ndarray, minute: np.ndarray) -> np.ndarray:
        """Move the minutes at which posts are seen to when people are there.

        Parameters
        ----------
        start : int64[k]
            Absolute minutes of publication, all of one hour.
        group : int8[k]
            Groups of those who see them.
        minute : int64[k]
            When each would see it who is always there.
        """
        out = minute.copy()
        part = -np.expm1(-(minute - start) / self.mean_minutes)
        hour = int(start[0]) % MINUTES_PER_DAY // 60 if len(start) else 0
        for at, course in enumerate(self.course[hour]):
            rows = np.flatnonzero(group == at)
            after = np.interp(part[rows], course, 60.0 * np.arange(len(course)))
            out[rows] = start[rows] + 1 + after.astype(np.int64)
        return out

    def media_price(self) -> np.ndarray:
        """float64[n_platforms]: price of impressions relative to those that are shown all day."""
        price: np.ndarray = 1.0 / self._impressions().sum(axis=0)
        return price

    def media_parts(self) -> np.ndarray:
        """float64[n_dayparts, n_platforms]: share of impressions over share of time, by part of the day."""
        impressions = self._impressions()
        parts: np.ndarray = impressions / impressions.sum(axis=0) / self.time
        return parts

    def _impressions(self) -> np.ndarray:
        """float64[n_dayparts, n_platforms]: impressions of the money that buys one shown all day."""
        part = DAYPART_NAMES.index(self.params.media)
        first, end = daypart_bounds(part)
        busy = self.time[part] * MINUTES_PER_DAY / (end - first)
        shown: np.ndarray = (1.0 - self.params.moved) * self.time
        shown[part] += self.params.moved * busy**-self.params.slot_price
        return shown


def _courses(hours: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Who sees a post by hour and group, and how its views come in.

    Parameters
    ----------
    hours : float64[n_groups, 24]
        Share of a day's activity by hour.
    mean : float
        Hours after which a post is seen on average by who is always there.

    Returns
    -------
    audience : float64[24, n_groups]
        Views of a post relative to the mean over hours from 7 to 23.
    course : float64[24, n_groups, 49]
        Share of its views that are over by each full hour after its publication.
    """
    left = np.exp(-np.arange(_FOLLOWED + 1) / mean)
    aged = left[:-1] - left[1:]
    later = (np.arange(HOURS_PER_DAY)[:, None] + np.arange(_FOLLOWED)) % HOURS_PER_DAY
    views = np.moveaxis(hours[:, later] * aged, 0, 1)
    total = views.sum(axis=2)
    course = np.zeros((*total.shape, _FOLLOWED + 1))
    course[:, :, 1:] = np.cumsum(views, axis=2) / total[:, :, None]
    return total / total[POSTED_FROM:POSTED_UNTIL].mean(axis=0), course


def _in_dayparts(hours: np.ndarray) -> np.ndarray:
    """float64[n_dayparts, n_groups]: share of a day's activity by part of the day."""
    parts = [daypart_bounds(part) for part in range(DAYPARTS)]
    return np.array([hours[:, first // 60 : end // 60].sum(axis=1) for first, end in parts])
