"""Days of runs that are under way: as they are counted afterwards, and nothing of the results."""

from __future__ import annotations

import pytest

from sim.cli import main
from sim.runs.live import BURN_IN, COLUMNS, days_so_far, lived
from sim.store.results import load_results
from tests.cli.tiny import tiny

DAYS = 4


@pytest.fixture(scope="module")
def looked_on(tmp_path_factory):
    folder = tmp_path_factory.mktemp("looked_on")
    words = tiny(
        "compare",
        "baseline",
        "flat_cash_referral",
        f"experiment.days={DAYS}",
        "experiment.replications=2",
        "experiment.burn_in_days=3",
        "experiment.name=seen",
        "store.level=events",
        f"paths.results={folder / 'results'}",
        f"paths.cache={folder / 'cache'}",
        f"paths.live={folder / 'live'}",
    )
    assert main(words) == 0
    return folder


def test_every_day_is_as_the_stored_run_counts_it(looked_on):
    results = load_results(looked_on / "results", "seen")
    orders, visits = results.events("orders"), results.events("visits")
    found = [one for one in days_so_far(looked_on / "live", "seen") if one.scenario != BURN_IN]
    assert len(found) == len(results.runs) == 4
    for one in found:
        key = next(key for key in results.runs["key"] if key.startswith(one.key))
        assert results.runs.set_index("key").loc[key, ["scenario", "replication"]].tolist() == [
            one.scenario,
            one.replication,
        ]
        first = int(results.runs.set_index("key").loc[key, "first_day"])
        for day in range(DAYS):
            sold, seen = (
                table[(table["key"] == key) & (table["day"] == first + day)] for table in (orders, visits)
            )
            assert one.columns["orders"][day] == len(sold)
            assert one.columns["visits"][day] == len(seen)
            assert one.columns["revenue_cny"][day] == pytest.approx(sold["paid_fen"].sum() / 100)
        assert one.columns["day"].tolist() == [1, 2, 3, 4]
        assert (one.lived, one.total) == (DAYS, DAYS)


def test_a_world_that_is_burnt_in_is_seen_once(looked_on):
    burning = [one for one in days_so_far(looked_on / "live", "seen") if one.scenario == BURN_IN]
    assert [(one.replication, one.lived, one.total) for one in burning] == [(0, 3, 3), (1, 3, 3)]


def test_looking_on_changes_no_result(looked_on, tmp_path):
    words = tiny(
        "run",
        "scenario=flat_cash_referral",
        f"experiment.days={DAYS}",
        "experiment.replications=2",
        "experiment.burn_in_days=3",
        "experiment.name=seen",
        f"paths.results={tmp_path}",
    )
    assert main(words) == 0
    seen, unseen = load_results(looked_on / "results", "seen"), load_results(tmp_path, "seen")
    assert set(seen.runs["key"]) == set(unseen.runs["key"])
    assert not (tmp_path / "live").exists()


def test_a_line_that_is_still_being_written_is_left_out(tmp_path):
    file = tmp_path / "one" / "baseline.0.abc.csv"
    file.parent.mkdir()
    file.write_text(f"{','.join(COLUMNS)}\n1,9,300,20,5,100.5\n2,9,300,2", encoding="ascii")
    (day,) = days_so_far(tmp_path, "one")
    assert (day.lived, day.total) == (1, 9)
    assert day.columns["orders"].tolist() == [5.0]
    for cut in ("", ",".join(COLUMNS), f"{','.join(COLUMNS)}\n1,9"):
        file.write_text(cut, encoding="ascii")
        assert days_so_far(tmp_path, "one") == []
    assert days_so_far(tmp_path, "nobody") == []


def test_the_share_that_is_lived_is_of_all_runs(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    for name, days in (("baseline.0.a", 5), ("group_buy.0.b", 10), ("burn-in.1.c", 10)):
        lines = "".join(f"{day},10,300,1,1,1\n" for day in range(1, days + 1))
        (folder / f"{name}.csv").write_text(f"{','.join(COLUMNS)}\n{lines}", encoding="ascii")
    found = days_so_far(tmp_path, "one")
    assert lived(found, 6) == pytest.approx((0.5 + 1.0) / 6)
    assert lived([], 6) == lived(found, 0) == 0.0


@pytest.mark.parametrize("verb", ["run", "sweep"])
def test_a_folder_that_cannot_be_used_is_told_before_anything_runs(verb, tmp_path, capsys):
    file = tmp_path / "a file"
    file.write_text("kept", encoding="utf-8")
    words = tiny(
        verb,
        "scenario=flat_cash_referral",
        *(["incentive.invite_reward=4,8"] if verb == "sweep" else []),
        f"paths.results={tmp_path / 'results'}",
        f"paths.live={file}",
    )
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "paths.live" in told
    assert str(file) in told
    assert "choose another with paths.live=FOLDER" in told
    assert file.read_text(encoding="utf-8") == "kept"
    assert not list((tmp_path / "results").rglob("*.parquet"))


@pytest.mark.parametrize(
    "line",
    ["3,9,300,2", "3,9,300,1,1,1,1", "3,9,many,1,1,1", "5,9,300,1,1,1", "3,9,0,1,1,1", "3,9,300,nan,1,1", ""],
)
def test_days_before_a_damaged_line_are_all_that_is_seen(line, tmp_path):
    file = tmp_path / "one" / "baseline.0.abc.csv"
    file.parent.mkdir()
    days = [f"{day},9,300,20,5,100.5" for day in (1, 2)]
    file.write_text("\n".join([",".join(COLUMNS), *days, line, "4,9,300,20,5,100.5", ""]), encoding="ascii")
    (seen,) = days_so_far(tmp_path, "one")
    assert (seen.lived, seen.total) == (2, 9)


def test_files_of_others_in_the_folder_are_no_days(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    whole = f"{','.join(COLUMNS)}\n1,9,300,20,5,100.5\n"
    for name in ("notes.of.mine.csv", "a.b.c.d.csv", "baseline.0.csv"):
        (folder / name).write_text(whole, encoding="ascii")
    (folder / "baseline.0.abc.csv").write_bytes(b"\xff\xfe" + whole.encode())
    (folder / "baseline.1.abc.csv").write_text(whole.replace("visits", "clicks"), encoding="ascii")
    (folder / "baseline.2.abc.csv").mkdir()
    assert days_so_far(tmp_path, "one") == []
    (folder / "baseline.3.abc.csv").write_text(whole, encoding="ascii")
    assert [one.replication for one in days_so_far(tmp_path, "one")] == [3]
