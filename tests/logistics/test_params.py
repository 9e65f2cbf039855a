"""Parameters of logistics: declared once, sourced, and every option file speaks only of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sim.core.params import declared
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams

CONF = Path(__file__).parents[2] / "conf"
MODELS = {"logistics": LogisticsParams, "returns": ReturnsParams, "supply": SupplyParams}
OPTIONS = [(section, path) for section in MODELS for path in sorted((CONF / section).glob("*.yaml"))]


@pytest.mark.parametrize(("section", "path"), OPTIONS, ids=[f"{s}/{p.stem}" for s, p in OPTIONS])
def test_option_files_validate(section: str, path: Path) -> None:
    """Each option is a commented plain mapping of known keys with values in bounds."""
    text = path.read_text()
    assert text.startswith("# ")
    values = yaml.safe_load(text)
    MODELS[section](**values)


def test_assumptions_are_numbered_once_and_explained() -> None:
    """Each id of an assumption is used once, and every number says why."""
    entries = [d for model in MODELS.values() for d in declared(model)]
    ids = [d.source for d in entries if d.source.startswith("A-")]
    assert len(ids) == len(set(ids))
    assert all(d.why for d in entries)


def test_tight_is_tight_and_instant_offers_more() -> None:
    """The options differ from the standard in the direction their names promise."""
    read = {p.stem: LogisticsParams(**yaml.safe_load(p.read_text())) for s, p in OPTIONS if s == "logistics"}
    assert read["tight"].capacity_ratio < 1 < read["standard"].capacity_ratio
    assert read["instant"].near_class_ambient < 3 <= read["standard"].near_class_ambient


def test_numbers_scale_with_the_population() -> None:
    """Zones and front warehouses grow with the market, and a small market still has several zones."""
    p = LogisticsParams()
    assert (p.fronts(20_000), p.zones(20_000)) == (1, 8)
    assert (p.fronts(1_000_000), p.zones(1_000_000)) == (50, 400)
    assert (p.fronts(300), p.zones(300)) == (1, p.min_zones)
