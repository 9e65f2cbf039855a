"""Plots draw what the tables hold, into axes that are given, and say what is missing."""

from __future__ import annotations

import re
import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.dates import AutoDateLocator
from matplotlib.text import Text

from docs.gallery import MOST_BYTES, PICTURES, PLOTS, page
from sim.core.errors import StoreError
from sim.core.language import ENGLISH, speak
from sim.plots import spread
from sim.plots.market import plot_market
from sim.plots.results import ResultPlots
from sim.plots.style import dates
from sim.report.comparison import PROFIT
from sim.report.margin import ways
from sim.store.results import load_results
from sim.store.store import Store
from tests.conftest import live, small_market
from tests.docs.pages import ROOT
from tests.report.synthetic import CONFIG, fake_run

#: One share reaches 2 people; person 2 passes on to 3 and 4, and 4 to 5.
TOUCHES = pd.DataFrame(
    {
        "touch": [10, 11, 12, 13, 14],
        "root": 7,
        "sender": [1, 1, 2, 2, 4],
        "receiver": [2, 9, 3, 4, 5],
        "generation": [1, 1, 2, 2, 3],
        "minute": [100, 130, 160, 190, 280],
    }
)


@pytest.fixture(autouse=True)
def quiet_figures():
    """Nothing opens a window, and nothing stays open."""
    matplotlib.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def plots(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plots")
    store = Store(folder)
    for replication in range(3):
        for name, lift in (("baseline", 0.0), ("cash", 0.06)):
            store.write(fake_run(name, replication, lift), {**CONFIG})
    return load_results(folder).plot


def test_a_difference_is_the_tables(plots):
    axes = plots.difference(PROFIT)
    row = plots.comparison.difference("cash", PROFIT)
    lines = [np.asarray(line.get_xdata(), float) for line in axes.lines]
    assert any(np.allclose(x, [row["low"], row["high"]]) for x in lines if len(x) == 2)
    assert any(np.allclose(x, row["value"]) for x in lines if len(x) == 1)


def test_a_scorecard_has_a_panel_a_target(plots):
    axes = plots.scorecard("cash")
    card = plots.comparison.cards["cash"]
    assert len(axes) == len(card) == 9
    for axis, row in zip(axes, card.to_dict("records"), strict=True):
        assert axis.get_title(loc="left").endswith(row["verdict"])
        drawn = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"]
        assert drawn == ([pytest.approx(row["value"])] if np.isfinite(row["value"]) else [])


def test_a_fan_is_the_weekly_mean_of_the_worlds(plots):
    axes = plots.fan("order_conversion")
    daily = plots.comparison.results.daily
    mine = daily[(daily["strategy"] == "cash") & (daily["name"] == "order_conversion")]
    worlds = (
        mine.pivot_table(index="day", columns="replication", values="value").rolling(7, min_periods=1).mean()
    )
    line = next(line for line in axes.lines if line.get_label() == "cash")
    assert np.allclose(line.get_ydata(), worlds.median(axis=1))


def test_a_waterfall_ends_at_the_margins_and_shows_every_bar(plots):
    axes = plots.waterfall("cash")
    [way] = ways(plots.comparison)
    ends = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    assert ends == [pytest.approx(way.total.base), pytest.approx(way.total.mine)]
    assert [patch.get_width() for patch in axes.patches] == pytest.approx([s.change.value for s in way.steps])
    left, right = axes.get_xlim()
    assert all(left < patch.get_x() and patch.get_x() + patch.get_width() < right for patch in axes.patches)


@pytest.mark.parametrize(
    "draw",
    [
        lambda plots: plots.scorecard("cash")[0],
        lambda plots: plots.fan("order_conversion"),
        lambda plots: plots.difference(),
        lambda plots: plots.waterfall("cash"),
        lambda plots: plots.flows("cash"),
        lambda _: spread.cascade(TOUCHES, "cash"),
        lambda _: spread.network(TOUCHES, pd.DataFrame({"touch": [11], "person": [9]}), "cash"),
        lambda _: plot_market(live(small_market("group_buy"), 2))[0],
    ],
    ids=["scorecard", "fan", "difference", "waterfall", "flows", "cascade", "network", "market"],
)
def test_a_plot_in_chinese_is_chinese(draw, plots):
    """But for the name of the strategy and the currency."""
    speak("zh")
    try:
        figure = draw(plots).figure
        figure.canvas.draw()
    finally:
        speak(ENGLISH)
    texts = [one.get_text() for one in figure.findobj(Text)]
    assert sum(bool(re.search("[一-鿿]", text)) for text in texts) >= 2
    foreign = {text for text in texts if re.search(r"[A-Za-z]{3,}", re.sub("(?i)cash|cny", "", text))}
    assert foreign == set()


def test_months_have_no_english_names_in_chinese():
    speak("zh")
    try:
        form = dates(AutoDateLocator())
    finally:
        speak(ENGLISH)
    assert not [one for one in (*form.formats, *form.zero_formats, *form.offset_formats) if "%b" in one]


def test_axes_that_are_given_are_drawn_into(plots):
    figure, axes = plt.subplots(1, 2)
    assert plots.difference(PROFIT, ax=axes[0]) is axes[0]
    assert plots.flows("cash", ax=axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number]


def test_what_is_missing_is_told_with_a_remedy(plots):
    for draw, told in (
        (lambda: plots.scorecard("cahs"), "did you mean 'cash'"),
        (lambda: plots.fan("order_conversoin"), "did you mean 'order_conversion'"),
        (lambda: plots.difference("nothing"), "no difference of 'nothing'"),
        (plots.response, "run 'liebian sweep' first"),
    ):
        with pytest.raises(StoreError, match=told):
            draw()


def test_a_cascade_is_a_tree_over_time():
    assert spread.parents(TOUCHES).to_dict() == {10: -1, 11: -1, 12: 10, 13: 10, 14: 13}
    axes = spread.cascade(TOUCHES, "trial")
    assert axes.get_title(loc="left") == "trial: one share reached 5 people in 3 generations"
    points = np.concatenate([one.get_offsets() for one in axes.collections])
    assert sorted(points[:, 0]) == pytest.approx([0.0, 0.5, 1.0, 1.5, 3.0])
    with pytest.raises(StoreError, match="no cascade 99"):
        spread.cascade(TOUCHES, "trial", root=99)


def test_a_network_counts_whom_shares_reached_and_who_bought():
    orders = pd.DataFrame({"touch": [13, 77], "person": [4, 3]})
    axes = spread.network(TOUCHES, orders, "trial")
    assert axes.get_title(loc="left") == "trial: 6 people in the largest cascade; 1 ordered on a share"


def test_no_command_loads_plots():
    script = (
        "import sys, sim.cli\n"
        "from sim import Market, load_results\n"
        "from sim.cli import commands\n"
        "sim.cli.main(['list', 'scenarios'])\n"
        "assert not [name for name in sys.modules if name.startswith(('sim.plots', 'matplotlib.pyplot'))]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_the_gallery_shows_every_plot_and_stays_small():
    shown = {plot.code.partition("(")[0].rpartition(".")[2] for plot in PLOTS} - {"plot"}
    assert shown == {name for name in vars(ResultPlots) if not name.startswith("_") and name != "comparison"}
    assert (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8") == page()
    files = {path.stem for path in PICTURES.glob("*.png")}
    assert files == {plot.name for plot in PLOTS}
    assert sum(path.stat().st_size for path in PICTURES.glob("*")) < MOST_BYTES


def test_a_front_holds_what_nothing_beats_in_both_objectives(tmp_path):
    from sim.studies.optimise.stored import Optimisation

    trials = pd.DataFrame(
        {
            "trial": range(4),
            "state": ["complete"] * 3 + ["failed"],
            "margin": [1.0, 2.0, 0.5, np.nan],
            "orders": [3.0, 1.0, 0.5, np.nan],
            "feasible": [True, True, False, False],
            "pareto": [True, True, False, False],
        }
    )
    names, good = ("margin", "orders"), {"margin": "maximize", "orders": "maximize"}
    found = Optimisation("e", names, good, (), {}, trials)
    results = load_results(tmp_path)
    with pytest.raises(StoreError, match="no search is filed"):
        results.plot.pareto()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.plots.search.stored", lambda *_: "there")
        patch.setattr("sim.plots.search.load_optimisation", lambda *_: found)
        patch.setattr("sim.report.sweep.search.DIRECTIONS", good)
        results = results.__class__(results.root, results.totals, experiment="e")
        axes = results.plot.pareto()
        edge = next(line for line in axes.lines if line.get_label() == "front")
        assert sorted(zip(*edge.get_data(), strict=True)) == [(1.0, 2.0), (3.0, 1.0)]
        assert sum(len(line.get_xdata()) for line in axes.lines if line.get_label() != "front") == 3
        with pytest.raises(StoreError, match="'margins' was no objective"):
            results.plot.pareto("margins")


@pytest.mark.parametrize("cascades", [0, -1])
def test_no_cascades_at_all_are_told(cascades, plots, monkeypatch):
    monkeypatch.setattr(type(plots), "_events", lambda self, table, strategy: TOUCHES)
    with pytest.raises(StoreError, match="cascades must be 1 or more"):
        plots.network("cash", cascades=cascades)


def test_a_name_that_is_no_text_is_told(plots):
    with pytest.raises(StoreError, match="no comparable run of '3' is stored"):
        plots.scorecard(3)


def test_books_that_are_not_stored_are_no_missing_baseline(plots, monkeypatch):
    monkeypatch.setattr(type(plots.results), "breakdown", property(lambda self: pd.DataFrame()))
    with pytest.raises(StoreError, match="no books of 'cash' are stored"):
        plots.waterfall("cash")
