# ruff: noqa: E501  (a line of input beside the line it must be answered with)
"""What users get wrong: every problem is told on one line that names the key and what to do."""

from __future__ import annotations

import pytest

from sim.config import compose
from sim.core.errors import ConfigError

#: Override -> what the one line must say: the key first, then the rule, the value or the remedy.
COMMAND_LINE = {
    "incentive.invite_reward=-3": "incentive.invite_reward must be 0..200 CNY (you wrote -3); write 0 or more",
    "incentive.invite_reward=201.5": "incentive.invite_reward must be 0..200 CNY (you wrote 201.5); write 200 or less",
    "incentive.appetite=0": "incentive.appetite must be more than 0 and less than 10 1/CNY (you wrote 0); write more than 0",
    "incentive.invite_rewrd=3": "incentive.invite_rewrd: unknown key; did you mean 'invite_reward'?",
    "incentive.team.sizee=5": "incentive.team.sizee: unknown key; did you mean 'size'?",
    "incentive.qqq=5": "incentive.qqq: unknown key; choose one of: design, invite_reward",
    "incentiv.invite_reward=3": "unknown section 'incentiv'; did you mean 'incentive'?",
    "invite_reward=3": "invite_reward: unknown section; did you mean 'incentive.invite_reward'?",
    "incentive=flat_csh": "incentive: there is no option 'flat_csh'; did you mean 'flat_cash'?",
    "incentive=../../outside": "(you wrote '../../outside'); choose one of: flat_cash, none, three_tier",
    "incentive=/outside": "incentive: must name one of its options (you wrote '/outside')",
    "population=5000": "population: must name one of its options (you wrote 5000); choose one of: default, large",
    "population=null": "population: must name one of its options (you wrote nothing (null))",
    "scenario=csh": "scenario: there is no 'csh'; did you mean 'cash'?",
    "scenario=../cash": "scenario: a name is 1 to 64 of a-z, 0-9 and _ (you wrote '../cash')",
    "scenario=Cash": "scenario: a name is 1 to 64 of a-z, 0-9 and _",
    "+scenario=cash": "'+' (add) is not allowed, every key exists already; write it without '+'",
    "++incentive.invite_reward=3": "write it without '+'",
    "~incentive": "'~' (delete) is not allowed; choose another option",
    "incentive@population=none": "'@' (package) is not allowed; write section.key=value",
    "hydra.run.dir=/elsewhere": "hydra's own settings cannot be changed; delete this",
    "hydra/launcher=joblib": "hydra's own settings cannot be changed; delete this",
    "hydra={callbacks: 1}": "hydra's own settings cannot be changed; delete this",
    "incentive._target_=os.system": "keys that begin with '_' are not allowed",
    "population.shares={_target_: os.system}": "key '_target_' is not allowed",
    "incentive.invite_reward=${oc.env:HOME}": "'${' (interpolation) is not allowed; write the value itself",
    "population.label='${now:%Y}'": "'${' (interpolation) is not allowed; write the value itself",
    "population.size=many": "population.size must be a whole number within 10..5,000,000 consumers (you wrote 'many')",
    "population.size=true": "(you wrote true); write a whole number without quotes",
    'population.size="500"': "(you wrote '500'); write a whole number without quotes",
    "population.size=5e3": "population.size must be a whole number",
    "population.size=null": "(you wrote nothing (null)); write a whole number",
    "population.size=[1,2]": "(you wrote the list [1, 2]); write a whole number",
    "population.size.x=3": '(you wrote the mapping {"x": 3}); write a whole number',
    "incentive.invite_reward=false": "incentive.invite_reward must be a number within 0..200 CNY (you wrote false)",
    "incentive.invite_reward=": "(you wrote ''); write a plain number without quotes",
    "incentive.appetite=nan": "must be a finite number; inf and nan are not allowed",
    "incentive.appetite=-inf": "must be a finite number; inf and nan are not allowed",
    "incentive.appetite=1e999": "must be a finite number; inf and nan are not allowed",
    "incentive.tiers=0.5": "incentive.tiers must be a list within 0..1 share (you wrote 0.5); write it as [a, b]",
    "incentive.tiers=[1,2]": "incentive.tiers.1 must be 0..1 share (you wrote 2); write 1 or less",
    "incentive.tiers=[a]": "incentive.tiers.0 must be a number within 0..1 share (you wrote 'a')",
    "population.shares.silver=1.5": "population.shares.silver must be 0..1 share (you wrote 1.5); write 1 or less",
    "incentive.team=5": "incentive.team must be a mapping (you wrote 5); set its entries one by one",
    "incentive.team.trained=1": "incentive.team.trained must be true or false (you wrote 1); write true or false",
    "incentive.design=flat_cas": "(you wrote 'flat_cas'); did you mean 'flat_cash'?",
    "population.label=3": "population.label must be text (you wrote 3); write a word, or put it in quotes",
    "incentive.invite_reward=1,2": "one run takes one value",
    "incentive=flat_cash,none": "one run takes one value",
    "incentive=glob(*)": "one run takes one value",
    "incentive.invite_reward=range(1,3)": "one run takes one value",
    "incentive.invite_reward=choice(1,2)": "one run takes one value",
    "incentive.tiers=extend_list(1)": "the value cannot be read",
    "incentive.invite_reward": "must be key=value; write a key, '=' and a value",
    "=3": "'' is not a key; write scenario=NAME",
    "--days=3": "looks like a flag; write key=value",
    "incentive..invite_reward=3": "'..' is not allowed; write section.key=value",
    "incentive/invite_reward=3": "'/' is not allowed in a key; write section.key=value",
    'population.label="a b': "the value cannot be read; put it in quotes",
    "experiment.name=../elsewhere": "experiment.name must be 1 to 64 of a-z, 0-9 and _ (you wrote '../elsewhere')",
    "graph.path=refused": "graph.path must not be 'refused'; name another file",
    "experiment.days=0": "experiment.days must be 1..3,650 days (you wrote 0); write 1 or more",
    "engine.kind=ray": "engine.kind must be one of its choices (you wrote 'ray')",
    f"population.label={'x' * 5000}": "must be at most 4096 characters; shorten it",
    f"population.size={'9' * 4000}": "population.size",
    f"incentive.tiers={'[' * 2000}": "the value cannot be read",
}

#: Content of a scenario file -> what the one line must say.
SCENARIO_FILE = {
    "population.size: 20\n": "scenarios/x.yaml: must have a 'description'; say in one line what differs",
    "description: d\nincentive.invite_reward: -3\n": "(you wrote -3); write 0 or more [scenarios/x.yaml line 2]",
    "description: d\nincentive.invite_rewrd: 3\n": "did you mean 'invite_reward'?",
    "description: d\nincentive: cash\n": "incentive: there is no option 'cash'; did you mean 'flat_cash'?",
    "description: d\nincentive: {invite_reward: 3}\n": "set values with dotted keys such as 'incentive.invite_reward'",
    "description: d\ndefaults: [base]\n": "a scenario cannot build on another ('defaults'); copy the lines",
    "description: d\nscenario: cash\n": "a scenario cannot build on another",
    "description: d\ngraph.path: /etc/hostname\n": "a scenario may not set 'graph.path'",
    "description: d\npaths.results: /elsewhere\n": "a scenario may not set 'paths.results'",
    "description: d\nengine.workers: 64\n": "a scenario may not set 'engine.workers'",
    "description: d\nengine: serial\n": "a scenario may not set 'engine'",
    "description: d\nhydra.run.dir: /elsewhere\n": "'hydra.run.dir' is not a key of the configuration",
    "description: d\nincentive@population: none\n": "'incentive@population' is not a key",
    "# @package _global_\ndescription: d\n": "scenarios/x.yaml line 1: '@package' is not allowed; delete that line",
    "description: d\n_target_: os.system\n": "line 2: key '_target_' is not allowed",
    "description: d\nincentive.team: {_target_: os.system}\n": "line 2: key '_target_' is not allowed",
    "description: d\npopulation.label: ${oc.env:HOME}\n": "must not contain '${'; write the value itself",
    "description: d\npopulation.label: '${oc.env:HOME}'\n": "must not contain '${'",
    "description: d\npopulation.label: !!python/object/apply:os.system [ls]\n": "is not allowed; delete it",
    "description: d\npopulation.size: !!int '20'\n": "is not allowed; delete it",
    "description: d\npopulation.size: 20\npopulation.size: 30\n": "line 3: key 'population.size' is given twice",
    "description: d\nincentive.appetite: .nan\n": "'.nan' is not a number; write a finite number",
    "description: d\nincentive.appetite: -.INF\n": "'-.INF' is not a number",
    "description: d\nincentive.appetite: 1e999\n": "'1e999' is too large a number",
    "description: d\nincentive.team.trained: yes\n": "'yes' is true or false to YAML; write true or false",
    "description: d\npopulation.label: off\n": "line 2: 'off' is true or false to YAML",
    "description: d\npopulation.label: 12:30\n": "'12:30' is a number in base 60 to YAML; put it in quotes",
    "description: d\npopulation.size: 0100\n": "'0100' is a number in base 8 to YAML; drop the leading zero",
    "description: d\npopulation.size: 0x64\n": "'0x64' is not a decimal number; write it in decimal",
    "description: d\npopulation.size: '500'\n": "(you wrote '500'); write a whole number without quotes",
    "description: d\npopulation.size:\n": "(you wrote nothing (null)); write a whole number",
    "description: d\npopulation.size: ???\n": "'???' is a value that is missing; write the value",
    "description: &a d\n": "anchor '&a' is not allowed; delete it",
    "description: [d\n": "not valid YAML",
    "description: d\n\tpopulation.size: 20\n": "not valid YAML",
    "- description\n": "must be lines of 'key: value'; write one key a line",
    "description: d\n---\ndescription: e\n": "must hold one document",
    "description: d\n<<: {population.size: 20}\n": "'<<' has a meaning of its own to YAML",
    f"description: d\nincentive.tiers: {'[' * 3000}{']' * 3000}\n": "must not be nested deeper than 8 levels",
    f"description: {'d' * 70_000}\n": "must be at most 65536 bytes",
    "description: d\n? [a, b]\n: 3\n": "a key must be a word; write 'key: value'",
    "description: d\x07\n": "not valid YAML",
}


def problems_of(*overrides: str, sources) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compose(overrides, sources=sources)
    assert all("\n" not in line and line.strip() for line in caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize(("override", "expected"), COMMAND_LINE.items())
def test_one_line_tells_what_is_wrong_on_the_command_line(override, expected, fixed_sources):
    [line] = problems_of(override, sources=fixed_sources)
    assert expected in line
    assert len(line) < 400


@pytest.mark.parametrize(("text", "expected"), SCENARIO_FILE.items())
def test_one_line_tells_what_is_wrong_in_a_scenario(text, expected, sources, write):
    write("scenarios/x.yaml", text)
    [line] = problems_of("scenario=x", sources=sources)
    assert expected in line


def test_a_scenario_that_is_not_utf8_is_named(sources, write):
    write("scenarios/x.yaml", b"description: d\npopulation.label: \xff\xfe\n")
    [line] = problems_of("scenario=x", sources=sources)
    assert line == "scenarios/x.yaml line 2: must be UTF-8 text; save the file as UTF-8"


def test_an_alias_bomb_is_refused_before_it_unfolds(sources, write):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    write("scenarios/x.yaml", f"description: d\n{bomb}")
    lines = problems_of("scenario=x", sources=sources)
    assert any("anchor '&a' is not allowed" in line for line in lines)
    assert any("alias '*a' is not allowed; write the value out" in line for line in lines)


@pytest.mark.parametrize("name", ["scenarios/x.yaml", "conf/incentive/x.yaml"])
def test_a_link_that_leads_out_is_refused(name, sources, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("description: d\n")
    (sources.conf.parent / name).symlink_to(outside)
    [line] = problems_of("scenario=x" if "scenarios" in name else "incentive=x", sources=sources)
    assert "is a link that leads out of" in line


@pytest.mark.parametrize("to", ["x.yaml", "nowhere.yaml"])
def test_a_link_that_leads_to_itself_or_nowhere_is_no_file(to, sources):
    (sources.conf.parent / "scenarios/x.yaml").symlink_to(to)
    [line] = problems_of("scenario=x", sources=sources)
    assert line == "scenarios/x.yaml: is not a file; put a file there"


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "invite_reward: yes\n": "conf/incentive/x.yaml line 1: 'yes' is true or false to YAML",
        "defaults: [/graph: edge_list]\n": "'defaults' is not allowed in an option; delete it",
        "hydra: {run: {dir: x}}\n": "'hydra' is not allowed in an option; delete it",
        "# @package hydra.run\ndir: x\n": "'@package' is not allowed",
        "invite_reward: ${oc.env:HOME}\n": "must not contain '${'",
        "_target_: os.system\n": "key '_target_' is not allowed",
        "invite_reward: [\n": "conf/incentive/x.yaml line 2: not valid YAML",
        "3\n": "must be lines of 'key: value'",
        "invite_rewrd: 3\n": "incentive.invite_rewrd: unknown key; did you mean 'invite_reward'?",
    }.items(),
)
def test_an_option_file_is_held_to_the_same_rules(text, expected, sources, write):
    write("conf/incentive/x.yaml", text)
    [line] = problems_of("incentive=x", sources=sources)
    assert expected in line


def test_all_problems_are_told_at_once(sources, write):
    write("scenarios/x.yaml", "description: d\nincentive.invite_reward: 500\npopulation.sise: 3\n")
    lines = problems_of(
        "scenario=x",
        "~graph",
        "incentive=cash",
        "population.size=many",
        "experiment.days=-1",
        sources=sources,
    )
    assert len(lines) == 6
    for start in (
        "~graph",
        "incentive:",
        "population.size must",
        "population.sise:",
        "incentive.invite_reward must",
    ):
        assert any(line.startswith(start) for line in lines), start


def test_the_command_line_is_not_blamed_on_the_scenario(sources):
    [line] = problems_of("scenario=cash", "incentive.invite_reward=-1", sources=sources)
    assert "scenarios/" not in line


def test_rules_that_span_sections_are_checked_together(sources):
    [line] = problems_of("incentive.invite_reward=160", "population.size=50", sources=sources)
    assert line == "incentive.invite_reward must be at most 150 CNY below 100 consumers; lower it"


def test_a_scenario_may_not_take_the_name_of_a_shipped_one(sources, tmp_path):
    own = tmp_path / "work" / "scenarios"
    own.mkdir()
    (own / "cash.yaml").write_text("description: mine\n")
    [line] = problems_of("scenario=cash", sources=sources)
    assert line == "scenario: './scenarios/cash.yaml' has a shipped scenario's name; rename your file"


@pytest.mark.parametrize("end", ["", "# a copy\n"], ids=["same bytes", "same content"])
def test_equal_files_of_one_name_are_one_scenario(sources, tmp_path, end):
    own = tmp_path / "work" / "scenarios"
    own.mkdir()
    [shipped] = sources.scenario_paths()["cash"]
    (own / "cash.yaml").write_text(shipped.read_text(encoding="utf-8") + end, encoding="utf-8")
    assert len(sources.scenario_paths()["cash"]) == 2
    assert compose(["scenario=cash"], sources=sources).scenario == "cash"


def test_machine_settings_hold_nothing_else(sources, write):
    write("conf/local/machine.yaml", "engine.workers: 3\npopulation.size: 20\n")
    [line] = problems_of(sources=sources)
    assert line.startswith("conf/local/machine.yaml line 2: 'population.size' is no machine setting")
