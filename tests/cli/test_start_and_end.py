"""What a command does not spend time on: garbage while it loads, and all of its memory when it ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from sim.cli import entry
from sim.cli.verbs import VERBS
from tests.docs.pages import ROOT


def test_nothing_is_looked_through_at_the_end(tmp_path):
    script = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 1000, gc.get_count()[2]))\n"  # runs last
        "from sim.cli import main\n"
        "sys.exit(main(['--help']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True 0"


@pytest.mark.parametrize("looking", [True, False])
def test_loading_a_verb_leaves_the_collector_as_it_was(looking, monkeypatch):
    seen = []
    monkeypatch.setattr(type(VERBS["list"]), "load", lambda verb: seen.append(gc.isenabled()))
    (gc.enable if looking else gc.disable)()
    try:
        entry._loaded("list")
        assert (seen, gc.isenabled()) == ([False], looking)
    finally:
        gc.enable()


def test_the_collector_works_again_after_a_verb_that_cannot_be_loaded(monkeypatch):
    monkeypatch.setattr(type(VERBS["list"]), "load", lambda verb: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        entry._loaded("list")
    assert gc.isenabled()
