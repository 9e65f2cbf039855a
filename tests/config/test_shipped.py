"""The shipped configuration: complete, composable from anywhere, and every number accounted for."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from sim.config import Sources, assumptions_table, compose, market_sources, plain_yaml, shipped
from sim.config.sources import NAME
from sim.core.params import Declared

FACTS = Path(__file__).resolve().parents[2] / "../shared/plan/facts.csv"
ROLES = Path(__file__).with_name("plan_roles.csv")
SCENARIOS = sorted(path.stem for path in shipped("scenarios").glob("*.yaml"))
OPTIONS = sorted(
    (path.parent.name, path.stem) for path in shipped("conf").glob("*/*.yaml") if path.parent.name != "local"
)


@pytest.fixture(scope="module")
def market() -> Sources:
    return market_sources()


@pytest.fixture(scope="module")
def rows(market: Sources) -> list[Declared]:
    return assumptions_table(market.sections)


@pytest.fixture(scope="module")
def roles() -> dict[str, set[str]]:
    """Plan figure -> its roles, as the project keeps them."""
    return _roles(ROLES)


def _roles(path: Path) -> dict[str, set[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: {row["role"]} for row in csv.DictReader(file)}


@pytest.fixture
def plan() -> dict[str, dict[str, str]]:
    """Plan figure -> its row in the plan itself, which not every clone has beside it."""
    if not FACTS.exists():
        pytest.skip(f"needs {FACTS.name} of the plan, expected at {FACTS}")
    with FACTS.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def figures(source: str) -> list[str]:
    """Every plan figure that a source names, ranges spelt out: ``F042-F044`` names three."""
    found: list[str] = []
    for first, last in re.findall(r"F(\d{3})(?:-F(\d{3}))?", source):
        found += [f"F{n:03d}" for n in range(int(first), int(last or first) + 1)]
    return found


@pytest.mark.scenario
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_composes(name):
    config = compose([f"scenario={name}"])
    assert config.scenario == name
    assert config.description


@pytest.mark.scenario
@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(group, option):
    # A real network is what cannot stand alone: the user names its file.
    needs = ["graph.path=edges.csv"] if (group, option) in (("graph", "edge_list"), ("graph", "like")) else []
    assert compose([f"{group}={option}", *needs]).options[group] == option


def test_every_section_has_options_and_a_default(market):
    defaults = market.defaults()
    assert sorted(defaults) == sorted(market.sections)
    assert all(option in market.options(group) for group, option in defaults.items())
    assert {group for group, _ in OPTIONS} == set(market.sections)


def test_every_scenario_says_how_to_run_it():
    for name in SCENARIOS:
        first = (shipped("scenarios") / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
        assert first == f"# liebian run scenario={name}"


def test_every_option_file_says_what_it_is():
    for group, option in OPTIONS:
        text = (shipped("conf") / group / f"{option}.yaml").read_text(encoding="utf-8")
        assert text.startswith("# "), f"{group}/{option}"
        assert NAME.fullmatch(option)


def test_hydra_reads_every_option_as_we_do(market):
    for group, option in OPTIONS:
        ours = plain_yaml.read(market.conf / group / f"{option}.yaml", market.conf).values
        from sim.config.options import option_values

        assert option_values({group: option}, market) == {group: ours}


def test_every_parameter_is_explained(rows):
    unexplained = [row.path for row in rows if row.source.startswith("A-") and len(row.why) < 10]
    assert unexplained == []


def test_every_assumption_has_a_number_of_its_own(rows):
    # One declaration inside a model that several entries share is one assumption, not several.
    declarations = {(row.source, row.path.rpartition(".")[2], row.why) for row in rows}
    ids = Counter(match for source, _, _ in declarations for match in re.findall(r"A-\d{3,4}", source))
    assert [number for number, times in ids.items() if times > 1] == []


def test_no_outcome_of_the_plan_is_fed_in(rows, roles):
    """Figures that the market must produce, or that judge it, may not be parameters of it."""
    allowed = {"input", "calibrated"}
    fed = {
        row.path: f"{figure} ({', '.join(roles.get(figure, {'unknown'}))})"
        for row in rows
        if not row.path.startswith("targets.")
        for figure in figures(row.source)
        if not roles.get(figure, {"unknown"}) <= allowed
    }
    assert fed == {}


def test_targets_are_the_plans_targets(rows, roles):
    goals = [row for row in rows if row.path.startswith("targets.")]
    assert len(goals) == 9
    assert all(roles[figure] == {"target"} for row in goals for figure in figures(row.source))


def test_the_roles_kept_here_are_the_plans(plan, roles):
    assert roles == {figure: {row["role"]} for figure, row in plan.items()}


def test_targets_have_the_plans_values(plan):
    targets = compose([]).targets
    for row in assumptions_table({"targets": type(targets)}):
        fact = plan[row.source]
        expected = float(fact["value"]) / (100 if fact["unit"] == "%" else 1)
        assert getattr(targets, row.path.removeprefix("targets.")) == pytest.approx(expected)
