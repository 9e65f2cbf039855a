"""Group-buy: a lower price for those who find enough others in time.

A buyer who takes the group price joins an open group of the category, by a friend's link or
from the public pool, or opens one and tells close friends. A group that fills becomes
ordinary orders at the minute it fills; one that expires returns money and goods. Nearly all
successful groups in real data have one member beside the initiator. The pool holds a stated number
of people: those who are not simulated take part by their wishes (:mod:`sim.commerce.group_pool`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from sim.commerce.fulfilment import cancel_orders, parcels_of
from sim.commerce.group_pool import OpenGroups, OutsideBuyer, buyers_outside
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, hash_id_py, keyed_uniforms
from sim.mechanism import Phase
from sim.world.schema import NO_PROMISE, Cancel, Source
from sim.world.world import OPEN, WAITING, OpenGroup, World


class GroupBuyParams(Params):
    """Size, time and price of a group; groups stand beside any referral design."""

    enabled: bool = lever(False, "switch", "S003")
    """Groups are offered; the incentive design ``group_buy`` switches them on too."""

    size: int = lever(
        2, "orders", "A-340; BeiBei: 99.4% of successful groups have two members", ge=2, le=20, span=(2, 5)
    )
    """Members needed."""

    deadline: float = lever(24.0, "hours", "A-341", ge=0.5, le=240, span=(6, 72))
    """Time to fill."""

    discount: float = lever(0.15, "share of price", "A-342", ge=0, le=0.8, span=(0.05, 0.35))
    """Group price below the list price."""

    uptake: float = uncertainty(0.6, "share of consumers a week", "A-343", ge=0, le=1, span=(0.3, 0.9))
    """Consumers willing to wait for a group in any one week, if it saves them much."""

    worth_waiting: float = uncertainty(0.05, "share of price", "A-860", ge=0.001, le=0.8, span=(0.02, 0.1))
    """Saving, beyond the best other deal, for which 63% of them wait up to a day; longer waits need more in
    proportion, and nobody waits for nothing."""

    strangers: float = uncertainty(0.5, "chance", "A-344; 20-80%", ge=0, le=1, span=(0.2, 0.8))
    """A buyer without a friend's link joins an open group from the public pool, if there is one."""

    pool_people: int = uncertainty(
        20_000,
        "people",
        "A-898; the size the market was fitted in; 3,000-200,000",
        ge=0,
        le=5_000_000,
        span=(3_000, 200_000),
    )
    """People among whom groups find their members, the simulated ones included: those beyond them take part
    from outside, as often in proportion. In a market larger than this the pool is the market."""

    alone: bool = lever(False, "switch", "S003")
    """The page shows what buying alone costs, open groups and how many fill: people weigh the group's price
    by the chance that theirs fills and by the wait, and may buy alone when it expires."""

    expected_fill: float = uncertainty(0.6, "chance", "A-961", ge=0.01, le=1, span=(0.3, 0.9))
    """Where people weigh groups: what they expect of one they would start, before any has ended."""

    seen_enough: float = uncertainty(10.0, "groups", "A-1283", ge=0.1, le=1000, span=(3, 30))
    """Groups of a category seen to end of late at which what was seen counts as much as what was expected."""

    comes_back: float = uncertainty(0.4, "chance", "A-962", ge=0, le=1, span=(0, 0.8))
    """Where people may buy alone: whose group expired is back within the day and looks at the goods at the
    price for one; whether they buy is their choice."""


class GroupPrice:
    """Publishes the group price."""

    name = "group_price"
    phase = Phase.DECIDE
    offers = True
    reads: frozenset[str] = frozenset()
    writes = frozenset({"operator.terms.group"})

    def __init__(self, params: GroupBuyParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """Set today's group terms."""
        world.operator.terms.group_discount = float(self.params.discount)
        world.operator.terms.group_uptake = float(self.params.uptake)
        world.operator.terms.group_worth = float(self.params.worth_waiting * self.params.deadline / 24.0)


class GroupBuy:
    """Orders of this daypart that wait for a group: join, open, fill, expire."""

    name = "group_buy"
    phase = Phase.BUY
    reads = frozenset(
        {
            "flow.grouped",
            "flow.visits",
            "flow.accepted",
            "records.orders",
            "orders",
            "groups",
            "group_links~",
            "people.id",
            "people.stocked_until",
            "people.budget_left",
            "people.need_category",
        }
    )
    writes = frozenset(
        {
            "groups",
            "orders",
            "flow.accepted",
            "flow.accepted_minute",
            "flow.openers",
            "flow.expired",
            "records.orders",
            "logistics.parcels",
            "records.group_buys",
            "records.cancellations",
            "records.spend",
            "ledger",
            "stock",
            "people.stocked_until",
            "people.budget_left",
            "people.need_category",
            "people.need_until",
        }
    )

    def __init__(self, params: GroupBuyParams) -> None:
        self.params = params
        self.offering = True

    def act(self, world: World, draw: Draw) -> None:
        """Expire first what was due before this daypart, then take wishes in turn, inside and outside."""
        self._expire(world, world.clock.start)
        if world.clock.daypart == 0:
            world.group_wishes.fade()
        orders = world.records.orders
        rows = world.flow.grouped
        orders["promised_minute"][rows] = NO_PROMISE
        mixes = (
            keyed_uniforms(draw.timeless("group.stranger"), orders["order_id"][rows], 0)
            < self.params.strangers
        )
        own = zip(orders["minute"][rows].tolist(), rows.tolist(), mixes.tolist(), strict=True)
        outside, pool = deque(self._outside(world, draw)), OpenGroups(world.groups)
        openers = []
        for minute, row, mix in own:
            while outside and outside[0].minute <= minute:
                self._from_outside(world, pool, outside.popleft())
            group = self._find(world, pool, row, mix)
            if group is None:
                pool.begin(self._new(world, row))
                openers.append(row)
            else:
                group.rows.append(row)
                self._fill_if_full(world, pool, group, minute)
        for one in outside:
            self._from_outside(world, pool, one)
        self._accept(world, pool.filled)
        world.groups[:] = pool.still_open()
        world.flow.openers = np.array(openers, np.int64)
        self._expire(world, world.clock.end)

    def _outside(self, world: World, draw: Draw) -> list[OutsideBuyer]:
        """Who comes from outside now; what visitors inside would have done is remembered for later days."""
        clock, visits, seen = world.clock, world.flow.visits, world.group_wishes
        ratio = max(0.0, self.params.pool_people / max(len(world.people), 1) - 1.0)
        expected = ratio * seen.mean[:, :, clock.daypart]
        grouped = np.flatnonzero(visits["grouped"])
        linked = visits["source"][grouped] == int(Source.GROUP_BUY)
        chance = visits["wish_one"][grouped] + visits["wish_more"][grouped]
        seen.learn(clock.daypart, visits["category"][grouped], linked, chance)
        return buyers_outside(draw, expected, (clock.start, clock.end), self.params.strangers)

    def _from_outside(self, world: World, pool: OpenGroups, one: OutsideBuyer) -> None:
        """Join a friend's group outside, else perhaps the oldest in the pool, else open one."""
        fitting = pool.running(one.category, one.minute)
        group = next((g for g in fitting if g.opener < 0), None) if one.linked else None
        if group is None and one.mixes:
            group = next(pool.running(one.category, one.minute), None)
            if group is not None:
                group.strangers += 1
        if group is None:
            if self.offering:
                end, size = one.minute + int(self.params.deadline * 60), self.params.size
                pool.begin(OpenGroup(one.key, -1, one.category, one.minute, end, size, [], 0, 1))
            return
        group.outsiders += 1
        self._fill_if_full(world, pool, group, one.minute)

    def _fill_if_full(self, world: World, pool: OpenGroups, group: OpenGroup, minute: int) -> None:
        if len(group.rows) + group.outsiders == group.size:
            pool.fill(group, minute)
            world.group_wishes.note(group.category, True)

    def _find(self, world: World, pool: OpenGroups, row: int, mix: bool) -> OpenGroup | None:
        """A friend's group if the visit came by its link, else perhaps the oldest in the pool."""
        orders = world.records.orders
        person, minute = int(orders["person"][row]), int(orders["minute"][row])
        category = int(orders["category"][row])
        group = None
        if int(orders["source"][row]) == int(Source.GROUP_BUY):
            sent = world.group_links.get(int(orders["touch"][row]))
            others = (g for g in pool.running(category, minute) if g.opener != person)
            group = next((g for g in others if g.group_id == sent), None)
        if group is None and mix:
            group = next((g for g in pool.running(category, minute) if g.opener != person), None)
            if group is not None:
                group.strangers += 1
        return group

    def _new(self, world: World, row: int) -> OpenGroup:
        """A group that the order of this row opens."""
        orders = world.records.orders
        person, minute = int(orders["person"][row]), int(orders["minute"][row])
        return OpenGroup(
            hash_id_py(person, minute, 11),
            person,
            int(orders["category"][row]),
            minute,
            minute + int(self.params.deadline * 60),
            self.params.size,
            [row],
        )

    def _accept(self, world: World, filled: Sequence[tuple[OpenGroup, int]]) -> None:
        """Orders of groups that filled are open from that minute on, and so are their promises."""
        rows = np.array([row for group, _ in filled for row in group.rows], np.int64)
        minutes = np.array([minute for group, minute in filled for _ in group.rows], np.int64)
        ids = np.array([group.group_id for group, _ in filled for _ in group.rows], np.int64)
        waited = world.orders["status"][rows] == WAITING
        alive, minutes = rows[waited], minutes[waited]
        orders, flow = world.records.orders, world.flow
        world.orders["status"][alive] = OPEN
        world.orders["promised"][alive] += minutes - orders["minute"][alive]
        orders["promised_minute"][alive] = world.orders["promised"][alive]
        orders["group_buy"][alive] = ids[waited]
        flow.accepted = np.concatenate([flow.accepted, alive])
        flow.accepted_minute = np.concatenate([flow.accepted_minute, minutes])
        self._record(world, [(group, minute, True) for group, minute in filled])

    def _expire(self, world: World, before: int) -> None:
        """Groups whose time is up: money back, goods back on the shelf."""
        over = [group for group in world.groups if group.deadline < before]
        if not over:
            return
        world.groups[:] = [group for group in world.groups if group.deadline >= before]
        for group in over:
            world.group_wishes.note(group.category, False)
            rows = np.array(group.rows, np.int64)
            physical = rows[world.orders["node"][rows] >= 0]
            if len(physical):
                now = np.full(len(physical), world.clock.start)
                world.logistics.submit(parcels_of(world, physical, now))
                world.logistics.cancel(world.records.orders["order_id"][physical])
            cancel_orders(world, rows, group.deadline, Cancel.GROUP_EXPIRED)
        expired = np.array([row for group in over for row in group.rows], np.int64)
        world.flow.expired = np.concatenate([world.flow.expired, expired])
        self._record(world, [(group, group.deadline, False) for group in over])

    def _record(self, world: World, ended: Sequence[tuple[OpenGroup, int, bool]]) -> None:
        """Note how groups ended, if anybody simulated was in them: group, minute, and whether it filled."""
        seen = [(group, minute, filled) for group, minute, filled in ended if group.rows]
        if not seen:
            return
        groups, minutes, filled = zip(*seen, strict=True)
        fields = ("opener", "category", "strangers", "outsiders")
        world.records.group_buys.append(
            group_buy=np.array([group.group_id for group in groups], np.int64),
            day=world.day,
            opened_minute=np.array([group.opened for group in groups]),
            deadline_minute=np.array([group.deadline for group in groups]),
            ended_minute=np.array(minutes),
            members=np.array([len(group.rows) for group in groups]),
            filled=np.array(filled),
            **{name: np.array([getattr(group, name) for group in groups]) for name in fields},
        )
