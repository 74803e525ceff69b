"""The parameters that several operations take, as FastAPI reads and documents them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from indexer.web.change_filters import LONGEST

MOST = 1_000
"""Things on a page."""

LARGEST = 2**63 - 1
"""What both databases take for a number."""

Limit = Annotated[int, Query(ge=1, le=MOST, description="Most items to return.")]
Repo = Annotated[
    str,
    Path(
        max_length=LONGEST,
        description="`docker.io/library/nginx`; the registry may be left out if only one has it.",
        examples=["docker.io/library/nginx"],
    ),
]
When = Annotated[
    str,
    Query(
        max_length=60,
        description="ISO 8601, how long ago (`7d`), or `crawl:ID` for the end of that crawl.",
    ),
]
TagName = Annotated[str | None, Query(max_length=128, description="Only this tag.")]
After = Annotated[str, Query(max_length=LONGEST, description="`next` of the previous page.")]
Registry = Annotated[str | None, Query(max_length=LONGEST, description="Only this registry.")]
Namespace = Annotated[str | None, Query(max_length=LONGEST, description="Only this namespace.")]
