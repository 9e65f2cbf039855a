"""What a user writes after the verb: ``scenario=NAME``, ``group=option`` and ``section.key=value``.

Hydra's own parser reads the values, so lists, mappings and quotes mean what Hydra's users
expect. Its further powers (adding, deleting, sweeping, interpolation, packages, its own
settings) are refused by name: none of them belongs to one run of one strategy.

Plain numbers, words and paths, which leave nothing to interpret, are read here and mean the same: Hydra is
imported when a value needs it, because that takes longer than composing a configuration.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.config import quantities
from sim.config.sources import NAME
from sim.core.errors import ConfigError
from sim.core.language import mark, tr
from sim.core.messages import written

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

SCENARIO = "scenario"
#: Settings that hold a sentence: commas and signs in it are part of it.
_SENTENCES = ("experiment.until",)
#: Settings that name a folder or file: spaces and letters of every script are part of it.
_PATHS = ("paths.results", "paths.cache", "paths.live", "graph.path")
#: Values that name no folder or file unless they are quoted.
_NO_NAME = re.compile(r"null|true|false|[\[{'\"].*|.*,.*|.*\(.*\)")
_LONGEST = 4096
_SHOWN = 100
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")

#: Keys and values that mean the same to everybody: whole numbers, decimals, words, and paths without spaces.
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_PLAIN_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_PLAIN_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,30}")
_PLAIN_WORD = re.compile(r"(?!(?i:true|false|null|inf|nan)$)[A-Za-z][A-Za-z0-9_]*")
_NAME_LIKE = re.compile(r"[\w-]+")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")

#: Forms of a key that are refused, and what to do instead.
_REFUSED_KEYS = (
    (r"~.*", mark("'~' (delete) is not allowed; choose another option or value instead")),
    (r"\+.*", mark("'+' (add) is not allowed, every key exists already; write it without '+'")),
    (r"-.*", mark("looks like a flag; write key=value")),
    (r"hydra([./@].*)?", mark("hydra's own settings cannot be changed; delete this")),
    (
        r"(.*[.])?_.*",
        mark("keys that begin with '_' are not allowed (configurations run no code); delete this"),
    ),
    (r".*@.*", mark("'@' (package) is not allowed; write section.key=value")),
    (r".*\.\..*", mark("'..' is not allowed; write section.key=value")),
    (r".*[/\\].*", mark("'/' is not allowed in a key; write section.key=value")),
)


@dataclass(frozen=True)
class Assignment:
    """One ``key = value``; ``origin`` is empty on the command line, else a file and line."""

    key: str
    value: Any
    origin: str = ""


def parse(overrides: Sequence[str]) -> tuple[list[Assignment], list[str]]:
    """Read the overrides of one run, in order, and what is wrong with those that cannot be read."""
    problems: list[str] = []
    assignments: list[Assignment] = []
    for text in overrides:
        read = refusal(text) or business_words(text) or _read(text)
        if isinstance(read, Assignment):
            assignments.append(read)
        elif isinstance(read, list):
            assignments += read
        else:
            problems.append(f"{_shown(text)}: {read}")
    return assignments, problems


def _shown(text: object) -> str:
    """An override on one line, cut if it is long."""
    line = " ".join(str(text).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def refusal(text: Any) -> str | None:
    """Reason why an override is refused before it is parsed, or None."""
    if not isinstance(text, str):
        return tr("an override must be text; write 'key=value'")
    if len(text) > _LONGEST:
        return tr("must be at most {longest} characters; shorten it", longest=_LONGEST)
    key, equals, value = text.partition("=")
    for pattern, problem in _REFUSED_KEYS:
        if re.fullmatch(pattern, key.strip()):
            return tr(problem)
    if not equals:
        return tr("must be key=value; write a key, '=' and a value")
    if not _KEY.fullmatch(key):
        return tr("'{key}' is not a key; write scenario=NAME, group=option or section.key=value", key=key)
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        return tr("must not hold control characters; write printable text")
    if "${" in value:
        return tr("'${' (interpolation) is not allowed; write the value itself")
    return None


def business_words(text: str, origin: str = "") -> list[Assignment] | str | None:
    """What a word of the business (``budget=150000/month``) assigns, or what is wrong; None if it is none."""
    key, _, value = text.partition("=")
    made = quantities.read(key, value)
    return [Assignment(*one, origin) for one in made] if isinstance(made, list) else made


def literal(text: str) -> Assignment | None:
    """What an override assigns if it leaves nothing to interpret; None if Hydra's grammar must be asked."""
    key, _, value = text.partition("=")
    if not _PLAIN_KEY.fullmatch(key) or key in _SENTENCES:
        return None
    if key in _PATHS:
        named = _PLAIN_PATH.fullmatch(value) and not _NO_NAME.fullmatch(value)
        return Assignment(key, value) if named else None
    if key == SCENARIO and NAME.fullmatch(value):
        return Assignment(key, value)  # a file may be called 1.yaml or null.yaml
    if _PLAIN_WHOLE.fullmatch(value):
        return Assignment(key, int(value))
    if _PLAIN_DECIMAL.fullmatch(value):
        return Assignment(key, float(value))
    return Assignment(key, value) if _PLAIN_WORD.fullmatch(value) else None


def by_grammar(text: str) -> Override | None:
    """An override as Hydra's grammar reads it; None if it cannot be read."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        override: Override = OverridesParser.create().parse_override(quoted(text))
    except (HydraException, ValueError, RecursionError):
        return None
    return override


def _read(text: str) -> Assignment | str:
    """Assignment that ``text`` makes, or what is wrong with it."""
    return literal(text) or _interpreted(text)


def _interpreted(text: str) -> Assignment | str:
    """Assignment that Hydra's grammar finds in ``text``, or what is wrong with it."""
    override = by_grammar(text)
    key, _, name = text.partition("=")
    if override is None and "." not in key and _NAME_LIKE.fullmatch(name):
        return Assignment(key, name)  # what names may be is told with those there are
    if override is None:
        return tr("the value cannot be read; put it in quotes, for instance 'key=\"my value\"'")
    if override.is_sweep_override():
        return tr(
            "one run takes one value (no ',', range, choice or glob); run each value, or compare scenarios"
        )
    value = override.value()
    changes = override.type is not None and override.type.name == "CHANGE"
    if not changes or not _plain(value):
        return tr("must be a number, a word, true, false, null, a list or a mapping; write the value itself")
    if any(unicodedata.category(letter) == "Cc" for leaf in _leaves(value) for letter in str(leaf)):
        return tr("must not hold control characters; write printable text")
    if hidden := [key for key in _keys(value) if str(key).startswith("_")]:
        return tr("key '{hidden}' is not allowed (configurations run no code); delete it", hidden=hidden[0])
    if any(isinstance(leaf, str) and "${" in leaf for leaf in _leaves(value)):
        return tr("'${' (interpolation) is not allowed; write the value itself")
    if any(isinstance(leaf, float) and not math.isfinite(leaf) for leaf in _leaves(value)):
        return tr("must be a finite number; inf and nan are not allowed, write a number")
    if override.key_or_group in _PATHS and isinstance(value, str):
        value = os.path.expanduser(value)
    return Assignment(override.key_or_group, value)


def quoted(text: str) -> str:
    """An override whose value is a sentence or a path with quotes around it, so that it needs none."""
    key, _, value = text.partition("=")
    if key not in (*_SENTENCES, *_PATHS) or value[:1] in ("'", '"'):
        return text
    if key in _PATHS and _NO_NAME.fullmatch(value):
        return text
    escaped = value.strip().replace('"', '\\"')
    return f'{key}="{escaped}"' if escaped else f"{key}=''"


def unquoted(value: str) -> str:
    """A name without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def folder(text: str) -> str:
    """Folder that a word such as ``paths.results="one two"`` names, by the rules of every other setting.

    Raises
    ------
    ConfigError
        If the word cannot be read, or names no folder.
    """
    read, problems = parse([text])
    if problems:
        raise ConfigError(problems)
    value = read[0].value
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(
            tr(
                "{key} must name a folder (you wrote {value}); write another text",
                key=read[0].key,
                value=written(value),
            )
        )
    return os.path.expanduser(value)


def _plain(value: Any) -> bool:
    """Whether ``value`` is built of plain scalars, lists and mappings only."""
    return all(leaf is None or isinstance(leaf, (bool, int, float, str)) for leaf in _leaves(value))


def _leaves(value: Any) -> Iterable[Any]:
    """Every scalar (or foreign object) inside ``value``, keys of mappings included."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
    else:
        yield value


def _keys(value: Any) -> Iterable[Any]:
    """Every key of every mapping inside ``value``."""
    if isinstance(value, dict):
        yield from value
    for entry in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(entry)
