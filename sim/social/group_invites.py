"""Group invitations: whoever opens a group tells a few close friends, with a link to it."""

from __future__ import annotations

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.network.cascade import FEW_FRIENDS, spread
from sim.social.sharing import SharingParams
from sim.world.platforms import WECHAT
from sim.world.schema import Source
from sim.world.world import World


class GroupInvites:
    """Touches from this daypart's new groups, felt from the next daypart on."""

    name = "group_invites"
    phase = Phase.FULFIL
    reads = frozenset({"flow.openers", "records.orders", "graph", "groups", "people.id"})
    writes = frozenset({"agendas.touches", "records.touches", "group_links"})

    def __init__(self, params: SharingParams) -> None:
        self.params = params

    def act(self, world: World, draw: Draw) -> None:
        """One hop to close friends, at the minute the group was opened."""
        orders, p, rows = world.records.orders, self.params, world.flow.openers
        if not len(rows):
            return
        seats, minutes = orders["seat"][rows].astype(np.int64), orders["minute"][rows]
        # keys below 0 keep these cascades apart from sharers' and affiliates', whose keys count from 0
        hops = spread(
            draw("group.spread"),
            world.graph,
            world.people.id,
            seats,
            minutes,
            -1 - minutes,
            strong_only=True,
            law=FEW_FRIENDS,
            mean=p.friends,
            pass_on=0.0,
            delay_median=p.delay_median,
            delay_sigma=p.delay_sigma,
        )
        category = orders["category"][rows][hops.cascade]
        sender, receiver = world.people.id[hops.sender], world.people.id[hops.receiver]
        minute = np.maximum(hops.minute, world.clock.end)
        world.agendas["touches"].add(
            minute=minute,
            seat=hops.receiver,
            person=receiver,
            source=int(Source.GROUP_BUY),
            origin=WECHAT,
            category=category,
            chance=p.invite_click,
            touch=hops.touch,
            sender=-1,
            discount=0.0,
            commission=0.0,
            rewarded=False,
        )
        world.records.touches.append(
            touch=hops.touch,
            root=hops.root,
            sender=sender,
            receiver=receiver,
            day=(minute // MINUTES_PER_DAY).astype(np.int32),
            minute=minute,
            source=int(Source.GROUP_BUY),
            generation=hops.generation,
            category=category,
            reward_fen=0,
        )
        opened = {g.rows[0]: g.group_id for g in world.groups if g.opener >= 0}
        for touch, origin in zip(hops.touch.tolist(), rows[hops.cascade].tolist(), strict=True):
            if origin in opened:
                world.group_links[touch] = opened[origin]
        if world.clock.daypart == 0:
            alive = {g.group_id for g in world.groups}
            world.group_links = {t: g for t, g in world.group_links.items() if g in alive}
