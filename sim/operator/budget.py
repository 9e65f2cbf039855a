"""Budget: one allowance, credited day by day, that binds; media get what the other levers leave of it.

Strategies are compared at equal all-in spend: rewards, discounts, commissions, fees, review,
private domain and extra delivery capacity are paid from the same allowance as media. A promise
reserves the money it may cost; without free money nothing new is promised (the day is recorded in
``campaign_stops``), and what was earned is always paid. What a day leaves is there on the next. Under
the ``media`` rule media get a fixed budget and everything else comes on top.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.operator.signals import OTHER_SPEND
from sim.rules import MonitorParams, ResponseParams
from sim.world.platforms import PLATFORMS
from sim.world.schema import Spend
from sim.world.world import World


class ChannelMixParams(Params):
    """How the budget is divided; the shares of platforms are scaled to sum to one."""

    douyin: float = lever(0.40, "share of media", "S084", ge=0, le=1, span=(0.2, 0.6))
    """Share of paid media."""

    wechat: float = lever(0.20, "share of media", "S084", ge=0, le=1, span=(0.05, 0.4))
    """Share of paid media."""

    xiaohongshu: float = lever(0.20, "share of media", "S084", ge=0, le=1, span=(0.05, 0.4))
    """Share of paid media."""

    taobao_live: float = lever(0.12, "share of media", "S084", ge=0, le=1, span=(0.02, 0.3))
    """Share of paid media."""

    jd: float = lever(0.08, "share of media", "S084", ge=0, le=1, span=(0.0, 0.3))
    """Share of paid media."""

    influencer_share: float = lever(0.30, "share of media allowance", "S042", ge=0, le=1, span=(0, 0.5))
    """What goes to paid influencer posts instead of media."""

    kol_split: float = lever(0.6, "share of influencer budget", "S042", ge=0, le=1, span=(0.2, 0.9))
    """To opinion leaders; the rest to the many small ones."""

    linked_ids: bool = lever(False, "switch", "F070")
    """Identities linked across platforms: ads and feeds are clicked more (traffic.linked_click)."""

    linked_ids_cost: float = uncertainty(0.012, "CNY/consumer/day", "A-350", ge=0, le=10, span=(0.003, 0.03))
    """What linking costs: licences and people, about a fifth of the whole allowance."""

    def shares(self) -> np.ndarray:
        """float64[n_platforms], summing to one (or all zero)."""
        raw = np.array([getattr(self, name, 0.0) for name in PLATFORMS], np.float64)
        return raw / raw.sum() if raw.sum() > 0 else raw


class ControlParams(Params):
    """The operator's budget rule and alarms."""

    budget_rule: Literal["all_in", "media"] = lever("all_in", "rule", "A-868; equal all-in spend")
    """all_in: one allowance for everything; media: a fixed media budget, the rest on top."""

    daily_budget: float = lever(0.120, "CNY/consumer/day", "A-983", ge=0, le=100, span=(0.04, 0.2))
    """All-in allowance; the brand's own room takes nearly half of it, and most of the rest is left for media
    and influencers in the baseline."""

    media_budget: float = lever(0.05, "CNY/consumer/day", "A-352", ge=0, le=100, span=(0.02, 0.1))
    """Media and influencers under the media rule."""

    opening_reserve: float = constant(0.5, "share of the allowance", "A-812", ge=0, le=1)
    """Kept from media on a strategy's first day, when nobody knows yet what the other levers take."""

    days_at_hand: float = constant(1.0, "days of the allowance", "A-813", ge=0, le=30)
    """Savings that media leave untouched, in a market in which concessions come evenly (even_people): on some
    days they take twice the usual."""

    even_people: int = constant(20_000, "people", "A-920; counts vary by their root", ge=1, le=10**9)
    """A smaller market keeps more days at hand, by the root of its smaller number: there one large concession
    takes most of a day's allowance. A strategy's money then lasts as long at any size."""

    def at_hand(self, people: int) -> float:
        """Days of the allowance that ``people`` people's operator keeps."""
        return self.days_at_hand * max(1.0, math.sqrt(self.even_people / max(people, 1)))

    smoothing: float = constant(0.2, "share/day", "A-353", ge=0.01, le=1)
    """How fast media follow what the other levers spend."""

    alarm: MonitorParams = MonitorParams(ratio=3.0)
    """Passings-on per buyer of a category at which review is raised: three times the usual (F064)."""

    alarm_review: float = lever(0.3, "added share reviewed", "S040", ge=0, le=1, span=(0.1, 0.6))
    """Rise of review intensity during an alarm."""

    alarm_damping: float = lever(0.0, "share of invitations", "S040", ge=0, le=1, span=(0, 0.5))
    """Invitations that a rate limit stops during an alarm."""

    alarm_content_review: float = lever(0.0, "share of what is passed on", "S040", ge=0, le=1, span=(0, 0.5))
    """What is passed on that is read before it is shown, during an alarm."""

    answer: ResponseParams = ResponseParams()
    """How long it takes until review is raised, for how long it is, and what it costs beside the reviews."""

    valuation_days: float = constant(30.0, "days", "A-810", ge=0.1, le=365)
    """Memory of the experience (cancellations, delivery costs, returns) by which open orders are valued in
    the books: long enough to be steady, short enough to follow a strategy."""

    capacity_cost_share: float = constant(1.0, "share", "definition", ge=0, le=1)
    """Share of extra delivery capacity that is charged to the campaign."""


class Budget:
    """Divides today's allowance."""

    name = "budget"
    phase = Phase.DECIDE
    reads = frozenset({"observed~", "operator.sponsored~", "stage"})
    writes = frozenset(
        {
            "stage",
            "records.stage_days",
            "operator.media",
            "operator.allowance",
            "operator.terms.linked",
            "records.spend",
            "ledger",
        }
    )

    def __init__(
        self, mix: ChannelMixParams, control: ControlParams, extra_capacity: float, influencers: bool
    ) -> None:
        self.mix = mix
        self.control = control
        self.extra_capacity = extra_capacity
        self.shares = mix.shares()
        self.influencers = influencers
        self.influencer_share = mix.influencer_share if influencers else 0.0

    def act(self, world: World, draw: Draw) -> None:
        """Yesterday's other spend, smoothed, is what media must make room for."""
        operator, control = world.operator, self.control
        n = len(world.people)
        operator.limited = control.budget_rule == "all_in"
        each = control.daily_budget if operator.limited else control.media_budget
        released, share = self._release(world, to_fen(each * n))
        if operator.limited:
            operator.allowance_fen += released
        self._fixed_costs(world, n)
        available = each * n * 100.0 * share
        if operator.limited:
            available = self._what_is_left(world, available)
        operator.influencer_fen = self.influencer_share * available
        world.reserve("pots", float(operator.influencer_pots.sum()) + operator.influencer_fen)
        media = available - operator.influencer_fen
        operator.media_fen = np.floor(self.shares * media).astype(np.int64)

    @staticmethod
    def _release(world: World, budget: int) -> tuple[int, float]:
        """What the stage of the plan releases of a day's budget: in fen, and relative to it."""
        stage = world.stage
        released = stage.released(budget)
        if stage.name:
            world.records.stage_days.append(
                day=world.day,
                stage=stage.name,
                budget_fen=budget,
                released_fen=released,
                held_fen=stage.held_fen,
            )
        return released, released / budget if budget else 1.0

    def _what_is_left(self, world: World, allowance: float) -> float:
        """Allowance less the other levers' usual spend, drawn towards the savings to be kept at hand.

        What the other levers want is learnt from the strategy's first days, and where they were
        stopped they could have used the whole allowance. Savings even out their days: media pay part of
        what is missing from them and get part of what is beyond.
        """
        operator, control = world.operator, self.control
        usual = operator.usual_other_spend
        others = world.observed.latest(OTHER_SPEND.name, world.clock.midnight)
        if operator.budget_days == 0:
            operator.usual_other_spend = max(usual, control.opening_reserve * allowance)
        else:
            if world.operator.stopped:
                others = max(others, allowance)
            follow = max(control.smoothing, 1.0 / operator.budget_days)
            operator.usual_other_spend += follow * (others - usual)
        operator.budget_days += 1
        operator.stopped = False
        usual, free = operator.usual_other_spend, world.free_fen()
        beyond = free - (1.0 + control.at_hand(len(world.people))) * allowance
        return max(0.0, min(free - usual, allowance - usual + control.smoothing * beyond))

    def _fixed_costs(self, world: World, n: int) -> None:
        """Standing costs come first; capacity is hired with the strategy and paid whatever is left."""
        operator = world.operator
        operator.reserved_fen[:] = 0.0  # pots and posts are set aside anew below
        if not self.influencers:  # nobody is left whom savings for posts could pay
            operator.influencer_pots[:] = 0.0
        # paid with the day's logistics bill, from which it is taken out
        operator.extra_capacity_fen = round(self.extra_capacity * self.control.capacity_cost_share)
        world.reserve("capacity", operator.extra_capacity_fen)
        world.reserve("pots", float(operator.influencer_pots.sum()))
        fen = to_fen(self.mix.linked_ids_cost * n)
        operator.terms.linked_ids = self.mix.linked_ids and world.affords(Spend.LINKED_IDS, fen)
        if operator.terms.linked_ids:
            world.spend(Spend.LINKED_IDS, fen)
