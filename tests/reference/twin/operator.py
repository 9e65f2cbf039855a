"""The other side of the market: platforms with their feeds and prices, and the operator's purse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import mesa

from tests.reference.twin.events import single

if TYPE_CHECKING:
    from tests.reference.twin.events import Order
    from tests.reference.twin.market import TwinMarket


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
        self.today: dict[str, int] = {}

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

    def decide(self) -> None:
        """Morning: media get what the other levers are used to leave."""
        control, mix, n = self.model.config.control, self.model.config.channel_mix, len(self.model.consumers)
        self.today = {}
        if control.budget_rule == "media":
            available = control.media_budget * n * 100.0
        else:
            allowance = control.daily_budget * n * 100.0
            self.allowance_fen += fen(control.daily_budget * n)
            change = self.other_spend_yesterday - self.usual_other_spend
            self.usual_other_spend += control.smoothing * change
            drift = control.smoothing * (self.allowance_fen - allowance - self.spent_fen)
            correction = max(-allowance, min(allowance, drift))
            available = max(0.0, allowance - self.usual_other_spend + correction)
        media = available  # influencers are not core: with nobody to pay, all of it goes to media
        for platform, share in zip(self.model.platforms, mix.shares(), strict=True):
            bill = math.floor(share * media)
            platform.sell(bill)
            self.spend("media", bill)
        content = self.model.config.content
        premium = 1.0 + content.hybrid_premium * (1.0 + content.hybrid_scarcity * content.hybrid_share) * (
            content.hybrid_share
        )
        self.spend("content", fen(content.cost_per_1000 * premium * n / 1000.0))
        self.promise()

    def promise(self) -> None:
        """How much more people invite for what the reward feels like to them."""
        p, sharing = self.model.config.incentive, self.model.config.sharing
        voucher = p.design == "three_tier"
        worth = 0.0
        for stage, amount in enumerate(self.amounts):
            kind = p.voucher_worth if voucher else 1.0
            later = (p.perceived_later if stage else 1.0) * math.exp(-p.clawback_days / p.payout_patience)
            worth += amount * kind * later * (self.stage_counts[stage] / self.stage_counts[0])
        self.invite_gain = sharing.invite_gain * (1.0 - math.exp(-worth / sharing.reward_scale))

    def reward(self, stage: int, number: int) -> None:
        """Invited people reached a stage: their inviters have earned it."""
        self.stage_counts[stage - 1] += number
        amount = fen(self.amounts[stage - 1])
        if amount and number:
            self.spend("reward", amount * number)

    def close(self) -> None:
        """Evening: note what went on anything but media."""
        self.other_spend_yesterday = float(sum(self.today.values()) - self.today.get("media", 0))
