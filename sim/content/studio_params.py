"""Numbers of a production line of content: stations, what they cost, and what goes wrong without review."""

from __future__ import annotations

from functools import partial

from sim.core.params import Params, constant, lever, uncertainty

_unknown = partial(uncertainty, scope="strategy")
_held = partial(constant, scope="strategy")


class StudioParams(Params):
    """Pieces that people write, or that machines generate and optimise and people refine."""

    enabled: bool = lever(False, "switch", "S059")
    """A line of stations makes pieces for the pool, beside those made by hand."""

    briefs: float = lever(4.0, "pieces/day", "S059", ge=0, le=500, span=(1, 15))
    """Pieces that are asked for; what stations cannot do waits, and grows old."""

    machine_share: float = lever(0.8, "share of pieces", "F120", ge=0, le=1)
    """Pieces that machines write; people write the others."""

    optimised: float = lever(1.0, "share of machine pieces", "S059", ge=0, le=1)
    """Sent on to machine optimisation, which makes them come to the point sooner."""

    refined: float = lever(1.0, "share of machine pieces", "S059", ge=0, le=1)
    """Sent on to people who go over them."""

    reviewed: float = lever(1.0, "share of sensitive machine pieces", "S058", ge=0, le=1)
    """Checked by people before they are shown: 1 = review is mandatory."""

    writers: int = lever(1, "people on a shift", "S059", ge=0, le=100)
    """Who write pieces, one at a time."""

    machines: int = lever(1, "pieces at a time", "S053", ge=0, le=100)
    """Pieces that are generated at a time, and as many optimised, round the clock."""

    refiners: int = lever(1, "people on a shift", "S059", ge=0, le=100)
    """Who go over machine copy."""

    reviewers: int = lever(1, "people on a shift", "S058", ge=0, le=100)
    """Who check claims on ingredients, safety and effect."""

    clerks: int = lever(0, "people on a shift", "S054", ge=0, le=100, span=(0, 3))
    """Who fill in attributes of the goods that machines are to write about."""

    attributes: float = lever(0.9, "share of attributes", "S054", ge=0, le=0.99, span=(0.6, 0.95))
    """How far clerks fill in what is missing of an article; no further where more is known already."""

    from_reviews: float = lever(0.0, "share of machine pieces", "S057", ge=0, le=1, span=(0, 1))
    """Pieces that are to show what reviews of the goods praise most, as far as somebody reads these."""

    topic_least: int = lever(3, "reviews", "S057", ge=1, le=10_000, span=(1, 20))
    """So many must praise a topic, as read, before pieces show it."""

    topic_days: int = _unknown(30, "days", "A-1450", ge=1, le=720, span=(7, 90))
    """Days for which what was read counts."""

    topic_click: float = _unknown(
        0.5, "share of clicks", "A-1451; the plan has no figure", ge=0, le=5, span=(0.1, 1)
    )
    """Clicks gained of those to whom the topic matters."""

    topic_bores: float = _unknown(
        0.2, "share of clicks", "A-1452; the plan has no figure", ge=0, le=1, span=(0, 0.5)
    )
    """Clicks lost of all others, who see something else than they care for."""

    topic_stages: float = _unknown(1.0, "stages/piece", "A-1453", ge=0, le=100, span=(0.5, 5))
    """What a machine takes to show a topic, in stages of its cost."""

    write_minutes: float = _unknown(120.0, "minutes/piece", "A-1159", ge=1, le=10_000, span=(60, 300))
    """Writing a piece; tasks at all stations are exponential."""

    speed: float = _held(2.0, "share", "F079", ge=0, le=50)
    """How much faster a machine generates than somebody writes: 200% faster takes a third of the time."""

    optimise_minutes: float = _unknown(10.0, "minutes/piece", "A-1160", ge=0.1, le=10_000, span=(2, 30))
    """Optimising a piece by machine."""

    attributes_known: float = _unknown(
        0.6, "share of attributes", "A-1446; nobody says", ge=0, le=0.99, span=(0.3, 0.8)
    )
    """Attributes of an article that are filled in while nobody works on it."""

    attributes_usual: float = _held(0.6, "share of attributes", "A-1447", ge=0.01, le=0.99)
    """Attributes at which the plan's gain of machine copy (F081) and wrong claims (F084) hold."""

    attributes_enough: float = _unknown(0.5, "share of attributes", "A-1448", ge=0.05, le=10, span=(0.2, 2))
    """Attributes with which nearly two thirds are gained of what any number of them could."""

    attribute_minutes: float = _unknown(
        15.0,
        "minutes/article/ln(missing)",
        "A-1449; measuring, asking the maker",
        ge=0.1,
        le=1000,
        span=(5, 60),
    )
    """Filling in what is missing of an article: the same again for each factor e less that is missing."""

    refine_minutes: float = _unknown(
        60.0, "minutes/piece", "F085; with the machines' cost 40% less than writing", ge=0.1, le=10_000
    )
    """Going over a piece that a machine wrote."""

    review_minutes: float = _unknown(15.0, "minutes/piece", "A-1161", ge=0.1, le=10_000, span=(5, 60))
    """Checking a claim."""

    wage: float = _unknown(
        0.05, "CNY/hour/1,000 people", "A-1162; 50 CNY for a brand of a million", ge=0.001, le=100
    )
    """Pay of one person at any station, with work or without; spread over all who may see the pieces."""

    opens: float = _held(9.0, "hour of the day", "A-1163", ge=0, le=24)
    """When people begin."""

    hours: float = _held(8.0, "hours/day", "A-1408", ge=0.5, le=24)
    """Length of their shift."""

    machine_cost: float = _unknown(
        0.005, "CNY/piece/stage/1,000 people", "A-1164; 5 CNY for a brand of a million", ge=0, le=100
    )
    """Generating or optimising one piece."""

    left: float = _unknown(0.4, "share of copy", "A-1165", ge=0, le=1, span=(0.2, 0.7))
    """Machine copy that is still there after somebody has gone over it."""

    optimised_hook: float = _unknown(0.8, "ratio", "A-1166", ge=0.05, le=5, span=(0.6, 1))
    """Time until an optimised piece comes to the point, relative to others."""

    machine_alike: float = _unknown(0.85, "share of pieces", "A-1167", ge=0, le=1, span=(0.7, 0.95))
    """Machine pieces that look like what everybody shows."""

    claim_share: float = _unknown(0.5, "share of pieces", "A-1168", ge=0, le=1, span=(0.2, 0.8))
    """Pieces on cosmetics, food and things for babies that claim safety or effect."""

    wrong: float = _unknown(0.35, "chance", "F084; read as the chance that such a claim is wrong", ge=0, le=1)
    """A sensitive claim that a machine wrote is one that is not allowed."""

    found: float = _unknown(0.95, "chance", "A-1169", ge=0, le=1, span=(0.8, 1))
    """Review finds such a claim, which is put right."""

    caught: float = _unknown(0.03, "chance/piece/day", "A-1170", ge=0, le=1, span=(0.005, 0.1))
    """A piece with such a claim is reported while it is shown."""

    fine: float = _unknown(
        50.0,
        "CNY/1,000 people",
        "A-1171; 50,000 CNY for a brand of a million",
        ge=0,
        le=10_000,
        span=(10, 200),
    )
    """What that costs."""

    loss: float = _unknown(0.3, "share of traffic", "A-1172", ge=0, le=1, span=(0.1, 0.6))
    """What the platform for which the piece was made shows less of the brand from then on."""

    loss_days: int = _unknown(7, "days", "A-1173", ge=1, le=365, span=(3, 30))
    """For so long."""
