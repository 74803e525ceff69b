"""The Hub's audit log: `GET /v2/auditlogs/{account}`, as Docker's OpenAPI file describes it. Pure.

For the owners of an organisation on a Team or Business plan. The newest events come first. What
cannot be read in an event makes that event be left out: the log only completes what lists say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from indexer.core.audit_event import AuditAction, AuditEvent
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_repository, is_tag
from indexer.sources.docker_hub import timestamps
from indexer.sources.json_decoding import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

PAGE_SIZE = 100
"""Events of a page; the most that the Hub grants of anything."""

MOST_PAGES = 5
"""Pages of one crawl: what is older is left out, for the log only completes what lists say."""

ACTOR_CHARACTERS = 100
"""Kept of a name; a username of the Hub has at most 30."""

_ACTIONS = {action.value: action for action in AuditAction}
_OF_TAGS = frozenset({AuditAction.TAG_PUSHED, AuditAction.TAG_DELETED})


class _Event(msgspec.Struct, gc=False):
    """An event, as sent."""

    action: Any = None
    name: Any = None
    actor: Any = None
    data: Any = None
    timestamp: Any = None


class _Log(msgspec.Struct, gc=False):
    """A page of the log, as sent."""

    logs: list[_Event] | None = None


class AuditPage(msgspec.Struct, frozen=True):
    """A page of the log, read.

    Attributes:
        events: those that complete what a crawl sees, the newest first.
        is_full: there may be older ones on the next page.
    """

    events: tuple[AuditEvent, ...]
    is_full: bool


_LOG = msgspec.json.Decoder(_Log)


def target(namespace: str, since: datetime | None, page: int) -> str:
    """The path and query of a page, whose numbers begin at 1."""
    asked = {"page": str(page), "page_size": str(PAGE_SIZE)}
    if since is not None:
        asked["from"] = since.isoformat()
    return f"/v2/auditlogs/{quote(namespace, safe='')}?{urlencode(asked)}"


def page_of(namespace: str) -> Callable[[bytes], AuditPage]:
    """How to read a page of a namespace's log."""

    def read(body: bytes) -> AuditPage:
        sent = decode(body, _LOG).logs or []
        return AuditPage(tuple(_events(sent, namespace)), len(sent) >= PAGE_SIZE)

    return read


def _events(sent: list[_Event], namespace: str) -> Iterator[AuditEvent]:
    for each in sent:
        action = _ACTIONS.get(each.action) if isinstance(each.action, str) else None
        at = timestamps.read(each.timestamp)
        name, tag, digest = _subject(each, namespace)
        has_tag = tag is not None
        if action is None or at is None or name is None or has_tag is not (action in _OF_TAGS):
            continue
        if isinstance(each.actor, str) and each.actor:
            actor = shown(each.actor, ACTOR_CHARACTERS)
            yield AuditEvent(action, name, tag, digest, actor, at)


def _subject(event: _Event, namespace: str) -> tuple[str | None, str | None, str | None]:
    """The repository (of this namespace), tag and digest of an event; None for what is none."""
    name = event.name if isinstance(event.name, str) else ""
    name = name if "/" in name else f"{namespace}/{name}"
    if not name.startswith(f"{namespace}/") or not is_repository(name):
        return None, None, None
    data = event.data if isinstance(event.data, dict) else {}
    tag, digest = data.get("tag"), data.get("digest")
    return (
        name,
        tag if isinstance(tag, str) and is_tag(tag) else None,
        digest if isinstance(digest, str) and is_digest(digest) else None,
    )
