"""What may happen outside the market, as declarations: conditions, and kinds of shock that move them.

A condition is something outside that a day looks at: confidence, a platform's traffic, riders. A kind of
shock says which conditions it moves and how hard. Neither is a branch in code: a further kind is one more
row of :data:`KINDS`, a further condition one more row of :data:`CONDITIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.world.platforms import PLATFORMS
from sim.world.world import World

#: Strength of what happens: one number, or one a platform where the condition belongs to platforms.
Strength = np.ndarray


@dataclass(frozen=True)
class Condition:
    """One outside condition.

    Attributes
    ----------
    says : str
        What is moved, in words.
    apply : callable
        World and strength of the day (float64[1], or float64[n_platforms]) -> the condition set.
    reads, writes : frozenset of str
        State that is looked at and changed, as mechanisms declare it.
    by_platform : bool
        Each platform has its own.
    rises : bool
        The size adds to the condition (a commission) and does not take from it.
    """

    says: str
    apply: Callable[[World, Strength], None]
    writes: frozenset[str]
    reads: frozenset[str] = frozenset()
    by_platform: bool = False
    rises: bool = False


def _confidence(world: World, lost: Strength) -> None:
    world.conditions.confidence = 1.0 - float(lost[0])


def _acceptance(world: World, lost: Strength) -> None:
    world.conditions.acceptance = 1.0 - float(lost[0])


def _traffic(world: World, lost: Strength) -> None:
    world.platforms.traffic[:] = 1.0 - lost


def _paid(world: World, lost: Strength) -> None:
    world.platforms.paid_traffic[:] = 1.0 - lost


def _unpaid(world: World, lost: Strength) -> None:
    world.platforms.unpaid_traffic[:] = 1.0 - lost


def _commission(world: World, risen: Strength) -> None:
    world.platforms.commission_rise[:] = risen


def _riders(world: World, lost: Strength) -> None:
    if lost[0] != world.conditions.riders_short:  # capacity is planned anew only when it changes
        world.conditions.riders_short = float(lost[0])
        world.logistics.shock_riders(float(lost[0]))


def _suppliers(world: World, late: Strength) -> None:
    world.conditions.suppliers_short = float(late[0])
    world.logistics.shock_suppliers(float(late[0]))


def _scandal(world: World, size: Strength) -> None:
    world.conditions.scandal = float(size[0])


#: Outside conditions by name.
CONDITIONS: dict[str, Condition] = {
    "confidence": Condition("consumer confidence", _confidence, frozenset({"conditions.confidence"})),
    "acceptance": Condition("readiness to pay", _acceptance, frozenset({"conditions.acceptance"})),
    "traffic": Condition(
        "traffic, paid and unpaid", _traffic, frozenset({"platforms.traffic"}), by_platform=True
    ),
    "paid_traffic": Condition(
        "paid advertisements", _paid, frozenset({"platforms.traffic"}), by_platform=True
    ),
    "unpaid_traffic": Condition(
        "unpaid traffic (feed and search)", _unpaid, frozenset({"platforms.traffic"}), by_platform=True
    ),
    "commission": Condition(
        "commission", _commission, frozenset({"platforms.commission"}), by_platform=True, rises=True
    ),
    "riders": Condition(
        "riders",
        _riders,
        frozenset({"conditions.riders", "logistics.riders"}),
        reads=frozenset({"conditions.riders"}),
    ),
    "scandal": Condition(
        "a controversy that the press tells of", _scandal, frozenset({"conditions.scandal"}), rises=True
    ),
    "suppliers": Condition(
        "deliveries from suppliers on time",
        _suppliers,
        frozenset({"conditions.suppliers", "logistics.suppliers"}),
    ),
}


@dataclass(frozen=True)
class ShockKind:
    """One kind of shock.

    Attributes
    ----------
    name : str
        As ``shock.kind`` chooses it.
    why : str
        What happens, in a line.
    source : str
        Figure, system or assumption.
    moves : mapping of str to float
        Condition -> share of the shock's size by which it moves; empty moves nothing.
    """

    name: str
    why: str
    source: str
    moves: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_platform(self) -> bool:
        """Whether ``shock.platform`` says where it strikes."""
        return any(CONDITIONS[name].by_platform for name in self.moves)


#: Kinds of shock by name; further ones are added with :func:`add_kind`.
KINDS: dict[str, ShockKind] = {}


def add_kind(kind: ShockKind, table: dict[str, ShockKind] = KINDS) -> ShockKind:
    """Enter a kind in a table (the market's own unless told), after which configurations may choose it.

    Raises
    ------
    ValueError
        If there is one of that name, a condition is unknown, or a weight is not in 0..1.
    """
    if kind.name in table:
        raise ValueError(f"there is a kind of shock '{kind.name}' already; give it another name")
    if unknown := sorted(kind.moves.keys() - CONDITIONS.keys()):
        raise ValueError(
            f"shock '{kind.name}' moves '{unknown[0]}', which is no condition; choose among "
            f"{', '.join(CONDITIONS)}"
        )
    if any(not 0.0 < weight <= 1.0 for weight in kind.moves.values()):
        raise ValueError(f"shock '{kind.name}': a condition moves by more than 0 and at most 1 of the size")
    table[kind.name] = kind
    return kind


for _kind in (
    ShockKind("none", "nothing happens", "definition"),
    ShockKind("downturn", "consumers lose confidence", "S077", {"confidence": 1.0}),
    ShockKind("platform_loss", "new rules cost a platform traffic of every kind", "S079", {"traffic": 1.0}),
    ShockKind("rider_shortage", "riders are missing everywhere", "S139", {"riders": 1.0}),
    ShockKind(
        "price_resistance",
        "dear goods and full baskets are refused; needs are as usual",
        "S077",
        {"acceptance": 1.0},
    ),
    ShockKind(
        "feed_change", "a platform's feed and search show the brand less", "S079", {"unpaid_traffic": 1.0}
    ),
    ShockKind(
        "ad_limits",
        "a platform shows fewer of the advertisements bought on it",
        "S079",
        {"paid_traffic": 1.0},
    ),
    ShockKind(
        "scandal",
        "the press tells of what is in the goods, and people tell each other",
        "F094",
        {"scandal": 1.0},
    ),
    ShockKind("commission_rise", "a platform takes a higher commission", "S079", {"commission": 1.0}),
    ShockKind("supplier_delay", "suppliers deliver late", "S139", {"suppliers": 1.0}),
    ShockKind(
        "storm", "riders and suppliers fall short together", "A-940; S139", {"riders": 1.0, "suppliers": 1.0}
    ),
):
    add_kind(_kind)


def platform_row(name: str) -> int:
    """Row of a platform."""
    return PLATFORMS.index(name)
