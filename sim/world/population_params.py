"""Size and make-up of the population, as parameters (see ``population``)."""

from __future__ import annotations

import numpy as np
from pydantic import model_validator

from sim.core.params import Params, constant, uncertainty
from sim.world.ages import MIDDLE, OLDEST, YOUNGEST, AgesParams
from sim.world.schema import GROUPS


class PopulationParams(Params):
    """Size and make-up of the population."""

    size: int = constant(20_000, "consumers", "definition", ge=50, le=5_000_000, scope="world")
    """Seats in the market; a real edge list sets its own."""

    represents: float = constant(
        1.0, "real consumers per simulated one", "definition", ge=0.01, le=1e6, scope="world"
    )
    """Reports multiply money and counts by it where they speak in the business's own units; it changes no
    simulated world, and follows from business.market where that is given."""

    silver_share: float = uncertainty(0.30, "share", "A-001", ge=0, le=1, span=(0.2, 0.4), part_of="people")
    """Share of Silver Vanguard (35-45)."""

    cyber_share: float = uncertainty(0.35, "share", "A-002", ge=0, le=1, span=(0.25, 0.45), part_of="people")
    """Share of Cyber Natives (18-24); Eco Pioneers are the rest."""

    between_share: float = uncertainty(0.0, "share", "A-1414", ge=0, le=1, span=(0.0, 0.15), part_of="people")
    """Share of people between the ages of Cyber Natives and Eco Pioneers, whom the plan's groups leave out;
    the younger half is counted with the former."""

    elder_share: float = uncertainty(0.0, "share", "A-1415", ge=0, le=1, span=(0.0, 0.3), part_of="people")
    """Share of people beyond the ages of all groups; counted with Silver Vanguard, with its ways."""

    ages: AgesParams = AgesParams()
    """How old they are."""

    lower_tier_share: float = uncertainty(0.55, "share", "A-003", ge=0, le=1, span=(0.45, 0.65))
    """Consumers in lower-tier cities."""

    male_share: float = uncertainty(0.46, "share", "A-004", ge=0, le=1, span=(0.4, 0.5))
    """Social-commerce buyers are slightly more often women."""

    silver_income: float = constant(14500.0, "CNY/month", "F019", ge=1000, le=1e6)
    """Median; the plan says 12,000 or more."""

    cyber_income: float = uncertainty(5500.0, "CNY/month", "A-005", ge=500, le=1e6, span=(4000, 7500))
    """Median of students and first jobs."""

    eco_income: float = uncertainty(10500.0, "CNY/month", "A-006", ge=500, le=1e6, span=(8000, 14000))
    """Median of young middle-class families."""

    income_sigma: float = uncertainty(0.45, "log sd", "A-007", ge=0, le=2, span=(0.3, 0.7))
    """Spread of lognormal incomes within a group."""

    budget_share: float = uncertainty(0.06, "share of income", "A-008", ge=0.001, le=1, span=(0.03, 0.12))
    """Monthly budget for goods of this kind from one brand."""

    kol_reliance_cyber: float = constant(0.91, "share", "F023", ge=0, le=1)
    """Dependence of Cyber Natives on influencers' word."""

    kol_reliance_other: float = uncertainty(0.55, "share", "A-009", ge=0, le=1, span=(0.3, 0.75))
    """The same for the other groups."""

    proof_need_eco: float = uncertainty(0.8, "0..1", "A-010", ge=0, le=1, span=(0.6, 0.95))
    """Eco Pioneers ask for proof (S013); buyer notes are one, endorsements another."""

    proof_need_other: float = uncertainty(0.35, "0..1", "A-011", ge=0, le=1, span=(0.15, 0.55))
    """The same for the other groups."""

    belonging_silver: float = uncertainty(0.75, "0..1", "A-012", ge=0, le=1, span=(0.5, 0.9))
    """Silver Vanguard seek communities (S011): they join membership and private domain sooner."""

    belonging_other: float = uncertainty(0.4, "0..1", "A-013", ge=0, le=1, span=(0.2, 0.6))
    """The same for the other groups."""

    taste_sd: float = uncertainty(0.9, "logit sd", "A-014", ge=0, le=3, span=(0.4, 1.8))
    """Lasting taste for the brand; taste carries 40-90% of repeat variance."""

    sensitivity_sigma: float = uncertainty(0.25, "log sd", "A-892", ge=0, le=2, span=(0.1, 0.5))
    """Spread of price sensitivity over people of one income."""

    income_sensitivity: float = uncertainty(0.25, "elasticity", "A-893", ge=0, le=2, span=(0.1, 0.5))
    """How much less the richer of a group mind prices."""

    reliance_spread: float = uncertainty(0.2, "share of the mean", "A-894", ge=0, le=1, span=(0.05, 0.4))
    """Reliance on influencers lies within this share of its group's mean."""

    trait_spread: float = uncertainty(0.4, "share of the mean", "A-895", ge=0, le=1, span=(0.1, 0.7))
    """The same for the need for proof and the need to belong."""

    affinity_spread: float = uncertainty(0.6, "share of the mean", "A-896", ge=0, le=1, span=(0.2, 0.9))
    """The same for the time that users of a platform spend there."""

    needs_per_day: float = uncertainty(
        0.115, "needs/consumer/day", "A-015", ge=0.001, le=2, span=(0.08, 0.15)
    )
    """Over all categories; a prototype behaved like a market at 0.08-0.15."""

    need_shape: float = uncertainty(1.2, "gamma shape", "A-016", ge=0.05, le=50, span=(0.35, 2.5))
    """Heterogeneity of individual need rates (BG/NBD fits have shapes below 1)."""

    basket_sigma: float = uncertainty(0.0, "log sd", "A-993", ge=0, le=3, span=(0.0, 1.5))
    """Lasting differences in units beyond the first; 0: only luck makes baskets differ. In Online Retail 24%
    of the variance of log order values is between customers"""

    basket_needs: float = uncertainty(0.0, "elasticity", "A-994", ge=0, le=2, span=(0.0, 1.0))
    """How much larger the baskets of those are who need more often, as far as budgets go; frequency and
    value correlate by 0.17 in Online Retail, and hardly (0.03) at 0"""

    exit_spread: float = uncertainty(0.0, "sd over mean", "A-995", ge=0, le=3, span=(0.0, 1.5))
    """How unlike people are in their chance to leave the market, the mean of which is turnover.exit_rate:
    alike at 0, many who stay for years beside others who stay for weeks at 1.5; dropout in CDNOW, beta(0.79,
    2.43), has 0.85"""

    activity_sigma: float = uncertainty(0.6, "log sd", "A-017", ge=0, le=2, span=(0.3, 1.0))
    """Spread of time on platforms."""

    faking_median: float = uncertainty(16.0, "CNY", "A-018", ge=0.01, le=1000, span=(8, 30))
    """Median cost of faking one account."""

    faking_sigma: float = uncertainty(0.6, "log sd", "A-019", ge=0, le=3, span=(0.3, 1.0))
    """Its spread over people."""

    initial_registered: float = constant(0.60, "share", "A-020", ge=0, le=1)
    """Registered users when burn-in starts, near the level it settles at."""

    initial_buyers: float = constant(0.6, "share of registered", "A-021", ge=0, le=1)
    """Buyers among them when burn-in starts."""

    initial_members: float = constant(0.35, "share of initial buyers", "A-023", ge=0, le=1)
    """Members among them when burn-in starts."""

    initial_trust: float = constant(0.5, "0..1", "A-022", ge=0, le=1)
    """Trust of people who have had no experience."""

    @model_validator(mode="after")
    def _ages_between(self) -> PopulationParams:
        """Nobody is between two groups whose ages meet."""
        if self.between_share > 0.0 and not self.ages.between()[1]:
            raise ValueError(
                f"between_share must be 0 where no age lies between cyber_native and eco_pioneer (you wrote "
                f"{self.between_share}); make it 0 or move their ages apart"
            )
        return self

    def group_shares(self) -> tuple[np.ndarray, np.ndarray]:
        """What part of all people each group has, and what part of it is of no group's age.

        Returns
        -------
        shares : float64[n groups]
            Share of all people that is counted with each group.
        outside : float64[n groups]
            Share of them that is between or beyond the groups' ages; those between are halved.
        """
        others, own = np.zeros(len(GROUPS)), np.zeros(len(GROUPS))
        others[[YOUNGEST, MIDDLE, OLDEST]] = (
            self.between_share / 2.0,
            self.between_share / 2.0,
            self.elder_share,
        )
        left = 1.0 - self.silver_share - self.cyber_share - self.between_share - self.elder_share
        own[[YOUNGEST, MIDDLE, OLDEST]] = self.cyber_share, max(0.0, left), self.silver_share
        shares = own + others
        return shares, np.divide(others, shares, out=np.zeros(len(GROUPS)), where=shares > 0)
