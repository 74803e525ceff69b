"""What an image's configuration says of how it runs and what it is, bounded. Pure.

The texts are foreign, and are kept and shown beside many others: each is cut, and what no database
or JSON text can hold is replaced.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.manifests.image_config import oci_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.manifests.manifest_parser import Manifest

MOST_CHARACTERS = 2_000
"""The most characters of one text that are kept: a label with a description, a long PATH."""

MOST_TEXTS = 500
"""The most labels, variables or arguments of an image that are kept; images have some dozens."""


class ImageContents(NamedTuple):
    """What a configuration says.

    Attributes:
        platform: `linux/arm/v7`; empty where it says none.
        settings: how it runs, by name: see `SETTINGS`. What is absent is left out.
        environment: its variables.
        labels: its labels.
    """

    platform: str
    settings: Mapping[str, str | list[str]]
    environment: Mapping[str, str]
    labels: Mapping[str, str]


SETTINGS = {
    "entrypoint": "Entrypoint",
    "command": "Cmd",
    "user": "User",
    "working_dir": "WorkingDir",
    "exposed_ports": "ExposedPorts",
    "volumes": "Volumes",
    "stop_signal": "StopSignal",
}
"""Our names of settings, and OCI's (image-spec, `config.md`); `created` comes before them."""


def image_contents(manifest: Manifest, config: bytes) -> ImageContents:
    """Read a configuration, or a manifest of schema 1.

    Raises:
        NotReadable: it is not an image's configuration.
    """
    sent = oci_config(manifest, config)
    inner: Mapping[str, Any] = sent["config"]
    settings: dict[str, str | list[str]] = {}
    if sent.get("created"):
        settings["created"] = sent["created"]
    for name, theirs in SETTINGS.items():
        if theirs in inner:
            settings[name] = _value(inner[theirs])
    place = (sent.get(each) for each in ("os", "architecture", "variant"))
    pairs = (each.partition("=") for each in inner.get("Env", ()))
    return ImageContents(
        clean("/".join(filter(None, place))),
        settings,
        texts((name, value) for name, _, value in pairs),
        texts(inner.get("Labels", {}).items()),
    )


def _value(value: str | Iterable[str]) -> str | list[str]:
    if isinstance(value, str):
        return clean(value)
    return [clean(each) for each in islice(value, MOST_TEXTS)]


def texts(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names and values, the first ones and cut; in the order of the names."""
    return dict(sorted((clean(name), clean(value)) for name, value in sorted(items)[:MOST_TEXTS]))


class LabelFilter(NamedTuple):
    """A label that is wanted: with this value, or one that this glob matches; None: with any."""

    name: str
    value: str | None


def parse_label(text: str) -> LabelFilter:
    """Read `NAME=VALUE`, `NAME=GLOB` or `NAME`, as labels are stored.

    Raises:
        UsageError: there is no name.
    """
    name, sign, value = text.partition("=")
    if not name.strip():
        raise UsageError(
            f"'{shown(text)}' is not a label: write NAME, or NAME=VALUE, as in "
            "'org.opencontainers.image.source=https://github.com/acme/*'."
        )
    return LabelFilter(clean(name), clean(value) if sign else None)


def clean(text: str) -> str:
    """A foreign text that a database and JSON can hold, cut; an ellipsis marks a cut."""
    cut = text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
    return cut.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
