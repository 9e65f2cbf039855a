"""Strict reading of YAML: what is accepted means what Hydra's own reader makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sim.config import plain_yaml
from sim.core.errors import ConfigError

numberlike = st.text("0159_.eE+-:", min_size=1, max_size=8)
word = st.text("abcxyzYESNOnoffTrue.~?=<0123456789:-+_eE' ", max_size=12)
scalar = st.one_of(
    word, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)
tree = st.recursive(
    scalar, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(word, inner, max_size=3))
)


def read(folder: Path, text: str | bytes) -> plain_yaml.Document:
    path = folder / "x.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return plain_yaml.read(path, folder)


def outcome(folder: Path, text: str | bytes) -> tuple[dict[str, object] | None, list[str]]:
    """Values of the file, or None and its problems."""
    try:
        return read(folder, text).values, []
    except ConfigError as error:
        return None, error.problems


@pytest.mark.property
@given(key=st.sampled_from(["a", "b.c"]), value=st.one_of(word, numberlike))
@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_accepted_means_the_same_to_hydra(tmp_path, key, value):
    text = f"{key}: {value}\n"
    read_here, problems = outcome(tmp_path, text)
    if read_here is None:
        assert problems
        return
    theirs = OmegaConf.to_container(OmegaConf.create(text))
    assert read_here == theirs
    assert [type(v) for v in read_here.values()] == [type(v) for v in theirs.values()]


@pytest.mark.property
@given(value=tree)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_program_writes_is_read_back_or_refused_in_words(tmp_path, value):
    values, problems = outcome(tmp_path, yaml.safe_dump({"key": value}))
    assert values == {"key": value} or all(" line " in line for line in problems)
    assert (values is None) == bool(problems)


@pytest.mark.property
@given(raw=st.binary(max_size=200))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_gives_values_or_one_line_problems(tmp_path, raw):
    values, problems = outcome(tmp_path, raw)
    assert isinstance(values, dict) or problems
    assert all("\n" not in line for line in problems)


def test_numbers_words_and_lines(tmp_path):
    document = read(
        tmp_path,
        "\ufeff# a comment\nwhole: 1_000\ndecimal: 1e3\nshare: .5\nword: plain words\n"
        "quoted: 'yes'\nday: 2025-01-01\nflag: true\nnothing: null\nlist: [1, {a: -2.5}]\n",
    )
    assert document.values == {
        "whole": 1000, "decimal": 1000.0, "share": 0.5, "word": "plain words", "quoted": "yes",
        "day": "2025-01-01", "flag": True, "nothing": None, "list": [1, {"a": -2.5}],
    }  # fmt: skip
    assert document.lines["share"] == 4


@pytest.mark.parametrize("text", ["0__", "1_", "1__000", "1._5", "5_.0", "1e1_0", "-.5", ".5e3", "1.2.3"])
def test_an_odd_number_is_refused(tmp_path, text):
    _, problems = outcome(tmp_path, f"a: {text}\n")
    assert len(problems) == 1
    assert text in problems[0]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "{}\n"])
def test_an_empty_file_is_an_empty_mapping(tmp_path, text):
    assert read(tmp_path, text).values == {}


def test_every_problem_of_a_file_is_told(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "a: yes\nb: 12:30\nb: &x 1\nc: *x\n")
    assert [line.partition(": ")[0].split()[-1] for line in caught.value.problems] == [
        "1",
        "2",
        "3",
        "3",
        "4",
    ]
