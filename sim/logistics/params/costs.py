"""Unit costs of storing, handling, driving, riding and packing, in fen."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty


class CostParams(Params):
    """Unit costs of fulfilment."""

    storage_fen_ambient: float = uncertainty(0.3, "fen/litre/day", "A-667", ge=0, le=1000, span=(0.15, 0.6))
    """city warehouse rent of about 1 CNY per square metre and day, two metres high on a sixth of the floor"""

    storage_fen_chilled: float = uncertainty(0.8, "fen/litre/day", "A-668", ge=0, le=1000, span=(0.4, 1.6))
    """rent and cooling of a litre of chilled room, filled or not"""

    storage_fen_frozen: float = uncertainty(1.2, "fen/litre/day", "A-669", ge=0, le=1000, span=(0.6, 2.4))
    """rent and cooling of a litre of frozen room, filled or not"""

    handling_fen: float = uncertainty(120.0, "fen/parcel", "A-670", ge=0, le=100_000, span=(60, 240))
    """three minutes of a picker at 24 CNY/h"""

    walking_share: float = uncertainty(
        0.5,
        "share of handling",
        "Tompkins et al. 2003: travel is half of an order picker's time; A-901",
        ge=0,
        le=1,
        span=(0.3, 0.6),
    )
    """walking to the shelves; a wave's walk grows with the square root of what it collects, so waves half as
    long cost 41% more walking a parcel"""

    usual_front_wave: float = constant(5.0, "minutes", "A-902; the default front_wave_minutes", ge=1, le=720)
    """wave of a front warehouse at which handling costs handling_fen"""

    usual_regional_wave: float = constant(
        30.0, "minutes", "A-903; the default regional_wave_minutes", ge=1, le=720
    )
    """wave of the regional centre at which handling costs handling_fen"""

    truck_fen_per_km: float = uncertainty(185.0, "fen/km", "A-671", ge=0, le=100_000, span=(120, 350))
    """driver, charging and the van itself, per km; a small market pays for its share of the van"""

    truck_space_fen: float = uncertainty(0.016, "fen/km/litre", "A-834", ge=0, le=1, span=(0.005, 0.03))
    """a 4.2 m van of 13,500 litres costs about twice as much per km as a minivan of 950"""

    rider_fen_per_hour: float = uncertainty(2_600.0, "fen/hour", "A-672", ge=0, le=100_000, span=(1800, 4000))
    """city courier's wage and insurance; shifts are paid whether used or not"""

    idle_resale_share: float = lever(0.0, "share of idle rider time", "A-673", ge=0, le=1, span=(0.0, 0.8))
    """shared front warehouses (F160): each idle rider serves partners for this share of the time; a round
    waits where all of them are away, and who is just back, or begins a shift, has not been sold yet"""

    idle_resale_price: float = uncertainty(0.6, "share of the wage", "A-835", ge=0, le=1, span=(0.4, 0.8))
    """what partners pay for the first idle hour; spot work pays less than the wage"""

    idle_resale_fall: float = uncertainty(0.5, "share of the price", "A-836", ge=0, le=1, span=(0.3, 0.8))
    """how far the price falls when all idle time is offered: partners need riders at the same hours"""

    idle_recall_minutes: float = uncertainty(10.0, "minutes", "A-837", ge=0, le=120, span=(5, 20))
    """half a partner's job: what a round waits for its rider where all who are idle are away"""

    packaging_fen_ambient: float = uncertainty(80.0, "fen/parcel", "A-674", ge=0, le=100_000, span=(40, 160))
    """carton or bag and label"""

    packaging_fen_cold: float = uncertainty(60.0, "fen/parcel", "A-675", ge=0, le=100_000, span=(30, 150))
    """insulated bag, without ice"""

    ice_fen_per_degree: float = uncertainty(7.0, "fen/parcel/K", "A-838", ge=0, le=100, span=(3, 12))
    """ice packs for a box 14 degrees below the air cost about 1 CNY, dry ice for 30 degrees about 2"""

    cabinet_fen_per_degree: float = uncertainty(
        1.0, "fen/1000 consumers/day/K", "A-839", ge=0, le=100, span=(0.3, 3)
    )
    """share of a community warehouse's cabinet, each of chilled and frozen, by degrees below the air"""

    sensor_fen: float = uncertainty(15.0, "fen/cold parcel", "A-676", ge=0, le=100_000, span=(5, 50))
    """reusable logger and its data"""
