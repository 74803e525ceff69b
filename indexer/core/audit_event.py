"""What a registry's audit log says that happened, and who did it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class AuditAction(StrEnum):
    """The actions that complete what a crawl sees, spelled as Docker Hub spells them."""

    REPOSITORY_CREATED = "repo.create"
    REPOSITORY_DELETED = "repo.delete"
    TAG_PUSHED = "repo.tag.push"
    TAG_DELETED = "repo.tag.delete"


class AuditEvent(NamedTuple):
    """One event of an audit log.

    Attributes:
        action: what was done.
        repository: to which, as `namespace/repository`.
        tag: to which tag of it; None: to the repository.
        digest: what the tag pointed to; None: the log does not say.
        actor: who did it.
        at: when, by the registry's clock.
    """

    action: AuditAction
    repository: str
    tag: str | None
    digest: str | None
    actor: str
    at: datetime
