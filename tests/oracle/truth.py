"""What a simulated Hub held at each moment, told by its event log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.hub_simulator import events

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

Tags = dict[str, str]
"""Tag -> digest."""


class Shown(NamedTuple):
    """A repository at a moment."""

    private: bool
    tags: Tags


class Moment(NamedTuple):
    """What was there after an event, and all that is known about it."""

    held: Mapping[str, Shown]

    def seen(self, shown: Container[str]) -> dict[str, Tags]:
        """What is shown to who sees these private repositories: repository -> tag -> digest."""
        return {
            name: held.tags for name, held in self.held.items() if not held.private or name in shown
        }

    def public(self) -> Iterator[tuple[str, str, str]]:
        """The repository, tag and digest of everything that is public."""
        for name, held in self.held.items():
            if not held.private:
                yield from ((name, tag, digest) for tag, digest in held.tags.items())


NOTHING = Moment({})


def following(moment: Moment, event: events.Event) -> Moment:
    """The moment after an event."""
    held = dict(moment.held)
    name = event.repository
    match event:
        case events.RepositoryAdded():
            held[name] = Shown(event.private, {})
        case events.RepositoryRemoved():
            del held[name]
        case events.VisibilityChanged():
            held[name] = held[name]._replace(private=event.private)
        case events.TagPushed():
            held[name] = Shown(held[name].private, {**held[name].tags, event.tag: event.new_digest})
        case events.TagDeleted():
            left = {tag: digest for tag, digest in held[name].tags.items() if tag != event.tag}
            held[name] = Shown(held[name].private, left)
        case events.TagPulled() | events.DateSet():
            return moment
        case _:
            raise AssertionError(f"an event that nobody here knows: {event}")
    return Moment(held)


def moments(start: Moment, happened: Sequence[events.Event]) -> list[Moment]:
    """The moment at the start, and the one after each event."""
    found = [start]
    for event in happened:
        found.append(following(found[-1], event))
    return found
