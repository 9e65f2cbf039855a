"""The verb ``reversals``: which uncertainties would turn the first recommendation of a comparison round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from sim.cli.jobs import print_pairing
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.core.amounts import alike
from sim.core.atomic import check_folder
from sim.core.language import tr
from sim.measure.guardrails import FIGURES, UNITS
from sim.store.store import Store
from sim.studies.reversals.study import Request, Reversals, screen
from sim.studies.reversals.verdicts import End, Lead

DONE = 0
_SHOWN = 12
_LABEL = {figure.name: figure.label for figure in FIGURES}


def reversals(words: Sequence[str]) -> int:
    """Screen, print what turns the advice, and keep every run."""
    from sim.cli.progress import RunProgress
    from sim.cli.screen import console
    from sim.market.build import check_network

    asked = Request.parse(words)
    config = asked.configs[0]
    check_network(config)
    store = Store(config.paths.results)
    store.check()
    check_folder(Path(config.paths.cache), "paths.cache")
    print_pairing(asked.settings, asked.configs, named=True)
    say(
        tr(
            "screening: {n_rows} uncertainties at both ends of their ranges, {n_names} "
            "strategies; at first {most_runs} runs, then those that matter in all {n_worlds} "
            "worlds",
            n_rows=len(asked.rows),
            n_names=len(asked.names),
            most_runs=asked.most_runs,
            n_worlds=len(asked.worlds),
        ),
        flush=True,
    )
    with RunProgress(asked.most_runs) as progress:
        found = screen(asked, store, lambda: progress.finished("screening", 0))
    out = console()
    out.print(_table(found))
    for line in sentences(found):
        out.print(line, soft_wrap=True, markup=False)
    hand_over(
        strategies=asked.names,
        by=asked.by,
        recommended=asked.names[found.first],
        lead=found.lead,
        ends=found.ends,
    )
    return DONE


def sentences(found: Reversals) -> list[str]:
    """What may be said of a screening: of its recommendation, what turns it, what was not looked at."""
    names, by = found.request.names, _LABEL[found.request.by].lower()
    best, rival = names[found.first], names[found.lead.rival]
    if found.lead.verdict == "holds":
        lines = [
            tr(
                "{best} leads by {by}, {amount} before {rival}.",
                best=best,
                by=by,
                amount=_amount(found.lead, found),
                rival=rival,
            )
        ]
    else:
        lines = [
            tr(
                "By {by}, {best} and {rival} cannot be told apart ({amount}); there is no "
                "recommendation to turn, only one to find.",
                by=by,
                best=best,
                rival=rival,
                amount=_amount(found.lead, found),
            )
        ]
    turning, opening = found.turning, found.opening
    if turning:
        lines.append(tr("Turned round by: {list}.", list=_list(turning, found)))
    if opening:
        lines.append(tr("No longer sure at: {list}.", list=_list(opening, found)))
    if not turning and not opening and found.lead.verdict == "holds":
        lines.append(tr("No uncertainty that was screened turns it or leaves it open, each taken alone."))
    inert = sorted({end.key for end in found.ends if end.inert})
    if inert:
        lines.append(
            tr(
                "{n_inert} move nothing once a world is made and were not screened: {inert}; see "
                "'liebian sensitivity'.",
                n_inert=len(inert),
                inert=", ".join(inert),
            )
        )
    if found.request.unscreened:
        lines.append(
            tr(
                "{unscreened} uncertainties declare no plausible range and were left out.",
                unscreened=found.request.unscreened,
            )
        )
    lines.append(
        tr(
            "Values change when the window opens, one at a time; ends that turn were tried again "
            "in worlds burnt in under them where an entry says so."
        )
    )
    return lines


def _list(ends: Sequence[End], found: Reversals) -> str:
    shown = [
        tr(
            "{key}={value:g} (now {was:g}; {amount})",
            key=end.key,
            value=end.value,
            was=end.was,
            amount=_amount(end.anew or end.lead, found),
        )
        for end in ends[:_SHOWN]
    ]
    more = len(ends) - len(shown)
    return "; ".join(shown) + (tr("; and {more} more", more=more) if more else "")


def _amount(lead: Lead, found: Reversals) -> str:
    """A lead with its interval and unit."""
    unit = UNITS[found.request.by]
    scale, unit, digits = (100.0, "pp", 1) if unit == "share" else (1.0, unit, 2)
    digits = 0 if scale == 1.0 and abs(lead.mean) >= 100 else digits
    mean, low, high = alike([scale * x for x in (lead.mean, lead.low, lead.high)], digits, signed=True)
    return tr("{mean} {unit} ({low} to {high})", mean=mean, unit=unit, low=low, high=high)


def _table(found: Reversals) -> Table:
    """The ends with the least lead, and what was found there."""
    best = found.request.names[found.first]
    table = Table(
        title=tr("What would turn the recommendation of {best}", best=best),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        caption=tr("Lead over the best other strategy, 95% interval over worlds; least lead first"),
        caption_justify="left",
    )
    for name in (
        tr("Uncertainty"),
        tr("Now"),
        tr("Tried"),
        tr("Lead"),
        tr("Worlds"),
        tr("Then"),
        tr("Worlds made anew"),
    ):
        table.add_column(name, justify="left" if name in (tr("Uncertainty"), tr("Then")) else "right")
    for end in [end for end in found.ends if not end.inert][:_SHOWN]:
        anew = "–" if end.anew is None else f"{_amount(end.anew, found)} {end.anew.verdict}"
        table.add_row(
            end.key,
            f"{end.was:g}",
            f"{end.value:g}",
            _amount(end.lead, found),
            str(end.lead.worlds),
            end.lead.verdict if end.suspect else tr("no sign of turning"),
            anew,
        )
    return table
