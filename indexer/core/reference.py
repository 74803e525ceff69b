"""Read and write the names of images.

The grammar is the distribution specification's (`reference` in distribution/reference). The first
component is a registry if it has a dot, a colon or is `localhost`; Docker Hub's official
images live in the namespace `library`; a tag has at most 128 characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.core import purl
from indexer.core.errors import UsageError
from indexer.core.hub_names import DOCKER_HUB, canonical_registry, name_of_page
from indexer.core.model import WHOLE_REGISTRY
from indexer.core.printable import shown

__all__ = [
    "DOCKER_HUB",
    "Reference",
    "is_digest",
    "is_namespace",
    "is_registry",
    "is_repository",
    "is_tag",
    "parse_namespace",
    "parse_reference",
    "parse_scope",
]

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9._-]*")
_REGISTRY = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
"""A host name, or an address; one of IPv6 in brackets (the distribution's `reference`)."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_NAME_LIMIT = 255
"""The most characters of a repository's name with its registry (distribution spec 1.1)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image as a person names it. `registry` is None where none was typed."""

    registry: str | None
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The repositories that the name may mean, the likeliest first.

        `nginx` without a registry is Docker Hub's `library/nginx`, or `nginx` on another registry,
        where a repository needs no namespace.
        """
        plain = self.repository.removeprefix("library/")
        is_completed = self.registry is None and plain != self.repository and "/" not in plain
        return (self.repository, plain) if is_completed else (self.repository,)

    def __str__(self) -> str:
        """The full name, with what `parse_reference` filled in."""
        text = f"{self.registry}/{self.repository}" if self.registry else self.repository
        text = f"{text}:{self.tag}" if self.tag else text
        return f"{text}@{self.digest}" if self.digest else text


def is_digest(text: str) -> bool:
    """Whether `text` is a sha256 or sha512 digest in canonical (lower case) form."""
    return _DIGEST.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Whether `text` may be a tag: at most 128 of `[A-Za-z0-9_.-]`, no leading `.` or `-`."""
    return _TAG.fullmatch(text) is not None


def is_repository(text: str) -> bool:
    """Whether `text` may be a repository's path: lower-case components joined by `/`."""
    return len(text) <= _NAME_LIMIT and _PATH.fullmatch(text) is not None


def is_namespace(text: str) -> bool:
    """Whether `text` may be a namespace. Accepts more than Docker Hub allows for new accounts."""
    return len(text) <= _NAME_LIMIT and _NAMESPACE.fullmatch(text) is not None


def is_registry(text: str) -> bool:
    """Whether `text` is recognisably a host: with a dot or a port, or `localhost`."""
    return _REGISTRY.fullmatch(text) is not None and _looks_like_registry(text)


def parse_namespace(text: str) -> tuple[str | None, str]:
    """Read a namespace, with or without its registry: `ansible`, `docker.io/ansible`.

    Raises:
        UsageError: the text is not a namespace.
    """
    registry, rest = _split_registry(name_of_page(text))
    namespace = rest.removesuffix("/")
    if not is_namespace(namespace) or (registry and not is_registry(registry)):
        raise UsageError(
            f"'{shown(text)}' is not a namespace: write 'ansible' or 'docker.io/ansible', in lower "
            "case and without a repository."
        )
    return registry, namespace


def parse_scope(text: str) -> tuple[str | None, str]:
    """Read a namespace, or a whole registry: `ansible`, `registry.example.com:5000`, `HOST/*`.

    Returns:
        The registry (None where none was typed) and the namespace (`*` for a whole registry).

    Raises:
        UsageError: the text is neither.
    """
    host = name_of_page(text).removesuffix("/*").removesuffix("/")
    if "/" not in host and is_registry(host):
        return _split_registry(f"{host}/")[0], WHOLE_REGISTRY
    return parse_namespace(text)


def parse_reference(text: str) -> Reference:
    """Read an image name as docker users type it, or as a package URL (`pkg:docker/nginx@1.27`).

    `nginx` becomes `library/nginx`; a missing tag stays missing. Without a registry the caller
    decides: Docker Hub, or the registry from which the index knows the name.

    Raises:
        UsageError: the text is not an image name; the message says which part is wrong and why.
    """
    if is_digest(text):
        raise UsageError(
            f"'{shown(text)}' is a digest and no image: write its repository too, as in "
            "'library/nginx@sha256:…'."
        )
    name = _named_by(text) if purl.is_package_url(text) else name_of_page(text)
    rest, at, digest = name.partition("@")
    if at and not is_digest(digest):
        raise UsageError(
            f"'{shown(text)}' is not an image name: after '@' comes a digest, 'sha256:' and 64 hex "
            "digits."
        )
    registry, rest = _split_registry(rest)
    path, colon, tag = rest.partition(":")
    if colon and not is_tag(tag):
        raise UsageError(
            f"'{shown(text)}' is not an image name: '{shown(tag)}' cannot be a tag (1 to 128 "
            "letters, digits, '_', '.' or '-', not beginning with '.' or '-')."
        )
    if not is_repository(path) or (registry and not is_registry(registry)):
        raise UsageError(
            f"'{shown(text)}' is not an image name: write [REGISTRY/]NAMESPACE/REPOSITORY[:TAG] in "
            "lower case, as in 'library/nginx:1.27'."
        )
    if "/" not in path and registry in {None, DOCKER_HUB}:
        path = f"library/{path}"
    return Reference(registry, path, tag or None, digest or None)


def _named_by(package_url: str) -> str:
    try:
        return purl.image_of(package_url)
    except ValueError as error:
        raise UsageError(
            f"'{shown(package_url)}' is not an image name: {error}; write "
            "'pkg:docker/NAMESPACE/REPOSITORY@TAG' or 'pkg:oci/NAME@DIGEST?repository_url=…'."
        ) from None


def _split_registry(text: str) -> tuple[str | None, str]:
    head, slash, tail = text.partition("/")
    if not slash or not _looks_like_registry(head):
        return None, text
    return canonical_registry(head), tail


def _looks_like_registry(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost"
