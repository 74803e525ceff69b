"""Finds which image a running container has: what the status of a pod says, by `imageID`.

Of a status nothing else counts: `image` there may be the ID of a local image, and what the status
says belongs to the container of the same name in the specification (ContainerStatus of the API).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.core.reference import is_digest
from indexer.pins.image_names import is_same_repository, named
from indexer.pins.yaml_nodes import at, elements, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from indexer.pins.pin import Pin

_KINDS = ("initContainer", "container", "ephemeralContainer")
_PULLED = "docker-pullable://"
"""Before the image, by dockershim; `docker://` stands before the ID of a local image."""
_LOCAL = re.compile(r"docker://.*|[0-9a-f]{64}")


class Running:
    """The images that the containers of a pod run, if it is a pod with a status."""

    def __init__(self, root: yaml.Node) -> None:
        self._by_image: dict[int, yaml.Node] = {}
        """By the node of a container's `image` its `imageID`."""
        self._alone: list[yaml.Node] = []
        status, specification = at(root, "status"), at(root, "spec")
        for kind in _KINDS if status is not None else ():
            containers = elements(at(specification, f"{kind}s"))
            images = {text_of(at(each, "name")): at(each, "image") for each in containers}
            for each in elements(at(status, f"{kind}Statuses")):
                image, running = images.get(text_of(at(each, "name"))), at(each, "imageID")
                if running is None or _is_local(text_of(running)):
                    continue
                if image is None:
                    self._alone.append(running)
                else:
                    self._by_image[id(image)] = running

    def pins(self, image: yaml.Node, wanted: Pin, where: str) -> Iterator[Pin]:
        """Yield what is to be judged of a container's image: with the digest that it runs.

        Args:
            image: the node of the image.
            wanted: the pin for it.
            where: what names it.
        """
        node = self._by_image.get(id(image))
        if node is None:
            yield wanted
            return
        running = _named(node, where)
        if wanted.reference is None or running.reference is None:
            yield from (wanted, running)
        elif wanted.reference.digest == running.reference.digest:
            yield wanted
        elif wanted.reference.digest is None and is_same_repository(wanted, running):
            digest = running.reference.digest
            reference = replace(wanted.reference, digest=digest)
            yield replace(wanted, text=f"{wanted.text}@{digest}", reference=reference)
        else:
            yield from (wanted, running)

    def alone(self, where: str) -> Iterator[Pin]:
        """Yield the images of containers that the specification does not have."""
        for node in self._alone:
            yield _named(node, where)


def _is_local(text: str) -> bool:
    """Whether it is empty (nothing was pulled yet), or the ID of a local image."""
    return not text or is_digest(text) or _LOCAL.fullmatch(text) is not None


def _named(node: yaml.Node, where: str) -> Pin:
    text = text_of(node)
    return named(text.removeprefix(_PULLED), f"{where}, running", line_of(node), text)
