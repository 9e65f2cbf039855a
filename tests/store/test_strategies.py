"""Runs are one strategy by their settings: no reader pools or pairs two settings of one scenario."""

import copy
import json
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.analysis.differences import difference_table, scenario_pairs
from sim.analysis.target_table import target_table
from sim.report.comparison import Comparison
from sim.store.last import Command, last, note
from sim.store.results import load_results
from sim.store.sql import query
from sim.store.store import Store
from sim.store.strategies import by_options, differing
from tests.report.synthetic import CONFIG, fake_run

WORLDS = 3
FIGURE = "order_conversion"


def config_with(key, value):
    """The usual settings with one of them changed."""
    config = copy.deepcopy(CONFIG)
    section, _, name = key.partition(".")
    config.setdefault(section, {})[name] = value
    return config


def stored(store, scenario, lift, key="pricing.coupon", value=0.0, base=0.0, **more):
    """Runs of one setting in every world, each paired with the baseline's; their figure by hand."""
    seen = []
    for world in range(WORLDS):
        run = fake_run(scenario, world, lift, **more)
        # The name of a run stands for all its settings.
        named = {
            **run.info,
            "key": f"{scenario}_{lift:g}_{value}_{world}".replace(".", "p").replace("-", "m"),
        }
        named["baseline_key"] = f"baseline_{base:g}_{base}_{world}".replace(".", "p")
        store.write(replace(run, info=named), config_with(key, value))
        seen.append(run.kpis[FIGURE])
    return np.array(seen)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results", level="daily")


@pytest.fixture
def mixed(store):
    """A baseline, two settings of one scenario and one of another; their figures by hand."""
    return {
        "baseline": stored(store, "baseline", 0.0, value=0.0),
        "coupon (pricing.coupon=5)": stored(store, "coupon", 0.2, value=5.0),
        "coupon (pricing.coupon=9)": stored(store, "coupon", 0.4, value=9.0),
        "group_buy": stored(store, "group_buy", 0.1, value=1.0),
    }


def test_every_frame_names_the_strategy_so_that_a_plain_group_by_is_right(store, mixed):
    results = load_results(store.root)
    assert results.scenarios == ["baseline", "coupon", "group_buy"]
    assert results.strategies == list(mixed)
    means = results.totals.query("name == @FIGURE").groupby("strategy")["value"].mean()
    table = results.totals.pivot_table(index="name", columns="strategy", values="value")
    for name, by_hand in mixed.items():
        assert means[name] == pytest.approx(by_hand.mean())
        assert table.loc[FIGURE, name] == pytest.approx(by_hand.mean())
        assert results.values(name)[FIGURE].to_numpy() == pytest.approx(by_hand)
    for frame in (results.daily, results.breakdown, results.runs):
        assert set(frame["strategy"]) == set(mixed)
        assert set(frame.loc[frame["scenario"] == "coupon", "strategy"]) == {
            name for name in mixed if name.startswith("coupon")
        }


def test_the_documented_questions_to_duckdb_keep_settings_apart(store, mixed):
    asked = query(store.root, f"""
        select strategy, avg(value) as mean, count(*) as worlds
        from totals join strategies using (experiment, scenario, key)
        where name = '{FIGURE}' group by all
    """).set_index("strategy")  # fmt: skip
    assert asked["mean"].to_dict() == pytest.approx({name: seen.mean() for name, seen in mixed.items()})
    assert set(asked["worlds"]) == {WORLDS}
    plain = query(store.root, f"""
        select scenario, variant, seed, avg(value) as mean from totals where name = '{FIGURE}' group by all
    """)  # fmt: skip
    assert sorted(plain["mean"]) == pytest.approx(sorted(seen.mean() for seen in mixed.values()))


def test_each_strategy_is_paired_and_a_bare_scenario_means_its_newest_settings(store, mixed):
    results = load_results(store.root)
    frame = difference_table(scenario_pairs(results), [FIGURE]).set_index("scenario")
    for name in list(mixed)[1:]:
        assert frame.loc[name, "value"] == pytest.approx((mixed[name] - mixed["baseline"]).mean())
        assert frame.loc[name, "n"] == WORLDS
    with pytest.warns(
        UserWarning, match=r"several settings; this is coupon \(pricing.coupon=9\), not coupon"
    ):
        card = results.scorecard("coupon").set_index("kpi")
    assert card.loc[FIGURE, "value"] == pytest.approx(mixed["coupon (pricing.coupon=9)"].mean())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in mixed:
            card = results.scorecard(name).set_index("kpi")
            assert card.loc[FIGURE, "value"] == pytest.approx(mixed[name].mean())


def test_a_lever_on_the_baseline_is_a_strategy_beside_it(store):
    plain = stored(store, "baseline", 0.0, value=0.0)
    cash = stored(store, "baseline", 0.3, value=7.0)
    results = load_results(store.root)
    assert results.strategies == ["baseline", "baseline (pricing.coupon=7)"]
    (pair,) = scenario_pairs(results)
    assert (pair.mine[FIGURE] - pair.base[FIGURE]).to_numpy() == pytest.approx(cash - plain)
    table = target_table(results).set_index(["scenario", "name"])
    assert table.loc[("baseline (pricing.coupon=7)", FIGURE), "n"] == WORLDS


def test_the_last_command_is_what_is_compared_even_if_its_runs_are_old(store, mixed):
    results = load_results(store.root)
    runs = results.runs[results.runs["strategy"].isin(["baseline", "coupon (pricing.coupon=5)"])]
    asked = tuple(zip(runs["scenario"], runs["key"], strict=True))
    note(store.root, Command("compare", "trial", asked, "baseline shares: nothing"))
    newest = load_results(store.root).newest()
    assert newest.strategies == ["baseline", "coupon"]
    by_hand = mixed["coupon (pricing.coupon=5)"]
    assert newest.values("coupon")[FIGURE].to_numpy() == pytest.approx(by_hand)
    comparison = Comparison.asked(load_results(store.root, "trial"), last(store.root))
    assert comparison.scenarios == ("baseline", "coupon")
    assert comparison.level("coupon", FIGURE).value == pytest.approx(by_hand.mean())
    spend = comparison.results.breakdown
    assert set(spend["strategy"]) == {"baseline", "coupon"}


def test_two_experiments_with_the_same_runs_keep_their_own_place(store):
    for experiment in ("e1", "e2"):
        for world in range(WORLDS):
            run = fake_run("baseline", world, experiment=experiment)
            run.info["key"] = f"same_{world}"
            store.write(run, CONFIG)
    runs = load_results(store.root).runs
    one = load_results(store.root).at({("e2", "baseline", "same_0")})
    assert len(runs) == 2 * WORLDS
    assert one.runs["experiment"].tolist() == ["e2"]


def test_a_torn_note_of_the_last_command_stops_nobody(store, mixed):
    path = store.root / "reports" / "trial.json"
    path.parent.mkdir()
    for text in ("", "{", "[]", json.dumps({"verb": "run", "experiment": "trial", "runs": 3, "pairing": ""})):
        path.write_text(text)
        assert last(store.root) is None
        assert not load_results(store.root).newest().runs.empty


KEYS = st.sampled_from(
    ["pricing.coupon", "experiment.days", "population.size", "returns.delay", "targets.retention_1d",
     "experiment.burn_in_days", "catalog.price", "graph.path"]
)  # fmt: skip


@given(KEYS, st.lists(st.integers(1, 99), min_size=2, max_size=4, unique=True))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_key_differs_no_mean_mixes_two_values(tmp_path_factory, key, values):
    store = Store(tmp_path_factory.mktemp("results"), level="totals")
    by_hand = {value: stored(store, "coupon", value / 300, key, value) for value in values}
    results = load_results(store.root)
    assert set(results.strategies) == {f"coupon ({key}={value})" for value in values}
    means = results.totals.query("name == @FIGURE").groupby("strategy")["value"].mean()
    for value, seen in by_hand.items():
        assert means[f"coupon ({key}={value})"] == pytest.approx(seen.mean())


def test_seed_and_version_of_the_code_are_settings_too(store):
    stored(store, "coupon", 0.1, seed=1)
    for world in range(WORLDS):
        run = fake_run("coupon", world, 0.2, seed=2)
        store.write(run, CONFIG)
        run = fake_run("coupon", world, 0.3)
        run.info["code"] = "abc"
        store.write(run, CONFIG)
    strategies = load_results(store.root).strategies
    assert len(strategies) == 3
    assert any("experiment.seed=2" in name for name in strategies)
    assert any("code=abc" in name for name in strategies)


def test_many_differing_keys_are_counted_not_all_written():
    one = {f"k{n}": "1" for n in range(9)}
    assert differing([one, dict.fromkeys(one, "2")])[1] == "k0=2, k1=2, k2=2, k3=2, 5 more"
    assert differing([one, one]) == ["", ""]


def test_an_option_is_told_by_its_name_and_not_by_the_keys_that_it_sets():
    """``run community=three_levels``: one word was written, and one word names it."""
    off = {"community.enabled": "False", "community.staff": "1", "pet.price": "9", "engine.kind": "serial"}
    on = {**off, "community.enabled": "True", "community.staff": "0.3", "engine.kind": "local"}
    chosen = [
        {"community": "none", "engine": "serial", "pet": "default"},
        {"community": "three", "engine": "local", "pet": "dear"},
    ]
    told = differing(by_options([off, on], chosen))
    assert told == ["community=none, engine.kind=serial", "community=three, engine.kind=local"]
    # a key beside the option tells two runs of one option apart
    more = {**on, "community.staff": "5"}
    told = differing(by_options([off, on, more], [*chosen, chosen[1]]))
    assert told[1] == "community=three, community.staff=0.3, engine.kind=local"
    assert len(set(told)) == 3
    # runs of an earlier version noted no options
    assert differing(by_options([off, on], [{}, {}])) == differing([off, on])


def test_a_stored_option_names_its_strategy(store):
    for world in range(WORLDS):
        for value, option in ((0.0, "list"), (3.0, "coupon")):
            run = fake_run("baseline", world, value)
            info = {**run.info, "key": f"b{value:g}_{world}", "baseline_key": f"b0_{world}"}
            config = config_with("pricing.coupon", value)
            store.write(replace(run, info={**info, "options": {"pricing": option}}), config)
    assert load_results(store.root).strategies == ["baseline", "baseline (pricing=coupon)"]
