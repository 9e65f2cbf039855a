"""What the operator sees: what was counted; late, inexact or in part where instruments are; nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import Draw
from sim.market import Market
from sim.measure.series import daily_kpis
from sim.mechanism import Phase
from sim.operator.instruments import InstrumentParams, _seen
from sim.operator.signals import OTHER_SPEND, SIGNALS
from sim.registry import FEATURES
from sim.world.observed import Reading, Rows, total
from sim.world.schema import Spend
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import digest

DAYS = 12
#: A rule that watches each of these and never fires.
WATCHED = ("visits", "orders", "revenue", "add_to_cart_rate", "complaint_rate", "new_accounts", "fission")
WATCH = tuple(f"rules.named.watch_{name}.figure={name}" for name in WATCHED)
NEVER = tuple(f"rules.named.watch_{name}.ratio=100" for name in WATCHED)


def market(*words: str) -> Market:
    return live(small_market("flat_cash_referral", *LIVELY, *WATCH, *NEVER, *words, size=600), DAYS)


@pytest.fixture(scope="module")
def perfect() -> Market:
    return market()


def levels(made: Market, name: str) -> np.ndarray:
    """Level of each day as it is shown the next morning."""
    return np.array(
        [r.over[0] / r.per[0] if r.per[0] else np.nan for r in made.world.observed.readings[name]]
    )


@pytest.mark.parametrize("name", ["visits", "orders", "revenue", "add_to_cart_rate", "complaint_rate"])
def test_perfect_instruments_show_what_is_measured(perfect, name):
    """The series of the same name, counted over the whole run from its tables."""
    unit = 100.0 if name == "revenue" else 1.0  # seen in fen, told in CNY
    measured = daily_kpis(perfect.tables(), perfect.window)[name]
    np.testing.assert_array_equal(levels(perfect, name) / unit, measured)


def test_the_table_holds_what_was_seen(perfect):
    table = perfect.records.observed
    rows = table["figure"] == "orders"
    assert table["over"][rows].tolist() == [r.over[0] for r in perfect.world.observed.readings["orders"]]
    assert table["minute"][rows].tolist() == [(day + 1) * MINUTES_PER_DAY for day in range(DAYS)]
    fission = table["figure"] == "fission"
    assert set(table["part"][fission]) == set(range(13))
    assert "other_spend" not in table["figure"]


def test_the_operator_sees_invited_fakes_as_users(perfect):
    rows = perfect.records.registrations
    counted = np.bincount(rows["day"], ~rows["caught"] & (rows["seen_new"] | rows["fake"]), minlength=DAYS)
    np.testing.assert_array_equal(levels(perfect, "new_accounts"), counted)


def test_instruments_move_nothing_but_what_is_seen(perfect):
    """Late, inexact and partial readings on which nobody acts leave every event and the books as they are."""
    poor = market("instruments.delay=3", "instruments.error=0.2", "instruments.coverage=0.5")
    for made in (perfect, poor):
        made.records.observed.clear()
    assert digest(poor) == digest(perfect)
    assert (levels(poor, "orders") != levels(perfect, "orders")).any()
    own = [[r.over[0] for r in made.world.observed.readings["other_spend"]] for made in (perfect, poor)]
    assert own[0] == own[1]


@pytest.mark.parametrize("delay", [0, 1, 7])
def test_a_reading_is_seen_its_delay_later(perfect, delay):
    observed = perfect.world.observed
    was = observed.delay["orders"]
    observed.delay["orders"] = float(delay)
    now = 10 * MINUTES_PER_DAY
    seen = observed.seen("orders", now, 2.0)
    observed.delay["orders"] = was
    wanted = [minute * MINUTES_PER_DAY for minute in (9 - delay, 10 - delay)]
    assert [reading.minute for reading in seen] == wanted


def test_one_figure_may_be_seen_otherwise():
    made = market("instruments.delay=2", "instruments.of.orders.delay=5")
    assert made.world.observed.delay["orders"] == 5
    assert made.world.observed.delay["visits"] == 2
    assert made.world.observed.delay["other_spend"] == 0


def test_readings_of_dayparts_add_up_to_those_of_days(perfect):
    often = market("instruments.every=daypart")
    for name in ("visits", "orders", "fission", "add_to_cart_rate"):
        for day in range(DAYS):
            span = name, day * MINUTES_PER_DAY, (day + 1) * MINUTES_PER_DAY
            parts, whole = often.world.observed.between(*span), perfect.world.observed.between(*span)
            assert len(parts) == 5
            for side in ("over", "per"):
                np.testing.assert_array_equal(total(parts, side), total(whole, side))
    own = [[r.over[0] for r in made.world.observed.readings["other_spend"]] for made in (perfect, often)]
    assert own[0] == own[1]


@pytest.mark.exact
@pytest.mark.parametrize(("coverage", "error"), [(0.5, 0.0), (1.0, 0.2), (0.7, 0.1)])
def test_coverage_and_error_leave_the_mean_and_give_their_own_spread(coverage, error):
    """100 events of weight 2, 4,000 days: Var = error^2 S^2 + (1 + error^2) sum w^2 (1 - c) / c."""
    params, weights = InstrumentParams(coverage=coverage, error=error), np.full(100, 2.0)
    orders = next(signal for signal in SIGNALS if signal.name == "orders")
    shown = np.array(
        [float(_seen(orders, params, [weights], Draw(7, day), (day, 0))[0]) for day in range(4000)]
    )
    chance = 400.0 * (1 - coverage) / coverage
    spread = np.sqrt(error**2 * 200.0**2 + (1 + error**2) * chance)
    assert abs(shown.mean() - 200.0) < 3 * spread / np.sqrt(4000)
    assert shown.std() == pytest.approx(spread, rel=3 / np.sqrt(2 * 4000))


def test_what_is_tracked_does_not_depend_on_the_order_of_rows():
    params = InstrumentParams(coverage=0.5)
    weights = np.random.default_rng(1).exponential(1.0, 300)
    revenue = next(signal for signal in SIGNALS if signal.name == "revenue")
    one, other = (_seen(revenue, params, [w], Draw(7, 3), (99, 0)) for w in (weights, weights[::-1]))
    assert one == other


def test_media_and_bought_posts_are_not_the_others_spend(perfect):
    """The budget's own books: everything but media and the posts that media money buys."""
    spend, posts = perfect.records.spend, perfect.records.posts
    fen = np.bincount(spend["day"], spend["fen"] * (spend["kind"] != int(Spend.MEDIA)), minlength=DAYS)
    fen -= np.bincount(posts["day"], posts["fee_fen"] * (posts["source"] == 6), minlength=DAYS)
    assert levels(perfect, OTHER_SPEND.name).size == DAYS
    np.testing.assert_array_equal([r.over[0] for r in perfect.world.observed.readings["other_spend"]], fen)


def test_the_operator_reads_its_instruments_and_nothing_of_the_market(perfect):
    """Whatever decides there looks at readings, its own decisions, plan and money."""
    own = ("operator.", "observed", "answers", "teams", "ledger", "stage")
    wrong = {
        mechanism.name: sorted(state for state in mechanism.reads if not state.rstrip("~").startswith(own))
        for mechanism in perfect.mechanisms
        if type(mechanism).__module__.startswith(("sim.operator.", "sim.compliance."))
        and mechanism.phase in (Phase.DECIDE, Phase.STEER)
        and "instruments" not in mechanism.name
    }
    assert len(wrong) >= 3
    assert {name: states for name, states in wrong.items() if states} == {}


def test_readings_of_what_is_usual_are_part_of_a_snapshot(tmp_path):
    """A market from the cache has the readings of the one that burnt in, no more than are needed."""
    words = (
        "population.size=400",
        "experiment.burn_in_days=70",
        "experiment.warmup_days=1",
        "experiment.days=3",
    )
    one, other = (Market.from_scenario("baseline", *words, cache=tmp_path).run() for _ in range(2))
    held = [made.world.observed.readings for made in (one, other)]
    assert held[0].keys() == held[1].keys() >= {signal.name for signal in SIGNALS}
    for name, readings in held[0].items():
        for a, b in zip(readings, held[1][name], strict=True):
            assert a.minute == b.minute
            np.testing.assert_array_equal(a.over, b.over)
    assert len([r for r in held[0]["orders"] if r.minute <= 70 * MINUTES_PER_DAY]) == 60
    assert len(held[0]["orders"]) == 61  # nobody watches it under the strategy


def test_an_amount_is_stated_per_usual_day():
    """Twice the demand on a festival, twice the denominator."""
    made = small_market("baseline", *LIVELY, WATCH[1], size=400)
    made.open_window()
    for factor in (1.0, 2.0):
        made.world.conditions.foreseen[:] = factor
        for mechanism in made.mechanisms:
            if mechanism.name == "instruments":
                mechanism.act(made.world, made.draw)
    assert [r.per[0] for r in made.world.observed.readings["orders"]] == [1.0, 2.0]


def test_signals_have_names_of_their_own():
    names = [thing.name for feature in FEATURES for thing in feature.declares]
    assert len(names) == len(set(names))


def test_rows_since_the_last_look_are_those_of_today_until_there_is_one(perfect):
    rows = Rows(perfect.records, {})
    np.testing.assert_array_equal(rows["orders"]["day"], perfect.records.orders.today("day"))
    rows = Rows(perfect.records, {"orders": 5})
    assert len(rows["orders"]["day"]) == len(perfect.records.orders) - 5
    assert isinstance(perfect.world.observed.readings["orders"][0], Reading)
