"""Everything that can be switched on lives in one market: no two mechanisms wait for each other."""

from __future__ import annotations

import pytest

from sim.config import compose, market_sources
from sim.market import Market
from sim.registry import FEATURES

SIZE = ("population.size=300", "experiment.burn_in_days=0", "experiment.warmup_days=0", "experiment.days=3")


def first_options(without: str) -> list[str]:
    """The first option of each feature beside its default; of two that exclude each other one is left out."""
    sources = market_sources()
    found = []
    for section in dict.fromkeys(feature.section for feature in FEATURES):
        if section and section in sources.sections and section != without:
            others = [one for one in sources.options(section) if one not in ("default", "none")]
            found += [f"{section}={one}" for one in others[:1]]
    return found


@pytest.mark.parametrize("without", ["private_domain", "community"])
def test_all_features_live_together(without):
    words = first_options(without)
    assert len(words) > 25
    market = Market(compose([*words, *SIZE])).run()
    market.world.check()
    assert len(market.world.records.visits) > 0
