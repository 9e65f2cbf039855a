"""The daily record: one row a day of what no event table holds, taken when the day is done."""

from __future__ import annotations

import numpy as np

from sim.core.rng import Draw
from sim.mechanism import Phase
from sim.world.accounts import LOGISTICS, Account
from sim.world.world import World


class DailyRecord:
    """Writes the day's row of ``records.daily`` from people, counters and logistics."""

    name = "daily_record"
    phase = Phase.MEASURE
    reads = frozenset(
        {
            "people.registered",
            "people.member",
            "people.private_domain",
            "people.trust",
            "counts",
            "ledger",
            "stock",
            "logistics.riders",
            "operator.media",
            "operator.review_intensity",
        }
    )
    writes = frozenset({"records.daily"})

    def act(self, world: World, draw: Draw) -> None:
        """Count heads and note the day's counters."""
        people, counts, operator = world.people, world.counts, world.operator
        moved = world.ledger.moved()
        registered = int(np.count_nonzero(people.registered))
        trust = float(people.trust[people.registered].mean()) if registered else float("nan")
        units, fen = world.logistics.stock_on_hand()
        world.records.daily.append(
            day=world.day,
            population=len(people),
            registered=registered,
            members=int(np.count_nonzero(people.member & people.registered)),
            private_domain=int(np.count_nonzero(people.private_domain)),
            mean_trust=trust,
            arrivals=counts.get("arrivals", 0),
            returners=counts.get("returners", 0),
            exits=counts.get("exits", 0),
            capacity_orders=world.logistics.capacity_orders_per_day(),
            shipped_orders=counts.get("shipped_orders", 0),
            stock_units=units,
            stock_fen=fen,
            refused=counts.get("refused", 0),
            logistics_fen=sum(moved.get(a.key, 0) for a in (*LOGISTICS, Account.CAPACITY)),
            spoilage_fen=moved.get(Account.SPOILAGE.key, 0),
            platform_commission_fen=moved.get(Account.PLATFORM_COMMISSIONS.key, 0),
            review_intensity=operator.review_intensity,
            fakes_expected=counts.get("fakes_expected", 0.0),
            fakes_caught_expected=counts.get("fakes_caught_expected", 0.0),
            media_allowance_fen=int(operator.media_fen.sum()),
        )
