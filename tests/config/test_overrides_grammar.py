"""What is read without Hydra means what Hydra says it means."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sim.config import market_sources, plain_yaml
from sim.config.overrides import Assignment, by_grammar, literal, parse, refusal

_KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}(\.[A-Za-z0-9_]{1,8}){0,2}", fullmatch=True)
_VALUES = st.one_of(
    st.from_regex(r"[-+]?[0-9_]{1,20}(\.[0-9_]{0,20})?([eE][-+]?[0-9]{1,2})?", fullmatch=True),
    st.sampled_from(["true", "False", "NULL", "null", "inf", "-inf", "nan", "NaN", "0x10", "007", "1_000"]),
    st.sampled_from([".5", "5.", "-0", "-0.0", "1e3", "on", "yes", "~", "''", "tru", "INFINITY", "None"]),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12),
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_KEYS, st.sampled_from(["paths.results", "paths.cache", "graph.path"])), _VALUES)
def test_a_plain_word_means_what_hydra_reads(key, value):
    text = f"{key}={value}"
    if refusal(text) is None and (read := literal(text)) is not None:
        hydra = by_grammar(text)
        assert hydra is not None
        assert not hydra.is_sweep_override()
        assert read == Assignment(hydra.key_or_group, hydra.value())
        assert type(read.value) is type(hydra.value())


@pytest.mark.parametrize("text", ["a.b=3", "a.b=-0.25", "group=option_2", "paths.results=out/one", "a=x1"])
def test_plain_words_need_no_hydra(text):
    assert literal(text) is not None


@pytest.mark.parametrize(
    "text", ["a.b=[1]", "a.b=1,2", "a.b='x'", "a=true", "a=null", "a.b=1e3", "a.b=a-b", "experiment.until=x"]
)
def test_everything_else_is_left_to_hydra(text):
    assert literal(text) is None


def test_hydra_is_imported_when_a_word_needs_it():
    script = (
        "import sys\nfrom sim.config import compose\n"
        "compose(['population.size=300', 'scenario=baseline'])\n"
        "assert 'hydra' not in sys.modules\n"
        "compose(['scenario=\"baseline\"'])\n"
        "assert 'hydra' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_shipped_option_files_hold_what_hydra_composes_from_them():
    sources = market_sources()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(sources.conf.resolve()), version_base="1.3"):
        for path in sorted(sources.conf.glob("*/*.yaml")):
            group = path.parent.name
            composed = OmegaConf.to_container(hydra_compose(f"{group}/{path.stem}"))
            assert plain_yaml.read(path, sources.conf).values == (composed.get(group) or {}), path


def test_parse_takes_both_ways():
    assert parse(["a.b=3", "a.c=[3, x]"]) == ([Assignment("a.b", 3), Assignment("a.c", [3, "x"])], [])
