"""Writes the tables of ``fidelity.md``: ``python -m docs.fidelity [WORLDS] [CONSUMERS] [CACHE]``.

The same worlds and verdicts as ``liebian fidelity``, few and small.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from docs.pages import table, write_block
from sim.cli.fidelity import cells, sentences
from sim.studies.fidelity.study import USUAL, Judged, check, judge, live, settings

_HEADINGS = (
    "figure",
    "what is said",
    "stated",
    "simulated",
    "95% interval",
    "difference",
    "verdict",
    "counted as",
)
_BLOCKS = {
    "levels": ("level",),
    "directions": ("direction", "order"),
    "inputs": ("input", "fitted"),
    "open": ("open",),
}


def rows(found: Sequence[Judged], roles: Sequence[str]) -> str:
    """Table of the figures of some roles."""
    chosen = [one for one in found if one.figure.role in roles]
    if roles == ("open",):
        body = [(one.figure.fact, one.figure.what, cells(one)[0], one.figure.counted) for one in chosen]
        return table(("figure", "what is said", "stated", "what is missing"), body)
    lines = [
        (one.figure.fact, one.figure.what, *cells(one), one.verdict, one.figure.counted) for one in chosen
    ]
    return table(_HEADINGS, lines)


def main(arguments: Sequence[str]) -> None:
    """Live the worlds and write every table."""
    usual = USUAL["experiment.replications"], USUAL["population.size"]
    worlds, people = [*arguments[:2], *usual[len(arguments[:2]) :]]
    words = [f"experiment.replications={worlds}", f"population.size={people}"]
    words += [f"paths.cache={arguments[2]}"] if len(arguments) > 2 else []
    config = check(settings(words))
    found = judge(list(live(settings(words), config)))
    e = config.experiment
    how = (
        f"{worlds} worlds of {int(people):,} consumers, burnt in for {e.burn_in_days} days, "
        f"{e.days} measured days each."
    )
    for name, roles in _BLOCKS.items():
        write_block("fidelity.md", name, rows(found, roles))
    write_block("fidelity.md", "verdicts", "\n".join([how, "", *(f"- {line}" for line in sentences(found))]))


if __name__ == "__main__":
    main(sys.argv[1:])
