"""The report of a sweep says what its runs say: its numbers are counted again here, one world at a time."""

import html
import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim.cli
import sim.report.html
from sim.analysis.responses import mean_interval, responses, swept
from sim.core.errors import StoreError
from sim.measure.scorecard import joint_probability
from sim.report.sentences import PROFIT
from sim.report.sweep import levers, page
from sim.report.sweep.effects import by_world, cells, contrasts, rank_correlations, ranks
from sim.report.sweep.heat import mark, pairs
from sim.report.sweep.missing import missing
from sim.report.sweep.paired import best, drawn_rows, forest, paired
from sim.report.sweep.search import two_front
from sim.report.sweep.sentences import headline
from sim.report.sweep.study import Study
from sim.report.sweep.targets import ALL, ranked, target_counts
from sim.store import manifest
from sim.store.manifest import Job
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, fake_run
from tests.report.test_report import Tags

REWARD, PRICE = "incentive.invite_reward", "pricing"
BASE = fake_run().kpis
WORLDS = 4


def levels(scenario, reward, price, world, rng):
    """Indicators of one run: the world's luck, the strategy's effect, and a little noise."""
    effect = 0.03 * reward + (0.1 if price == "coupon" else 0.0) + (0.05 if scenario == "group_buy" else 0.0)
    return {k: v * (1 + 0.2 * world) + effect + 0.01 * rng.normal() for k, v in BASE.items()}


def job(key, scenario, world, overrides, added=False):
    return Job(
        key,
        scenario,
        world,
        {},
        overrides,
        f"w{world}",
        f"base{world}",
        added,
        "values-0000000000000000.json",
        0,
    )


def put(store, key, scenario, world, kpis):
    run = fake_run(scenario, world)
    run.info.update(key=key, experiment="grid", world=f"w{world}")
    run.kpis = kpis
    store.write(run, CONFIG)


def write_sweep(root, configurations, worlds=WORLDS, absent=(), measured=levels):
    """A store with the baseline and every configuration (scenario, swept values) in every world."""
    store, rng, jobs, told = Store(root, level="totals"), np.random.default_rng(5), [], {}
    for world in range(worlds):
        told["base", world] = measured("baseline", 0, "list", world, rng)
        put(store, f"base{world}", "baseline", world, told["base", world])
        for number, (scenario, values) in enumerate(configurations):
            key = f"c{number}_{world}"
            jobs.append(job(key, scenario, world, {"scenario": scenario, **values}))
            told[number, world] = measured(
                scenario, values.get(REWARD, 0), values.get(PRICE, "list"), world, rng
            )
            if (number, world) not in absent:
                put(store, key, scenario, world, told[number, world])
    jobs += [job(f"base{world}", "baseline", world, {}, added=True) for world in range(worlds)]
    manifest.write(root, "grid", jobs, {})
    return told


GRID = [
    (scenario, {REWARD: float(reward), PRICE: price})
    for scenario, reward, price in itertools.product(
        ("coupon_war", "group_buy"), (0, 5, 10), ("list", "coupon")
    )
]


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    root = tmp_path_factory.mktemp("grid")
    told = write_sweep(root, GRID)
    return Study.of(load_results(root, "grid")), told


@pytest.fixture(scope="module")
def told_page(grid):
    return page.render(grid[0])


@pytest.fixture
def no_figures(monkeypatch):
    """Drawing takes seconds; some pages are read for their words alone."""
    for name in ("forest", "tornado", "alone", "clouds", "curves", "heat"):
        monkeypatch.setattr(page, name, lambda *_: "")


def changes(told, number, name, worlds=range(WORLDS)):
    return np.array([told[number, w][name] - told["base", w][name] for w in worlds])


def t_bounds(values, confidence=0.95):
    return stats.t.interval(confidence, len(values) - 1, np.mean(values), stats.sem(values))


@pytest.mark.reference
def test_tidy_responses_are_means_and_paired_means_with_t_intervals(grid):
    study, told = grid
    frame = responses(study.results).set_index(["configuration", "name"])
    for number, name in itertools.product(range(len(GRID)), ("order_conversion", PROFIT)):
        row = frame.loc[(number, name)]
        mine = [told[number, w][name] for w in range(WORLDS)]
        assert row["mean"] == pytest.approx(np.mean(mine))
        assert (row["low"], row["high"]) == pytest.approx(t_bounds(mine))
        change = changes(told, number, name)
        assert row["change"] == pytest.approx(change.mean())
        assert (row["change_low"], row["change_high"]) == pytest.approx(t_bounds(change))
        assert (row["n"], row["pairs"]) == (WORLDS, WORLDS)
        assert (row["scenario"], row[REWARD], row[PRICE]) == (GRID[number][0], *GRID[number][1].values())


@pytest.mark.reference
def test_cells_average_within_worlds_first(grid):
    study, told = grid
    found = cells(study, PROFIT, [REWARD, PRICE]).set_index([REWARD, PRICE])
    for reward, price in itertools.product((0.0, 5.0, 10.0), ("list", "coupon")):
        members = [n for n, (_, v) in enumerate(GRID) if (v[REWARD], v[PRICE]) == (reward, price)]
        worlds = np.mean([changes(told, n, PROFIT) for n in members], axis=0)
        row = found.loc[(reward, price)]
        assert row["mean"] == pytest.approx(worlds.mean())
        assert (row["low"], row["high"]) == pytest.approx(t_bounds(worlds))


@pytest.mark.reference
def test_contrasts_hold_for_all_pairs_of_values_together(grid):
    study, told = grid
    row = contrasts(study, PROFIT).set_index("key").loc[REWARD]
    sides = [
        np.mean([changes(told, n, PROFIT) for n, (_, v) in enumerate(GRID) if v[REWARD] == end], axis=0)
        for end in (row["first"], row["second"])
    ]
    assert (row["first"], row["second"]) == (0.0, 10.0)
    assert row["value"] == pytest.approx((sides[1] - sides[0]).mean())
    # Three pairs of rewards, one of scenarios, one of prices.
    assert (row["low"], row["high"]) == pytest.approx(t_bounds(sides[1] - sides[0], 1 - 0.05 / 5))


@pytest.mark.reference
def test_differences_and_the_best_one_are_counted_world_by_world(grid):
    study, told = grid
    frame = paired(study, PROFIT)
    for number in range(len(GRID)):
        change = changes(told, number, PROFIT)
        assert frame.loc[number, "value"] == pytest.approx(change.mean())
        family = len(GRID) * len(study.main)
        ends = frame.loc[number, ["wide_low", "wide_high"]].astype(float)
        assert tuple(ends) == pytest.approx(t_bounds(change, 1 - 0.05 / family))
    top = best(study)
    means = [changes(told, n, PROFIT).mean() for n in range(len(GRID))]
    assert top.configuration == int(np.argmax(means))
    gaps = [
        changes(told, top.configuration, PROFIT) - changes(told, n, PROFIT)
        for n in range(len(GRID))
        if n != top.configuration
    ]
    assert top.rivals == sum(t_bounds(gap, 1 - 0.05 / len(gaps))[0] <= 0 for gap in gaps)


@pytest.mark.reference
def test_target_shares_equal_a_count_over_worlds(grid):
    study, told = grid
    counts = target_counts(study).set_index(["configuration", "name"])
    base = [told["base", w] for w in range(WORLDS)]
    for number in range(len(GRID)):
        mine = [told[number, w] for w in range(WORLDS)]
        joint = joint_probability(mine, base, study.targets)
        row = counts.loc[(number, ALL)]
        wanted = [np.nan if value is None else value for value in joint[:3]]  # not observable is no number
        assert [row["probability"], row["low"], row["high"]] == pytest.approx(wanted, nan_ok=True)
        order = counts.loc[(number, "order_conversion")]
        assert order["met"] == sum(
            run["order_conversion"] > study.targets["order_conversion"] for run in mine
        )


def test_page_prints_these_numbers(grid, told_page):
    study, told = grid
    counts = target_counts(study)
    lines = headline(study, counts)
    assert len(lines) >= 5
    assert all(line in html.unescape(told_page) for line in lines)
    top = best(study)
    assert f"{changes(told, top.configuration, PROFIT).mean():+,.2f} CNY per 1,000" in told_page
    assert "12 configurations in 4 worlds each, 48 of 48 runs" in told_page
    row = re.search(rf'scope="row">{study.labels[0]}</th>.*?</tr>', told_page, re.S)[0]
    met = sum(told[0, w]["order_conversion"] > study.targets["order_conversion"] for w in range(WORLDS))
    assert f"{met} of {WORLDS}" in row


def test_page_is_whole_small_needs_no_network_and_describes_every_figure(told_page):
    tags = Tags()
    tags.feed(told_page)
    assert tags.wrong == []
    assert tags.open == []
    assert len(told_page.encode()) < 500_000
    drawings = [attributes for tag, attributes in tags.seen if tag == "svg"]
    assert len(drawings) >= 6
    assert all(len(one.get("aria-label", "")) > 20 and one.get("role") == "img" for one in drawings)
    for tag, attributes in tags.seen:
        assert tag not in ("link", "script", "iframe", "img", "object")
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    names = re.findall(r'\bid="([^"]+)"', told_page)
    assert len(names) == len(set(names))


def test_a_missing_run_is_named_and_leaves_its_average(tmp_path, no_figures):
    told = write_sweep(tmp_path, GRID, absent={(3, 1)})
    Store(tmp_path).write_error("grid", "coupon_war", "c3_1", RuntimeError("the <b>till</b> is stuck"))
    study = Study.of(load_results(tmp_path, "grid"))
    (one,) = missing(study)
    assert (one.label, one.world, one.key) == (study.labels[3], 1, "c3_1")
    assert "the <b>till</b> is stuck" in one.why
    text = page.render(study)
    assert "the &lt;b&gt;till&lt;/b&gt; is stuck" in text
    assert "1 planned run missing" in text
    assert "3 of 4" in re.search(rf'scope="row">{study.labels[3]}</th>.*?</tr>', text, re.S)[0]
    worlds = by_world(study, PROFIT, [PRICE]).loc[("coupon",)]
    assert np.isnan(worlds[1])
    members = [n for n, (_, v) in enumerate(GRID) if v[PRICE] == "coupon"]
    for world in (0, 2, 3):
        expected = np.mean([changes(told, n, PROFIT, [world]) for n in members])
        assert worlds[world] == pytest.approx(expected)


def test_a_configuration_without_any_run_is_shown_as_missing(tmp_path, no_figures):
    write_sweep(tmp_path, GRID, absent={(5, w) for w in range(WORLDS)})
    study = Study.of(load_results(tmp_path, "grid"))
    assert 5 not in paired(study, PROFIT).index
    assert len(missing(study)) == WORLDS
    row = re.search(rf'scope="row">{study.labels[5]}</th>.*?</tr>', page.render(study), re.S)[0]
    assert "0 of 4" in row
    assert "not observable" in row


def test_values_and_names_cannot_become_markup(tmp_path):
    attack = "<script>alert('x')</script>&\""
    write_sweep(
        tmp_path, [("group_buy", {"content.<i>x</i>": attack}), ("group_buy", {"content.<i>x</i>": "plain"})]
    )
    text = page.render(Study.of(load_results(tmp_path, "grid")))
    assert "<script" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;" in text
    tags = Tags()
    tags.feed(text)
    assert tags.wrong == []


def test_large_sweeps_are_capped_by_a_stated_rule(tmp_path, no_figures):
    many = [("group_buy", {REWARD: float(n % 25), PRICE: f"option {n // 25}"}) for n in range(50)]
    write_sweep(tmp_path, many, worlds=2)
    study = Study.of(load_results(tmp_path, "grid"))
    chosen, rule = drawn_rows(study)
    sizes = paired(study, PROFIT)["value"].abs()
    assert set(chosen) == set(sizes.nlargest(24).index)
    assert rule.startswith("26 more configurations")
    assert pairs(study)[0] == []
    text = page.render(study)
    assert "10 more configurations are not listed" in text
    assert "1 pair of keys not drawn" in text


DRAWN = ("sharing.friends", "sharing.audience", "sharing.novelty")


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    points = np.random.default_rng(3).random((30, 3))

    def measured(scenario, *_, world, strong=0.0):
        return {k: v * (1 + 0.1 * world) + strong for k, v in BASE.items()}

    calls = itertools.count()

    def by_point(scenario, reward, price, world, rng):
        place = next(calls) % 31 - 1  # the baseline, then thirty points
        strong = 0.0 if place < 0 else 2 * points[place, 0] + 0.3 * rng.normal()
        return measured(scenario, world=world, strong=strong)

    root = tmp_path_factory.mktemp("design")
    told = write_sweep(
        root, [("group_buy", dict(zip(DRAWN, map(float, p), strict=True))) for p in points], 2, (), by_point
    )
    return Study.of(load_results(root, "grid")), points, told


@pytest.mark.reference
def test_a_design_is_ranked_by_partial_rank_correlation(design, no_figures):
    study, points, told = design
    assert {axis.way for axis in study.axes} == {"drawn"}
    outcome = np.array([changes(told, n, PROFIT, range(2)).mean() for n in range(30)])
    found = ranks(study, PROFIT).set_index("key")
    assert found.index[0] == DRAWN[0]
    # Of three variables given the other two, from the inverse of the matrix of rank correlations.
    matrix = np.linalg.inv(stats.spearmanr(np.column_stack([points, outcome])).statistic)
    for column, key in enumerate(DRAWN):
        expected = -matrix[column, 3] / np.sqrt(matrix[column, column] * matrix[3, 3])
        assert found.loc[key, "correlation"] == pytest.approx(expected)
    assert found.loc[DRAWN[0], "wide_low"] > 0
    text = page.render(study)
    assert "rises with it, rank correlation" in text
    assert "30 points over 3 keys" in text


def test_correlation_intervals_cover_independence():
    """Of 400 independent samples, 95% intervals hold 0 in 380; binomial error 4.4, five of them allowed."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        x, y = rng.random((40, 2)), rng.random(40)
        places = np.apply_along_axis(stats.rankdata, 0, x)
        low, high = rank_correlations(places, stats.rankdata(y))[0][1:3]
        covered += low <= 0 <= high
    assert 358 <= covered <= 400


def test_bins_hold_equally_many_points_and_their_mean():
    x, y = np.arange(40.0)[::-1], np.arange(40.0)
    found = levers.bins(x, y)
    assert len(found) == 8
    assert found[0, :2] == pytest.approx([2.0, 37.0])
    assert len(levers.bins(x[:9], y[:9])) == 0


def test_keys_moved_alone_show_both_ends(tmp_path):
    alone = [
        ("group_buy", {REWARD: 0.0}),
        ("group_buy", {REWARD: 10.0}),
        ("group_buy", {"pricing.coupon": 1.0}),
    ]
    told = write_sweep(tmp_path, [*alone, ("group_buy", {})])
    study = Study.of(load_results(tmp_path, "grid"))
    assert {axis.way for axis in study.axes} == {"alone"}
    ends = levers.ends(study, PROFIT).set_index(["key", "end"])
    assert ends.loc[(REWARD, "high"), "mean"] == pytest.approx(changes(told, 1, PROFIT).mean())
    assert ends.loc[(REWARD, "low"), "mean"] == pytest.approx(changes(told, 0, PROFIT).mean())
    assert "<svg" in levers.alone(study)


def test_one_world_has_no_intervals_and_says_so(tmp_path, no_figures):
    write_sweep(tmp_path, GRID[:2], worlds=1)
    text = page.render(Study.of(load_results(tmp_path, "grid")))
    assert "One world a configuration: no intervals" in text
    assert "In the one world simulated" in text


def test_marks_claim_only_what_an_interval_leaves_out():
    none = np.nan
    cases = [
        (1, 2, 0.5, 3), (1, 2, -1, 4), (-2, -1, -3, -0.5), (-2, -1, -4, 1), (-1, 1, -2, 2), (0, 0, 0, 0),
        (none, none, none, none),
    ]  # fmt: skip
    marks = [
        mark({"mean": (low + high) / 2 if low == low else 1.0, "low": low, "high": high},
             {"low": wide_low, "high": wide_high}) for low, high, wide_low, wide_high in cases
    ]  # fmt: skip
    assert marks == ["▲", "△", "▼", "▽", "~", "=", ""]


def test_mean_interval_leaves_missing_worlds_out():
    values = np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, np.nan]])
    found = mean_interval(values)
    assert found[0] == pytest.approx([2.0, *t_bounds([1.0, 3.0]), 2])
    assert found[1, 0] == 5.0
    assert np.isnan(found[1, 1:3]).all()


@pytest.mark.reference
def test_the_front_of_two_objectives_is_what_nothing_beats():
    rng = np.random.default_rng(2)
    trials = pd.DataFrame(rng.random((60, 2)), columns=["contribution_margin", "acquisition_cost"])
    trials["feasible"] = rng.random(60) < 0.7
    good = trials[trials["feasible"]]
    beaten = [
        any((o.contribution_margin > t.contribution_margin) and (o.acquisition_cost < t.acquisition_cost)
            for o in good.itertuples()) for t in good.itertuples()
    ]  # fmt: skip
    expected = set(good.index[~np.array(beaten)])
    assert set(two_front(trials, "acquisition_cost", "contribution_margin").index) == expected


def test_the_warm_up_is_linked_where_it_was_drawn(tmp_path, no_figures):
    write_sweep(tmp_path, GRID[:2], worlds=2)
    study = Study.of(load_results(tmp_path, "grid"))
    assert "liebian warmup experiment.name=grid" in page.render(study)
    there = tmp_path / "reports" / "grid_warmup.html"
    there.parent.mkdir()
    there.write_text("")
    assert f'<a href="{there.name}">' in page.render(study)


def test_report_verb_writes_the_report_of_a_sweep(grid, capsys, no_figures):
    study, _ = grid
    assert sim.cli.main(["report", "experiment=grid", f"paths.results={study.results.root}"]) == 0
    told = capsys.readouterr().out.splitlines()
    folder = study.results.root / "reports"
    answer = f"answer on two pages: {folder / 'grid_sweep_answer.html'}"
    assert told == [answer, f"report: {folder / 'grid_sweep.html'}"]


def test_scenarios_alone_get_a_comparison_too(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(page, "render", lambda *_: "")
    monkeypatch.setattr(sim.report.html, "render", lambda *_: "")
    write_sweep(tmp_path, [("group_buy", {}), ("coupon_war", {})])
    assert sim.cli.main(["report", "experiment=grid", f"paths.results={tmp_path}"]) == 0
    told = [line.rpartition("/")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == ["grid_sweep_answer.html", "grid_answer.html", "grid_sweep.html", "grid.html"]


def test_frames_of_no_sweep_are_refused_in_a_line(tmp_path):
    store = Store(tmp_path, level="totals")
    store.write(fake_run(), CONFIG)
    with pytest.raises(StoreError, match="holds no sweep"):
        swept(load_results(tmp_path))


def test_lists_as_values_are_one_value_each(tmp_path):
    write_sweep(tmp_path, [("group_buy", {"x.y": [1, 2]}), ("group_buy", {"x.y": [3]})], worlds=2)
    found = swept(load_results(tmp_path, "grid"))
    assert list(found.configurations["x.y"]) == [json.dumps([1, 2]), json.dumps([3])]


def test_same_results_give_the_same_figures(grid):
    study, _ = grid
    again = Study.of(load_results(study.results.root, "grid"))
    drawn = forest(study)
    assert "<svg" in drawn
    assert forest(again) == drawn


def test_a_sweep_without_any_result_is_still_read(tmp_path):
    manifest.write(tmp_path, "grid", [job("c0_0", "group_buy", 0, {"scenario": "group_buy"})], {})
    study = Study.of(load_results(tmp_path, "grid"))
    assert not study.swept.jobs["done"].any()
    assert [one.why for one in missing(study)] == ["has not run"]


def test_few_worlds_neither_win_nor_come_first(tmp_path):
    """The best by mean ran in one world of four, and is passed over; so is its 1 of 1 among targets."""
    absent = {(len(GRID) - 1, world) for world in (1, 2, 3)}
    told = write_sweep(tmp_path, GRID, absent=absent)
    study = Study.of(load_results(tmp_path, "grid"))
    means = [changes(told, n, PROFIT).mean() for n in range(len(GRID))]
    assert int(np.argmax(means)) == len(GRID) - 1
    assert best(study).configuration == int(np.argmax(means[:-1]))
    counts = target_counts(study)
    counts.loc[counts["name"] == ALL, ["met", "n", "low"]] = [18, 20, 0.68]
    lucky = (counts["name"] == ALL) & (counts["configuration"] == 0)
    counts.loc[lucky, ["met", "n", "low"]] = [1, 1, 0.025]
    assert ranked(study, counts, paired(study, PROFIT)["value"])[-1] == 0


def test_one_swept_key_without_an_effect_is_not_said_to_move_anything(tmp_path):
    """README's sweep of one reward: every pair of values holds 0, and the page once said the opposite."""

    def noise(scenario, reward, price, world, rng):
        return {k: v * (1 + 0.2 * world) + rng.normal() for k, v in BASE.items()}

    write_sweep(tmp_path, [("group_buy", {REWARD: float(x)}) for x in (6, 12, 18)], measured=noise)
    study = Study.of(load_results(tmp_path, "grid"))
    (row,) = contrasts(study, PROFIT).itertuples()
    assert row.low < 0 < row.high
    (line,) = [one for one in headline(study, target_counts(study)) if "move" in one]
    assert line.endswith("the swept key (invite reward) does not surely move it in these worlds.")


def test_the_report_links_to_the_answer_that_lies_beside_it(tmp_path):
    from sim.report.answer.studies import write_study_answer

    write_sweep(tmp_path, GRID[:4])
    study = Study.of(load_results(tmp_path, "grid"))
    written_page = page.write_sweep_report(study)
    linked = re.findall(r'href="(\w+_answer\.html)"', written_page.read_text(encoding="utf-8"))
    written = write_study_answer(study, written_page)
    assert [written.name] == linked
    assert "_answer.html" not in page.render(study)


def test_a_key_that_changed_nothing_is_not_shown_as_a_step_from_a_value_to_itself(tmp_path):
    def still(scenario, reward, price, world, rng):
        return {k: v * (1 + 0.2 * world) for k, v in BASE.items()}

    write_sweep(tmp_path, [("group_buy", {REWARD: float(x)}) for x in (0, 6, 12)], measured=still)
    study = Study.of(load_results(tmp_path, "grid"))
    (row,) = contrasts(study, PROFIT).itertuples()
    assert (row.first, row.second) == (0.0, 12.0)
    assert [one.label for one in levers.contrast_rows(study, PROFIT)] == ["invite reward: nothing moved"]
