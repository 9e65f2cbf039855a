"""Builds the manual: ``python -m docs.manual [FOLDER]``, MkDocs Material over the pages of this folder.

Pages are copied into a build folder, links that leave the documentation become plain text, and the
reference of public names and of verbs is written from the code. Built pages ask no other machine for a file,
and pages that are opened as files have their search: the index is a script, and what searches it runs in a
frame, because browsers start no worker from a file.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from docs.pages import DOCS

ROOT = DOCS.parent
#: Parts of the manual and their pages, in order; a page that stands nowhere comes under the last part.
PARTS: dict[str, tuple[str, ...]] = {
    "Tour": ("tour_strategist", "incentive_study", "festival", "crisis"),
    "How to": (
        "board",
        "strategies",
        "own_files",
        "networks",
        "sweeps",
        "search",
        "sensitivity",
        "response_curves",
        "experiments",
        "calibrate_your_market",
        "rules",
        "add_a_mechanism",
        "results_store",
        "machine_output",
        "cluster",
    ),
    "中文": ("zh", "zh_tour"),
    "Concepts": (
        "why",
        "statistics",
        "estimators",
        "variance_reduction",
        "sizes",
        "rankings",
        "stationarity",
        "calibration",
        "real_data",
        "recovery",
        "glossary",
    ),
    "ODD": ("odd",),
    "Reference": ("names", "verbs", "assumptions", "kpis", "mechanisms", "rules_reference"),
    "Gallery": ("gallery",),
    "Checks": ("exact_limits", "core_rules", "fidelity", "plan_coverage", "speed"),
}
_LINK = re.compile(r"(!?)\[([^\]\[]*(?:\[[^\]]*\][^\]\[]*)*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"(^```.*?^```\n?)", re.DOTALL | re.MULTILINE)
#: Where words end: at blanks and punctuation, also of Chinese, whose characters are words of their own.
_SEPARATOR = r"[\s\-,:!=()\[\]`\"/.;?+，。、：；？！（）《》“”「」]+|(?=[一-鿿])|(?<=[一-鿿])"
#: A worker for pages that are opened as files. MkDocs Material fetches one from the network, unless it is
#: told of another by this name.
_FRAME = "iframe-worker.js"
_CONFIG = """\
site_name: Liebian
site_description: A simulator of social commerce
docs_dir: pages
site_dir: site
use_directory_urls: false
strict: true
extra_css: [manual.css]
theme:
  name: material
  font: false
  features: [navigation.sections, navigation.indexes, content.code.copy, search.highlight, search.suggest]
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
extra:
  polyfills: [{frame}]
plugins:
  - search:
      separator: '{separator}'
      pipeline: [stopWordFilter]
  - offline
  - mkdocstrings:
      handlers:
        python:
          paths: [{root}]
          options:
            docstring_style: numpy
            show_source: false
            show_root_heading: false
            show_root_toc_entry: false
            heading_level: 3
            members_order: source
            filters: ["!^_"]
markdown_extensions: [tables, attr_list, admonition, pymdownx.superfences, {{toc: {{permalink: true}}}}]
validation:
  links: {{not_found: warn, anchors: warn, unrecognized_links: warn}}
nav:
{nav}
"""


def pages() -> dict[str, list[str]]:
    """Part -> names of its pages, all pages of this folder and the generated ones."""
    there = {path.stem for path in DOCS.glob("*.md")} - {"index"} | {"names", "verbs"}
    found = {part: [name for name in names if name in there] for part, names in PARTS.items()}
    placed = {name for names in found.values() for name in names}
    found[next(reversed(found))] += sorted(there - placed)
    return found


def localised(text: str, there: set[str]) -> str:
    """Markdown whose links stay within the manual; what they named elsewhere stays as text."""

    def link(match: re.Match[str]) -> str:
        image, words, target = match.groups()
        page = target.partition("#")[0]
        if target.startswith("#") or page in there or (target.startswith("https://") and not image):
            return match[0]
        if page in ("../README.md", "README.md"):
            return f"[{words}](index.md)"
        return words if not image else ""

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def names_page() -> str:
    """Reference of every public name, from its docstring."""
    import sim

    entries = "\n\n".join(f"## {name}\n\n::: {home(name)}" for name in sorted(sim.__all__))
    return f"# Public names\n\nAll of them are imported from `sim`.\n\n{entries}\n"


def home(name: str) -> str:
    """Where a public name is defined, for readers of source that import nothing."""
    import sim

    found = getattr(sim, name)
    return f"{found.__module__}.{found.__qualname__}"


def verbs_page() -> str:
    """Help of every verb, as the command line prints it."""
    from sim.cli.help import help_text
    from sim.cli.verbs import VERBS

    parts = ["# Verbs\n\n`liebian VERB --help` prints the same."]
    for verb in VERBS.values():
        parts.append(f"## {verb.name}\n\n{verb.purpose[:1].upper()}{verb.purpose[1:]}.\n")
        parts.append(f"```text\nliebian {verb.name} {verb.takes}\n\n{help_text(verb.name)}\n```")
    return "\n\n".join(parts) + "\n"


def write_sources(folder: Path) -> Path:
    """Write pages and configuration into an empty folder; its configuration file."""
    shown = (path for path in DOCS.rglob("*") if path.suffix in (".md", ".svg", ".png", ".json"))
    there = {path.relative_to(DOCS).as_posix() for path in shown}
    target = folder / "pages"
    target.mkdir(parents=True)
    for name in there:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".md"):
            text = (DOCS / name).read_text(encoding="utf-8")
            (target / name).write_text(localised(text, there), encoding="utf-8")
        else:
            shutil.copy(DOCS / name, target / name)
    (target / "manual.css").write_text("pre code { white-space: pre-wrap; }\n", encoding="utf-8")
    shutil.copy(DOCS / _FRAME, target / _FRAME)
    (target / "names.md").write_text(names_page(), encoding="utf-8")
    (target / "verbs.md").write_text(verbs_page(), encoding="utf-8")
    config = folder / "mkdocs.yml"
    filled = _CONFIG.format(root=ROOT, nav="\n".join(_nav()), frame=_FRAME, separator=_SEPARATOR)
    config.write_text(filled, encoding="utf-8")
    return config


def _nav() -> Iterator[str]:
    yield "  - Start: index.md"
    for part, names in pages().items():
        yield f"  - {part}:"
        yield from (f"    - {name}.md" for name in names)


def build(folder: Path) -> Path:
    """Build the site in ``folder`` and return it; raises if MkDocs warns of anything."""
    shutil.rmtree(folder, ignore_errors=True)
    config = write_sources(folder)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(config)]
    subprocess.run(command, check=True)
    return folder / "site"


if __name__ == "__main__":
    made = build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "manual")
    sys.stdout.write(f"manual, with search: open {made / 'index.html'}\n")
