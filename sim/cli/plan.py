"""The verb ``plan``: the calendar of a strategy, before anything runs.

It says which days are measured and what dates they have, which stages the strategy has, what their gates look
at and what money they release, which shocks strike and when they are over, which
festivals fall into the window, and how much money a day and in all the strategy may spend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from rich import box
from rich.table import Table

from sim.cli.output import print_error
from sim.cli.session import hand_over
from sim.core.amounts import large, short
from sim.core.errors import InputError
from sim.core.language import mark, name_of_key, tr

DONE = 0
_SCENARIO, BASELINE = "scenario", "baseline"
_WEEK = 7
#: From here on money has no fen.
_WHOLE = 100
_WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))


def plan(words: Sequence[str]) -> int:
    """Print the calendar of one strategy; nothing is run and nothing is written."""
    from sim.cli.screen import console
    from sim.config import compose, reference_of
    from sim.config.business import translation
    from sim.config.remarks import remarks
    from sim.market.build import check_network

    config = compose(_understood(words))
    people = check_network(config)
    out = console()
    out.print(f"{config.scenario}: {tr(config.description)}", soft_wrap=True)
    for line in translation(config):
        out.print(line, soft_wrap=True)
    for line in remarks(config):
        print_error(tr("note: {line}", line=line))
    out.print(_days(config))
    for note in _notes(config):
        out.print(note, soft_wrap=True)
    if config.plan.stages:
        out.print(_stages(config, people))
    shared = reference_of(config).shock.listed()
    for empty, table in (
        (tr("Shocks: none"), _shocks(config, shared)),
        (tr("Festivals in the measured days: none"), _festivals(config)),
        ("", _money(config, people)),
    ):
        out.print(table if table.row_count else empty)
    hand_over(
        scenario=config.scenario, people=people, settings=config.resolved, first_day=config.calendar.first
    )
    return DONE


def _understood(words: Sequence[str]) -> list[str]:
    """Settings, with the scenario's name among them."""
    names = [word for word in words if "=" not in word]
    written = [word for word in words if word.partition("=")[0] == _SCENARIO]
    if len(names) + len(written) > 1:
        raise InputError(
            tr(
                "plan takes one scenario (you wrote {value}); plan them one after the other",
                value=tr(" and ").join([*names, *written]),
            )
        )
    return [*(f"{_SCENARIO}={name}" for name in names), *(word for word in words if word not in names)]


def _days(config: Any) -> Table:
    """Burn-in, warm-up and measured days with their dates."""
    table = _table(tr("Days"), tr("Stage"), tr("Days"), tr("First"), tr("Last"), tr("Strategy"))
    lengths, start = config.experiment, config.calendar.first
    first = start - timedelta(days=lengths.burn_in_days + lengths.warmup_days)
    for stage, days, strategy in (
        (tr("burn-in"), lengths.burn_in_days, BASELINE),
        (tr("warm-up"), lengths.warmup_days, BASELINE),
        (tr("measured"), lengths.days, config.scenario),
        (tr("after"), lengths.after_days, BASELINE),
    ):
        if days:
            table.add_row(
                stage,
                f"{days:,}",
                _said(first),
                _said(first + timedelta(days=days - 1)),
                name_of_key(strategy),
            )
        first += timedelta(days=days)
    return table


def _stages(config: Any, people: int) -> Table:
    """One row a stage, as planned: what it changes, the money it releases, and the gate at its end."""
    from sim.levers import flat
    from sim.operator.stages import planned

    table = _table(
        tr("Stages, if every gate lets the plan go on at once"),
        *(
            tr("Stage"),
            tr("Days"),
            tr("First"),
            tr("Last"),
            tr("Released (CNY)"),
            tr("Of all"),
            tr("Differs from the strategy by"),
        ),
        *(tr("Meets"), tr("Gate at its end")),
    )
    days, held = config.experiment.days, 0.0
    control = config.control
    whole = (
        days * people * (control.daily_budget if control.budget_rule == "all_in" else control.media_budget)
    )
    for name, stage, first, last in planned(config.plan, config.calendar.first, days):
        length = max(0, last - first + 1)
        budget = _day_budget(config, stage) * people * length
        released = min(budget * stage.release, budget + held)
        held += budget - released
        changes = ", ".join(
            f"{key}={_word(value)}" for key, value in flat(config.models, stage.levers).items()
        )
        table.add_row(
            name,
            f"{length:,}",
            *((_dated(config, first), _dated(config, last)) if length else (tr("no day is left"), "–")),
            _cny(released),
            f"{released / whole:.0%}" if whole else "–",
            changes or tr("nothing"),
            ", ".join(_met(config, first, last)) or "–",
            _gate(stage.gate, config.instruments),
        )
    table.caption = (
        tr("Held back to the end, unspent: {held} CNY", held=_cny(held)) if round(held, 2) else None
    )
    return table


def _day_budget(config: Any, stage: Any) -> float:
    """A person's budget a day in a stage, CNY."""
    from sim.levers import with_levers

    control = with_levers(config, stage.levers).control
    return float(control.daily_budget if control.budget_rule == "all_in" else control.media_budget)


def _gate(gate: Any, instruments: Any) -> str:
    """What a gate asks, in words, and how late its figure is seen."""
    if not gate.figure:
        return "–"
    seen = instruments.of.get(gate.figure, instruments)
    late = tr(", seen {delay:g} days late", delay=seen.delay) if seen.delay else ""
    waits = tr("waits {wait} days at most, then ", wait=gate.wait) if gate.wait else ""
    return tr("{said}{late}; else {waits}the baseline", said=gate.said(), late=late, waits=waits)


def _word(value: Any) -> str:
    """A value as the command line takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _met(config: Any, first: int, last: int) -> Iterator[str]:
    """Shocks that are not over, and festivals with their pre-sale and dip, in some measured days."""
    for name, shock in config.shock.listed().items():
        if shock.start <= last and shock.start + shock.days + shock.recovery > first:
            yield name_of_key(shock.kind) if name == "shock" else f"{name_of_key(shock.kind)} ({name})"
    start = config.calendar.first
    for name, when in _festival_days(config):
        if (when.ahead - start).days <= last and (when.after - start).days >= first:
            yield name_of_key(name)


def _notes(config: Any) -> Iterator[str]:
    """What is to be known of the calendar in force."""
    lengths, calendar = config.experiment, config.calendar
    if calendar.flat:
        yield tr("The calendar is flat: days have dates, and all are alike (calendar=china has seasons).")
        return
    before = lengths.burn_in_days + lengths.warmup_days
    if before % _WEEK:
        longer = lengths.burn_in_days + _WEEK - before % _WEEK
        yield (
            tr(
                "Burn-in and warm-up are {before} days, no whole weeks: averages over them weigh "
                "weekdays unevenly (experiment.burn_in_days={longer} makes them whole).",
                before=before,
                longer=longer,
            )
        )
    if calendar.growth:
        grown = ", ".join(f"{name_of_key(name)} {share:+.0%}" for name, share in calendar.growth.items())
        yield tr("Growth a year, from {first} on: {grown}.", first=_said(calendar.first), grown=grown)


def _shocks(config: Any, shared: Any) -> Table:
    """One row a shock: what it moves, from when to when, and whether the baseline meets it too."""
    from sim.shocks.kinds import CONDITIONS

    table = _table(
        tr("Shocks"),
        tr("Shock"),
        tr("Kind"),
        tr("Moves"),
        tr("Size"),
        tr("Begins"),
        tr("Recovers from"),
        tr("Over"),
        tr("Baseline too"),
    )
    for name, shock in config.shock.listed().items():
        kind = shock.kinds[shock.kind]
        where = tr(" of {platform}", platform=shock.platform) if kind.by_platform else ""
        moves = "; ".join(
            f"{tr(CONDITIONS[one].says)}{where if CONDITIONS[one].by_platform else ''} "
            f"{'+' if CONDITIONS[one].rises else '-'}{weight * shock.size:.0%}"
            for one, weight in kind.moves.items()
        )
        end = shock.start + shock.days
        when = [_on(config, day) for day in (shock.start, end, end + shock.recovery)]
        common = tr("yes") if _same(shared.get(name), shock) else tr("no")
        table.add_row(name, name_of_key(shock.kind), moves, f"{shock.size:g}", *when, common)
    return table


def _same(one: Any, other: Any) -> bool:
    """Whether two shocks are alike, whatever further ones stand beside them."""
    keys = ("kind", "start", "days", "recovery", "size", "platform")
    return one is not None and all(getattr(one, key) == getattr(other, key) for key in keys)


class _Festival(NamedTuple):
    """A festival that falls into the window: what it is, and its days."""

    festival: Any
    ahead: date
    first: date
    over: date
    after: date


def _festival_days(config: Any) -> Iterator[tuple[str, _Festival]]:
    """Festivals of which a day, pre-sale and dip included, falls into the measured window."""
    calendar = config.calendar
    start, days = calendar.first, config.experiment.days
    last = start + timedelta(days=days - 1)
    for name, festival in calendar.festivals().items():
        found = {first for day in range(days) for first in festival.firsts(start + timedelta(days=day))}
        for first in sorted(found):
            ahead = first - timedelta(days=festival.presale_days)
            over = first + timedelta(days=festival.days - 1)
            after = over + timedelta(days=festival.dip_days)
            if ahead <= last and after >= start:
                yield name, _Festival(festival, ahead, first, over, after)


def _festivals(config: Any) -> Table:
    """One row a festival of the measured window."""
    table = _table(
        tr("Festivals in the measured days"),
        tr("Festival"),
        tr("Pre-sale from"),
        tr("Begins"),
        tr("Ends"),
        tr("Dip until"),
        tr("Goods"),
    )
    for name, (festival, ahead, first, over, after) in _festival_days(config):
        table.add_row(
            name_of_key(name),
            f"{_said(ahead)} (x{festival.presale:g})" if festival.presale_days else "–",
            f"{_said(first)} (x{festival.lift:g})",
            _said(over),
            f"{_said(after)} (x{festival.dip:g})" if festival.dip_days else "–",
            ", ".join(map(name_of_key, festival.categories)) or tr("all"),
        )
    return table


def _money(config: Any, people: int) -> Table:
    """Budget of one person, of all a day, and of all over the measured days."""
    control, days = config.control, config.experiment.days
    whole = control.budget_rule == "all_in"
    key = "control.daily_budget" if whole else "control.media_budget"
    each = control.daily_budget if whole else control.media_budget
    table = _table(
        tr("Money (CNY)"),
        tr("Budget"),
        tr("A person a day"),
        tr("{people:,} people a day", people=people),
        tr("{days:,} days", days=days),
    )
    # people of the first day: the allowance goes with their number as they come and go
    label = tr("everything") if whole else tr("media and influencers; rewards and discounts come on top")
    table.add_row(f"{key}: {label}", short(each), _cny(each * people), _cny(each * people * days))
    if config.business.stated:
        from sim.config.business import consumers_of

        rate, consumers = config.business.rate, consumers_of(config)
        currency = "" if rate == 1.0 else f" ({config.business.currency})"
        whole_market = (each * consumers / rate, each * consumers * days / rate)
        table.add_row(
            tr("the real market of {consumers:,.0f}{currency}", consumers=consumers, currency=currency),
            "–",
            *map(_cny, whole_market),
        )
    return table


def _cny(value: float) -> str:
    """An amount of money with four digits, and marks of thousands, as all tables tell it."""
    return large(value, digits=0 if value >= _WHOLE else 2)


def _on(config: Any, day: int) -> str:
    """A day of the measured window with its date, and whether it lies beyond the window."""
    beyond = tr(", after the end") if day >= config.experiment.days else ""
    return tr(
        "day {day} ({timedelta}{beyond})",
        day=day,
        timedelta=_said(config.calendar.first + timedelta(days=day)),
        beyond=beyond,
    )


def _dated(config: Any, day: int) -> str:
    """The date of a day of the measured window."""
    return _said(config.calendar.first + timedelta(days=day))


def _said(day: date) -> str:
    """A date with its weekday, in the language in force whatever the locale."""
    return f"{tr(_WEEKDAYS[day.weekday()])} {day.isoformat()}"


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
