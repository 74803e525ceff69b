"""A message, ready to be sent; and one that was begun, which is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        id: the same whenever this message is resent, so that a receiver can drop duplicates.
        type: a kind of change, `violation`, `summary`, or `hidden`.
        subject: the image; for a summary the sink.
        time: when a crawl saw the changes.
        title: one line.
        text: for people.
        data: for programs: JSON.
        severity: of the worst violation in it; empty without one.
        first: the first change that it covers.
        last: the last one; the sink's cursor once it is sent.
        changes: how many it covers.
    """

    id: str
    type: str
    subject: str
    time: datetime
    title: str
    text: str
    data: Mapping[str, Any]
    severity: str
    first: int
    last: int
    changes: int


class BegunMessage(NamedTuple):
    """A message that was stored before it was first sent, so that a second try sends the same.

    Attributes:
        message: the message.
        templates: of the sink when it was composed. If the configuration has others now, the
            message is composed again: a receiver may have refused what the old ones wrote.
    """

    message: Message
    templates: str
