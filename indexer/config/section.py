"""One section of the configuration file: known keys with their readers, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.config.value_readers import InvalidValue, described
from indexer.core.printable import shown
from indexer.core.suggestions import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Readers = Mapping[str, Callable[[object], object]]


class Problems(NamedTuple):
    """Collects what is wrong in a file: a person mends everything in one go."""

    file: str
    sentences: list[str]

    def add(self, place: str, sentence: str) -> None:
        """Note a mistake at a section, or at a section and a key."""
        self.sentences.append(f"{self.file}: {place}: {sentence}")


def read_section(given: object, readers: Readers, place: str, mistakes: Problems) -> dict[str, Any]:
    """Read the keys that are given; a key that is wrong is left at its default.

    Args:
        given: the section as TOML has it.
        readers: for each known key what reads its value, or raises `InvalidValue`.
        place: the section as a person finds it, `[http]`.
        mistakes: where to note what is wrong.
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
    """Say that something is unknown, and what is nearest. The value is never quoted."""
    names = list(known)
    near = nearest(name, names)
    hint = did_you_mean(near) if near else f"known are {', '.join(names)}."
    return f"unknown {what}; {hint}"
