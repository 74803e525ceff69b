"""Detects the kind of a file, and finds its images. A kind is one module and one row of `KINDS`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.pins import (
    compose,
    devcontainer,
    dockerfile,
    github_actions,
    gitlab_ci,
    helm_values,
    kubernetes,
    list_file,
    quadlet,
)
from indexer.pins.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import Values

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes of one file; the longest bundles of Kubernetes objects have some 3 MB."""


def _never(_file: SourceFile) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file may be.

    Attributes:
        name: as `--as` takes it.
        title: as messages name it.
        images: yields the images of a file of this kind, in order.
        is_name: whether a file's name says that it is of this kind, whatever it holds.
        is_content: whether what a file holds says so; asked only if no kind knows its name.
    """

    name: str
    title: str
    images: Callable[[SourceFile, Values], Iterator[Pin]]
    is_name: Callable[[SourceFile], bool] = _never
    is_content: Callable[[SourceFile], bool] = _never


KINDS = (
    Kind("dockerfile", "a Dockerfile", dockerfile.images, is_name=dockerfile.is_name),
    Kind("compose", "a compose file", compose.images, is_content=compose.is_content),
    Kind(
        "kubernetes", "objects of Kubernetes", kubernetes.images, is_content=kubernetes.is_content
    ),
    Kind(
        "github-actions",
        "a workflow or an action of GitHub",
        github_actions.images,
        is_name=github_actions.is_name,
        is_content=github_actions.is_content,
    ),
    Kind(
        "gitlab-ci",
        "a pipeline of GitLab",
        gitlab_ci.images,
        is_name=gitlab_ci.is_name,
        is_content=gitlab_ci.is_content,
    ),
    Kind(
        "devcontainer",
        "a development container",
        devcontainer.images,
        is_name=devcontainer.is_name,
    ),
    Kind(
        "quadlet",
        "a quadlet of Podman",
        quadlet.images,
        is_name=quadlet.is_name,
        is_content=quadlet.is_content,
    ),
    Kind(
        "helm-values",
        "values of a Helm chart",
        helm_values.images,
        is_name=helm_values.is_name,
        is_content=helm_values.is_content,
    ),
    Kind("list", "a list of images", list_file.images, is_content=list_file.is_content),
)
"""All kinds. If several know a file, the first does."""


def images(
    content: bytes, name: str, given: Mapping[str, str], kind: str | None = None
) -> Iterator[Pin]:
    """Yield the images of a file, in order.

    Args:
        content: of the file.
        name: the file's name, used to detect its kind and in messages.
        given: values for variables.
        kind: the name of its kind; None: detect it.

    Raises:
        UsageError: the file is too large, not UTF-8, or of no known kind.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(f"{shown(name)} is larger than {MOST_BYTES // 1024 // 1024} MiB.")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{shown(name)} is not UTF-8 text.") from None
    file = SourceFile(name, content)
    for pin in _images(file, kind, given):
        yield replace(pin, file=name)


def _images(file: SourceFile, name: str | None, given: Mapping[str, str]) -> Iterator[Pin]:
    kind = _detected(file) if name is None else next(each for each in KINDS if each.name == name)
    if kind is not None:
        return kind.images(file, given)
    if file.documents.problem is not None:
        return iter([file.documents.problem])
    raise UsageError(
        f"{shown(file.name)} is neither a compose file (it has no 'services') nor objects of "
        "Kubernetes (they have 'apiVersion' and 'kind'): say what it is with --as."
    )


def _detected(file: SourceFile) -> Kind | None:
    """The kind that knows the file by its name, else by what it holds."""
    by_name = (each for each in KINDS if each.is_name(file))
    by_content = (each for each in KINDS if each.is_content(file))
    return next(by_name, None) or next(by_content, None)
