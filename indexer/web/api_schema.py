"""What the API answers, for its documentation. The records are those of docs/formats.md."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the types of its models
from enum import StrEnum

from pydantic import BaseModel, Field

from indexer.core.model import ChangeKind, CrawlStatus, Mode  # noqa: TC001 - pydantic reads annotations
from indexer.manifests.retag_kind import RetagKind  # noqa: TC001 - pydantic reads annotations


class Problem(BaseModel):
    """What is wrong, in a sentence."""

    error: str


class Change(BaseModel):
    """One row of the change log."""

    id: int = Field(description="Grows in the order in which changes became visible.")
    observed_at: datetime
    kind: ChangeKind
    registry: str
    repository: str
    tag: str | None
    old_digest: str | None
    new_digest: str | None
    pushed_at: datetime | None = Field(description="The registry's word.")
    crawl_id: int
    baseline: bool = Field(description="It was there when the list was first read.")


class Changes(BaseModel):
    """A page of the change log."""

    changes: list[Change]
    next: int = Field(
        description="Ask again with `after` set to this: nothing is missed or doubled."
    )
    more: bool = Field(description="There is more already.")


class Repository(BaseModel):
    """A repository."""

    registry: str
    repository: str
    description: str
    private: bool
    tags: int = Field(description="How many there are now.")
    last_updated: datetime | None


class Repositories(BaseModel):
    """A page of repositories, by registry and name."""

    repositories: list[Repository]
    next: str | None = Field(description="Ask again with `after` set to this; null: no more.")


class Platform(BaseModel):
    """One image of a tag."""

    platform: str
    os: str
    architecture: str
    variant: str | None
    os_version: str | None
    digest: str | None
    size: int | None


class Tag(BaseModel):
    """A tag, now or as of a time."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    size: int | None = Field(description="Bytes, compressed, of all platforms together.")
    platforms: list[Platform]
    pushed_at: datetime | None
    first_seen_at: datetime
    same_as: list[str] = Field(description="Other tags with this digest: the first ten by name.")
    same_as_more: int = Field(description="How many more there are.")


class Tags(BaseModel):
    """A page of tags, by name."""

    tags: list[Tag]
    next: str | None = Field(description="Ask again with `after` set to this; null: no more.")


class Interval(BaseModel):
    """A digest that a tag had, and when."""

    registry: str
    repository: str
    tag: str
    digest: str | None
    pushed_at: datetime | None
    started_at: datetime
    ended_at: datetime | None = Field(description="Null while it lasts.")
    move: RetagKind | None = Field(
        description="How it differs from the one before; null: the first, or unknown contents."
    )
    move_in_words: str | None
    same_as: list[str] = Field(
        description="Other tags that have or had this digest: the first ten by name."
    )
    same_as_more: int = Field(description="How many more there are.")


class History(BaseModel):
    """A page of history, by tag and time."""

    history: list[Interval]
    next: str | None = Field(description="Ask again with `after` set to this; null: no more.")


class DifferenceKind(StrEnum):
    """How a tag differs between two times."""

    ADDED = "tag_added"
    REMOVED = "tag_removed"
    RETAGGED = "tag_retagged"


class Difference(BaseModel):
    """A tag that did not point to the same at two times."""

    tag: str
    kind: DifferenceKind
    old_digest: str | None
    new_digest: str | None


class Comparison(BaseModel):
    """A repository at two times."""

    registry: str
    repository: str
    earlier: datetime
    later: datetime
    differences: list[Difference]
    more: bool = Field(description="There are more differences than are told.")


class RateLimit(BaseModel):
    """What the registry last said of its limit."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


class Crawl(BaseModel):
    """One pass over one namespace."""

    id: int
    registry: str
    namespace: str
    status: CrawlStatus
    mode: Mode
    started_at: datetime
    finished_at: datetime | None
    repositories: int
    tags: int
    requests: int
    bytes: int
    changes: dict[str, int]
    errors: list[str]


class Crawls(BaseModel):
    """A page of crawls, newest first."""

    crawls: list[Crawl]
    next: int | None = Field(description="Ask again with `before` set to this; null: no more.")


class LastCrawl(BaseModel):
    """The last crawl of a namespace."""

    id: int
    status: CrawlStatus
    mode: Mode
    started_at: datetime
    finished_at: datetime | None
    requests: int
    bytes: int
    changes: dict[str, int]
    errors: list[str]
    identity: str | None = Field(description="The account; null: shown to who has the token.")
    age_seconds: int
    rate_limit: RateLimit | None
    pulls: RateLimit | None


class Namespace(BaseModel):
    """How well a namespace is known."""

    registry: str
    namespace: str
    configured: bool
    repositories: int
    tags: int
    pending: int = Field(description="Repositories that were listed and are not read yet.")
    last_complete_at: datetime | None
    last_full_at: datetime | None
    overdue: list[str]
    failures: int
    stale: float | None = Field(description="Tags expected to be stale; null: not estimated.")
    last_crawl: LastCrawl | None


class Status(BaseModel):
    """All namespaces, by registry and name."""

    namespaces: list[Namespace]
