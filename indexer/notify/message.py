"""A message, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        id: the same whenever this message is sent again, so that a receiver can drop doubles.
        type: what it is about: a kind of change, `violation`, or `summary`.
        subject: the image, or the sink for a summary.
        time: when a crawl saw what it tells.
        title: one line.
        text: for people.
        data: for programs: JSON.
        severity: of the worst violation in it; empty without one.
        first: the first change that it tells.
        last: the last one; the sink's cursor once it is sent.
        changes: how many it tells.
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
