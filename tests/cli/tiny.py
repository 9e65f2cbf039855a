"""A market so small that a whole command takes a second, and fingerprints of what a command left behind."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

#: What ``--json`` prints.
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "output.schema.json").read_text(encoding="utf-8")
)
#: Three hundred people, two days, one world, no burn-in, in this process.
TINY = {
    "population.size": "300",
    "experiment.days": "2",
    "experiment.warmup_days": "1",
    "experiment.burn_in_days": "0",
    "experiment.replications": "1",
    "engine": "serial",
}


def tiny(verb: str, *words: str) -> list[str]:
    """Arguments of a tiny command; what ``words`` say of a setting stands in for the tiny value."""
    said = {word.partition("=")[0] for word in words}
    unsaid = [f"{key}={value}" for key, value in TINY.items() if key not in said]
    if "graph=edge_list" in words:  # the file says how many people there are
        unsaid = [word for word in unsaid if not word.startswith("population.size")]
    return [verb, *words, *unsaid]


def fingerprint(folder: Path) -> dict[str, str]:
    """File -> digest of content and change time; folders without files do not count."""
    return {
        str(
            path.relative_to(folder)
        ): f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
