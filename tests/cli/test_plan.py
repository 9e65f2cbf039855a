"""``liebian plan``: what it says of a strategy is what the market would live, and nothing is run for it."""

from __future__ import annotations

import pytest

import sim.cli
from sim.config import compose
from sim.config.remarks import remarks
from sim.market import Market


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert sim.cli.main(["plan", *words]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_days_have_their_dates(capsys):
    text = said(capsys, "group_buy", "calendar.start=2025-10-01", "experiment.burn_in_days=10",
                "experiment.warmup_days=4", "experiment.days=31")  # fmt: skip
    assert "burn-in 10 Wed 2025-09-17 Fri 2025-09-26 baseline" in text
    assert "warm-up 4 Sat 2025-09-27 Tue 2025-09-30 baseline" in text
    assert "measured 31 Wed 2025-10-01 Fri 2025-10-31 group_buy" in text
    assert "Shocks: none" in text
    assert "The calendar is flat" in text


def test_shocks_are_told_with_what_they_move_and_who_meets_them(capsys):
    text = said(capsys, "downturn", "shock.also.fees.kind=commission_rise", "shock.also.fees.start=80",
                "shock.also.fees.size=0.2", "shock.also.fees.platform=jd")  # fmt: skip
    assert "consumer confidence -25% 0.25 day 20 (Sun 2025-05-25) day 50 (Tue 2025-06-24)" in text
    assert "day 60 (Fri 2025-07-04) no" in text
    assert "commission of jd +20% 0.2 day 80" in text
    assert "after the end" in text
    assert text.rindex(" yes ") > text.index("also.fees")


def test_a_shock_is_over_on_the_day_it_says():
    shock = compose(["shock=downturn"]).shock
    over = shock.start + shock.days + shock.recovery
    assert shock.strength(over) == 0.0
    assert 0.0 < shock.strength(over - 1) < shock.strength(over - shock.recovery - 1) == shock.size


def test_festivals_of_the_window_are_told_and_no_others(capsys):
    autumn = said(capsys, "baseline", "calendar=china", "calendar.start=2025-10-01")
    assert "double_eleven Sun 2025-10-19 (x1.2) Sun 2025-11-09 (x2.5) Tue 2025-11-11 Tue 2025-11-25" in autumn
    assert "mid_year" not in autumn
    assert "no whole weeks" in autumn
    assert "spring_festival" in said(capsys, "baseline", "calendar=china", "calendar.start=2026-01-05",
                                     "experiment.burn_in_days=362")  # fmt: skip
    quiet = said(capsys, "baseline", "calendar=china", "calendar.start=2025-07-07", "experiment.days=30")
    assert "Festivals in the measured days: none" in quiet


def test_the_tail_of_a_festival_before_the_window_is_told(capsys):
    text = said(capsys, "baseline", "calendar=china", "calendar.start=2025-06-23", "experiment.days=20")
    assert "mid_year Mon 2025-05-26" in text


@pytest.mark.parametrize(("rule", "a_day", "in_all"), [("all_in", "120", "1,200"), ("media", "100", "1,000")])
def test_money_is_told_by_day_and_in_all(capsys, rule, a_day, in_all):
    text = said(capsys, "baseline", f"control.budget_rule={rule}", "population.size=2000",
                "control.daily_budget=0.06", "control.media_budget=0.05", "experiment.days=10")  # fmt: skip
    assert f"{a_day} {in_all}" in text


def test_nothing_is_run_and_nothing_written(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Market, "__init__", lambda *_, **__: pytest.fail("a market was built"))
    said(capsys, "scenario=downturn", "calendar=china")
    assert list(tmp_path.iterdir()) == []


def test_money_of_a_plan_keeps_four_digits(capsys):
    """150,000 CNY a month are 4,931.5068 a day and 448,767.12 in 91 days."""
    text = said(capsys, "three_tier_referral", "market=20000", "budget=150000/month", "months=3",
                "start=2026-04-01")  # fmt: skip
    assert "4,932 448,800" in text
    assert "448,767" not in text


def test_an_unusual_budget_is_told_as_a_comparison_tells_it(capsys):
    words = ["three_tier_referral", "market=20000", "budget=9000000/month"]
    assert sim.cli.main(["plan", *words]) == 0
    (note,) = [line for line in capsys.readouterr().err.splitlines() if "the budget is" in line]
    assert note.endswith(remarks(compose([f"scenario={words[0]}", *words[1:]]))[-1])
