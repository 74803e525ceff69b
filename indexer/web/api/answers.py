"""What the API answers: pages of the records that the commands write, each with its cursor."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from indexer.catalog.answers import Difference  # noqa: TC001 - msgspec reads annotations
from indexer.core.model import Change, Time  # noqa: TC001 - the same
from indexer.notify.payload import Violation
from indexer.render.records.crawls import Crawl, Namespace  # noqa: TC001 - the same
from indexer.render.records.freshness import Freshness  # noqa: TC001 - the same
from indexer.render.records.images import (  # noqa: TC001 - the same
    FoundTag,
    Period,
    Repository,
    RepositoryDay,
    Tag,
)
from indexer.render.records.inside import Diff
from indexer.render.records.outdated import Outdated, OutdatedImage  # noqa: TC001 - the same
from indexer.render.records.pins import CheckedPin  # noqa: TC001 - the same
from indexer.render.records.settled import Settled
from indexer.render.records.stats import Stats

_Next = Annotated[
    str | None, Meta(description="Pass it as `after` for the next page; null on the last page.")
]


class Problem(Struct, frozen=True):
    """What is wrong, in a sentence."""

    error: str


class Changes(Struct, frozen=True):
    """A page of the change log."""

    changes: list[Change]
    next: Annotated[
        int,
        Meta(
            description="Pass it as `after` for what follows (as `before`, with `newest_first`): "
            "nothing is missed or repeated."
        ),
    ]
    more: Annotated[bool, Meta(description="Whether more follows already.")]
    known_since: Annotated[
        Time | None,
        Meta(
            description="The index knows no changes before; null if it knows all since "
            "`changed_since`, or no time was given."
        ),
    ]
    freshness: Freshness


class Repositories(Struct, frozen=True):
    """A page of repositories, by registry and name."""

    repositories: list[Repository]
    next: _Next
    freshness: Freshness


class Counters(Struct, frozen=True):
    """What was counted of a repository by the day: days without a crawl are left out."""

    registry: str
    repository: str
    days: list[RepositoryDay]
    next: _Next
    freshness: Freshness


class Tags(Struct, frozen=True):
    """A page of tags, by name."""

    tags: list[Tag]
    next: _Next
    freshness: Freshness


class History(Struct, frozen=True):
    """A page of history, by tag and time."""

    history: list[Period]
    next: _Next
    known_since: Annotated[
        Time | None, Meta(description="What the tags pointed to before is not known.")
    ]
    freshness: Freshness


class InspectedLayer(
    Struct,
    frozen=True,
    rename={"mime_type": "MIMEType", "digest": "Digest", "size": "Size", "notes": "Annotations"},
):
    """A layer, with the names that skopeo gives."""

    mime_type: str
    digest: str
    size: Annotated[int, Meta(description="In bytes; -1 if the manifest does not say.")]
    notes: dict[str, str] | None


class InspectedImage(Struct, frozen=True, rename="pascal"):
    """An image as `skopeo inspect` shows it, with its names."""

    name: str
    digest: Annotated[str, Meta(description="Of what was asked for; of an index its own.")]
    repo_tags: list[str]
    created: str | None
    docker_version: str
    labels: dict[str, str] | None
    architecture: str
    os: str
    layers: list[str]
    layers_data: list[InspectedLayer]
    env: list[str] | None


class Inspected(Struct, frozen=True):
    """What is inside an image."""

    registry: str
    repository: str
    tag: Annotated[str | None, Meta(description="Null if a digest was asked for.")]
    digest: str
    image: InspectedImage
    freshness: Freshness


class FoundDigest(Struct, frozen=True):
    """The tags that lead to a digest, or led there."""

    digest: str
    tags: Annotated[list[FoundTag], Meta(description="By registry, repository, name and time.")]
    more: Annotated[bool, Meta(description="Whether there are more tags.")]
    freshness: Freshness


class Comparison(Struct, frozen=True):
    """A repository at two times."""

    registry: str
    repository: str
    earlier: Time
    later: Time
    differences: list[Difference]
    more: Annotated[bool, Meta(description="Whether there are more differences.")]
    known_since: Annotated[
        Time | None,
        Meta(
            description="Since when the index knows the repository, if that is after `from`: the "
            "comparison starts there."
        ),
    ]
    freshness: Freshness


class Crawls(Struct, frozen=True):
    """A page of crawls, newest first."""

    crawls: list[Crawl]
    next: Annotated[
        int | None,
        Meta(description="Pass it as `before` for the next page; null on the last page."),
    ]


class Violations(Struct, frozen=True):
    """A page of violations, newest first."""

    violations: list[Violation]
    next: Annotated[
        int | None,
        Meta(description="Pass it as `before` for the next page; null on the last page."),
    ]
    freshness: Freshness


_Refused = Annotated[
    list[str], Meta(description="What was not understood, with what to do about it.")
]


class Checked(Struct, frozen=True):
    """The verdicts on the images in a file."""

    verdicts: list[CheckedPin]
    refused: _Refused
    passed: Annotated[bool, Meta(description="Whether `indexer check` would exit with 0.")]
    freshness: Freshness


class OutdatedImages(Struct, frozen=True):
    """The newer versions of the images in a file."""

    images: list[OutdatedImage]
    refused: _Refused
    passed: Annotated[bool, Meta(description="Whether `indexer outdated` would exit with 0.")]
    freshness: Freshness


class Status(Struct, frozen=True):
    """All namespaces, by registry and name."""

    namespaces: list[Namespace]
    freshness: Freshness


ANSWERS: tuple[type[Struct], ...] = (
    Problem, Changes, Repositories, Counters, Tags, History, FoundDigest, Settled, Outdated, Diff,
    Stats, Comparison, Crawls, Crawl, Status,
    Violations, Violation, Checked, OutdatedImages, Inspected,
)  # fmt: skip
"""What operations answer: the roots of the schemas in OpenAPI."""
