"""Colours of plots: those of the pages, and to be told apart by eye."""

from __future__ import annotations

import re
from importlib.resources import files

from matplotlib.colors import to_rgb

from sim.plots.style import colour
from sim.report import svg


def apart(one, other):
    """Greatest difference of two colours in red, green or blue, 0..1."""
    return max(abs(a - b) for a, b in zip(to_rgb(one), to_rgb(other), strict=True))


def test_plots_have_the_pages_colours():
    page = (files("sim.report") / "templates" / "style.html.j2").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(s\d): (#[0-9a-f]{6})", page.partition("@media")[0]))
    assert len(light) == 10
    assert [colour(n) for n in range(10)] == [light[f"s{n}"] for n in range(10)]
    assert svg.colour(10) == svg.colour(0)
    assert colour(10) == colour(0)


def test_no_two_strategies_look_alike():
    for one in range(10):
        for other in range(one):
            assert apart(colour(one), colour(other)) > 0.08, (one, other)
