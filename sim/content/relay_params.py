"""Numbers of relays: how readily posts are passed on, and small accounts write of what large ones posted."""

from __future__ import annotations

from sim.core.params import Params, constant, uncertainty


class RelayParams(Params):
    """What becomes of an influencer's post after it has been read."""

    enabled: bool = constant(False, "switch", "definition")
    """Off: posts of influencers end with their readers."""

    pass_on: float = uncertainty(0.01, "chance", "A-965", ge=0, le=1, span=(0, 0.04))
    """A reader passes a post on to people he or she knows, less often the more was shared of late; reposts
    are one in a hundred views or fewer."""

    activation: float = uncertainty(0.1, "chance", "A-1030", ge=0, le=1, span=(0, 0.4))
    """An opinion consumer who reads an opinion leader's post writes of it for followers of his or her own."""

    cool_down: int = uncertainty(7, "days", "A-1031", ge=1, le=365, span=(2, 21))
    """Whoever has written of one writes of no other for so long."""

    tires: float = uncertainty(0.5, "1/post", "A-1032", ge=0, le=10, span=(0.1, 1.5))
    """Each post of opinion leaders read of late makes writing of the next less likely, by exp(-tires)."""

    rest_days: float = uncertainty(7.0, "days", "A-1033", ge=0.1, le=365, span=(3, 21))
    """Time after which nearly two thirds of that is forgotten."""

    delay_hours: float = uncertainty(12.0, "hours", "A-1034", ge=0.1, le=240, span=(3, 48))
    """Mean time from reading to the post of one's own."""
