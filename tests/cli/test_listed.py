"""Lists that are kept: the same to the letter as fresh ones, never stale, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim.cli
from sim.cli import listed
from sim.core.shipped import shipped
from tests.docs.pages import ROOT

MINE = "description: {}\npricing: coupon\n"
LINES = (["list"], ["list", "rules"], ["list", "parameters", "invite"], ["--json", "list", "parameters"])


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A working folder with a scenario of one's own, and a folder of its own for what is kept."""
    monkeypatch.setattr("sim.core.jit.cache_folder", lambda: tmp_path / "kept" / "kernels")
    (tmp_path / "work" / "scenarios").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    own("first")
    return tmp_path / "kept" / "liebian-lists"


def own(description: str, name: str = "mine") -> Path:
    """A scenario of the working folder."""
    file = Path("scenarios") / f"{name}.yaml"
    file.write_text(MINE.format(description), encoding="utf-8")
    return file


def never():
    raise AssertionError("found out anew")


def told(words, capsys) -> str:
    """What a command prints."""
    capsys.readouterr()
    assert sim.cli.main(list(words)) == 0
    return capsys.readouterr().out


def test_a_kept_list_is_a_fresh_one_to_the_letter(kept, capsys, monkeypatch):
    fresh = [told(words, capsys) for words in LINES]
    assert {file.name.partition("-")[0] for file in kept.iterdir()} == set(listed._FOUND)
    monkeypatch.setattr(listed, "_FOUND", dict.fromkeys(listed._FOUND, never))
    assert [told(words, capsys) for words in LINES] == fresh
    assert "mine" in fresh[0]


def test_a_long_text_is_told_to_its_end(kept, capsys):
    told(["--json", "list", "parameters"], capsys)
    longest = max(listed.parameters(), key=lambda row: len(row.why))
    words = told(["list", "parameters", longest.path], capsys).split()
    assert words[-len(longest.why.split()) :] == longest.why.split()


def test_a_scenario_that_changes_is_told_anew(kept, capsys):
    assert "first" in told(["list"], capsys)
    own("second")
    assert "second" in told(["list"], capsys)
    own("another", "other")
    assert "another" in told(["list"], capsys)
    Path("scenarios/other.yaml").rename("scenarios/renamed.yaml")
    assert "renamed" in told(["list"], capsys)
    Path("scenarios/renamed.yaml").unlink()
    assert "another" not in told(["list"], capsys)
    Path("scenarios/mine.yaml").write_text("pricing: coupon\n", encoding="utf-8")
    assert "(cannot be read: scenarios/mine.yaml: must have a 'description'" in told(["list"], capsys)


@pytest.mark.parametrize("topic", sorted(listed._FOUND))
def test_whatever_a_list_depends_on_is_in_its_name(topic, kept, tmp_path, monkeypatch):
    """An option file's text, name and place; sources; a library that was installed again; the topic."""
    conf = tmp_path / "conf"
    shutil.copytree(shipped("conf"), conf)
    monkeypatch.setattr(listed, "shipped", lambda folder: conf if folder == "conf" else shipped(folder))
    names = [listed.digest(topic)]
    assert names == [listed.digest(topic)]
    option = conf / "pricing" / "coupon.yaml"
    option.write_text(option.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    names.append(listed.digest(topic))
    option.rename(conf / "pricing" / "voucher.yaml")
    names.append(listed.digest(topic))
    (conf / "local").mkdir(exist_ok=True)
    (conf / "local" / "one.yaml").write_text("a: 1\n", encoding="utf-8")
    names.append(listed.digest(topic))
    monkeypatch.setattr(listed, "sources_digest", lambda chosen: "other sources")
    names.append(listed.digest(topic))
    monkeypatch.setattr(listed, "_version", lambda library: (library, 1))
    names.append(listed.digest(topic))
    names += [listed.digest(other) for other in listed._FOUND if other != topic]
    assert len(set(names)) == len(names)


def test_a_scenario_is_in_the_name_of_the_scenarios_alone(kept):
    before = {topic: listed.digest(topic) for topic in listed._FOUND}
    own("second")
    changed = {topic for topic, name in before.items() if name != listed.digest(topic)}
    assert changed == {"scenarios"}


def test_every_source_file_counts():
    """Also those that change no number of a run, such as how an option is described."""
    from sim.core.sources import sources_digest

    assert sources_digest(bool) != sources_digest(lambda name: name != "config/scenarios.py")


def test_links_are_not_trusted(kept, tmp_path, capsys):
    (tmp_path / "elsewhere.yaml").write_text(MINE.format("led out"), encoding="utf-8")
    Path("scenarios/linked.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert listed.digest("scenarios") is None
    assert "is a link that leads out of scenarios/" in told(["list", "scenarios"], capsys)
    assert not list(kept.glob("scenarios-*"))


@pytest.mark.parametrize("damage", ["{", "", "\udcff"])
def test_a_damaged_file_is_written_anew(damage, kept, capsys):
    fresh = told(["list", "scenarios"], capsys)
    [file] = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert told(["list", "scenarios"], capsys) == fresh
    assert file.read_bytes() == whole


def test_without_a_folder_lists_are_found_out_each_time(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_bytes(b"")
    for base in (None, tmp_path / "file" / "below" / "kernels"):
        monkeypatch.setattr("sim.core.jit.cache_folder", lambda base=base: base)
        assert "core_rules" in told(["list", "scenarios"], capsys)


def test_files_of_other_versions_go(kept, monkeypatch, capsys):
    monkeypatch.setattr(listed, "_STAY", 3)
    for number in range(5):
        own(f"number {number}")
        told(["list", "scenarios"], capsys)
    assert len(list(kept.iterdir())) == 3
    assert not list(kept.glob("*.tmp"))


def test_added_features_are_told_and_never_kept(kept, capsys):
    told(["list", "sections"], capsys)
    before = {file: file.read_bytes() for file in kept.iterdir()}
    with_stamps = told(["--with", "tests.features.stamps", "list", "sections"], capsys)
    assert "stamps" in with_stamps
    assert {file: file.read_bytes() for file in kept.iterdir()} == before
    assert "stamps" not in told(["list", "sections"], capsys)


def test_a_kept_list_loads_no_declarations(tmp_path):
    """A start that lists must not pay for models: the second one loads neither numpy nor pydantic."""
    script = (
        "import sys; from sim.cli import main; code = main(['list'])\n"
        "print(code, *({'numpy', 'pydantic', 'sim.registry'} & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    loaded = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        for _ in range(2)
    ]
    assert loaded[0].stdout == loaded[1].stdout
    assert [run.stderr.split() for run in loaded][1] == ["0"]
    assert {"0", "numpy", "pydantic", "sim.registry"} == set(loaded[0].stderr.split())
