"""Every small wrong change of the list is noticed by the tests named beside it.

The list itself is checked in every run, so that it cannot rot; the changes are tried one at a time by
``python -m tests.mutations.run``, or all of them by ``pytest -m slow tests/mutations``.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.mutations import run
from tests.mutations.run import ROOT, Mutation, applied, judge_all, mutations

MUTATIONS = mutations()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[m.name for m in MUTATIONS])
def test_a_mutation_fits_the_code(mutation: Mutation) -> None:
    """What is changed stands in the file once, the change compiles, and the tests exist."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    assert mutation.old != mutation.new
    compile(text.replace(mutation.old, mutation.new), mutation.file, "exec")
    assert (ROOT / shlex.split(mutation.killed_by)[0].split("::")[0]).exists()
    assert mutation.breaks


def test_the_list_is_long_enough_and_covers_the_market() -> None:
    """At least sixty, of every part of the market that decides, moves goods or counts money."""
    assert len(MUTATIONS) >= 60
    touched = {str(Path(m.file).parent) for m in MUTATIONS}
    assert touched >= {
        "sim/core", "sim/demand", "sim/operator", "sim/logistics", "sim/measure", "sim/social",
    }  # fmt: skip


def test_a_change_is_put_back(tmp_path: Path) -> None:
    """After its tests the copy is as it was."""
    mutation = MUTATIONS[0]
    file = tmp_path / mutation.file
    file.parent.mkdir(parents=True)
    file.write_text(before := (ROOT / mutation.file).read_text(encoding="utf-8"), encoding="utf-8")
    with applied(tmp_path, mutation):
        assert file.read_text(encoding="utf-8") == before.replace(mutation.old, mutation.new)
    assert file.read_text(encoding="utf-8") == before


@pytest.mark.slow
def test_every_mutation_is_noticed(tmp_path: Path) -> None:
    """None survives but those that are shown to be equivalent."""
    verdicts = judge_all(MUTATIONS, tmp_path)
    assert len(verdicts) == len(MUTATIONS)
    assert [(v.mutation.name, v.outcome, v.said) for v in verdicts if not v.holds] == []


def test_tests_that_never_end_judge_nothing(tmp_path: Path, monkeypatch) -> None:
    """The other mutations are judged all the same."""
    monkeypatch.setattr(run, "_LONGEST_SECONDS", 0.01)
    code, said = run.run_tests(tmp_path, "nothing.py", interpreted=True)
    assert code not in (0, 1)
    assert "0 s" in said
