"""Unit costs of storing, handling, driving, riding and packing, in fen."""

from __future__ import annotations

from sim.core.params import Params, param


class CostParams(Params):
    """Unit costs of fulfilment."""

    storage_fen_ambient: float = param(
        0.3,
        unit="fen/litre/day",
        kind="uncertainty",
        source="A-667",
        ge=0,
        le=1000,
        span=(0.15, 0.6),
        why="city warehouse rent of about 1 CNY per square metre and day, stacked two metres high",
    )
    storage_fen_chilled: float = param(
        0.8,
        unit="fen/litre/day",
        kind="uncertainty",
        source="A-668",
        ge=0,
        le=1000,
        span=(0.4, 1.6),
        why="rent and cooling of a litre of chilled room, filled or not",
    )
    storage_fen_frozen: float = param(
        1.2,
        unit="fen/litre/day",
        kind="uncertainty",
        source="A-669",
        ge=0,
        le=1000,
        span=(0.6, 2.4),
        why="rent and cooling of a litre of frozen room, filled or not",
    )
    handling_fen: float = param(
        120.0,
        unit="fen/parcel",
        kind="uncertainty",
        source="A-670",
        ge=0,
        le=100_000,
        span=(60, 240),
        why="three minutes of a picker at 24 CNY/h",
    )
    walking_share: float = param(
        0.5,
        unit="share of handling",
        kind="uncertainty",
        source="Tompkins et al. 2003: travel is half of an order picker's time; A-901",
        ge=0,
        le=1,
        span=(0.3, 0.6),
        why="walking to the shelves; a wave's walk grows with the square root of what it collects, so waves "
        "half as long cost 41% more walking a parcel",
    )
    usual_front_wave: float = param(
        5.0,
        unit="minutes",
        kind="constant",
        source="A-902; the default front_wave_minutes",
        ge=1,
        le=720,
        why="wave of a front warehouse at which handling costs handling_fen",
    )
    usual_regional_wave: float = param(
        30.0,
        unit="minutes",
        kind="constant",
        source="A-903; the default regional_wave_minutes",
        ge=1,
        le=720,
        why="wave of the regional centre at which handling costs handling_fen",
    )
    truck_fen_per_km: float = param(
        185.0,
        unit="fen/km",
        kind="uncertainty",
        source="A-671",
        ge=0,
        le=100_000,
        span=(120, 350),
        why="driver, charging and the van itself, per km; a small market pays for its share of the van",
    )
    truck_space_fen: float = param(
        0.016,
        unit="fen/km/litre",
        kind="uncertainty",
        source="A-834",
        ge=0,
        le=1,
        span=(0.005, 0.03),
        why="a 4.2 m van of 13,500 litres costs about twice as much per km as a minivan of 950",
    )
    rider_fen_per_hour: float = param(
        2_600.0,
        unit="fen/hour",
        kind="uncertainty",
        source="A-672",
        ge=0,
        le=100_000,
        span=(1800, 4000),
        why="city courier's wage and insurance; shifts are paid whether used or not",
    )
    idle_resale_share: float = param(
        0.0,
        unit="share of idle rider time",
        kind="lever",
        source="A-673",
        ge=0,
        le=1,
        span=(0.0, 0.8),
        why="shared front warehouses (F160): idle riders serve partners, who pay for it, and must come back",
    )
    idle_resale_price: float = param(
        0.6,
        unit="share of the wage",
        kind="uncertainty",
        source="A-835",
        ge=0,
        le=1,
        span=(0.4, 0.8),
        why="what partners pay for the first idle hour; spot work pays less than the wage",
    )
    idle_resale_fall: float = param(
        0.5,
        unit="share of the price",
        kind="uncertainty",
        source="A-836",
        ge=0,
        le=1,
        span=(0.3, 0.8),
        why="how far the price falls when all idle time is offered: partners need riders at the same hours",
    )
    idle_recall_minutes: float = param(
        10.0,
        unit="minutes",
        kind="uncertainty",
        source="A-837",
        ge=0,
        le=120,
        span=(5, 20),
        why="half a partner's job: what a round waits for its rider if all idle time is sold",
    )
    packaging_fen_ambient: float = param(
        80.0,
        unit="fen/parcel",
        kind="uncertainty",
        source="A-674",
        ge=0,
        le=100_000,
        span=(40, 160),
        why="carton or bag and label",
    )
    packaging_fen_cold: float = param(
        60.0,
        unit="fen/parcel",
        kind="uncertainty",
        source="A-675",
        ge=0,
        le=100_000,
        span=(30, 150),
        why="insulated bag, without ice",
    )
    ice_fen_per_degree: float = param(
        7.0,
        unit="fen/parcel/K",
        kind="uncertainty",
        source="A-838",
        ge=0,
        le=100,
        span=(3, 12),
        why="ice packs for a box 14 degrees below the air cost about 1 CNY, dry ice for 30 degrees about 2",
    )
    cabinet_fen_per_degree: float = param(
        1.0,
        unit="fen/1000 consumers/day/K",
        kind="uncertainty",
        source="A-839",
        ge=0,
        le=100,
        span=(0.3, 3),
        why="share of a community warehouse's cabinet, each of chilled and frozen, by degrees below the air",
    )
    sensor_fen: float = param(
        15.0,
        unit="fen/cold parcel",
        kind="uncertainty",
        source="A-676",
        ge=0,
        le=100_000,
        span=(5, 50),
        why="reusable logger and its data",
    )
