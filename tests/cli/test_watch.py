"""``status --watch`` tells until nothing waits, and no longer."""

from __future__ import annotations

import sim.cli
import sim.cli.store as verbs


def test_it_ends_when_nothing_waits(monkeypatch, capsys):
    left, slept = [2, 1, 0], []

    def tell(*_):
        return [{"waiting": ["key"] * left.pop(0)}]

    monkeypatch.setattr(verbs, "_tell", tell)
    monkeypatch.setattr(verbs, "names", lambda _: ["sweep"])
    monkeypatch.setattr(verbs.time, "sleep", slept.append)
    assert sim.cli.main(["status", "--watch"]) == 0
    assert len(slept) == 2
    left[:] = [2, 0]
    assert sim.cli.main(["status"]) == 0
    assert (len(slept), left) == (2, [0])
    capsys.readouterr()
