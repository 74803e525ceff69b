"""How a simulated Hub may differ from the documentation, and how it limits its clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.hub_simulator.registry.quirks import RegistryQuirks

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.hub_simulator.clock import Clock

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100
"""Page sizes, from Docker's OpenAPI file."""

ANONYMOUS_REPOSITORIES = 100
ANONYMOUS_TAGS = 1_000
"""From this offset on the Hub refuses anonymous requests for a list (observed since
2026-08-11, see docs/hub-facts.md); page 11 of 100 tags is at offset 1,000."""

Order = Literal["asked", "reversed", "newest", "oldest", "name", "made"]
"""How a list is ordered.

`asked`: as the parameter says; `reversed`: the opposite. The others ignore the parameter; `made` is
the order in which the items were created.
"""


@dataclass(frozen=True, slots=True)
class ListQuirks:
    """How lists of one kind differ from the documentation.

    Attributes:
        page_size: the size of every page, whatever is asked for; None: as asked for.
        max_page_size: the largest page size.
        order: how it is ordered.
        nulls: where items without a date stand if the list is ordered by date.
        count_offset: a number added to `count`, or a function that returns it for each answer.
        next_base: scheme, host and port of `next`; None: those of the request.
        name_ignores_case: `name=` ignores case.
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
    """How a Hub differs from the documentation.

    Attributes:
        repositories: of its lists of repositories.
        tags: of its lists of tags.
        unknown_namespace: the answer to the list of an unknown namespace: the Hub says 200 and
            `count: 0`.
        audit_lag: after how many seconds the audit log shows an event.
        registry: of the registry behind it.
        realm_base: scheme, host and port of the token service; None: the registry's; empty:
            its path alone is named (zot).
    """

    repositories: ListQuirks = PLAIN
    tags: ListQuirks = PLAIN
    unknown_namespace: Literal["empty", "404"] = "empty"
    audit_lag: float = 0.0
    registry: RegistryQuirks = RegistryQuirks()  # noqa: RUF009 - frozen
    realm_base: str | None = None


@dataclass(frozen=True, slots=True)
class OffsetBound:
    """From which offset on anonymous requests are refused; None: never.

    An offset is `(page - 1) * page_size`, with the page size that is used.
    """

    repositories: int | None = ANONYMOUS_REPOSITORIES
    tags: int | None = ANONYMOUS_TAGS


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests an identity may send; by default so many that no test waits.

    `AS_THE_HUB` is the real one.

    Attributes:
        limit: requests in a window.
        window: its length in seconds.
        retry_after: how a 429 says when to retry: `seconds` or `date` in `Retry-After`, `unix` in
            `X-Retry-After`, or `none`.
        body: of a 429.
        headers: answers have the `X-RateLimit-*` headers.
        clock: for the window; None: the hub's.
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
    """How many manifests anonymous clients may `GET`: 100 in six hours (documented)."""

    limit: int = 100
    window: float = 6 * 3600.0
