"""What the brand has to show: pieces of content, what groups of people remember of them, and what they bring.

The usual market keeps no pieces: feeds and media show content of one usual kind. Where a feature fills
feeds from a pool of pieces, the pool is here, beside what has been learnt of those who look at it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.stations.pool import Team
from sim.world.platforms import PLATFORMS
from sim.world.schema import GROUPS

#: Columns of the pieces in the pool: name -> (NumPy dtype, meaning).
PIECES = {
    "id": ("int64", "stable id"),
    "born": ("int64", "absolute minute of its brief, from which it grows old"),
    "category": ("int8", "what it is about"),
    "look": ("int64", "fingerprint; pieces of one look are alike"),
    "common": ("float64", "1 where others show the same look, 0 while nobody else does"),
    "hook": ("float64", "seconds until it comes to the point"),
    "machine": ("float64", "share of its copy that a machine wrote and nobody touched"),
    "mixed": ("bool", "mixes user stories with expert endorsement"),
    "tested": ("bool", "shows a real test of the goods"),
    "scene": ("bool", "shows a scene of use, and no test"),
    "home": ("int8", "platform that it was made for"),
    "fits": ("int64", "platforms that it was made or adapted for, as bits"),
    "wrong": ("bool", "holds a claim that is not allowed"),
    "informed": ("float64", "what machine copy gains from attributes of the goods, 1 = as usual"),
    "topic": ("int8", "topic that it shows, which reviews praise; -1 = none"),
    "pleases": ("float64", "clicks on it for that, relative to a piece without a topic"),
    "won": ("float64", "visits that it brought of late, fading"),
    "place": ("int16", "place on the list of good things, 1 the first; 0 = not on it"),
}
#: Columns of pieces on their way through the stations of a production line.
DRAFTS = {
    "id": ("int64", "stable id"),
    "brief": ("int64", "absolute minute of its brief"),
    "minute": ("float64", "absolute minute at which it comes to its next station"),
    "station": ("int8", "the next station"),
    "machine": ("bool", "written by a machine"),
    "optimised": ("bool", "a machine optimises it, or has"),
    "attributes": ("float64", "share of its article's attributes that are filled in"),
    "refined": ("bool", "somebody goes over it, or has"),
    "topic": ("int8", "topic that it is to show, -1 = none"),
    "claims": ("bool", "makes a claim that is sensitive"),
    "wrong": ("bool", "that claim is not allowed"),
    "reviewed": ("bool", "somebody checks, or has checked, the claim"),
    "waited": ("float64", "minutes waited at stations so far"),
}
Columns = dict[str, np.ndarray]


def none_of(schema: dict[str, tuple[str, str]]) -> Columns:
    """No rows of a schema."""
    return {name: np.zeros(0, dtype) for name, (dtype, _) in schema.items()}


def together(*parts: Columns) -> Columns:
    """Rows of several parts, one after the other; all have the columns of the first."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def chosen(columns: Columns, rows: np.ndarray) -> Columns:
    """Some rows, by number or mask."""
    return {name: values[rows] for name, values in columns.items()}


@dataclass
class Library:
    """The pool and what is known of its viewers.

    pieces : columns of :data:`PIECES`; finished : pieces that come into the pool next morning (the same);
    drafts : columns of :data:`DRAFTS`; briefs : part of a piece that is carried over to the next day's;
    stations : who works at each station of a line, by its number; clerks : who fill in attributes today.
    looks : int64[k], fingerprints seen of late; bored : float64[n_groups, k], impressions a person of each,
    decaying. defence : float64[n_groups], the same of machine copy. data : people's interactions that were
    collected, each; accuracy : share of impressions that the recommender fills as preferred today.
    click : float64[n_groups, n_platforms], clicks on what is shown relative to the usual; usual : the same of
    the content there was when the pool opened, on its own scale. shown, appeal : float64[n_groups,
    n_platforms, n_pieces], share of impressions of each piece today, and its clicks relative to others'.
    answers : float64[n_days, n_platforms], visits by feeds and media of the last days, newest last.
    listed : absolute minute at which the list of good things was made; -1 where there is none.
    """

    pieces: Columns = field(default_factory=lambda: none_of(PIECES))
    finished: Columns = field(default_factory=lambda: none_of(PIECES))
    drafts: Columns = field(default_factory=lambda: none_of(DRAFTS))
    briefs: float = 0.0
    stations: dict[int, Team] = field(default_factory=dict)
    clerks: int = 0
    looks: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    bored: np.ndarray = field(default_factory=lambda: np.zeros((len(GROUPS), 0)))
    defence: np.ndarray = field(default_factory=lambda: np.zeros(len(GROUPS)))
    data: float = 0.0
    accuracy: float = 0.0
    click: np.ndarray = field(default_factory=lambda: np.ones((len(GROUPS), len(PLATFORMS))))
    usual: np.ndarray | None = None
    shown: np.ndarray = field(default_factory=lambda: np.zeros((len(GROUPS), len(PLATFORMS), 0)))
    appeal: np.ndarray = field(default_factory=lambda: np.zeros((len(GROUPS), len(PLATFORMS), 0)))
    answers: np.ndarray = field(default_factory=lambda: np.zeros((0, len(PLATFORMS))))
    listed: int = -1
