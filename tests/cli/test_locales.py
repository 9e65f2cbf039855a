"""Another locale changes nothing that is stored, and what it cannot spell is one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.tiny import fingerprint

TINY = ("population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2",
        "experiment.replications=1", "engine=serial")  # fmt: skip


@pytest.fixture(scope="module")
def gbk(tmp_path_factory) -> dict[str, str]:
    """Environment of a Chinese machine whose texts are GBK."""
    place = tmp_path_factory.mktemp("locales")
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "zh_CN", "-f", "GBK", str(place / "zh_CN.GBK")], capture_output=True, check=False
    )
    if not (place / "zh_CN.GBK").exists():
        pytest.skip(f"the locale zh_CN.GBK cannot be made here ({made})")
    return {"LOCPATH": str(place), "LC_ALL": "zh_CN.GBK"}


def run(desk: Path, words: list[str], locale: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **locale}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run([sys.executable, "-m", "sim", *words], cwd=desk, env=environment,
                          capture_output=True, timeout=600, check=False)  # fmt: skip


@pytest.mark.slow
def test_the_same_bytes_are_stored_in_every_locale(tmp_path, gbk):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/qiu.yaml").write_text(
        "description: 秋季促销 – 九折 ✓\npricing.list_level: 0.9\n", encoding="utf-8"
    )
    seen = []
    for name, locale in (("c", {"LC_ALL": "C"}), ("gbk", gbk), ("utf", {"LC_ALL": "C.UTF-8"})):
        words = ["run", "scenario=qiu", *TINY, f"paths.results={name}", "paths.cache=cache"]
        done = run(tmp_path, words, locale)
        assert done.returncode == 0, done.stderr
        done.stdout.decode({"c": "ascii", "gbk": "gbk", "utf": "utf-8"}[name])
        kept = fingerprint(tmp_path / name)
        bytes_of = {file: content.split()[0] for file, content in kept.items()}  # not when they were written
        seen.append({file: content for file, content in bytes_of.items() if "timings" not in str(file)
                     and "reports" not in str(file)})  # fmt: skip
        assert seen[-1]
    assert seen[0] == seen[1] == seen[2]


def test_a_folder_that_readers_would_spell_otherwise_is_refused(tmp_path, gbk):
    """Python names it in GBK, and the readers of tables in UTF-8: runs were made and never found."""
    done = run(tmp_path, ["run", *TINY, b"paths.results=" + "结果".encode("gbk")], gbk)
    assert done.returncode == 2
    assert done.stderr.decode("gbk").count("PYTHONUTF8=1") == 1  # in Chinese, as that locale asks
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_words_that_the_locale_cannot_read_are_refused(tmp_path):
    done = run(tmp_path, ["run", *TINY, "paths.results=结果".encode()], {"LC_ALL": "C"})
    assert done.returncode == 2
    assert b"cannot be read in this locale (ascii); set LC_ALL=C.UTF-8" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not list(tmp_path.iterdir())
