"""How a simulated Hub may differ from its documentation, and how it limits its clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator.clock import Clock

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100
"""Both from Docker's OpenAPI file."""

Order = Literal["asked", "reversed", "newest", "oldest", "name", "made"]
"""How a list is ordered: `asked` keeps to the parameter, `reversed` does the opposite, the others
ignore it; `made` is the order in which the items came to be."""


@dataclass(frozen=True, slots=True)
class ListQuirks:
    """The whims of one kind of list.

    Attributes:
        page_size: the size of every page, whatever is asked for.
        max_page_size: the greatest size that is granted.
        order: how it is ordered.
        nulls: where items without a date stand in an order of dates.
        count_offset: added to `count`; or called for each answer, for chance and change.
        next_base: scheme, host and port of `next`, where they are not those of the request.
    """

    page_size: int | None = None
    max_page_size: int = MAX_PAGE_SIZE
    order: Order = "asked"
    nulls: Literal["first", "last"] = "last"
    count_offset: int | Callable[[], int] = 0
    next_base: str | None = None


PLAIN = ListQuirks()
"""A list as documented and observed."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """The whims of a Hub: of its lists of repositories and of its lists of tags."""

    repositories: ListQuirks = PLAIN
    tags: ListQuirks = PLAIN


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests an identity may send.

    Attributes:
        limit: requests in a window.
        window: its length in seconds.
        retry_after: what a 429 says of when to come back: `seconds` and `date` in `Retry-After`,
            `unix` in `X-Retry-After`, `none` not at all.
        body: what a 429 looks like.
        headers: whether answers carry the `X-RateLimit-*` headers.
        clock: the clock of the window; the hub's if None.
    """

    limit: int = 1_000_000
    window: float = 60.0
    retry_after: Literal["seconds", "date", "unix", "none"] = "seconds"
    body: Literal["json", "html"] = "json"
    headers: bool = True
    clock: Clock | None = None
