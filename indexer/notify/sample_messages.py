"""Messages to try a sink with: one of each kind, a summary, and one of what is hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.notify.batching import MessageGroup, Tally
from indexer.notify.composer import Composer
from indexer.notify.hidden_message import hidden_message
from indexer.notify.sample_events import hidden_sample, samples

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.notify.links import Links
    from indexer.notify.message import Message
    from indexer.notify.sink import Sink

MARK = "[test] "
"""The prefix of every title."""


def messages(sink: Sink, links: Links, now: datetime) -> tuple[list[Message], list[str]]:
    """The messages, and the problems of the sink's templates."""
    composer = Composer(sink, links)
    items = samples(now)
    groups = [MessageGroup((item,)) for item in items]
    tally = Tally()
    for item in items:
        tally.add(item)
    written = [composer.message(group) for group in (*groups, MessageGroup(items, tally))]
    written.append(hidden_message(hidden_sample(now), sink.name, links))
    stamp = f"{now:%Y%m%dT%H%M%S%f}"
    return [
        replace(
            each,
            id=f"test-{stamp}-{number}",
            title=MARK + each.title,
            data={**each.data, "title": MARK + each.title, "test": True},
        )
        for number, each in enumerate(written, 1)
    ], composer.problems
