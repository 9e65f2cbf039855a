"""Size and make-up of the population, as parameters (see ``population``)."""

from __future__ import annotations

from sim.core.params import Params, param


# fmt: off
class PopulationParams(Params):
    """Size and make-up of the population."""

    size: int = param(
        20_000, unit="consumers", kind="constant", source="definition", ge=50, le=5_000_000, scope="world",
        why="Seats in the market; a real edge list sets its own.",
    )
    represents: float = param(
        1.0, unit="real consumers per simulated one", kind="constant", source="definition", ge=0.01, le=1e6,
        scope="world",
        why="Stated in reports; figures are those of the simulated market and are not multiplied by it.",
    )
    silver_share: float = param(
        0.30, unit="share", kind="uncertainty", source="A-001", ge=0, le=1, part_of="people",
        span=(0.2, 0.4),
        why="Share of Silver Vanguard (35-45).",
    )
    cyber_share: float = param(
        0.35, unit="share", kind="uncertainty", source="A-002", ge=0, le=1, part_of="people",
        span=(0.25, 0.45),
        why="Share of Cyber Natives (18-24); Eco Pioneers are the rest.",
    )
    lower_tier_share: float = param(
        0.55, unit="share", kind="uncertainty", source="A-003", ge=0, le=1,
        span=(0.45, 0.65),
        why="Consumers in lower-tier cities.",
    )
    male_share: float = param(
        0.46, unit="share", kind="uncertainty", source="A-004", ge=0, le=1,
        span=(0.4, 0.5),
        why="Social-commerce buyers are slightly more often women.",
    )
    silver_income: float = param(
        14500.0, unit="CNY/month", kind="constant", source="F019", ge=1000, le=1e6,
        why="Median; the plan says 12,000 or more.",
    )
    cyber_income: float = param(
        5500.0, unit="CNY/month", kind="uncertainty", source="A-005", ge=500, le=1e6,
        span=(4000, 7500),
        why="Median of students and first jobs.",
    )
    eco_income: float = param(
        10500.0, unit="CNY/month", kind="uncertainty", source="A-006", ge=500, le=1e6,
        span=(8000, 14000),
        why="Median of young middle-class families.",
    )
    income_sigma: float = param(
        0.45, unit="log sd", kind="uncertainty", source="A-007", ge=0, le=2,
        span=(0.3, 0.7),
        why="Spread of lognormal incomes within a group.",
    )
    budget_share: float = param(
        0.06, unit="share of income", kind="uncertainty", source="A-008", ge=0.001, le=1,
        span=(0.03, 0.12),
        why="Monthly budget for goods of this kind from one brand.",
    )
    kol_reliance_cyber: float = param(
        0.91, unit="share", kind="constant", source="F023", ge=0, le=1,
        why="Dependence of Cyber Natives on influencers' word.",
    )
    kol_reliance_other: float = param(
        0.55, unit="share", kind="uncertainty", source="A-009", ge=0, le=1,
        span=(0.3, 0.75),
        why="The same for the other groups.",
    )
    proof_need_eco: float = param(
        0.8, unit="0..1", kind="uncertainty", source="A-010", ge=0, le=1,
        span=(0.6, 0.95),
        why="Eco Pioneers ask for proof (S013); here it is buyer notes, no product has a certificate.",
    )
    proof_need_other: float = param(
        0.35, unit="0..1", kind="uncertainty", source="A-011", ge=0, le=1,
        span=(0.15, 0.55),
        why="The same for the other groups.",
    )
    belonging_silver: float = param(
        0.75, unit="0..1", kind="uncertainty", source="A-012", ge=0, le=1,
        span=(0.5, 0.9),
        why="Silver Vanguard seek communities (S011): they join membership and private domain sooner.",
    )
    belonging_other: float = param(
        0.4, unit="0..1", kind="uncertainty", source="A-013", ge=0, le=1,
        span=(0.2, 0.6),
        why="The same for the other groups.",
    )
    taste_sd: float = param(
        0.9, unit="logit sd", kind="uncertainty", source="A-014", ge=0, le=3,
        span=(0.4, 1.8),
        why="Lasting taste for the brand; taste carries 40-90% of repeat variance.",
    )
    sensitivity_sigma: float = param(
        0.25, unit="log sd", kind="uncertainty", source="A-892", ge=0, le=2, span=(0.1, 0.5),
        why="Spread of price sensitivity over people of one income.",
    )
    income_sensitivity: float = param(
        0.25, unit="elasticity", kind="uncertainty", source="A-893", ge=0, le=2, span=(0.1, 0.5),
        why="How much less the richer of a group mind prices.",
    )
    reliance_spread: float = param(
        0.2, unit="share of the mean", kind="uncertainty", source="A-894", ge=0, le=1,
        span=(0.05, 0.4),
        why="Reliance on influencers lies within this share of its group's mean.",
    )
    trait_spread: float = param(
        0.4, unit="share of the mean", kind="uncertainty", source="A-895", ge=0, le=1,
        span=(0.1, 0.7),
        why="The same for the need for proof and the need to belong.",
    )
    affinity_spread: float = param(
        0.6, unit="share of the mean", kind="uncertainty", source="A-896", ge=0, le=1,
        span=(0.2, 0.9),
        why="The same for the time that users of a platform spend there.",
    )
    needs_per_day: float = param(
        0.115, unit="needs/consumer/day", kind="uncertainty", source="A-015", ge=0.001, le=2,
        span=(0.08, 0.15),
        why="Over all categories; a prototype behaved like a market at 0.08-0.15.",
    )
    need_shape: float = param(
        1.2, unit="gamma shape", kind="uncertainty", source="A-016", ge=0.05, le=50,
        span=(0.35, 2.5),
        why="Heterogeneity of individual need rates (BG/NBD fits have shapes below 1).",
    )
    activity_sigma: float = param(
        0.6, unit="log sd", kind="uncertainty", source="A-017", ge=0, le=2,
        span=(0.3, 1.0),
        why="Spread of time on platforms.",
    )
    faking_median: float = param(
        16.0, unit="CNY", kind="uncertainty", source="A-018", ge=0.01, le=1000, span=(8, 30),
        why="Median cost of faking one account.",
    )
    faking_sigma: float = param(
        0.6, unit="log sd", kind="uncertainty", source="A-019", ge=0, le=3, span=(0.3, 1.0),
        why="Its spread over people.",
    )
    initial_registered: float = param(
        0.60, unit="share", kind="constant", source="A-020", ge=0, le=1,
        why="Registered users when burn-in starts, near the level it settles at.",
    )
    initial_buyers: float = param(
        0.6, unit="share of registered", kind="constant", source="A-021", ge=0, le=1,
        why="Buyers among them when burn-in starts.",
    )
    initial_members: float = param(
        0.35, unit="share of initial buyers", kind="constant", source="A-023", ge=0, le=1,
        why="Members among them when burn-in starts.",
    )
    initial_trust: float = param(
        0.5, unit="0..1", kind="constant", source="A-022", ge=0, le=1,
        why="Trust of people who have had no experience.",
    )
# fmt: on
