"""Keys that belong to a verb and set nothing in a market, told apart from the settings beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sim.core.language import tr


class Split(NamedTuple):
    """Words of a command line.

    own : key of the verb -> what stands after its equals sign; settings : words with another key; names :
    words without an equals sign; problems : one line for each key of the verb that is given more than once.
    """

    own: dict[str, str]
    settings: list[str]
    names: list[str]
    problems: list[str]


def split_words(words: Sequence[str], keys: Collection[str]) -> Split:
    """Tell the verb's own keys from settings and names.

    Parameters
    ----------
    words : sequence of str
        As written after the verb.
    keys : collection of str
        The verb's own.
    """
    given: dict[str, list[str]] = {}
    settings, names = [], []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            names.append(word)
        elif key in keys:
            given.setdefault(key, []).append(value)
        else:
            settings.append(word)
    problems = [
        tr(
            "{key}: must be given once (you wrote {values}); delete all but one",
            key=key,
            values=tr(" and ").join(values),
        )
        for key, values in given.items()
        if len(values) > 1
    ]
    return Split({key: values[-1] for key, values in given.items()}, settings, names, problems)


def listed(text: str) -> list[str]:
    """Entries of ``[a,b]`` or ``a,b``."""
    inner = text.strip().removeprefix("[").removesuffix("]")
    return [one.strip() for one in inner.split(",") if one.strip()]


def key_of(word: str) -> str:
    """What stands before the equals sign."""
    return word.partition("=")[0]
