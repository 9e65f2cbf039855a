"""The report of a sweep shows the search and the study of sensitivity that are filed under its name."""

import re

import numpy as np
import pandas as pd
import pytest

from sim.report.sweep import page
from sim.report.sweep.search import front, search, two_front
from sim.report.sweep.study import Study
from sim.report.sweep.uncertain import sensitivity
from sim.store.results import load_results
from sim.studies.optimise.objectives import Scored, Told
from sim.studies.optimise.stored import FILE, load_optimisation, save
from sim.studies.sensitivity.screening import DUMMY
from sim.studies.sensitivity.stored import Sensitivity, folder, write_sensitivity
from tests.report.test_sweep_report import GRID, write_sweep

MARGIN, TOGETHER = "contribution_margin", "targets_together"
SPEC = {
    "objectives": [MARGIN, TOGETHER],
    "rules": [{"figure": "fraud_rate", "upper": True, "bound": 0.1}],
    "space": {"choices": {"scenario": ["group_buy"]}, "levers": {"incentive.invite_reward": [0, 30]}},
}


def told(trial, margin, together, fraud=0.05, reason=""):
    scores = {MARGIN: Scored(margin, margin - 1, margin + 1), TOGETHER: Scored(together, 0.0, 1.0)}
    strategy = {"scenario": "group_buy", "incentive.invite_reward": float(trial)}
    return Told(trial, strategy, {} if reason else scores, {"fraud_rate": fraud}, reason)


#: The third breaks the rule, the fourth is beaten by the second, the last failed.
TRIALS = [told(0, 5.0, 0.9), told(1, 9.0, 0.2), told(2, 20.0, 0.95, fraud=0.5), told(3, 8.0, 0.1),
          told(4, 0.0, 0.0, reason="its <runs> failed")]  # fmt: skip
HELD = {
    "trial": 1, "worlds": [100, 5], "search": {}, "held_out": {},
    "rows": [
        {"scenario": name, "shock": "none", "chosen_margin": 9.0, "scenario_margin": 9.0 - gap,
         "difference": gap, "low": gap - 1, "high": gap + 1, "low_all": gap - 2, "high_all": gap + 2,
         "share_positive": 1.0, "worlds": 5}
        for name, gap in (("baseline", 4.0), ("koc_pyramid", 1.5))
    ],
    "skipped": {"downturn": "<its> market has another shock"},
}  # fmt: skip


@pytest.fixture
def root(tmp_path):
    write_sweep(tmp_path, GRID[:2], worlds=2)
    return tmp_path


@pytest.fixture
def words_only(monkeypatch):
    for name in ("forest", "tornado", "alone", "clouds", "curves", "heat"):
        monkeypatch.setattr(page, name, lambda *_: "")


def study(root):
    return Study.of(load_results(root, "grid"))


def test_without_either_there_is_no_section(root):
    assert search(study(root)) is None
    assert sensitivity(study(root)) is None


def test_a_search_shows_what_was_tried_and_how_the_choice_held(root, words_only):
    save(root, "grid", SPEC, TRIALS, HELD)
    found = load_optimisation(root, "grid")
    complete = found.trials[found.trials["state"] == "complete"]
    assert list(two_front(complete, TOGETHER, MARGIN)["trial"]) == [1, 0]
    text = page.render(study(root))
    assert "5 strategies were tried: 3 keep every rule, 1 break one, 1 failed; 2 on the front" in text
    # Both are ahead judged alone; together, the second one's lower bound is below 0.
    assert "trial 1 surely earns more than 1 of 2 named scenarios and cannot be told from 1" in text
    assert "downturn was not compared: &lt;its&gt; market has another shock" in text
    drawn = re.search(r'<section id="search">.*?</section>', text, re.S)[0]
    assert drawn.count("<svg") == drawn.count("aria-label") == 2
    assert "koc pyramid" in drawn


def test_a_search_of_one_objective_has_no_front(root):
    save(root, "grid", {**SPEC, "objectives": [MARGIN]}, TRIALS, None)
    assert front(load_optimisation(root, "grid")) == ""


def test_a_torn_search_is_told_and_the_page_stands(root, words_only):
    (root / "sweeps" / "grid" / FILE).write_text("{")
    assert "The search of this name cannot be read" in page.render(study(root))


KEYS = ("trust.weak", "media.strong", "demand.middle")


def indexed():
    """Three parameters and the dummy: the strongest is listed second, the weakest is within the noise."""
    total = {"trust.weak": 0.04, "media.strong": 0.8, "demand.middle": 0.3, DUMMY: 0.03}
    rows = [
        {"scenario": scenario, "kpi": kpi, "parameter": key, "first": t, "first_low": t, "first_high": t,
         "total": t, "total_low": t - 0.02, "total_high": t + 0.02, "total_by_luck": 0.01, "p": 0.5,
         "above_noise": t > 0.1, "n": 64}
        for scenario in ("baseline", "group_buy", "group_buy - baseline")
        for kpi in ("order_conversion", "contribution_per_1000")
        for key, t in total.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def stored_study(root, **more):
    best = pd.DataFrame({
        "scenario": ["baseline", "group_buy"], "wins": [14, 50], "n": 64, "share": [14 / 64, 50 / 64],
        "low": [0.125, 0.66], "high": [0.34, 0.875], "clear": [3, 20],
    })  # fmt: skip
    deciders = pd.DataFrame({
        "scenario": ["group_buy"] * 2, "parameter": ["media.strong", "trust.weak"], "ks": [0.6, 0.1],
        "p": [0.001, 0.8], "p_adjusted": [0.002, 0.9], "direction": "higher", "wins": 50, "others": 14,
    })  # fmt: skip
    tables = {"screening": indexed().rename(columns=lambda c: c.replace("total", "mu_star")),
              "sobol": indexed(), "pairs": pd.DataFrame(), "best": best, "deciders": deciders,
              "spreads": pd.DataFrame({"stage": ["sobol"]})}  # fmt: skip
    design = {"by": "contribution_per_1000", "failed": 2}
    write_sensitivity(root, "grid", Sensitivity(design, **(tables | more)))


def test_a_study_of_sensitivity_draws_tornados_and_who_is_best(root, words_only):
    stored_study(root)
    found = sensitivity(study(root))
    assert found["what"].startswith("total Sobol index")
    assert [one["title"] for one in found["figures"]] == ["group buy - baseline", "baseline", "group buy"]
    drawn = found["figures"][0]["svg"]
    named = [drawn.index(f">{word}<") for word in ("strong", "middle", "weak")]
    assert named == sorted(named)
    assert f">{DUMMY}<" not in drawn
    assert "baseline at 14 of 64 points (12-34%)" in found["lines"][0]
    assert "best is group buy at most points" in found["lines"][0]
    assert found["lines"][1] == "Which one is best depends on: strong."
    assert found["lines"][2].startswith("2 runs failed")
    text = page.render(study(root))
    section = re.search(r'<section id="sensitivity">.*?</section>', text, re.S)[0]
    assert section.count("<svg") == section.count("aria-label") == 4


def test_without_indices_the_screening_is_drawn(root):
    stored_study(root, sobol=indexed().iloc[:0])
    found = sensitivity(study(root))
    assert found["what"].startswith("mean absolute elementary effect")
    assert len(found["figures"]) == 3


def test_many_parameters_are_capped_by_a_stated_rule(root):
    table = indexed()
    real, dummy = table[table["parameter"] == "media.strong"], table[table["parameter"] == DUMMY]
    many = [real.assign(parameter=f"trust.p{k}", total=0.9 - 0.01 * k) for k in range(14)]
    stored_study(root, sobol=pd.concat([*many, dummy], ignore_index=True))
    found = sensitivity(study(root))
    assert "the 10 strongest of 14 parameters" in found["rule"]
    drawn = found["figures"][0]["svg"]
    assert ">p9<" in drawn
    assert ">p10<" not in drawn


def test_a_torn_study_is_told(root):
    stored_study(root)
    (folder(root, "grid") / "sensitivity.json").write_text("{")
    assert "holds no readable study" in sensitivity(study(root))["lines"][0]


def test_what_was_never_observed_is_left_out(root):
    blank = indexed()
    blank.loc[blank["kpi"] == "order_conversion", ["total", "total_low", "total_high"]] = np.nan
    stored_study(root, sobol=blank)
    assert "Order conversion" not in sensitivity(study(root))["figures"][0]["svg"]
