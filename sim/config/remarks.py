"""What is allowed and yet worth a line before a run: settings that a strategist may not have meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.config.model import Config


def remarks(config: Config) -> list[str]:
    """One line for each setting that is allowed and perhaps not meant; empty if there is none."""
    told = [
        f"{section}={config.options[section]} takes the place of what scenario {config.scenario} says of "
        f"{section} ({', '.join(keys)}); write a value on the command line to keep it"
        for section, keys in _by_section(config.replaced).items()
    ]
    for name in type(config.catalog).model_fields:
        entry: Any = getattr(config.catalog, name)
        if hasattr(entry, "unit_cost") and entry.price < entry.unit_cost:
            sums = f"{entry.price:g} against {entry.unit_cost:g} CNY"
            told.append(f"catalog.{name}.price is below its unit cost ({sums}): every sale loses money")
    if not config.channel_mix.shares().any():
        told.append(
            "channel_mix gives no platform a share: what they would have got of the allowance stays unspent"
        )
    return told


def _by_section(keys: Sequence[str]) -> dict[str, list[str]]:
    """Section -> its keys."""
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(key.partition(".")[0], []).append(key)
    return found
