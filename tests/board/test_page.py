"""The page, without a browser: what is edited becomes a command, and visitors do not see each other."""

from __future__ import annotations

import sys

import pytest
from streamlit.testing.v1 import AppTest

import sim.board.app as page
from sim.cli.board import _understood
from sim.cli.entry import main
from sim.core.errors import InputError

LEVER = "lever:three_tier_referral:incentive.invite_reward"


@pytest.fixture
def visit(tmp_path, monkeypatch):
    """A new visit of the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py", f"paths.results={tmp_path}/results"])

    def opened():
        return AppTest.from_file(page.__file__, default_timeout=60).run()

    return opened


def by_key(kind, key):
    return next(one for one in kind if one.key == key)


def test_a_lever_that_is_set_is_part_of_the_command_and_of_the_file(visit, tmp_path):
    at = visit()
    at.text_input("levers:query").set_value("invite reward").run()
    by_key(at.number_input, LEVER).set_value(20.0).run()
    assert "incentive.invite_reward=20.0" in at.code[0].value
    at.text_input("levers:query").set_value("").run()  # a lever that is set stays in sight
    assert by_key(at.number_input, LEVER).value == 20.0
    at.text_input("save:name").set_value("my_plan").run()
    by_key(at.button, "save").click().run()
    assert "incentive.invite_reward: 20.0" in (tmp_path / "scenarios/my_plan.yaml").read_text(
        encoding="utf-8"
    )
    assert not at.exception
    by_key(at.button, "save").click().run()
    assert any("exists" in one.value for one in at.error)


def test_stages_make_a_calendar(visit):
    at = visit()
    by_key(at.button, "stage:add").click().run()
    by_key(at.button, "stage:add").click().run()
    at.multiselect("stage:0:levers").set_value(["pricing.list_level"]).run()
    by_key(at.number_input, "stage:0:pricing.list_level").set_value(0.9).run()
    command = at.code[0].value
    assert "plan.stages.stage_1.days=30" in command
    assert "plan.stages.stage_1.levers.pricing.list_level=0.9" in command
    assert "'plan.stages.stage_2={}'" in command
    assert not at.error
    by_key(at.button, "stage:drop").click().run()
    assert "stage_2" not in at.code[0].value


def test_visitors_do_not_see_each_other(visit):
    one, other = visit(), visit()
    one.text_input("business:budget").set_value("150000/month").run()
    one.text_input("business:market").set_value("200000").run()
    other.run()
    assert "budget" in one.code[0].value
    assert "budget" not in other.code[0].value
    assert one.session_state["desk"].name != other.session_state["desk"].name


def test_what_is_wrong_is_told_and_cannot_run(visit):
    at = visit()
    at.text_input("business:budget").set_value("lots").run()
    assert any("budget" in one.value for one in at.error)
    assert by_key(at.button, "run").disabled
    assert not at.exception


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("port=no", "port: must be a whole number from 1 to 65535"),
        ("port=99999", "port: must be a whole number"),
        ("port=", "port: must be a whole number"),
        ("scenario=group_buy", "board takes port=NUMBER"),
        ("--help-me", ""),
    ],
)
def test_wrong_words_are_refused(word, rule, capsys):
    assert main(["board", word]) == 2
    assert rule in capsys.readouterr().err


def test_a_port_in_use_is_told(capsys, tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["board", f"port={port}", f"paths.results={tmp_path}"]) == 2
    assert f"port: {port} cannot be used" in capsys.readouterr().err


def test_words_are_understood(tmp_path):
    assert _understood(["port=9000", f"paths.results={tmp_path}"]) == (9000, tmp_path.resolve())
    with pytest.raises(InputError):
        _understood(["9000"])
