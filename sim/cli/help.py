"""What ``liebian VERB --help`` tells: every key that the verb reads, from the declarations themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sim.cli.verbs import VERBS
from sim.config.verb_keys import VERB_KEYS
from sim.core.language import mark, tr

#: Verbs that read the settings of a run.
MARKET = (
    "run",
    "compare",
    "plan",
    "fidelity",
    "robustness",
    "sensitivity",
    "sweep",
    "optimise",
    "select",
    "warmup",
    "reversals",
    "calibrate",
)
#: Verbs that read the scenario from a key; others take names, or the baseline alone.
BY_KEY = ("run", "plan", "sensitivity", "sweep", "optimise", "select", "warmup")
_WIDTH, _INDENT, _COLUMN = 100, 2, 34
_BUSINESS = (
    ("market=2000000", mark("consumers of the real market (also 2,000,000 or 200万)")),
    ("budget=150000/month", mark("all-in budget of the whole market; also a day, week, quarter or year")),
    ("capacity=80/day", mark("orders a day that delivery can do in the whole market")),
    ("start=2026-03-01", mark("date of the first measured day")),
    ("months=3", mark("calendar months that are measured")),
    ("own=NAME", mark("prices, costs and warehouses of 'liebian import', for every strategy")),
)


def help_text(verb: str) -> str:
    """The part of a verb's help after its usage: keys of its own, settings, and examples."""
    return "\n".join([*_own(verb), *_business(verb), *_examples(verb), *_flags(verb), *_settings(verb)])


def short_help(verb: str) -> str:
    """The same with the sections of the settings alone, which fits on a screen or two."""
    return "\n".join([*_own(verb), *_business(verb), *_examples(verb), *_flags(verb), *_sections(verb)])


def _sections(verb: str) -> Iterator[str]:
    """Names of the sections, and how to see their keys."""
    found = [name for name, _, _ in setting_rows(verb)]
    if not found:
        return
    yield tr(
        "settings, SECTION=OPTION or SECTION.KEY=VALUE; 'liebian {verb} --help-keys' names every option and "
        "key, 'liebian list parameters SECTION' tells more; sections:",
        verb=verb,
    )
    yield from textwrap.wrap(
        ", ".join(found), _WIDTH, initial_indent=" " * _INDENT, subsequent_indent=" " * _INDENT
    )


def own_rows(verb: str) -> list[tuple[str, str]]:
    """Keys of the verb's own as they are written, with their texts."""
    return [
        (f"{key}={own.form}", tr(own.text) + (f" [{own.default}]" if own.default else ""))
        for key, own in VERB_KEYS.get(verb, {}).items()
    ]


def setting_rows(verb: str) -> list[tuple[str, list[str], list[str]]]:
    """Sections of the settings that a verb reads: name, options, and keys without the section's name."""
    if verb not in MARKET and verb != "execute":
        return []
    from sim.config import SETTINGS, assumptions_table, market_sources

    sources = market_sources()
    keys: dict[str, list[str]] = {name: [] for name in sources.sections}
    for row in assumptions_table(sources.sections):
        section, _, rest = row.path.partition(".")
        keys[section].append(rest)
    if verb == "execute":
        keys = {"engine": keys["engine"]}
    keys = {**{name: keys[name] for name in SETTINGS if name in keys}, **keys}
    return [(name, list(sources.options(name)), found) for name, found in keys.items()]


def _own(verb: str) -> Iterator[str]:
    rows = own_rows(verb)
    if verb in BY_KEY:
        rows = [("scenario=NAME", tr("a strategy of 'liebian list scenarios', or your own file")), *rows]
    if rows:
        yield tr("keys:")
        yield from _table(rows)
        yield ""


def _business(verb: str) -> Iterator[str]:
    if verb in MARKET:
        yield tr("your business, in its own words:")
        yield from _table([(key, tr(text)) for key, text in _BUSINESS])
        yield ""


def _settings(verb: str) -> Iterator[str]:
    found = setting_rows(verb)
    if found:
        yield tr("settings, SECTION=OPTION or SECTION.KEY=VALUE ('liebian list parameters KEY' tells more):")
    for name, options, keys in found:
        chosen = f" ({', '.join(options)})" if options else ""
        yield from textwrap.wrap(
            f"{name}{chosen}: {', '.join(keys)}",
            _WIDTH,
            initial_indent=" " * _INDENT,
            subsequent_indent=" " * (_INDENT + 4),
            break_long_words=False,
            break_on_hyphens=False,
        )


def _flags(verb: str) -> Iterator[str]:
    own = "".join(f" {flag}" for flag in VERBS[verb].flags)
    yield tr("flags:{own} --json --quiet --log-file FILE --with MODULE", own=own)
    yield tr("language: language=en or language=zh, otherwise that of the locale (LC_ALL, LC_MESSAGES, LANG)")
    yield ""


def _examples(verb: str) -> Iterator[str]:
    if VERBS[verb].examples:
        yield tr("examples:")
        yield from (f"  liebian {line}" for line in VERBS[verb].examples)
        yield ""


def _table(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for key, text in rows:
        lines = textwrap.wrap(text, _WIDTH - _COLUMN) or [""]
        if len(key) + _INDENT >= _COLUMN:
            yield f"{' ' * _INDENT}{key}"
        else:
            yield f"{' ' * _INDENT}{key:<{_COLUMN - _INDENT}}{lines.pop(0)}"
        yield from (f"{' ' * _COLUMN}{line}" for line in lines)
