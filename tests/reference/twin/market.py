"""The twin's day: everybody wakes, sees, shares, visits and buys; parcels arrive; people remember."""

from __future__ import annotations

import math
from collections import Counter
from itertools import accumulate

import mesa
import numpy as np

from sim.config import Config
from sim.market import Market
from sim.world.platforms import PLATFORMS
from tests.reference.twin.cascade import cascade
from tests.reference.twin.consumer import Consumer
from tests.reference.twin.draws import KeyedDraws, MesaDraws
from tests.reference.twin.events import (
    CANCELLED,
    DAY,
    DAYPART_STARTS,
    DELIVERED,
    OPEN,
    RETURNED,
    Order,
    Registration,
    Touch,
    Visit,
)
from tests.reference.twin.operator import Operator, Platform

#: Sections with a switch that the twin knows nothing of.
NOT_CORE = (
    "affiliates", "compliance", "fraud", "influencers", "logistics", "membership", "rival", "sessions",
    "turnover",
)  # fmt: skip
DESIGNS = ("none", "flat_cash", "three_tier")
#: Service class of each temperature layer when fulfilment is unlimited: next day, one hour, two hours.
SERVICE = {1: 3, 2: 1, 3: 2}
INSPECTION = 2 * DAY


def refuse_what_is_not_core(config: Config) -> None:
    """Raise AssertionError naming a mechanism that is on and that the twin does not have."""
    still_on = [name for name in NOT_CORE if getattr(config, name).enabled]
    still_on += ["private_domain"] * (config.private_domain.pool != "none")
    still_on += ["calendar"] * (not config.calendar.flat)
    still_on += ["shock"] * bool(config.shock.listed())
    still_on += ["linked ids"] * config.channel_mix.linked_ids
    still_on += [config.incentive.design] * (config.incentive.design not in DESIGNS)
    off = [name for name in ("media", "sharing", "trust") if not getattr(config, name).enabled]
    assert not still_on, f"not core, but on: {still_on}"
    assert not off, f"core, but off: {off}"


class TwinMarket(mesa.Model):
    """The same market as an ordinary Mesa model.

    Parameters
    ----------
    market : Market
        People, acquaintances, platforms and purse are copied from it as they are now; open
        orders and unread touches are not (start on day 0 to compare).
    keyed : bool
        Whether to draw as the engine does or from Mesa's own generator.

    Attributes
    ----------
    kind : type of Consumer
        Who lives here.
    """

    kind: type[Consumer] = Consumer

    def __init__(self, market: Market, *, keyed: bool) -> None:
        super().__init__(rng=market.config.experiment.seed)
        refuse_what_is_not_core(market.config)
        self.config = market.config
        self.day = market.world.day
        self.draws = KeyedDraws(market.world.seed) if keyed else MesaDraws(self.random)
        self.read_config()
        self.copy_people(market)
        self.copy_operator(market)
        self.queue: list[Visit] = []
        self.visits: list[Visit] = []
        self.touches: list[Touch] = []
        self.orders: list[Order] = []
        self.registrations: list[Registration] = []
        self.sold_today: list[Order] = []
        self.registered_today: list[Registration] = []
        self.open_orders: list[Order] = []
        self.wishes: list[Order] = []
        self.requests: list[Order] = []
        self.pickups: list[tuple[int, Order]] = []
        self.told_yesterday: list[Order] = []

    # --- setting up ----------------------------------------------------------------------------

    def read_config(self) -> None:
        """Tables that follow from parameters."""
        c = self.config
        groups = (c.traffic.silver_hours, c.traffic.cyber_hours, c.traffic.eco_hours)
        self.hour_shares = [np.array(hours, float) / np.sum(hours) for hours in groups]
        self.clock = [[0.0, *accumulate(shares.tolist())] for shares in self.hour_shares]
        self.clock = [[run / clock[-1] for run in clock] for clock in self.clock]
        spread = c.content.hybrid_completion - c.content.plain_completion
        usual = c.content.plain_completion + c.content.usual_hybrid * spread
        worn = c.content.hybrid_wear * (c.content.hybrid_share - c.content.usual_hybrid)
        lift = (c.content.plain_completion + c.content.hybrid_share * (spread * (1.0 - worn))) / usual
        self.content_lift = lift
        self.plain_lift = min(lift, c.content.plain_completion / usual)
        anchors = (c.choice.fresh_accept_72h, c.choice.fresh_accept_30min)
        low, high = (math.log(x / (1.0 - x)) for x in anchors)
        self.fresh_slope = (high - low) / (math.log(72.0) - math.log(0.5))
        self.fresh_intercept = high + self.fresh_slope * math.log(0.5)
        days = {"habit": c.traffic.habit_days, "fatigue": c.traffic.fatigue_days,
                "notes": c.traffic.notes_days, "sharing": c.sharing.recovery_days}  # fmt: skip
        self.keep = {name: math.exp(-1.0 / length) for name, length in days.items()}
        p = c.logistics
        promise = {1: p.one_hour_hours, 2: p.two_hour_hours, 3: p.next_day_hours}
        self.promise_hours = {layer: promise[service] for layer, service in SERVICE.items()}

    def copy_people(self, market: Market) -> None:
        """One agent a person, with that person's row of every column."""
        people, graph = market.world.people, market.world.graph
        columns = {name: column.tolist() for name, column in people.columns.items()}
        self.consumers = [
            self.kind(self, {name: column[i] for name, column in columns.items()}) for i in range(len(people))
        ]
        for i, consumer in enumerate(self.consumers):
            row = slice(graph.indptr[i], graph.indptr[i + 1])
            consumer.acquaintances = [self.consumers[j] for j in graph.indices[row]]
            ties = zip(consumer.acquaintances, graph.strength[row], strict=True)
            consumer.close = [friend for friend, strong in ties if strong]
            consumer.close_ids = {friend.id for friend in consumer.close}
        self.by_id = {consumer.id: consumer for consumer in self.consumers}
        self.people = self.agents_by_type[self.kind]

    def copy_operator(self, market: Market) -> None:
        """Platforms, shelves and purse."""
        world = market.world
        names = ("adstock", "sales", "impressions", "rank", "low_score", "return_share", "complaint_share",
                 "traffic", "cpm", "commission", "feed", "search", "sends_on", "order_offset")  # fmt: skip
        self.platforms = [
            Platform(self, {"row": k} | {name: float(getattr(world.platforms, name)[k]) for name in names})
            for k in range(len(PLATFORMS))
        ]
        catalog = world.catalog
        for name in ("layer", "price_fen", "return_rate", "stock_days", "notes_needed", "group_weight",
                     "order_offset"):  # fmt: skip
            setattr(self, name, getattr(catalog, name).tolist())
        self.hours = [self.promise_hours.get(layer, 0.0) for layer in self.layer]
        purse = {name: getattr(world.operator, name) for name in
                 ("allowance_fen", "spent_fen", "usual_other_spend",
                  "budget_days", "stopped")}  # fmt: skip
        self.operator = Operator(self, purse | {"stage_counts": world.operator.stage_counts.tolist()})

    # --- one day -------------------------------------------------------------------------------

    def step(self) -> None:
        """From midnight to midnight."""
        self.draws.begin(self.day)
        self.midnight = self.day * DAY
        self.sold_today, self.registered_today = [], []
        self.operator.decide()
        self.people.do("wake")
        nothing = [[0.0] * len(self.platforms) for _ in self.hour_shares]
        self.paid_shown, self.feed_shown = [nothing], [nothing]
        for self.daypart in range(len(DAYPART_STARTS) - 1):
            self.begin_daypart()
            self.operator.promise()
            self.people.do("share")
            self.trade()
            self.grant_cancellations()
        for order in self.told_yesterday:
            order.consumer.tell(order.low_score)
        self.people.do("forget")
        self.settle()
        self.operator.close()
        self.orders += self.sold_today
        self.registrations += self.registered_today
        self.day += 1

    def use_content(self, *, paid: bool) -> None:
        """Feeds and ads show what was made for today, or what is there already, which is plain."""
        content, lift = self.config.content, self.content_lift if paid else self.plain_lift
        self.content_paid = paid
        self.feed_click = content.click_chance * lift
        self.paid_click = content.paid_click_chance * lift

    def begin_daypart(self) -> None:
        """Bounds in minutes, each group's share of its day, and what it is shown by their end."""
        first, end = DAYPART_STARTS[self.daypart], DAYPART_STARTS[self.daypart + 1]
        self.start, self.end = self.midnight + first, self.midnight + end
        inside = [shares[first // 60 : end // 60] for shares in self.hour_shares]
        self.time_share = [float(hours.sum()) for hours in inside]
        for shown, scale in ((self.paid_shown, "paid_scale"), (self.feed_shown, "feed_scale")):
            scales = [getattr(platform, scale) for platform in self.platforms]
            shown.append(
                [
                    [so_far + share * each for so_far, each in zip(sums, scales, strict=True)]
                    for sums, share in zip(shown[-1], self.time_share, strict=True)
                ]
            )

    def spread(self, origin: Consumer, minute: int, invite: bool) -> None:
        """A cascade begins; everybody it reaches will hear of it and may come."""
        touches = cascade(self, origin, minute, invite)
        self.touches += touches
        for touch in touches:
            self.by_id[touch.receiver].inbox.append(touch)

    # --- the shop ------------------------------------------------------------------------------

    def trade(self) -> None:
        """Visits of this daypart, in the order of their minutes."""
        self.queue = []
        self.left_to_concede = self.operator.free()
        self.people.do("race")
        self.queue.sort(key=lambda visit: (visit.minute, visit.consumer.id))
        for visit in self.queue:
            self.serve(visit)
        self.visits += self.queue

    def serve(self, visit: Visit) -> None:
        """One visit: choice, bill, registration, order."""
        consumer = visit.consumer
        consumer.decide(visit)
        consumer.mark_visit(visit)
        bill = self.bill(visit) if visit.ordered else None
        visit.ordered = bill is not None
        if consumer.register(visit):
            self.registered_today.append(
                Registration(consumer.id, visit.minute, visit.source, visit.origin, consumer.inviter)
            )
        if bill is not None:
            self.accept(visit, *bill)

    def bill(self, visit: Visit) -> tuple[int, int, int] | None:
        """List price, price paid and fees in fen of as many units as the budget allows; None if none."""
        visit.quantity = min(visit.quantity, self.affordable(visit, visit.ratio))
        if visit.quantity <= 0:
            return None
        unit = int(self.price_fen[visit.category])
        paid = round(unit * visit.ratio * visit.quantity)
        return max(unit * visit.quantity, paid), paid, round(self.platforms[visit.surface].commission * paid)

    def concession(self, visit: Visit, ratio: float) -> float:
        """What one unit at this share of the catalogue price costs the campaign, fen."""
        return self.price_fen[visit.category] * max(0.0, 1.0 - ratio)

    def has_left(self, amount: float) -> bool:
        """Whether the concessions of this part of the day leave so much; one fen more for rounding."""
        enough = amount + 1.0 <= self.left_to_concede
        self.operator.stopped |= not enough
        return enough

    def affordable(self, visit: Visit, ratio: float) -> int:
        """Units that the visitor's budget pays at this share of the catalogue price."""
        return int(visit.consumer.budget_left * 100.0 / (self.price_fen[visit.category] * ratio))

    def accept(self, visit: Visit, list_fen: int, paid_fen: int, fees_fen: int) -> None:
        """The order is in the books."""
        p, layer = self.config.orders, self.layer[visit.category]
        order_id = self.draws.new_id(visit.consumer.id, self.day, 64 + self.daypart)
        promised = visit.minute + (0 if layer == 0 else math.ceil(self.hours[visit.category] * 60.0))
        cancel = -1
        if self.draws.lasting("order.cancel", order_id, 0) < p.cancel_shelf:
            delay = -math.log(self.draws.lasting("order.cancel", order_id, 1))
            cancel = visit.minute + 1 + int(60.0 * p.cancel_hours * delay)
        order = Order(
            order_id, visit, visit.consumer, visit.category, visit.quantity, list_fen, paid_fen, fees_fen,
            visit.consumer.orders + 1, layer == 0, visit.minute, promised, cancel,
        )  # fmt: skip
        visit.consumer.mark_order(order)
        self.operator.spend("discount", list_fen - paid_fen)
        self.sold_today.append(order)
        self.open_orders.append(order)
        if cancel >= 0:
            self.wishes.append(order)

    def grant_cancellations(self) -> None:
        """A wish that falls due is granted if the parcel has not arrived at that minute."""
        for order in sorted(self.wishes, key=lambda o: (o.cancel_minute, o.id)):
            in_time = order.promised >= order.cancel_minute
            on_its_way = order.status == OPEN and not order.digital and in_time
            if order.cancel_minute < self.end and on_its_way:
                order.status = CANCELLED
                order.consumer.get_back(order)
                self.operator.spend("discount", order.paid_fen - order.list_fen)
        self.wishes = [order for order in self.wishes if order.cancel_minute >= self.end]

    # --- evening -------------------------------------------------------------------------------

    def settle(self) -> None:
        """Hand over, remember, reward, take back, rank."""
        tomorrow = self.midnight + DAY
        waiting = [order for order in self.open_orders if order.status == OPEN]
        done = [order for order in waiting if order.promised < tomorrow]
        self.open_orders = [order for order in waiting if order.promised >= tomorrow]
        done.sort(key=lambda order: (order.promised, order.id))
        self.people.do("old_news")
        self.people.do("lapse")
        for order in done:
            self.hand_over(order)
            order.consumer.receive(order.low_score)
        self.told_yesterday = done
        self.pay_rewards(done)
        returned = self.take_back(tomorrow)
        for platform in self.platforms:
            platform.judge(self.sold_today, done, returned)

    def hand_over(self, order: Order) -> None:
        """The customer judges the delivery and may send it back within days."""
        p, draws = self.config.aftersales, self.draws
        order.status, order.delivered_day = DELIVERED, self.day
        # fulfilment keeps every promise here, so nothing is ever late
        order.low_score = draws.lasting("delivery.judge", order.id, 0) < p.low_on_time
        order.complaint = order.low_score and draws.lasting("delivery.judge", order.id, 1) < p.complain
        chance = self.return_rate[order.category] * (p.return_low if order.low_score else 1.0)
        if draws.lasting("delivery.judge", order.id, 2) < chance:
            wait = 60 + int(p.return_days * 1440.0 * draws.lasting("delivery.judge", order.id, 3))
            order.back_minute = order.promised + wait
            self.requests.append(order)

    def pay_rewards(self, delivered: list[Order]) -> None:
        """Inviters earn by stages: registration, and the hand-over of a first and a second order."""
        self.operator.welcome(self.day, [row.person for row in self.registered_today if row.inviter >= 0])
        customers = {order.consumer.id: order.consumer for order in delivered if order.consumer.inviter >= 0}
        handed = Counter(order.consumer.id for order in delivered)
        before = {c.id: max(1, c.reward_stage) for c in customers.values()}
        for stage in (2, 3):
            reached = [c for c in customers.values() if before[c.id] < stage <= before[c.id] + handed[c.id]]
            self.operator.reward(stage, [c.id for c in reached])
            for consumer in reached:
                consumer.reward_stage = stage

    def take_back(self, tomorrow: int) -> int:
        """Refund what was inspected today and digital goods at once; collect the rest. Returns the number."""
        back = [order for minute, order in self.pickups if minute < tomorrow]
        self.pickups = [(minute, order) for minute, order in self.pickups if minute >= tomorrow]
        due = [order for order in self.requests if order.back_minute < tomorrow]
        self.requests = [order for order in self.requests if order.back_minute >= tomorrow]
        for order in due:
            if order.digital:
                back.append(order)
            else:
                order.back_minute = tomorrow + INSPECTION
                self.pickups.append((tomorrow + INSPECTION, order))
        for order in back:
            order.status = RETURNED
        return len(back)
