"""Finds the images of a list: one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.pins.image_names import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values


def is_content(file: SourceFile) -> bool:
    """Whether the file may be a list."""
    return not file.is_yaml


def images(file: SourceFile, _given: Values) -> Iterator[Pin]:
    """Yield the image of each line; blank lines and what follows a `#` are ignored."""
    for number, line in enumerate(file.text.splitlines(), 1):
        words = line.split()
        if words and not words[0].startswith("#"):
            yield named(words[0], "list", number)
