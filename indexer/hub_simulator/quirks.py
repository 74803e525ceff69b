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

ANONYMOUS_REPOSITORIES = 100
ANONYMOUS_TAGS = 1_000
"""From this offset on the Hub refuses a list to whoever is not logged in (observed since
2026-08-11, see docs/hub-facts.md); page 11 of 100 tags is at offset 1,000."""

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
        name_ignores_case: whether `name=` finds what differs in case only.
    """

    page_size: int | None = None
    max_page_size: int = MAX_PAGE_SIZE
    order: Order = "asked"
    nulls: Literal["first", "last"] = "last"
    count_offset: int | Callable[[], int] = 0
    next_base: str | None = None
    name_ignores_case: bool = False


PLAIN = ListQuirks()
"""A list as documented and observed."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """The whims of a Hub.

    Attributes:
        repositories: of its lists of repositories.
        tags: of its lists of tags.
        unknown_namespace: what the list of a namespace that is not there answers: the Hub says 200
            and `count: 0`.
        audit_lag: the seconds after which the audit log shows an event.
        registry_pages: whether the registry cuts `tags/list` at `n`; the Hub's answers it whole.
        realm_base: scheme, host and port of the token service, where they are not the registry's.
    """

    repositories: ListQuirks = PLAIN
    tags: ListQuirks = PLAIN
    unknown_namespace: Literal["empty", "404"] = "empty"
    audit_lag: float = 0.0
    registry_pages: bool = False
    realm_base: str | None = None


@dataclass(frozen=True, slots=True)
class OffsetBound:
    """From which offset on whoever is not logged in is refused; None: from none.

    An offset is `(page - 1) * page_size`, as it was granted.
    """

    repositories: int | None = ANONYMOUS_REPOSITORIES
    tags: int | None = ANONYMOUS_TAGS


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests an identity may send; by default so many that no test ever waits.

    `AS_THE_HUB` is the real one.

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


AS_THE_HUB = RateLimit(limit=180)
"""As recorded: 180 requests a minute for each identity."""


@dataclass(frozen=True, slots=True)
class PullLimit:
    """How many manifests whoever has no account may `GET`: 100 in six hours (documented)."""

    limit: int = 100
    window: float = 6 * 3600.0
