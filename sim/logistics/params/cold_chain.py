"""Cold chain: temperatures on the way, how fast goods age, sensors and cold rooms."""

from __future__ import annotations

from sim.core.params import Params, lever, uncertainty


class ColdChainParams(Params):
    """Temperatures, ageing, sensors and cold rooms."""

    q10_chilled: float = uncertainty(2.5, "rate ratio per 10 K", "X22", ge=1, le=10, span=(2.0, 4.0))
    """spoilage of fresh food speeds up 2.5 times per 10 degrees"""

    q10_frozen: float = uncertainty(5.0, "rate ratio per 10 K", "A-650", ge=1, le=20, span=(3.0, 8.0))
    """frozen food loses quality faster per degree; days at -5 C count for months at -18 C"""

    outdoor_c: float = uncertainty(24.0, "degrees C", "A-651", ge=-30, le=50, span=(10, 34))
    """air that open doors and a broken cooling unit let in"""

    staging_chilled_c: float = uncertainty(10.0, "degrees C", "A-652", ge=-30, le=50, span=(6, 16))
    """packed chilled parcels waiting for a rider outside the cold room"""

    staging_frozen_c: float = uncertainty(-10.0, "degrees C", "A-653", ge=-40, le=50, span=(-15, -4))
    """packed frozen parcels with ice packs waiting for a rider"""

    truck_chilled_c: float = uncertainty(5.0, "degrees C", "A-654", ge=-30, le=50, span=(2, 8))
    """chilled compartment in use"""

    truck_frozen_c: float = uncertainty(-16.0, "degrees C", "A-655", ge=-40, le=50, span=(-20, -12))
    """frozen compartment in use"""

    door_minutes: float = uncertainty(2.0, "minutes/stop", "A-656", ge=0, le=60, span=(0.5, 5))
    """minutes at outdoor air per stop with the doors open"""

    community_chilled_c: float = lever(7.0, "degrees C", "A-657", ge=-30, le=50, span=(2, 10))
    """shared cabinet of the community warehouse, opened often; cooling is paid by the degree"""

    community_frozen_c: float = lever(-14.0, "degrees C", "A-658", ge=-40, le=50, span=(-20, -8))
    """chest freezer of the community warehouse; cooling is paid by the degree"""

    box_chilled_c: float = uncertainty(10.0, "degrees C", "A-659", ge=-30, le=50, span=(4, 14))
    """rider's box with ice packs; half an hour in it matters little; ice is paid by the degree"""

    box_frozen_c: float = uncertainty(-6.0, "degrees C", "A-660", ge=-40, le=50, span=(-12, -2))
    """rider's box with dry ice; half an hour in it matters little; ice is paid by the degree"""

    life_variation: float = uncertainty(
        0.6, "share of remaining life", "A-661", ge=0, le=0.99, span=(0.3, 0.8)
    )
    """items of one lot differ: remaining life is uniform within plus or minus this share"""

    damage_probability: float = uncertainty(
        0.004, "share of parcels", "A-662", ge=0, le=1, span=(0.001, 0.015)
    )
    """crushed or leaking on arrival, whatever the temperature"""

    sensors: bool = lever(False, "yes/no", "A-663")
    """sensors in cold parcels (F161): a fixed share less ageing outside cold rooms; nobody is warned"""

    sensor_catch_share: float = uncertainty(
        0.5, "share of the excursion", "A-664", ge=0, le=1, span=(0.2, 0.8)
    )
    """share of the excess ageing while waiting, in trucks and at doors that acting on them prevents"""

    transit_life_chilled_days: float = uncertainty(
        4.0, "days at 4 C", "A-832", ge=0.1, le=60, span=(2.5, 6.0)
    )
    """ageing on the way that customers bear before they reject chilled goods, however long these keep"""

    transit_life_frozen_days: float = uncertainty(
        6.0, "days at -18 C", "A-833", ge=0.1, le=200, span=(3.0, 12.0)
    )
    """1.2 days at -8 C, half a day for the worst of a lot: what softened is rejected before it is unsafe"""

    chilled_room_litres_per_1000: float = lever(
        10.0, "litres/1000 consumers/node", "A-665", ge=0, le=1_000_000, span=(2, 40)
    )
    """rented at a front warehouse, a few times its stock; the regional centre has three times as
    much as all of them"""

    frozen_room_litres_per_1000: float = lever(
        15.0, "litres/1000 consumers/node", "A-666", ge=0, le=1_000_000, span=(2, 60)
    )
    """rented at a front warehouse, a few times its stock; the regional centre has three times as
    much as all of them"""
