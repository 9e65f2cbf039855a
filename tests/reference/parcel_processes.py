"""The flow of parcels again, slow and obvious: one SimPy process per parcel.

Each parcel waits for its wave, queues for a pick team, boards a truck, is sorted, joins a
round and is handed over, all by itself; riders and trucks are processes that meet it. Nothing
is shared with the engine but the map, the parameters and the keyed draws (in plain Python),
so both must agree parcel by parcel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import simpy

from sim.core.rng import stream_key, uniform_py
from sim.logistics.params import LogisticsParams
from tests.reference.parcel_parts import Duty, Map, Order, Parcel, Result, Round

DAY_MINUTES = 1440
CHILLED, FROZEN = 2, 3
REFERENCE = {CHILLED: 4.0, FROZEN: -18.0}


class Region:
    """One region run with a process per parcel.

    Parameters
    ----------
    p : LogisticsParams
    seed : int
    zones : Map
    duties : one sequence of shifts per district
    teams : pick teams per node
    """

    def __init__(
        self,
        p: LogisticsParams,
        seed: int,
        zones: Map,
        duties: Sequence[Sequence[Duty]],
        teams: Sequence[int],
    ) -> None:
        self.p, self.zones, self.duties = p, zones, duties
        self.env = simpy.Environment()
        self.minute = p.ticks_per_minute
        self.day = DAY_MINUTES * self.minute
        self.keys = {
            name: int(stream_key(seed, f"logistics.{name}", -1))
            for name in ("pick", "drop", "absent", "damage", "life", "weather", "truck", "resold")
        }
        self.teams = [simpy.Resource(self.env, capacity=c) for c in teams]
        self.waiting: list[list[tuple[bool, tuple[int, ...], simpy.Event, Round]]] = [[] for _ in duties]
        self.out = [0] * len(duties)
        self.at_hand: list[dict[Any, int]] = [{} for _ in duties]
        self.alarms = [-1] * len(duties)
        self.rounds: dict[tuple[int, ...], list[Round]] = {}
        self.docks: dict[tuple[int, int], list[Parcel]] = {}
        self.shelves: dict[tuple[int, int], list[Parcel]] = {}
        self.results: list[Result] = []
        self.granted: set[int] = set()

    def run(self, orders: Sequence[Order], until_minute: int) -> list[Result]:
        """Deliver ``orders``; results in the order of hand-over."""
        for order in sorted(orders, key=lambda o: (o.minute, o.order_id)):
            self.env.process(self.parcel(order))
        self.env.run(until=until_minute * self.minute)
        return sorted(self.results, key=lambda r: (r.tick, r.order_id))

    # --- draws and durations -------------------------------------------------------------------

    def draw(self, purpose: str, who: int, occasion: int = 0) -> float:
        return uniform_py(self.keys[purpose], who, occasion)

    def exponential(self, purpose: str, who: int, occasion: int = 0) -> float:
        return -math.log(self.draw(purpose, who, occasion))

    def ticks(self, minutes: float) -> int:
        return max(1, math.floor(minutes * self.minute + 0.5))

    def slowdown(self) -> float:
        bad = self.draw("weather", 0, int(self.env.now) // self.day) < self.p.bad_weather_probability
        return self.p.bad_weather_slowdown if bad else 1.0

    def first_at(self, earliest: int, hours: Sequence[float]) -> int:
        """First tick at or after ``earliest`` that is one of these hours of a day."""
        today = earliest // self.day
        candidates = [d * self.day + round(h * 60 * self.minute) for d in (today, today + 1) for h in hours]
        return min(c for c in candidates if c >= earliest)

    def end_of_tick(self) -> simpy.Event:
        """An event of this tick that happens after all ordinary ones."""
        event = self.env.event()
        event._ok, event._value = True, None
        self.env.schedule(event, priority=2)
        return event

    # --- the parcel ----------------------------------------------------------------------------

    def parcel(self, order: Order) -> Iterator[Any]:
        """From acceptance to the door."""
        env, p, me = self.env, self.p, Parcel(self.env, order)
        if order.cancel_minute >= 0:
            env.process(self.second_thoughts(me))
        yield env.timeout(order.minute * self.minute)
        wave = self.wave_after(env.now, order.node)
        yield env.timeout(wave - env.now)
        if me.cancelled:
            return
        mine = self.join_instant_round(me, wave) if order.node > 0 else None
        with self.teams[order.node].request() as team:
            yield team
            yield env.timeout(
                self.ticks(p.pick_minutes * (0.5 + 0.5 * self.exponential("pick", order.order_id)))
            )
        me.packed_at = env.now
        me.way.append(("room", env.now - wave))
        if mine is not None:
            yield from self.wait_for_instant_rider(me, mine)
            return
        yield from self.travel_by_truck(me)
        on_shelf_since = me.arrived_at
        while True:
            self.put_on_shelf(me, self.first_at(env.now, (p.morning_round_hour, p.evening_round_hour)))
            yield me.next_turn()
            left = env.now
            me.way.append(("community", left - on_shelf_since))
            handed_over = yield me.next_turn()
            me.way.append(("box", env.now - left))
            if handed_over:
                self.hand_over(me)
                return
            on_shelf_since = env.now

    def second_thoughts(self, me: Parcel) -> Iterator[Any]:
        """The customer asks for the money back: granted while the parcel has not left its node."""
        yield self.env.timeout(me.order.cancel_minute * self.minute)
        if not me.has_left:
            me.cancelled = True
            self.granted.add(me.order.order_id)

    def wave_after(self, tick: int, node: int) -> int:
        p = self.p
        if node == 0:
            every = p.regional_wave_minutes * self.minute
        else:
            every = p.front_wave_minutes * self.minute
            opening = round(p.day_shift_hour * 60 * self.minute)
            if tick % self.day < opening:
                return tick // self.day * self.day + opening
        return tick // every * every + every

    def hand_over(self, me: Parcel) -> None:
        order = me.order
        spoiled = self.draw("damage", order.order_id) < self.p.damage_probability
        if order.layer in REFERENCE:
            luck = 2 * self.draw("life", order.order_id) - 1
            bears = (
                self.p.transit_life_chilled_days
                if order.layer == CHILLED
                else self.p.transit_life_frozen_days
            )
            left = min(order.life_days, bears) * (1 + self.p.life_variation * luck)
            spoiled = spoiled or sum(self.speed(order.layer, place) * t for place, t in me.way) > left
        self.results.append(Result(order.order_id, self.env.now // self.minute, self.env.now, spoiled))

    def speed(self, layer: int, place: str) -> float:
        """Days of shelf life used per tick."""
        p, chilled = self.p, layer == CHILLED
        celsius = {
            "room": REFERENCE[layer],
            "counter": p.staging_chilled_c if chilled else p.staging_frozen_c,
            "truck": p.truck_chilled_c if chilled else p.truck_frozen_c,
            "open": p.outdoor_c,
            "community": p.community_chilled_c if chilled else p.community_frozen_c,
            "box": p.box_chilled_c if chilled else p.box_frozen_c,
        }[place]
        q10 = p.q10_chilled if chilled else p.q10_frozen
        rate = q10 ** ((celsius - REFERENCE[layer]) / 10)
        if p.sensors and place not in ("room", "box") and rate > 1:
            rate = 1 + (rate - 1) * (1 - p.sensor_catch_share)
        return rate / self.day

    # --- instant rounds ------------------------------------------------------------------------

    def join_instant_round(self, me: Parcel, wave: int) -> Round:
        """Parcels of one wave and zone share a rider, a few at a time."""
        o = me.order
        rounds = self.rounds.setdefault((o.node, wave, o.zone), [])
        if not rounds or len(rounds[-1].parcels) == self.p.instant_round_drops:
            rounds.append(Round((wave, o.zone, len(rounds)), True, o.zone))
        rounds[-1].parcels.append(me)
        return rounds[-1]

    def wait_for_instant_rider(self, me: Parcel, mine: Round) -> Iterator[Any]:
        """The last one packed calls the rider; all wait for the ride."""
        mine.packed += 1
        if mine.packed == len(mine.parcels):
            self.env.process(self.rider(self.zones.district[mine.zone], mine, (self.env.now, *mine.key)))
        packed = self.env.now
        yield me.next_turn()
        left = self.env.now
        me.way.append(("counter", left - packed))
        yield me.next_turn()
        me.way.append(("box", self.env.now - left))
        self.hand_over(me)

    # --- trucks --------------------------------------------------------------------------------

    def travel_by_truck(self, me: Parcel) -> Iterator[Any]:
        """Wait at the dock until a truck has room, ride to the zone, be sorted."""
        p, district = self.p, self.zones.district[me.order.zone]
        earliest = self.env.now
        while True:
            departure = self.first_at(earliest, (p.morning_truck_hour, p.afternoon_truck_hour))
            dock = self.docks.get((district, departure))
            if dock is None:
                dock = self.docks[district, departure] = []
                self.env.process(self.truck(district, departure))
            dock.append(me)
            loaded = yield me.next_turn()
            if loaded:
                break
            earliest = self.env.now + 1
        me.way.append(("room", self.env.now - me.packed_at))
        yield me.next_turn()

    def truck(self, district: int, departure: int) -> Iterator[Any]:
        """Load in order of class, packing time and order id; drive; sort zone by zone."""
        env, p = self.env, self.p
        yield env.timeout(departure - env.now)
        yield self.end_of_tick()
        space = {1: p.truck_ambient_litres, 2: p.truck_chilled_litres, 3: p.truck_frozen_litres}
        compartment = {layer: simpy.Container(env, capacity=math.inf) for layer in space}
        on_board: list[Parcel] = []
        for me in sorted(
            self.docks[district, departure],
            key=lambda q: (q.order.service, q.packed_at, q.order.order_id),
        ):
            if me.cancelled:
                continue
            layer = me.order.layer
            fits = compartment[layer].level + me.order.litres <= space[layer]
            if fits or compartment[layer].level == 0:
                yield compartment[layer].put(me.order.litres)
                on_board.append(me)
                me.has_left = True
                me.turn.succeed(True)
            else:
                me.turn.succeed(False)
        delay = 0
        if self.draw("truck", district, 2 * departure) < p.truck_delay_probability:
            times = min(5.0, self.exponential("truck", district, 2 * departure + 1))
            delay = self.ticks(p.truck_delay_minutes * times)
        yield env.timeout(delay + self.ticks(60.0 * p.trunk_km / p.truck_speed_kmh))
        by_zone: dict[int, list[Parcel]] = {}
        for me in on_board:
            by_zone.setdefault(me.order.zone, []).append(me)
        per_stop = self.ticks(60.0 * p.branch_km / p.truck_speed_kmh + p.stop_minutes)
        here = 0
        for zone in sorted(by_zone, key=lambda z: self.zones.stop[z]):
            yield env.timeout((self.zones.stop[zone] - here) * per_stop)
            here = self.zones.stop[zone]
            under_way = env.now - departure
            opened = min(under_way, delay + (here + 1) * self.ticks(p.door_minutes))
            for me in by_zone[zone]:
                me.arrived_at = env.now
                me.way += [("truck", under_way - opened), ("open", opened)]
            env.process(self.sort(by_zone[zone]))

    def sort(self, batch: list[Parcel]) -> Iterator[Any]:
        """One after another onto the shelf."""
        for me in batch:
            yield self.env.timeout(self.ticks(self.p.sort_minutes))
            me.turn.succeed()

    # --- next-day rounds -----------------------------------------------------------------------

    def put_on_shelf(self, me: Parcel, release: int) -> None:
        zone = me.order.zone
        if (zone, release) not in self.shelves:
            self.shelves[zone, release] = []
            self.env.process(self.release(zone, release))
        self.shelves[zone, release].append(me)

    def release(self, zone: int, tick: int) -> Iterator[Any]:
        """Cut what lies on the shelf into rounds and call riders."""
        yield self.env.timeout(tick - self.env.now)
        yield self.end_of_tick()
        parcels = sorted(self.shelves.pop((zone, tick)), key=lambda q: (q.order.minute, q.order.order_id))
        size = self.p.standard_round_drops
        for k in range(0, len(parcels), size):
            carried = Round((tick, zone, k), False, zone, parcels[k : k + size])
            self.env.process(self.rider(self.zones.district[zone], carried, carried.key))

    # --- riders --------------------------------------------------------------------------------

    def duty(self, district: int) -> Duty | None:
        minute = self.env.now % self.day / self.minute
        for duty in self.duties[district]:
            if duty.start <= minute < duty.end or duty.start <= minute + DAY_MINUTES < duty.end:
                return duty
        return None

    def rider(self, district: int, carried: Round, key: tuple[int, ...]) -> Iterator[Any]:
        """Get a rider, go from door to door, come back, be away for the share that is not ours."""
        env, p = self.env, self.p
        go = env.event()
        self.waiting[district].append((carried.instant, key, go, carried))
        env.process(self.assign(district))
        sold = yield go
        duty = self.duty(district)
        if sold:
            yield env.timeout(round(p.idle_recall_minutes * self.minute))
        carried.parcels = [me for me in carried.parcels if not me.cancelled]
        if not carried.parcels:
            if sold:
                self.out[district] -= 1
                self.is_back(district)
                env.process(self.assign(district))
            return
        started, slow = env.now, self.slowdown()
        assert duty is not None
        km = self.zones.distance_km[carried.zone] if carried.instant else p.local_km
        way = self.ticks(km * (60.0 / p.rider_speed_kmh) * slow)
        for me in carried.parcels:
            me.has_left = True
            me.turn.succeed()
        yield env.timeout(way)
        missed = []
        for i, me in enumerate(carried.parcels):
            if i > 0:
                yield env.timeout(self.ticks(p.leg_minutes * slow))
            factor = 0.5 + 0.5 * self.exponential("drop", me.order.order_id, me.attempts)
            yield env.timeout(self.ticks(p.drop_minutes * factor))
            absent = self.draw("absent", me.order.order_id) < p.absent_probability
            if not carried.instant and me.attempts == 0 and absent:
                me.attempts = 1
                missed.append(me)
            else:
                me.turn.succeed(True)
        yield env.timeout(way)
        for me in missed:
            me.turn.succeed(False)
        yield env.timeout(math.ceil((env.now - started) / duty.presence) - (env.now - started))
        self.out[district] -= 1
        self.is_back(district)
        env.process(self.assign(district))

    def is_back(self, district: int) -> None:
        """A rider came back at this tick: nobody has sold that time yet."""
        here = self.at_hand[district]
        here[self.env.now] = here.get(self.env.now, 0) + 1

    def who_is_here(self, district: int, duty: Duty) -> int:
        """Riders who are surely at hand: back at this tick, or everybody as a shift begins."""
        here, now = self.at_hand[district], self.env.now
        if now % self.day == duty.start * self.minute and ("opened", now) not in here:
            here["opened", now], here[now] = 1, duty.riders
        return here.get(now, 0)

    def works_for_a_partner(self, carried: Round, idle: int) -> bool:
        """All idle riders are away, each for the share of time that is sold."""
        if round(self.p.idle_recall_minutes * self.minute) == 0:
            return False
        first = min(carried.parcels, key=lambda me: me.order.order_id)
        chance = self.p.idle_resale_share**idle if self.p.idle_resale_share > 0 else 0.0
        return self.draw("resold", first.order.order_id, first.attempts) < chance

    def assign(self, district: int) -> Iterator[Any]:
        """At the end of the tick give riders to the rounds that wait: instant first, then by key."""
        yield self.end_of_tick()
        duty, queue = self.duty(district), self.waiting[district]
        of_day = self.env.now % self.day
        daytime = of_day < round(self.p.late_shift_hour * 60 * self.minute) and (
            of_day >= self.duties[district][0].start * self.minute
        )
        for entry in sorted(queue, key=lambda e: (not e[0], e[1])):
            instant, _, go, carried = entry
            limit = 0 if duty is None else duty.riders if instant else (duty.riders - duty.guard) * daytime
            if self.out[district] < limit:
                something = any(not me.cancelled for me in carried.parcels)
                at_hand = self.who_is_here(district, duty)
                sold = not at_hand and self.works_for_a_partner(carried, duty.riders - self.out[district])
                if something or sold:
                    self.at_hand[district][self.env.now] = max(0, at_hand - 1)
                    self.out[district] += 1
                queue.remove(entry)
                go.succeed(sold)
        if queue and self.alarms[district] <= self.env.now:
            starts = [d.start / 60 for d in self.duties[district]]
            self.alarms[district] = self.first_at(self.env.now + 1, starts)
            yield self.env.timeout(self.alarms[district] - self.env.now)
            self.env.process(self.assign(district))
