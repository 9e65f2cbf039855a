"""Numbers of partner firms: what is agreed, what it costs, and how partners keep and leave."""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.core.params import Params, constant, lever, uncertainty

#: What may be agreed, each with all before it.
AGREEMENTS = ("marketing", "data", "supply")


class PartnersParams(Params):
    """A handful of firms that share customers, data, supplies and risk with the brand."""

    enabled: bool = lever(False, "switch", "S060")
    """There is an alliance."""

    firms: int = lever(4, "firms", "S060", ge=1, le=12, span=(1, 8))
    """Partners. Each is asked to join once; whoever leaves comes back only where ``readmits`` is on."""

    agreement: Literal["marketing", "data", "supply"] = lever("marketing", "agreement", "S062")
    """What is agreed: joint marketing; data shared besides; supplies besides."""

    share: float = lever(0.1, "share of payments", "S066", ge=0, le=0.9, span=(0, 0.3))
    """Part of what customers whom a partner brought pay that the partner gets, for as long as ``term``."""

    term: int = lever(180, "days since registration", "S066", ge=1, le=3650, span=(30, 730))
    """For as long a partner is paid for a customer whom it brought; half a year is an assumption."""

    openness: float = lever(0.0, "share of interfaces", "S061", ge=0, le=1, span=(0, 1))
    """Interfaces that are open to partners, where data are shared: they show the brand to whom it suits."""

    reach: float = uncertainty(
        20.0, "people/1,000 people/day/firm", "A-1231", ge=0, le=1000, span=(5, 60), scope="strategy"
    )
    """People to whom a partner of mean size shows the brand's offer on a day."""

    overlap: float = uncertainty(0.4, "share", "A-1232", ge=0, le=1, span=(0.1, 0.7), scope="strategy")
    """Of them, users of the brand already, at a partner of the middle; partners in the same trade share many
    customers."""

    spread: float = uncertainty(0.2, "share", "A-1233", ge=0, le=0.5, span=(0, 0.4), scope="strategy")
    """Partners differ in overlap by up to this much on either side."""

    spares: float = uncertainty(0.5, "share", "A-1234", ge=0, le=1, span=(0.2, 0.8), scope="strategy")
    """Offers to users of the brand that a partner leaves out where lists are compared (data are shared)."""

    click: float = uncertainty(
        0.05, "visits/offer", "A-1235", ge=0, le=1, span=(0.01, 0.15), scope="strategy"
    )
    """An offer of a firm that one is a customer of brings a visit."""

    api_saves: float = constant(0.22, "share of acquisition cost", "F086", ge=0, le=0.9, scope="strategy")
    """What open interfaces save of the cost of a customer whom a partner brings, all interfaces open: as many
    more visits an offer (reading: the cost of partners' own channel, not of all acquisition)."""

    tires: float = uncertainty(0.3, "1/offer", "A-1236", ge=0, le=10, span=(0.1, 1), scope="strategy")
    """Each offer of partners seen of late makes an answer less likely, by exp(-tires)."""

    rest_days: float = uncertainty(30.0, "days", "A-1237", ge=0.1, le=365, span=(10, 90), scope="strategy")
    """Time after which nearly two thirds of that is forgotten."""

    offer_cost: float = uncertainty(
        0.1, "CNY/offer", "A-1238", ge=0, le=100, span=(0.03, 0.3), scope="strategy"
    )
    """The brand's part of joint marketing: gifts, design, space."""

    fades: float = uncertainty(
        0.02, "share of habit/day", "A-1239", ge=0, le=1, span=(0, 0.05), scope="strategy"
    )
    """Habit that customers brought by partners lose beyond what others do: they came for somebody else's
    offer."""

    upkeep: float = uncertainty(
        0.5, "CNY/1,000 people/day/firm", "A-1240", ge=0, le=1000, span=(0.1, 2), scope="strategy"
    )
    """People and meetings that an agreement takes; twice as much with data, three times with supplies."""

    api_cost: float = uncertainty(
        2.0, "CNY/1,000 people/day", "A-1241", ge=0, le=1000, span=(0.5, 6), scope="strategy"
    )
    """Building and guarding interfaces, all of them open; the cost grows with the square of openness."""

    effort: float = uncertainty(0.05, "CNY/offer", "A-1242", ge=0, le=100, span=(0.01, 0.2), scope="strategy")
    """What showing an offer costs the partner: space that could be sold."""

    memory: float = uncertainty(30.0, "days", "A-1243", ge=1, le=365, span=(14, 90), scope="strategy")
    """Time over which partners average what they brought, got and spent; nobody leaves or quarrels before."""

    leaves: float = uncertainty(
        0.02, "chance/day", "A-1244", ge=0, le=1, span=(0.005, 0.05), scope="strategy"
    )
    """A partner leaves that gets nothing for its effort; less in proportion to what is covered."""

    fair: float = uncertainty(0.3, "share of gain", "A-1245", ge=0, le=1, span=(0.15, 0.5), scope="strategy")
    """Part of what the brand earns on its customers, goods and commission taken off, that a partner holds
    fair."""

    quarrels: float = uncertainty(
        0.01, "chance/day", "A-1246", ge=0, le=1, span=(0.002, 0.03), scope="strategy"
    )
    """A partner that is paid nothing begins a dispute; less in proportion to how near the pay is to fair."""

    quarrel_days: int = uncertainty(10, "days", "A-1247", ge=1, le=365, span=(3, 30), scope="strategy")
    """Length of a dispute, in which the partner shares nothing."""

    mediation: bool = lever(False, "switch", "S065")
    """A third party is called to every dispute."""

    settles: float = uncertainty(0.3, "chance", "A-1248", ge=0, le=1, span=(0.1, 0.5), scope="strategy")
    """A dispute is settled between the two."""

    mediated: float = uncertainty(0.7, "chance", "A-1249", ge=0, le=1, span=(0.5, 0.9), scope="strategy")
    """A dispute is settled with a third party; most commercial mediations end in an agreement."""

    mediation_cost: float = uncertainty(
        10.0, "CNY/1,000 people/dispute", "A-1250", ge=0, le=10000, span=(3, 40), scope="strategy"
    )
    """The third party's fee."""

    readmits: bool = lever(False, "switch", "S060")
    """Partners that have left are asked again."""

    probation_days: int = uncertainty(
        30, "days", "A-1490; a month of talks, no data", ge=1, le=3650, span=(14, 120), scope="strategy"
    )
    """Time after which a partner that has left compares the offer with the one that it left."""

    returns: float = uncertainty(
        0.1, "chance/day", "A-1491; no data", ge=0, le=1, span=(0.02, 0.3), scope="strategy"
    )
    """It comes back if members' effort is now covered by all of it more than its own was; less in proportion
    to the difference."""

    readmission: float = uncertainty(
        5.0,
        "CNY/1,000 people",
        "A-1492; a new agreement, no data",
        ge=0,
        le=1000,
        span=(1, 20),
        scope="strategy",
    )
    """Taking one partner back."""

    shows_back: float = lever(0.0, "people/1,000 people/day/firm", "S060; S061", ge=0, le=1000, span=(0, 60))
    """Users to whom the brand shows each partner's goods in return."""

    margin: float = uncertainty(
        6.0,
        "CNY/answer",
        "A-1493; a fifth of a basket of some 30 CNY, no data",
        ge=0,
        le=1000,
        span=(2, 20),
        scope="strategy",
    )
    """What a partner earns when a user answers its offer; customers of both would have come anyway."""

    diverts: float = uncertainty(
        0.05,
        "share of habit/answer",
        "A-1494; one visit among some twenty, no data",
        ge=0,
        le=1,
        span=(0.01, 0.15),
        scope="strategy",
    )
    """Habit that a user loses who answers a partner's offer: he or she buys there."""

    walks_out: float = constant(0.5, "share of members", "F089", ge=0, le=1, scope="strategy")
    """Of all members, those who leave when a dispute about the split is not settled."""

    research: float = lever(0.0, "CNY/1,000 people/day", "S066", ge=0, le=1000, span=(0, 10))
    """Joint development and planning with partners, where supplies are agreed."""

    research_enough: float = uncertainty(
        3.0, "CNY/1,000 people/day", "A-1251", ge=0.01, le=1000, span=(1, 10), scope="strategy"
    )
    """Spending at which cooperation becomes nearly two thirds as deep as it can."""

    depth_days: float = uncertainty(60.0, "days", "A-1252", ge=1, le=3650, span=(30, 180), scope="strategy")
    """Time constant with which cooperation deepens, and wanes."""

    response: float = constant(0.35, "ratio", "F090", ge=0, le=10, scope="strategy")
    """Suppliers answer faster by this much at full depth (reading: speed, so that the lead is divided by one
    plus it)."""

    breaks: float = uncertainty(
        0.01, "chance/day/firm", "A-1253", ge=0, le=1, span=(0.002, 0.03), scope="strategy"
    )
    """The chain of a partner that supplies breaks: a factory, a road, a session that sold too much."""

    break_hours: float = uncertainty(
        96.0, "hours", "A-1254", ge=0.1, le=2400, span=(24, 240), scope="strategy"
    )
    """Mean time after which it holds again by itself."""

    depends: float = uncertainty(0.6, "share", "A-1255", ge=0, le=1, span=(0.2, 0.9), scope="strategy")
    """Part of supplies that goes through partners at full depth."""

    linked: bool = lever(False, "switch", "S064")
    """Factory, session and delivery report to one desk."""

    linked_minutes: float = constant(15.0, "minutes", "F088", ge=0, le=100000, scope="strategy")
    """Time until a break is seen where they do."""

    seen_hours: float = uncertainty(24.0, "hours", "A-1256", ge=0, le=2400, span=(6, 72), scope="strategy")
    """Time until it is seen otherwise: somebody misses the goods."""

    linked_cost: float = uncertainty(
        1.5, "CNY/1,000 people/day", "A-1257", ge=0, le=1000, span=(0.5, 4), scope="strategy"
    )
    """Data feeds and a desk."""

    contingency: bool = lever(False, "switch", "S064")
    """Another supplier takes over as soon as a break is seen; otherwise one waits until it is mended."""

    switch_hours: float = uncertainty(6.0, "hours", "A-1258", ge=0, le=2400, span=(2, 24), scope="strategy")
    """Until the other supplier delivers."""

    switch_cost: float = uncertainty(
        20.0, "CNY/1,000 people", "A-1259", ge=0, le=10000, span=(5, 60), scope="strategy"
    )
    """Premium of the other supplier."""

    hour_cost: float = uncertainty(
        0.3, "CNY/1,000 people/hour", "A-1260", ge=0, le=1000, span=(0.1, 1), scope="strategy"
    )
    """What an hour of a broken chain costs beside goods that come late: people and machines that wait."""

    pooled: float = lever(0.0, "share of losses", "S061", ge=0, le=1, span=(0, 1))
    """Losses by broken chains that all members bear alike, those of partners included."""

    pool_fee: float = uncertainty(0.1, "share", "A-1261", ge=0, le=1, span=(0.03, 0.3), scope="strategy")
    """Running a pool, as a share of the losses that are to be expected in it, or of what is paid into it."""

    insured: float = lever(0.0, "share of losses", "S061", ge=0, le=1, span=(0, 1))
    """Losses by shocks from outside that a pool of all members pays, as far as its money goes. A shock that
    strikes one member is paid from what the others put in; one that strikes all of them finds no more than
    what is there."""

    premium: float = lever(0.03, "share of earnings", "S061; A-1495", ge=0, le=1, span=(0.01, 0.1))
    """What each member pays into it, the brand included, where losses are insured."""

    earns: float = uncertainty(
        300.0,
        "CNY/1,000 people/day",
        "A-1496; a firm of about the brand's size, no data",
        ge=0,
        le=100000,
        span=(100, 1000),
        scope="strategy",
    )
    """What a partner of mean size earns a day, goods taken off."""

    strikes: float = uncertainty(
        0.002,
        "chance/day/firm",
        "A-1497; a warehouse or a platform lost in a year and a half, no data",
        ge=0,
        le=1,
        span=(0.0005, 0.006),
        scope="strategy",
    )
    """Something from outside strikes one partner alone: a warehouse closes, a platform falls."""

    strike_days: float = uncertainty(
        10.0, "days of earnings", "A-1498; no data", ge=0, le=365, span=(3, 30), scope="strategy"
    )
    """What a partner loses by it, exponential."""

    @property
    def level(self) -> int:
        """Number of things that are agreed, 1 to 3."""
        return 1 + AGREEMENTS.index(self.agreement)

    @property
    def opened(self) -> float:
        """Openness that has an effect: only where data are shared."""
        return self.openness if self.level > 1 else 0.0

    def misdirected(self, overlap: np.ndarray) -> np.ndarray:
        """float64[n firms]: share of offers that go to users of the brand."""
        spared = self.spares if self.level > 1 else 0.0
        return overlap * (1.0 - spared)

    def outage(self, lasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hours for which a break is felt, and whether another supplier took over.

        Parameters
        ----------
        lasts : float64[k]
            Hours after which the chain holds again by itself.
        """
        seen = self.linked_minutes / 60.0 if self.linked else self.seen_hours
        taken = np.full(lasts.shape, self.contingency) & (seen + self.switch_hours < lasts)
        return np.where(taken, seen + self.switch_hours, lasts), taken
