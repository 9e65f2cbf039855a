"""What happens to goods that come back, and how stock is ordered."""

from __future__ import annotations

from sim.core.params import Params, constant, lever, uncertainty


class ReturnsParams(Params):
    """What happens between a return request and the shelf; who returns is decided elsewhere."""

    reverse_hours: float = uncertainty(10.0, "hours", "A-677", ge=0.1, le=240, span=(4, 48))
    """collected parcel back to the regional centre on the returning truck"""

    inspect_minutes: float = uncertainty(4.0, "minutes/parcel", "A-678", ge=0.1, le=240, span=(2, 10))
    """open, check, photograph, decide"""

    inspectors_per_1000_orders: float = lever(
        0.6, "inspectors/1000 design orders", "A-679", ge=0.05, le=100, span=(0.3, 2)
    )
    """paid around the clock, 360 parcels a day each; twice what one return in ten orders needs"""

    restock_ambient: float = uncertainty(0.75, "share", "A-680", ge=0, le=1, span=(0.5, 0.9))
    """unopened or as new; the rest is scrapped or sold off outside the model"""

    restock_cold: float = uncertainty(0.0, "share", "A-681", ge=0, le=1, span=(0.0, 0.2))
    """food that left the cold chain is never sold again"""

    reverse_fen: float = uncertainty(350.0, "fen/parcel", "A-682", ge=0, le=100_000, span=(200, 800))
    """return label and freight"""

    inspector_fen_per_hour: float = uncertainty(
        2_700.0, "fen/hour", "A-683", ge=0, le=100_000, span=(1_500, 4_500)
    )
    """four minutes of an inspector cost 1.80 CNY; paid whether anything comes back or not"""


class SupplyParams(Params):
    """Base-stock replenishment: how far ahead and how safely stock is ordered, every midnight."""

    supplier_lead_days: int = lever(3, "days", "A-684", ge=1, le=60, span=(1, 10))
    """finished goods from factory or origin; raw-material cycles (F154-F155) are not simulated"""

    fast_supply_share: float = uncertainty(
        0.003, "share of goods cost", "A-840", ge=0, le=0.1, span=(0.001, 0.006)
    )
    """surcharge x (15 days / lead - 1): nothing at the 15 days of F154, 0.6% at 5, 4% overnight"""

    supplier_late_probability: float = uncertainty(
        0.08, "share of orders", "A-685", ge=0, le=1, span=(0.02, 0.2)
    )
    """a supplier misses its day about once in two weeks"""

    supplier_late_days: int = uncertainty(2, "days", "A-686", ge=0, le=30, span=(1, 5))
    """then it comes two days later"""

    receipt_hour: float = constant(5.0, "hour of day", "A-687", ge=0, le=23.99)
    """suppliers and front replenishment arrive before the warehouses open"""

    safety_factor: float = lever(1.9, "standard deviations", "A-688", ge=0, le=6, span=(0.8, 3))
    """about 97% cycle service under a normal forecast error"""

    variance_to_mean: float = uncertainty(1.5, "ratio", "A-689", ge=0, le=20, span=(1.0, 4.0))
    """what stock allows for: demand burstier than Poisson, as shared posts come in clumps"""

    forecast_smoothing: float = lever(0.1, "weight of the last day", "A-690", ge=0, le=1, span=(0.03, 0.4))
    """exponential smoothing of daily demand; 0 keeps the design demand for ever"""

    sell_by_share: float = lever(0.25, "share of shelf life", "A-691", ge=0, le=0.99, span=(0.1, 0.5))
    """goods with less life left are taken off the shelf"""

    replenish_fen_per_litre: float = uncertainty(2.0, "fen/litre", "A-692", ge=0, le=100_000, span=(1.0, 5.0))
    """moving stock from the regional centre to a front warehouse on the morning truck"""
