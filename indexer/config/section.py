"""Reads one section of the configuration file: known keys with their readers, and mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.config.value_readers import InvalidValue, described
from indexer.core.printable import shown
from indexer.core.suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Readers = Mapping[str, Callable[[object], object]]


class Problems(NamedTuple):
    """Collects all mistakes of a file, so that a user can fix them in one go."""

    file: str
    sentences: list[str]

    def add(self, place: str, sentence: str) -> None:
        """Record a mistake in a section, or in a key of a section."""
        self.sentences.append(f"{self.file}: {place}: {sentence}")


def read_section(given: object, readers: Readers, place: str, mistakes: Problems) -> dict[str, Any]:
    """Read the keys that are given; an invalid one keeps its default.

    Args:
        given: the section as TOML has it.
        readers: for each known key a function that reads its value, or raises `InvalidValue`.
        place: the section's name in messages, such as `[http]`.
        mistakes: collects what is wrong.
    """
    if not isinstance(given, dict):
        mistakes.add(place, f"expected a section with keys, got {described(given)}.")
        return {}
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in readers:
            mistakes.add(f"{place} {shown(key, 60)}", unknown("key", key, readers))
            continue
        try:
            values[key] = readers[key](value)
        except InvalidValue as wrong:
            got = f", got {described(value)}" if wrong.quoted else ""
            mistakes.add(f"{place} {key}", f"expected {wrong}{got}.")
    return values


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A sentence about an unknown key, with the nearest known one. The value is never quoted."""
    names = list(known)
    near = nearest(name, names)
    hint = did_you_mean(near) if near else f"known are {', '.join(names)}."
    return f"unknown {what}; {hint}"
