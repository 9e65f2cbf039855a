"""A key of an entry (a category, a platform, the influencers' audience) moves itself and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from sim.config import compose, market_sources
from sim.runs.plan import plan
from sim.store import manifest
from sim.studies.robustness.arms import with_values

DEFAULT = compose([])


def nested_keys() -> Iterator[tuple[str, Any]]:
    """Dotted key and plain default of every field of every model inside a section."""
    for section, model in DEFAULT.models.items():
        yield from _inside(section, model, 0)


def _inside(path: str, model: BaseModel, depth: int) -> Iterator[tuple[str, Any]]:
    plain = model.model_dump(mode="json")
    for name in type(model).model_fields:
        inner = getattr(model, name)
        if isinstance(inner, BaseModel):
            yield from _inside(f"{path}.{name}", inner, depth + 1)
        elif depth:
            yield f"{path}.{name}", plain[name]


NESTED = dict(nested_keys())


def word(key: str, value: Any) -> str:
    return f"{key}={'null' if value is None else str(value).lower() if isinstance(value, bool) else value}"


def test_there_are_as_many_nested_keys_as_entries_have_fields():
    catalog, platforms = DEFAULT.catalog, DEFAULT.platforms
    entries = [
        getattr(section, name)
        for section in (catalog, platforms)
        for name in type(section).model_fields
        if isinstance(getattr(section, name), BaseModel)
    ]
    assert len(NESTED) >= sum(len(type(entry).model_fields) for entry in entries) > 200


@pytest.mark.parametrize("key", NESTED)
def test_a_nested_key_set_to_its_own_default_changes_nothing(key):
    assert compose([word(key, NESTED[key])]).resolved == DEFAULT.resolved


def test_all_nested_keys_set_to_their_defaults_in_a_scenario_file_change_nothing(tmp_path):
    lines = {"description": "every nested key at its default", **NESTED}
    text = yaml.safe_dump(lines, allow_unicode=True, sort_keys=False)
    (tmp_path / "same.yaml").write_text(text, encoding="utf-8")
    shipped = market_sources()
    sources = replace(shipped, scenarios=(tmp_path, *shipped.scenarios))
    assert compose(["scenario=same"], sources=sources).resolved == DEFAULT.resolved


@pytest.mark.property
@given(st.lists(st.sampled_from(sorted(NESTED)), min_size=1, max_size=6, unique=True), st.data())
def test_changed_nested_keys_change_themselves_alone(keys, data):
    """Every route to a configuration: the command line, a whole entry, stored values."""
    numbers = [k for k in keys if isinstance(NESTED[k], float) and 0 < NESTED[k] < 0.5]
    changed = {k: round(NESTED[k] * data.draw(st.floats(0.6, 0.95)), 6) for k in numbers}
    made = compose([word(k, v) for k, v in changed.items()])
    assert _flat(made.resolved) == _flat(DEFAULT.resolved) | changed
    assert with_values(DEFAULT, changed).resolved == made.resolved


def test_a_whole_entry_written_as_a_mapping_keeps_what_it_does_not_name():
    made = compose(["platforms.douyin={cpm: 21, feed: 0.2}"])
    wanted = _flat(DEFAULT.resolved) | {"platforms.douyin.cpm": 21.0, "platforms.douyin.feed": 0.2}
    assert _flat(made.resolved) == wanted


def test_sweeps_move_one_key_of_an_entry_alone(tmp_path):
    planned = plan(["catalog.fresh.price=47,49", "experiment.replications=1", "experiment.name=s"])
    manifest.extend(tmp_path, "s", planned.jobs, planned.content)
    written = manifest.read(tmp_path, "s")
    settings = {"experiment.name": "s", "experiment.replications": 1}
    swept = [job for job in written.jobs if not job.added]
    assert [job.overrides["catalog.fresh.price"] for job in swept] == [47, 49]
    for job in swept:
        wanted = (
            _flat(DEFAULT.resolved) | settings | {"catalog.fresh.price": job.overrides["catalog.fresh.price"]}
        )
        assert _flat(written.config(job).resolved) == wanted


def _flat(resolved: dict[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in resolved.items():
        here = f"{path}{key}"
        known = here in NESTED or not isinstance(value, dict)
        found |= {here: value} if known else _flat(value, f"{here}.")
    return found
