"""Detects the kind of a file, and finds its images."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.pins import dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.pins.pin import Pin

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of one file; the longest bundles of Kubernetes objects have some 3 MB."""

_YAML = (".yaml", ".yml", ".json")
_BUILT = ("dockerfile", "containerfile")


class Kind(StrEnum):
    """What a file may be."""

    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    LIST = "list"


def images(
    content: bytes, name: str, given: Mapping[str, str], kind: Kind | None = None
) -> Iterator[Pin]:
    """Yield the images of a file, in order.

    Args:
        content: of the file.
        name: the file's name, used to detect its kind and in messages.
        given: values for variables.
        kind: its kind; None: detect it.

    Raises:
        UsageError: the file is too large, not UTF-8, or of no known kind.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(f"{shown(name)} is larger than {MOST_BYTES // 1024 // 1024} MiB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{shown(name)} is not UTF-8 text.") from None
    for pin in _images(text, kind, name, given):
        yield replace(pin, file=name)


def _images(text: str, kind: Kind | None, name: str, given: Mapping[str, str]) -> Iterator[Pin]:
    base = name.rpartition("/")[2].lower()
    if kind is Kind.DOCKERFILE or (kind is None and _is_dockerfile(base)):
        return dockerfile.images(text, given)
    if kind is Kind.LIST or (kind is None and not base.endswith(_YAML)):
        return _listed(text)
    from indexer.pins import yaml_files, yaml_nodes  # noqa: PLC0415 - only for YAML

    read = yaml_nodes.Documents(text)
    if kind is Kind.COMPOSE or (kind is None and yaml_files.is_compose(read)):
        return yaml_files.compose(read, given)
    if kind is Kind.KUBERNETES or yaml_files.is_kubernetes(read):
        return yaml_files.kubernetes(read, given)
    if read.problem is not None:
        return iter([read.problem])
    raise UsageError(
        f"{shown(name)} is neither a compose file (it has no 'services') nor objects of Kubernetes "
        "(they have 'apiVersion' and 'kind'): say what it is with --as."
    )


def _is_dockerfile(base: str) -> bool:
    """Whether the name is like `Dockerfile`, `Dockerfile.dev`, `api.Containerfile`."""
    return any(
        base == each or base.startswith(f"{each}.") or base.endswith(f".{each}") for each in _BUILT
    )


def _listed(text: str) -> Iterator[Pin]:
    """One image a line; blank lines and what follows a `#` are ignored."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words and not words[0].startswith("#"):
            yield dockerfile.named(words[0], "list", number)
