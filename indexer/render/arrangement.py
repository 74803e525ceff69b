"""The order of a list, by the fields that JSON shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from indexer.core import version_order
from indexer.core.errors import UsageError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from indexer.render.column_sets import ColumnSet

T = TypeVar("T")

NAME = "name"
"""What every list can be sorted by: where something is, tags in the order of versions."""

VERSION = "version"
"""The same, of what has tags."""

_PARTS_OF_A_NAME = ("registry", "namespace", "repository", "tag")


def arranged(
    values: Iterable[T],
    shape: ColumnSet[T],
    field: str | None,
    *,
    reverse: bool = False,
    limit: int | None = None,
) -> Iterator[T]:
    """The values in an order, and only the first of them.

    Args:
        values: in the order that they have without a field. They are held in memory if there is
            one, or if they are reversed.
        shape: how they are written.
        field: `name`, or a field of JSON; lists are sorted by their length. None: as they come.
        reverse: the greatest first. Values without the field come last all the same.
        limit: how many; None: all.

    Raises:
        UsageError: there is no such field.
    """
    if field is None:
        ordered: Iterable[T] = reversed(list(values)) if reverse else values
    else:
        ordered = in_order(values, _key(shape, field), reverse=reverse)
    return islice(ordered, limit)


def is_by_name(field: str | None) -> bool:
    """Whether tags that are sorted by a field come by repository, then in the order of versions."""
    return field in {NAME, VERSION}


def in_order(values: Iterable[T], key: Callable[[T], Any], *, reverse: bool) -> list[T]:
    """The values by a key, the smallest or oldest first; those whose key is None come last."""
    known: list[tuple[Any, T]] = []
    unknown: list[T] = []
    for value in values:
        if (at := key(value)) is None:
            unknown.append(value)
        else:
            known.append((at, value))
    known.sort(key=itemgetter(0), reverse=reverse)
    return [*(value for _, value in known), *unknown]


def _key(shape: ColumnSet[T], field: str) -> Callable[[T], Any]:
    if field == VERSION and "tag" in shape.fields:
        field = NAME
    if field not in {*shape.fields, NAME}:
        known = ", ".join(dict.fromkeys([NAME, *shape.fields]))
        raise UsageError(f"cannot sort by '{shown(field)}'; --sort takes {known}.")
    if field in shape.fields:
        return lambda value: _comparable(field, getattr(shape.record(value), field))
    parts = [each for each in _PARTS_OF_A_NAME if each in shape.fields] or shape.fields[:1]

    def name(value: T) -> tuple[Any, ...]:
        record = shape.record(value)
        read = ((each, getattr(record, each)) for each in parts)
        return tuple(
            (given is not None, () if given is None else _comparable(each, given))
            for each, given in read
        )

    return name


def _comparable(field: str, value: Any) -> Any:
    """A value of a field, so that two of them can be compared."""
    if value is None:
        return None
    if field == "tag":
        return version_order.order(str(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value)
    return value if isinstance(value, (int, float, str)) or hasattr(value, "tzinfo") else str(value)
