"""Days after the window: lived under the baseline's levers, told apart, and valued from the ledger."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.ledger import FEN_PER_CNY
from sim.market import Market
from sim.measure.after import HORIZONS
from sim.world.accounts import BALANCE_SHEET
from sim.world.schema import Spend

DAYS, AFTER = 8, 12
SMALL = (
    "population.size=500", "experiment.burn_in_days=6", "experiment.warmup_days=0", f"experiment.days={DAYS}",
)  # fmt: skip
#: Everything that a strategy may leave open when it ends.
BUSY = (
    "scenario=flat_cash_referral", "sharing.invite_gain=2.0", "sharing.invite_click=1.0",
    "incentive.invite_reward=100", "group_buy=beside_referral", "pricing=coupon", "fraud=team",
    "plan.stages.open.days=5", "plan.stages.open.release=0.5", "plan.stages.wide.release=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("after")


@pytest.fixture(scope="module")
def make(cache):
    return lambda *words: Market(compose([*SMALL, *words]), 0, cache)


@pytest.fixture(scope="module")
def played(make):
    """The same busy strategy, ended at the window's end and played on."""
    return make(*BUSY).run(), make(*BUSY, f"experiment.after_days={AFTER}").run()


def test_what_is_measured_is_not_touched(played):
    ended, on = played
    assert on.window == ended.window
    assert on.stage == "after"
    assert on.world.day == ended.world.day + AFTER
    mine, other = on.tables(), ended.tables()
    for name, columns in other.items():
        for column, values in columns.items():
            if name != "after":
                np.testing.assert_array_equal(mine[name][column], values, err_msg=f"{name}.{column}")
    figures, alone = on.kpis(), ended.kpis()
    lasting, unseen = (one.pop("lasting_contribution_per_1000") for one in (figures, alone))
    assert np.isfinite(lasting)
    assert np.isnan(unseen)
    assert figures == pytest.approx(alone, nan_ok=True, rel=0, abs=0)


def equity(market):
    """fen: what is neither goods, money nor debts."""
    kept = {account.name.lower() for account in BALANCE_SHEET}
    return -sum(fen for name, fen in market.world.ledger.balance.items() if name.lower() not in kept)


def test_the_days_after_add_up_to_what_the_ledger_gained(make):
    market = make(*BUSY, f"experiment.after_days={AFTER}").run(DAYS)
    before = equity(market)
    market.run()
    gained = equity(market) - before
    after = market.tables()["after"]
    assert after["since"].tolist() == list(range(AFTER))
    assert int(after["margin_fen"].sum()) == gained != 0
    both = 1000 * (gained / FEN_PER_CNY) / len(market.tables()["cohort"]["person"])
    kpis = market.kpis()
    assert kpis["lasting_contribution_per_1000"] - kpis["contribution_per_1000"] == pytest.approx(both)


def test_nothing_of_the_strategy_is_promised_any_more(played):
    _, on = played
    spend, closed = on.records.spend, on.window[1]
    promised = np.isin(spend["kind"], [Spend.REWARD, Spend.DISCOUNT])
    assert (spend["day"][promised] < closed).any()
    late = on.records.orders["day"] >= closed
    assert late.any()
    assert (on.records.orders["group_buy"][late] < 0).all()
    assert on.bound.incentive == on.baseline.incentive
    assert on.world.stage.name == ""
    assert on.world.stage.held_fen == 0


def test_a_strategy_with_the_baselines_levers_leaves_what_the_baseline_leaves(make):
    plain = make(f"experiment.after_days={AFTER}").run()
    named = make("scenario=baseline", "plan.stages.a.days=4", "plan.stages.b.release=1",
                 f"experiment.after_days={AFTER}").run()  # fmt: skip
    assert plain.tables()["after"]["margin_fen"].tolist() == named.tables()["after"]["margin_fen"].tolist()
    assert plain.world.ledger.balance == named.world.ledger.balance


def test_a_horizon_that_was_not_played_is_not_observable(played):
    ended, on = played
    assert np.isnan(ended.kpis()["lasting_contribution_per_1000"])
    for days in HORIZONS:
        assert np.isnan(on.kpis()[f"contribution_after_{days}_per_1000"])
