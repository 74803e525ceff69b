"""Finds the images of a list: one on each line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.pins.image_names import named, without_transport
from indexer.pins.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.source_file import SourceFile, Values

_COMMENT = re.compile(r"(?:^|\s)#.*")


def is_content(file: SourceFile) -> bool:
    """Whether each line is an image, a comment or empty, and at least one is an image."""
    if file.is_named_yaml:
        return False
    pins = images(file, {})
    first = next(pins, None)
    return first is not None and bool(first.reference) and all(each.reference for each in pins)


def images(file: SourceFile, _given: Values) -> Iterator[Pin]:
    """Yield the image of each line; blank lines and what follows a `#` are ignored."""
    for number, line in enumerate(file.text.splitlines(), 1):
        text = _COMMENT.sub("", line).strip()
        if len(text.split()) > 1:
            problem = "more than one word stands on the line: write one image on each."
            yield Pin(text, "list", problem=problem, line=number)
        elif text:
            yield named(without_transport(text), "list", number, text)
