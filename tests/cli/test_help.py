"""The help of a verb names every key that the verb reads, and nothing that it does not."""

from __future__ import annotations

import importlib
import re

import pytest

from sim.cli.entry import main
from sim.cli.help import MARKET, help_text, setting_rows
from sim.cli.verbs import VERBS
from sim.config import assumptions_table, market_sources
from sim.config.verb_keys import VERB_KEYS

#: Where requests keep the names of their own keys.
READ = {
    "sensitivity": "sim.studies.sensitivity.request",
    "sweep": "sim.config.sweep_request",
    "optimise": "sim.studies.optimise.request",
    "select": "sim.studies.select.request",
    "execute": "sim.cli.execute",
    "calibrate": "sim.calibration.request",
}


@pytest.fixture(scope="module")
def paths():
    return {row.path for row in assumptions_table(market_sources().sections)}


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_every_own_key_with_a_text_and_the_examples(verb, capsys):
    assert main([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert VERBS[verb].purpose in " ".join(told.split())
    for key, own in VERB_KEYS.get(verb, {}).items():
        assert f"  {key}={own.form}" in told
        assert len(own.text) > 5
    for line in VERBS[verb].examples:
        assert f"  liebian {line}\n" in told
    for flag in (*VERBS[verb].flags, "--json", "--quiet", "--log-file"):
        assert flag in told


@pytest.mark.parametrize("verb", MARKET)
def test_help_of_a_verb_that_simulates_has_every_setting(verb, paths):
    listed = {f"{name}.{key}" for name, _, keys in setting_rows(verb) for key in keys}
    assert listed == paths
    words = set(re.findall(r"[\w.]+", help_text(verb)))
    assert {path.partition(".")[2] for path in paths} <= words
    sources = market_sources()
    assert {option for name in sources.sections for option in sources.options(name)} <= words
    assert {"market", "budget", "capacity", "start", "months"} <= words


def test_a_verb_reads_no_key_that_its_help_does_not_name():
    for verb, module in READ.items():
        assert set(importlib.import_module(module)._OWN) <= set(VERB_KEYS[verb])
    assert set(VERB_KEYS) <= set(VERBS)
    assert {
        *MARKET,
        "status",
        "compact",
        "report",
        "execute",
        "list",
        "ask",
        "board",
        "import",
        "bundle",
        "completion",
        "template",
    } == set(VERBS)


@pytest.mark.parametrize("verb", ["status", "compact", "report", "execute"])
def test_what_a_small_verb_refuses_is_in_no_help(verb, capsys):
    """Every key of the help is understood; another is refused."""
    assert main([verb, "no.such=1"]) == 2
    refused = capsys.readouterr().err
    assert "'no.such=1'" in refused
    for key in VERB_KEYS[verb]:
        if key != "experiment.name":
            assert f"{key}=..." in refused


def test_no_own_key_hides_the_options_of_a_section():
    """``points=members`` must reach every verb; an experiment's name and the targets that count are meant."""
    sources = market_sources()
    chosen = {name for name in sources.sections if len(sources.options(name)) > 1}
    hidden = {key for own in VERB_KEYS.values() for key in own if key in chosen}
    assert hidden <= {"experiment", "targets"}


@pytest.mark.parametrize("verb", ["run", "sweep"])
def test_the_first_screen_is_short_and_says_where_every_key_is(verb, capsys):
    assert main([verb, "--help"]) == 0
    first = capsys.readouterr().out
    assert len(first.splitlines()) < 60
    assert f"liebian {verb} --help-keys" in first
    assert set(market_sources().sections) <= set(re.findall(r"\w+", first))
    assert main([verb, "--help-keys"]) == 0
    assert capsys.readouterr().out == f"{help_text(verb)}\n"
