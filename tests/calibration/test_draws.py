"""Tables of draws: written, read, refused when broken, and taken by the verbs that compare."""

from __future__ import annotations

import numpy as np
import pytest

import sim.cli
from sim.cli.calibrated import calibrated
from sim.core.errors import InputError
from sim.report.robustness import what_varied
from sim.store.draws import Draws, read_draws, write_draws
from sim.studies.robustness.study import plan

KEYS = ("turnover.exit_rate", "sharing.novelty_days")
TABLE = Draws(KEYS, np.array([[0.002, 3.0], [0.003, 4.0], [0.004, 5.0], [0.0075, 2.0]]))
PAIR = ("flat_cash_referral", "three_tier_referral")


@pytest.fixture
def path(tmp_path):
    write_draws(tmp_path / "d.csv", TABLE)
    return tmp_path / "d.csv"


def test_what_is_written_is_read(path):
    read = read_draws(path, KEYS)
    assert read.keys == KEYS
    np.testing.assert_allclose(read.values, TABLE.values, rtol=1e-5)
    assert read.middle["turnover.exit_rate"] == 0.003


def test_robustness_plays_the_draws_together(path):
    found = plan(*PAIR, ["population.size=300"], 3, calibration=str(path))
    assert [dict(trial.values) for trial in found.trials] == [TABLE.row(n) for n in range(3)]
    assert found.trials[2].arms[0].turnover.exit_rate == 0.004
    assert [trial.arms[1].sharing.novelty_days for trial in found.trials] == [3, 4, 5]
    assert "independently" not in what_varied(2, found.calibration)
    assert "independently" in what_varied(2, "")


def test_a_comparison_takes_the_draw_in_the_middle(path, capsys):
    words = calibrated(["baseline", f"calibration={path}", "population.size=300"])
    assert words == ["baseline", "population.size=300", "turnover.exit_rate=0.003", "sharing.novelty_days=4"]
    assert "exit_rate=0.003" in capsys.readouterr().out
    assert calibrated(["baseline"]) == ["baseline"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file"),
        ("", "header and draws"),
        ("turnover.exit_rate\n", "header and draws"),
        ("turnover.exit\n0.1\n", "turnover.exit"),
        ("experiment.days\n5\n", "experiment.days"),
        ("turnover.exit_rate,turnover.exit_rate\n0.1,0.2\n", "twice"),
        ("turnover.exit_rate\nmuch\n", "line 2, column turnover.exit_rate"),
        ("turnover.exit_rate\nnan\n", "must be a number"),
        ("turnover.exit_rate\n0.002,0.003\n", "must hold 1 values"),
        ("turnover.exit_rate\n7\n0.002\n", "turnover.exit_rate"),
        ("turnover.exit_rate\n0.002\n", "at least 2 draws"),
    ],
)
def test_broken_tables_are_refused(tmp_path, capsys, text, said):
    path = tmp_path / "d.csv"
    if text is not None:
        path.write_text(text)
    words = ["robustness", *PAIR, f"calibration={path}", f"paths.results={tmp_path / 'r'}"]
    assert sim.cli.main(words) == 2
    errors = capsys.readouterr().err
    assert said.casefold() in errors.casefold()
    assert "Traceback" not in errors


def test_a_key_is_set_once(path):
    with pytest.raises(InputError, match="cannot be set too"):
        calibrated(["baseline", f"calibration={path}", "turnover.exit_rate=0.003"])
    with pytest.raises(InputError, match="given once"):
        calibrated(["baseline", f"calibration={path}", f"calibration={path}"])
    assert sim.cli.main(["robustness", *PAIR, f"calibration={path}", "vary=fraud"]) == 2
