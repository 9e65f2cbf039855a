"""Writes the tables of a page: ``python -m docs.fidelity [WORLDS] [CONSUMERS] [CACHE] [BURN_IN]``.

The same worlds and verdicts as ``liebian fidelity``, few and small, in ``fidelity.md``. Tables are written
anew after every world from the second on, so that a run that is broken off leaves what it has lived.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from docs.pages import table, write_block
from sim.cli.fidelity import cells, sentences
from sim.config import Config
from sim.studies.fidelity.arms import ARMS
from sim.studies.fidelity.study import USUAL, Judged, check, judge, live, settings

_HEADINGS = (
    "figure",
    "what is said",
    "stated",
    "simulated",
    "95% interval",
    "difference",
    "verdict",
    "lived under",
    "counted as",
)
_CAUSES = (
    "figure",
    "cause that is out",
    "without it",
    "95% interval",
    "with it less",
    "verdict",
    "counted as",
)
_BLOCKS = {
    "levels": ("level",),
    "directions": ("direction", "order"),
    "inputs": ("input", "fitted"),
    "causes": ("cause",),
    "open": ("open",),
}
#: Fewest worlds that make an interval.
_FEWEST = 2


def rows(found: Sequence[Judged], roles: Sequence[str], asked: Mapping[str, Sequence[str]]) -> str:
    """Table of the figures of some roles; ``asked`` holds the arms that each was counted in."""
    chosen = [one for one in found if one.figure.role in roles]
    if roles == ("open",):
        body = [(one.figure.fact, one.figure.what, cells(one)[0], one.figure.counted) for one in chosen]
        return table(("figure", "what is said", "stated", "what is missing"), body)
    if roles == ("cause",):
        lines = [
            (
                one.figure.fact.partition(" ")[0],
                one.figure.what,
                *cells(one)[1:],
                one.verdict,
                one.figure.counted,
            )
            for one in chosen
        ]
        return table(_CAUSES, lines)
    return table(
        _HEADINGS,
        [
            (
                one.figure.fact,
                one.figure.what,
                *cells(one),
                one.verdict,
                ", ".join(asked.get(one.figure.fact, ())),
                one.figure.counted,
            )
            for one in chosen
        ],
    )


def arms() -> str:
    """Table of the strategies under which worlds are lived."""
    lines = [(name, f"`scenario={' '.join(words)}`") for name, words in ARMS.items()]
    return table(("name", "settings"), lines)


def write(found: Sequence[Judged], asked: Mapping[str, Sequence[str]], worlds: int, config: Config) -> None:
    """Put every table into the page."""
    e = config.experiment
    how = (
        f"{worlds} worlds of {config.population.size:,} consumers, burnt in for {e.burn_in_days} days, "
        f"{e.days} measured days each."
    )
    for name, roles in _BLOCKS.items():
        write_block("fidelity.md", name, rows(found, roles, asked))
    write_block("fidelity.md", "arms", arms())
    write_block("fidelity.md", "verdicts", "\n".join([how, "", *(f"- {line}" for line in sentences(found))]))


def main(arguments: Sequence[str]) -> None:
    """Live the worlds and write every table."""
    usual = USUAL["experiment.replications"], USUAL["population.size"]
    worlds, people = [*arguments[:2], *usual[len(arguments[:2]) :]]
    words = [f"experiment.replications={worlds}", f"population.size={people}"]
    words += [f"paths.cache={arguments[2]}"] if len(arguments) > 2 else []
    words += [f"experiment.burn_in_days={arguments[3]}"] if len(arguments) > 3 else []
    config = check(settings(words))
    asked: dict[str, list[str]] = {}
    lived = []
    for values in live(settings(words), config, asked):
        lived.append(values)
        if len(lived) >= _FEWEST:
            write(judge(lived), asked, len(lived), config)


if __name__ == "__main__":
    main(sys.argv[1:])
