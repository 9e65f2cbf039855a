"""Parameters as the kernels read them: one vector of numbers, one of streams, timetables in ticks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import stream_key
from sim.logistics.cold_chain import ageing_table
from sim.logistics.params import LogisticsParams, ReturnsParams

(
    S_TICKS,
    S_PICK,
    S_MINUTES_PER_KM,
    S_DROP,
    S_LEG,
    S_LOCAL,
    S_ABSENT,
    S_DAMAGE,
    S_LIFE_VARIATION,
    S_WEATHER,
    S_SLOWDOWN,
    S_DELAY,
    S_DELAY_MINUTES,
    S_TRUNK,
    S_BRANCH,
    S_STOP,
    S_DOOR,
    S_SORT,
    S_INSPECT,
    S_RESOLD,
) = range(20)

PURPOSES = (
    *("pick", "drop", "absent", "damage", "life", "weather", "truck", "inspect", "restock", "supplier"),
    "resold",
)
(R_PICK, R_DROP, R_ABSENT, R_DAMAGE, R_LIFE, R_WEATHER, R_TRUCK, R_INSPECT, R_RESTOCK, R_SUPPLIER) = range(10)
R_RESOLD = 10

#: A delay lasts at most this many times its mean (a parcel is then moved to another van).
LONGEST_DELAY = 5.0


def streams(seed: int) -> np.ndarray:
    """uint64[11]: timeless key of each purpose; draws are keyed to orders, districts and ticks."""
    return np.array([stream_key(seed, f"logistics.{name}", -1) for name in PURPOSES], np.uint64)


@dataclass(frozen=True)
class Settings:
    """Derived numbers of one parameter set.

    Attributes
    ----------
    vector : float64[20]
        Minutes, shares and ratios in the order of the S_ constants.
    ageing : float64[4, 6]
        Days of life used per tick, by layer and place.
    compartments : float64[3]
        Litres of a truck's ambient, chilled and frozen compartment.
    transit_life : float64[4]
        Days of ageing on the way that goods of each layer bear at most.
    restock : float64[4]
        Probability that a returned parcel of each layer is sold again.
    trucks, rounds : int64[2]
        Ticks of the day at which trucks leave and rounds are released, ascending.
    day, open, front_wave, regional_wave, last_standard, receipt : int
        Ticks: a day, opening of the fronts, wave intervals, last standard round.
    """

    vector: np.ndarray
    ageing: np.ndarray
    compartments: np.ndarray
    transit_life: np.ndarray
    restock: np.ndarray
    trucks: np.ndarray
    rounds: np.ndarray
    waves: np.ndarray
    day: int
    last_standard: int

    @classmethod
    def of(cls, p: LogisticsParams, r: ReturnsParams, share: float, inspector_presence: float) -> Settings:
        """Derive the numbers of ``p`` and ``r``.

        Parameters
        ----------
        share : float
            Share of a full district's vans that this market rents (:attr:`Region.share`).
        inspector_presence : float
            Share of the inspectors' time that is ours: their work takes as much longer.
        """
        tpm = p.ticks_per_minute
        hour = 60 * tpm

        def hours(*values: float) -> np.ndarray:
            return np.array(sorted(round(v * hour) for v in values), np.int64)

        return cls(
            vector=np.array(
                [
                    tpm,
                    p.pick_minutes,
                    60.0 / p.rider_speed_kmh,
                    p.drop_minutes,
                    p.leg_minutes,
                    p.local_km,
                    p.absent_probability,
                    p.damage_probability,
                    p.life_variation,
                    p.bad_weather_probability,
                    p.bad_weather_slowdown,
                    p.truck_delay_probability,
                    p.truck_delay_minutes,
                    60.0 * p.trunk_km / p.truck_speed_kmh,
                    60.0 * p.branch_km / p.truck_speed_kmh,
                    p.stop_minutes,
                    p.door_minutes,
                    p.sort_minutes,
                    r.inspect_minutes / inspector_presence,
                    p.idle_resale_share,
                ],
                np.float64,
            ),
            ageing=ageing_table(p),
            compartments=share
            * np.array([p.truck_ambient_litres, p.truck_chilled_litres, p.truck_frozen_litres]),
            transit_life=np.array([np.inf, np.inf, p.transit_life_chilled_days, p.transit_life_frozen_days]),
            restock=np.array([0.0, r.restock_ambient, r.restock_cold, r.restock_cold]),
            trucks=hours(p.morning_truck_hour, p.afternoon_truck_hour),
            rounds=hours(p.morning_round_hour, p.evening_round_hour),
            waves=np.array(
                [p.front_wave_minutes * tpm, p.regional_wave_minutes * tpm, round(p.day_shift_hour * hour)],
                np.int64,
            ),
            day=MINUTES_PER_DAY * tpm,
            last_standard=round(p.late_shift_hour * hour),
        )
