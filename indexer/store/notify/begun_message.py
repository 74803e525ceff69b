"""Stores a begun message as JSON, so that it is sent again exactly as it was."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from indexer.notify.message import BegunMessage, Message


def packed(begun: BegunMessage) -> str:
    """A message as JSON, in ASCII: what is in it may be no valid Unicode."""
    message = begun.message
    fields: dict[str, Any] = {name: getattr(message, name) for name in Message.__slots__}
    fields["time"] = message.time.isoformat()
    return json.dumps({"templates": begun.templates, "message": fields})


def unpacked(text: str) -> BegunMessage:
    """The message of `packed`."""
    whole = json.loads(text)
    fields: dict[str, Any] = whole["message"]
    fields["time"] = datetime.fromisoformat(fields["time"])
    return BegunMessage(Message(**fields), whole["templates"])
