"""Shells complete what the declarations say: verbs, scenarios, keys and options."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import sim.cli
from sim.cli.completion import SHELLS, script
from sim.cli.help import MARKET, setting_rows
from sim.cli.verbs import VERBS
from sim.config import market_sources
from sim.config.verb_keys import VERB_KEYS


@pytest.fixture(scope="module")
def bash():
    """Words that bash offers for a line, as it would insert them."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    text = script("bash")

    def offered(line: str) -> list[str]:
        words = line.replace("=", " = ").split(" ") if "=" in line else line.split(" ")
        told = "\n".join(
            [
                text,
                f"COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_CWORD={len(words) - 1}",
                f"COMP_WORDS=({' '.join(repr(word) for word in words)})",
                "COMP_WORDBREAKS=$' \\t\\n=:'",
                '_liebian; printf "%s\\n" "${COMPREPLY[@]}"',
            ]
        )
        done = subprocess.run(["bash"], input=told, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.split()

    return offered


def test_verbs(bash):
    assert set(bash("liebian ")) == {*VERBS, "--help", "--version"}
    assert set(bash("liebian re")) == {verb for verb in VERBS if verb.startswith("re")}


def test_keys_options_and_scenarios(bash):
    assert bash("liebian run scenario=three") == ["three_tier_referral"]
    assert set(bash("liebian run incentive=")) == set(market_sources().options("incentive"))
    assert bash("liebian run incentive.invite_rew") == ["incentive.invite_reward="]
    assert "group_buy" in bash("liebian compare baseline gro")
    assert bash("liebian status --wa") == ["--watch"]
    assert bash("liebian template prod") == ["products"]
    assert bash("liebian status incentive.") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_every_verb_key_section_and_setting_is_in_every_script(shell):
    words = set(script(shell).replace("'", " ").replace('"', " ").split())
    assert set(VERBS) <= words
    for verb in VERBS:
        assert {f"{key}=" for key in VERB_KEYS.get(verb, {})} <= words
    for verb in MARKET:
        for name, options, keys in setting_rows(verb):
            assert {f"{name}.{key}=" for key in keys} <= words
            assert {f"{name}={option}" for option in options if len(options) > 1} <= words


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_are_read_by_their_shell(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    file = tmp_path / "script"
    file.write_text(script(shell), encoding="utf-8")
    subprocess.run([shell, "-n", str(file)], check=True, capture_output=True)


def test_another_shell_is_refused(capsys):
    assert sim.cli.main(["completion", "tcsh"]) == 2
    assert "bash, zsh or fish" in capsys.readouterr().err
    assert sim.cli.main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == script("bash")
