"""What people are told, and what of it lacks a Chinese translation: ``python -m docs.translate``.

Texts are found where they are written (``tr``, ``ntr`` and ``mark`` in the code, ``_`` and ``tr`` in the
templates) and where they are declared (figures, units, levers, options, scenarios, keys of verbs). The
command writes new ones into ``sim/locale/zh.po``, takes out those that nothing says any more, and lists
what is to be translated. Texts that no longer fit are kept as comments: a changed sentence is soon redone.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

import sim
from sim.report.environment import TEMPLATES

PACKAGE = Path(sim.__file__).parent
CATALOGUE = PACKAGE / "locale" / "zh.po"
#: Functions that tell a text, and those that keep one to be told or stored.
CALLS = ("tr", "mark", "keep", "ntr")
_HEADER = {
    "Project-Id-Version": "liebian",
    "Language": "zh_CN",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
_LEVER = "lever"

#: A message: one text, or one text and its plural.
Message = tuple[str, ...]


def messages() -> dict[Message, list[str]]:
    """Every text that people are told -> where it is from."""
    found: dict[Message, list[str]] = {}
    for message, place in [*of_code(), *of_templates(), *of_declarations()]:
        places = found.setdefault(message, [])
        if place not in places:
            places.append(place)
    return found


def of_code() -> Iterator[tuple[Message, str]]:
    """Texts in the arguments of :data:`CALLS`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE.parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                if texts := [text for text in texts if isinstance(text, str)]:
                    yield tuple(texts[: 2 if node.func.id == "ntr" else 1]), place


def of_templates() -> Iterator[tuple[Message, str]]:
    """Texts in the calls of the templates."""
    pages = jinja2.Environment(autoescape=True)
    for path in sorted(TEMPLATES.glob("*.j2")):
        place = path.relative_to(PACKAGE.parent).as_posix()
        for call in pages.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in ("_", "tr") and call.args:
                text = call.args[0]
                if isinstance(text, nodes.Const) and isinstance(text.value, str):
                    yield (text.value,), place


def of_declarations() -> Iterator[tuple[Message, str]]:
    """Names of figures, units, levers, options, scenarios and keys of verbs; what rules are made of."""
    for text, place in [*_figures(), *_levers(), *_names(), *_keys(), *_rules()]:
        if text and text.strip("%–- ") and not text.isdigit():
            yield (text,), place


def _figures() -> Iterator[tuple[str, str]]:
    from sim.measure.guardrails import GUARDRAILS, UNITS
    from sim.measure.kpis import KPIS
    from sim.studies.fidelity.study import wanted

    for kpi in KPIS:
        for text in (kpi.label, kpi.unit, kpi.direction, kpi.better, kpi.definition, kpi.window):
            yield text, "figures"
    for guard in GUARDRAILS:
        for text in (guard.label, guard.better):
            yield text, "figures"
    for figure in wanted():
        for text in (figure.what, figure.cause):
            yield text, "figures of the plan"
    for unit in UNITS.values():
        yield from ((text, "units") for text in (unit, unit.replace("CNY/1000 consumers", _A_THOUSAND)))


_A_THOUSAND = "CNY per 1,000 people"


def _levers() -> Iterator[tuple[str, str]]:
    from sim.config import assumptions_table, market_sources

    sources = market_sources()
    for section in sources.sections:
        yield section.replace("_", " "), "sections"
    for row in assumptions_table(sources.sections):
        yield row.unit, "units"
        yield row.kind, "kinds"
        if row.kind == _LEVER:
            rest = row.path.partition(".")[2]
            yield rest.replace("_", " ").replace(".", ", "), "levers"
            yield rest.rpartition(".")[2].replace("_", " "), "levers"


def _names() -> Iterator[tuple[str, str]]:
    from sim.config import describe_scenarios, market_sources
    from sim.core.shipped import shipped

    sources = market_sources()
    shipped_ones = {path.stem for path in shipped("scenarios").glob("*.yaml")}
    for name, description in describe_scenarios(sources).items():
        if name in shipped_ones:
            yield name.replace("_", " "), "scenarios"
            yield description, "scenarios"
    for section in sources.sections:
        for option in sources.options(section):
            yield option.replace("_", " "), "options"
    yield from ((name.replace("_", " "), "names of records") for name in _recorded())


def _recorded() -> Iterator[str]:
    """Names that are shown: groups, sources, spend, parts of the books, classes, goods, festivals, shocks."""
    from sim.config import compose, market_sources
    from sim.logistics.network import CLASS_NAMES
    from sim.measure.money import LINES
    from sim.registry import open_kinds
    from sim.shocks.kinds import CONDITIONS
    from sim.world.catalog import CatalogParams
    from sim.world.platforms import PLATFORMS
    from sim.world.schema import GROUPS, Source, Spend

    yield from (*GROUPS, *CLASS_NAMES, *PLATFORMS, *LINES)
    yield from (name for name, one in CatalogParams.model_fields.items() if "Category" in str(one.annotation))
    usual = compose(["calendar=china"])
    yield from (*usual.calendar.festivals(), *usual.shock.kinds)
    yield from (one.says for one in CONDITIONS.values())
    kinds = {title: rows for title, _, rows in open_kinds(market_sources().features)}
    yield from (str(row[0]) for row in kinds["Purposes of spending"])
    yield from (one.name.lower() for one in (*Source, *Spend))


def _keys() -> Iterator[tuple[str, str]]:
    from sim.config.verb_keys import VERB_KEYS

    for verb in VERB_KEYS.values():
        for own in verb.values():
            yield own.text, "keys of verbs"


#: More than a name: several words, or a word with a full stop.
_SENTENCE = re.compile(r" |\.$")


def _rules() -> Iterator[tuple[str, str]]:
    """What ``liebian list rules`` prints: titles, headings, and what each name means; names stay."""
    from sim.config import market_sources
    from sim.registry import open_kinds

    for title, headings, rows in open_kinds(market_sources().features):
        yield from ((text, "rules") for text in (title, *headings))
        for heading in ("Unit", "Standing"):
            column = headings.index(heading) if heading in headings else None
            yield from ((row[column], "rules") for row in rows if column is not None)
        for row in rows:
            yield from (
                (text, "rules")
                for text in row[1:]
                if _SENTENCE.search(text) and not re.match(r"[A-Z]-?\d", text)
            )


def update() -> list[Message]:
    """Bring the catalogue up to date; return the messages that lack a translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    found = messages()
    fresh = Catalog(locale="zh_CN", project="liebian", fuzzy=False)
    for message, places in sorted(found.items()):
        fresh.add(message[0] if len(message) == 1 else message, locations=[(one, None) for one in places])
    old = read_po(CATALOGUE.open("rb"), locale="zh_CN") if CATALOGUE.exists() else Catalog(locale="zh_CN")
    old.update(fresh, no_fuzzy_matching=True)
    old.mime_headers = list(_HEADER.items())
    old.header_comment = (
        "# What strategists read, in Simplified Chinese. 'python -m docs.translate' keeps it."
    )
    old.fuzzy = False
    with CATALOGUE.open("wb") as file:
        write_po(file, old, width=0, sort_output=True, include_lineno=False, ignore_obsolete=False)
    return untranslated()


def untranslated() -> list[Message]:
    """Messages that the catalogue has no text for."""
    from sim.core.language import read_po

    entries = read_po(CATALOGUE)
    return [message for message in messages() if not all(entries.get(message) or [""])]


def main() -> int:
    """Update the catalogue, or with ``--check`` only look; list what lacks a translation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    missing = untranslated() if parser.parse_args().check else update()
    for message in missing:
        sys.stdout.write(" | ".join(message) + "\n")
    sys.stderr.write(f"{len(missing)} without a translation\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
