"""A feature that is not the market's own works through its declaration alone, and leaves no trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim.cli
from sim import registry
from sim.config import compose, market_sources
from sim.core.errors import ConfigError
from sim.core.params import Params
from sim.feature import Feature, Figure, act
from sim.market import Market
from sim.market.snapshot import world_key
from sim.measure import UNITS
from sim.mechanism import Phase
from sim.rules import Monitor, Response
from sim.runs.replicate import run_key
from sim.shocks.kinds import KINDS, ShockKind
from sim.store.results import load_results
from sim.store.sql import query
from sim.world.accounts import Account
from sim.world.people import Column
from tests.features.stamps import Stamps

ROOT = Path(__file__).parents[2]
SMALL = (
    "population.size=800",
    "experiment.burn_in_days=10",
    "experiment.warmup_days=1",
    "experiment.days=12",
    "turnover.exit_rate=0.01",
)
WITH = "tests.features.stamps"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def plain(cache):
    return Market.from_scenario("baseline", *SMALL, cache=cache).run()


@pytest.fixture(scope="module")
def stamped(cache):
    return Market.from_scenario("baseline", *SMALL, "stamps=generous", cache=cache, features=[Stamps]).run()


def shared(market: Market) -> dict[str, dict[str, np.ndarray]]:
    """The tables of a market, without what its instruments read of the feature's own."""
    tables = market.tables()
    seen = tables["observed"]
    of_market = ~np.char.startswith(seen["figure"], "stamps_")
    own = ~np.char.startswith(tables["names"]["name"], "stamps_")
    return tables | {
        "observed": {name: column[of_market] for name, column in seen.items()},
        "names": {name: column[own] for name, column in tables["names"].items()},
    }


def same(one: Market, other: Market) -> bool:
    """Whether two markets lived the same days, apart from what only one of them keeps."""
    tables, others, columns = shared(one), shared(other), one.world.people.columns
    return all(
        np.array_equal(column, others[table][name], equal_nan=column.dtype.kind == "f")
        for table, held in tables.items()
        for name, column in held.items()
    ) and all(np.array_equal(column, other.world.people.columns[name]) for name, column in columns.items())


def test_a_feature_without_an_effect_leaves_all_else_as_it_is(plain, cache):
    words = ("stamps.enabled=true", "stamps.per_order=7")
    market = Market.from_scenario("baseline", *SMALL, *words, cache=cache, features=[Stamps]).run()
    assert same(plain, market)
    assert market.kpis()["stamps_per_delivery"] == 7
    assert market.world.people.stamps_held.sum() > 0


def test_switched_off_it_keeps_no_column(plain, cache):
    market = Market.from_scenario("baseline", *SMALL, cache=cache, features=[Stamps]).run()
    assert same(plain, market)
    assert set(market.world.people.columns) == set(plain.world.people.columns)
    assert len(market.tables()["stamps_given"]["day"]) == 0
    assert np.isnan(market.kpis()["stamps_per_delivery"])


def test_what_it_keeps_is_what_it_recorded(stamped):
    """Newcomers start with nothing, whoever comes back finds what was left."""
    given = pd.DataFrame(stamped.tables()["stamps_given"]).groupby("person")["number"].sum()
    people = stamped.world.people
    expected = given.reindex(people.id, fill_value=0).to_numpy()
    assert stamped.world.counts.keys() >= {"exits"} or len(stamped.world.away["id"])
    np.testing.assert_array_equal(people.stamps_held, expected)
    daily = stamped.tables()["stamps_daily"]
    assert daily["held"][-1] == people.stamps_held.sum()
    assert list(np.diff(daily["day"])) == [1] * (len(daily["day"]) - 1)


def test_it_moves_what_it_should(plain, stamped):
    got = stamped.world.people.stamps_held > 0
    assert got.sum() > 10
    assert stamped.world.people.trust[got].mean() > plain.world.people.trust[got].mean() + 0.05


def test_a_burnt_in_world_does_not_depend_on_it_unless_it_says_so(plain, stamped):
    class Old(Stamps):
        world = True

    assert world_key(plain) == world_key(stamped)
    old = Market.from_scenario("baseline", *SMALL, features=[Old])
    assert world_key(old) != world_key(plain)
    keys = {run_key(market.config, 0) for market in (plain, stamped, old)}
    assert len(keys) == 3


def test_a_feature_of_the_world_is_part_of_its_snapshot(tmp_path):
    class Old(Stamps):
        world = True

    words = ("baseline", *SMALL, "stamps.enabled=true")
    one = Market.from_scenario(*words, cache=tmp_path, features=[Old]).run()
    again = Market.from_scenario(*words, cache=tmp_path, features=[Old]).run()
    assert same(one, again)
    assert len(list(tmp_path.rglob("*.npz"))) >= 1


GLUT = ("stamps.enabled=true", "stamps.per_order=40", "stamps.watch.ratio=2")


@pytest.fixture(scope="module")
def thrifty(cache):
    return Market.from_scenario("baseline", *SMALL, *GLUT, cache=cache, features=[Stamps]).run()


def test_its_monitor_fires_and_its_response_is_in_force(thrifty):
    """Forty stamps are too many: seen the morning after the first delivery, one stamp from noon on."""
    rows = thrifty.records.answers
    mine = rows["response"] == "stamps_thrift"
    steps = dict(zip(rows["step"][mine][:3].tolist(), rows["minute"][mine][:3].tolist(), strict=True))
    given = thrifty.tables()["stamps_given"]
    first = given["day"].min()
    assert steps[0] == (first + 1) * 1440
    assert steps[2] == (first + 1) * 1440 + 720
    number = {day: set(given["number"][given["day"] == day]) for day in range(first, first + 4)}
    assert number[first] == {40}
    assert all(number[day] <= {1} for day in range(first + 1, first + 4))
    assert set(rows["monitor"]) == {"stamps_glut"}
    assert thrifty.world.ledger.balance[Account.RESPONSES.key] >= 80


def test_its_pool_works_and_its_shock_strikes(cache):
    words = (
        *SMALL,
        "stamps.clerks.staff=20",
        "stamps.clerks.hours=10",
        "stamps.clerks.wage=3",
        "control.daily_budget=1",
    )
    shock = ("shock.kind=stamps_strike", "shock.start=3", "shock.size=0.9")
    made = Market.from_scenario(
        "baseline", *words, *shock, "stamps.enabled=true", cache=cache, features=[Stamps]
    ).run()
    assert len(made.world.teams["stamps_clerks"]) == 2
    spend = made.records.spend
    paid = spend["fen"][spend["kind"] == made.world.kinds.booking("stamps_print").kind]
    assert (paid == 2 * 30_00).sum() == 12
    capacity = made.tables()["daily"]["capacity_orders"]
    assert capacity[2] > 2 * capacity[3]


def test_it_leaves_no_trace():
    assert "stamps" not in market_sources().sections
    assert not any("stamps" in name for name in UNITS)
    with pytest.raises(ConfigError, match="unknown section 'stamps'"):
        compose(["stamps.enabled=true"])
    with pytest.raises(ConfigError, match=r"shock\.kind must be one of"):
        compose(["shock.kind=stamps_strike"])
    with pytest.raises(ConfigError, match=r"rules\.named\.x\.figure must be one of"):
        compose(["rules.named.x.figure=stamps_per_delivery"])
    assert "stamps_strike" not in KINDS


def test_options_are_refused_as_the_markets_own_are():
    sources = market_sources([Stamps])
    with pytest.raises(ConfigError, match=r"there is no option 'generos'; did you mean 'generous'"):
        compose(["stamps=generos"], sources=sources)
    with pytest.raises(ConfigError, match=r"stamps.per_order must be 1..100 stamps/delivery"):
        compose(["stamps.per_order=0"], sources=sources)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_sweep_on_two_processes_equals_one_that_is_made_in_turn(desk):
    words = [
        "sweep", *SMALL, "scenario=baseline", "stamps.enabled=true", "stamps.per_order=1,3",
        "stamps.watch.ratio=2", "shock.kind=stamps_strike", "shock.start=2", "experiment.replications=2",
    ]  # fmt: skip
    for engine in (["engine=serial"], ["engine=local", "engine.workers=2"]):
        line = ["--with", WITH, *words, *engine, f"paths.results={engine[0][7:]}"]
        done = subprocess.run(
            [sys.executable, "-m", "sim", *line], cwd=desk, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    frames = [load_results(name).totals.drop(columns="strategy") for name in ("serial", "local")]
    pd.testing.assert_frame_equal(*frames)
    units = frames[0].set_index("name")["unit"]
    assert set(units["stamps_per_delivery"]) == {"stamps/delivery"}
    stored = json.loads(next(Path("serial/sweeps").rglob("values-*.json")).read_text())
    assert stored["features"] == ["tests.features.stamps:Stamps"]


def test_compare_and_report_know_it(desk, capsys):
    words = [
        "stamps.enabled=true", "stamps.per_order=3", "stamps.watch.ratio=2", *SMALL,
        "experiment.replications=2", "store.level=events",
    ]  # fmt: skip
    assert sim.cli.main(["--with", WITH, "compare", "flat_cash_referral", *words]) == 0
    totals = load_results("results").totals
    assert (totals["name"] == "stamps_in_all").any()
    found = query("results", "select sum(number) as n from stamps_given")
    counted = totals[totals["name"] == "stamps_in_all"]["value"].sum()
    assert found["n"].iloc[0] == counted
    assert load_results("results").events("stamps_given")["number"].sum() == counted
    answers = query("results", "select distinct monitor, response from answers")
    assert ("stamps_glut", "stamps_thrift") in set(answers.itertuples(index=False, name=None))
    capsys.readouterr()
    assert sim.cli.main(["--with", WITH, "list", "rules"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in ("stamps_glut", "stamps_thrift", "stamps_clerks", "stamps_strike"))
    assert sim.cli.main(["--with", f"{WITH}:Stamps", "list", "parameters", "stamps"]) == 0
    assert "Trust that one stamp brings." in capsys.readouterr().out
    assert not registry.added()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--with", "no_such_module_at_all", "list"], "module 'no_such_module_at_all' cannot be imported"),
        (["--with", "json", "list"], "module 'json' holds no subclass of sim.feature.Feature"),
        (["--with", f"{WITH}:Coupons", "list"], "has no feature 'Coupons'"),
        (["--with=no_such_module_at_all", "list"], "module 'no_such_module_at_all' cannot be imported"),
        (["--with=", "list"], "--with: must be followed by a module"),
        (["--wit", "json", "list"], "argument VERB"),
        (["list", "--with"], "--with: must be followed by a module"),
        (["--with", "list=1"], "--with: must be followed by a module"),
    ],
)
def test_what_cannot_be_added_is_refused_in_one_line(words, told, capsys):
    assert sim.cli.main(words) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line


class Wrong(Stamps):
    """Everything that a monitor, a response and a shock may name wrongly."""

    section = "wrong"
    columns = events = gauges = {}  # noqa: RUF012 (features are declared so, and nothing changes it)
    figures = ()
    options = None
    declares = (
        Monitor("wrong_monitor", "Watches nothing.", "happiness", "watch"),
        Response(
            "wrong_one", "Answers nobody.", "nobody", "answer", lambda p, c: {"fraud.detection": 1.0}, "cooks"
        ),
    )


class Calm(Wrong):
    """A shock that moves nothing there is."""

    section = "calm"
    declares = (ShockKind("calm_sea", "nothing", "A-996", {"waves": 1.0}),)


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (Wrong, "there is no figure 'happiness'"),
        (Wrong, "there is no monitor 'nobody'"),
        (Wrong, "there is no pool 'cooks'"),
        (Wrong, "'fraud.detection' is no lever"),
        (Calm, "shock 'calm_sea' moves 'waves', which is no condition"),
    ],
)
def test_a_declaration_that_names_what_is_not_there_is_refused(feature, told):
    with pytest.raises(ConfigError) as error:
        compose([f"{feature.section}.enabled=true"], sources=market_sources([feature]))
    assert any(told in line for line in error.value.problems), error.value.problems


class NoParams(Feature):
    section = "no_params"
    Params = dict


class Taken(Stamps):
    section = "trust"


class Foreign(Feature):
    section = "foreign"
    Params = Params
    columns = {"trust": Column("int32", "taken", start=0)}  # noqa: RUF012 (features are declared so, and nothing changes it)
    figures = (Figure("organic_traffic_share", "taken", "share", over=lambda tables: np.zeros(1)),)
    events = {"foreign_events": {"person": ("int64", "nobody knows when")}}  # noqa: RUF012 (features are declared so, and nothing changes it)


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (Taken, "there is a section 'trust' already"),
        (NoParams, "Params must be a subclass of sim.core.params.Params"),
        (Foreign, "'trust' must begin with 'foreign_'"),
        (Foreign, "'organic_traffic_share' must begin with 'foreign_'"),
        (Foreign, "event table 'foreign_events' must have a column 'day'"),
        (Market, "must be a subclass of sim.feature.Feature"),
        ("stamps", "must be a subclass of sim.feature.Feature"),
    ],
)
def test_a_feature_that_takes_what_is_taken_is_refused(feature, told):
    with pytest.raises(ConfigError) as error:
        market_sources([feature])
    assert any(told in line for line in error.value.problems)


def test_acts_of_one_feature_run_as_written():
    seen = []

    class Steps(Feature):
        section = "steps"

        @act(Phase.SETTLE, writes=["records.spend"])
        def z_first(self, world, draw):
            """Written first."""
            seen.append("first")

        @act(Phase.SETTLE, reads=["people.trust"])
        def a_second(self, world, draw):
            """Written second."""
            seen.append("second")

    Market.from_scenario("baseline", *SMALL, "experiment.burn_in_days=0", features=[Steps]).run(2)
    assert seen == ["first", "second"] * 2
