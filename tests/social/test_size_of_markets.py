"""What happens a person does not depend on how many people a market has, however uneven it is."""

from __future__ import annotations

import numpy as np

from sim.market import Market
from sim.runs.replicate import describe
from sim.world.schema import Source

DAYS = 8
#: Uneven degrees and audiences that grow with them, at the upper end of what is passed on; luck is left even,
#: because with a heavy tail a few dozen worlds would tell nothing.
WORDS = (
    "incentive=none", "sharing=uneven", "sharing.audience_law=poisson", "sharing.pass_on=0.12",
    "sharing.good_delivery=2", "graph=pareto_lognormal", "graph.clustering=0", "choice.order_intercept=0.5",
    "experiment.burn_in_days=0", "experiment.warmup_days=0", f"experiment.days={DAYS}",
)  # fmt: skip


def intensities(people: int, seed: int) -> list[float]:
    """Tellings, visits and orders of a person and day."""
    words = (*WORDS, f"population.size={people}", f"experiment.seed={seed}")
    tables = Market.from_scenario("core_rules", *words).run(DAYS).tables()
    told = int((tables["touches"]["source"] == int(Source.SHARE)).sum())
    return [one / people / DAYS for one in (told, len(tables["visits"]["day"]), len(tables["orders"]["day"]))]


def test_a_person_is_told_visits_and_orders_as_much_in_a_market_four_times_as_large() -> None:
    """Eight worlds of 2,000 people and four of 8,000, 3 s.e. from the worlds; nobody can be told much more.

    A good delivery is told to ``audience`` people on average, each of whom leads to at most
    ``audience x pass_on`` further tellings.
    """
    small, large = (
        np.array([intensities(people, seed) for seed in range(1, worlds + 1)])
        for people, worlds in ((2_000, 8), (8_000, 4))
    )
    error = np.sqrt(sum(side.var(axis=0, ddof=1) / len(side) for side in (small, large)))
    assert (np.abs(small.mean(axis=0) - large.mean(axis=0)) < 3 * error).all()
    told, _, orders = np.concatenate([small, large]).mean(axis=0)
    posts = 2 * orders  # every parcel good, and told of
    assert 0 < told < posts * 5 / (1 - 5 * 0.12)


def test_a_market_that_posts_may_run_through_says_so() -> None:
    """The note names what is told and the keys that end it; nothing is said where nothing floods."""
    for words, said in (((), 0), (("sharing.divided_attention=0",), 1), (("sharing=none",), 0)):
        market = Market.from_scenario("core_rules", *WORDS, "population.size=500", *words)
        notes = [note for note in describe(market, {})["graph_notes"] if "sharing.divided_attention" in note]
        assert len(notes) == said
