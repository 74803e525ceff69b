"""The Hub's audit log of an account: its events, and who caused them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from indexer.hub_simulator import events
from indexer.hub_simulator.hub_json import AuditEvent
from indexer.hub_simulator.pagination import BadPage, number
from indexer.hub_simulator.quirks import MAX_PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PAGE_SIZE = 25
"""Events of a page, unless another number is asked for (Docker's OpenAPI file)."""

ACTIONS = {
    "repo": {
        "label": "Repository",
        "actions": [
            {"name": "create", "label": "Repository Created", "description": "A new repository"},
            {"name": "delete", "label": "Repository Deleted", "description": "A deletion"},
            {"name": "change_privacy", "label": "Privacy Changed", "description": "A change"},
            {"name": "tag.push", "label": "Tag Pushed", "description": "Tags pushed"},
            {"name": "tag.delete", "label": "Tag Deleted", "description": "Tags deleted"},
        ],
    }
}
"""The answer to `actions`: those of the Hub's groups and actions that the simulator has."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; empty and None mean all."""

    action: str
    name: str
    actor: str
    since: datetime | None
    until: datetime | None
    page: int
    size: int

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Wanted:
        """Read a request's parameters.

        Raises:
            BadPage: one is not a number or a time.
        """
        return cls(
            action=params.get("action", ""),
            name=params.get("name", ""),
            actor=params.get("actor", ""),
            since=_time(params.get("from")),
            until=_time(params.get("to")),
            page=number(params.get("page"), 1),
            size=min(number(params.get("page_size"), PAGE_SIZE), MAX_PAGE_SIZE),
        )

    def fits(self, event: AuditEvent) -> bool:
        """Whether an event is asked for."""
        return (
            self.action in {"", event.action}
            and self.name in {"", event.name, event.name.partition("/")[2]}
            and self.actor in {"", event.actor}
            and (self.since is None or self.since <= event.timestamp)
            and (self.until is None or event.timestamp <= self.until)
        )


def page_of(
    happened: Iterable[events.Event], account: str, wanted: Wanted, shown_until: datetime
) -> list[AuditEvent]:
    """A page of an account's log, the newest first; empty past its end.

    Args:
        happened: all events of the hub, in order.
        account: whose log it is.
        wanted: which events are asked for.
        shown_until: later events are not in the log yet.
    """
    logged = [
        line
        for event in happened
        if event.at <= shown_until and event.repository.partition("/")[0] == account
        for line in _lines(event, account)
        if wanted.fits(line)
    ]
    logged.reverse()
    start = (wanted.page - 1) * wanted.size
    return logged[start : start + wanted.size]


def until(now: datetime, lag: float) -> datetime:
    """The time up to which the log shows events, if it lags so many seconds behind."""
    return now - timedelta(seconds=lag)


def _lines(event: events.Event, account: str) -> Iterator[AuditEvent]:
    """The lines of the log for an event; none for pulls."""
    data: dict[str, str] = {}
    match event:
        case events.TagPushed():
            action, data = "repo.tag.push", {"digest": event.new_digest, "tag": event.tag}
            said = f"pushed the tag {event.tag} with the digest {event.new_digest[:19]} to"
        case events.TagDeleted():
            action, data = "repo.tag.delete", {"digest": event.old_digest, "tag": event.tag}
            said = f"deleted the tag {event.tag} of"
        case events.RepositoryAdded():
            action, said = "repo.create", "created"
        case events.RepositoryRemoved():
            action, said = "repo.delete", "deleted"
        case events.VisibilityChanged():
            action, said = "repo.change_privacy", "changed the privacy of"
        case _:
            return
    yield AuditEvent(
        account=account,
        action=action,
        name=event.repository,
        actor=event.actor,
        data=data,
        timestamp=event.at,
        action_description=f"{said} the repository {event.repository}\n",
    )


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise BadPage(f"{text} is not a time") from None
    if time.tzinfo is None:
        raise BadPage(f"{text} has no time zone")
    return time
