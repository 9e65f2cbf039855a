"""Golden runs: small seeded markets whose totals are pinned, so that no change of behaviour goes unnoticed.

``python -m tests.golden.runs "why the numbers move"`` pins them anew. The reason must stand in
CHANGELOG.md, where users read it; the test sees to that. Totals are pinned to the unit for the
libraries and the machine they were made with; elsewhere the last digits of logarithms may tip
single decisions, so there they must agree to five percent.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import scipy
import yaml

from sim.config import compose
from sim.market import Market

FOLDER = Path(__file__).parent
CHANGELOG = FOLDER.parents[1] / "CHANGELOG.md"
SCENARIOS = ("baseline", "flat_cash_referral", "group_buy")
SETTING = (
    "population.size=1000", "experiment.burn_in_days=0", "experiment.warmup_days=4", "experiment.days=16",
    "experiment.seed=7",
)  # fmt: skip


def totals(market: Market) -> dict[str, int]:
    """What happened over the whole run, in whole numbers."""
    r, people = market.records, market.world.people
    late = r.deliveries["minute"] > r.deliveries["promised_minute"]
    return {
        "visits": len(r.visits),
        "carts": int(r.visits["cart"].sum()),
        "orders": len(r.orders),
        "paid_fen": int(r.orders["paid_fen"].sum()),
        "deliveries": len(r.deliveries),
        "late_deliveries": int(late.sum()),
        "low_scores": int(r.deliveries["low_score"].sum()),
        "cancellations": len(r.cancellations),
        "returns": len(r.returns),
        "registrations": len(r.registrations),
        "fake_registrations": int(r.registrations["fake"].sum()),
        "touches": len(r.touches),
        "posts": len(r.posts),
        "groups_filled": int(r.group_buys["filled"].sum()),
        "rewards_fen": int(r.rewards["fen"][~r.rewards["clawed_back"]].sum()),
        "media_fen": int(r.media["spend_fen"].sum()),
        "spend_fen": int(r.spend["fen"].sum()),
        "logistics_fen": int(r.daily["logistics_fen"].sum()),
        "cash_fen": int(market.world.ledger.balance["cash"]),
        "members": int(people.member.sum()),
        "trust_ppm": round(float(np.mean(people.trust, dtype=np.float64)) * 1e6),
        "arrivals": int(r.daily["arrivals"].sum()),
    }


def lived(scenario: str) -> Market:
    """One golden run."""
    market = Market(compose([f"scenario={scenario}", *SETTING]))
    for _ in range(20):
        market.step()
    return market


def made_with() -> dict[str, str]:
    """What bit-for-bit equality depends on beside the sources."""
    return {
        "machine": platform.machine(), "system": platform.system(), "numpy": np.__version__,
        "numba": numba.__version__, "scipy": scipy.__version__,
    }  # fmt: skip


def pinned(scenario: str) -> dict[str, Any]:
    """What stands in a golden file."""
    return yaml.safe_load((FOLDER / f"{scenario}.yaml").read_text(encoding="utf-8"))


def main(reason: str) -> None:
    """Pin all runs anew."""
    for scenario in SCENARIOS:
        page = {"reason": reason, "totals": totals(lived(scenario)), "made_with": made_with()}
        text = yaml.safe_dump(page, sort_keys=False, allow_unicode=True, width=100)
        head = f'# refreshed by: python -m tests.golden.runs "{reason}"\n'
        (FOLDER / f"{scenario}.yaml").write_text(head + text, encoding="utf-8")
    print(f"pinned; now put this into CHANGELOG.md:\n- {reason}")  # noqa: T201 (a command that talks with whoever runs it)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say why: python -m tests.golden.runs "why the numbers move"')
    main(sys.argv[1].strip())
