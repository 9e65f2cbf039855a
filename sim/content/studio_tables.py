"""What is recorded of a studio, and the figures that are counted from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.content.line import REVIEW
from sim.feature import Figure, Schema, Tables

_DAY = ("int32", "absolute day")
_PIECE = ("int64", "id of a piece")
EVENTS: dict[str, Schema] = {
    "studio_costs": {
        "day": _DAY,
        "work_fen": ("int64", "wages of writers and refiners, and machines"),
        "review_fen": ("int64", "wages of those who check claims"),
    },
    "studio_served": {
        "day": _DAY,
        "piece": _PIECE,
        "station": ("int8", "0 writing, 1 generation, 2 optimisation, 3 refinement, 4 review"),
        "waited": ("float64", "minutes until it was taken up"),
    },
    "studio_finished": {
        "day": _DAY,
        "piece": _PIECE,
        "hours": ("float64", "from the brief"),
        "machine": ("bool", "a machine wrote it"),
        "attributes": ("float64", "share of its article's attributes that are filled in"),
        "topic": ("int8", "topic that it shows, which reviews praise; -1 = none"),
        "refined": ("bool", "somebody went over it"),
        "claims": ("bool", "makes a sensitive claim"),
        "reviewed": ("bool", "somebody checked the claim"),
        "wrong": ("bool", "holds a claim that is not allowed"),
    },
    "studio_penalties": {
        "day": _DAY,
        "piece": _PIECE,
        "platform": ("int8", "index into PLATFORMS"),
        "fen": ("int64", "fine"),
    },
}


def _each(table: str) -> Callable[[Tables], np.ndarray]:
    return lambda t: np.ones(len(t[table]["day"]))


def _at_review(t: Tables) -> np.ndarray:
    mine: np.ndarray = t["studio_served"]["station"] == REVIEW
    return mine


FIGURES = (
    Figure("studio_pieces", "Pieces finished by the line", "pieces", _each("studio_finished")),
    Figure(
        "studio_unit_cost",
        "Cost of a finished piece, review apart",
        "CNY/piece",
        lambda t: t["studio_costs"]["work_fen"] / 100.0,
        _each("studio_finished"),
    ),
    Figure(
        "studio_hours",
        "From brief to finished piece",
        "hours/piece",
        lambda t: t["studio_finished"]["hours"],
        _each("studio_finished"),
    ),
    Figure(
        "studio_review_wait",
        "Wait of a piece for review",
        "hours/piece",
        lambda t: t["studio_served"]["waited"] * _at_review(t) / 60.0,
        lambda t: _at_review(t).astype(np.float64),
    ),
    Figure(
        "studio_wrong",
        "Sensitive machine pieces that go out with a claim that is not allowed",
        "share",
        lambda t: t["studio_finished"]["wrong"],
        lambda t: t["studio_finished"]["claims"].astype(np.float64),
    ),
    Figure(
        "studio_attributes",
        "Attributes filled in of goods that machine copy is about",
        "share",
        lambda t: t["studio_finished"]["attributes"] * t["studio_finished"]["machine"],
        lambda t: t["studio_finished"]["machine"].astype(np.float64),
    ),
    Figure(
        "studio_topical",
        "Machine pieces that show what reviews praise",
        "share",
        lambda t: (t["studio_finished"]["topic"] >= 0).astype(np.float64),
        lambda t: t["studio_finished"]["machine"].astype(np.float64),
    ),
    Figure("studio_fined", "Fines for claims", "fines", _each("studio_penalties")),
)
