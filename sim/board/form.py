"""The strategy as a form: what it begins with, options, levers, stages, the business."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from sim.board.desk import Desk
from sim.board.draft import Draft, Stage
from sim.board.levers import Field, fields, found, in_force
from sim.config import SETTINGS, Sources, compose, describe_scenarios
from sim.core.errors import InputError
from sim.core.language import mark, tr
from sim.report.sentences import scenario_label

#: Levers shown at once of those that a search finds.
_MOST_LEVERS = 12
#: What stands in a field from which nothing was chosen yet.
CHOOSE = mark("Choose")
_WORDS = {
    "market": (mark("Consumers that you could reach"), mark("for instance 200000 or 20万")),
    "budget": (
        mark("Budget for everything"),
        mark("amount/day, /week, /month or /year, for instance 150000/month"),
    ),
    "capacity": (
        mark("Orders that delivery can do"),
        mark("number/day, /week or /month, for instance 80/day"),
    ),
    "start": (mark("First day of the plan"), mark("year-month-day; festivals and seasons need it")),
}


def business(desk: Desk) -> None:
    """The business in its own words; what is left empty is not said."""
    for word, (title, help_) in _WORDS.items():
        text = st.text_input(
            tr(title), desk.draft.business.get(word, ""), key=f"business:{word}", placeholder=tr(help_)
        )
        if text.strip():
            desk.draft.business[word] = text.strip()
        else:
            desk.draft.business.pop(word, None)


def size(desk: Desk) -> None:
    """People, days, worlds and seed of a run."""
    settings = desk.draft.settings
    for key, title, default, least, most in (
        ("population.size", tr("Simulated people"), 3000, 100, 1_000_000),
        ("experiment.days", tr("Measured days"), 60, 1, 3650),
        ("experiment.replications", tr("Worlds"), 4, 1, 200),
        ("experiment.seed", tr("Seed"), 1, 0, 1_000_000),
    ):
        settings[key] = int(
            st.number_input(title, least, most, int(settings.get(key, default)), key=f"size:{key}")
        )
    if st.checkbox(tr("Keep every event (for map, cascade and network)"), True, key="size:events"):
        settings["store.level"] = "events"
    else:
        settings.pop("store.level", None)
    text = st.text_input(
        tr("Other settings"),
        " ".join(desk.draft.others),
        key="size:others",
        placeholder=tr("as on the command line: experiment.warmup_days=14 engine.workers=2"),
    )
    desk.draft.others = text.split()


def begin(desk: Desk, sources: Sources) -> None:
    """The scenario that the strategy begins with; another one starts it anew."""
    described = describe_scenarios(sources)
    names = list(described)
    at = names.index(desk.draft.begin) if desk.draft.begin in names else 0
    chosen = str(st.selectbox(tr("Begin with"), names, at, key="begin", format_func=scenario_label))
    st.caption(tr(described[chosen]))
    if chosen != desk.draft.begin:
        held = desk.draft
        desk.draft = Draft(chosen, business=held.business, settings=held.settings, others=held.others)


def options(desk: Desk, sources: Sources) -> None:
    """Options of sections: which design of reward, which delivery, which private domain."""
    held = compose([f"scenario={desk.draft.begin}"], sources=sources).options
    several = [name for name in held if len(sources.options(name)) > 1 and name not in SETTINGS]
    columns = st.columns(3)
    for index, section in enumerate(name for name in several if name != "plan"):
        known = sources.options(section)
        current = desk.draft.options.get(section, held[section])
        with columns[index % 3]:
            chosen = str(
                st.selectbox(
                    tr(section.replace("_", " ")),
                    known,
                    known.index(current),
                    key=f"option:{desk.draft.begin}:{section}",
                    format_func=scenario_label,
                )
            )
        if chosen == held[section]:
            desk.draft.options.pop(section, None)
        else:
            desk.draft.options[section] = chosen


def levers(desk: Desk, sources: Sources) -> None:
    """Levers that are set, and others by words; every value that differs is part of the strategy."""
    every = known_fields(desk.draft, sources)
    query = st.text_input(
        tr("Find levers"),
        key="levers:query",
        placeholder=tr("for instance: invite reward, discount, session, riders"),
    )
    set_now = [one for one in every if one.key in desk.draft.levers]
    others = [one for one in found(every, query) if one.key not in desk.draft.levers] if query else []
    columns = st.columns(2)
    for index, one in enumerate([*set_now, *others[:_MOST_LEVERS]]):
        with columns[index % 2]:
            _lever(one, desk.draft.levers, f"lever:{desk.draft.begin}")
    if len(others) > _MOST_LEVERS:
        st.caption(
            tr(
                "{most_levers} more have these words; write more of them",
                most_levers=len(others) - _MOST_LEVERS,
            )
        )
    if not query and not set_now:
        st.caption(tr("{n_every} levers: write words of what you want to change", n_every=len(every)))


def known_fields(draft: Draft, sources: Sources) -> list[Field]:
    """Levers with what holds under the options chosen; as declared where those do not compose."""
    bare = Draft(draft.begin, options=draft.options)
    try:
        return fields(sources, defaults=in_force(bare.composed(), sources))
    except InputError:
        return fields(sources)


def stages(desk: Desk, sources: Sources) -> None:
    """The plan's calendar: stages one after the other, each with what it changes."""
    every = {one.key: one for one in known_fields(desk.draft, sources)}
    for index, stage in enumerate(desk.draft.stages):
        last = index == len(desk.draft.stages) - 1
        with st.container(border=True):
            _stage(stage, f"stage:{index}", every, last=last)
    add, drop, _ = st.columns([1, 1, 3])
    if add.button(tr("Add a stage"), key="stage:add"):
        if desk.draft.stages and desk.draft.stages[-1].days is None:
            desk.draft.stages[-1].days = 30
        desk.draft.stages.append(Stage(_unused([one.name for one in desk.draft.stages])))
        st.rerun()
    if desk.draft.stages and drop.button(tr("Drop the last stage"), key="stage:drop"):
        desk.draft.stages.pop()
        if desk.draft.stages:
            desk.draft.stages[-1].days = None
        st.rerun()


def _unused(names: list[str]) -> str:
    """The name of a further stage: its number, or the next one that no stage has."""
    number = len(names) + 1
    while f"stage_{number}" in names:
        number += 1
    return f"stage_{number}"


def _stage(stage: Stage, key: str, every: dict[str, Field], *, last: bool) -> None:
    name, days = st.columns(2)
    stage.name = name.text_input(tr("Stage"), stage.name, key=f"{key}:name").strip() or stage.name
    if last:
        stage.days = None
        days.text_input(tr("Days"), tr("until the end"), key=f"{key}:rest", disabled=True)
    else:
        stage.days = int(days.number_input(tr("Days"), 1, 3650, stage.days or 30, key=f"{key}:days"))
    chosen = st.multiselect(
        tr("Levers that change"),
        list(every),
        list(stage.levers),
        key=f"{key}:levers",
        format_func=lambda one: every[one].label if one in every else str(one),
        placeholder=tr(CHOOSE),
    )
    for gone in set(stage.levers) - set(chosen):
        del stage.levers[gone]
    for lever in chosen:
        stage.levers.setdefault(lever, every[lever].default)
        _lever(every[lever], stage.levers, key, keep=True)


def _lever(one: Field, values: dict[str, Any], prefix: str, *, keep: bool = False) -> None:
    """One lever; its value is kept if it differs from what holds anyway, or always."""
    current, key = values.get(one.key, one.default), f"{prefix}:{one.key}"
    made = _widget(one)(current, key)
    if keep or made != one.default:
        values[one.key] = made
    else:
        values.pop(one.key, None)


def _widget(one: Field) -> Callable[[Any, str], Any]:
    """What a value is put in with, by its kind."""
    if isinstance(one.default, bool):
        return lambda value, key: st.checkbox(one.label, bool(value), key=key, help=one.help)
    if one.choices:
        known = list(one.choices)
        return lambda value, key: st.selectbox(
            one.label, known, known.index(value), key=key, help=one.help, format_func=scenario_label
        )
    kind = int if isinstance(one.default, int) else float
    low, high = (None if end is None else kind(end) for end in (one.low, one.high))
    step = kind(1) if kind is int else kind(step_of(one))
    return lambda value, key: kind(
        st.number_input(
            one.label,
            low,
            high,
            kind(value),
            step,
            key=key,
            help=one.help,
            format="%d" if kind is int else "%.6g",
        )
    )


def step_of(one: Field) -> float:
    """A power of ten that crosses the range that plans consider in 20 to 200 steps."""
    low, high = one.span or (one.low or 0.0, one.high or 1.0)
    return float(10.0 ** math.floor(math.log10(max(high - low, 1e-6) / 20)))
