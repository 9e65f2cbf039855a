"""Event tables for tests: tiny ones written by hand, and random ones whose ids fit together."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.world.accounts import SPENDING, Account
from sim.world.schema import SCHEMAS, Cancel, Source, Spend

NO_TOUCH = -1


def table(name: str, rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """A table from rows that name only what matters; the rest is 0 or False."""
    known = SCHEMAS[name]
    unknown = {key for row in rows for key in row} - known.keys()
    assert not unknown, f"{name} has no column {unknown}"
    return {c: np.array([row.get(c, 0) for row in rows], dtype) for c, (dtype, _) in known.items()}


def tables(**rows: list[dict[str, Any]]) -> dict[str, dict[str, np.ndarray]]:
    """All event tables; those not named are empty, and the journal is kept from the others."""
    out = {name: table(name, rows.get(name, [])) for name in SCHEMAS}
    return out if "journal" in rows else out | {"journal": kept_journal(out)}


def kept_journal(tables: dict[str, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """What a bookkeeper enters who has nothing but the other event tables and values nothing that is open.

    Revenue at list price on the day of the hand-over, goods unless they spoiled or came back fit for
    sale, refunds after the hand-over, the bills of ``daily`` and the campaign money of ``spend``.
    """
    rows: list[dict[str, int]] = []

    def enter(day: int, credit: Account, debit: Account, fen: int) -> None:
        rows.append({"day": int(day), "credit": int(credit), "debit": int(debit), "fen": int(fen)})

    orders = {int(i): k for k, i in enumerate(tables["orders"]["order_id"])}
    handed = tables["deliveries"]
    for order_id, day, spoiled in zip(handed["order_id"], handed["day"], handed["spoiled"], strict=True):
        if int(order_id) not in orders:
            continue
        o = {c: int(v[orders[int(order_id)]]) for c, v in tables["orders"].items()}
        enter(day, Account.REVENUE, Account.DEPOSITS, o["list_fen"])
        enter(day, Account.CASH, Account.COST_OF_GOODS, 0 if spoiled else o["goods_fen"])
        owed = o["commission_fen"] - o["campaign_commission_fen"]
        enter(day, Account.CASH, Account.PLATFORM_COMMISSIONS, owed)
    back = tables["returns"]
    for order_id, day, fit, fen in zip(
        back["order_id"], back["day"], back["restocked"], back["refund_fen"], strict=True
    ):
        enter(day, Account.CASH, Account.REFUNDS, fen)
        if fit and int(order_id) in orders:
            goods = tables["orders"]["goods_fen"][orders[int(order_id)]]
            enter(day, Account.COST_OF_GOODS, Account.INVENTORY, goods)
    for day, bill, spoilage in zip(
        *(tables["daily"][c] for c in ("day", "logistics_fen", "spoilage_fen")), strict=True
    ):
        enter(day, Account.CASH, Account.LOGISTICS_RIDER, bill)
        enter(day, Account.INVENTORY, Account.SPOILAGE, spoilage)
    for day, kind, fen in zip(*(tables["spend"][c] for c in ("day", "kind", "fen")), strict=True):
        account, gives = SPENDING[Spend(int(kind))]
        enter(day, gives, account, fen)
    return table("journal", rows)


def at(day: int, hour: int = 12) -> dict[str, int]:
    """Day and minute columns of an event."""
    return {"day": day, "minute": day * MINUTES_PER_DAY + hour * 60}


def shuffled(source: dict[str, dict[str, np.ndarray]], seed: int) -> dict[str, dict[str, np.ndarray]]:
    """The same tables with the rows of each in another order."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, columns in source.items():
        order = rng.permutation(len(next(iter(columns.values()))))
        out[name] = {c: values[order] for c, values in columns.items()}
    return out


def random_tables(
    seed: int, first: int = 40, days: int = 70, people: int = 120, visits: int = 1500
) -> dict[str, dict[str, np.ndarray]]:
    """Random tables of one run that opens on day ``first``: every order has a visit, and so on.

    Some rows lie before and after the window and some orders are carried over, so that whoever
    forgets to cut gets another number.
    """
    rng = np.random.default_rng(seed)
    ids = rng.choice(2**62, people, replace=False)
    out = {name: {c: np.zeros(0, d) for c, (d, _) in schema.items()} for name, schema in SCHEMAS.items()}
    _fill(out, "cohort", person=ids[: people // 2], orders=rng.integers(0, 4, people // 2))
    _visits(rng, out, ids, first, days, visits)
    _orders(rng, out)
    _aftermath(rng, out)
    _registrations(rng, out, ids, first, days)
    _accounts(rng, out, first, days)
    _groups(rng, out, first, days)
    return out | {"journal": kept_journal(out)}


def _fill(out: dict[str, dict[str, np.ndarray]], name: str, **columns: Any) -> None:
    n = next(len(v) for v in columns.values() if np.ndim(v))
    assert columns.keys() <= SCHEMAS[name].keys(), columns.keys() - SCHEMAS[name].keys()
    out[name] = {
        c: np.broadcast_to(columns.get(c, 0), n).astype(dtype) for c, (dtype, _) in SCHEMAS[name].items()
    }


def _visits(rng: np.random.Generator, out: Any, ids: np.ndarray, first: int, days: int, n: int) -> None:
    day = rng.integers(first - 2, first + days + 2, n)
    minute = day * MINUTES_PER_DAY + rng.integers(0, MINUTES_PER_DAY, n)
    order = np.argsort(minute, kind="stable")
    order_flag = rng.random(n) < 0.25
    _fill(
        out, "visits", visit_id=rng.choice(2**62, n, replace=False), person=rng.choice(ids, n),
        day=day[order], minute=minute[order], source=rng.integers(0, len(Source), n),
        origin=rng.integers(0, 4, n), surface=rng.integers(0, 4, n),
        cart=order_flag | (rng.random(n) < 0.2), order=order_flag,
        refused=~order_flag & (rng.random(n) < 0.05), order_probability=rng.random(n) * 0.5,
    )  # fmt: skip


def _orders(rng: np.random.Generator, out: Any) -> None:
    bought = np.flatnonzero(out["visits"]["order"])
    visit = {c: out["visits"][c][bought] for c in ("visit_id", "person", "day", "minute", "source")}
    n = len(bought)
    lifetime = np.array(
        [np.count_nonzero(visit["person"][:i] == p) + 1 for i, p in enumerate(visit["person"])]
    )
    list_fen = rng.integers(1000, 30000, n)
    discount = (list_fen * rng.uniform(0, 0.3, n)).astype(np.int64)
    commission = rng.integers(100, 900, n)
    _fill(
        out, "orders", order_id=rng.choice(2**62, n, replace=False), **visit,
        origin=out["visits"]["origin"][bought], surface=out["visits"]["surface"][bought],
        list_fen=list_fen, discount_fen=discount, new_user_discount_fen=discount // 3,
        paid_fen=list_fen - discount, goods_fen=list_fen // 2, commission_fen=commission,
        campaign_commission_fen=commission // 2, lifetime_order=lifetime, quantity=1,
        service=rng.integers(-1, 5, n), carried_over=rng.random(n) < 0.05, group_buy=-1,
        promised_minute=visit["minute"] + rng.integers(30, 3000, n),
    )  # fmt: skip


def _groups(rng: np.random.Generator, out: Any, first: int, days: int) -> None:
    """Groups that fill or expire within a day of their opening."""
    opened = rng.integers((first - 1) * MINUTES_PER_DAY, (first + days) * MINUTES_PER_DAY, 60)
    ended = opened + rng.integers(1, MINUTES_PER_DAY, len(opened))
    _fill(
        out, "group_buys", group_buy=np.arange(60), day=ended // MINUTES_PER_DAY, opened_minute=opened,
        ended_minute=ended, deadline_minute=opened + MINUTES_PER_DAY, filled=rng.random(len(opened)) < 0.4,
    )  # fmt: skip


def _aftermath(rng: np.random.Generator, out: Any) -> None:
    orders = out["orders"]
    n = len(orders["order_id"])
    fate = rng.choice(4, n, p=[0.1, 0.15, 0.65, 0.1])  # cancelled, returned, kept, not yet there
    later = orders["minute"] + rng.integers(30, 4000, n)

    def rows(chosen: np.ndarray, minute: np.ndarray) -> dict[str, np.ndarray]:
        columns = {c: orders[c][chosen] for c in ("order_id", "person", "carried_over")}
        return columns | {"minute": minute[chosen], "day": minute[chosen] // MINUTES_PER_DAY}

    gone, back = fate == 0, fate == 1
    there = back | (fate == 2)
    _fill(
        out, "cancellations", **rows(gone, later), refund_fen=orders["paid_fen"][gone],
        reason=rng.integers(0, len(Cancel), gone.sum()),
    )  # fmt: skip
    _fill(
        out, "deliveries", **rows(there, later), service=orders["service"][there],
        ordered_minute=orders["minute"][there], promised_minute=orders["promised_minute"][there],
        spoiled=rng.random(there.sum()) < 0.1, complaint=rng.random(there.sum()) < 0.1,
        paid_fen=orders["paid_fen"][there], return_ends=later[there] + 7 * MINUTES_PER_DAY,
    )  # fmt: skip
    _fill(out, "return_requests", **rows(back, later + 1000))
    _fill(
        out, "returns", **rows(back, later + 3000), refund_fen=orders["paid_fen"][back],
        restocked=rng.random(back.sum()) < 0.5,
    )  # fmt: skip


def _registrations(rng: np.random.Generator, out: Any, ids: np.ndarray, first: int, days: int) -> None:
    real = rng.choice(ids, len(ids) // 2, replace=False)
    person = np.r_[real, rng.choice(2**62, 15)]
    n = len(person)
    day = rng.integers(first - 2, first + days + 2, n)
    invited = rng.random(n) < 0.5
    fake = np.arange(n) >= len(real)
    inviter = np.where(invited, rng.choice(ids, n), -1)
    _fill(
        out, "registrations", person=person, day=day, minute=day * MINUTES_PER_DAY + 5, inviter=inviter,
        source=Source.INVITATION, fake=fake, caught=rng.random(n) < np.where(fake, 0.5, 0.05),
        seen_new=fake | (rng.random(n) < 0.9), caught_probability=np.where(fake, 0.5, 0.05),
    )  # fmt: skip
    chosen = np.flatnonzero(invited)
    _fill(
        out, "rewards", inviter=inviter[chosen], invitee=person[chosen], day=day[chosen] + 1, stage=1,
        fen=rng.integers(100, 3000, len(chosen)), fake=fake[chosen],
        clawed_back=rng.random(len(chosen)) < 0.2,
    )  # fmt: skip
    sent = np.r_[chosen, chosen]
    _fill(
        out, "touches", touch=np.arange(len(sent)), sender=inviter[sent], receiver=person[sent],
        day=day[sent], minute=day[sent] * MINUTES_PER_DAY, source=Source.INVITATION, generation=1,
    )  # fmt: skip


def _accounts(rng: np.random.Generator, out: Any, first: int, days: int) -> None:
    day = np.arange(first - 2, first + days + 2)
    n = len(day)
    kinds = np.tile(np.arange(len(Spend)), n)
    _fill(out, "spend", day=np.repeat(day, len(Spend)), kind=kinds, fen=rng.integers(0, 50000, len(kinds)))
    platform = np.tile(np.arange(3), n)
    _fill(out, "media", day=np.repeat(day, 3), platform=platform, spend_fen=rng.integers(0, 20000, 3 * n))
    _fill(
        out, "posts", post=np.arange(n), day=day, source=Source.SPONSORED_POST,
        platform=rng.integers(0, 3, n), fee_fen=rng.integers(0, 20000, n),
    )  # fmt: skip
    _fill(
        out, "group_buys", group_buy=np.arange(n), day=day, members=rng.integers(1, 4, n),
        opened_minute=(day - 1) * MINUTES_PER_DAY, deadline_minute=day * MINUTES_PER_DAY,
        filled=rng.random(n) < 0.6,
    )  # fmt: skip
    registered = rng.integers(40, 60, n)
    _fill(
        out, "daily", day=day, population=200, registered=registered, members=registered // 5,
        private_domain=rng.integers(0, 40, n), capacity_orders=30.0, shipped_orders=rng.integers(0, 9, n),
        stock_units=500, stock_fen=rng.integers(10**6, 2 * 10**6, n), refused=rng.integers(0, 3, n),
        logistics_fen=rng.integers(1000, 9000, n), spoilage_fen=rng.integers(0, 900, n),
        media_allowance_fen=60000, fakes_expected=rng.random(n), fakes_caught_expected=0.5 * rng.random(n),
    )  # fmt: skip
