"""Finds the images of a machine: what `docker image inspect` prints, and podman and crictl alike.

`RepoDigests` names each repository that an image was pulled from, with its digest there; `RepoTags`
the tags that it has on this machine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.pins.image_names import is_same_repository, named
from indexer.pins.yaml_nodes import at, elements, line_of, mappings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_DIGESTS = ("RepoDigests", "repoDigests")
_TAGS = ("RepoTags", "repoTags")
_NONE = "<none>"


def is_content(file: SourceFile) -> bool:
    """Whether an image with `RepoDigests` is in it."""
    return (
        file.is_yaml
        and any(f'"{key}"'.encode() in file.content for key in _DIGESTS)
        and any(_first(node, _DIGESTS) for root in file.documents.roots for node in mappings(root))
    )


def images(file: SourceFile, _given: Values) -> Iterator[Pin]:
    """Yield each tag with the digest that its repository has for it, and what is left of both."""
    for root in file.documents.roots:
        for node in mappings(root):
            yield from _image(node)
    if file.documents.problem:
        yield file.documents.problem


def _image(node: yaml.Node) -> Iterator[Pin]:
    tags = [_named(each, "RepoTags") for each in elements(_first(node, _TAGS)) if _is_some(each)]
    used: set[int] = set()
    for each in elements(_first(node, _DIGESTS)):
        if not _is_some(each):
            continue
        digest = _named(each, "RepoDigests")
        mine = [tag for tag in tags if is_same_repository(tag, digest)]
        used |= {id(tag) for tag in mine}
        yield from (_pinned(tag, digest) for tag in mine)
        if not mine:
            yield digest
    yield from (tag for tag in tags if id(tag) not in used)


def _pinned(tag: Pin, digest: Pin) -> Pin:
    assert tag.reference is not None
    assert digest.reference is not None
    pinned = digest.reference.digest
    reference = replace(tag.reference, digest=pinned)
    return replace(digest, text=f"{tag.text}@{pinned}", reference=reference)


def _named(node: yaml.Node, where: str) -> Pin:
    return named(text_of(node), where, line_of(node))


def _is_some(node: yaml.Node) -> bool:
    """Whether it is a name: an image that has lost its tag is called `<none>:<none>`."""
    return _NONE not in text_of(node)


def _first(node: yaml.Node, keys: tuple[str, str]) -> yaml.Node | None:
    return next((found for key in keys if (found := at(node, key)) is not None), None)
