"""The business that is planned for, in its own words (:mod:`sim.config.business`)."""

from __future__ import annotations

from pydantic import model_validator

from sim.core.language import tr
from sim.core.params import Params, constant

HOME_CURRENCY = "CNY"


class BusinessParams(Params):
    """Size, money and time of the business; 0 leaves what the model's own parameters say."""

    market: int = constant(0, "real consumers", "definition", ge=0, le=1_500_000_000)
    """Consumers of the real market; 0: as many as are simulated times population.represents."""

    budget: float = constant(0.0, "money/month", "definition", ge=0, le=1e12)
    """All-in budget of the whole market, in business.currency; a month is a twelfth of a year."""

    capacity: float = constant(0.0, "orders/day", "definition", ge=0, le=1e9)
    """Orders a day that delivery can do in the whole market."""

    months: int = constant(0, "months", "definition", ge=0, le=119)
    """Calendar months that are measured, from calendar.start on; 0: experiment.days."""

    currency: str = constant(HOME_CURRENCY, "code", "definition", pattern=r"^[A-Z]{3}$")
    """Currency of the budget and of what is told of the business; the model itself counts in CNY."""

    rate: float = constant(1.0, "CNY/unit of the currency", "definition", ge=1e-6, le=1e6)
    """What one unit of the currency is worth."""

    @model_validator(mode="after")
    def _rate_of_the_currency(self) -> BusinessParams:
        if self.currency == HOME_CURRENCY and self.rate != 1.0:
            raise ValueError(
                tr(
                    "business.rate must be 1 for CNY (you wrote {rate:g}); name the currency too",
                    rate=self.rate,
                )
            )
        if self.currency != HOME_CURRENCY and self.rate == 1.0:
            raise ValueError(
                tr(
                    "business.rate must say how many CNY one {currency} is (you gave none); set "
                    "business.rate=7.1, for instance",
                    currency=self.currency,
                )
            )
        return self

    @property
    def stated(self) -> bool:
        """Whether anything is said of the business."""
        return bool(
            self.market or self.budget or self.capacity or self.months or self.currency != HOME_CURRENCY
        )
