"""The filters of changes in query parameters, named as in `indexer query`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import Query

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.errors import UsageError
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.core.time_expression import check_window, parse_when

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.datastructures import QueryParams

LONGEST = 300
"""Characters of one value; a repository's name has at most 255."""


Everything = Annotated[
    bool,
    Query(alias="all", description="Also tags that tools keep: signatures, attestations."),
]
"""The parameter `all`."""


@dataclass(frozen=True)
class ChangeFilters:
    """The filters as given in the query parameters."""

    changed_since: str | None = None
    kind: tuple[ChangeKind, ...] = ()
    namespace: str | None = None
    repository: str | None = None
    tag: str | None = None
    registry: str | None = None
    include_baseline: bool = False
    pushed_by: str | None = None
    all: bool = False
    changed_until: str | None = None

    def wanted(self, now: datetime) -> ChangeFilter:
        """The filter itself.

        Raises:
            UsageError: a time cannot be understood, or the end is before the beginning.
        """
        when = parse_when(self.changed_since, now) if self.changed_since else None
        end = parse_when(self.changed_until, now) if self.changed_until else None
        if when and end:
            check_window(when, end)
        return ChangeFilter(
            since=when.time if when else None,
            crawl=when.crawl if when else None,
            after=when.change if when else None,
            kinds=frozenset(self.kind),
            registry=self.registry or None,
            namespace=self.namespace or None,
            repository=self.repository or None,
            tag=self.tag or None,
            pushed_by=self.pushed_by or None,
            baseline=self.include_baseline,
            companions=self.all,
            until=end.time if end else None,
            until_crawl=end.crawl if end else None,
            until_change=end.change if end else None,
        )

    def address(self, **more: object) -> str:
        """The filters as a query string, with further parameters; empty if there are none."""
        pairs: list[tuple[str, object]] = [("kind", kind.value) for kind in self.kind]
        pairs += [(name, value) for name in _TEXTS if (value := getattr(self, name))]
        if self.include_baseline:
            pairs.append(("include_baseline", "true"))
        if self.all:
            pairs.append(("all", "true"))
        pairs += [(name, value) for name, value in more.items() if value is not None]
        return urlencode(pairs)

    def words(self) -> str:
        """The filters for a person: `library/*, tag latest`; empty if there are none."""
        parts = [kind.value.replace("_", " ") for kind in self.kind]
        parts += [
            f"{name} {value}"
            for name in ("registry", "namespace", "repository", "tag")
            if (value := getattr(self, name))
        ]
        if self.changed_since:
            parts.append(f"since {self.changed_since}")
        if self.changed_until:
            parts.append(f"until {self.changed_until}")
        if self.pushed_by:
            parts.append(f"pushed by {self.pushed_by}")
        return shown(", ".join(parts))


def from_api(  # noqa: PLR0913 - each is a parameter of the API
    changed_since: Annotated[
        str | None,
        Query(
            max_length=60,
            description="How long ago (`90m`, `24h`, `7d`, `2w`), ISO 8601 (UTC by "
            "default), or `crawl:ID` for that crawl and later ones.",
            examples=["24h"],
        ),
    ] = None,
    kind: Annotated[list[ChangeKind], Query(max_length=5, description="Only these kinds.")] = [],  # noqa: B006 - FastAPI never changes it
    namespace: Annotated[
        str | None, Query(max_length=LONGEST, description="Only this namespace.")
    ] = None,
    repository: Annotated[
        str | None, Query(max_length=LONGEST, description="Only these: a name or a glob.")
    ] = None,
    tag: Annotated[
        str | None, Query(max_length=LONGEST, description="Only these tags: a name or a glob.")
    ] = None,
    registry: Annotated[
        str | None, Query(max_length=LONGEST, description="Only this registry.")
    ] = None,
    *,
    include_baseline: Annotated[
        bool, Query(description="Also return what the first crawl found.")
    ] = False,
    pushed_by: Annotated[
        str | None,
        Query(max_length=LONGEST, description="Only what these pushed: a name or a glob."),
    ] = None,
    everything: Everything = False,
    changed_until: Annotated[
        str | None,
        Query(
            max_length=60,
            description="Only changes before that time; up to `crawl:ID` or `change:ID`, both "
            "included.",
        ),
    ] = None,
) -> ChangeFilters:
    """The filters as FastAPI reads and documents them."""
    return ChangeFilters(
        changed_since,
        tuple(kind),
        namespace,
        repository,
        tag,
        registry,
        include_baseline,
        pushed_by,
        everything,
        changed_until,
    )


def filters_of(query: QueryParams) -> ChangeFilters:
    """Read the filters of a form or a typed URL; empty values count as absent.

    Raises:
        UsageError: a kind is unknown, or a value is too long.
    """
    given = {name: query.get(name, "").strip() for name in _TEXTS}
    for name, value in given.items():
        if len(value) > LONGEST:
            raise UsageError(f"{name} has more than {LONGEST} characters.")
    kinds: list[ChangeKind] = []
    for text in query.getlist("kind")[:10]:
        if text not in {kind.value for kind in ChangeKind}:
            names = ", ".join(kind.value for kind in ChangeKind)
            raise UsageError(f"'{shown(text, 60)}' is not a kind of change; the kinds are {names}.")
        kinds.append(ChangeKind(text))
    return ChangeFilters(
        kind=tuple(kinds),
        include_baseline=is_on(query, "include_baseline"),
        all=is_on(query, "all"),
        **{name: value or None for name, value in given.items()},
    )


def is_on(query: QueryParams, name: str) -> bool:
    """Whether a yes-or-no parameter of a page is set."""
    return query.get(name, "").lower() in {"1", "true", "on", "yes"}


_TEXTS = (
    "changed_since",
    "changed_until",
    "namespace",
    "repository",
    "tag",
    "registry",
    "pushed_by",
)
