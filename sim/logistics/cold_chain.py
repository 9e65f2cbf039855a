"""Cold chain: how fast goods age at a temperature, and what a parcel went through.

Shelf life follows the Q10 rule: every 10 degrees above the reference multiply the speed of
ageing by Q10. A parcel's clock adds up (temperature, minutes) segments of its way, so a queue
on a warm counter or a truck with broken cooling costs life; when more is used than was left,
the parcel has spoiled. Sensors catch part of each excursion.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.core.language import tr

if TYPE_CHECKING:
    from sim.logistics.params import LogisticsParams

NONE, AMBIENT, CHILLED, FROZEN = 0, 1, 2, 3
#: Temperature at which shelf life is stated, degrees C, by layer.
REFERENCE_C = (20.0, 20.0, 4.0, -18.0)
MINUTES_PER_DAY = 1440.0

#: Where a parcel can be, in columns of the ageing table.
COLD_ROOM, STAGING, TRUCK, OUTDOOR, COMMUNITY, BOX = range(6)
PLACES = 6


def ageing_rate(q10: float, temperature_c: float, reference_c: float) -> float:
    """Days of shelf life used per day at ``temperature_c`` (1 at the reference temperature)."""
    return math.pow(q10, (temperature_c - reference_c) / 10.0)


def place_temperatures(p: LogisticsParams, layer: int) -> tuple[float, ...]:
    """Temperature of each place for goods of ``layer``, degrees C, in the order of the constants."""
    if layer == CHILLED:
        waiting = p.staging_chilled_c, p.truck_chilled_c, p.outdoor_c, p.community_chilled_c, p.box_chilled_c
    elif layer == FROZEN:
        waiting = p.staging_frozen_c, p.truck_frozen_c, p.outdoor_c, p.community_frozen_c, p.box_frozen_c
    else:
        return (REFERENCE_C[layer],) * PLACES
    return (REFERENCE_C[layer], *waiting)


def ageing_table(p: LogisticsParams) -> np.ndarray:
    """float64[4, 6]: days of shelf life used per tick, by layer and place.

    With sensors on, ``sensor_catch_share`` of the excess over the reference speed is avoided
    everywhere except in the rider's box, which carries none.
    """
    table = np.zeros((4, PLACES))
    for layer in (CHILLED, FROZEN):
        q10 = p.q10_chilled if layer == CHILLED else p.q10_frozen
        for place, celsius in enumerate(place_temperatures(p, layer)):
            rate = ageing_rate(q10, celsius, REFERENCE_C[layer])
            if p.sensors and place in (STAGING, TRUCK, OUTDOOR, COMMUNITY) and rate > 1.0:
                rate = 1.0 + (rate - 1.0) * (1.0 - p.sensor_catch_share)
            table[layer, place] = rate / (MINUTES_PER_DAY * p.ticks_per_minute)
    return table


def check_products(params: LogisticsParams, layers: np.ndarray) -> list[str]:
    """Problem lines for goods that the network cannot keep cold (empty if all is well).

    Parameters
    ----------
    params : LogisticsParams
    layers : int8[n_products]
        Temperature layer of each product sold.
    """
    problems = []
    present = set(np.unique(np.asarray(layers)).tolist())
    for layer, name in ((CHILLED, "chilled"), (FROZEN, "frozen")):
        if layer not in present:
            continue
        for key, what in (
            (f"{name}_room_litres_per_1000", tr("{name} room", name=name)),
            (f"truck_{name}_litres", tr("{name} truck compartment", name=name)),
        ):
            if getattr(params, key) <= 0:
                problems.append(
                    tr(
                        "logistics.{key} must be > 0 because the catalog sells {name} goods, which need a "
                        "{what} (you wrote {params:g}); raise it or leave {name} goods out of the catalog",
                        key=key,
                        name=name,
                        what=what,
                        params=getattr(params, key),
                    )
                )
    if AMBIENT in present and params.truck_ambient_litres <= 0:
        problems.append(
            tr(
                "logistics.truck_ambient_litres must be > 0 because the catalog sells ambient goods "
                "(you wrote {truck_ambient_litres:g}); raise it",
                truck_ambient_litres=params.truck_ambient_litres,
            )
        )
    return problems
