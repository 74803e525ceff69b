"""Detects the kind of a file, and finds its images. A kind is one module and one row of `KINDS`."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.pins import (
    compose,
    devcontainer,
    docker_inspect,
    dockerfile,
    helm_values,
    kubernetes,
    kustomize,
    list_file,
    quadlet,
)
from indexer.pins.ci import github_actions, gitlab_ci
from indexer.pins.hcl import files as hcl_files
from indexer.pins.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import Values

MOST_BYTES = 512 * 1024 * 1024
"""The most bytes of one file: some 170,000 pods, more than the largest cluster runs."""


_PART = 1024 * 1024


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
    Kind(
        "dockerfile", "a Dockerfile", dockerfile.images, dockerfile.is_name, dockerfile.is_content
    ),
    Kind("compose", "a compose file", compose.images, compose.is_name, compose.is_content),
    Kind(
        "kubernetes",
        "objects of Kubernetes",
        kubernetes.images,
        is_name=kustomize.is_name,
        is_content=kubernetes.is_content,
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
        "bake",
        "a bake file of Docker",
        hcl_files.bake_images,
        is_name=hcl_files.is_bake_name,
        is_content=hcl_files.is_bake_content,
    ),
    Kind(
        "terraform",
        "resources of Terraform",
        hcl_files.terraform_images,
        is_name=hcl_files.is_terraform_name,
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
    Kind(
        "docker-inspect",
        "what 'docker image inspect' prints",
        docker_inspect.images,
        is_content=docker_inspect.is_content,
    ),
    Kind("list", "a list of images", list_file.images, is_content=list_file.is_content),
)
"""All kinds. If several know a file, the first does."""


class KnownFile(NamedTuple):
    """A file whose kind is known."""

    file: SourceFile
    kind: Kind


def known(
    content: bytes, name: str, kind: str | None = None, *, most: int = MOST_BYTES
) -> KnownFile:
    """Find out of which kind a file is.

    Args:
        content: of the file.
        name: the file's name.
        kind: the name of its kind; None: detect it.
        most: the most bytes that it may have.

    Raises:
        UsageError: the file is too large, not UTF-8, or of no known kind.
    """
    file = SourceFile(name, content)
    if len(content) > most:
        raise UsageError(f"{file.title} is larger than {most:,} bytes: check parts of it.")
    if not _is_text(content):
        raise UsageError(f"{file.title} is not UTF-8 text.")
    if kind is not None:
        return KnownFile(file, next(each for each in KINDS if each.name == kind))
    by_name = (each for each in KINDS if each.is_name(file))
    by_content = (each for each in KINDS if each.is_content(file))
    found = next(by_name, None) or next(by_content, None)
    if found is None:
        raise UsageError(f"{file.title} {_unknown(file)}")
    return KnownFile(file, found)


def _is_text(content: bytes) -> bool:
    """Whether it is UTF-8. A part at a time: as one text it would take up to four times as much."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _PART):
            decoder.decode(content[start : start + _PART])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def images_of(known_file: KnownFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a file in order, with what could not be understood.

    Args:
        known_file: the file.
        given: values for variables.
    """
    file, kind = known_file
    for pin in kind.images(file, given):
        yield replace(pin, file=file.name)


def images(content: bytes, name: str, given: Values, kind: str | None = None) -> Iterator[Pin]:
    """Yield the images of a file that is given alone: see `known` and `images_of`."""
    return images_of(known(content, name, kind), given)


def _unknown(file: SourceFile) -> str:
    """What is wrong with a file that no kind knows, and what to do about it."""
    advice = f"say what it is with --as ({', '.join(each.name for each in KINDS)})"
    problem = file.documents.problem if file.is_named_yaml else None
    if problem is None:
        return f"is of no kind that is known: {advice}, or leave it out."
    where = "" if problem.line is None else f" line {problem.line}:"
    return f"is of no kind that is known;{where} {problem.problem} Correct that, or {advice}."
