"""Expected-probability estimators: the same figures with chances summed where successes are counted.

A visit that orders adds 1 to a conversion rate; here every visit adds the chance it had of ordering
when it began, so that the luck of the last draw is averaged over and only the luck of the market
remains (conditional Monte Carlo). Both have the same mean, because the difference of a
decision and its chance is 0 on average whatever came before; the counted figures stay beside them.
``docs/estimators.md`` says what each chance is conditioned on and how much it saves.

Sources: Blackwell (1947); Asmussen & Glynn (2007), *Stochastic Simulation*, section V.4.
"""

from __future__ import annotations

from sim.measure.growth import from_source
from sim.measure.indicators import CROSS_PLATFORM_CONVERSION, ORDER_CONVERSION, RATES
from sim.measure.kpis import Guardrail
from sim.world.kinds import SOURCES


def expected_of_source(name: str) -> Guardrail:
    """Order conversion of a source with chances in place of orders."""
    words = name.replace("_", " ")
    return Guardrail(
        f"order_conversion_{name}_expected",
        f"Order conversion, {words}, expected",
        "share",
        "higher",
        f"As the order conversion of {words}, with each visit's chance in place of its order.",
        from_source(name).expectation,
    )


EXPECTED: tuple[Guardrail, ...] = (
    Guardrail(
        "order_conversion_expected",
        "Order conversion, expected",
        "share",
        "higher",
        "(Sum over visits of the chance of an order that can be paid - orders refused for want of stock) "
        "/ visits.",
        ORDER_CONVERSION.expectation,
    ),
    Guardrail(
        "cross_platform_conversion_expected",
        "Cross-platform conversion, expected",
        "share",
        "higher",
        "As the expected order conversion, among visits sent from one platform to another surface.",
        CROSS_PLATFORM_CONVERSION.expectation,
    ),
    Guardrail(
        "fraud_rate_expected",
        "Fraud rate, true, expected",
        "share",
        "lower",
        "Mean number of fakes / (mean number of fakes + honest accounts registered on an invitation).",
        RATES["fraud_rate_expected"].value,
    ),
    Guardrail(
        "fraud_rate_detected_expected",
        "Fraud rate, detected, expected",
        "share",
        "",
        "Mean number of accounts that review rejects / (mean number of fakes + honest accounts registered "
        "on an invitation).",
        RATES["fraud_rate_detected_expected"].value,
    ),
    Guardrail(
        "fraud_rate_undetected_expected",
        "Fraud rate after review, expected",
        "share",
        "lower",
        "As the fraud rate after review, with means in place of the counts of fakes and rejections.",
        RATES["fraud_rate_undetected_expected"].value,
    ),
    *(expected_of_source(source.name) for source in SOURCES),
)
