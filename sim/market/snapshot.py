"""Snapshots: the state of a burnt-in market as arrays, cached by the hash of what made it.

State, not objects: columns of people, platforms and operator, stock, ledger and every open
commitment. Parcels under way enter logistics again at the branch; their orders keep their
promises and stay out of the indicators. A market always branches from a snapshot, even right
after burning in, so that a cached and a fresh world live the same days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from sim.commerce.fulfilment import parcels_of
from sim.config import code_digest, world_hash
from sim.core.atomic import commit
from sim.core.build_lock import build_once
from sim.core.clock import MINUTES_PER_DAY
from sim.core.mmap_npz import map_arrays, save_arrays
from sim.core.sealed import discard
from sim.demand.calendar import course
from sim.market.base import BaseMarket
from sim.market.build import build_logistics
from sim.market.stationarity import check_stationary
from sim.stations.pool import PoolParams, Team
from sim.world.absent import Absent
from sim.world.group_wishes import ExpectedWishes
from sim.world.world import OPEN, RETURNING, WAITING, OpenGroup, World

State = dict[str, np.ndarray]


def branch(market: BaseMarket) -> None:
    """Branch a market that has just lived its burn-in, and keep the world where there is a cache.

    Raises
    ------
    StationarityError
        If the burnt-in market is still drifting.
    """
    state = _checked(market)
    file = _file(market)
    if file is not None and load(file) is None:
        save(file, state)
    restore(market, state)


def burnt_in(market: BaseMarket, along: Callable[[range], Iterable[int]] = iter) -> None:
    """Bring a new market to the end of its burn-in, from the cache when the world is there.

    Parameters
    ----------
    market : Market
        One that has lived no day.
    along : callable
        Goes along the days that are to be lived, for instance with a bar.

    Raises
    ------
    StationarityError
        If the burnt-in market is still drifting.
    """
    file = _file(market)
    if file is None:
        restore(market, _burn_in(market, along))
        return
    state = load(file)
    if state is None:
        with build_once(file):  # another process, perhaps on another machine, may be at it
            state = load(file)
            if state is None:
                state = _burn_in(market, along)
                save(file, state)
    restore(market, state)


def _burn_in(market: BaseMarket, along: Callable[[range], Iterable[int]]) -> State:
    """Live the burn-in and take its last state."""
    for _ in along(range(market.world.day, market.config.experiment.burn_in_days)):
        market.step()
    return _checked(market)


def _checked(market: BaseMarket) -> State:
    """State of a market at the end of its burn-in, with what Mesa's collector has seen, if it is at rest."""
    days, weights = market.config.experiment.burn_in_days, market.world.people.need_rate.sum(axis=0)
    demand = course(market.baseline.calendar, weights, -market.first_measured_day, days)
    check_stationary(market.records.daily, market.records.orders, days, demand)
    seen = market.datacollector.model_vars
    return take(market.world) | {f"collector/{name}": np.asarray(values) for name, values in seen.items()}


def _file(market: BaseMarket) -> Path | None:
    """Where the market's burnt-in world lies; None without a cache."""
    return None if market.cache is None else market.cache / "worlds" / f"{world_key(market)}.npz"


def world_key(market: BaseMarket) -> str:
    """Name of the market's burnt-in world: values, seed, replication and code."""
    return world_hash(market.config, baseline=market.baseline, seed=market.draw.seed, code=code_digest())


def take(world: World) -> State:
    """All state of a world between two days, as a flat mapping of arrays."""
    state: State = {"clock/day": np.array(world.day)}

    def put(prefix: str, arrays: Mapping[str, Any]) -> None:
        state.update({f"{prefix}/{name}": np.asarray(values) for name, values in arrays.items()})

    put("people", world.people.columns)
    put("away", world.away)
    put("platforms", world.platforms.state())
    put("influencers", {"credibility": world.influencers.credibility, "id": world.influencers.id})
    put("ledger", world.ledger.state())
    put("logistics", world.logistics.state())
    put("conditions", {f.name: getattr(world.conditions, f.name) for f in fields(world.conditions)})
    put(
        "operator",
        {f.name: getattr(world.operator, f.name) for f in fields(world.operator) if f.name != "terms"},
    )
    put("observed", world.observed.state())
    for name, team in world.teams.items():
        put(f"teams/{name}", team.state())
    rows = _rows_to_keep(world)
    put("orders", {c: world.records.orders[c][rows] for c in world.records.orders.schema})
    put("order_state", {c: world.orders[c][rows] for c in world.orders.schema})
    at = np.full(len(world.records.orders) + 1, -1, np.int64)
    at[rows] = np.arange(len(rows))
    for name, agenda in world.agendas.items():
        columns = dict(agenda.state())
        if "row" in columns:
            columns["row"] = at[columns["row"]]
        put(f"agenda/{name}", columns)
    put("groups", _groups_as_arrays(world, at))
    recent = world.records.deliveries["day"] == world.day - 1
    put("deliveries", {c: world.records.deliveries[c][recent] for c in world.records.deliveries.schema})
    return state


def _rows_to_keep(world: World) -> np.ndarray:
    """Orders that something still refers to: open, coming back, or of yesterday."""
    status = world.orders["status"]
    keep = (status == OPEN) | (status == WAITING) | (status == RETURNING)
    keep |= world.records.orders["day"] == world.day - 1
    for name in ("cancels", "returns", "border", "origin"):
        keep[world.agendas[name].columns["row"]] = True
    return np.flatnonzero(keep)


def _groups_as_arrays(world: World, at: np.ndarray) -> dict[str, np.ndarray]:
    groups = world.groups
    table = np.array(
        [
            (
                g.group_id,
                g.opener,
                g.category,
                g.opened,
                g.deadline,
                g.size,
                g.strangers,
                g.outsiders,
                len(g.rows),
            )
            for g in groups
        ],
        np.int64,
    ).reshape(-1, 9)
    rows = np.array([at[r] for g in groups for r in g.rows], np.int64)
    links = np.array(list(world.group_links.items()), np.int64).reshape(-1, 2)
    seen = world.group_wishes
    wishes = {"wishes": seen.mean, "wish_days": seen.days, "wish_ended": seen.ended}
    return {"table": table, "rows": rows, "links": links} | wishes


def restore(market: BaseMarket, state: State) -> None:
    """Put a market into the given state; what was recorded before is forgotten."""
    world = market.world

    def part(prefix: str) -> State:
        return {k[len(prefix) + 1 :]: v for k, v in state.items() if k.startswith(prefix + "/")}

    world.clock.day, world.clock.daypart = int(state["clock/day"]), 0
    market.make_room_for(part("people").keys() - world.people.columns.keys())
    for name, values in part("people").items():
        world.people.columns[name][...] = values
    world.away = Absent(part("away"))
    world.platforms.restore(part("platforms"))
    world.influencers.credibility[:] = state["influencers/credibility"]
    world.ledger.restore(part("ledger"))
    _restore_fields(world.conditions, part("conditions"))
    _restore_fields(world.operator, part("operator"))
    world.observed.restore(part("observed"))
    _restore_teams(world, part("teams"))
    world.records.clear()
    world.orders.clear()
    for table, prefix in (
        (world.records.orders, "orders"),
        (world.orders, "order_state"),
        (world.records.deliveries, "deliveries"),
    ):
        table.append(**part(prefix))
    for name, agenda in world.agendas.items():
        agenda.restore(part(f"agenda/{name}"))
    _restore_groups(world, part("groups"))
    world.forget_index()
    _restore_logistics(market, part("logistics"))
    _restore_mesa(market, part("collector"))
    market.branched = True


def _restore_mesa(market: BaseMarket, collected: State) -> None:
    """Mesa's clock and collector, as if every day of the burn-in had been stepped in this process."""
    market.pass_days(market.world.day - market.steps)
    for name, values in collected.items():
        market.datacollector.model_vars[name] = values.tolist()


def _restore_fields(target: Any, values: State) -> None:
    for name, value in values.items():
        old = getattr(target, name)
        setattr(target, name, value.copy() if isinstance(old, np.ndarray) else type(old)(value[()]))


def _restore_teams(world: World, state: State) -> None:
    """Teams as they were, by the numbers by which they last worked; the strategy's come in the morning."""
    world.teams = {}
    for name in sorted({key.partition("/")[0] for key in state}):
        own = {k.removeprefix(f"{name}/"): v for k, v in state.items() if k.startswith(f"{name}/")}
        world.teams[name] = Team(name, PoolParams())
        world.teams[name].restore(own)


def _restore_groups(world: World, arrays: State) -> None:
    world.groups, start = [], 0
    for group_id, opener, category, opened, deadline, size, *others, members in arrays["table"].tolist():
        rows = arrays["rows"][start : start + members].tolist()
        start += members
        world.groups.append(OpenGroup(group_id, opener, category, opened, deadline, size, rows, *others))
    world.group_links = dict(arrays["links"].tolist())
    seen = (arrays[name].copy() for name in ("wishes", "wish_days", "wish_ended"))
    world.group_wishes = ExpectedWishes(*seen)


def _restore_logistics(market: BaseMarket, state: State) -> None:
    """A new engine at the branch's minute with the old stock; open parcels are handed in again."""
    world = market.world
    world.logistics = build_logistics(
        market.baseline, world.catalog, len(world.people), world.seed, world.day
    )
    world.logistics.restore(state)
    if world.conditions.riders_short:
        world.logistics.shock_riders(world.conditions.riders_short)
    world.logistics.shock_suppliers(world.conditions.suppliers_short)
    now = world.day * MINUTES_PER_DAY
    status, physical = world.orders["status"], world.orders["node"] >= 0
    for wanted, hand_in in ((OPEN, world.logistics.submit), (RETURNING, world.logistics.take_back)):
        rows = np.flatnonzero((status == wanted) & physical)
        rows = np.setdiff1d(rows, world.agendas["border"].columns["row"])  # not yet in the region
        if len(rows):
            hand_in(parcels_of(world, rows, np.full(len(rows), now)))


def save(file: Path, state: State) -> None:
    """Keep a snapshot whole or not at all: a killed run leaves nothing half-made."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as out:
            save_arrays(out, state, file.stem)

    commit(file, write, "paths.cache")


def load(file: Path) -> State | None:
    """A snapshot, mapped afresh because a market may keep its arrays; None if it is absent or damaged."""
    try:
        return map_arrays(file, file.stem)
    except ValueError as error:
        discard(file, error, "paths.cache")
    except OSError:
        pass
    return None


def tile(market: BaseMarket, state: State) -> None:
    """Fill a larger market with copies of a smaller burnt-in one, for studies of size.

    People are repeated under new ids; platforms keep their intensities; shelves are freshly
    stocked and no commitment is open, so the first days are not measured.

    Raises
    ------
    ValueError
        If the market is smaller than the snapshot.
    """
    from sim.core.rng import hash_id_py

    world, n = market.world, len(state["people/id"])
    size = len(world.people)
    if size < n:
        raise ValueError(f"the market has {size:,} seats, fewer than the snapshot's {n:,}")
    # groups lie in contiguous rows in both; draw each group's seats from the same group
    source = np.empty(size, np.int64)
    for group in range(3):
        seats = np.flatnonzero(world.people.group == group)
        model = np.flatnonzero(state["people/group"] == group)
        source[seats] = np.resize(model, len(seats))
    zone = world.people.zone.copy()
    for name, column in world.people.columns.items():
        column[...] = state[f"people/{name}"][source]
    world.people.zone[:] = zone
    world.people.id[:] = [hash_id_py(seat, 0, 99) for seat in range(size)]
    world.people.inviter[:] = -1
    world.influencers.id[:] = world.people.id[world.influencers.seat]
    scale = size / n
    world.platforms.restore({k[10:]: v for k, v in state.items() if k.startswith("platforms/")})
    world.platforms.sales *= scale
    world.platforms.impressions *= scale
    world.clock.day = int(state["clock/day"])
    world.logistics = build_logistics(market.baseline, world.catalog, size, world.seed, world.day)
    world.forget_index()
    market.pass_days(world.day - market.steps)
    market.branched = True
