"""What an id may be: a whole number or a name, and never a trace of a spreadsheet or a gap."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np

from sim.core.language import tr
from sim.network.files.ties import Ties, refusal, shown

WHOLE = re.compile(r"[0-9]+")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_FORMULA = re.compile(r'="(.*)"')
_NEGATIVE = re.compile(r"-[0-9.]+([eE][+-]?[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+)")
#: A point or a sign tells a rounded number from a name such as the hexadecimal 12e4.
_EXPONENT = re.compile(r"[+-]?([0-9]+\.[0-9]*[eE][+-]?|[0-9]+[eE][+-])[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}([,.' \u00a0\u202f][0-9]{3})+")
_SEVERAL = re.compile(r"[0-9]+[,;|]\S*")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]+")
_DATE = re.compile(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}([ T].*)?|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
MISSING = frozenset(
    (
        "nan",
        "none",
        "null",
        "na",
        "n/a",
        "#n/a",
        "\\n",
        "nil",
        "nat",
        "<na>",
        "undefined",
        "(null)",
        "#null!",
        "#value!",
        "#ref!",
        "#name?",
        "#div/0!",
        "inf",
        "-inf",
        "infinity",
        "<null>",
        "[null]",
        "1.#qnan",
        "unknown",
        "missing",
        "未知",
        "无",
        "空",
        "不明",
        "なし",
    )
)
_MOST_ID = 2**63 - 1
#: A spreadsheet keeps fifteen digits of a number.
_DIGITS_KEPT = 15


def cleaned(field: str) -> str:
    """An id as its writer meant it: without spaces around it and without a spreadsheet's ``="..."``."""
    field = field.strip()
    formula = _FORMULA.fullmatch(field)
    return formula.group(1).strip() if formula else field


def check_labels(path: Path, ties: Ties) -> Ties:
    """Refuse ids that are gaps, rounded, alike or mixed; whole numbers become numbers.

    Raises
    ------
    GraphFileError
        Naming the first line on which such an id stands.
    """
    if isinstance(ties.labels, np.ndarray):
        _check_numbers(path, ties.labels)
        return ties
    lines = list(ties.lines) or [0] * len(ties.labels)
    numbered = all(WHOLE.fullmatch(label) for label in ties.labels[:2])
    for label, line in zip(ties.labels, lines, strict=True):
        _check_label(path, label, line or None, numbered)
    if not numbered:
        _check_alike(path, ties.labels)
        return ties
    numbers = np.array([int(label) for label in ties.labels], np.int64)
    if len(np.unique(numbers)) < len(numbers):
        _refuse_zeros(path, ties.labels)
    _check_numbers(path, numbers)
    return Ties(**{**vars(ties), "labels": numbers})


def _check_label(path: Path, label: str, line: int | None, numbered: bool) -> None:
    """Refuse one id that cannot be a person."""
    if not label:
        raise refusal(
            path, line, tr("a tie needs two ids"), tr("an empty one"), tr("complete or delete the line")
        )
    if label.casefold() in MISSING:
        raise refusal(
            path, line, tr("an id is missing"), shown(label), tr("delete the lines without two ids")
        )
    if _EXPONENT.fullmatch(label):
        rule = tr("ids must be whole numbers or names; a spreadsheet has rounded this one")
        raise refusal(path, line, rule, shown(label), tr("export the ids as text"))
    if _CONTROL.search(label):
        rule = tr("an id must not hold control characters or line separators")
        raise refusal(path, line, rule, ascii(label)[:60], tr("put every tie on a line of its own"))
    if _DATE.fullmatch(label):
        remedy = tr("say graph.source=COLUMN graph.target=COLUMN, by name or counted from 1")
        raise refusal(path, line, tr("an id names a person and no date or time"), shown(label), remedy)
    if _NEGATIVE.fullmatch(label):
        raise refusal(
            path, line, tr("ids must not be negative"), shown(label), tr("renumber the nodes from 0")
        )
    if numbered and WHOLE.fullmatch(label):
        if len(label) > 18 and int(label[:30]) > _MOST_ID:
            raise refusal(
                path, line, tr("ids must be below 2^63"), shown(label), tr("renumber the nodes from 0")
            )
    elif (
        numbered
        or any(p.fullmatch(label) for p in (_DECIMAL, _THOUSANDS, _SEVERAL))
        or (label.isdigit() and not label.isascii())
    ):
        rule = (
            tr("ids must be whole numbers like those above")
            if numbered
            else tr("ids must be whole numbers or names")
        )
        raise refusal(path, line, rule, shown(label), tr("correct the line"))
    elif _PUNCTUATION.fullmatch(label):
        raise refusal(
            path,
            line,
            tr("an id holds a letter or a digit"),
            shown(label),
            tr("give a table of two columns of ids"),
        )
    elif label[0] in "\"'([{" and label[0].translate(_CLOSING) != label[-1]:
        rule = tr("a quote or bracket that opens an id must close it")
        raise refusal(path, line, rule, shown(label), tr("quote ids with double quotes"))


_CLOSING = str.maketrans("([{", ")]}")


def _check_alike(path: Path, labels: list[str]) -> None:
    """Refuse two names that nobody could tell apart: quoted or not, composed or not."""
    first: dict[str, str] = {}
    for label in labels:
        seen = _UNSEEN.sub("", unicodedata.normalize("NFC", label)).strip("\"' \u00a0\u3000")
        other = first.setdefault(" ".join(seen.split()), label)
        if other != label:
            rule = tr("two ids must not differ by quotes, spaces or invisible characters alone")
            raise refusal(
                path,
                None,
                rule,
                tr("{other!r} and {label!r}", other=other, label=label),
                tr("write them alike"),
            )


def _refuse_zeros(path: Path, labels: list[str]) -> None:
    """Name two ids that differ by leading zeros alone."""
    first: dict[int, str] = {}
    for label in labels:
        other = first.setdefault(int(label), label)
        if other != label:
            rule = tr("two ids must not differ by leading zeros alone")
            raise refusal(
                path,
                None,
                rule,
                tr("{other} and {label}", other=shown(other), label=shown(label)),
                tr("write them alike"),
            )


def _check_numbers(path: Path, numbers: np.ndarray) -> None:
    """Refuse whole numbers with signs of rounding, or a 0 that stands for nobody."""
    long = numbers[numbers >= 10**_DIGITS_KEPT]
    spread = 10 ** (len(str(int(long.max()))) - _DIGITS_KEPT) if len(long) else 1
    if len(long) >= 10 and not (long % min(spread, 1000)).any():
        rule = tr(
            "ids must be exact; a spreadsheet has rounded these after the {digits_kept}th digit",
            digits_kept=_DIGITS_KEPT,
        )
        raise refusal(path, None, rule, f"'{long[0]}'", tr("export the ids as text"))
    others = numbers[numbers > 0]
    if len(others) < len(numbers) and len(others) and others.min() >= 10_000:
        rule = tr("an id of 0 among long ids stands for nobody")
        raise refusal(
            path, None, rule, f"0 and '{others.min()}'", tr("delete its lines, or give the person another id")
        )
