"""The JSON of a message as a CloudEvent (CNCF's CloudEvents 1.0, JSON format)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.core.humanize import iso

if TYPE_CHECKING:
    from indexer.notify.message import Message

CONTENT_TYPE = "application/cloudevents+json"

TYPE = "indexer."
"""The prefix of every event type."""


def envelope(message: Message, sink: str) -> bytes:
    """Encode the message in ASCII. Source and id are unique together, and the same when resent."""
    event = {
        "specversion": "1.0",
        "id": message.id,
        "source": f"/indexer/sinks/{quote(sink, safe='')}",
        "type": f"{TYPE}{message.type}",
        "subject": message.subject,
        "time": iso(message.time),
        "datacontenttype": "application/json",
        "data": message.data,
    }
    return json.dumps(event, ensure_ascii=True).encode()
