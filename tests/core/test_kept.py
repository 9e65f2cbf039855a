"""Stored texts: English on disk, told in the reader's language, with or without what they are made of."""

import json
import pickle

import pytest

from sim.core.kept import SAID, keep, plain, told, told_of
from sim.core.language import speaking, tr

TAIL = keep("no degree tail to judge")
LINE = keep(
    "{name}: {people:,} people, {ties:,} ties, mean degree {degree:.1f}, clustering {clustering:.2f}, {tail}",
    name=keep("real network {file}", file="graph"),
    people=1200,
    ties=5000,
    degree=8.33,
    clustering=0.125,
    tail=TAIL,
)
ENGLISH = (
    "real network graph: 1,200 people, 5,000 ties, mean degree 8.3, clustering 0.12, no degree tail to judge"
)


def test_it_is_english_as_it_stands_whatever_is_spoken():
    with speaking("zh"):
        assert keep("skipped {lines:,} comment lines", lines=1500) == "skipped 1,500 comment lines"
    assert LINE == ENGLISH


@pytest.mark.parametrize(
    "stored",
    [LINE, plain(LINE), json.loads(json.dumps(plain(LINE))), pickle.loads(pickle.dumps(LINE))],
    ids=["kept", "plain", "from JSON", "from a process"],
)
def test_it_is_told_in_the_language_in_force_from_what_was_stored(stored):
    assert told(stored) == ENGLISH
    with speaking("zh"):
        said = told(stored)
        assert said == told(LINE)
        assert "1,200" in said
        assert tr("no degree tail to judge") in said
        assert "people" not in said


def test_a_name_of_a_user_is_no_message_of_ours():
    """A file called as a word that has a translation keeps its name."""
    with speaking("zh"):
        assert tr("graph") != "graph"
        assert "graph" in told(LINE)


def test_what_was_stored_before_is_read_as_it_is():
    old = {
        "graph": "generated network (like ties.csv): 9 people",
        "stationary": "checked at the end of burn-in",
    }
    with speaking("zh"):
        assert told_of(old, "graph") == old["graph"]
        assert told_of(old, "stationary") == tr("checked at the end of burn-in") != old["stationary"]
        assert told_of(old, "graph_notes") == ""


def test_lists_and_mappings_of_them_are_told_one_by_one():
    info = {"notes": [str(TAIL)], SAID: {"notes": plain([TAIL]), "why": plain({"a": TAIL})}}
    with speaking("zh"):
        assert told_of(info, "notes") == [tr("no degree tail to judge")]
        assert told_of(info, "why") == {"a": tr("no degree tail to judge")}
