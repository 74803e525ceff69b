"""What JSON shows, one type for each thing: the commands and the API write the same.

In: values of the model.
Out: records, which msgspec encodes as they stand, and of which OpenAPI's schemas are made.
May not: differ from docs/formats.md in a name, an order or a meaning.

images         repositories, tags and their history
crawls         crawls, namespaces, and what comes next
notifications  sinks, what became of them, and the queue of the workers
pins           what became of what a file pins

What JSON shows whole needs no record beside its model: a change and a rate limit are in
`indexer.core.model`. What messages hold, violations too, is in `indexer.notify.payload`.
"""

from __future__ import annotations

import dataclasses

from msgspec import Struct


def fields_of(record: type) -> tuple[str, ...]:
    """The names of a record's fields, in their order: the head of a CSV file."""
    if issubclass(record, Struct):
        return record.__struct_fields__
    assert dataclasses.is_dataclass(record)
    return tuple(each.name for each in dataclasses.fields(record))
