"""The picture of runs that are under way: what is there is seen, on the first day too."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from sim.plots.live import plot_under_way, under_way
from sim.runs.live import COLUMNS, Days


def lived(scenario, days, total):
    values = [
        np.arange(1.0, days + 1),
        *(np.full(days, number) for number in (total, 400.0, 90.0, 8.0, 300.0)),
    ]
    return Days(scenario, 0, "k", dict(zip(COLUMNS, values, strict=True)))


@pytest.mark.parametrize("total", [1, 2, 60])
def test_the_first_day_is_seen(total):
    seen = under_way([lived("baseline", 1, total), lived("group_buy", 1, total)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panels = plot_under_way(seen)
        panels[0].figure.canvas.draw()
    for panel in panels:
        assert [line.get_marker() for line in panel.lines] == ["o", "o"]  # a line of one point has no length
        low, high = panel.get_xlim()
        assert low == 1 < high == max(2, total)


def test_days_after_the_first_make_a_line():
    (orders, _) = plot_under_way([lived("baseline", 2, 60)])
    assert not orders.lines[0].get_marker().strip()
    np.testing.assert_allclose(orders.lines[0].get_ydata(), 1000.0 * 8.0 / 400.0)


def test_twelve_strategies_leave_the_days_to_be_seen():
    names = ["baseline", *(f"a_strategy_of_mine_number_{number}" for number in range(12))]
    panels = plot_under_way(under_way([lived(name, 20, 60) for name in names]))
    panels[0].figure.canvas.draw()
    legends = panels[0].figure.legends or [panels[0].get_legend()]
    box = legends[0].get_window_extent()
    figure = panels[0].figure.bbox
    assert box.y0 >= figure.y0
    assert box.y1 <= figure.y1
