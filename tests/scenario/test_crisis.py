"""A scandal spreads, is met or not, and ends: paired worlds, and figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from docs import crisis
from sim.world.schema import Source

WORLDS = 2
SMALL = ("population.size=1500", "experiment.burn_in_days=0", "experiment.warmup_days=20",
         "opinion.hedging_most=0.9")  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return crisis.play(WORLDS, *SMALL)


def test_every_figure_and_day_of_every_arm_is_there(found):
    figures, series = found
    assert figures.keys() == series.keys() == crisis.ARMS.keys()
    for arm in crisis.ARMS:
        assert figures[arm].keys() == crisis.FIGURES.keys()
        assert all(len(values) == WORLDS for values in figures[arm].values())
        assert all(len(days) == crisis.WINDOW for days in series[arm].values())


def test_it_spreads_lowers_trust_and_ends(found):
    figures, series = found
    at_worst = 21
    days = series["scandal"]["Hear bad news, a day and 1,000 people"]
    assert days[crisis.START : crisis.START + 14].sum() > 10 * days[-14:].sum()
    gap = series["quiet"]["Mean trust, hundredths"] - series["scandal"]["Mean trust, hundredths"]
    assert np.abs(gap[: crisis.START]).max() < 1e-9  # the same world until it begins
    assert gap[crisis.START + at_worst] > 0.5
    assert gap[-1] < gap[crisis.START + at_worst]
    assert not figures["scandal"]["spent on the answer, CNY for 1,000 people"].any()


def test_the_answer_costs_money_and_fewer_hear_of_it(found):
    figures, _ = found
    name = "people who hear of it, for 1,000 (hearings)"
    assert (figures["answered"][name] < figures["scandal"][name]).all()
    assert (figures["answered"]["spent on the answer, CNY for 1,000 people"] > 0).all()


def test_figures_by_hand():
    """Five hearings in a world of 500, four of them on two days of the scandal, two of these from friends."""
    first, start = 100, 100 + crisis.START
    days = np.array([start, start, start + 3, start + 3, start + 80])
    lived = crisis.Lived(
        tables={
            "opinion_heard": {"day": days, "cause": np.array([0, 0, 2, 2, 1])},
            "orders": {"day": np.array([first - 1, start, start + 41, start + 42])},
            "visits": {
                "day": np.array([start, start]),
                "source": np.array([int(Source.SEARCH), int(Source.DIRECT)]),
            },
            "daily": {"day": np.arange(200), "mean_trust": np.arange(200) / 400.0},
        },
        kpis={"contribution_per_1000": 3.0},
        first=first,
        people=500,
        spent_fen=1000,
    )
    assert crisis.told(lived) == pytest.approx(2 / 5)
    assert crisis.heard(lived).sum() == pytest.approx(4 * 2.0)  # the last lies beyond the window
    assert crisis.last_tenth(lived) == 3
    assert crisis.orders(lived) == pytest.approx(2 * 2.0)
    assert crisis.searches(lived) == pytest.approx(2.0)
    assert crisis.trust(lived)[0] == pytest.approx(25.0)
    named = {name: figure(lived) for name, figure in crisis.FIGURES.items()}
    assert named["spent on the answer, CNY for 1,000 people"] == pytest.approx(20.0)
