"""A friend's word is worth something whatever way it came: a share, an invitation, or an open group."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from sim.config import compose
from sim.registry import mechanisms
from sim.world.schema import Source
from sim.world.terms import TermSum


def test_friends_sell_whatever_way_they_tell() -> None:
    """A share, an invitation and a group are friends' words; affiliates, feeds and streams are none."""
    config = compose(["scenario=baseline", "choice.order_friend=1", "choice.order_direct=3"])
    told = {m.name: m for m in mechanisms(config) if m.name in ("order_friend", "order_direct")}
    flow = SimpleNamespace(visits={"source": np.arange(len(Source))}, order=TermSum("order"))
    for mechanism in told.values():
        mechanism.act(SimpleNamespace(flow=flow), None)
    assert flow.order.total(len(Source)).tolist() == [0, 0, 0, 3, 0, 0, 0, 0, 1, 1, 0, 1]
