"""Features of content: notes, posts, sponsorship, livestreams of hosts and sessions of the brand."""

from __future__ import annotations

from typing import Any

from sim.content.ambassadors import Ambassadors
from sim.content.challenges import Challenge
from sim.content.craft import Craft
from sim.content.influencers import InfluencerParams, Posts, Sponsorship
from sim.content.livestreams import Livestreams
from sim.content.notes import Content, ContentParams
from sim.content.pool import ContentPool
from sim.content.relay import Relay
from sim.content.sessions import Sessions
from sim.content.studio import Studio
from sim.content.usage import Usage
from sim.content.virtual_hosts import VirtualHosts
from sim.feature import SourceTerm, built_in
from sim.world.rhythm import Rhythm
from sim.world.schema import Source


def _voice(config: Any) -> SourceTerm:
    """What a host's voice does for a cart; where influencers stop, own sessions say it themselves."""
    heard = SourceTerm("live", "cart", (Source.LIVESTREAM,), config.choice.cart_live, cools=True)
    heard.offers = True
    return heard


FEATURES = (
    built_in("content", ContentParams, lambda c, _: [Content(c.content)]),
    built_in(
        "influencers",
        InfluencerParams,
        lambda c, moment: [
            Sponsorship(c.influencers, c.channel_mix.kol_split, Rhythm.of(c, moment.hours)),
            Posts(c.influencers, c.traffic.registered_response, Rhythm.of(c, moment.hours)),
            Livestreams(c.influencers, c.traffic.registered_response, moment.hours),
            _voice(c),
        ],
    ),
    Sessions,
    Relay,
    Challenge,
    ContentPool,
    Studio,
    VirtualHosts,
    Craft,
    Usage,
    Ambassadors,
)
