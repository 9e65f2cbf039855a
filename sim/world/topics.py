"""Topics of goods: what there is to say of a category's articles, and to how many people each matters.

People praise what matters to them, and look at what shows it. Which topic matters most is the category's
own and known to nobody in the market; it can be read from what people write.
"""

from __future__ import annotations

import numpy as np

from sim.core.rng import Draw, keyed_uniforms
from sim.world.catalog import CATEGORIES

#: Topics of each category.
TOPICS = 4


def topic_shares(draw: Draw, first: float) -> np.ndarray:
    """float64[n_categories, TOPICS]: people to whom each topic matters most; rows sum to 1.

    Parameters
    ----------
    draw : Draw
        The market's draws; which topic is first is keyed by the category.
    first : float
        Share of the first topic; each further one takes the same share of what is left, the last all of it.
    """
    ranked = first * (1.0 - first) ** np.arange(TOPICS)
    ranked[-1] = (1.0 - first) ** (TOPICS - 1)
    numbers = np.arange(len(CATEGORIES), dtype=np.int64)
    begins = (keyed_uniforms(draw.timeless("topics.first"), numbers, 0) * TOPICS).astype(np.int64)
    shares: np.ndarray = ranked[(np.arange(TOPICS) - begins[:, None]) % TOPICS]
    return shares


def topics_of(shares: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """int8[k]: a topic for each row of shares, float64[k, TOPICS], by uniform numbers, float64[k]."""
    found: np.ndarray = (shares.cumsum(axis=1)[:, :-1] <= luck[:, None]).sum(axis=1).astype(np.int8)
    return found
