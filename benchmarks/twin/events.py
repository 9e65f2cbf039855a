"""What happens in the twin: touches, visits and orders, as plain objects."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.twin.consumer import Consumer

_SINGLE = struct.Struct("f")

FEED, SEARCH, PAID, DIRECT, SHARE, INVITATION = 0, 1, 2, 3, 8, 9
WECHAT, OWN_SITE = 1, 5
CHILLED, HEALING_HOME = 2, 7
OPEN, DELIVERED, CANCELLED, RETURNED = "open", "delivered", "cancelled", "returned"
DAYPART_STARTS = (0, 480, 720, 1080, 1320, 1440)
DAY = 1440


def single(x: float) -> float:
    """``x`` as a float of 32 bits keeps it."""
    return _SINGLE.unpack(_SINGLE.pack(x))[0]


@dataclass(slots=True)
class Touch:
    """Something a person passed on to another."""

    id: int
    root: int
    sender: int
    receiver: int
    minute: int
    source: int
    generation: int
    category: int
    reward_fen: int
    invited: bool
    chance: float
    coupon: float


@dataclass(slots=True)
class Visit:
    """One person at one of the brand's surfaces."""

    id: int
    consumer: Consumer
    minute: int
    source: int
    origin: int
    surface: int
    category: int
    seen: int
    touch: Touch | None
    registered_before: bool
    cart: bool = False
    ordered: bool = False
    quantity: int = 0
    ratio: float = 1.0
    ratio_more: float = 1.0
    probability: float = 0.0


@dataclass(slots=True)
class Registration:
    """A person becomes a registered user."""

    person: int
    minute: int
    source: int
    platform: int
    inviter: int


@dataclass(slots=True)
class Order:
    """Goods paid for; the delivery, score and return are added when they happen."""

    id: int
    visit: Visit
    consumer: Consumer
    category: int
    quantity: int
    list_fen: int
    paid_fen: int
    fees_fen: int
    lifetime: int
    digital: bool
    minute: int
    promised: int
    cancel_minute: int
    status: str = OPEN
    delivered_day: int = -1
    low_score: bool = False
    complaint: bool = False
    back_minute: int = -1
