"""Cold-chain formulas against their closed forms (X22, X23) and the parcel's own clock."""

from __future__ import annotations

import math

import pytest

from sim.logistics import cold_chain
from sim.logistics.cold_chain import (
    CHILLED,
    FROZEN,
    ageing_table,
    life_used,
    mean_kinetic_temperature,
    q10_shelf_life,
)
from sim.logistics.params import LogisticsParams

pytestmark = pytest.mark.exact


def test_q10_shelf_life() -> None:
    """X22: 14 days at 20 C are 60.65 days at 4 C with Q10 = 2.5."""
    assert q10_shelf_life(14.0, 2.5, 20.0, 4.0) == pytest.approx(14.0 * 2.5**1.6, rel=1e-12)
    assert round(q10_shelf_life(14.0, 2.5, 20.0, 4.0), 2) == 60.65


def test_mean_kinetic_temperature() -> None:
    """X23: 23 h at 5 C and one hour at 25 C age goods like 7.756 C, not like the mean of 5.83 C."""
    assert round(mean_kinetic_temperature([5.0, 25.0], [23.0, 1.0], 10_000.0), 3) == 7.756
    assert mean_kinetic_temperature([8.0, 8.0], [10.0, 50.0]) == pytest.approx(8.0)


def test_life_used_adds_up() -> None:
    """A day at the reference uses a day; ten degrees more use Q10 times as much."""
    assert life_used([(4.0, 1440.0)], 2.5, 4.0) == pytest.approx(1.0)
    assert life_used([(4.0, 720.0), (14.0, 720.0)], 2.5, 4.0) == pytest.approx(0.5 + 0.5 * 2.5)


def test_table_is_the_formula_per_tick() -> None:
    """What the flow adds up per tick is the Q10 rule; ambient goods do not age."""
    p = LogisticsParams()
    table = ageing_table(p)
    per_day = 1440 * p.ticks_per_minute
    assert table[CHILLED, cold_chain.BOX] * per_day == pytest.approx(2.5 ** ((p.box_chilled_c - 4.0) / 10.0))
    assert table[FROZEN, cold_chain.OUTDOOR] * per_day == pytest.approx(
        p.q10_frozen ** ((p.outdoor_c + 18.0) / 10.0)
    )
    assert table[CHILLED, cold_chain.COLD_ROOM] * per_day == pytest.approx(1.0)
    assert not table[cold_chain.AMBIENT].any()


def test_sensors_halve_the_excess() -> None:
    """A caught excursion ages goods at the reference speed: half caught, half the excess."""
    without = ageing_table(LogisticsParams())
    with_sensors = ageing_table(LogisticsParams(sensors=True, sensor_catch_share=0.5))
    normal = without[CHILLED, cold_chain.COLD_ROOM]
    excess = without[CHILLED, cold_chain.COMMUNITY] - normal
    assert math.isclose(with_sensors[CHILLED, cold_chain.COMMUNITY], normal + 0.5 * excess, rel_tol=1e-12)
    assert with_sensors[CHILLED, cold_chain.BOX] == without[CHILLED, cold_chain.BOX]
