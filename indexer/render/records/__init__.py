"""The records that JSON shows: one type for each thing, the same in commands and API.

In: values of the model.
Out: records, which msgspec encodes; the schemas of OpenAPI are made from the same types.
May not: differ from docs/formats.md in a name, an order or a meaning.

images         repositories, tags and their history
crawls         crawls, namespaces, and the next crawls
settled        the newest digest that a tag kept for long enough
outdated       the newer versions of an image
inside         what two digests of a tag differ in
stats          counts by the day, tags not pulled, digests that tags share
configuration  the configuration in force, and what is missing in it
freshness      how fresh an answer is
notifications  sinks, the results of notifying them, and the queue of the workers
pins           the verdicts on pinned images

Changes and rate limits have no record here: JSON shows them as they are in `indexer.core.model`.
The content of messages, violations included, is in `indexer.notify.payload`.
"""

from __future__ import annotations

import dataclasses

from msgspec import Struct


def fields_of(record: type) -> tuple[str, ...]:
    """The names of a record's fields, in order: the header of a CSV file."""
    if issubclass(record, Struct):
        return record.__struct_fields__
    assert dataclasses.is_dataclass(record)
    return tuple(each.name for each in dataclasses.fields(record))
