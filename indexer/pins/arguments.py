"""Reads what `check` is given: images, files, standard input. It passes over nothing in silence.

arguments ─▶ images, and files of a known kind ─▶ pins, in the order of the arguments
          └▶ refused: a sentence for each argument that was not understood
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import parse_reference
from indexer.pins import compose, dockerfile, file_kinds
from indexer.pins.image_names import without_transport
from indexer.pins.pin import Pin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from indexer.pins.file_kinds import KnownFile
    from indexer.pins.source_file import Values

_FILE_NAME = re.compile(r"(?:.*/)?(?:[^/:@]*\.[A-Za-z]\w*|(?:docker|container)file)", re.ASCII)
"""What names a file rather than an image without a tag: `compose.yaml`, `dockerfile`."""

_DIGEST = re.compile(rb"\bsha256:[0-9a-f]{64}\b")


@dataclass(slots=True)
class Found:
    """What the arguments are.

    Attributes:
        pins: the images, in the order of the arguments.
        refused: of each argument that was not understood, what to do about it.
        without: the files that were understood and name no image.
    """

    pins: list[Pin] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def images(
    arguments: Iterable[str],
    given: Values,
    kind: str | None,
    read: Callable[[str, int], bytes | None],
) -> Found:
    """Find the images that arguments of the command line are, or that files among them name.

    Args:
        arguments: images, names of files, `-` for standard input.
        given: values for variables.
        kind: the name of the kind of all arguments, which are files then; None: detect it.
        read: gives the content of a file, or at most so many bytes of it; None if there is none.
            It may raise a UsageError.
    """
    found = Found()
    understood: list[Pin | KnownFile] = []
    for argument in arguments:
        try:
            understood.append(_understood(argument, kind, read))
        except UsageError as error:
            found.refused.append(str(error))
    files = [each for each in understood if not isinstance(each, Pin)]
    for known in files:
        known.file.beside.extend(each.file for each in files if each.kind is known.kind)
    _give_contexts(files)
    for each in understood:
        if isinstance(each, Pin):
            found.pins.append(each)
            continue
        try:
            pins = list(file_kinds.images_of(each, given))
        except UsageError as error:
            found.refused.append(str(error))
            continue
        found.pins += pins
        if refusal := _refusal(each, kind, pins):
            found.refused.append(refusal)
        elif not pins:
            found.without.append(each.file.name)
    return found


def _understood(
    argument: str, kind: str | None, read: Callable[[str, int], bytes | None]
) -> Pin | KnownFile:
    content = read(argument, file_kinds.MOST_BYTES + 1)
    if content is not None:
        return file_kinds.known(content, argument, kind)
    missing = f"there is no file '{shown(argument)}'"
    if kind is not None:
        raise UsageError(f"{missing}.")
    try:
        reference = parse_reference(without_transport(argument))
    except UsageError as error:
        raise UsageError(f"{missing}, and {error}") from None
    if _FILE_NAME.fullmatch(argument):
        raise UsageError(
            f"{missing}; if it is an image, write its tag too, as in '{shown(argument)}:latest'."
        )
    return Pin(argument, reference=reference)


def _give_contexts(files: Sequence[KnownFile]) -> None:
    """Tell each Dockerfile the names of contexts that every service has that is built from it."""
    dockerfiles = {
        each.file.place: each.file for each in files if each.kind.images is dockerfile.images
    }
    names: dict[str, set[str]] = {}
    for each in files if dockerfiles else ():
        if each.kind.images is compose.images:
            for place, contexts in compose.builds(each.file):
                names[place] = names.get(place, contexts) & contexts
    for place, file in dockerfiles.items():
        file.contexts.update(names.get(place, ()))


def _refusal(known: KnownFile, kind: str | None, pins: Sequence[Pin]) -> str:
    """Why a file was hardly understood in which no image was read; empty if it may be right."""
    title = known.file.title
    if kind is not None and not any(pin.reference for pin in pins):
        return f"no image could be read in {title} as {known.kind.title}: check what --as says."
    if not pins and _DIGEST.search(known.file.content):
        return (
            f"a digest stands in {title}, and no image was found there: it was read as "
            f"{known.kind.title}; say what it is with --as, or name the image itself."
        )
    return ""
