"""Numbers of public opinion: how bad news spreads, and what a firm may do about it."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty
from sim.social.listening import ListeningParams
from sim.social.readiness import ReadinessParams
from sim.stations.pool import PoolParams


class OpinionParams(Params):
    """Bad news, and the answer to it."""

    enabled: bool = constant(False, "switch", "S072")
    """Bad news spreads in this world, whatever the strategy; a shock of the kind ``scandal`` switches it on
    as well. What the operator does about it are the levers."""

    press: float = uncertainty(
        0.05, "share of people/day", "A-1090", ge=0, le=1, span=(0.01, 0.2), scope="strategy"
    )
    """People who hear of a scandal of size 1 from the press on one day."""

    tells: float = uncertainty(0.5, "chance", "A-1091", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Complaints without an answer that become a story."""

    strong: float = uncertainty(
        0.2, "chance/tie/day", "A-1092", ge=0, le=1, span=(0.05, 0.4), scope="strategy"
    )
    """A carrier tells a close acquaintance."""

    weak: float = uncertainty(
        0.06, "chance/tie/day", "A-1093", ge=0, le=1, span=(0.01, 0.15), scope="strategy"
    )
    """A carrier tells a distant one."""

    passes: float = uncertainty(0.5, "chance", "A-1094", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Who hears of a scandal carries it on."""

    passes_complaint: float = uncertainty(
        0.1, "chance", "A-1105", ge=0, le=1, span=(0.02, 0.3), scope="strategy"
    )
    """Who hears of somebody's complaint carries it on: it concerns few."""

    tell_days: float = uncertainty(3.0, "days", "A-1095", ge=1, le=90, span=(1.5, 7), scope="strategy")
    """Mean time for which somebody carries it."""

    age_days: float = uncertainty(14.0, "days", "A-1096", ge=1, le=365, span=(7, 30), scope="strategy")
    """Time constant with which a story gets old: it is told less, whoever carries it."""

    immune_days: float = constant(60.0, "days", "A-1097", ge=1, le=3650, scope="strategy")
    """Days for which nobody hears it anew."""

    hit: float = uncertainty(0.4, "share of the gap", "A-1098", ge=0, le=1, span=(0.2, 0.7), scope="strategy")
    """Trust lost by whoever hears it."""

    bad: float = uncertainty(
        0.10, "0..1", "A-1099; as trust.bad", ge=0, le=1, span=(0.0, 0.3), scope="strategy"
    )
    """Trust that the story suggests; who trusts less is not moved."""

    hedging: float = lever(0.0, "CNY/1,000 people/day", "S072; F111", ge=0, le=1000, span=(0, 20))
    """Information against the story, bought while anybody carries it."""

    hedging_enough: float = uncertainty(
        8.0, "CNY/1,000 people/day", "A-1100", ge=0.1, le=1000, span=(3, 30), scope="strategy"
    )
    """Spending at which two thirds of its effect are reached."""

    hedging_most: float = uncertainty(0.7, "share", "A-1101", ge=0, le=1, span=(0.3, 0.9), scope="strategy")
    """Telling that no spending can do more than prevent."""

    compensation: float = lever(0.0, "CNY/complaint", "S071; F093", ge=0, le=1000, span=(0, 60))
    """Paid with an answer in time."""

    compensation_enough: float = uncertainty(
        15.0, "CNY/complaint", "A-1102", ge=0.1, le=1000, span=(5, 50), scope="strategy"
    )
    """Compensation at which two thirds of what it can add are reached."""

    answer: float = uncertainty(0.4, "share", "A-1103", ge=0, le=1, span=(0.2, 0.6), scope="strategy")
    """What an answer in time repairs without money: of trust, as a share of the gap to ``repaired``, and of
    the wish to tell. Compensation adds to it up to all."""

    repaired: float = uncertainty(0.6, "0..1", "A-1104", ge=0, le=1, span=(0.5, 0.85), scope="strategy")
    """Trust of somebody whose complaint was answered well."""

    desk: PoolParams = PoolParams(staff=0.0, minutes=15.0, patience=24.0)
    """People who answer complaints."""

    readiness: ReadinessParams = ReadinessParams()
    """How soon they answer a crisis."""

    listening: ListeningParams = ListeningParams()
    """A machine that finds bad news among posts, for the people at the desk."""
