"""Texts that are stored with results, and told in the reader's language whenever they are shown.

A stored text is English, so that a file is the same whoever made it; beside it stands what is needed to say
it: the template and its values. A result that was stored without them is read as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from sim.core.language import tr

#: Key beside stored texts under which stands what is needed to say them.
SAID = "said"
_TEXT, _FIELDS = "text", "fields"


class Kept(str):
    """An English text that knows its template and values; made by :func:`keep`.

    Attributes
    ----------
    text : str
        The template, as :func:`sim.core.language.tr` takes it.
    fields : mapping of str to value
        Values by the names in the template; texts among them may be kept ones themselves.
    """

    text: str
    fields: Mapping[str, Any]

    def __new__(cls, english: str, text: str, fields: Mapping[str, Any]) -> Self:
        """An English text with what it was made of."""
        made = super().__new__(cls, english)
        made.text, made.fields = text, dict(fields)
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, str, dict[str, Any]]]:
        return type(self), (str(self), self.text, dict(self.fields))


def keep(text: str, /, **fields: Any) -> Kept:
    """A text to be stored: English as it stands, and told by :func:`told`.

    Parameters
    ----------
    text : str
        The English template, written out where it is used, so that it is found.
    fields : value
        Numbers, texts and kept texts by the names in the template.
    """
    return Kept(text.format(**fields) if fields else text, text, fields)


def plain(value: Any) -> Any:
    """What is needed to say a kept text, or each of a list or mapping of them, as plain values for JSON."""
    if isinstance(value, Kept):
        return {_TEXT: value.text, _FIELDS: {name: plain(one) for name, one in value.fields.items()}}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def told(value: Any) -> Any:
    """The same in the language in force, from kept texts or from what :func:`plain` made of them.

    Parameters
    ----------
    value : value
        Kept texts, plain values, or a list or mapping of them; a text that is no kept one is looked up as
        it is.
    """
    if isinstance(value, Kept):
        return _said(value.text, value.fields)
    if isinstance(value, Mapping):
        if set(value) == {_TEXT, _FIELDS}:
            return _said(str(value[_TEXT]), value[_FIELDS])
        return {name: told(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(one) for one in value]
    return tr(value) if isinstance(value, str) else value


def told_of(info: Mapping[str, Any], name: str) -> Any:
    """A stored text, or list or mapping of them, in the language in force; nothing if it was not stored.

    Parameters
    ----------
    info : mapping
        English texts, and under :data:`SAID` what :func:`plain` made of them; without it they stay English.
    name : str
        Which of them.
    """
    return told(info.get(SAID, {}).get(name, info.get(name, "")))


def _said(text: str, fields: Mapping[str, Any]) -> str:
    """A template with its fields; of these only kept texts are looked up, for others are names of users."""
    nested = (Kept, Mapping)
    return tr(text, **{name: told(one) if isinstance(one, nested) else one for name, one in fields.items()})
