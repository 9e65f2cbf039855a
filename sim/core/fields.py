"""Records for kernels: named tuples of arrays and numbers, filled by the names of their fields.

A kernel takes a few records in place of dozens of arrays in a row, and its caller says only where they
come from. A record is filled once per call of a mechanism; numba takes it apart once per call of a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from operator import attrgetter, itemgetter
from typing import Any

#: What a source answers that does not have a field; None may be a value.
_ABSENT = object()


def fields_of(record: type[Any], *sources: Any) -> Any:
    """Fill a named tuple from sources that have its fields as columns or attributes.

    Parameters
    ----------
    record : type
        A class made with :class:`typing.NamedTuple`.
    *sources : object
        Mappings or objects; a field is taken from the first source that has it.

    Returns
    -------
    record
        An instance of ``record``.

    Raises
    ------
    AttributeError
        If no source has a field; names the field and the record.
    """
    if len(sources) == 1:  # nearly always: all fields at once
        with suppress(KeyError, AttributeError):
            return record._make(_reader(record._fields, isinstance(sources[0], Mapping))(sources[0]))
    readers = [source.get if isinstance(source, Mapping) else partial(getattr, source) for source in sources]
    return record._make([_found(name, readers, record) for name in record._fields])


@cache
def _reader(names: tuple[str, ...], mapping: bool) -> Callable[[Any], Sequence[Any]]:
    """What reads all fields of a record from a mapping, or from an object's attributes."""
    several: Callable[[Any], Any] = itemgetter(*names) if mapping else attrgetter(*names)
    return several if len(names) > 1 else lambda source: (several(source),)


def _found(name: str, readers: Sequence[Callable[..., Any]], record: type[Any]) -> Any:
    for read in readers:
        value = read(name, _ABSENT)
        if value is not _ABSENT:
            return value
    raise AttributeError(f"no source has the field '{name}' of {record.__name__}")
