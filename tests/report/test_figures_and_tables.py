"""A figure shows the numbers of the table beside it: what is drawn is read back and compared."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import sim
from sim.core.language import speaking
from sim.measure.intervals import Interval
from sim.report import figures, flows
from sim.report.claims import ALONE_DOWN, ALONE_UP, MARKS
from sim.report.comparison import PROFIT, Comparison
from sim.report.figures import panel_title
from sim.report.notes import notes
from sim.report.sentences import UNITS, certainty, change_words
from sim.report.svg import to_svg
from sim.report.sweep import levers, paired
from sim.report.sweep.effects import contrasts
from sim.report.sweep.study import Study
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, fake_run
from tests.report.test_sweep_report import GRID, write_sweep

LIFTS = {"baseline": 0.0, "coupon": 0.06, "group_buy": -0.05, "nothing": 0.0}


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    store = Store(folder, level="daily")
    for scenario, lift in LIFTS.items():
        for world in range(4):
            store.write(fake_run(scenario, world, lift), CONFIG)
    return Comparison.of(load_results(folder).newest())


@pytest.fixture
def drawn(monkeypatch):
    """Figures as they are handed on to be written, instead of their SVG."""
    kept = []
    for module in (figures, flows, levers, paired):
        monkeypatch.setattr(module, "to_svg", lambda figure, alt: kept.append(figure) or "")
    return kept


def test_the_forest_draws_the_differences_of_the_tables_with_their_marks(comparison, drawn):
    figures.forest(comparison)
    panels = {axis.get_title(loc="left").partition(":")[0]: axis for axis in drawn[0].axes}
    for name in (PROFIT, "order_conversion", "acquisition_cost"):
        panel, scale = panels[figures.label(name)], 100 if UNITS[name] == "share" else 1
        for row, scenario in enumerate(comparison.strategies):
            change = comparison.difference(scenario, name)
            lines = [line for line in panel.lines if list(line.get_ydata())[:1] == [row]]
            bars = [line for line in lines if len(line.get_xdata()) == 2]
            (dot,) = (line for line in lines if len(line.get_xdata()) == 1)
            assert list(dot.get_xdata()) == pytest.approx([scale * change["value"]])
            assert list(bars[0].get_xdata()) == pytest.approx([scale * change["low"], scale * change["high"]])
            filled = dot.get_markerfacecolor() == dot.get_color()
            assert filled == any(mark in change_words(change, name) for mark in ("▲", "▼"))
        assert panel.get_xlabel()


@pytest.mark.filterwarnings("error:constrained_layout")
def test_long_names_of_strategies_leave_room_for_the_panels(tmp_path, monkeypatch):
    """Settings in brackets tell namesakes apart; however long they are, no axis collapses."""
    shown = []
    monkeypatch.setattr(figures, "to_svg", lambda figure, alt: shown.append(figure) or to_svg(figure, alt))
    store, long = Store(tmp_path, level="daily"), "a_strategy_with_a_long_name_" * 2
    for scenario in ("baseline", long):
        for world in range(2):
            store.write(fake_run(scenario, world, 0.01), CONFIG)
    settings = "community.advisers.hours=12, community.advisers.staff=0.3, community.challenges=2, more"
    monkeypatch.setattr(figures, "scenario_label", lambda name: f"{name} ({settings})")
    figures.forest(Comparison.of(load_results(tmp_path).newest()))
    assert min(axis.get_window_extent().width for axis in shown[0].axes) > 0.25 * shown[0].bbox.width


def test_panel_titles_count_the_filled_marks_of_their_row(comparison):
    for name in (PROFIT, "order_conversion", "acquisition_cost", "repurchase_30d"):
        rows = [comparison.difference(scenario, name) for scenario in comparison.strategies]
        marks = [certainty(row) for row in rows]
        text = panel_title(name, rows)
        for word, mark in (("higher", "▲"), ("lower", "▼")):
            assert (f"{marks.count(mark)} {word}" in text) == (mark in marks)
        assert ("none surely differs" in text) == (not {"▲", "▼"} & set(marks))
        with speaking("zh"):
            told = panel_title(name, rows)
        assert not re.search("higher|lower|: ", told)
    assert {MARKS[ALONE_UP], MARKS[ALONE_DOWN]} == {"△", "▽"}


def test_names_before_a_colon_are_told_by_a_template():
    """A colon that code writes itself stays half-width in Chinese; files for machines keep theirs."""
    written = []
    for path in (Path(sim.__file__).parent / "report").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else []
            texts = [one.value for one in parts if isinstance(one, ast.Constant)]
            if path.name != "fit.py" and any(text.startswith(": ") for text in texts):
                written.append(f"{path.name}:{node.lineno}")
    assert written == []


def test_no_interval_of_days_or_of_spend_holds_what_cannot_be(comparison, monkeypatch):
    mine, base = [{"all_in_spend": 1.0}, {"all_in_spend": 9.0}], [{"all_in_spend": 5.0}] * 2
    worlds = SimpleNamespace(pairs=lambda _: (mine, base))
    wide = Comparison.relative(SimpleNamespace(results=worlds), "coupon", "all_in_spend")
    assert (wide.value, wide.low) == (pytest.approx(0), -1.0)  # nobody spends less than nothing
    monkeypatch.setattr(Comparison, "level", lambda *_: Interval(1.0, -111.7, 113.7, 2))
    [dry] = [line for line in notes(comparison) if "allowance ran out" in line]
    assert f"1.00 (0.00 to {comparison.days:.2f})" in dry


def test_the_funnel_draws_its_table(comparison, drawn):
    flows.funnel(comparison)
    table = flows.funnel_table(comparison)
    table = table[table["visits"] > 0]
    for axis, column in zip(drawn[0].axes, ("visits", "carts", "orders"), strict=True):
        shown = sorted(x for line in axis.lines for x in line.get_xdata() if np.isfinite(x))
        enough = table[table["visits"] >= (0 if column == "visits" else 30)]
        told = enough["visits"] if column == "visits" else enough[column] / enough["visits"]
        assert shown == pytest.approx(sorted(told))
        assert axis.get_xlabel()


def test_the_bars_of_spend_end_at_the_sums_of_its_table(comparison, drawn):
    flows.spend(comparison)
    ends = [text.get_text() for text in drawn[0].axes[0].texts if re.fullmatch(r"[\d,]+", text.get_text())]
    assert ends == [f"{total:,.0f}" for total in comparison.spend.sum()]


def test_levers_and_configurations_are_drawn_as_they_are_counted(tmp_path, drawn):
    write_sweep(tmp_path, GRID)
    study = Study.of(load_results(tmp_path, "grid"))
    levers.tornado(study, "crossed")
    found = contrasts(study, PROFIT)
    panel = drawn[0].axes[0]
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(list(found["value"]))
    filled = [dot.get_markerfacecolor() == dot.get_color() for dot in dots]
    assert filled == [
        bool(low > 0 or high < 0) for low, high in zip(found["low"], found["high"], strict=True)
    ]
    assert f"{sum(filled)} of {len(filled)} keys clear" in panel.get_xlabel()
    paired.forest(study)
    chosen, _ = paired.drawn_rows(study)
    frame = paired.paired(study, PROFIT).loc[chosen]
    dots = [line for line in drawn[1].axes[0].lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(list(frame["value"]))
    filled = [dot.get_markerfacecolor() == dot.get_color() for dot in dots]
    assert filled == list((frame["wide_low"] > 0) | (frame["wide_high"] < 0))


def test_every_axis_of_numbers_says_its_unit(comparison, drawn):
    for draw in (figures.fans, figures.forest, flows.funnel, flows.cascades, flows.deliveries, flows.spend):
        draw(comparison)
    for figure in drawn:
        for axis in figure.axes:
            if not axis.axison:
                continue
            said = [axis.get_xlabel(), axis.get_ylabel(), axis.get_title(loc="right")]
            percent = any("%" in text.get_text() for text in axis.get_yticklabels())
            assert percent or any(said), axis.get_title(loc="left")


def test_money_that_no_strategy_has_is_no_row(comparison):
    for table, figure in ((comparison.spend, "spend"), (comparison.books, "books")):
        counted = comparison.figure(figure).groupby("item")["value"].apply(lambda x: (x != 0).any())
        assert set(table.index) == set(counted[counted].index)
