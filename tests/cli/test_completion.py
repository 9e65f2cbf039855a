"""Shells complete what the declarations say: verbs, scenarios, keys and options."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time

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


def test_flags_may_stand_before_the_verb_and_verbs_may_be_names(bash):
    assert bash("liebian --json warm") == ["warmup"]
    assert bash("liebian --json run scenario=three") == ["three_tier_referral"]
    assert bash("liebian bundle report --ch") == ["--check"]


@pytest.fixture(scope="module")
def fish(tmp_path_factory):
    """Words that fish offers for a line."""
    if shutil.which("fish") is None:
        pytest.skip("there is no fish (Debian: apt-get install fish)")
    file = tmp_path_factory.mktemp("fish") / "liebian.fish"
    file.write_text(script("fish"), encoding="utf-8")

    def offered(line: str) -> list[str]:
        told = f"source {file}; complete -C '{line}'"
        done = subprocess.run(["fish", "-N", "-c", told], capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.split()

    return offered


def test_fish_offers_what_is_declared(fish):
    assert set(fish("liebian ")) == {*VERBS, "--help", "--version"}
    assert fish("liebian --json warm") == ["warmup"]
    assert fish("liebian run scenario=three") == ["scenario=three_tier_referral"]
    assert {one.partition("=")[2] for one in fish("liebian run incentive=")} == set(
        market_sources().options("incentive")
    )
    assert fish("liebian run incentive.invite_rew") == ["incentive.invite_reward="]
    assert fish("liebian status --wa") == ["--watch"]
    assert fish("liebian bundle report --ch") == ["--check"]
    assert fish("liebian status incentive.") == []


class Zsh:
    """A shell at a terminal, as its user has it: keys are typed, and the line that then stands is read."""

    def __init__(self, file) -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", COLUMNS="400")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        show = 'show() { print -r -- "<<$BUFFER>>"; BUFFER=""; }; zle -N show; bindkey "^X" show'
        self._type("PROMPT=''; unsetopt PROMPT_SP; LISTMAX=10000; autoload -U compinit; compinit -u -D\n")
        self._type(f"source {file}; {show}; print REA''DY\n")
        self._until("READY")

    def _type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def _until(self, mark: str) -> str:
        told, until = "", time.monotonic() + 60
        while not re.search(mark, told):
            assert time.monotonic() < until, told
            if select.select([self._end], [], [], 0.2)[0]:
                told += os.read(self._end, 65_536).decode(errors="replace")
        return told

    def completed(self, line: str) -> str:
        """The line after the key that completes it."""
        self._type(f"{line}\t\x18")
        return re.findall("<<(.*)>>", self._until("<<.*>>"))[-1]

    def close(self) -> None:
        """End it."""
        os.close(self._end)
        os.waitpid(self.pid, 0)


@pytest.fixture(scope="module")
def zsh(tmp_path_factory):
    if shutil.which("zsh") is None:
        pytest.skip("there is no zsh (Debian: apt-get install zsh)")
    file = tmp_path_factory.mktemp("zsh") / "liebian.zsh"
    file.write_text(script("zsh"), encoding="utf-8")
    shell = Zsh(file)
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("liebian warm", "liebian warmup "),
        ("liebian --json warm", "liebian --json warmup "),
        ("liebian run scenario=three", "liebian run scenario=three_tier_referral "),
        ("liebian run incentive.invite_rew", "liebian run incentive.invite_reward="),
        ("liebian status --wa", "liebian status --watch "),
        ("liebian template prod", "liebian template products "),
        ("liebian status incentive.", "liebian status incentive."),
    ],
)
def test_zsh_completes_what_is_declared(zsh, line, completed):
    assert zsh.completed(line) == completed


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
        pytest.skip(f"there is no {shell} (Debian: apt-get install {shell})")
    file = tmp_path / "script"
    file.write_text(script(shell), encoding="utf-8")
    subprocess.run([shell, "-n", str(file)], check=True, capture_output=True)


def test_another_shell_is_refused(capsys):
    assert sim.cli.main(["completion", "tcsh"]) == 2
    assert "bash, zsh or fish" in capsys.readouterr().err
    assert sim.cli.main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == script("bash")
