"""The report: one HTML file that opens from disk with no network and says first what matters.

Texts pass through Jinja2 with autoescape on, so that no name or description can become markup;
figures are inline SVG. The page holds no date: the same results give the same file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from sim.core.amounts import large
from sim.core.atomic import commit
from sim.core.language import tr
from sim.measure.display import in_unit
from sim.measure.kpis import KPI_BY_NAME
from sim.measure.verdicts import SYMBOLS, chance_words, counted_words, verdict
from sim.report import business as own_words
from sim.report import figures, flows, margin
from sim.report.claims import LEGEND
from sim.report.comparison import Comparison
from sim.report.environment import environment
from sim.report.explain import explanations, part_words
from sim.report.headline import headline
from sim.report.notes import notes
from sim.report.origin import origin
from sim.report.robustness import sections
from sim.report.sentences import (
    BETTER,
    GUARDS,
    PLATFORM_GUARDS,
    amount,
    change_words,
    gross_levels,
    joint_words,
    label,
    scenario_label,
    source_label,
    unit_words,
)
from sim.report.session_accounts import session_tables
from sim.report.stages import headings, stages
from sim.store.results import BASELINE
from sim.store.store import NOT_STRATEGY

#: Settings that every run has of its own and that no strategy chose.
_NO_SETTINGS = ("experiment", *NOT_STRATEGY)


def write_report(comparison: Comparison, path: Path | None = None) -> Path:
    """Write the report and return its file, by default ``reports/EXPERIMENT.html`` in the store.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier report then stays as it was.
    """
    experiment = str(comparison.results.runs.iloc[0]["experiment"])
    target = path or comparison.results.root / "reports" / f"{experiment}.html"
    page = render(comparison, "" if path else f"{experiment}_answer.html")
    commit(target, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    return target


def render(comparison: Comparison, answer: str = "") -> str:
    """The page as text, with a link to the file of its answer if one is named."""
    pages = environment()
    pages.filters.update(
        large=large,
        label=label,
        scenario=scenario_label,
        source=source_label,
        amount=amount,
        in_unit=in_unit,
        verdict=verdict,
        symbol=SYMBOLS.get,
        chance=chance_words,
        part=part_words,
    )
    return pages.get_template("report.html.j2").render({**_content(comparison), "answer": answer})


def _content(comparison: Comparison) -> dict[str, Any]:
    runs = comparison.results.runs
    details = {name: comparison.details(name) for name in comparison.scenarios}
    return {
        "comparison": comparison,
        "business": _business(comparison),
        "window": own_words.window(comparison),
        "experiment": str(runs.iloc[0]["experiment"]),
        "headline": headline(comparison),
        "cards": comparison.cards,
        "verdicts": {name: counted_words(card["verdict"]) for name, card in comparison.cards.items()},
        "joint": {name: joint_words(card) for name, card in comparison.cards.items()},
        "kpis": KPI_BY_NAME,
        "descriptions": {name: tr(str(d["info"].get("description", ""))) for name, d in details.items()},
        "guards": _guards(comparison, GUARDS),
        "platforms": _guards(comparison, PLATFORM_GUARDS),
        "gross": {kpi: gross_levels(comparison, kpi) for kpi in KPI_BY_NAME},
        "units": {kpi: unit_words(kpi).replace("%", "") for kpi in KPI_BY_NAME},
        "legend": tr(LEGEND),
        "few_visits": flows.FEW_VISITS,
        "stands": figures.stands_words(comparison.differences),
        "figures": {name: Markup(svg) for name, svg in _figures(comparison).items() if svg},
        "explanations": explanations(comparison),
        "ways": [
            {
                "scenario": one.scenario,
                "worlds": one.worlds,
                "title": margin.sentence(one),
                "rows": margin.rows(one),
                "svg": Markup(margin.waterfall(one)),
            }
            for one in margin.ways(comparison)
        ],
        "stages": stages(comparison),
        "stage_headings": headings(),
        "funnel": flows.funnel_table(comparison),
        "sessions": session_tables(comparison),
        "settings": _settings({name: d["config"] for name, d in details.items()}),
        "origin": origin(details[comparison.scenarios[0]]["info"]),
        "runs": runs.sort_values(["replication", "strategy"]).to_dict("records"),
        "notes": notes(comparison),
        "robustness": sections(comparison.results.root, str(runs.iloc[0]["experiment"])),
    }


def _business(comparison: Comparison) -> dict[str, Any]:
    """Caption and rows of the table in the business's own words; empty if nothing was said of a business."""
    told = own_words.business_of(comparison)
    return {"caption": own_words.caption(told), "rows": own_words.rows(comparison, told)} if told else {}


def _figures(comparison: Comparison) -> dict[str, str]:
    drawn = (
        figures.fans,
        figures.forest,
        flows.funnel,
        flows.cascades,
        flows.deliveries,
        flows.spend,
    )
    return {draw.__name__: draw(comparison) for draw in drawn}


def _guards(comparison: Comparison, names: Sequence[str]) -> list[dict[str, Any]]:
    """One row a figure that was observed anywhere: level and paired difference by scenario."""
    rows = []
    for name in names:
        levels = [comparison.level(scenario, name).value for scenario in comparison.scenarios]
        if not np.isfinite(levels).any():
            continue
        cells = []
        for scenario, level in zip(comparison.scenarios, levels, strict=True):
            change = comparison.difference(scenario, name) if scenario != BASELINE else None
            words = change_words(change, name).split("\n") if change is not None else []
            cells.append({"level": amount(level, name), "change": words})
        unit = unit_words(name).replace("%", "")
        rows.append({"name": name, "better": BETTER.get(name, ""), "cells": cells, "unit": unit})
    return rows


def _settings(configs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Settings in which the strategies differ: key, unit, source and one value a scenario."""
    flat = {
        name: dict(_flat({k: v for k, v in c.items() if k not in _NO_SETTINGS}))
        for name, c in configs.items()
    }
    differ = {}
    for key in sorted({key for values in flat.values() for key in values}):
        values = [values.get(key, "–") for values in flat.values()]
        if any(value != values[0] for value in values):
            differ[key] = values
    declared = declared_parameters() if differ else {}  # takes a moment
    rows = []
    for key, values in differ.items():
        known = declared.get(key)
        rows.append(
            {
                "key": key,
                "values": values,
                "unit": tr(known.unit) if known else "",
                "source": known.source if known else "",
                "why": known.why if known else "",
            }
        )
    return rows


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", f"{value:g}" if isinstance(value, float) else str(value)))
    return rows


def declared_parameters() -> dict[str, Any]:
    """Declarations by dotted key, for units and sources."""
    from sim.config import assumptions_table, market_sources

    return {row.path: row for row in assumptions_table(market_sources().sections)}
