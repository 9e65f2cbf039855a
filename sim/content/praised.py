"""Pieces that show what reviews praise: which topic is read most often, and whom such a piece pleases."""

from __future__ import annotations

import numpy as np

from sim.content.studio_params import StudioParams
from sim.world.catalog import CATEGORIES
from sim.world.library import Columns
from sim.world.topics import TOPICS
from sim.world.world import World

#: What a piece is about that shows no topic.
NO_TOPIC = -1
_PRAISE = 0


def most_praised(params: StudioParams, world: World) -> np.ndarray:
    """int64[n_categories]: the topic that most reviews praise, as read of late; -1 where too few do.

    Nothing is known where nobody reads reviews.
    """
    none = np.full(len(CATEGORIES), NO_TOPIC)
    size = len(CATEGORIES), TOPICS
    read = getattr(world.records, "reviews_read", None)
    if read is None:
        return none
    first = int(np.searchsorted(read["day"], world.day - params.topic_days))
    category, topic = read["category"][first:].astype(np.int64), read["topic"][first:]
    praise = read["word"][first:] == _PRAISE
    number = np.bincount(category[praise] * TOPICS + topic[praise], minlength=size[0] * size[1])
    by_topic = number.reshape(size)
    return np.where(by_topic.max(axis=1) >= params.topic_least, by_topic.argmax(axis=1), none)


def pleases(params: StudioParams, shares: np.ndarray, category: np.ndarray, topic: np.ndarray) -> np.ndarray:
    """float64[n]: clicks on each piece relative to one that shows no topic.

    Those to whom the topic matters click more; all others see something else than they care for.

    Parameters
    ----------
    params : StudioParams
        What the one and the other change.
    shares : float64[n_categories, TOPICS]
        People to whom each topic matters.
    category, topic : int[n]
        What each piece is about; -1 = no topic.
    """
    matters = shares[category, np.maximum(topic, 0)]
    changed = 1.0 + params.topic_click * matters - params.topic_bores * (1.0 - matters)
    found: np.ndarray = np.where(topic >= 0, np.maximum(0.0, changed), 1.0)
    return found


def look(pieces: Columns, topic: np.ndarray) -> np.ndarray:
    """int64[n]: looks of pieces; new looks that show the same topic of the same goods are alike."""
    alike = -1 - (pieces["category"].astype(np.int64) * TOPICS + topic)
    return np.where((topic >= 0) & (pieces["common"] == 0.0), alike, pieces["look"])
