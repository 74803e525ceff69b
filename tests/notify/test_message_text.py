"""What people are told of a change, in words."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from indexer.core.model import ChangeKind
from indexer.notify import message_text
from indexer.notify.payload import Event as Record
from indexer.notify.sample_events import samples

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_message_says_who_pushed_where_that_is_known() -> None:
    (retag,) = (e for e in samples(NOW)[:-1] if e.change.kind is ChangeKind.TAG_RETAGGED)
    change = dataclasses.replace(retag.change, pushed_by="bob\x1b[2J")
    by_bob = retag._replace(change=change)
    nobody = retag._replace(change=dataclasses.replace(change, pushed_by=None))

    told = message_text.text(by_bob, "indexer")
    assert "Pushed 2026-03-01 12:00 UTC by bob" in told
    assert "\x1b" not in told
    assert "Pushed 2026-03-01 12:00 UTC, seen" in message_text.text(nobody, "indexer")
    timeless = retag._replace(change=dataclasses.replace(change, pushed_at=None))
    assert "Pushed by bob" in message_text.text(timeless, "indexer")
    assert Record.of(by_bob).change.pushed_by == change.pushed_by
