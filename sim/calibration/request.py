"""What a user writes after ``liebian calibrate`` to fit the market to files of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.calibration.files.cells import DATES
from sim.calibration.files.tables import DROPS, Reading
from sim.calibration.files.text import is_encoding
from sim.config.own_keys import listed, split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import InputError
from sim.core.language import tr

#: Keys that name a user's files.
FILES = ("orders", "cascades", "deliveries", "edges")
#: Whole numbers: key -> (value unless told otherwise, least, most).
_COUNTS = {"waves": (2, 1, 6), "wave_points": (32, 8, 512), "draws": (40, 10, 1000)}
_OWN = own_keys("calibrate", "rounds")
_CUSTOMERS = ("all", "new")


@dataclass(frozen=True)
class Request:
    """A calibration on files as it was asked for.

    Attributes
    ----------
    files : mapping of str to Path
        Kind -> file.
    reading : Reading
        How they are read.
    free : tuple of str
        Keys or patterns; empty for the usual ones.
    statistics : tuple of str
        Names; empty for all that the files allow.
    waves, points, draws : int
        Waves of simulation, points of each, draws handed on.
    discrepancy : float
        What the model leaves out, as a share of every statistic: one standard deviation.
    holdout : float
        Share of the orders' days that the fit does not see.
    settings : tuple of str
        Settings of the market.
    """

    files: Mapping[str, Path]
    reading: Reading
    free: tuple[str, ...]
    statistics: tuple[str, ...]
    waves: int
    points: int
    draws: int
    discrepancy: float
    holdout: float
    settings: tuple[str, ...]

    @classmethod
    def parse(cls, words: Sequence[str]) -> Request:
        """Read the words after the verb.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, _OWN)
        problems += [
            tr(
                "'{word}': calibrate takes settings alone; write 'liebian calibrate orders=FILE "
                "free=KEY,KEY'",
                word=word,
            )
            for word in names
        ]
        files = {key: Path(own[key].strip("'\"")) for key in FILES if key in own}
        problems += [
            tr("{key}: must name a file (you wrote none); write {key}=FILE", key=key)
            for key in files
            if not own[key]
        ]
        counts = {key: _count(own, key, problems) for key in _COUNTS}
        discrepancy = _share(own, "discrepancy", 0.1, 0.0, 1.0, problems)
        holdout = _share(own, "holdout", 0.3, 0.0, 0.6, problems)
        reading = _reading(own, problems)
        if problems:
            raise InputError(problems)
        return cls(
            files,
            reading,
            tuple(listed(own.get("free", ""))),
            tuple(listed(own.get("statistics", ""))),
            counts["waves"],
            counts["wave_points"],
            counts["draws"],
            discrepancy,
            holdout,
            tuple(settings),
        )


def has_files(words: Sequence[str]) -> bool:
    """Whether words name a file or say how files are to be used: then the market is fitted to them."""
    return any(word.partition("=")[0] in _OWN for word in words if "=" in word)


def _reading(own: Mapping[str, str], problems: list[str]) -> Reading:
    columns: dict[str, str] = {}
    for pair in listed(own.get("columns", "")):
        what, colon, name = pair.partition(":")
        if not colon or not name:
            problems.append(
                tr(
                    "columns: must pair what is looked for with a name (you wrote '{pair}'); write "
                    "columns=customer:buyer_id,time:paid_at",
                    pair=pair,
                )
            )
        columns[what.strip()] = name.strip()
    drop = tuple(listed(own.get("drop", "")))
    problems += [
        tr("drop: must be {drops} (you wrote '{one}'); leave it out", drops=tr(" or ").join(DROPS), one=one)
        for one in drop
        if one not in DROPS
    ]
    dates, encoding = own.get("dates"), own.get("encoding")
    if dates is not None and dates not in DATES:
        problems.append(
            tr(
                "dates: must be {dates} (you wrote '{dates2}'); leave it out",
                dates=tr(" or ").join(DATES),
                dates2=dates,
            )
        )
    if encoding is not None and not is_encoding(encoding):
        problems.append(
            tr(
                "encoding: must be one that Python knows (you wrote '{encoding}'); write utf-8, "
                "gb18030, latin-1 or utf-16",
                encoding=encoding,
            )
        )
    customers = own.get("customers", "all")
    if customers not in _CUSTOMERS:
        problems.append(
            tr(
                "customers: must be all or new (you wrote '{customers}'); write customers=all",
                customers=customers,
            )
        )
    return Reading(encoding, dates, columns, drop, customers == "new")


def _count(own: Mapping[str, str], key: str, problems: list[str]) -> int:
    usual, least, most = _COUNTS[key]
    text = own.get(key, str(usual)).strip()
    if text.isascii() and text.isdecimal() and least <= int(text) <= most:
        return int(text)
    problems.append(
        tr(
            "{key}: must be a whole number {least}..{most} (you wrote '{text}'); write {key}={usual}",
            key=key,
            least=least,
            most=most,
            text=text,
            usual=usual,
        )
    )
    return usual


def _share(
    own: Mapping[str, str], key: str, usual: float, low: float, high: float, problems: list[str]
) -> float:
    text = own.get(key, str(usual)).strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if low <= value <= high:
        return value
    problems.append(
        tr(
            "{key}: must be a share {low:g}..{high:g} (you wrote '{text}'); write {key}={usual:g}",
            key=key,
            low=low,
            high=high,
            text=text,
            usual=usual,
        )
    )
    return usual
