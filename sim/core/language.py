"""In which language people are spoken to: sentences are whole templates, looked up when they are told.

The code holds the English; ``sim/locale/zh.po`` the Chinese of each template under it. The file is read as
it is, so that a clone and an installed package need no build step, and the standard library's gettext does
the look-up. The language is a context variable: sessions of the board that run side by side, and worker
processes, keep theirs. Keys, columns, files for programs and documents of ``--json`` are English always.
"""

from __future__ import annotations

import contextlib
import gettext
import io
import json
import os
import string
import struct
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

#: Language -> what it is called by itself.
LANGUAGES = {"en": "English", "zh": "简体中文"}
ENGLISH, CHINESE = "en", "zh"
#: Marks that are as wide as characters, so that no blank stands beside them.
_MARKS = frozenset("（）、，。：；")
#: Variables of the environment that say a language, the first that is set counts.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
_FOLDER = Path(__file__).parents[1] / "locale"
_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def tr(text: str, /, **fields: object) -> str:
    """A template in the language in force, with its fields filled in.

    Parameters
    ----------
    text : str
        The English template, written out where it is used, so that it is found; where there are fields,
        ``str.format`` reads it.
    fields : object
        Values by the names in the template.
    """
    said = _said(text)
    return filled(said, fields) if fields else said


def ntr(one: str, many: str, n: int, /, **fields: object) -> str:
    """The same where the template differs by a number, which is its field ``n``."""
    language = _current.get()
    if language == ENGLISH:
        said = one if n == 1 else many
    else:
        said = catalogue(language).ngettext(one, many, n)
    return filled(said, {"n": n, **fields})


def mark(text: str) -> str:
    """A text that is kept as it is and told later, by :func:`tr`: for what modules hold."""
    return text


def name_of_key(key: str) -> str:
    """What a key such as ``group_buy`` names in the language in force; in that of keys, as it is typed."""
    spelt = key.replace("_", " ")
    said = _said(spelt)
    return key if said == spelt else said


def _said(text: str) -> str:
    language = _current.get()
    return text if language == ENGLISH or not text else catalogue(language).gettext(text)


def filled(text: str, fields: Mapping[str, object]) -> str:
    """A template with its fields; between Chinese characters the blanks around a field are left out."""
    if _current.get() == ENGLISH:
        return text.format(**fields)
    found, value = "", ""
    for literal, name, spec, conversion in string.Formatter().parse(text):
        if literal.startswith(" ") and _chinese(value[-1:]) and _chinese(literal[1:2]):
            literal = literal[1:]
        found += literal
        if name is None:
            continue
        told = f"{{{name}{'!' + conversion if conversion else ''}{':' + spec if spec else ''}}}"
        value = told.format(**fields)
        if found.endswith(" ") and _chinese(found[-2:-1]) and _chinese(value[:1]):
            found = found[:-1]
        found += value
    return found


def _chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or letter in _MARKS


def language() -> str:
    """The language in force."""
    return _current.get()


def speak(name: str) -> None:
    """Let a language be in force from here on, in this thread alone.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in LANGUAGES:
        raise ValueError(f"language: must be one of {', '.join(LANGUAGES)} (you wrote '{name}')")
    _current.set(name)


@contextlib.contextmanager
def speaking(name: str) -> Iterator[None]:
    """Let a language be in force for a while; errors as of :func:`speak`."""
    before = _current.get()
    speak(name)
    try:
        yield
    finally:
        _current.set(before)


def of_locale(environ: Mapping[str, str] = os.environ) -> str:
    """The language that a locale names, English where there is no catalogue of it.

    Traditional characters have no catalogue, and their readers are given English.
    """
    said = next((environ[name] for name in _LOCALES if environ.get(name)), "")
    place = said.partition(".")[0].replace("-", "_").lower()
    chinese = place.partition("_")[0] == "zh" and not {"tw", "hk", "mo", "hant"} & set(place.split("_"))
    return CHINESE if chinese else ENGLISH


@cache
def catalogue(name: str) -> gettext.GNUTranslations:
    """The catalogue of a language, read from its .po file."""
    entries = read_po(_FOLDER / f"{name}.po")
    return gettext.GNUTranslations(io.BytesIO(_machine(entries)))


def read_po(path: Path) -> dict[tuple[str, ...], list[str]]:
    """Entries of a .po file: message (and plural) -> its translations; doubtful ones are left out."""
    entries: dict[tuple[str, ...], list[str]] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        texts: list[str] = []
        keys: list[str] = []
        lines = [line for line in block.splitlines() if line and not line.startswith("#~")]
        if any(line.startswith("#,") and "fuzzy" in line for line in lines):
            continue
        for line in lines:
            if line.startswith("msg"):
                key, _, quoted = line.partition(" ")
                keys.append(key)
                texts.append(json.loads(quoted))
            elif line.startswith('"'):
                texts[-1] += json.loads(line)
        told = dict(zip(keys, texts, strict=True))
        if "msgid" in told:
            ids = tuple(told[key] for key in ("msgid", "msgid_plural") if key in told)
            entries[ids] = [text for key, text in told.items() if key.startswith("msgstr")]
    return entries


def _machine(entries: Mapping[tuple[str, ...], list[str]]) -> bytes:
    """Entries in the binary form that gettext reads, without those that lack a translation."""
    told = sorted(
        ("\0".join(ids).encode(), "\0".join(texts).encode()) for ids, texts in entries.items() if all(texts)
    )
    start = 7 * 4
    heads = {0: b"", 1: b""}
    body = b""
    place = start + 16 * len(told)
    for column in (0, 1):
        for row in told:
            heads[column] += struct.pack("<2I", len(row[column]), place + len(body))
            body += row[column] + b"\0"
    first = struct.pack("<7I", 0x950412DE, 0, len(told), start, start + 8 * len(told), 0, 0)
    return first + heads[0] + heads[1] + body
