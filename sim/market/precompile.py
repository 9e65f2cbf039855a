"""Compiles all kernels once, at installation, by living a few days of small markets.

Run as ``python -m sim.market.precompile``; compiled code is cached beside the sources.
"""

from __future__ import annotations

from sim.market import Market

_SMALL = ("population.size=400", "experiment.burn_in_days=3", "experiment.warmup_days=1", "experiment.days=4")
_COVER = ("flat_cash_referral", "group_buy", "private_domain")


def main() -> None:
    """Touch every kernel: referral, groups, private domain; what they share is compiled once."""
    for name in _COVER:
        Market.from_scenario(name, *_SMALL).run().kpis()


if __name__ == "__main__":
    main()
