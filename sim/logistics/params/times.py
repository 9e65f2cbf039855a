"""Times: how long picking, riding, driving and sorting take, and what delays them."""

from __future__ import annotations

from sim.core.params import Params, param


class TimeParams(Params):
    """Durations, speeds, timetables, vehicle sizes, weather and absences."""

    front_wave_minutes: int = param(
        5,
        unit="minutes",
        kind="lever",
        source="A-627",
        ge=1,
        le=120,
        span=(2, 20),
        why="instant orders are released to pickers every few minutes",
    )
    regional_wave_minutes: int = param(
        30,
        unit="minutes",
        kind="lever",
        source="A-628",
        ge=1,
        le=720,
        span=(15, 120),
        why="the regional centre batches orders by the half hour to shorten walking",
    )
    pick_minutes: float = param(
        3.0,
        unit="minutes/parcel",
        kind="uncertainty",
        source="A-629",
        ge=0.05,
        le=120,
        span=(1.5, 6.0),
        why="mean time to pick and pack one order",
    )
    rider_speed_kmh: float = param(
        18.0,
        unit="km/h",
        kind="uncertainty",
        source="A-630",
        ge=1,
        le=80,
        span=(12, 25),
        why="electric scooter in city traffic, lights and gates included",
    )
    drop_minutes: float = param(
        4.0,
        unit="minutes/drop",
        kind="uncertainty",
        source="A-631",
        ge=0.1,
        le=60,
        span=(2.5, 7.0),
        why="park, climb, ring, hand over",
    )
    leg_minutes: float = param(
        2.0,
        unit="minutes",
        kind="uncertainty",
        source="A-632",
        ge=0,
        le=60,
        span=(1.0, 4.0),
        why="ride between neighbouring doors of one round",
    )
    instant_round_drops: int = param(
        3,
        unit="drops/round",
        kind="lever",
        source="A-633",
        ge=1,
        le=30,
        span=(1, 6),
        why="more would make the last instant customer wait",
    )
    standard_round_drops: int = param(
        4,
        unit="drops/round",
        kind="lever",
        source="A-634",
        ge=1,
        le=200,
        span=(2, 12),
        why="what a scooter box carries; short rounds keep riders available for instant orders",
    )
    morning_truck_hour: float = param(
        4.0,
        unit="hour of day",
        kind="lever",
        source="A-635",
        ge=0,
        le=11,
        span=(2.0, 7.0),
        why="leaves after the night's picking and reaches the community warehouses before the first round",
    )
    afternoon_truck_hour: float = param(
        14.0,
        unit="hour of day",
        kind="lever",
        source="A-636",
        ge=11,
        le=23.99,
        span=(12.0, 16.0),
        why="carries the morning's orders in time for the evening rounds",
    )
    truck_speed_kmh: float = param(
        35.0,
        unit="km/h",
        kind="uncertainty",
        source="A-637",
        ge=5,
        le=120,
        span=(25, 50),
        why="urban van with ring-road stretches",
    )
    stop_minutes: float = param(
        8.0,
        unit="minutes/stop",
        kind="uncertainty",
        source="A-638",
        ge=0.1,
        le=120,
        span=(4, 15),
        why="back up, open the doors, hand over cages",
    )
    sort_minutes: float = param(
        0.3,
        unit="minutes/parcel",
        kind="uncertainty",
        source="A-639",
        ge=0.01,
        le=30,
        span=(0.1, 1.0),
        why="scan and shelve one parcel at the community warehouse",
    )
    morning_round_hour: float = param(
        8.5,
        unit="hour of day",
        kind="lever",
        source="A-640",
        ge=5,
        le=13,
        span=(7.0, 10.0),
        why="first release of next-day rounds",
    )
    evening_round_hour: float = param(
        16.5,
        unit="hour of day",
        kind="lever",
        source="A-641",
        ge=13,
        le=21,
        span=(15.0, 19.0),
        why="second release, when people come home",
    )
    truck_ambient_litres: float = param(
        600.0,
        unit="litres",
        kind="lever",
        source="A-642",
        ge=0,
        le=100_000,
        span=(30, 2000),
        why="ambient space rented on a van per full district, several times a usual trip; bigger costs more",
    )
    truck_chilled_litres: float = param(
        200.0,
        unit="litres",
        kind="lever",
        source="A-643",
        ge=0,
        le=100_000,
        span=(10, 600),
        why="chilled space on the same van",
    )
    truck_frozen_litres: float = param(
        150.0,
        unit="litres",
        kind="lever",
        source="A-644",
        ge=0,
        le=100_000,
        span=(10, 400),
        why="frozen space on the same van",
    )
    truck_delay_probability: float = param(
        0.03,
        unit="share of trips",
        kind="uncertainty",
        source="A-645",
        ge=0,
        le=1,
        span=(0.01, 0.1),
        why="breakdown, accident or closed road on the trunk",
    )
    truck_delay_minutes: float = param(
        60.0,
        unit="minutes",
        kind="uncertainty",
        source="A-646",
        ge=0,
        le=300,
        span=(20, 120),
        why="mean length of such a delay (at most five times as long); cooling fails meanwhile",
    )
    bad_weather_probability: float = param(
        0.12,
        unit="share of days",
        kind="uncertainty",
        source="A-647",
        ge=0,
        le=1,
        span=(0.05, 0.25),
        why="days of heavy rain, snow or heat; about 45 a year in a southern city",
    )
    bad_weather_slowdown: float = param(
        1.3,
        unit="ratio of riding time",
        kind="uncertainty",
        source="A-648",
        ge=1,
        le=5,
        span=(1.1, 1.8),
        why="riders slow down by about a quarter on such days",
    )
    absent_probability: float = param(
        0.04,
        unit="share of next-day drops",
        kind="uncertainty",
        source="A-649",
        ge=0,
        le=1,
        span=(0.01, 0.15),
        why="nobody in and no locker free; the second attempt ends at a neighbour or the locker",
    )
