"""Cold chain: temperatures on the way, how fast goods age, sensors and cold rooms."""

from __future__ import annotations

from sim.core.params import Params, param


class ColdChainParams(Params):
    """Temperatures, ageing, sensors and cold rooms."""

    q10_chilled: float = param(
        2.5,
        unit="rate ratio per 10 K",
        kind="uncertainty",
        source="X22",
        ge=1,
        le=10,
        span=(2.0, 4.0),
        why="spoilage of fresh food speeds up 2.5 times per 10 degrees",
    )
    q10_frozen: float = param(
        5.0,
        unit="rate ratio per 10 K",
        kind="uncertainty",
        source="A-650",
        ge=1,
        le=20,
        span=(3.0, 8.0),
        why="frozen food loses quality faster per degree; days at -5 C count for months at -18 C",
    )
    outdoor_c: float = param(
        24.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-651",
        ge=-30,
        le=50,
        span=(10, 34),
        why="air that open doors and a broken cooling unit let in",
    )
    staging_chilled_c: float = param(
        10.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-652",
        ge=-30,
        le=50,
        span=(6, 16),
        why="packed chilled parcels waiting for a rider outside the cold room",
    )
    staging_frozen_c: float = param(
        -10.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-653",
        ge=-40,
        le=50,
        span=(-15, -4),
        why="packed frozen parcels with ice packs waiting for a rider",
    )
    truck_chilled_c: float = param(
        5.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-654",
        ge=-30,
        le=50,
        span=(2, 8),
        why="chilled compartment in use",
    )
    truck_frozen_c: float = param(
        -16.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-655",
        ge=-40,
        le=50,
        span=(-20, -12),
        why="frozen compartment in use",
    )
    door_minutes: float = param(
        2.0,
        unit="minutes/stop",
        kind="uncertainty",
        source="A-656",
        ge=0,
        le=60,
        span=(0.5, 5),
        why="minutes at outdoor air per stop with the doors open",
    )
    community_chilled_c: float = param(
        7.0,
        unit="degrees C",
        kind="lever",
        source="A-657",
        ge=-30,
        le=50,
        span=(2, 10),
        why="shared cabinet of the community warehouse, opened often; cooling is paid by the degree",
    )
    community_frozen_c: float = param(
        -14.0,
        unit="degrees C",
        kind="lever",
        source="A-658",
        ge=-40,
        le=50,
        span=(-20, -8),
        why="chest freezer of the community warehouse; cooling is paid by the degree",
    )
    box_chilled_c: float = param(
        10.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-659",
        ge=-30,
        le=50,
        span=(4, 14),
        why="rider's box with ice packs; half an hour in it matters little; ice is paid by the degree",
    )
    box_frozen_c: float = param(
        -6.0,
        unit="degrees C",
        kind="uncertainty",
        source="A-660",
        ge=-40,
        le=50,
        span=(-12, -2),
        why="rider's box with dry ice; half an hour in it matters little; ice is paid by the degree",
    )
    life_variation: float = param(
        0.6,
        unit="share of remaining life",
        kind="uncertainty",
        source="A-661",
        ge=0,
        le=0.99,
        span=(0.3, 0.8),
        why="items of one lot differ: remaining life is uniform within plus or minus this share",
    )
    damage_probability: float = param(
        0.004,
        unit="share of parcels",
        kind="uncertainty",
        source="A-662",
        ge=0,
        le=1,
        span=(0.001, 0.015),
        why="crushed or leaking on arrival, whatever the temperature",
    )
    sensors: bool = param(
        False,
        unit="yes/no",
        kind="lever",
        source="A-663",
        why="sensors in cold parcels (F161): a fixed share less ageing outside cold rooms; nobody is warned",
    )
    sensor_catch_share: float = param(
        0.5,
        unit="share of the excursion",
        kind="uncertainty",
        source="A-664",
        ge=0,
        le=1,
        span=(0.2, 0.8),
        why="share of the excess ageing while waiting, in trucks and at doors that acting on them prevents",
    )
    transit_life_chilled_days: float = param(
        4.0,
        unit="days at 4 C",
        kind="uncertainty",
        source="A-832",
        ge=0.1,
        le=60,
        span=(2.5, 6.0),
        why="ageing on the way that customers bear before they reject chilled goods, however long these keep",
    )
    transit_life_frozen_days: float = param(
        6.0,
        unit="days at -18 C",
        kind="uncertainty",
        source="A-833",
        ge=0.1,
        le=200,
        span=(3.0, 12.0),
        why="half a day at -8 C: softened and frozen again is rejected long before it is unsafe",
    )
    chilled_room_litres_per_1000: float = param(
        10.0,
        unit="litres/1000 consumers/node",
        kind="lever",
        source="A-665",
        ge=0,
        le=1_000_000,
        span=(2, 40),
        why="rented at a front warehouse, a few times its stock; the regional centre has three times as much",
    )
    frozen_room_litres_per_1000: float = param(
        15.0,
        unit="litres/1000 consumers/node",
        kind="lever",
        source="A-666",
        ge=0,
        le=1_000_000,
        span=(2, 60),
        why="rented at a front warehouse, a few times its stock; the regional centre has three times as much",
    )
