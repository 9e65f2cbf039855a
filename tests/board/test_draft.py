"""A strategy edited on the board is what a scenario file and a command line say, and nothing else."""

from __future__ import annotations

import shlex

import pytest

from sim.board.draft import Draft, Stage, save
from sim.config import compose
from sim.core.errors import InputError

FULL = Draft(
    "group_buy",
    options={"private_domain": "wecom"},
    levers={"group_buy.discount": 0.2, "group_buy.size": 3, "channel_mix.linked_ids": True},
    stages=[
        Stage("begin", 20, levers={"pricing.list_level": 0.95}),
        Stage("then", options={"content": "hybrid"}),
    ],
    business={"market": "200000", "budget": "150000/month"},
    settings={"population.size": 500, "experiment.days": 60},
)


def test_what_is_edited_is_in_force():
    config = FULL.composed()
    assert (config.group_buy.discount, config.group_buy.size) == (0.2, 3)
    assert config.channel_mix.linked_ids is True
    assert config.options["private_domain"] == "wecom"
    assert config.plan.stages["begin"].days == 20
    assert config.population.size == 500
    assert config.control.daily_budget == pytest.approx(150_000 * 12 / 365 / 200_000, rel=0.02)


def test_the_command_means_the_draft():
    verb, *words = shlex.split(FULL.command())[1:]
    assert verb == "run"
    assert compose(words).resolved == FULL.composed().resolved


@pytest.mark.parametrize("draft", [FULL, Draft(), Draft("staged_rollout"), Draft(stages=[Stage("only")])])
def test_a_saved_strategy_is_the_one_that_was_edited(draft, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = save(draft, "mine", tmp_path / "scenarios")
    words = [f"{key}={value}" for key, value in draft.settings.items()]
    assert path.read_text(encoding="utf-8").startswith("# liebian run scenario=mine\n")
    assert compose(["scenario=mine", *words]).resolved == draft.composed().resolved


@pytest.mark.parametrize(
    ("name", "words"),
    [("Mine", "a name is"), ("../out", "a name is"), ("", "a name is"), ("group_buy", "comes with liebian")],
)
def test_a_name_that_cannot_be_used_is_refused(name, words, tmp_path):
    with pytest.raises(InputError, match=words):
        save(Draft(), name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_only_if_it_may_be(tmp_path):
    path = save(Draft(), "mine", tmp_path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists"):
        save(FULL, "mine", tmp_path)
    assert path.read_bytes() == before
    save(FULL, "mine", tmp_path, replace=True)
    assert path.read_bytes() != before


def test_what_cannot_run_is_told_and_not_saved(tmp_path):
    wrong = Draft("group_buy", levers={"group_buy.size": 99}, business={"budget": "lots"})
    told = wrong.problems()
    assert any("group_buy.size" in line for line in told)
    assert any("budget" in line for line in told)
    with pytest.raises(InputError):
        save(wrong, "mine", tmp_path)
    assert not list(tmp_path.iterdir())
