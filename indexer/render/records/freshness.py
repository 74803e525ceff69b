"""How fresh an answer is."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from indexer.core.model import Time  # noqa: TC001 - msgspec reads annotations


class Freshness(Struct, frozen=True):
    """How fresh an answer is, by the crawls that it rests on."""

    last_complete_at: Annotated[
        Time | None,
        Meta(
            description="When the last complete crawl ended; of several namespaces the oldest; "
            "null: of one there was none."
        ),
    ]
    stale: Annotated[
        list[str],
        Meta(description="Namespaces whose last complete crawl is older than their schedule."),
    ]
    partly_read: Annotated[
        list[str],
        Meta(description="Namespaces whose last crawl did not read all: more may have changed."),
    ]
