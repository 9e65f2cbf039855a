"""Plans in stages: gates, money by stage, and that stages change nothing but what they say."""

from __future__ import annotations

import numpy as np
import pytest

import sim.cli
from sim.config import compose
from sim.core.errors import ConfigError
from sim.market import Market
from sim.world.world import WAITING
from tests.conftest import LIVELY
from tests.market.worlds import digest, events

SMALL = (
    "population.size=500", "experiment.burn_in_days=6", "experiment.warmup_days=0", "experiment.days=9",
)  # fmt: skip
THREE = (
    "plan.stages.pilot.days=3", "plan.stages.pilot.levers.pricing.list_level=0.95",
    "plan.stages.rollout.days=3", "plan.stages.rollout.options.incentive=flat_cash",
    "plan.stages.scale.levers.group_buy.enabled=true",
)  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("stages")


def market(cache, *words, replication=0):
    return Market(compose([*SMALL, *words]), replication, cache)


def gate(figure="visits", rule="at_least", value=0.0, **more):
    words = {"figure": figure, "rule": rule, "value": value, **more}
    return [f"plan.stages.pilot.gate.{key}={value}" for key, value in words.items()]


def decided(one):
    rows = one.tables()["stages"]
    first = one.first_measured_day
    return list(
        zip((rows["day"] - first).tolist(), rows["stage"].tolist(), rows["event"].tolist(), strict=True)
    )


def test_stages_that_say_the_same_are_the_plan_without_stages(cache):
    same = "levers.pricing.list_level=1.0"
    plain = market(cache).run()
    staged = market(cache, "plan.stages.a.days=4", f"plan.stages.a.{same}", f"plan.stages.b.{same}").run()
    of = ("stages", "stage_days")
    told, untold = events(staged.world), events(plain.world)
    assert all(
        np.array_equal(told[table][column], values, equal_nan=values.dtype.kind == "f")
        for table, columns in untold.items()
        if table not in of
        for column, values in columns.items()
    )
    assert staged.world.ledger.balance == plain.world.ledger.balance
    assert staged.kpis() == pytest.approx(plain.kpis(), nan_ok=True, rel=0, abs=0)


def test_three_stages_follow_one_another_and_each_has_its_levers(cache):
    one = market(cache, *THREE).run()
    assert decided(one) == [(0, "pilot", "begins"), (3, "rollout", "begins"), (6, "scale", "begins")]
    tables, first = one.tables(), one.first_measured_day
    rewards, groups = tables["rewards"]["day"] - first, tables["group_buys"]["day"] - first
    assert not (rewards < 3).any()
    assert not (groups < 6).any()
    assert one.world.operator.terms.list_level == 1.0
    assert (tables["stage_days"]["stage"] == np.repeat(["pilot", "rollout", "scale"], 3)).all()


def test_the_first_stage_does_not_know_of_the_second(cache):
    alone, staged = (
        market(cache).run(),
        market(cache, "plan.stages.a.days=4", "plan.stages.b.options.incentive=flat_cash").run(),
    )
    until = alone.first_measured_day + 4
    a, b = (events(one.world, before_day=until) for one in (alone, staged))
    for table in ("visits", "orders", "registrations", "deliveries", "spend"):
        assert all(np.array_equal(a[table][column], b[table][column]) for column in a[table])
    assert len(b["touches"]["touch"]) >= 0
    assert not np.array_equal(
        events(alone.world)["visits"]["visit_id"], events(staged.world)["visits"]["visit_id"]
    )


def test_a_gate_lets_one_plan_go_on_and_stops_another(cache):
    passed = market(cache, *THREE, *gate(value=1.0, over=3)).run()
    stopped = market(cache, *THREE, *gate(value=1e9, over=3)).run()
    assert decided(passed)[1:3] == [(3, "pilot", "goes on"), (3, "rollout", "begins")]
    assert decided(stopped) == [(0, "pilot", "begins"), (3, "pilot", "stops")]
    assert stopped.world.operator.terms.list_level == stopped.baseline.pricing.list_level
    assert set(stopped.tables()["stage_days"]["stage"][3:]) == {"baseline"}
    assert not len(stopped.tables()["rewards"]["day"])


def test_a_gate_fails_in_one_world_and_passes_in_another(cache):
    """The threshold lies between what two worlds show, so that the same plan takes two courses."""
    free = [market(cache, *THREE, *gate(value=0.0, over=3), replication=k).run(4) for k in (0, 1)]
    shown = [float(one.tables()["stages"]["value"][1]) for one in free]
    assert shown[0] != shown[1]
    between = gate(value=sum(shown) / 2, over=3)
    taken = [decided(market(cache, *THREE, *between, replication=k).run(4))[1][2] for k in (0, 1)]
    assert sorted(taken) == ["goes on", "stops"]
    assert taken[int(np.argmax(shown))] == "goes on"


def test_what_a_gate_sees_is_what_was_counted_in_its_stage(cache):
    one = market(cache, *THREE, *gate(figure="orders", over=30)).run(4)
    rows, orders = one.tables()["stages"], one.tables()["orders"]["day"] - one.first_measured_day
    assert rows["value"][1] == pytest.approx((orders < 3).sum() / 3)


def test_a_gate_waits_no_longer_than_it_may(cache):
    one = market(cache, *THREE, *gate(value=1e9, over=3, wait=2)).run()
    assert [(day, event) for day, _, event in decided(one)] == [
        (0, "begins"),
        (3, "waits"),
        (4, "waits"),
        (5, "stops"),
    ]


def test_an_unclear_gate_is_not_passed(cache):
    """A figure of which the instruments show nothing at all."""
    one = market(cache, *THREE, *gate(figure="late_rate", rule="at_most", value=1.0, over=1))
    one.run(3)
    one.world.observed.readings["late_rate"].clear()
    one.run(4)
    rows = one.tables()["stages"]
    assert rows["event"].tolist() == ["begins", "stops"]
    assert np.isnan(rows["value"][1])


def test_money_that_is_not_released_stays_unspent(cache):
    words = ("plan.stages.a.days=4", "plan.stages.a.release=0.5", "plan.stages.b.release=1.5")
    one, plain = market(cache, *words).run(), market(cache).run()
    days = one.tables()["stage_days"]
    budget, released, held = (days[f"{what}_fen"].astype(int) for what in ("budget", "released", "held"))
    assert (released[:4] == np.round(budget[:4] * 0.5)).all()
    assert (held == np.cumsum(budget - released)).all()
    assert (held >= 0).all()
    assert (
        one.world.operator.allowance_fen
        == released.sum()
        <= budget.sum()
        == plain.world.operator.allowance_fen
    )
    spent = one.tables()["spend"]
    assert spent["fen"][spent["day"] < one.first_measured_day + 4].sum() <= released[:4].sum()


def test_who_leaves_group_buy_in_a_stage_leaves_no_order_waiting(cache):
    stage = "plan.stages.a.levers.group_buy"
    words = ("plan.stages.a.days=4", f"{stage}.enabled=true", f"{stage}.size=9")
    words = (*words, f"{stage}.deadline=60", "group_buy.pool_people=0", "plan.stages.b.release=1", *LIVELY)
    one = market(cache, *words).run()
    ended = one.tables()["group_buys"]
    assert (ended["day"] - one.first_measured_day >= 4).any(), "groups were open when it was left"
    assert not one.world.groups
    assert not (one.world.orders["status"][: len(one.world.orders)] == WAITING).any()


def test_played_again_a_plan_gives_the_same_bytes(cache):
    """A run that was killed in stage two is played again from its snapshot."""
    words = (*THREE, *gate(value=1.0, over=3))
    killed = market(cache, *words).run(5)
    assert killed.world.stage.name == "rollout"
    assert digest(market(cache, *words).run()) == digest(market(cache, *words).run())


WRONG = {
    "plan.stages.pilot.levers.population.size=900": r"levers\.population\.size is no lever: it belongs",
    "plan.stages.pilot.levers.fraud.detection=0.5": r"fraud\.detection is no lever",
    "plan.stages.pilot.levers.experiment.days=5": r"experiment\.days is no lever",
    "plan.stages.pilot.levers.plan.stages.x.days=5": r"levers\.plan cannot change",
    "plan.stages.pilot.levers.pricing.list_levle=1": r"list_levle is no key; did you mean 'list_level'",
    "plan.stages.pilot.levers.pricing.list_level=-1": r"pricing\.list_level must be .*wrote -1",
    "plan.stages.pilot.options.pricing=cupon": r"options\.pricing must name an option .*mean 'coupon'",
    "plan.stages.pilot.options.prcing=coupon": r"options\.prcing is no section",
    "plan.stages.pilot.options.graph=barabasi_albert": r"options\.graph sets graph\.kind",
    "plan.stages.pilot.days=99": r"days \(you wrote 99\) must end within the 9 measured",
    "plan.stages.pilot.days=-1": r"plan\.stages\.pilot\.days must be",
    "plan.stages.pilot.until=2025-05-06": r"plan\.stages\.pilot must have one length",
    "plan.stages.scale.days=2": r"scale\.days ends before the measured days do, on .*wrote 2",
    "plan.stages.rollout={until:2025-05-01}": r"rollout must have one length|rollout\.until must",
    "plan.stages.pilot.gate.figure=acquisition_costs": r"must name a figure .*did you mean acquisition_cost",
    "plan.stages.scale.gate.figure=visits": r"scale\.days must be given .*its gate stands at its end",
    "plan.stages.baseline.days=3": r"plan\.stages must not be named 'baseline'",
    "rules.named.it={figure:visits,levers:{plan.stages.pilot.days:2}}": r"'plan\.\S+ is no lever",
    "plan.stages.Bad.days=3": r"plan\.stages must have names",
    "plan.stages.pilot.sahre=0.2": r"sahre: unknown key; did you mean 'share'",
    "plan.stages.pilot=5": r"plan\.stages\.pilot must be a mapping",
    "plan.stages=[a]": r"plan\.stages must be a mapping",
    "plan.stages.pilot.release=-1": r"release must be",
    "plan.stages.pilot.number=2": r"need a number each",
    "plan.stages.pilot.levers.group_buy=5": r"group_buy must hold levers",
}  # fmt: skip


@pytest.mark.parametrize("word", WRONG)
def test_wrong_plans_are_refused_in_one_clear_line(word):
    with pytest.raises(ConfigError, match=WRONG[word]):
        compose([*SMALL, *THREE, word])


@pytest.mark.parametrize(
    ("until", "said"),
    [("2025-05-01", "must not lie before the first measured day"), ("2026-05-01", "must end within"),
     ("2025-02-30", "must be a day of the calendar"), ("tomorrow", "must be a date written as 2025-06-30")],
)  # fmt: skip
def test_wrong_dates_are_refused(until, said):
    with pytest.raises(ConfigError, match=said):
        compose([*SMALL, f"plan.stages.a.until='{until}'", "plan.stages.b.levers.pricing.list_level=0.9"])


def test_a_stage_is_what_its_words_at_the_end_of_the_line_would_make():
    """An option lies under the lines of the command line, whatever it says itself."""
    staged = compose(
        [
            *SMALL,
            "incentive.invite_reward=7",
            "plan.stages.a.days=2",
            "plan.stages.b.options.incentive=flat_cash",
        ]
    )
    whole = compose([*SMALL, "incentive.invite_reward=7", "incentive=flat_cash"])
    from sim.levers import with_levers

    assert with_levers(staged, staged.plan.stages["b"].levers).incentive == whole.incentive


def test_the_calendar_verb_tells_stages_gates_and_money(capsys):
    words = [*THREE, "plan.stages.pilot.release=0.5", *gate("acquisition_cost", "at_most", 25, wait=7)]
    assert sim.cli.main(["plan", "baseline", "experiment.days=9", *words]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for said in (
        "pilot 3",
        "rollout 3",
        "scale 3",
        "17%",
        "pricing.list_level=0.95",
        "acquisition_cost <= 25",
    ):
        assert said in text


def test_the_calendar_verb_says_what_a_stage_meets_and_how_late_its_gate_sees(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    words = [*THREE, *gate("visits", "at_least", 5), "instruments.delay=2", "calendar=china"]
    words += ["calendar.start=2025-06-15", "calendar.mid_year.presale_days=0", "calendar.mid_year.dip_days=0"]
    words += ["shock=downturn", "shock.start=4", "shock.days=1", "shock.recovery=0"]
    assert sim.cli.main(["plan", "baseline", "experiment.days=9", *words]) == 0
    told = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "mid_year" in told["pilot"]
    assert "seen 2 days late" in told["pilot"]
    assert "downturn, mid_year" in told["rollout"]
    assert "–" in told["scale"]


def test_a_gate_cannot_look_at_what_its_stage_switches_off():
    from sim.config import market_sources
    from tests.features.stamps import Stamps

    words = ["plan.stages.a.days=3", "plan.stages.b.release=1", "plan.stages.a.gate.figure=stamps_in_all"]
    sources = market_sources([Stamps])
    with pytest.raises(ConfigError, match="is read by a feature that this stage switches off"):
        compose([*SMALL, *words], sources=sources)
    assert compose([*SMALL, *words, "plan.stages.a.levers.stamps.enabled=true"], sources=sources)
