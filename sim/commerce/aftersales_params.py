"""Parameters of after sales: how deliveries are judged, how long people wait, what comes back."""

from __future__ import annotations

import numpy as np

from sim.core.params import Params, constant, uncertainty


class AftersalesParams(Params):
    """How deliveries are judged and what comes back."""

    low_on_time: float = constant(0.092, "share", "A-320; Olist: 9.2% on time", ge=0, le=1)
    """Low scores of deliveries on time."""

    low_3_days: float = constant(0.19, "share", "A-321; Olist: 19% at 0-3 days late", ge=0, le=1)
    """At one and a half units of patience late."""

    low_7_days: float = constant(0.61, "share", "A-322; Olist: 61% at 3-7 days late", ge=0, le=1)
    """At five units late."""

    low_beyond: float = constant(0.78, "share", "A-323; Olist: 78% at 7-14 days late", ge=0, le=1)
    """At ten units late and beyond."""

    patience_30min: float = uncertainty(30.0, "minutes", "A-324", ge=1, le=10000, span=(10, 60))
    """Lateness that hurts a 30-minute order as one day hurts a parcel."""

    patience_1h: float = uncertainty(45.0, "minutes", "A-325", ge=1, le=10000, span=(15, 90))
    """The same for one hour."""

    patience_2h: float = uncertainty(60.0, "minutes", "A-326", ge=1, le=10000, span=(30, 120))
    """The same for two hours."""

    patience_next_day: float = uncertainty(480.0, "minutes", "A-327", ge=1, le=10000, span=(240, 1440))
    """The same for the next day."""

    patience_72h: float = constant(1440.0, "minutes", "A-328; Olist parcels, one day a unit", ge=1, le=10000)
    """Parcels as in the data."""

    late_patience: float = uncertainty(
        5.0, "units of patience", "A-830; Olist: 61% low scores there", ge=0.1, le=1000, span=(2.5, 10.0)
    )
    """Lateness by which half of the customers have cancelled: where most would score low."""

    low_spoiled: float = uncertainty(0.85, "share", "A-329", ge=0, le=1, span=(0.6, 0.98))
    """Low scores of spoiled goods."""

    low_remembered: float = uncertainty(0.05, "share", "A-1015", ge=0, le=1, span=(0, 0.15))
    """Low scores of deliveries that would have been liked, while a late one is fresh in memory."""

    complain: float = uncertainty(0.25, "share of low scores", "A-330", ge=0, le=1, span=(0.1, 0.5))
    """Customers who complain after a low score."""

    regret: float = uncertainty(
        0.8,
        "share of impulsive orders",
        "A-970; 10-30% cancelled, 30-50% returned",
        ge=0,
        le=1,
        span=(0.5, 0.9),
    )
    """Orders made in the heat of the moment that are regretted: cancelled if in time, else sent back. No data
    tell this share. It is assumed so high because press reports put returns of livestream orders, and
    cancellations before dispatch, at two to five times those of the shelf, and many viewers have a need and
    buy nothing on impulse; the span is as wide as those reports."""

    cool_hours: float = uncertainty(12.0, "hours", "A-971", ge=0.01, le=240, span=(3, 24))
    """Mean time until such a regret; dispatch takes half a day to a day, so that some are in time."""

    return_unchecked: float = uncertainty(
        2.5, "ratio", "A-331; Feng: up to +11.7 points per sd of interaction", ge=0, le=10, span=(1.2, 3.5)
    )
    """Goods that do not fit when bought on impulse, not compared, relative to others."""

    return_low: float = uncertainty(2.0, "ratio", "A-332", ge=0, le=10, span=(1.2, 4.0))
    """Returns after a low score relative to others."""

    return_days: float = constant(7.0, "days", "definition", ge=0.1, le=90)
    """Right of return; requests are spread over it."""

    def patience(self) -> np.ndarray:
        """float64[5], minutes by service class."""
        return np.array(
            [
                self.patience_30min,
                self.patience_1h,
                self.patience_2h,
                self.patience_next_day,
                self.patience_72h,
            ]
        )

    def score_curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Units of patience late, and the share of low scores there (linear between)."""
        return np.array([0.0, 1.5, 5.0, 10.0]), np.array(
            [self.low_on_time, self.low_3_days, self.low_7_days, self.low_beyond]
        )
