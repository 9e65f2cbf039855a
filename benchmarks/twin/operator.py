"""The other side of the market: platforms with their feeds and prices, and the operator's purse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

from benchmarks.twin.events import single

if TYPE_CHECKING:
    from benchmarks.twin.events import Order
    from benchmarks.twin.market import TwinMarket


def fen(cny: float) -> int:
    """Whole fen of an amount, half to even."""
    return round(cny * 100)


class Platform(mesa.Agent):
    """One platform: sells attention, ranks the brand in its feed."""

    model: TwinMarket

    def __init__(self, model: TwinMarket, values: dict[str, Any]) -> None:
        super().__init__(model)
        self.row = int(values["row"])
        for name, value in values.items():
            setattr(self, name, value)

    def sell(self, bill_fen: int) -> None:
        """Sell impressions; what they reach wears off and saturates."""
        p, slope = self.model.config.media, self.model.config.platforms.price_slope
        weight, users, presence = self.audience(p.targeting)
        cpm = self.cpm * (1.0 + slope * (bill_fen / 100.0 / users) / 0.1)
        price = round(cpm * 100.0)
        bought = int(bill_fen * 1000 // price) if price > 0 else 0
        self.adstock = bought / users + p.carry_over * self.adstock
        felt = p.saturation * (1.0 - math.exp(-(1.0 - p.carry_over) * self.adstock / p.saturation))
        self.paid_scale = felt * users / weight if weight > 0 else 0.0
        self.feed_scale = self.feed * self.rank * self.traffic
        self.shown_today = bought + round(presence * self.feed_scale)

    def audience(self, targeting: float) -> tuple[float, float, float]:
        """Delivery weight, users and time of everybody who uses the platform."""
        weight, users, presence = 0.0, 0, 0.0
        for consumer in self.model.consumers:
            use = consumer.affinity[self.row]
            if use > 0.0:
                time = single(consumer.activity * use)
                weight += time * (targeting if consumer.registered else 1.0)
                users += 1
                presence += time
        return weight, max(users, 1.0), presence

    def judge(self, sold: list[Order], done: list[Order], returned: int) -> None:
        """Tomorrow's rank: a week's sales per impression, less for low scores and returns."""
        p, keep = self.model.config.platforms, math.exp(-1.0 / self.model.config.media.window)
        revenue = 0.0
        for order in sold:
            if order.visit.origin == self.row:
                revenue += order.paid_fen / 100.0
        self.sales = keep * self.sales + revenue
        self.impressions = keep * self.impressions + self.shown_today
        delivered = len(done)
        low, loud = sum(order.low_score for order in done), sum(order.complaint for order in done)
        if delivered:
            self.complaint_share += (1.0 - keep) * (loud / delivered - self.complaint_share)
            self.low_score += (1.0 - keep) * (low / delivered - self.low_score)
            self.return_share += (1.0 - keep) * (min(1.0, returned / delivered) - self.return_share)
        if self.feed > 0.0:  # without a feed there is nothing to rank in
            ratio = self.sales / max(1.0, self.impressions) / (p.reference_sales / 1000.0)
            excess = (self.low_score - p.usual_low_score) + (self.return_share - p.usual_returns)
            excess = excess + p.complaint_weight * (self.complaint_share - p.usual_complaints)
            standing = max(p.least_standing, 1.0 - p.score_weight * excess)
            self.rank = min(p.rank_ceiling, max(p.rank_floor, ratio)) ** p.rank_elasticity * standing


class Operator(mesa.Agent):
    """Divides the day's allowance, makes content, promises and pays rewards."""

    model: TwinMarket

    def __init__(self, model: TwinMarket, values: dict[str, Any]) -> None:
        super().__init__(model)
        for name, value in values.items():
            setattr(self, name, value)
        self.amounts = self.schedule()
        self.promised_fen = fen(sum(self.amounts))
        self.invite_gain = 0.0
        self.promising = True
        self.promises: dict[tuple[int, int], tuple[int, int]] = {}
        self.crowd = 1
        self.today: dict[str, int] = {}
        self.other_spend_yesterday = 0.0

    def schedule(self) -> list[float]:
        """Reward for registration, first and second order of an invited person, CNY."""
        p = self.model.config.incentive
        if p.design == "flat_cash":
            return [p.invite_reward, 0.0, 0.0]
        if p.design == "three_tier":
            a, b = p.tier_split_subsidy, p.tier_split_service
            return [a * p.invite_reward, b * p.invite_reward, (1.0 - a - b) * p.invite_reward]
        return [0.0, 0.0, 0.0]

    def spend(self, kind: str, amount: int) -> None:
        """Money goes out of the all-in budget."""
        self.today[kind] = self.today.get(kind, 0) + amount
        self.spent_fen += amount

    def free(self) -> float:
        """Money for new promises: all allowances so far less all that was spent or promised."""
        if self.model.config.control.budget_rule == "media":
            return math.inf
        promised = sum(amount for amount, _ in self.promises.values())
        return self.allowance_fen - self.spent_fen - promised

    def can_promise(self, amount: int) -> bool:
        """Whether there is so much; a campaign that stops for want of money is remembered till morning."""
        enough = amount <= 0 or amount <= self.free()
        self.stopped |= not enough
        return enough

    def decide(self) -> None:
        """Morning: content is paid, and media get what the other levers are used to leave."""
        n = len(self.model.consumers)
        self.today = {}
        media = self.media_money(n)  # influencers are not core: with nobody to pay, all of it goes to media
        content = self.model.config.content
        premium = 1.0 + content.hybrid_premium * (1.0 + content.hybrid_scarcity * content.hybrid_share) * (
            content.hybrid_share
        )
        bill = fen(content.cost_per_1000 * premium * n / 1000.0)
        self.model.use_content(paid=self.can_promise(bill))
        if self.model.content_paid:
            self.spend("content", bill)
        shares = self.model.config.channel_mix.shares()
        for platform, share in zip(self.model.platforms, shares, strict=True):
            bill = math.floor(share * media)
            platform.sell(bill)
            self.spend("media", bill)

    def media_money(self, n: int) -> float:
        """Today's budget of media, fen."""
        control = self.model.config.control
        if control.budget_rule == "media":
            return control.media_budget * n * 100.0
        allowance = control.daily_budget * n * 100.0
        self.crowd = n
        self.allowance_fen += fen(control.daily_budget * n)
        if self.budget_days == 0:  # nobody knows yet what the others take
            self.usual_other_spend = max(self.usual_other_spend, control.opening_reserve * allowance)
        else:
            wanted = self.other_spend_yesterday
            if self.stopped:
                wanted = max(wanted, allowance)
            weight = max(control.smoothing, 1.0 / self.budget_days)
            self.usual_other_spend += weight * (wanted - self.usual_other_spend)
        self.budget_days += 1
        self.stopped = False
        crowd = min(self.crowd, control.even_people)  # fewer people have more uneven days
        savings_wanted = (1.0 + control.days_at_hand * (control.even_people / crowd) ** 0.5) * allowance
        change = control.smoothing * (self.free() - savings_wanted)
        most = self.free() - self.usual_other_spend
        return max(0.0, min(most, allowance - self.usual_other_spend + change))

    def promise(self) -> None:
        """How much more people invite for what the reward feels like to them, while there is money for it."""
        p, sharing = self.model.config.incentive, self.model.config.sharing
        self.promising = self.can_promise(sum(fen(amount) for amount in self.amounts))
        if not self.promising:
            self.invite_gain = 0.0
            return
        voucher = p.design == "three_tier"
        worth = 0.0
        for stage, amount in enumerate(self.amounts):
            kind = p.voucher_worth if voucher else 1.0
            later = math.exp(-p.clawback_days / p.payout_patience)
            if stage:  # perhaps never, and perhaps too late
                later *= p.perceived_later * (1.0 - math.exp(-p.valid_days / p.reach_days))
            worth += amount * kind * later * (self.stage_counts[stage] / self.stage_counts[0])
        self.invite_gain = sharing.invite_gain * (1.0 - math.exp(-worth / sharing.reward_scale))

    def welcome(self, day: int, invited: list[int]) -> None:
        """People registered on an invitation: as many as there is money for get all stages promised."""
        self.stage_counts[0] += len(invited)
        self.promises = {key: one for key, one in self.promises.items() if one[1] >= day}
        first, *later = (fen(amount) for amount in self.amounts)
        all_stages = first + sum(later)
        lucky = len(invited)
        if all_stages * lucky > max(0, self.free()):
            self.stopped = True
            lucky = max(0, int(self.free() // all_stages))
        last_day = day + 1 + self.model.config.incentive.valid_days
        for person in invited[:lucky]:
            self.spend("reward", first)
            for stage, amount in enumerate(later, start=2):
                self.promises[person, stage] = (amount, last_day)

    def reward(self, stage: int, reached: list[int]) -> None:
        """Invited people reached a stage: their inviters have earned what was promised for it."""
        self.stage_counts[stage - 1] += len(reached)
        for person in reached:
            amount, _ = self.promises.pop((person, stage), (0, 0))
            self.spend("reward", amount)

    def close(self) -> None:
        """Evening: note what went on anything but media."""
        self.other_spend_yesterday = float(sum(self.today.values()) - self.today.get("media", 0))
