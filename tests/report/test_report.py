"""The page says what the store holds, safely, the same every time, and needs no network."""

import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.cli import tables
from sim.measure.intervals import paired_difference
from sim.report import figures, flows, html
from sim.report.comparison import Comparison
from sim.report.explain import decompose, explanations
from sim.report.headline import headline
from sim.report.notes import notes
from sim.report.sentences import PROFIT, amount
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, fake_run

ATTACK = "<script>alert('x')</script> & \"quotes\""
LIFTS = {"baseline": 0.0, "coupon": 0.08, "group_buy": -0.05}


def stored(folder, lifts, worlds=3, **more):
    store = Store(folder, level="daily")
    for scenario, lift in lifts.items():
        for replication in range(worlds):
            config = {**CONFIG, "pricing": {"coupon": lift}}
            store.write(fake_run(scenario, replication, lift, note=ATTACK, **more), config)
    return store


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    stored(folder, LIFTS)
    return Comparison.of(load_results(folder).newest(), ["group_buy", "coupon"])


@pytest.fixture(scope="module")
def page(comparison):
    return html.render(comparison)


@pytest.fixture
def no_figures(monkeypatch):
    """Drawing takes seconds; some pages are read for their words alone."""
    monkeypatch.setattr(html, "_figures", lambda _: {})


class Tags(HTMLParser):
    """Collects tags and checks that they nest."""

    VOID = ("meta", "br", "hr", "img", "link")

    def __init__(self):
        super().__init__()
        self.seen, self.open, self.wrong = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_names_cannot_become_markup(page):
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_page_is_whole_small_and_needs_no_network(page):
    tags = Tags()
    tags.feed(page)
    assert tags.wrong == []
    assert tags.open == []
    assert len(page.encode()) < 300_000
    for tag, attributes in tags.seen:
        assert tag not in ("link", "script", "iframe", "img", "object")
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    assert not re.search(r"url\((?!#)", page)
    assert "@import" not in page


def test_same_results_give_the_same_bytes(comparison, page):
    again = Comparison.of(load_results(comparison.results.root).newest(), ["group_buy", "coupon"])
    assert html.render(again) == page
    assert not re.search(r"<dc:date|20\d\d-\d\d-\d\dT", page)


def test_figures_keep_their_text_and_share_no_identifier(comparison):
    drawn = [
        draw(comparison)
        for draw in (
            figures.fans, figures.forest, flows.funnel, flows.cascades, flows.deliveries, flows.spend,
        )
    ]  # fmt: skip
    assert all("<text" in svg for svg in drawn)
    identifiers = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawn]
    assert len(set().union(*identifiers)) == sum(len(ids) for ids in identifiers)
    for svg in drawn:
        used = set(re.findall(r'(?:url\(|xlink:href=")#([^")]+)', svg))
        assert used <= set(re.findall(r'\bid="([^"]+)"', svg))
        assert not re.search(r"#0102[0-9a-f]{2}", svg)


def test_page_shows_every_target_with_a_word_and_a_symbol(page):
    for words in ("Organic traffic share", "30-day repurchase", "✓ met", "✗ missed", "All together"):
        assert words in page


def test_page_lists_what_differs_from_the_baseline(page):
    row = re.search(r"<code>pricing\.coupon</code>.*?</tr>", page, re.S)
    assert row
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row[0])[:3] == ["0", "-0.05", "0.08"]


def test_strategies_keep_the_order_asked_for(comparison):
    assert comparison.scenarios == ("baseline", "group_buy", "coupon")


def test_paired_differences_pair_worlds(comparison):
    runs = {s: [fake_run(s, r, lift).kpis[PROFIT] for r in range(3)] for s, lift in LIFTS.items()}
    expected = paired_difference(runs["coupon"], runs["baseline"])
    found = comparison.difference("coupon", PROFIT)
    assert (found["value"], found["low"], found["high"]) == pytest.approx(expected[:3])


def test_headline_claims_only_what_intervals_allow(comparison, tmp_path):
    text = " ".join(headline(comparison))
    assert "Coupon earns most" in text
    assert re.search(r"Group buy \(-[\d,]+, -[\d,]+ to -[\d,]+\) surely earns less than the baseline", text)
    stored(tmp_path, {"baseline": 0.0, "coupon": 0.0})
    equal = " ".join(headline(Comparison.of(load_results(tmp_path))))
    assert "surely earns more" in equal
    assert "No strategy" in equal


def test_the_highest_mean_earns_most_only_if_its_lead_over_the_runner_up_is_clear(tmp_path):
    """Both earn far more than the baseline; between them lies +39, with an interval that holds 0."""
    rng, store = np.random.default_rng(3), Store(tmp_path, level="totals")
    luck = rng.normal(0, 150, (6, 2))
    luck -= luck.mean(axis=0)
    for world in range(6):
        for scenario, level in {"baseline": 0.0, "flat_cash": 1039.0, "three_tiers": 1000.0}.items():
            run = fake_run(scenario, world)
            extra = {"flat_cash": luck[world, 0], "three_tiers": luck[world, 1]}.get(scenario, 0.0)
            run.kpis[PROFIT] = 50.0 * world + level + extra
            store.write(run, CONFIG)
    text = " ".join(headline(Comparison.of(load_results(tmp_path))))
    assert "surely earn more than the baseline" in text
    assert "earns most" not in text.replace("Which earns most cannot be told", "")
    assert (
        "no mean is higher than that of flat cash, but it cannot be told apart from three tiers (lead +39"
        in text
    )


def test_one_world_admits_that_it_proves_nothing(tmp_path, no_figures):
    stored(tmp_path, {"baseline": 0.0, "coupon": 0.1}, worlds=1)
    comparison = Comparison.of(load_results(tmp_path))
    assert any("no intervals" in note for note in notes(comparison))
    assert "one world" in " ".join(headline(comparison))
    assert "–" in html.render(comparison)


def test_short_window_says_what_cannot_be_observed(tmp_path, no_figures):
    stored(tmp_path, {"baseline": 0.0, "coupon": 0.1}, worlds=2, days=10)
    comparison = Comparison.of(load_results(tmp_path))
    assert any("Not observable" in note and "30-day repurchase" in note for note in notes(comparison))
    assert "? not observable" in html.render(comparison)


def test_without_a_baseline_the_page_still_stands(tmp_path):
    stored(tmp_path, {"coupon": 0.1}, worlds=2)
    page = html.render(Comparison.of(load_results(tmp_path)))
    assert "Against the baseline: " not in page
    assert "? not observable" in page


def test_totals_alone_are_enough_for_a_page(tmp_path):
    store = Store(tmp_path, level="totals")
    for scenario, lift in LIFTS.items():
        store.write(fake_run(scenario, 0, lift), CONFIG)
    page = html.render(Comparison.of(load_results(tmp_path)))
    assert "Scorecards" in page
    assert "Delivery: " not in page


def test_unequal_spend_is_named(tmp_path):
    store = Store(tmp_path)
    for scenario in ("baseline", "coupon"):
        for replication in range(2):
            run = fake_run(scenario, replication)
            run.kpis["all_in_spend"] = 1000.0 if scenario == "baseline" else 1300.0
            store.write(run, CONFIG)
    assert any("coupon +30%" in note for note in notes(Comparison.of(load_results(tmp_path))))


def test_money_that_ran_out_is_told(tmp_path):
    store = Store(tmp_path)
    for scenario, days in {"baseline": 0.0, "coupon": 6.0}.items():
        for replication in range(2):
            run = fake_run(scenario, replication)
            run.kpis["days_without_money"] = days + replication * (days > 0)
            store.write(run, CONFIG)
    (line,) = [note for note in notes(Comparison.of(load_results(tmp_path))) if "allowance ran out" in note]
    assert "coupon 6.5" in line
    assert "baseline" not in line


def test_report_is_replaced_whole_or_not_at_all(comparison, no_figures, monkeypatch):
    path = html.write_report(comparison)
    before = path.read_bytes()
    monkeypatch.setattr(html, "render", lambda *_: (_ for _ in ()).throw(ValueError("broken")))
    with pytest.raises(ValueError, match="broken"):
        html.write_report(comparison)
    assert path.read_bytes() == before


@pytest.mark.property
def test_parts_sum_to_the_change():
    rng = np.random.default_rng(7)
    for _ in range(200):
        cells = int(rng.integers(1, 12))
        base, mine = (
            pd.DataFrame({"bottom": rng.integers(0, 50, cells) + (np.arange(cells) == 0), "top": 0.0})
            for _ in range(2)
        )
        for side in (base, mine):
            side["top"] = side["bottom"] * rng.random(cells)
        mix, rate = decompose(base, mine)
        change = mine["top"].sum() / mine["bottom"].sum() - base["top"].sum() / base["bottom"].sum()
        assert mix.sum() + rate.sum() == pytest.approx(change, abs=1e-12)


def test_pure_mix_and_pure_behaviour_are_told_apart():
    base = pd.DataFrame({"bottom": [50.0, 50.0], "top": [5.0, 20.0]})
    moved = pd.DataFrame({"bottom": [20.0, 80.0], "top": [2.0, 32.0]})
    mix, rate = decompose(base, moved)
    assert rate.tolist() == pytest.approx([0, 0])
    assert mix.sum() == pytest.approx(0.34 - 0.25)
    better = pd.DataFrame({"bottom": [50.0, 50.0], "top": [10.0, 20.0]})
    mix, rate = decompose(base, better)
    assert mix.tolist() == pytest.approx([0, 0])
    assert rate.tolist() == pytest.approx([0.05, 0])


def test_explanations_of_a_comparison_sum_to_its_changes(comparison):
    told = explanations(comparison)
    assert {one.name for one in told} >= {"order_conversion", "average_order_value", "acquisition_cost"}
    for one in told:
        assert sum(part.value for part in one.parts) == pytest.approx(one.change.value, abs=1e-9)
        row = comparison.difference(one.scenario, one.name)
        assert (one.change.value, one.change.low, one.change.high) == pytest.approx(
            (row["value"], row["low"], row["high"]), abs=1e-9
        )


def test_the_overview_leaves_out_what_nobody_observed(comparison):
    out = Console(width=200, file=io.StringIO())
    out.print(tables.overview(comparison))
    printed = out.file.getvalue()
    assert "Contribution per 1,000" in printed
    assert "days after" not in printed
    assert any("experiment.after_days=90" in note for note in notes(comparison))


def test_amounts_are_written_in_their_units():
    assert amount(0.123, "order_conversion") == "12.3%"
    assert amount(0.0123, "order_conversion", signed=True) == "+1.2 pp"
    assert amount(-1234.5, PROFIT, signed=True) == "-1,234"
    assert amount(float("nan"), PROFIT) == "–"


def test_gross_stands_beside_what_was_kept_and_shrinking_is_named(tmp_path, no_figures):
    """A twin before cancellations is shown under its indicator; a target met by spending less is told."""
    store = Store(tmp_path, level="totals")
    for world in range(5):
        for scenario, size in {"baseline": 1.0, "halved_ads": 0.5}.items():
            run = fake_run(scenario, world)
            noise = 0.001 * world * size
            run.kpis |= {
                "order_conversion_gross": 0.061 + noise, "acquisition_cost": 30 * size + noise,
                "all_in_spend": 1000 * size + noise, "new_users": 100.0 - 30 * (size < 1) + noise,
            }  # fmt: skip
            store.write(run, CONFIG)
    comparison = Comparison.of(load_results(tmp_path))
    page = html.render(comparison)
    row = re.search(r'scope="row"[^>]*>Order conversion.*?</tr>', page, re.S)[0]
    assert row.count("gross 6.") == 2
    (note,) = [one for one in notes(comparison) if "shrinking" in one]
    assert note.startswith(
        "Halved ads meets acquisition cost with clearly less all-in spend and new real users"
    )
