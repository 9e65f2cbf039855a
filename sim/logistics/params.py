"""What can be set about fulfilment: the network, its capacity, its promises and its costs.

Three sections of the configuration: ``logistics`` (network, flow, cold chain, costs),
``returns`` (what happens to goods that come back) and ``supply`` (how stock is ordered).
Capacity is declared as a ratio to a design demand, so that one lever means the same in a
market of five thousand consumers and in one of a million.
"""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param


class LogisticsParams(Params):
    """Network, flow, promises, cold chain and unit costs of fulfilment in one region."""

    enabled: bool = param(
        True,
        unit="switch",
        kind="constant",
        source="definition",
        why="off: every order is handed over exactly when promised, at no cost",
    )

    # --- the network -------------------------------------------------------------------------
    consumers_per_front: int = param(
        20_000, unit="consumers/front warehouse", kind="constant", source="A-600", ge=100,
        why="one front warehouse serves a dense urban district; about 70 instant orders a day keep it busy",
    )
    consumers_per_zone: int = param(
        2_500, unit="consumers/community warehouse", kind="constant", source="A-601", ge=50,
        why="a housing estate of about a thousand households shares one community warehouse",
    )
    min_zones: int = param(
        4, unit="community warehouses", kind="constant", source="A-602", ge=1, le=64,
        why="small markets still have near and far zones, or no distance effect could show",
    )
    area_radius_km: float = param(
        6.0, unit="km", kind="constant", source="A-603", gt=0, le=50,
        why="district radius; at 6 km about 70% of the area lies within the 5 km instant radius",
    )
    front_radius_km: float = param(
        5.0, unit="km", kind="lever", source="F162", ge=0, le=50,
        why="a zone within this distance of its front warehouse can be offered instant classes",
    )
    thirty_minute_radius_km: float = param(
        0.0, unit="km", kind="lever", source="A-604", ge=0, le=50,
        why="zones this near are offered the 30-minute class instead of the 1-hour class; off by default",
    )
    trunk_km: float = param(
        20.0, unit="km", kind="constant", source="A-605", gt=0, le=500,
        why="regional centre at the city's edge to the first community warehouse",
    )
    branch_km: float = param(
        3.0, unit="km/stop", kind="constant", source="A-606", ge=0, le=100,
        why="between neighbouring community warehouses of one district",
    )
    local_km: float = param(
        0.8, unit="km", kind="constant", source="A-607", gt=0, le=20,
        why="community warehouse to the first door of a round",
    )
    ticks_per_minute: int = param(
        60, unit="ticks/minute", kind="constant", source="A-608", ge=1, le=6000,
        why="logistics runs on integer seconds: whole minutes make ties common and waits too short",
    )

    # --- capacity ----------------------------------------------------------------------------
    design_orders_per_1000_consumers: float = param(
        3.1, unit="orders/1000 consumers/day", kind="uncertainty", source="A-609", gt=0, le=500,
        why="physical orders the network is built for, the baseline's own level: 62 a day at 20,000 consumers",
    )
    capacity_ratio: float = param(
        1.2, unit="ratio to design orders", kind="lever", source="A-610", ge=0.05, le=10,
        why="drops a day that riders can do over design orders; 1.1-1.3 is where markets feel the load",
    )
    pick_margin: float = param(
        1.5, unit="ratio to capacity", kind="uncertainty", source="A-611", ge=0.2, le=10,
        why="pick teams are cheaper than riders, so they are sized not to be the bottleneck",
    )
    instant_guard_share: float = param(
        0.1, unit="share of riders on shift", kind="lever", source="A-612", ge=0, le=1,
        why="riders that standard rounds may not take, so that an instant order finds one free",
    )
    day_shift_hour: float = param(
        7.0, unit="hour of day", kind="constant", source="A-613", ge=4, le=12,
        why="front warehouses open and the day shift starts; earlier orders wait for it",
    )
    evening_shift_hour: float = param(
        14.0, unit="hour of day", kind="constant", source="A-614", ge=12, le=20,
        why="the evening shift takes over before the evening peak",
    )
    evening_end_hour: float = param(
        24.75, unit="hour of day", kind="constant", source="A-615", ge=20, le=27,
        why="last instant orders are taken before midnight and ridden out after it",
    )
    late_shift_hour: float = param(
        21.5, unit="hour of day", kind="constant", source="A-616", ge=20, le=24,
        why="from here on a few riders serve instant orders only: nobody opens for a next-day parcel at night",
    )
    evening_share: float = param(
        0.5, unit="share of rider minutes", kind="uncertainty", source="A-617", gt=0, lt=0.9,
        why="next-day rounds after work and the instant evening peak fall into the evening shift",
    )
    late_share: float = param(
        0.1, unit="share of rider minutes", kind="uncertainty", source="A-693", gt=0, lt=0.5,
        why="about an eighth of instant orders, no next-day rounds",
    )

    # --- what is promised --------------------------------------------------------------------
    near_class_ambient: int = param(
        3, unit="service class 0..4", kind="lever", source="A-618", ge=0, le=4,
        why="ambient goods within the front radius: next day from the regional centre",
    )
    near_class_chilled: int = param(
        1, unit="service class 0..4", kind="lever", source="A-619", ge=0, le=4,
        why="chilled goods within the front radius: one hour, as F163 describes instant retail",
    )
    near_class_frozen: int = param(
        1, unit="service class 0..4", kind="lever", source="A-620", ge=0, le=4,
        why="frozen goods within the front radius: one hour, before the box warms up",
    )
    far_class_ambient: int = param(
        3, unit="service class 0..4", kind="lever", source="A-621", ge=3, le=4,
        why="ambient goods beyond the front radius: next day",
    )
    far_class_chilled: int = param(
        3, unit="service class 0..4", kind="lever", source="A-622", ge=3, le=4,
        why="chilled goods beyond the front radius: next day, the longest that most of them bear",
    )
    far_class_frozen: int = param(
        3, unit="service class 0..4", kind="lever", source="A-623", ge=3, le=4,
        why="frozen goods beyond the front radius: next day in the frozen compartment",
    )
    thirty_minute_hours: float = param(
        0.5, unit="hours", kind="constant", source="F027", gt=0, le=24, why="class 0: 'as fast as 30 minutes'",
    )
    one_hour_hours: float = param(
        1.0, unit="hours", kind="constant", source="F163", gt=0, le=24, why="class 1: instant retail",
    )
    two_hour_hours: float = param(
        2.0, unit="hours", kind="constant", source="F159", gt=0, le=48,
        why="class 2: three-level network, as for medicines",
    )
    next_day_hours: float = param(
        24.0, unit="hours", kind="constant", source="F169", gt=0, le=96, why="class 3: next-day delivery",
    )
    three_day_hours: float = param(
        72.0, unit="hours", kind="constant", source="F029", gt=0, le=240,
        why="class 4: the cycle of traditional e-commerce",
    )
    quote_rule: Literal["queue", "fixed"] = param(
        "queue", unit="rule", kind="lever", source="A-624",
        why="'queue' promises what the present queues allow, 'fixed' always promises the class",
    )
    quote_safety: float = param(
        1.25, unit="ratio to the estimate", kind="lever", source="A-625", ge=0.1, le=5,
        why="a promise is longer than the expected time, or half of all parcels would be late",
    )
    quote_cap_ratio: float = param(
        2.0, unit="ratio to the class promise", kind="lever", source="A-626", ge=1, le=20,
        why="nobody publishes a promise of a week for a next-day service; beyond it parcels are simply late",
    )

    # --- how long things take ----------------------------------------------------------------
    front_wave_minutes: int = param(
        5, unit="minutes", kind="lever", source="A-627", ge=1, le=120,
        why="instant orders are released to pickers every few minutes",
    )
    regional_wave_minutes: int = param(
        30, unit="minutes", kind="lever", source="A-628", ge=1, le=720,
        why="the regional centre batches orders by the half hour to shorten walking",
    )
    pick_minutes: float = param(
        3.0, unit="minutes/parcel", kind="uncertainty", source="A-629", gt=0, le=120,
        why="mean time to pick and pack one order",
    )
    rider_speed_kmh: float = param(
        18.0, unit="km/h", kind="uncertainty", source="A-630", gt=0, le=80,
        why="electric scooter in city traffic, lights and gates included",
    )
    drop_minutes: float = param(
        4.0, unit="minutes/drop", kind="uncertainty", source="A-631", gt=0, le=60,
        why="park, climb, ring, hand over",
    )
    leg_minutes: float = param(
        2.0, unit="minutes", kind="uncertainty", source="A-632", ge=0, le=60,
        why="ride between neighbouring doors of one round",
    )
    instant_round_drops: int = param(
        3, unit="drops/round", kind="lever", source="A-633", ge=1, le=30,
        why="more would make the last instant customer wait",
    )
    standard_round_drops: int = param(
        4, unit="drops/round", kind="lever", source="A-634", ge=1, le=200,
        why="what a scooter box carries; short rounds keep riders available for instant orders",
    )
    morning_truck_hour: float = param(
        4.0, unit="hour of day", kind="lever", source="A-635", ge=0, le=11,
        why="leaves after the night's picking and reaches the community warehouses before the first round",
    )
    afternoon_truck_hour: float = param(
        14.0, unit="hour of day", kind="lever", source="A-636", ge=11, lt=24,
        why="carries the morning's orders in time for the evening rounds",
    )
    truck_speed_kmh: float = param(
        35.0, unit="km/h", kind="uncertainty", source="A-637", gt=0, le=120,
        why="urban van with ring-road stretches",
    )
    stop_minutes: float = param(
        8.0, unit="minutes/stop", kind="uncertainty", source="A-638", gt=0, le=120,
        why="back up, open the doors, hand over cages",
    )
    sort_minutes: float = param(
        0.3, unit="minutes/parcel", kind="uncertainty", source="A-639", gt=0, le=30,
        why="scan and shelve one parcel at the community warehouse",
    )
    morning_round_hour: float = param(
        8.5, unit="hour of day", kind="lever", source="A-640", ge=5, le=13,
        why="first release of next-day rounds",
    )
    evening_round_hour: float = param(
        16.5, unit="hour of day", kind="lever", source="A-641", ge=13, le=21,
        why="second release, when people come home",
    )
    truck_ambient_litres: float = param(
        9_000.0, unit="litres", kind="lever", source="A-642", ge=0, why="ambient compartment of a 4.2 m van",
    )
    truck_chilled_litres: float = param(
        3_000.0, unit="litres", kind="lever", source="A-643", ge=0, why="chilled compartment of the same van",
    )
    truck_frozen_litres: float = param(
        1_500.0, unit="litres", kind="lever", source="A-644", ge=0, why="frozen compartment of the same van",
    )
    truck_delay_probability: float = param(
        0.03, unit="share of trips", kind="uncertainty", source="A-645", ge=0, le=1,
        why="breakdown, accident or closed road on the trunk",
    )
    truck_delay_minutes: float = param(
        60.0, unit="minutes", kind="uncertainty", source="A-646", ge=0, le=300,
        why="mean length of such a delay (at most five times as long); cooling fails meanwhile",
    )
    bad_weather_probability: float = param(
        0.12, unit="share of days", kind="uncertainty", source="A-647", ge=0, le=1,
        why="days of heavy rain, snow or heat; about 45 a year in a southern city",
    )
    bad_weather_slowdown: float = param(
        1.3, unit="ratio of riding time", kind="uncertainty", source="A-648", ge=1, le=5,
        why="riders slow down by about a quarter on such days",
    )
    absent_probability: float = param(
        0.04, unit="share of next-day drops", kind="uncertainty", source="A-649", ge=0, le=1,
        why="nobody in and no locker free; the second attempt ends at a neighbour or the locker",
    )

    # --- cold chain --------------------------------------------------------------------------
    q10_chilled: float = param(
        2.5, unit="rate ratio per 10 K", kind="uncertainty", source="X22", ge=1, le=10,
        why="spoilage of fresh food speeds up 2.5 times per 10 degrees",
    )
    q10_frozen: float = param(
        5.0, unit="rate ratio per 10 K", kind="uncertainty", source="A-650", ge=1, le=20,
        why="frozen food loses quality faster per degree; days at -5 C count for months at -18 C",
    )
    outdoor_c: float = param(
        24.0, unit="degrees C", kind="uncertainty", source="A-651", ge=-30, le=50,
        why="air that open doors and a broken cooling unit let in",
    )
    staging_chilled_c: float = param(
        10.0, unit="degrees C", kind="uncertainty", source="A-652", ge=-30, le=50,
        why="packed chilled parcels waiting for a rider outside the cold room",
    )
    staging_frozen_c: float = param(
        -10.0, unit="degrees C", kind="uncertainty", source="A-653", ge=-40, le=50,
        why="packed frozen parcels with ice packs waiting for a rider",
    )
    truck_chilled_c: float = param(
        5.0, unit="degrees C", kind="uncertainty", source="A-654", ge=-30, le=50, why="chilled compartment in use",
    )
    truck_frozen_c: float = param(
        -16.0, unit="degrees C", kind="uncertainty", source="A-655", ge=-40, le=50, why="frozen compartment in use",
    )
    door_minutes: float = param(
        2.0, unit="minutes/stop", kind="uncertainty", source="A-656", ge=0, le=60,
        why="minutes at outdoor air per stop with the doors open",
    )
    community_chilled_c: float = param(
        7.0, unit="degrees C", kind="lever", source="A-657", ge=-30, le=50,
        why="shared cabinet of the community warehouse, opened often",
    )
    community_frozen_c: float = param(
        -14.0, unit="degrees C", kind="lever", source="A-658", ge=-40, le=50,
        why="chest freezer of the community warehouse",
    )
    box_chilled_c: float = param(
        10.0, unit="degrees C", kind="lever", source="A-659", ge=-30, le=50, why="rider's box with ice packs",
    )
    box_frozen_c: float = param(
        -6.0, unit="degrees C", kind="lever", source="A-660", ge=-40, le=50, why="rider's box with dry ice",
    )
    life_variation: float = param(
        0.6, unit="share of remaining life", kind="uncertainty", source="A-661", ge=0, lt=1,
        why="items of one lot differ: remaining life is uniform within plus or minus this share",
    )
    damage_probability: float = param(
        0.004, unit="share of parcels", kind="uncertainty", source="A-662", ge=0, le=1,
        why="crushed or leaking on arrival, whatever the temperature",
    )
    sensors: bool = param(
        False, unit="yes/no", kind="lever", source="A-663",
        why="temperature sensors with warning (smart cold chain, F161): part of each excursion is caught",
    )
    sensor_catch_share: float = param(
        0.5, unit="share of the excursion", kind="uncertainty", source="A-664", ge=0, le=1,
        why="share of the excess ageing while waiting, in trucks and at doors that a warning prevents",
    )
    chilled_room_litres_per_1000: float = param(
        1_500.0, unit="litres/1000 consumers/node", kind="lever", source="A-665", ge=0,
        why="chilled room of a front warehouse (the regional centre has three times as much)",
    )
    frozen_room_litres_per_1000: float = param(
        800.0, unit="litres/1000 consumers/node", kind="lever", source="A-666", ge=0,
        why="frozen room of a front warehouse (the regional centre has three times as much)",
    )

    # --- costs -------------------------------------------------------------------------------
    storage_fen_ambient: float = param(
        0.3, unit="fen/litre/day", kind="uncertainty", source="A-667", ge=0,
        why="city warehouse rent of about 1 CNY per square metre and day, stacked two metres high",
    )
    storage_fen_chilled: float = param(
        0.8, unit="fen/litre/day", kind="uncertainty", source="A-668", ge=0, why="rent and cooling to 4 C",
    )
    storage_fen_frozen: float = param(
        1.2, unit="fen/litre/day", kind="uncertainty", source="A-669", ge=0, why="rent and cooling to -18 C",
    )
    handling_fen: float = param(
        120.0, unit="fen/parcel", kind="uncertainty", source="A-670", ge=0,
        why="three minutes of a picker at 24 CNY/h",
    )
    truck_fen_per_km: float = param(
        200.0, unit="fen/km", kind="uncertainty", source="A-671", ge=0, why="van, driver and charging, per km",
    )
    rider_fen_per_hour: float = param(
        2_600.0, unit="fen/hour", kind="uncertainty", source="A-672", ge=0,
        why="city courier's wage and insurance; shifts are paid whether used or not",
    )
    idle_resale_share: float = param(
        0.0, unit="share of idle rider time", kind="lever", source="A-673", ge=0, le=1,
        why="shared front warehouses (F160): idle riders serve partners, who pay their wage",
    )
    packaging_fen_ambient: float = param(
        80.0, unit="fen/parcel", kind="uncertainty", source="A-674", ge=0, why="carton or bag and label",
    )
    packaging_fen_cold: float = param(
        200.0, unit="fen/parcel", kind="uncertainty", source="A-675", ge=0, why="insulated bag and ice packs",
    )
    sensor_fen: float = param(
        15.0, unit="fen/cold parcel", kind="uncertainty", source="A-676", ge=0, why="reusable logger and its data",
    )

    def zones(self, n_consumers: int) -> int:
        """Number of community warehouse zones in a market of ``n_consumers``."""
        return max(self.min_zones, -(-n_consumers // self.consumers_per_zone), self.fronts(n_consumers))

    def fronts(self, n_consumers: int) -> int:
        """Number of front warehouses (and rider districts) in a market of ``n_consumers``."""
        return max(1, -(-n_consumers // self.consumers_per_front))


class ReturnsParams(Params):
    """What happens between a return request and the shelf; who returns is decided elsewhere."""

    reverse_hours: float = param(
        10.0, unit="hours", kind="uncertainty", source="A-677", gt=0, le=240,
        why="collected parcel back to the regional centre on the returning truck",
    )
    inspect_minutes: float = param(
        4.0, unit="minutes/parcel", kind="uncertainty", source="A-678", gt=0, le=240,
        why="open, check, photograph, decide",
    )
    inspectors_per_1000_orders: float = param(
        2.0, unit="inspectors/1000 design orders", kind="lever", source="A-679", gt=0, le=100,
        why="one inspector handles about 300 parcels a day around the clock; at least one",
    )
    restock_ambient: float = param(
        0.75, unit="share", kind="uncertainty", source="A-680", ge=0, le=1,
        why="unopened or as new; the rest is scrapped or sold off outside the model",
    )
    restock_cold: float = param(
        0.0, unit="share", kind="uncertainty", source="A-681", ge=0, le=1,
        why="food that left the cold chain is never sold again",
    )
    reverse_fen: float = param(
        350.0, unit="fen/parcel", kind="uncertainty", source="A-682", ge=0, why="return label and freight",
    )
    inspect_fen: float = param(
        180.0, unit="fen/parcel", kind="uncertainty", source="A-683", ge=0, why="four minutes of an inspector",
    )


class SupplyParams(Params):
    """Base-stock replenishment: how far ahead and how safely stock is ordered, every midnight."""

    supplier_lead_days: int = param(
        3, unit="days", kind="lever", source="A-684", ge=1, le=60,
        why="finished goods from factory or origin; raw-material cycles (F154-F155) lie behind it",
    )
    supplier_late_probability: float = param(
        0.08, unit="share of orders", kind="uncertainty", source="A-685", ge=0, le=1,
        why="a supplier misses its day about once in two weeks",
    )
    supplier_late_days: int = param(
        2, unit="days", kind="uncertainty", source="A-686", ge=0, le=30, why="then it comes two days later",
    )
    receipt_hour: float = param(
        5.0, unit="hour of day", kind="constant", source="A-687", ge=0, lt=24,
        why="suppliers and front replenishment arrive before the warehouses open",
    )
    safety_factor: float = param(
        1.9, unit="standard deviations", kind="lever", source="A-688", ge=0, le=6,
        why="about 97% cycle service under a normal forecast error",
    )
    variance_to_mean: float = param(
        1.5, unit="ratio", kind="uncertainty", source="A-689", ge=0, le=20,
        why="daily demand is burstier than Poisson: promotions and shared posts come in clumps",
    )
    forecast_smoothing: float = param(
        0.1, unit="weight of the last day", kind="lever", source="A-690", ge=0, le=1,
        why="exponential smoothing of daily demand; 0 keeps the design demand for ever",
    )
    sell_by_share: float = param(
        0.25, unit="share of shelf life", kind="lever", source="A-691", ge=0, lt=1,
        why="goods with less life left are taken off the shelf",
    )
    replenish_fen_per_litre: float = param(
        2.0, unit="fen/litre", kind="uncertainty", source="A-692", ge=0,
        why="moving stock from the regional centre to a front warehouse on the morning truck",
    )
