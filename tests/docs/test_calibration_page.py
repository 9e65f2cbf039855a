"""What the private domain does, counted on the same people with and without it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from docs import calibration
from docs.calibration import (
    COMPOSED,
    TABLES,
    World,
    buyers_again,
    cancelled,
    pool_effect,
    pool_premium,
    returned,
    share_of_orders,
)
from docs.under_calendar import judged, side_by_side
from sim.world.catalog import CATEGORIES
from sim.world.schema import Cancel, Source
from tests.conftest import AT_ONCE, LIVELY
from tests.measure.tables import tables


def lived(orders: list[tuple[int, int]], pool: tuple[int, ...] = ()) -> Any:
    """A market of ninety days that is over: who ordered on which day, and who is in the pool."""
    rows = [
        {"order_id": 100 * day + person, "person": person, "day": day, "minute": 1440 * day}
        for person, day in orders
    ]
    people = SimpleNamespace(id=np.arange(9), private_domain=np.isin(np.arange(9), pool))
    return SimpleNamespace(
        window=(0, 90), tables=lambda: tables(orders=rows), world=SimpleNamespace(people=people)
    )


def test_who_joins_is_not_what_joining_does() -> None:
    """By hand: persons 1-4 are in the pool and two of them buy again; without it one of these four does."""
    with_it = lived([(1, 0), (1, 9), (2, 1), (2, 9), (3, 2), (3, 40), (4, 0), (5, 3), (6, 3), (6, 4), (7, 0),
                     (8, 0), (8, 80)], (1, 2, 3, 4))  # fmt: skip
    without = lived([(1, 0), (1, 9), (2, 1), (2, 60), (3, 2), (4, 0), (5, 3), (6, 3), (6, 4)])
    assert buyers_again(with_it)[1].tolist() == [True, True, False, False, False, True, False, False]
    worlds: Any = {"private domain": with_it, "baseline": without}
    assert pool_premium(worlds) == pytest.approx((2 / 4) / (1 / 4) - 1)
    assert pool_effect(worlds) == pytest.approx((2 / 4) / (1 / 4) - 1)
    without = lived([(1, 0), (1, 9), (2, 1), (2, 9), (3, 2), (4, 0), (5, 3)])
    assert pool_effect({"private domain": with_it, "baseline": without}) == 0.0


def test_who_is_seen_too_briefly_in_either_world_is_not_judged() -> None:
    """Person 2 is not there, and person 3 comes too late, in the world without the pool."""
    with_it = lived([(1, 0), (1, 9), (2, 0), (2, 9), (3, 0), (3, 9), (4, 0)], (1, 2, 3, 4))
    without = lived([(1, 0), (1, 9), (3, 61), (3, 62), (4, 0), (4, 29)])
    worlds: Any = {"private domain": with_it, "baseline": without}
    assert pool_effect(worlds) == pytest.approx((1 / 2) / (2 / 2) - 1)


def test_a_pool_that_nobody_hears_from_does_nothing_although_its_people_buy_more_often() -> None:
    """In a small market: no answer to messages and no costs; only who joins is left, and it is no effect."""
    deaf = ("private_domain.click=0", "private_domain.adviser_cost=0", "private_domain.message_cost=0")
    world = World(0, 400, None, *LIVELY, *AT_ONCE, *deaf, "experiment.days=50")
    assert pool_premium(world) > 0.05
    assert pool_effect(world) == 0.0
    assert set(world) == {"private domain", "baseline"}, "only the worlds that a figure needs are lived"


def test_where_orders_come_from_and_what_becomes_of_them_is_counted_by_hand() -> None:
    """Eight orders: five from sessions; who may still return, or may still cancel, is not judged."""
    live, shelf, apparel = int(Source.LIVESTREAM), int(Source.SEARCH), CATEGORIES.index("apparel")
    kinds = [
        (live, 1),
        (live, apparel),
        (live, 1),
        (live, 1),
        (shelf, 1),
        (shelf, 1),
        (shelf, apparel),
        (live, 1),
    ]
    orders = [
        {"order_id": k, "day": 89 if k == 7 else 10, "source": source, "category": category}
        | {"minute": (89 if k == 7 else 10) * 1440}
        for k, (source, category) in enumerate(kinds)
    ]  # fmt: skip
    done = [{"order_id": k, "day": 12, "return_ends": (95 if k == 2 else 20) * 1440} for k in (1, 2, 3, 5, 6)]
    gone = [
        {"order_id": 0, "day": 10, "reason": int(Cancel.BY_CUSTOMER)},
        {"order_id": 4, "day": 10, "reason": int(Cancel.LATE)},
    ]
    asked = [{"order_id": k, "day": 15} for k in (1, 2, 6)]
    made = tables(orders=orders, deliveries=done, cancellations=gone, return_requests=asked)
    worlds: Any = {"baseline": SimpleNamespace(window=(0, 90), tables=lambda: made)}
    assert share_of_orders((Source.LIVESTREAM,))(worlds) == 5 / 8
    assert cancelled(True)(worlds) == 1 / 4
    assert cancelled(False)(worlds) == 0.0
    assert returned(True)(worlds) == 1 / 2
    assert returned(True, "apparel")(worlds) == 1.0
    assert returned(False)(worlds) == 1 / 2
    assert np.isnan(returned(False, "pet")(worlds))


def test_only_the_tables_that_are_asked_for_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: dict[str, str] = {}
    monkeypatch.setattr(calibration, "write_block", lambda page, name, text: written.update({name: text}))
    for name, compared in TABLES.items():
        rows = tuple(c._replace(figure=lambda _: 0.5) for c in compared)
        monkeypatch.setitem(calibration.TABLES, name, rows)
    calibration.main(["2", "300", "cache", "emergent"])
    assert set(written) == {"emergent"}
    assert written["emergent"].count("| F104 |") == 2
    assert "what the pool does" in written["emergent"]
    calibration.main(["1", "300"])
    assert set(written) == set(TABLES)


def test_calendars_stand_side_by_side_with_the_difference_paired_by_world() -> None:
    """Worlds differ by far more than calendars do: only the pairing shows that one figure moves."""
    levels = np.array([0.1, 0.2, 0.3])
    moved, same = COMPOSED[0], COMPOSED[1]
    china = {moved: levels + np.array([0.010, 0.011, 0.012]), same: levels + np.array([0.02, -0.01, 0.02])}
    lines = side_by_side({c: (levels, own) for c, own in china.items()}).splitlines()[2:]
    half, little = (stats.t.ppf(0.975, 2) * sd / np.sqrt(3) for sd in (0.1, 0.03 / np.sqrt(3)))
    for line in lines:
        assert f"| 20.0% ({20 - 100 * half:.1f}% to {20 + 100 * half:.1f}%) |" in line, "on the flat calendar"
    assert lines[0].endswith("| **+1.1% (+0.9% to +1.3%)** |")
    assert lines[1].endswith(f"| +1.0% ({1 - 100 * little:+.1f}% to {1 + 100 * little:+.1f}%) |")


def test_a_drift_that_the_calendar_explains_is_told_apart_from_one_that_it_does_not() -> None:
    """Orders grow by a fifth with the calendar's factor; users grow by as much without a reason."""
    factor = np.repeat([1.0, 1.2], 60)
    steady = np.full(120, 10.0)
    world = {"orders": steady * factor, "registered": steady * factor, "trust": steady}
    table = judged([world | {"burn_in": np.array(120), "demand": factor}])
    drifts = [line.split(" | ")[2] for line in table.splitlines()[2:]]
    assert drifts == ["+20.0%", "+0.0%", "+20.0%", "+0.0%"]
