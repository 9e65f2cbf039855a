"""The guided start: answers become a scenario that composes, wrong ones are asked again, nothing is lost."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from sim.cli.ask import GOALS
from sim.cli.entry import main
from sim.config import compose, shipped
from tests.cli.tiny import TINY
from tests.config.test_business import CARRIED

#: Name, market, budget, capacity, start, months, goal, targets, first strategy.
GOOD = [
    "shop",
    "200万",
    "360万/月",
    "6000/day",
    "2026-03-01",
    "3",
    "sales",
    "acquisition_cost=25",
    "group_buy",
]


@pytest.fixture
def answer(tmp_path, monkeypatch, capsys):
    """Run ``liebian ask`` with lines on standard input: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def answered(lines, *words):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code = main(["ask", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return answered


def with_wrong(at, *wrong):
    """Good answers with wrong ones before one of them."""
    return [*GOOD[:at], *wrong, *GOOD[at:]]


def test_answers_become_a_scenario_that_means_them(answer):
    code, out, _ = answer(GOOD)
    assert code == 0
    assert "written: scenarios/shop.yaml" in out
    made = compose(["scenario=shop"])
    words = ["market=2000000", "budget=3600000/month", "capacity=6000/day", "start=2026-03-01", "months=3"]
    written = compose(["scenario=group_buy", *words, "targets.acquisition_cost=25"])
    assert made.resolved == written.resolved


def test_empty_answers_take_what_stands_in_brackets(answer):
    code, _, _ = answer([""] * 9)
    assert code == 0
    made = compose(["scenario=my_business"])
    usual = compose([])
    assert made.business.market == 200_000
    assert made.control.daily_budget == pytest.approx(usual.control.daily_budget, rel=1e-3)
    assert made.logistics.capacity_ratio == pytest.approx(usual.logistics.capacity_ratio, rel=1e-3)
    assert made.targets == usual.targets


@pytest.mark.parametrize(
    ("at", "wrong", "rule"),
    [
        (0, "My Shop", "a name is 1 to 64"),
        (0, "baseline", "comes with liebian"),
        (1, "none", "a number of consumers"),
        (1, "10", "50 consumers or more"),
        (2, "150000", "over what time"),
        (2, "-5/month", "more than 0"),
        (3, "80/day", CARRIED),
        (3, "80 trucks/day", "does not know 'trucks'"),
        (4, "2026-02-30", "no day of the calendar"),
        (4, "soon", "year first"),
        (5, "0", "more than 0"),
        (6, "money", "choose one of: customers"),
        (7, "cost=25", "cost"),
        (7, "acquisition_cost=-1", "targets.acquisition_cost"),
        (7, "acquisition_cost", "write name=value"),
        (8, "shop_of_ours", "there is no 'shop_of_ours'"),
    ],
)
def test_a_wrong_answer_is_asked_again_with_its_rule(answer, at, wrong, rule):
    code, out, _ = answer(with_wrong(at, wrong))
    assert code == 0
    assert rule in out
    assert compose(["scenario=shop"]).business.market == 2_000_000


def test_a_name_on_the_command_line_is_not_asked_for(answer):
    assert answer(GOOD[1:], "corner")[0] == 0
    assert Path("scenarios/corner.yaml").is_file()
    assert answer([], "No Name")[0] == 2
    assert answer([], "a", "b")[0] == 2


@pytest.mark.parametrize("lines", range(9))
def test_answers_that_end_write_nothing(answer, lines):
    code, _, err = answer(GOOD[:lines])
    assert code == 2
    assert "there was no answer to" in err
    assert not Path("scenarios").exists()


def test_a_file_that_is_there_stays_unless_it_may_go(answer):
    Path("scenarios").mkdir()
    file = Path("scenarios/shop.yaml")
    file.write_text("description: mine\n", encoding="utf-8")
    code, out, _ = answer(["shop", "", "shop2", *GOOD[1:]])
    assert code == 0
    assert "Replace it?" in out
    assert file.read_text(encoding="utf-8") == "description: mine\n"
    assert answer(["shop", "perhaps", "yes", *GOOD[1:]])[0] == 0
    assert compose(["scenario=shop"]).business.market == 2_000_000


def test_the_commands_that_it_names_work(answer, capsys):
    _, out, _ = answer(GOOD)
    lines = [line.strip() for line in out.splitlines() if line.startswith("  liebian ")]
    assert [line.split()[1] for line in lines] == ["plan", "run", "compare", "report"]
    small = [f"{key}={value}" for key, value in TINY.items() if key != "experiment.days"]
    for line in lines[:1] + lines[2:3]:
        words = shlex.split(line)[1:]
        if words[0] == "compare":
            words = ["plan", words[1], *(word for word in words if "=" in word)]
        assert main([*words, *small]) == 0, capsys.readouterr().err
    compare = shlex.split(lines[2])
    names = [word for word in compare[2:] if "=" not in word]
    assert names[0] == "shop"
    shared = [word for word in compare if "=" in word]
    assert len({str(compose([f"scenario={name}", *shared]).business) for name in names}) == 1


def test_every_goal_names_scenarios_that_come_with_liebian():
    known = {path.stem for path in shipped("scenarios").glob("*.yaml")}
    assert all(set(names) <= known and len(names) > 1 for _, names in GOALS.values())


def test_an_imported_market_is_taken_into_the_plan(answer):
    Path("scenarios").mkdir()
    Path("scenarios/ours.yaml").write_text("description: ours\ncatalog.fresh.price: 61.5\n", encoding="utf-8")
    code, out, _ = answer(GOOD[1:], "shop", "own=ours")
    assert code == 0
    assert compose(["scenario=shop"]).catalog.fresh.price == 61.5
    assert "own=ours" in out
    code, _, err = answer(GOOD[1:], "shop", "own=nothing")
    assert code == 2
    assert "there is no 'nothing'" in err
