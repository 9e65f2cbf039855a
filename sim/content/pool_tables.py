"""What is recorded of a pool of content, and the figures that are counted from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.feature import Figure, Schema, Tables

_DAY = ("int32", "absolute day")
EVENTS: dict[str, Schema] = {
    "content_pool_pieces": {
        "day": _DAY,
        "piece": ("int64", "id of a piece that comes into the pool"),
        "category": ("int8", "what it is about"),
        "look": ("int64", "fingerprint"),
        "common": ("float64", "1 = everybody shows the same look"),
        "hook": ("float64", "seconds until it comes to the point"),
        "machine": ("float64", "share of its copy that a machine wrote"),
        "mixed": ("bool", "user stories and expert endorsement"),
        "tested": ("bool", "a real test"),
        "scene": ("bool", "a scene of use, and no test"),
        "home": ("int8", "platform it was made for"),
        "fits": ("int64", "all that it fits, as bits"),
        "wrong": ("bool", "holds a claim that is not allowed"),
        "informed": ("float64", "what machine copy gains from attributes of the goods, 1 = as usual"),
        "topic": ("int8", "topic that it shows, which reviews praise; -1 = none"),
        "pleases": ("float64", "clicks on it for that, relative to a piece without a topic"),
    },
    "content_pool_shown": {
        "day": _DAY,
        "piece": ("int64", "id"),
        "tested": ("bool", "a real test"),
        "scene": ("bool", "a scene of use, and no test"),
        "place": ("int16", "place on the list of good things, 1 the first; 0 = not on it"),
        "mixed": ("bool", "user stories and expert endorsement"),
        "alike": ("bool", "everybody shows the same look"),
        "machine": ("float64", "share of its copy that a machine wrote"),
        "impressions": ("float64", "of feeds and media"),
        "preferred": ("float64", "of them, filled with what the viewer prefers"),
        "stayed": ("float64", "of them, watched until the point, as chances say"),
        "finished": ("float64", "of them, watched to the end, as chances say"),
        "seconds": ("float64", "watched in all, as chances say"),
    },
    "content_pool_clicks": {
        "day": _DAY,
        "visit_id": ("int64", "visit of a feed or of media"),
        "piece": ("int64", "id of the piece that brought it"),
        "platform": ("int8", "index into PLATFORMS"),
        "tested": ("bool", "a real test"),
        "scene": ("bool", "a scene of use, and no test"),
        "machine": ("float64", "share of its copy that a machine wrote"),
    },
}


def _shown(column: str) -> Callable[[Tables], np.ndarray]:
    return lambda t: t["content_pool_shown"][column]


def _of(column: str, kind: str) -> Callable[[Tables], np.ndarray]:
    return lambda t: t["content_pool_shown"][column] * t["content_pool_shown"][kind]


FIGURES = (
    Figure(
        "content_pool_match",
        "Impressions that show what the viewer prefers",
        "share",
        _shown("preferred"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_alike",
        "Impressions of looks that everybody shows",
        "share",
        _of("impressions", "alike"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_stays",
        "Viewers who stay until the point",
        "share",
        _shown("stayed"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_dwell",
        "Time watched",
        "seconds/impression",
        _shown("seconds"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_completion_mixed",
        "Mixed pieces watched to the end by those who stay",
        "share",
        _of("finished", "mixed"),
        _of("stayed", "mixed"),
    ),
    Figure(
        "content_pool_tested_share",
        "Impressions of pieces that show a test",
        "share",
        _of("impressions", "tested"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_scene_share",
        "Impressions of pieces that show a scene of use",
        "share",
        _of("impressions", "scene"),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_listed_share",
        "Impressions of pieces on the list of good things",
        "share",
        lambda t: t["content_pool_shown"]["impressions"] * (t["content_pool_shown"]["place"] > 0),
        _shown("impressions"),
    ),
    Figure(
        "content_pool_clicks_per_impression",
        "Visits by feeds and media, for each impression",
        "visits/impression",
        lambda t: np.ones(len(t["content_pool_clicks"]["day"])),
        _shown("impressions"),
    ),
)
