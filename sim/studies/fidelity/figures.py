"""Figures of the plan's chapters 1 to 4 that could be counted from events, and what they are held against.

Nothing here is fitted, and no figure of role ``emergent`` is a parameter anywhere. Where no mechanism could
bring a figure forth, the figure is listed and says what is missing.
"""

from __future__ import annotations

from itertools import pairwise

from sim.studies.fidelity.content import content
from sim.studies.fidelity.counts import (
    change,
    clicks,
    conversion_of,
    cost_of_partners_visits,
    difference,
    effect_on_insiders,
    group_share_of_people,
    group_share_of_revenue,
    kpi,
    members_again,
    ratio,
    response_of_suppliers,
    revenue,
    tellings_per_share,
)
from sim.studies.fidelity.figure import Figure
from sim.world.schema import Source

_REPEAT = "repurchase_30d"


def _open(fact: str, what: str, stated: float, unit: str, missing: str) -> Figure:
    return Figure(fact, what, stated, unit, "open", missing)


FIGURES: tuple[Figure, ...] = (
    Figure(
        "F002",
        "revenue from people under 25",
        0.42,
        "share",
        "direction",
        "share of revenue from Cyber Natives (18-24), against their share of people",
        group_share_of_revenue("cyber_native"),
        group_share_of_people("cyber_native"),
        cause="the plan may mean more people under 25 than the market has; here they earn least",
    ),
    Figure(
        "F014",
        "profit from customers who buy again",
        0.68,
        "share",
        "level",
        "profit from customers with two or more orders",
        kpi("baseline", "repeat_profit_share"),
        cause="a market burnt in for a year has mostly old customers",
    ),
    Figure(
        "F061",
        "cheating under three tiers",
        0.02,
        "share",
        "level",
        "fakes / accounts registered on an invitation, chances in place of counts",
        kpi("three tiers", "fraud_rate_expected"),
        sign=-1,
        bound=True,
        cause="rewards are cash in part, and the cost of faking is an assumption",
    ),
    Figure(
        "F048",
        "repurchase with a private domain of three levels",
        0.43,
        "share",
        "direction",
        "30-day repurchase of all buyers, against the baseline",
        kpi("three levels", _REPEAT),
        kpi("baseline", _REPEAT),
        cause="wages of advisers are taken from media and concessions",
    ),
    Figure(
        "F069",
        "repurchase of members with points on all platforms",
        0.56,
        "share",
        "direction",
        "30-day repurchase of those who are members at the end, against the baseline",
        members_again("points"),
        members_again("baseline"),
        cause="points cost money that media lack, and pay buyers who come anyway",
    ),
    Figure(
        "F092",
        "repurchase with three endorsements",
        0.58,
        "share",
        "direction",
        "30-day repurchase of all buyers, against the baseline",
        kpi("endorsements", _REPEAT),
        kpi("baseline", _REPEAT),
        cause="who has bought before has read and trusts already, so that proof wins first orders",
    ),
    Figure(
        "F104",
        "more repurchase in the private domain than outside",
        0.28,
        "change",
        "level",
        "those in the pool at the end, against the same people in the world without it",
        effect_on_insiders("private domain", "private_domain"),
        cause="the plan compares who joins with who does not, where this is what the pool itself does",
    ),
    Figure(
        "F063",
        "retention of newcomers with a first task",
        0.28,
        "share",
        "direction",
        "next-day retention of new users under flat cash, with tasks against without",
        kpi("invited with tasks", "next_day_retention"),
        kpi("invited", "next_day_retention"),
        cause="few of all new users are invited, and a task is no reason to come the next day",
    ),
    Figure(
        "F065",
        "spreads after a head influencer's share",
        1000.0,
        "",
        "direction",
        "passings-on of a large influencer's post, against those of an ordinary share",
        kpi("posts passed on", "relay_tellings_per_head_post"),
        tellings_per_share("posts passed on"),
        cause="a small market has small influencers, whose readers are few",
    ),
    Figure(
        "F068",
        "long-tail traffic that the head drives",
        0.99,
        "share",
        "direction",
        "of visits that large influencers' posts cause, those that others bring, against half of them",
        kpi("posts passed on", "relay_tail_share"),
        lambda _: 0.5,
        cause="most people who see a large influencer's post see it there, and not passed on",
    ),
    Figure(
        "F095",
        "net promoter score where trust is cared for",
        45.0,
        "",
        "direction",
        "promoters less detractors of all customers, with words in person to some against none",
        kpi("asked and cared for", "survey_nps_known"),
        kpi("asked", "survey_nps_known"),
        cause="words in person lift those who trust least to where they neither recommend nor warn",
    ),
    Figure(
        "F097",
        "fall of sales in a downturn met with bundles",
        -0.08,
        "change",
        "direction",
        "kept revenue with bundles against none, both in a downturn",
        change("downturn with bundles", "kept_revenue"),
        change("downturn", "kept_revenue"),
        cause="a bundle lowers the price of buyers who would have paid the full one",
    ),
    Figure(
        "F078",
        "fewer days of stock with prices that follow it",
        -23.0,
        "days",
        "direction",
        "with a data platform and shelves that tell besides, less without, at equal media",
        difference("prices and stock", "equal media", "inventory_days"),
        lambda _: 0.0,
        sign=-1,
        cause="stock lasts less than the days aimed at: prices rise, and people shy from moving prices",
    ),
    Figure(
        "F102",
        "return on advertisements once others bid more",
        2.8,
        "",
        "direction",
        "return on the video platform, while bidders and traffic grow against while they do not",
        kpi("bidders who grow", "marketing_roi_douyin"),
        kpi("bidders who stay", "marketing_roi_douyin"),
        sign=-1,
        cause="in a quarter of a year growth of budgets is small beside that of traffic",
    ),
    Figure(
        "F101",
        "return on advertisements before",
        3.2,
        "",
        "fitted",
        "return on the video platform, with bidders who do not grow; nothing was fitted to it",
        kpi("bidders who stay", "marketing_roi_douyin"),
        cause="it follows from prices of attention, clicks and conversion, which were not fitted to it",
    ),
    Figure(
        "F070",
        "more clicks with linked identities",
        0.34,
        "change",
        "input",
        "visits by advertisements / impressions, with the same media budget",
        ratio(clicks("linked identities"), clicks("equal media")),
        cause="more people register, and who is registered answers advertisements more readily",
    ),
    Figure(
        "F066",
        "ordinary shares convert",
        0.02,
        "share",
        "fitted",
        "orders / visits by unrewarded shares",
        conversion_of(Source.SHARE),
    ),
    Figure(
        "F013",
        "repurchase of firms that look at single sales",
        0.30,
        "share",
        "fitted",
        "30-day repurchase, baseline",
        kpi("baseline", _REPEAT),
        sign=-1,
        bound=True,
    ),
    Figure(
        "F047",
        "growth of sales in the month of a challenge",
        1.20,
        "change",
        "direction",
        "revenue of its thirty days, against the baseline's",
        ratio(revenue("challenge", 0, 30), revenue("baseline", 0, 30)),
        lambda _: 0.0,
        cause="prizes and fees are taken from media, and entries are seen by few",
    ),
    Figure(
        "F086",
        "lower acquisition cost by open interfaces",
        -0.22,
        "change",
        "input",
        "joint marketing a visit that partners bring, all interfaces open against none",
        ratio(cost_of_partners_visits("partners by open interfaces"), cost_of_partners_visits("partners")),
        cause="who is shown offers more readily tires of them",
    ),
    Figure(
        "F090",
        "faster response of suppliers in deep cooperation",
        0.35,
        "change",
        "input",
        "usual lead / lead at the end, less 1; as deep as it can be",
        response_of_suppliers("deep partners"),
        cause="partners have left",
    ),
    _open("F041", "repurchase of beauty goods across the border", 0.67, "share", "no region across a border"),
    _open("F055", "time spent a day, in hours", 3.2, "", "no time spent is recorded"),
    *content(),
    _open("F087", "higher margin of fresh goods from the origin", 0.25, "change", "no supply made to order"),
    _open(
        "F088",
        "minutes until a break is answered",
        15.0,
        "",
        "an input that leaves no event of its own: breaks are felt for a shorter time "
        "(tests/operator/test_partners.py)",
    ),
    _open(
        "F089",
        "members lost after a dispute about the split",
        -0.50,
        "change",
        "an input; too few disputes in a quarter to count it (tests/operator/test_partners.py)",
    ),
)

#: Stated levels of repurchase, lowest first, by the arm that would bring each.
REPURCHASE: tuple[tuple[str, float, str], ...] = (
    ("F013", 0.30, "baseline"),
    ("F048", 0.43, "three levels"),
    ("F069", 0.56, "points"),
    ("F092", 0.58, "endorsements"),
)


def orderings() -> tuple[Figure, ...]:
    """Each stated repurchase against the next lower one, where both have an arm."""
    return tuple(
        Figure(
            fact=f"{low[0]} < {high[0]}",
            what=f"repurchase: {high[2]} above {low[2]}",
            stated=high[1] - low[1],
            unit="share",
            role="order",
            counted="30-day repurchase, difference on the same worlds",
            simulated=kpi(high[2], _REPEAT),
            against=kpi(low[2], _REPEAT),
        )
        for low, high in pairwise(REPURCHASE)
    )
