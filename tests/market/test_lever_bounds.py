"""No lever earns without end: beyond its plausible span, up to its bound, it adds no fortune.

Each lever whose bound lies beyond its span is set to the end of the span and to the bound, in the market in
which it moves something. What a market earns may be less there, or a little more by chance; what adds a good
part of all that is sold to it is a lever that costs nothing, or that nobody minds.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import InputError
from sim.core.ledger import FEN_PER_CNY
from sim.market import Market
from sim.world.schema import Spend
from tests.conftest import composed
from tests.market.test_every_parameter_moves import MARKETS, ROWS, SHOWN

SIZE = (
    "population.size=400", "experiment.burn_in_days=5", "experiment.warmup_days=0", "experiment.days=14",
    "experiment.replications=1",
)  # fmt: skip
#: Part of what is sold at the span's end by which a bound may earn more than that end.
MOST = 0.2
#: Every so many levers are looked at by default, all others with ``make scan``.
STEP = 12


def beyond(row) -> bool:
    """Whether a lever may be set far beyond what is plausible."""
    return row.kind == "lever" and row.span is not None and row.bounds.get("le", 0.0) > 1.02 * row.span[1]


LEVERS = sorted(path for path, row in ROWS.items() if beyond(row) and path in SHOWN)


def earned(path: str, value: float, cache) -> tuple[float, float]:
    """Contribution before paid attention, and sales, of a market with this lever at this value, CNY a day."""
    words = [word for word in MARKETS[SHOWN[path][0]] if word.partition("=")[0] != path]
    market = Market(composed([*words, *SIZE, f"{path}={value:g}"]), 0, cache).run()
    tables, a_day = market.tables(), FEN_PER_CNY * market.config.experiment.days
    attention = np.isin(tables["spend"]["kind"], (int(Spend.MEDIA), int(Spend.INFLUENCER_FEE)))
    paid = tables["spend"]["fen"][attention].sum() / a_day
    return market.kpis()["contribution_margin"] + float(paid), float(
        tables["orders"]["paid_fen"].sum() / a_day
    )


def gain(path: str, cache) -> float:
    """What the bound earns more than the span's end, as a share of what is sold there; 0 if it is refused."""
    row = ROWS[path]
    try:
        bound = earned(path, row.bounds["le"], cache)
    except InputError:
        return 0.0
    end = earned(path, row.span[1], cache)
    return (bound[0] - end[0]) / max(end[1], 1.0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("bounds")


@pytest.mark.parametrize("path", LEVERS[::STEP])
def test_a_lever_at_its_bound_earns_no_fortune(path, cache):
    assert gain(path, cache) < MOST


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for n, path in enumerate(LEVERS) if n % STEP])
def test_other_levers_at_their_bounds_earn_no_fortune(path, cache):
    assert gain(path, cache) < MOST
