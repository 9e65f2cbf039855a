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
        why="rent and cooling to 4 C",
    )
    storage_fen_frozen: float = param(
        1.2,
        unit="fen/litre/day",
        kind="uncertainty",
        source="A-669",
        ge=0,
        le=1000,
        span=(0.6, 2.4),
        why="rent and cooling to -18 C",
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
    truck_fen_per_km: float = param(
        200.0,
        unit="fen/km",
        kind="uncertainty",
        source="A-671",
        ge=0,
        le=100_000,
        span=(120, 350),
        why="van, driver and charging, per km",
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
        why="shared front warehouses (F160): idle riders serve partners, who pay their wage",
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
        200.0,
        unit="fen/parcel",
        kind="uncertainty",
        source="A-675",
        ge=0,
        le=100_000,
        span=(100, 500),
        why="insulated bag and ice packs",
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
