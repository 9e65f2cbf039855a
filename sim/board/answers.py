"""What a run answers, on a page: sentences, targets, pictures; also while it is still going on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from sim.board.pictures import picture
from sim.core.errors import InputError
from sim.core.language import mark, tr
from sim.measure.display import alike_in_unit, in_unit
from sim.measure.guardrails import FIGURES
from sim.measure.kpis import KPIS
from sim.measure.verdicts import verdict
from sim.plots.live import plot_under_way, under_way
from sim.report.comparison import PROFIT, Comparison
from sim.report.headline import headline
from sim.report.sentences import label, scenario_label
from sim.runs.live import BURN_IN, Days
from sim.store.results import Results, load_results

#: What stands for a number that nobody could observe.
UNKNOWN = "–"
#: Pictures of a run while it goes.
_DRAWN = 20


def loaded(root: Path, experiment: str) -> Results | None:
    """What is stored of an experiment so far; None if nothing is."""
    try:
        results = load_results(root, experiment)
    except InputError:
        return None
    return None if results.runs.empty else results


def answers_yet(results: Results, days: Sequence[Days]) -> bool:
    """Whether a strategy is stored beside the baseline, where both are run."""
    going_on = {one.scenario for one in days} - {BURN_IN}
    return len(results.scenarios) > 1 or len(going_on) < 2


def show(results: Results, key: str) -> None:
    """The answer of one comparison.

    Parameters
    ----------
    results : Results
        Of one experiment.
    key : str
        Put before the names of all widgets, so that two answers can stand on one page.
    """
    comparison = Comparison.of(results.newest())
    worlds, days = comparison.worlds, comparison.days
    st.caption(
        tr(
            "{worlds} world{value}, {days} days, beside the baseline in the same worlds",
            worlds=worlds,
            value="s" * (worlds != 1),
            days=days,
        )
    )
    for sentence in headline(comparison):
        st.markdown(f"- {_plain(sentence)}")
    for name in comparison.strategies or comparison.scenarios:
        st.markdown(tr("**Targets of the plan: {plain}**", plain=_plain(scenario_label(name))))
        st.dataframe(targets(comparison, name), hide_index=True, width="stretch")
    _pictures(comparison, key)


def going(days: Sequence[Days], key: str) -> None:
    """Days of the first world, while no run has ended.

    Parameters
    ----------
    days : sequence of Days
        Of all runs that are under way.
    key : str
        Under which the visitor's picture is kept: it is drawn some twenty times a run, since whoever draws it
        takes the time from the runs.
    """
    seen = under_way(days)
    if not seen:
        st.caption(tr("The first picture comes with the first days"))
        return
    come = [(one.scenario, _DRAWN * one.lived // one.total) for one in seen]
    if st.session_state.get(key, (None,))[0] != come:
        st.session_state[key] = come, picture(lambda: plot_under_way(seen))
    _told(st.session_state[key][1])
    st.caption(
        tr(
            "One world is no answer: what stands out from chance shows as worlds are finished, and is told "
            "here then"
        )
    )


def targets(comparison: Comparison, strategy: str) -> pd.DataFrame:
    """The nine targets of a strategy in words: value, interval, target, verdict."""
    rows = []
    for row in comparison.cards[strategy].to_dict("records"):
        unit = str(row["unit"])
        value, low, high = alike_in_unit((row["value"], row["low"], row["high"]), unit)
        rows.append(
            {
                tr("target"): label(str(row["kpi"])),
                tr("simulated"): value,
                tr("95% interval"): low if low == UNKNOWN else tr("{low} to {high}", low=low, high=high),
                tr("wanted"): f"{tr(str(row['direction']))} {in_unit(row['target'], unit)}",
                tr("verdict"): verdict(str(row["verdict"])),
            }
        )
    return pd.DataFrame(rows)


def _pictures(comparison: Comparison, key: str) -> None:
    """One plot at a time, so that a page is there at once; the figure is chosen where there are several."""
    plots = comparison.results.plot
    names = comparison.strategies or comparison.scenarios
    who = str(names[0])
    if len(names) > 1:
        who = str(st.selectbox(tr("Strategy"), names, format_func=scenario_label, key=f"{key}:who"))
    kinds: dict[str, Callable[[], Any]] = {
        mark("Targets"): lambda: plots.scorecard(who),
        mark("Days"): lambda: plots.fan(_figure(_series(comparison), "order_conversion", f"{key}:day")),
        mark("Differences"): lambda: plots.difference(
            _figure([one.name for one in FIGURES], PROFIT, f"{key}:difference")
        ),
        mark("Money"): lambda: plots.waterfall(who),
        mark("Where orders come from"): lambda: plots.flows(who),
        mark("Map"): lambda: plots.places(who),
        mark("Cascade"): lambda: plots.cascade(who),
        mark("Network"): lambda: plots.network(who),
    }
    chosen = st.radio(tr("Picture"), list(kinds), key=f"{key}:kind", horizontal=True, format_func=tr)
    _shown(kinds[str(chosen)])


def _figure(names: list[str], first: str, key: str) -> str:
    """One of several figures, chosen by the visitor."""
    at = names.index(first) if first in names else 0
    return str(st.selectbox(tr("Figure"), names, at, format_func=label, key=key)) if names else first


def _series(comparison: Comparison) -> list[str]:
    daily = comparison.results.daily
    return [] if daily.empty else sorted(set(daily["name"]))


def response(results: Results, key: str) -> None:
    """How a figure answers to what was tried, as far as runs have come."""
    figures = [PROFIT, *(one.name for one in KPIS)]
    name = str(st.selectbox(tr("Figure"), figures, format_func=label, key=f"{key}:response"))
    _shown(lambda: results.plot.response(name))


def _shown(draw: Callable[[], Any]) -> None:
    _told(picture(draw))


def _told(made: bytes | str) -> None:
    if isinstance(made, bytes):
        st.image(made)
    else:
        st.info(made)


def _plain(text: str) -> str:
    """Text whose signs mean nothing to Markdown."""
    return text.replace("*", r"\*").replace("_", r"\_").replace("$", r"\$").replace("[", r"\[")
