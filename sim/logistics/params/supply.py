"""What happens to goods that come back, and how stock is ordered."""

from __future__ import annotations

from sim.core.params import Params, param


class ReturnsParams(Params):
    """What happens between a return request and the shelf; who returns is decided elsewhere."""

    reverse_hours: float = param(
        10.0,
        unit="hours",
        kind="uncertainty",
        source="A-677",
        ge=0.1,
        le=240,
        span=(4, 48),
        why="collected parcel back to the regional centre on the returning truck",
    )
    inspect_minutes: float = param(
        4.0,
        unit="minutes/parcel",
        kind="uncertainty",
        source="A-678",
        ge=0.1,
        le=240,
        span=(2, 10),
        why="open, check, photograph, decide",
    )
    inspectors_per_1000_orders: float = param(
        0.6,
        unit="inspectors/1000 design orders",
        kind="lever",
        source="A-679",
        ge=0.05,
        le=100,
        span=(0.3, 2),
        why="paid around the clock, 360 parcels a day each; twice what one return in ten orders needs",
    )
    restock_ambient: float = param(
        0.75,
        unit="share",
        kind="uncertainty",
        source="A-680",
        ge=0,
        le=1,
        span=(0.5, 0.9),
        why="unopened or as new; the rest is scrapped or sold off outside the model",
    )
    restock_cold: float = param(
        0.0,
        unit="share",
        kind="uncertainty",
        source="A-681",
        ge=0,
        le=1,
        span=(0.0, 0.2),
        why="food that left the cold chain is never sold again",
    )
    reverse_fen: float = param(
        350.0,
        unit="fen/parcel",
        kind="uncertainty",
        source="A-682",
        ge=0,
        le=100_000,
        span=(200, 800),
        why="return label and freight",
    )
    inspector_fen_per_hour: float = param(
        2_700.0,
        unit="fen/hour",
        kind="uncertainty",
        source="A-683",
        ge=0,
        le=100_000,
        span=(1_500, 4_500),
        why="four minutes of an inspector cost 1.80 CNY; paid whether anything comes back or not",
    )


class SupplyParams(Params):
    """Base-stock replenishment: how far ahead and how safely stock is ordered, every midnight."""

    supplier_lead_days: int = param(
        3,
        unit="days",
        kind="lever",
        source="A-684",
        ge=1,
        le=60,
        span=(1, 10),
        why="finished goods from factory or origin; raw-material cycles (F154-F155) are not simulated",
    )
    fast_supply_share: float = param(
        0.003,
        unit="share of goods cost",
        kind="uncertainty",
        source="A-840",
        ge=0,
        le=0.1,
        span=(0.001, 0.006),
        why="surcharge x (15 days / lead - 1): nothing at the 15 days of F154, 0.6% at 5, 4% overnight",
    )
    supplier_late_probability: float = param(
        0.08,
        unit="share of orders",
        kind="uncertainty",
        source="A-685",
        ge=0,
        le=1,
        span=(0.02, 0.2),
        why="a supplier misses its day about once in two weeks",
    )
    supplier_late_days: int = param(
        2,
        unit="days",
        kind="uncertainty",
        source="A-686",
        ge=0,
        le=30,
        span=(1, 5),
        why="then it comes two days later",
    )
    receipt_hour: float = param(
        5.0,
        unit="hour of day",
        kind="constant",
        source="A-687",
        ge=0,
        le=23.99,
        why="suppliers and front replenishment arrive before the warehouses open",
    )
    safety_factor: float = param(
        1.9,
        unit="standard deviations",
        kind="lever",
        source="A-688",
        ge=0,
        le=6,
        span=(0.8, 3),
        why="about 97% cycle service under a normal forecast error",
    )
    variance_to_mean: float = param(
        1.5,
        unit="ratio",
        kind="uncertainty",
        source="A-689",
        ge=0,
        le=20,
        span=(1.0, 4.0),
        why="what stock allows for: demand burstier than Poisson, as shared posts come in clumps",
    )
    forecast_smoothing: float = param(
        0.1,
        unit="weight of the last day",
        kind="lever",
        source="A-690",
        ge=0,
        le=1,
        span=(0.03, 0.4),
        why="exponential smoothing of daily demand; 0 keeps the design demand for ever",
    )
    sell_by_share: float = param(
        0.25,
        unit="share of shelf life",
        kind="lever",
        source="A-691",
        ge=0,
        le=0.99,
        span=(0.1, 0.5),
        why="goods with less life left are taken off the shelf",
    )
    replenish_fen_per_litre: float = param(
        2.0,
        unit="fen/litre",
        kind="uncertainty",
        source="A-692",
        ge=0,
        le=100_000,
        span=(1.0, 5.0),
        why="moving stock from the regional centre to a front warehouse on the morning truck",
    )
