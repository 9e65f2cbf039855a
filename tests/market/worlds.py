"""Helpers of the market tests: worlds read row by row of identity, and worlds whose seats are dealt anew."""

from __future__ import annotations

import hashlib

import numpy as np

from sim.config import Config
from sim.market import Market
from sim.network.csr import CSRGraph
from sim.network.followers import Followers
from sim.world.world import World

#: What identifies a row; rows of other tables are told apart by all their columns.
KEYS = {
    "visits": ("visit_id",), "orders": ("order_id",), "deliveries": ("order_id",), "touches": ("touch",),
    "cancellations": ("order_id",), "returns": ("order_id",), "registrations": ("person", "minute"),
    "posts": ("post",),
}  # fmt: skip

Tables = dict[str, dict[str, np.ndarray]]


def events(world: World, *, before_day: int | None = None) -> Tables:
    """Every table of a world in the order of identities, without rows' seats."""
    found = {}
    for name, table in world.records.tables.items():
        columns = {c: v for c, v in table.arrays().items() if c != "seat"}
        if before_day is not None and "day" in columns:
            early = columns["day"] < before_day
            columns = {c: v[early] for c, v in columns.items()}
        keys = KEYS.get(name, tuple(columns))
        order = np.lexsort([columns[key] for key in reversed(keys)])
        found[name] = {c: v[order] for c, v in columns.items()}
    return found


def persons(world: World) -> Tables:
    """People columns in the order of ids."""
    order = np.argsort(world.people.id, kind="stable")
    return {"people": {name: column[order] for name, column in world.people.columns.items()}}


def differences(a: Tables, b: Tables) -> list[str]:
    """``table.column`` of everything that is not bit for bit the same in both."""
    wrong = []
    for table in a:
        for column, values in a[table].items():
            other = b[table][column]
            if (
                values.shape != other.shape
                or values.dtype != other.dtype
                or values.tobytes() != other.tobytes()
            ):
                wrong.append(f"{table}.{column}")
    return wrong


def digest(market: Market) -> str:
    """One number for all that was recorded, everybody's state and the books, row order included."""
    hasher = hashlib.sha256()
    for name, table in sorted(market.records.tables.items()):
        for column, values in sorted(table.arrays().items()):
            hasher.update(f"{name}.{column}:{values.dtype}:{values.shape}".encode() + values.tobytes())
    for column, values in sorted(market.world.people.columns.items()):
        hasher.update(column.encode() + values.tobytes())
    hasher.update(repr(sorted(market.world.ledger.balance.items())).encode())
    return hasher.hexdigest()


def reseat(world: World, seat_of: np.ndarray) -> None:
    """Move whoever sits on seat ``i`` to ``seat_of[i]``, with ties, audiences and roles; ids go along."""
    for column in world.people.columns.values():
        moved = np.empty_like(column)
        moved[seat_of] = column
        column[:] = moved
    world.graph = _reseated(world.graph, seat_of)
    role = world.influencers
    role.seat = seat_of[role.seat].astype(np.int32)
    role.bound[:] = False
    role.bound[role.seat] = True
    audience = seat_of[role.audience.indices].astype(np.int32)
    for first, end in zip(role.audience.indptr[:-1], role.audience.indptr[1:], strict=True):
        audience[first:end].sort()
    role.audience = Followers(role.seat, role.audience.indptr, audience)
    world.forget_index()


def _reseated(graph: CSRGraph, seat_of: np.ndarray) -> CSRGraph:
    source = seat_of[np.repeat(np.arange(graph.n), graph.degree)]
    target = seat_of[graph.indices]
    order = np.lexsort((target, source))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=graph.n)))).astype(np.int64)
    return CSRGraph(indptr, target[order].astype(np.int32), graph.strength[order])


def changed(config: Config, **sections: dict[str, object]) -> Config:
    """The configuration with some parameters of some sections set, unvalidated."""
    models = dict(config.models)
    for section, values in sections.items():
        models[section] = models[section].model_copy(update=values)
    return Config(config.scenario, config.description, dict(config.options), models)
