"""Turns a group of changes into a message: texts or templates for people, JSON for programs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from indexer.core.humanize import iso
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.notify import message_text, payload
from indexer.notify.links import at_registry
from indexer.notify.message import Message
from indexer.notify.templates import TemplateFailed, render
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.notify.batching import MessageGroup, Tally
    from indexer.notify.event import Event
    from indexer.notify.links import Links
    from indexer.notify.sink import Sink

LONGEST_TITLE = 250

VIOLATION = "violation"
SUMMARY = "summary"


class Composer:
    """Writes the messages of one sink.

    Args:
        sink: the sink.
        links: what links and commands in texts begin with.
    """

    def __init__(self, sink: Sink, links: Links) -> None:
        self._sink = sink
        self._links = links
        self.problems: list[str] = []
        """What was wrong with templates, each problem once."""

    @property
    def templates(self) -> str:
        """A checksum of the templates: whether they are those that wrote a stored message."""
        return hashlib.sha256(repr(self._sink.templates).encode(errors="replace")).hexdigest()

    def message(self, group: MessageGroup) -> Message:
        """The message for a group."""
        if group.tally is None:
            return self._one(group.listed[0])
        return self._summary(group, group.tally)

    def _one(self, event: Event) -> Message:
        change = event.change
        ours = (message_text.title(event), message_text.text(event, self._links))
        links = {"page": self._links.page(change), "registry_page": at_registry(change)}
        record = msgspec.to_builtins(payload.Event.of(event))
        values = {
            **record["change"],
            **record,
            "sink": self._sink.name,
            "image": message_text.image(change),
            "move": str(event.move) if event.move else None,
            "severity": str(event.severity or ""),
            "closer": self._links.closer(change),
            **links,
            "default_title": ours[0],
            "default_text": ours[1],
        }
        templates = self._sink.templates
        title, text = self._written((templates.title, templates.text), ours, values)
        named = (change.registry, change.repository, change.tag or "", iso(change.observed_at))
        return Message(
            id=self._id(f"change-{change.id}", *named),
            type=VIOLATION if event.violations else change.kind.value,
            subject=f"{change.registry}/{change.repository}"
            + (f":{change.tag}" if change.tag else ""),
            time=change.observed_at,
            title=title,
            text=text,
            data={**record, **links, "title": title, "text": text, "sink": self._sink.name},
            severity=str(event.severity or ""),
            first=change.id,
            last=change.id,
            changes=1,
        )

    def _summary(self, group: MessageGroup, tally: Tally) -> Message:
        assert tally.first is not None
        assert tally.last is not None
        first, last = tally.first.change, tally.last.change
        see_all = self._links.see_all(first.id, self._sink.kinds)
        page = self._links.changes(tally.span[0], self._sink.kinds)
        ours = (message_text.summary_title(tally), message_text.summary_text(group, page, see_all))
        values = _summary(group, tally) | {
            "sink": self._sink.name,
            "see_all": see_all,
            "page": page,
            "default_title": ours[0],
            "default_text": ours[1],
        }
        templates = self._sink.templates
        wanted = templates.summary_title, templates.summary_text
        title, text = self._written(wanted, ours, values)
        worst = max(tally.violations, key=lambda each: each.rank, default=None)
        return Message(
            id=self._id(f"changes-{first.id}-{last.id}", iso(first.observed_at), str(tally.number)),
            type=SUMMARY,
            subject=self._sink.name,
            time=last.observed_at,
            title=title,
            text=text,
            data={**values, "title": title, "text": text},
            severity=str(worst or ""),
            first=first.id,
            last=last.id,
            changes=tally.number,
        )

    def _written(
        self,
        templates: tuple[str | None, str | None],
        ours: tuple[str, str],
        values: Mapping[str, Any],
    ) -> tuple[str, str]:
        """Title and text. If a template fails: the default, with a note about the failure."""
        written, notes = [], []
        for name, template, own in zip(("title", "text"), templates, ours, strict=True):
            try:
                written.append(own if template is None else render(template, values))
            except TemplateFailed as failed:
                written.append(own)
                notes.append(
                    f"The template of the {name} of the sink '{shown(self._sink.name)}' failed, "
                    f"and this is the usual {name}: {failed}."
                )
        self.problems += [note for note in notes if note not in self.problems]
        title, text = written
        one_line = " ".join(title.split()) or ours[0]
        return shown(one_line, LONGEST_TITLE), "\n".join([text, *notes])

    def _id(self, what: str, *named: str | None) -> str:
        """An id that is the same for the same changes, and differs between two indexes."""
        whole = "\n".join((self._sink.name, what, *(part or "" for part in named)))
        return f"{what}-{hashlib.sha256(whole.encode(errors='replace')).hexdigest()[:16]}"


def _summary(group: MessageGroup, tally: Tally) -> dict[str, Any]:
    assert tally.first is not None
    assert tally.last is not None
    return {
        "count": tally.number,
        "counts": {kind.value: tally.kinds[kind] for kind in ChangeKind},
        "namespaces": dict(tally.places.most_common()),
        "violations": {each.value: tally.violations[each] for each in Severity},
        "first": tally.first.change.id,
        "last": tally.last.change.id,
        "observed_from": iso(tally.span[0]),
        "observed_until": iso(tally.span[1]),
        "complete": len(group.listed) == tally.number,
        "changes": [msgspec.to_builtins(payload.Event.of(each)) for each in group.listed]
        if len(group.listed) == tally.number
        else [],
    }
