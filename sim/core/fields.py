"""Records for kernels: named tuples of arrays and numbers, filled by the names of their fields.

A kernel takes a few records in place of dozens of arrays in a row, and its caller says only where they
come from. A record is filled once per call of a mechanism; numba takes it apart once per call of a kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any

#: What reads all fields of a record from a source of a type.
_READERS: dict[tuple[type[Any], type[Any]], Callable[[Any], Sequence[Any]]] = {}
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
        source = sources[0]
        read = _READERS.get((record, type(source))) or _reader(record, type(source))
        try:
            return tuple.__new__(record, read(source))
        except (KeyError, AttributeError):
            pass  # told below, by name
    readers = [source.get if isinstance(source, Mapping) else partial(getattr, source) for source in sources]
    return record._make([_found(name, readers, record) for name in record._fields])


def _reader(record: type[Any], kind: type[Any]) -> Callable[[Any], Sequence[Any]]:
    """What reads all fields of a record from a mapping, or from an object's attributes."""
    names: tuple[str, ...] = record._fields
    mapping = issubclass(kind, Mapping)
    several: Callable[[Any], Any] = itemgetter(*names) if mapping else attrgetter(*names)
    read = several if len(names) > 1 else lambda source: (several(source),)
    _READERS[record, kind] = read
    return read


def _found(name: str, readers: Sequence[Callable[..., Any]], record: type[Any]) -> Any:
    for read in readers:
        value = read(name, _ABSENT)
        if value is not _ABSENT:
            return value
    raise AttributeError(f"no source has the field '{name}' of {record.__name__}")
