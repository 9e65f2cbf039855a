"""What is sold: thirteen categories with temperature, price, cost, shelf life and who needs them.

Three temperature layers plus digital goods, which need no warehouse. Prices, costs and need
weights are assumptions in the range of Chinese social commerce (gross margins 30-65%); the
need weights only set how a consumer's total need rate divides over categories.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, constant, uncertainty

LAYERS = ("none", "ambient", "chilled", "frozen")
Layer = Literal["none", "ambient", "chilled", "frozen"]

Category = Literal[
    "fresh",
    "frozen",
    "healthy_food",
    "mother_baby",
    "beauty",
    "apparel",
    "pet",
    "healing_home",
    "sustainable_office",
    "virtual_ip",
    "personal_growth",
    "rural",
    "cross_border_beauty",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class CategoryParams(Params):
    """One category of goods."""

    layer: Layer = constant("ambient", "temperature layer", "S128")
    """Where it is stored and carried; none = digital."""

    price: float = constant(100.0, "CNY/unit", "A-060", ge=0.01, le=100000)
    """Median basket-item prices on social commerce platforms, by judgement."""

    unit_cost: float = constant(55.0, "CNY/unit", "A-061", ge=0, le=100000)
    """Gross margins of 30-65% by category."""

    volume: float = constant(4.0, "litres/unit", "A-062", ge=0, le=500)
    """Packed volume of one unit."""

    shelf_life: float = constant(365.0, "days", "A-063", ge=0.5, le=3650)
    """At the layer's own temperature."""

    return_rate: float = uncertainty(0.06, "share of deliveries", "A-064", ge=0, le=1)
    """Fit risk: bought after comparing, on time, undamaged; apparel highest (press reports of 30-60%)."""

    stock_days: float = uncertainty(30.0, "days/unit", "A-065", ge=0.1, le=365)
    """How long one unit lasts a household; a fresh need stays away for as long."""

    silver_vanguard: float = uncertainty(1.0, "relative need", "A-066", ge=0, le=20)
    """Share of this group's needs that fall here, relative to other categories (S011)."""

    cyber_native: float = uncertainty(1.0, "relative need", "A-067", ge=0, le=20)
    """As above for the young: entertainment first, though not 58% of their spending as in F022."""

    eco_pioneer: float = uncertainty(1.0, "relative need", "A-068", ge=0, le=20)
    """As above for young families; mother-and-baby goods first, and more sustainable office goods
    than in any other group (S013)."""

    notes_needed: int = constant(0, "notes", "F031", ge=0, le=20)
    """Buyer notes read before buying; three for baby food."""

    order_offset: float = uncertainty(0.0, "logit", "F040; fitted for rural produce", ge=-4, le=4)
    """Calibrated intercept: baseline conversion of the category relative to the others."""

    live_hour: int = constant(20, "hour of day", "F049; starts of slots F042, F051, F053", ge=0, le=23)
    """Hour at which its livestreams begin: breakfast goods at 8, office tea at 12, families at 20, healing
    home at 23. Who is not awake then does not watch."""


def _category(
    layer: Layer,
    price: float,
    cost: float,
    litres: float,
    life: float,
    returns: float,
    lasts: float,
    liked: tuple[float, float, float],
    *,
    hour: int = 20,
    notes: int = 0,
    offset: float = 0.0,
) -> CategoryParams:
    silver, cyber, eco = liked
    return CategoryParams(
        layer=layer,
        price=price,
        unit_cost=cost,
        volume=litres,
        shelf_life=life,
        return_rate=returns,
        stock_days=lasts,
        silver_vanguard=silver,
        cyber_native=cyber,
        eco_pioneer=eco,
        live_hour=hour,
        notes_needed=notes,
        order_offset=offset,
    )


class CatalogParams(Params):
    """The brand's assortment: one entry a category (arguments: see :class:`CategoryParams`)."""

    fresh: CategoryParams = _category("chilled", 45, 29, 5, 7, 0.01, 4, (2.0, 1.0, 2.0), hour=8)
    frozen: CategoryParams = _category("frozen", 60, 38, 4, 180, 0.01, 10, (1.0, 0.8, 1.0), hour=18)
    healthy_food: CategoryParams = _category("ambient", 80, 44, 3, 270, 0.02, 14, (1.6, 0.6, 1.4), hour=12)
    mother_baby: CategoryParams = _category("ambient", 150, 93, 6, 365, 0.07, 18, (0.5, 0.1, 2.2), notes=3)
    beauty: CategoryParams = _category("ambient", 130, 54, 1, 720, 0.09, 30, (0.8, 1.6, 0.8), hour=21)
    apparel: CategoryParams = _category("ambient", 160, 75, 5, 3650, 0.29, 25, (0.7, 1.8, 0.8), hour=21)
    pet: CategoryParams = _category("ambient", 90, 52, 6, 365, 0.02, 20, (0.6, 0.8, 0.6))
    healing_home: CategoryParams = _category("ambient", 95, 43, 4, 3650, 0.11, 40, (0.5, 0.9, 0.6), hour=23)
    sustainable_office: CategoryParams = _category(
        "ambient", 70, 40, 5, 3650, 0.04, 25, (0.4, 0.2, 1.3), hour=12
    )
    virtual_ip: CategoryParams = _category("ambient", 110, 50, 2, 3650, 0.08, 25, (0.1, 2.4, 0.2), hour=22)
    personal_growth: CategoryParams = _category("none", 120, 42, 0, 3650, 0.03, 30, (1.5, 0.9, 0.6))
    rural: CategoryParams = _category(
        "ambient", 55, 34, 6, 120, 0.02, 14, (0.9, 0.4, 0.9), hour=19, offset=-1.392
    )
    cross_border_beauty: CategoryParams = _category(
        "ambient", 220, 112, 1, 720, 0.10, 40, (0.4, 0.9, 0.4), hour=22
    )


class Catalog(NamedTuple):
    """The assortment as arrays, one entry a category (prices in fen)."""

    layer: np.ndarray
    price_fen: np.ndarray
    cost_fen: np.ndarray
    volume: np.ndarray
    shelf_life: np.ndarray
    return_rate: np.ndarray
    withdrawal: np.ndarray
    stock_days: np.ndarray
    group_weight: np.ndarray
    notes_needed: np.ndarray
    live_hour: np.ndarray
    order_offset: np.ndarray

    @property
    def size(self) -> int:
        """Number of categories."""
        return len(self.layer)


def build_catalog(params: CatalogParams) -> Catalog:
    """Arrays of the assortment; ``group_weight`` is float64[n_groups, n_categories], rows sum to 1."""
    rows: list[CategoryParams] = [getattr(params, name) for name in CATEGORIES]
    weight = np.array([[c.silver_vanguard, c.cyber_native, c.eco_pioneer] for c in rows], np.float64).T
    return Catalog(
        layer=np.array([LAYERS.index(c.layer) for c in rows], np.int8),
        price_fen=np.array([to_fen(c.price) for c in rows], np.int64),
        cost_fen=np.array([to_fen(c.unit_cost) for c in rows], np.int64),
        volume=np.array([c.volume for c in rows], np.float64),
        shelf_life=np.array([c.shelf_life for c in rows], np.float64),
        return_rate=np.array([c.return_rate for c in rows], np.float64),
        # seven days to think again, but not of perishable or digital goods (Consumer Protection Law, Art. 25)
        withdrawal=np.array([c.layer == "ambient" for c in rows], np.bool_),
        stock_days=np.array([c.stock_days for c in rows], np.float64),
        group_weight=weight / weight.sum(axis=1, keepdims=True),
        notes_needed=np.array([c.notes_needed for c in rows], np.int64),
        live_hour=np.array([c.live_hour for c in rows], np.int64),
        order_offset=np.array([c.order_offset for c in rows], np.float64),
    )
