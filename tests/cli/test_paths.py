"""One grammar for folders in every verb: quotes, spaces, home, letters of every script."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.config import compose
from sim.config.overrides import folder
from sim.core.errors import ConfigError

NAMES = {
    "paths.results=结果": "结果",
    'paths.results="一 二"': "一 二",
    "paths.results='一 二'": "一 二",
    "paths.results=一 二": "一 二",
    "paths.results=a/b": "a/b",
    "paths.results=~/runs": "HOME/runs",
    'paths.results="~/runs"': "HOME/runs",
}


@pytest.mark.parametrize("word", NAMES)
def test_runs_and_readers_mean_the_same_folder(word):
    wanted = NAMES[word].replace("HOME", str(Path.home()))
    assert compose([word]).paths.results == wanted
    assert folder(word) == wanted


@pytest.mark.parametrize(
    "word", ["paths.results=", "paths.results=null", "paths.results=[a]", "paths.results=a,b"]
)
def test_what_names_no_folder_is_refused_by_both(word):
    with pytest.raises(ConfigError, match=r"paths\.results"):
        compose([word])
    with pytest.raises(ConfigError, match=r"paths\.results"):
        folder(word)


@pytest.mark.parametrize(
    "verb", [["report"], ["status"], ["compact", "experiment=e"], ["execute", "experiment=e"]]
)
def test_readers_look_where_the_quoted_word_points(verb, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*verb, 'paths.results="一 二"']) == 2
    told = capsys.readouterr().err
    assert "一 二" in told
    assert '"' not in told


@pytest.mark.parametrize("word", ["graph.path=网络.csv", 'graph.path="网络.csv"'])
def test_a_network_may_have_a_chinese_name(word):
    with pytest.raises(ConfigError) as told:
        compose([word])  # no edge list was asked for: the file's name is read, and that is told
    assert "cannot be read" not in str(told.value)
