"""Word goes round: one cascade, from the person who starts it to the last who pass it on."""

from __future__ import annotations

import math
from bisect import insort
from typing import TYPE_CHECKING

from benchmarks.twin.events import INVITATION, SHARE, WECHAT, Touch, single

if TYPE_CHECKING:
    from benchmarks.twin.consumer import Consumer
    from benchmarks.twin.market import TwinMarket

PURPOSE = "share.spread"


def cascade(model: TwinMarket, origin: Consumer, minute: int, invite: bool) -> list[Touch]:
    """Touches of one cascade; whoever passes it on does so once, when it first wins them over."""
    p, draws = model.config.sharing, model.draws
    root = draws.new_id(origin.id, model.day * 16 + model.daypart * 2 + invite, 7)
    pass_on = p.pass_on_invite if invite else p.pass_on
    tellers, agenda, touches = {origin.id}, [], []

    def tell(teller: Consumer, start: int, generation: int) -> None:
        event = draws.new_id(root, teller.id, 8)
        for friend in audience(model, teller, event, tellers, invite):
            touch = address(model, root, draws.new_id(event, friend.id, 9), origin, teller, friend, invite)
            delay = p.delay_median * math.exp(p.delay_sigma * draws.normal(PURPOSE, touch.id, 3))
            touch.minute, touch.generation = start + 1 + int(delay), generation
            insort(agenda, (touch.minute, touch.id, touch, friend))

    tell(origin, minute, 1)
    while agenda:
        _, _, touch, friend = agenda.pop(0)
        touches.append(touch)
        if friend.id not in tellers and draws.uniform(PURPOSE, touch.id, 2) < pass_on:
            tellers.add(friend.id)
            tell(friend, touch.minute, touch.generation + 1)
    return touches


def audience(model: TwinMarket, teller: Consumer, event: int, told: set[int], invite: bool) -> list[Consumer]:
    """Whom one passing-on reaches: a few close friends, or some of all acquaintances."""
    p, draws = model.config.sharing, model.draws
    circle = teller.close if invite else teller.acquaintances
    among = [friend for friend in circle if friend.id not in told]
    if invite:
        size = 1 + int(p.friends * draws.exponential(PURPOSE, event, 0))
    else:
        size = draws.poisson(PURPOSE, event, 0, p.audience)
    return draws.choose(PURPOSE, event, among, min(size, len(among)))


def address(
    model: TwinMarket,
    root: int,
    link: int,
    origin: Consumer,
    teller: Consumer,
    friend: Consumer,
    invite: bool,
) -> Touch:
    """What reaches the friend, and how likely it is to bring a visit."""
    p = model.config.sharing
    rewarded = invite and model.operator.promised_fen > 0 and model.operator.promising
    chance = p.share_click if friend.id in teller.close_ids else p.weak_click
    if invite:
        chance = p.invite_click
    chance *= model.platforms[WECHAT].traffic
    if friend.registered:
        chance *= 1.0 - p.duplicate
    coupon = model.config.incentive.recipient_coupon if invite and not friend.registered else 0.0
    return Touch(
        id=link,
        root=root,
        sender=teller.id,
        receiver=friend.id,
        minute=-1,
        generation=-1,
        source=INVITATION if invite else SHARE,
        category=origin.last_order_category,
        reward_fen=model.operator.promised_fen if rewarded else 0,
        invited=invite,
        chance=single(chance),
        coupon=single(coupon),
    )
