"""What every reader gives: people, ties and weights; and the one line that refuses a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim.core.errors import GraphFileError
from sim.core.kept import Kept
from sim.core.language import tr

#: Bytes of a file after decompression. Five million people with 12 acquaintances take about 500 MB.
MOST_BYTES = 2**30
#: Ties, repeats included; and people, as ``population.size`` allows.
MOST_TIES = 50_000_000
MOST_PEOPLE = 5_000_000


@dataclass(frozen=True)
class ReadOptions:
    """What a user says about a file; None leaves it to the evidence.

    Attributes
    ----------
    source, target : str or int, optional
        Columns of the two people: a name in the header, or a position counted from 1.
    weight : str or int, optional
        Column (or attribute) that says how strong a tie is.
    encoding : str, optional
        Name of the text's encoding.
    format : str, optional
        ``edge_list`` or ``adjacency_list``, where a text could be either.
    """

    source: str | int | None = None
    target: str | int | None = None
    weight: str | int | None = None
    encoding: str | None = None
    format: str | None = None


@dataclass(frozen=True)
class Ties:
    """People and ties as a file lists them.

    Attributes
    ----------
    labels : list of str or int64[n]
        Everybody's id, each once.
    ends : int64[2, m]
        Positions in ``labels`` of the two ends of each tie, repeats included.
    weights : float64[m], optional
        Weight of each tie, if one was asked for.
    format : str
        Name of the format.
    comments : int
        Comment lines.
    header : str
        Header line, or empty.
    ignored : int
        Columns that are neither ids nor weights.
    notes : tuple of Kept
        What else a reader of the report should know.
    lines : sequence of int
        Line on which each label occurs first; empty where a format has no lines of ties.
    """

    labels: list[str] | np.ndarray
    ends: np.ndarray
    weights: np.ndarray | None = None
    format: str = "text"
    comments: int = 0
    header: str = ""
    ignored: int = 0
    notes: tuple[Kept, ...] = ()
    lines: Sequence[int] = field(default=())


def refusal(path: Path, line: int | None, rule: str, found: str, remedy: str) -> GraphFileError:
    """Error that refuses a file in the one line that a user sees: place, rule, value and remedy."""
    where = tr("{path}, line {line}", path=path, line=line) if line is not None else f"{path}"
    return GraphFileError(
        tr("{where}: {rule} (found {found}); {remedy}", where=where, rule=rule, found=found, remedy=remedy)
    )


def shown(text: str) -> str:
    """Show a piece of a file as errors do: short, on one line and printable."""
    plain = "".join(c if c.isprintable() else " " for c in text.strip())
    return f"'{plain[:40]}…'" if len(plain) > 40 else f"'{plain}'"


def check_size(path: Path, people: int, ties: int = 0) -> None:
    """Refuse more people or ties than a world may have, before memory is taken for them."""
    if people > MOST_PEOPLE:
        raise refusal(
            path,
            None,
            tr("a network has at most {most_people:,} people", most_people=MOST_PEOPLE),
            f"{people:,}",
            tr("give a part of it"),
        )
    if ties > MOST_TIES:
        raise refusal(
            path,
            None,
            tr("a network has at most {most_ties:,} ties", most_ties=MOST_TIES),
            f"{ties:,}",
            tr("give a part of it"),
        )


class Codes:
    """Positions of labels in order of appearance, and the line on which each came first."""

    def __init__(self, labels: Iterable[str] = ()) -> None:
        self.position: dict[str, int] = {}
        self.lines: list[int] = []
        for label in labels:
            self.of(label, 0)

    def of(self, label: str, line: int) -> int:
        """Position of ``label``, a new one if it was not known."""
        known = self.position.setdefault(label, len(self.lines))
        if known == len(self.lines):
            self.lines.append(line)
        return known

    @property
    def labels(self) -> list[str]:
        """All labels in order of appearance."""
        return list(self.position)
