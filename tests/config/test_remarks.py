"""Settings that are allowed and perhaps not meant are told in a line."""

from __future__ import annotations

from sim.config import assumptions_table, compose, market_sources
from sim.config.remarks import remarks


def test_nothing_is_said_of_the_shipped_settings():
    assert remarks(compose()) == []


def test_a_price_below_cost_is_allowed_and_told():
    config = compose(["catalog.fresh.price=20"])
    [line] = remarks(config)
    assert line.startswith("catalog.fresh.price is below its unit cost (20 against ")


def test_an_allowance_that_no_platform_gets_is_told():
    mix = {row.path for row in assumptions_table(market_sources().sections)}
    platforms = {path.split(".")[1] for path in mix if path.startswith("platforms.")}
    words = [f"channel_mix.{one}=0" for one in platforms if f"channel_mix.{one}" in mix]
    assert words
    [line] = remarks(compose(words))
    assert "channel_mix" in line
