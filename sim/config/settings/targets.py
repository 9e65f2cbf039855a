"""The nine goals of the operating plan: scorecards compare with them and no mechanism may read them."""

from __future__ import annotations

from sim.core.params import Params, param


def _target(value: float, unit: str, source: str, why: str) -> float:
    """Declare one goal of the operating plan."""
    goal: float = param(value, unit=unit, kind="constant", source=source, why=why, ge=0, le=1e6)
    return goal


class TargetParams(Params):
    """The nine goals of the operating plan, which scorecards compare with."""

    organic_traffic_share: float = _target(
        0.40, "share", "F137", "at least this share of public visits is unpaid"
    )
    acquisition_cost: float = _target(20.0, "CNY/new user", "F138", "at most this all-in cost per new user")
    cross_platform_conversion: float = _target(
        0.15, "relative to baseline", "F139", "at least this rise over the same worlds under the baseline"
    )
    add_to_cart_rate: float = _target(0.25, "share", "F140", "at least this share of visits with a cart")
    order_conversion: float = _target(
        0.05, "share", "F141", "more than this share of visits with a kept order"
    )
    average_order_value: float = _target(
        0.18, "relative to baseline", "F142", "at least this rise over the same worlds under the baseline"
    )
    next_day_retention: float = _target(
        0.35, "share", "F143", "at least this share of new users active the next day"
    )
    repurchase_30d: float = _target(
        0.50, "share", "F145", "more than this share of buyers orders again in 30 days"
    )
    membership_penetration: float = _target(
        0.20, "relative to baseline", "F146", "at least this rise over the same worlds under the baseline"
    )
