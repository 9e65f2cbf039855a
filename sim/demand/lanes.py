"""Lanes of sources that features declare: moments at which they may bring each person, compiled.

As in the day's clock (:mod:`sim.demand.day_clock`) there is one keyed process of points in time and level for
every person and day, here with a stream of draws a source: a point brings a visit if its level lies below the
pull of its daypart. A further source re-deals nothing, and there is no ceiling: points are drawn as far up as
a pull reaches, so a pull may be of any size and may change from daypart to daypart.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.jit import njit
from sim.core.rng import occasion_key, person_key, unit_of
from sim.demand.day_clock import minute_of


@njit(cache=True)
def race_lane(stream, moment, clocks, pull, source, origin, crowd, race):
    """Merge a lane's first moment of this daypart with the race; seats for which it had one.

    ``pull`` is float64[n], visits a day. Where two sources have the same minute, whoever led goes on leading.
    """
    start, end = moment.start - moment.midnight, moment.end - moment.midnight
    reached, n = np.empty(crowd.id.shape[0], np.int64), 0
    for i in range(crowd.id.shape[0]):
        if pull[i] <= 0.0:
            continue
        person, clock = person_key(stream, crowd.id[i]), clocks[crowd.group[i]]
        level, number, first = 0.0, 0, end
        while True:
            level -= math.log(1.0 - unit_of(person, occasion_key(2 * number)))
            if level >= pull[i]:
                break
            minute = minute_of(unit_of(person, occasion_key(2 * number + 1)), clock)
            if minute >= start:
                first = min(first, minute)
            number += 1
        if first < end:
            reached[n] = i
            n += 1
            race.seen[i] |= np.int32(1) << np.int32(source)
            if moment.midnight + first < race.best[i]:
                race.best[i], race.by_source[i] = moment.midnight + first, source
                race.by_origin[i], race.by_touch[i] = origin, -1
    return reached[:n]
