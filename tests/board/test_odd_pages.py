"""The page under odd visits: names that stand twice, words that it sets itself, files that break."""

from __future__ import annotations

import sys

import pytest
from streamlit.testing.v1 import AppTest

import sim.board.app as page
from sim.board.draft import Draft

REWARD = "incentive.invite_reward"


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A visit of the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py", f"paths.results={tmp_path}/results"])
    return AppTest.from_file(page.__file__, default_timeout=60).run()


def by_key(kind, key):
    return next(one for one in kind if one.key == key)


def test_stages_of_one_name_are_told_and_cannot_run(at):
    for _ in range(3):
        by_key(at.button, "stage:add").click().run()
    by_key(at.number_input, "stage:0:days").set_value(20).run()
    by_key(at.number_input, "stage:1:days").set_value(20).run()
    assert not at.error
    at.text_input("stage:1:name").set_value("stage_1").run()
    assert ["stage_1" in one.value and "a name of its own" in one.value for one in at.error] == [True]
    assert by_key(at.button, "run").disabled


def test_a_further_stage_takes_a_name_that_no_other_has(at):
    by_key(at.button, "stage:add").click().run()
    at.text_input("stage:0:name").set_value("stage_2").run()
    by_key(at.button, "stage:add").click().run()
    names = [one.name for one in at.session_state["desk"].draft.stages]
    assert len(set(names)) == 2
    assert not at.error


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("experiment.days=5", "experiment.days: must be given once (you wrote 60 and 5)"),
        ("scenario=group_buy", "scenario: must be given once"),
        ("experiment.name=mine", "experiment.name: is set by the board itself"),
        ("paths.results=other", "paths.results: is set by the board itself"),
    ],
)
def test_other_settings_that_a_run_would_refuse_are_told_before_it(at, word, rule):
    at.text_input("size:others").set_value(word).run()
    assert any(one.value.startswith(rule) for one in at.error)
    assert by_key(at.button, "run").disabled


def test_a_lever_that_is_set_can_be_tried_and_searched():
    draft = Draft("flat_cash_referral", levers={REWARD: 20.0, "pricing.list_level": 0.9})
    tried = draft.without([REWARD])
    assert not [word for word in tried.words() if word.startswith(REWARD)]
    assert "pricing.list_level=0.9" in tried.words()
    assert draft.levers[REWARD] == 20.0


def test_values_of_a_lever_that_is_set_are_tried_without_it(at, monkeypatch):
    started = []
    monkeypatch.setattr("sim.board.desk.Desk.start", lambda self, label, verb, words: started.append(words))
    at.session_state["desk"].draft.levers[REWARD] = 20.0
    at.radio("page").set_value("Try and search").run()
    at.selectbox("try:key").set_value(REWARD).run()
    at.text_input(f"try:{REWARD}").set_value("5, 10").run()
    by_key(at.button, "try").click().run()
    assert [word for word in started[0] if word.startswith(REWARD)] == [f"{REWARD}=5,10"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"description: x\nincentive.invite_reward: [\n", "not valid YAML"),
        (b"incentive.invite_reward: 3\n", "must have a 'description'"),
        (b"\xff\xfe\x00", "must be UTF-8 text"),
    ],
)
def test_a_scenario_file_that_breaks_meanwhile_is_told(at, tmp_path, text, told):
    file = tmp_path / "scenarios" / "mine.yaml"
    file.parent.mkdir()
    file.write_text(f"description: x\n{REWARD}: 12\n", encoding="utf-8")
    at.run()
    at.selectbox("begin").set_value("mine").run()
    assert not at.error
    file.write_bytes(text)
    at.run()
    assert any(told in one.value for one in at.error)
    assert not at.exception
    file.unlink()
    at.run()
    assert not at.exception
    assert not at.error


def test_a_name_that_looks_like_a_number_is_played_as_it_was_saved(at, tmp_path):
    at.text_input("save:name").set_value("1").run()
    by_key(at.button, "save").click().run()
    assert (tmp_path / "scenarios" / "1.yaml").is_file()
    assert not Draft("1").problems()
