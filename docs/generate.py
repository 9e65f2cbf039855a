"""Writes the pages of ``docs/`` that say what the code declares: ``python -m docs.generate``.

``mechanisms.md`` comes from the registry and ``assumptions.md`` from the parameter
declarations, so neither can say anything else than what a run uses; ``plan_coverage.md`` comes
from ``plan_coverage.csv``. With ``--check`` nothing is written and pages that are no longer current are
named; a test does the same.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docs.pages import DOCS, table
from docs.plan_coverage import page as plan_coverage_page
from sim.config import SETTINGS, assumptions_table, compose, market_sources
from sim.config.settings import OptimiseParams
from sim.core.clock import DAYPART_NAMES
from sim.core.params import Declared, declared, describe_bounds
from sim.feature import Act
from sim.mechanism import Mechanism, Phase, order_mechanisms
from sim.registry import mechanisms, open_kinds

MADE = "<!-- Written by `python -m docs.generate`; edit the declarations in `sim/`, not this page. -->"

#: One market in which everything that can be switched on is on.
EVERYTHING = (
    "private_domain=wecom",
    "incentive=group_buy",
    "group_buy=or_alone",
    "contagion=field_trial",
    "onboarding=three_steps",
    "relay=on",
    "shock=downturn",
    "calendar=china",
    "fraud=team",
    "instruments.every=daypart",
    "needs.drift=0.1",
)

_ONCE = {Phase.DECIDE, Phase.STRIKE, Phase.PERSUADE, Phase.SETTLE, Phase.MEASURE}
_PHASES = {
    Phase.STRIKE: "what nobody in the market decides: shocks, arrivals and exits, needs",
    Phase.DECIDE: "yesterday's figures become today's budget, prices and offers",
    Phase.STEER: "the operator looks at its monitors; responses begin and end",
    Phase.EXPOSE: "feeds, paid media, posts and sessions reach people",
    Phase.SHARE: "people, sellers and the private domain pass things on",
    Phase.BUY: "visits, carts, orders, group-buys",
    Phase.FULFIL: "SimPy runs the warehouses and riders to the daypart's end",
    Phase.PERSUADE: "opinion moves over the graph; everything fades a little",
    Phase.SETTLE: "deliveries, returns, rewards, review, membership, the day's bills",
    Phase.MEASURE: "the day's row is written",
}
_SOURCES = (
    ("plan figure", r"F\d{3}", "a number of the operating plan (`F064`), an input or a calibrated one"),
    ("plan system", r"S\d{3}", "a lever or rule that the plan names without a number (`S040`)"),
    ("assumption", r"A-\d{3,4}", "nobody's measurement: a judgement, with its reason beside it (`A-017`)"),
    ("definition", r"definition", "a switch, a unit or a size: nothing to be right or wrong about"),
    ("exact limit", r"X\d{2}", "a constant of a known result (`X22`)"),
    ("literature", r"[A-Z]", "a published value"),
)


# --- mechanisms ------------------------------------------------------------------------------


def all_mechanisms() -> list[Mechanism]:
    """Every mechanism there is, in the order in which they act."""
    return order_mechanisms(mechanisms(compose(list(EVERYTHING))))


def switches() -> dict[str, str]:
    """Name of a mechanism -> the settings that leave it out; found by trying."""
    off = [f"{name}.enabled=false" for name, model in market_sources().sections.items()
           if "enabled" in model.model_fields]  # fmt: skip
    off += ["private_domain=none", "shock=none", "incentive=none group_buy.enabled=false"]
    everyone = {m.name for m in all_mechanisms()}
    found: dict[str, str] = {}
    for setting in off:
        words = {word.split("=")[0]: word for word in (*EVERYTHING, *setting.split())}
        config = compose(list(words.values()))
        for name in everyone - {m.name for m in mechanisms(config)}:
            found.setdefault(name, setting)
    return found


def mechanisms_page() -> str:
    """``docs/mechanisms.md``."""
    everyone, off = all_mechanisms(), switches()
    parts = [
        "# Mechanisms",
        MADE,
        "Everything that moves the market, in the order in which it acts. A mechanism is one class with "
        "one method, `act`; it says which state it reads and writes, and from that the order within a "
        "phase follows (`sim/mechanism.py`). A name that ends in `~` is yesterday's value. Decide and "
        f"strike happen once at midnight; expose, share, buy and fulfil once in each daypart "
        f"({', '.join(DAYPART_NAMES)}); persuade, settle and measure once at the day's end. The page of "
        "the whole is [odd.md](odd.md).",
    ]
    for phase in Phase:
        when = "once a day" if phase in _ONCE else "once a daypart"
        parts.append(f"## {phase.name.capitalize()}: {_PHASES[phase]} ({when})")
        members = [m for m in everyone if m.phase is phase]
        parts.append(table(("mechanism", "what it does", "left out by", "where"), map(_line(off), members)))
        parts.append(table(("mechanism", "reads", "writes"), map(_state, members)))
    return "\n\n".join(parts) + "\n"


def rules_page() -> str:
    """``docs/rules_reference.md``."""
    parts = [
        "# What the operator can see, watch and answer",
        MADE,
        "What features declare of the kinds that are open. `liebian list rules` shows the same, with those "
        "of features of one's own. How to use them: [rules.md](rules.md).",
    ]
    for title, headings, rows in open_kinds():
        body = [(f"`{name}`", *rest) for name, *rest in rows]
        parts += [f"## {title}", table(headings, body)]
    return "\n\n".join(parts) + "\n"


def _line(off: dict[str, str]) -> Any:
    def line(m: Mechanism) -> tuple[str, str, str, str]:
        told = inspect.getdoc(m.method if isinstance(m, Act) else type(m)) or ""
        what = told.splitlines()[0].replace("``", "`")
        path = f"{type(m).__module__.replace('.', '/')}.py"
        return f"`{m.name}`", what, f"`{off[m.name]}`" if m.name in off else "–", f"[{path}](../{path})"

    return line


def _state(m: Mechanism) -> tuple[str, str, str]:
    return f"`{m.name}`", _names(m.reads), _names(m.writes)


def _names(states: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(states)) or "–"


# --- assumptions -----------------------------------------------------------------------------


def source_of(row: Declared) -> str:
    """Which sort of source a parameter rests on."""
    return next(name for name, pattern, _ in _SOURCES if re.match(pattern, row.source))


def assumptions_page() -> str:
    """``docs/assumptions.md``."""
    sections = market_sources().sections
    config = compose([])
    rows = assumptions_table(sections)
    own = [row for row in rows if row.path.partition(".")[0] not in SETTINGS]
    parts = ["# Parameters and assumptions", MADE, _introduction(), _summary(own)]
    for name, model in sections.items():
        mine = [row for row in rows if row.path.partition(".")[0] == name]
        purpose = (inspect.getdoc(model) or "").splitlines()[0]
        parts += [f"## {name}", re.sub(r" \(arguments: see .*\)", "", purpose)]
        parts += _section(name, mine, config)
    search = [(row.path, row, row.default) for row in declared(OptimiseParams)]
    parts += ["## optimise", "Words of `liebian optimise`, written without a section: `trials=60`."]
    parts.append(_parameters(search))
    return "\n\n".join(parts) + "\n"


def _introduction() -> str:
    meanings = "\n".join(f"- **{name}**: {meaning}" for name, _, meaning in _SOURCES)
    return (
        "Every number that can be set, with its value when nobody says otherwise. On the command line "
        "write `section.key=value`; `liebian list parameters SECTION` prints the same list.\n\n"
        "*Kind*: a **lever** is set by the operator, an **uncertainty** is known badly by everybody, a "
        "**constant** is neither. *Bounds* say what may be written; a "
        "*plausible* range beside them what may well be true (for a lever: what a plan would consider), and "
        "what designs and studies of sensitivity explore. "
        "*Scope*: a **world** value is part of the burnt-in world and the same "
        "for all strategies of a comparison; a **strategy** value takes hold on the first measured "
        f"day. *Source*:\n\n{meanings}"
    )


def _summary(rows: Sequence[Declared]) -> str:
    """How much of the market rests on what."""
    declarations = {(row.path.partition(".")[0], row.path.rpartition(".")[2], row.source, row.why): row
                    for row in rows}.values()  # fmt: skip
    kinds = ("lever", "uncertainty", "constant")
    counted = Counter((source_of(row), row.kind) for row in declarations)
    lines = [(name, *(counted[name, kind] for kind in kinds), sum(counted[name, kind] for kind in kinds))
             for name, _, _ in _SOURCES]  # fmt: skip
    total = ("**all**", *(sum(line[k] for line in lines) for k in range(1, 5)))
    return (
        "## What the market rests on\n\nDeclared parameters of the market (settings of the experiment and "
        "its goals left out; a parameter that all platforms or all categories share is counted once):\n\n"
        + table(("source", "levers", "uncertainties", "constants", "together"), [*lines, total])
    )


def _section(name: str, rows: Sequence[Declared], config: Any) -> list[str]:
    """A table of plain parameters, and one of entries (platforms, categories) that share a model."""
    parts: list[str] = []
    nested: dict[str, dict[str, Declared]] = {}
    plain = []
    for row in rows:
        entry, _, leaf = row.path.removeprefix(f"{name}.").rpartition(".")
        if entry:
            nested.setdefault(entry, {})[leaf] = row
        else:
            plain.append(row)
    alike = len({tuple(each) for each in nested.values()}) == 1
    if len(nested) > 1 and alike:
        first = next(iter(nested.values()))
        parts.append(f"Each of {len(nested)} entries has these, written `{name}.ENTRY.key`:")
        parts.append(_parameters([(leaf, row, None) for leaf, row in first.items()]))
        body = [(f"`{leaf}`", *(_value(_at(config, each[leaf].path)) for each in nested.values()))
                for leaf in first]  # fmt: skip
        parts.append(table(("key", *(f"`{entry}`" for entry in nested)), body))
    else:
        plain += [row for each in nested.values() for row in each.values()]
    if plain:
        lines = [(row.path.removeprefix(f"{name}."), row, _at(config, row.path)) for row in plain]
        parts.append(_parameters(lines))
    return parts


def _parameters(lines: Sequence[tuple[str, Declared, Any]]) -> str:
    shown = any(value is not None for _, _, value in lines)
    headings = ("key", *(("default",) if shown else ()), "unit", "bounds", "kind", "scope", "source", "why")
    body = []
    for key, row, value in lines:
        bounds = describe_bounds(row.bounds) if row.bounds else ", ".join(f"`{c}`" for c in row.choices)
        if row.span:
            bounds += f"; plausible {_value(row.span[0])}..{_value(row.span[1])}"
        default = (_value(value),) if shown else ()
        body.append((f"`{key}`", *default, row.unit, bounds or "–", row.kind, row.scope, row.source,
                     row.why or "–"))  # fmt: skip
    return table(headings, body)


def _at(config: Any, path: str) -> Any:
    """Value of a dotted key in a configuration; a text, so that an absent one shows as well."""
    value = config
    for part in path.split("."):
        value = getattr(value, part)
    return "none" if value is None else value


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return " ".join(_value(v) for v in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


PAGES = {
    "mechanisms.md": mechanisms_page,
    "assumptions.md": assumptions_page,
    "rules_reference.md": rules_page,
    "plan_coverage.md": plan_coverage_page,
}


def stale() -> list[str]:
    """Names of generated pages whose file says something else."""
    return [name for name, make in PAGES.items() if _on_disk(DOCS / name) != make()]


def _on_disk(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.is_file() else ""


def main(arguments: Sequence[str]) -> int:
    """Write all pages, or with ``--check`` name those that are not current."""
    if "--check" in arguments:
        for name in (old := stale()):
            sys.stdout.write(f"docs/{name} is not current; run: python -m docs.generate\n")
        return 1 if old else 0
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
