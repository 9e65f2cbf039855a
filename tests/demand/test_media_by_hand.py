"""Paid media in a made-up world of four people: prices, bills, carry-over and whom exposure reaches."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.demand.media import Media, MediaParams

pytestmark = pytest.mark.exact

USERS = np.array([4, 2])
ACTIVITY = np.array([1.0, 2.0, 0.5, 1.0])
AFFINITY = np.array([[0.5, 0.0], [1.0, 1.0], [0.2, 0.0], [0.4, 0.3]])
REGISTERED = np.array([True, False, False, True])


class Bought:
    """Rows of the media table."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def append(self, **row: Any) -> None:
        """One day's bills."""
        self.rows.append(row)


def world(fen: tuple[int, int], shown: tuple[float, float] = (1.0, 1.0)) -> SimpleNamespace:
    """Two platforms, of which the first reaches everybody."""
    platforms = SimpleNamespace(
        cpm=np.array([20.0, 50.0]), adstock=np.zeros(2), paid_scale=np.zeros(2), feed_scale=np.zeros(2),
        feed=np.ones(2), rank=np.ones(2), open_share=lambda _: np.array(shown), paid_traffic=np.ones(2),
        unpaid_traffic=np.ones(2), dearness=np.ones(2), growth=np.ones(2),
    )  # fmt: skip
    people = SimpleNamespace(activity=ACTIVITY, affinity=AFFINITY, registered=REGISTERED)
    return SimpleNamespace(
        day=3, platforms=platforms, people=people, operator=SimpleNamespace(media_fen=np.array(fen)),
        records=SimpleNamespace(media=Bought()), spent=[],
    )  # fmt: skip


def live(made: SimpleNamespace, days: int, slope: float = 0.0, **params: float) -> SimpleNamespace:
    """Let only media act."""
    made.spend = lambda kind, fen: made.spent.append(fen)
    media = Media(MediaParams(**params), SimpleNamespace(price_slope=slope))
    for _ in range(days):
        media.act(made, Draw(1))
    return made


def exposure(made: SimpleNamespace, targeting: float) -> np.ndarray:
    """Mean effective impressions of a platform's users: registered ones are preferred by the targeting."""
    preference = np.where(REGISTERED, targeting, 1.0)
    return made.platforms.paid_scale * ((ACTIVITY * preference) @ AFFINITY) / USERS


@pytest.mark.parametrize("carry_over", [0.0, 0.4, 0.9])
def test_adstock_is_a_geometric_series_and_exposure_saturates_in_what_is_steady(carry_over: float) -> None:
    """Steady impressions a build a / (1 - carry-over), and are felt as s (1 - exp(-a / s)) of them."""
    made = live(world((8, 10)), 300, carry_over=carry_over, saturation=0.5, targeting=1.6)
    a = np.array([8 * 1000 // 2000, 10 * 1000 // 5000]) / USERS
    assert made.platforms.adstock == pytest.approx(a / (1.0 - carry_over))
    assert exposure(made, 1.6) == pytest.approx(0.5 * (1.0 - np.exp(-a / 0.5)))
    before = made.platforms.adstock.copy()
    made.operator.media_fen[:] = 0
    live(made, 3, carry_over=carry_over, saturation=0.5, targeting=1.6)
    assert made.platforms.adstock == pytest.approx(before * carry_over**3)


def test_the_price_rises_with_spend_per_user() -> None:
    """A slope of 0.5 adds half of the price for every 0.1 CNY a user and day."""
    made = live(world((40, 20)), 1, slope=0.5)
    assert made.records.media.rows[0]["cpm_fen"].tolist() == [3000, 7500]
    assert made.records.media.rows[0]["impressions"].tolist() == [40_000 // 3000, 20_000 // 7500]


def test_what_is_not_shown_is_neither_billed_nor_remembered() -> None:
    """Half of a platform's traffic lost: half of the bill, of the impressions and of the adstock."""
    made = live(world((4000, 4000), (0.5, 1.0)), 1, carry_over=0.4)
    assert made.spent == [2000 + 4000]
    assert made.records.media.rows[0]["impressions"].tolist() == [1000, 800]
    assert made.platforms.adstock == pytest.approx([1000 / 4, 800 / 2])
