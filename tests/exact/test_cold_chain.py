"""How fast goods age where a parcel can be (X22), by the table that the market's parcels use."""

from __future__ import annotations

import math

import pytest

from sim.logistics import cold_chain
from sim.logistics.cold_chain import (
    CHILLED,
    FROZEN,
    ageing_table,
)
from sim.logistics.params import LogisticsParams

pytestmark = pytest.mark.exact


@pytest.mark.parametrize(
    ("place", "key"), [(cold_chain.BOX, "box_chilled_c"), (cold_chain.TRUCK, "truck_chilled_c")]
)
def test_x22_q10_shelf_life(place: int, key: str) -> None:
    """Goods that keep 60.65 days in the cold room at 4 C keep 14 at 20 C, with Q10 = 2.5."""
    p = LogisticsParams(q10_chilled=2.5, **{key: 20.0})
    used_a_day = ageing_table(p)[CHILLED] * 1440 * p.ticks_per_minute
    life = 60.65
    assert life / used_a_day[cold_chain.COLD_ROOM] == pytest.approx(60.65)
    assert life / used_a_day[place] == pytest.approx(14.0, abs=0.002)


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
