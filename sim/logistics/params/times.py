"""Times: how long picking, riding, driving and sorting take, and what delays them."""

from __future__ import annotations

from sim.core.params import Params, lever, uncertainty


class TimeParams(Params):
    """Durations, speeds, timetables, vehicle sizes, weather and absences."""

    front_wave_minutes: int = lever(5, "minutes", "A-627", ge=1, le=120, span=(2, 20))
    """instant orders are released to pickers every few minutes"""

    regional_wave_minutes: int = lever(30, "minutes", "A-628", ge=1, le=720, span=(15, 120))
    """the regional centre batches orders by the half hour to shorten walking"""

    pick_minutes: float = uncertainty(3.0, "minutes/parcel", "A-629", ge=0.05, le=120, span=(1.5, 6.0))
    """mean time to pick and pack one order"""

    rider_speed_kmh: float = uncertainty(18.0, "km/h", "A-630", ge=1, le=80, span=(12, 25))
    """electric scooter in city traffic, lights and gates included"""

    drop_minutes: float = uncertainty(4.0, "minutes/drop", "A-631", ge=0.1, le=60, span=(2.5, 7.0))
    """park, climb, ring, hand over"""

    leg_minutes: float = uncertainty(2.0, "minutes", "A-632", ge=0, le=60, span=(1.0, 4.0))
    """ride between neighbouring doors of one round"""

    instant_round_drops: int = lever(3, "drops/round", "A-633", ge=1, le=30, span=(1, 6))
    """more would make the last instant customer wait"""

    standard_round_drops: int = lever(4, "drops/round", "A-634", ge=1, le=200, span=(2, 12))
    """what a scooter box carries; short rounds keep riders available for instant orders"""

    morning_truck_hour: float = lever(4.0, "hour of day", "A-635", ge=0, le=11, span=(2.0, 7.0))
    """leaves after the night's picking and reaches the community warehouses before the first round"""

    afternoon_truck_hour: float = lever(14.0, "hour of day", "A-636", ge=11, le=23.99, span=(12.0, 16.0))
    """carries the morning's orders in time for the evening rounds"""

    truck_speed_kmh: float = uncertainty(35.0, "km/h", "A-637", ge=5, le=120, span=(25, 50))
    """urban van with ring-road stretches"""

    stop_minutes: float = uncertainty(8.0, "minutes/stop", "A-638", ge=0.1, le=120, span=(4, 15))
    """back up, open the doors, hand over cages"""

    sort_minutes: float = uncertainty(0.3, "minutes/parcel", "A-639", ge=0.01, le=30, span=(0.1, 1.0))
    """scan and shelve one parcel at the community warehouse"""

    morning_round_hour: float = lever(8.5, "hour of day", "A-640", ge=5, le=13, span=(7.0, 10.0))
    """first release of next-day rounds"""

    evening_round_hour: float = lever(16.5, "hour of day", "A-641", ge=13, le=21, span=(15.0, 19.0))
    """second release, when people come home"""

    truck_ambient_litres: float = lever(600.0, "litres", "A-642", ge=0, le=100_000, span=(30, 2000))
    """ambient space rented on a van per full district, several times a usual trip; bigger costs more"""

    truck_chilled_litres: float = lever(200.0, "litres", "A-643", ge=0, le=100_000, span=(10, 600))
    """chilled space on the same van"""

    truck_frozen_litres: float = lever(150.0, "litres", "A-644", ge=0, le=100_000, span=(10, 400))
    """frozen space on the same van"""

    truck_delay_probability: float = uncertainty(
        0.03, "share of trips", "A-645", ge=0, le=1, span=(0.01, 0.1)
    )
    """breakdown, accident or closed road on the trunk"""

    truck_delay_minutes: float = uncertainty(60.0, "minutes", "A-646", ge=0, le=300, span=(20, 120))
    """mean length of such a delay (at most five times as long); cooling fails meanwhile"""

    bad_weather_probability: float = uncertainty(
        0.12, "share of days", "A-647", ge=0, le=1, span=(0.05, 0.25)
    )
    """days of heavy rain, snow or heat; about 45 a year in a southern city"""

    bad_weather_slowdown: float = uncertainty(
        1.3, "ratio of riding time", "A-648", ge=1, le=5, span=(1.1, 1.8)
    )
    """riders slow down by about a quarter on such days"""

    absent_probability: float = uncertainty(
        0.04, "share of next-day drops", "A-649", ge=0, le=1, span=(0.01, 0.15)
    )
    """nobody in and no locker free; the second attempt ends at a neighbour or the locker"""
