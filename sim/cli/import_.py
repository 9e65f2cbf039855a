"""The verbs ``import`` and ``template``: tables of one's own become a scenario, orders and ties.

Nothing is written unless every line of every file is right; what was understood is told back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.calibration.files.cells import DATES
from sim.calibration.files.text import is_encoding
from sim.cli.output import say
from sim.cli.session import hand_over
from sim.config import compose, market_sources
from sim.config.own_keys import listed, split_words
from sim.config.sources import NAME
from sim.config.verb_keys import own_keys
from sim.core.atomic import commit
from sim.core.errors import InputError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.core.shipped import shipped
from sim.own.bring import Brought, Request, bring, there_already, write
from sim.own.columns import tables
from sim.own.template import template
from sim.world.catalog import CATEGORIES

DONE = 0
_OWN = own_keys("import")
_TEMPLATE = own_keys("template")


def import_(words: Sequence[str]) -> int:
    """Check files, tell what was understood, and write what they become."""
    request, replace = _request(words)
    brought = bring(request)
    _check_settings(brought)
    if (there := there_already(brought)) and not replace:
        raise InputError(
            tr(
                "{there}: is there already and must not be written over; say replace=yes, or name=ANOTHER",
                there=there[0],
            )
        )
    written = write(brought)
    say("\n".join(brought.lines))
    say("\n".join(tr("written: {path}", path=path) for path in written))
    if request.salt in written:
        say(
            tr(
                "note: {salt} is the key of all pseudonyms; keep it to yourself, and use it again so "
                "that the same people have the same pseudonyms",
                salt=request.salt,
            )
        )
    say("\n".join(["", tr("What to run:"), *(f"  {line}" for line in _next(brought))]))
    hand_over(
        settings=brought.values,
        written=written,
        rows={k: len(next(iter(t.values()))) for k, t in brought.tables.items()},
    )
    return DONE


def template_(words: Sequence[str]) -> int:
    """Print a template, or write it."""
    own, settings, names, problems = split_words(words, _TEMPLATE)
    problems += [
        tr("'{word}': template takes {own}; leave it out", word=word, own=", ".join(_TEMPLATE))
        for word in settings
    ]
    if len(names) != 1 or names[0] not in tables():
        meant = tr("choose one of: {tables}", tables=", ".join(tables()))
        if len(names) == 1:
            meant = did_you_mean(names[0], tables())
        said = tr(" (you wrote {names})", names=tr(" and ").join(names)) if names else ""
        problems.append(tr("template: takes the name of one table{said}; {meant}", said=said, meant=meant))
    problems += _unnamed(own.get("currency", "CNY"))
    if problems:
        raise InputError(problems)
    text = template(tables()[names[0]], own.get("currency", "CNY"))
    if "out" not in own:
        say(text, end="")
        return DONE
    path = Path(own["out"].strip("'\""))
    if path.exists():
        raise InputError(
            tr("out: '{path}' is there already and must not be written over; name another file", path=path)
        )
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8-sig"), "out", True)
    say(tr("written: {path}", path=path))
    return DONE


def _request(words: Sequence[str]) -> tuple[Request, bool]:
    """Words after the verb, every mistake told; and whether files may be replaced."""
    own, settings, names, problems = split_words(words, _OWN)
    problems += [
        tr("'{word}': import takes {own}; leave it out", word=word, own=", ".join(_OWN)) for word in settings
    ]
    files = {kind: Path(own[kind].strip("'\"")) for kind in tables() if own.get(kind)}
    for word in names:
        kinds = [kind for kind in tables() if kind in Path(word).name.lower()]
        if not Path(word).is_file():
            problems.append(tr("'{word}': the file must exist (no such file); check the path", word=word))
        elif len(kinds) != 1:
            problems.append(
                tr(
                    "'{word}': its name must say which table it is ({tables}); write products={word}",
                    word=word,
                    tables=", ".join(tables()),
                )
            )
        elif kinds[0] in files:
            problems.append(
                tr(
                    "{kinds}: must be given once (you wrote {files} and {word})",
                    kinds=kinds[0],
                    files=files[kinds[0]],
                    word=word,
                )
            )
        else:
            files[kinds[0]] = Path(word)
    if not files and not problems:
        problems.append(tr("import: name your files, for instance 'liebian import products.csv prices.csv'"))
    name = own.get("name", "own")
    if not NAME.fullmatch(name) or (shipped("scenarios") / f"{name}.yaml").is_file():
        problems.append(
            tr(
                "name: must be 1 to 64 of a-z, 0-9 and _ and no scenario of liebian's (you wrote "
                "'{name}'); write another",
                name=name,
            )
        )
    folder = Path(own.get("folder", "own").strip("'\""))
    request = Request(
        files,
        name,
        folder,
        Path(own["salt"].strip("'\"")) if "salt" in own else folder / "salt.key",
        own.get("currency", "CNY"),
        _rate(own, problems),
        _pairs("columns", "price:NAME_IN_FILE", own, problems),
        _pairs("categories", "vegetables:fresh", own, problems),
        own.get("encoding"),
        own.get("dates"),
        _pairs("sheets", "products:NAME", own, problems),
    )
    problems += [
        tr(
            "sheets: '{table}' is no table of this command; write one of: {tables}",
            table=table,
            tables=", ".join(files),
        )
        for table, sheet in request.sheets.items()
        if sheet and table not in files
    ]
    problems += [
        tr(
            "categories: '{one}' is no category of the model; {did_you_mean}",
            one=one,
            did_you_mean=did_you_mean(one, CATEGORIES),
        )
        for one in request.categories.values()
        if one not in CATEGORIES
    ]
    known = list(dict.fromkeys(one.name for kind in files or tables() for one in tables()[kind].columns))
    problems += [
        tr(
            "columns: '{one}' is no column of these tables; {did_you_mean}",
            one=one,
            did_you_mean=did_you_mean(one, known),
        )
        for one, name in request.columns.items()
        if name and one not in known
    ]
    problems += _unnamed(request.currency)
    if request.dates is not None and request.dates not in DATES:
        problems.append(
            tr(
                "dates: must be {dates} (you wrote '{dates2}'); leave it out",
                dates=tr(" or ").join(DATES),
                dates2=request.dates,
            )
        )
    if request.encoding is not None and not is_encoding(request.encoding):
        problems.append(
            tr(
                "encoding: must be one that Python knows (you wrote '{encoding}'); write gb18030",
                encoding=request.encoding,
            )
        )
    if own.get("replace", "no") not in ("yes", "no"):
        problems.append(
            tr(
                "replace: must be yes or no (you wrote '{replace}'); write replace=yes",
                replace=own["replace"],
            )
        )
    if problems:
        raise InputError(problems)
    return request, own.get("replace") == "yes"


def _unnamed(currency: str) -> list[str]:
    """What is wrong with the name of a currency, which stands in headers and sentences."""
    if 0 < len(currency) <= 12 and currency.isalpha():
        return []
    return [
        tr(
            "currency: must be a name of 1 to 12 letters (you wrote '{currency}'); write EUR",
            currency=currency,
        )
    ]


def _rate(own: Mapping[str, str], problems: list[str]) -> float:
    """CNY for one unit of the currency; a foreign one must say it."""
    try:
        rate = float(own.get("rate", "1"))
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        problems.append(
            tr("rate: must be a number above 0 (you wrote '{rate}'); write rate=7.1", rate=own["rate"])
        )
    if own.get("currency", "CNY") != "CNY" and "rate" not in own and not _unnamed(own["currency"]):
        problems.append(
            tr(
                "rate: must say how many CNY one {currency} is (you wrote none); write rate=7.1",
                currency=own["currency"],
            )
        )
    return rate


def _pairs(key: str, example: str, own: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Pairs of ``a:b,c:d``."""
    made: dict[str, str] = {}
    for pair in listed(own.get(key, "")):
        one, _, other = (part.strip() for part in pair.partition(":"))
        if one in made or (key == "columns" and other in made.values()):
            problems.append(
                tr(
                    "{key}: must name each once (you wrote '{pair}' as well); delete one",
                    key=key,
                    pair=pair,
                )
            )
        if not one or not other:
            problems.append(
                tr(
                    "{key}: must pair words with a colon (you wrote '{pair}'); write {key}={example}",
                    key=key,
                    pair=pair,
                    example=example,
                )
            )
        made[one] = other
    return made


def _check_settings(brought: Brought) -> None:
    """Let a run's own checks look at the settings before they are written."""
    if brought.values:
        compose([f"{key}={value}" for key, value in brought.values.items()], sources=market_sources())


def _next(brought: Brought) -> list[str]:
    """Commands that use what was written."""
    name = brought.request.name
    lines = []
    if brought.values:
        lines += [
            f"liebian run scenario={name}",
            f"liebian compare baseline three_tier_referral group_buy own={name}",
            f"liebian ask my_plan own={name}",
        ]
    if "orders" in brought.tables:
        lines.append(f"liebian calibrate orders={brought.path('orders')}")
    if "edges" in brought.tables:
        lines.append(f"liebian run graph=edge_list graph.path={brought.path('edges')}")
    return lines
