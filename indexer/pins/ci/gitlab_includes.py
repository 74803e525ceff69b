"""Which of the files that are given together make one pipeline of GitLab, by their `include`.

GitLab merges what a file includes from its own repository (`local`). What comes from elsewhere
(`template`, `component`, `project`, `remote`) belongs to others, as actions of GitHub do.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import yaml

from indexer.pins.image_names import unreadable
from indexer.pins.yaml_nodes import at, elements, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile


def related(file: SourceFile) -> list[SourceFile]:
    """A file, those given with it that it includes, those that include it, and so on."""
    found = [file]
    for each in found:
        for other in file.beside:
            if other not in found and (_includes(each, other) or _includes(other, each)):
                found.append(other)
    return found


def missing(file: SourceFile, given: Sequence[SourceFile]) -> Iterator[Pin]:
    """Yield what a file includes from its repository that was not given."""
    for node in _local(file):
        path = text_of(node)
        if not any(_is_named(path, each) for each in given if each is not file):
            why = "it includes this, which is not among the files given: check both together"
            yield unreadable(path, "include", line_of(node), why)


def _includes(file: SourceFile, other: SourceFile) -> bool:
    return any(_is_named(text_of(node), other) for node in _local(file))


def _local(file: SourceFile) -> Iterator[yaml.Node]:
    """Yield the paths that a file includes from its repository."""
    for root in file.documents.roots:
        include = at(root, "include")
        listed = elements(include) or ([include] if include is not None else [])
        for each in listed:
            node = at(each, "local") if isinstance(each, yaml.MappingNode) else each
            if node is not None and text_of(node) and "://" not in text_of(node):
                yield node


def _is_named(path: str, file: SourceFile) -> bool:
    """Whether a path from the top of the repository, which may have `*`, names a file."""
    pattern = path.removeprefix("./").lstrip("/").lower()
    return fnmatchcase(f"/{file.path}", f"*/{pattern}")
