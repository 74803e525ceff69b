"""Parses an image's configuration: when it was created, for which platform, with which labels.

The values and their defaults are those that `skopeo inspect` prints: a missing date
is year 1 in Docker's formats and null in OCI's. Dates keep their zone and up to nine
decimals; trailing zeros are dropped, as Go formats times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from indexer.manifests import media_types
from indexer.manifests.untrusted_json import NotReadable, object_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.manifests.manifest_parser import Manifest

NEVER = "0001-01-01T00:00:00Z"
"""How Go formats its zero time."""

_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What an image's configuration says. `created` is ISO 8601; None where OCI omits it."""

    created: str | None
    docker_version: str
    labels: Mapping[str, str] | None
    architecture: str
    os: str
    variant: str
    os_version: str
    env: tuple[str, ...] | None


def image_facts(manifest: Manifest, config: bytes) -> ImageFacts:
    """Read the facts from a configuration, or from a manifest of schema 1.

    Raises:
        NotReadable: it is not an image's configuration.
    """
    sent = object_of(manifest.past[0].encode() if manifest.past else config, "it")
    inner = sent.get("config")
    if inner is not None and not isinstance(inner, dict):
        raise NotReadable("its 'config' is not an object")
    settings: Mapping[str, Any] = inner or {}
    is_oci = manifest.media_type == media_types.OCI_MANIFEST
    return ImageFacts(
        created=date(sent.get("created"), None if is_oci else NEVER),
        docker_version=word(sent, "docker_version"),
        labels=labels(settings.get("Labels")),
        architecture=word(sent, "architecture"),
        os=word(sent, "os"),
        variant=word(sent, "variant"),
        os_version=word(sent, "os.version"),
        env=words(settings, "Env"),
    )


def oci_config(manifest: Manifest, config: bytes) -> dict[str, Any]:
    """A configuration in OCI's form, as `skopeo inspect --config` prints it.

    Raises:
        NotReadable: it is not an image's configuration.
    """
    sent = _made_up(manifest.past) if manifest.past else object_of(config, "it")
    inner = sent.get("config") or {}
    rootfs = sent.get("rootfs") or {}
    if not isinstance(inner, dict) or not isinstance(rootfs, dict):
        raise NotReadable("its 'config' or 'rootfs' is not an object")
    whole = {
        "created": date(sent.get("created"), None),
        "author": word(sent, "author"),
        "architecture": word(sent, "architecture"),
        "variant": word(sent, "variant"),
        "os": word(sent, "os"),
        "os.version": word(sent, "os.version"),
        "os.features": _list(words(sent, "os.features")),
        "config": _without_empty(_settings(inner)),
        "rootfs": {
            "type": word(rootfs, "type"),
            "diff_ids": _list(words(rootfs, "diff_ids")),
        },
        "history": [_step(item) for item in _objects(sent.get("history"), "history")],
    }
    return _without_empty(whole, keep=("architecture", "os", "config", "rootfs"))


def _made_up(past: tuple[str, ...]) -> dict[str, Any]:
    """A configuration made from the history of schema 1, which has none. It lists no layers."""
    newest, *_ = images = [object_of(text.encode(), "its history") for text in past]
    return newest | {
        "rootfs": {
            "type": "layers",
            "diff_ids": ["" for image in images if image.get("throwaway") is not True],
        },
        "history": [
            {
                "created": image.get("created") or NEVER,
                "created_by": " ".join(words(image.get("container_config") or {}, "Cmd") or ()),
                "author": image.get("author"),
                "comment": image.get("comment"),
                "empty_layer": image.get("throwaway"),
            }
            for image in reversed(images)
        ],
    }


def date(value: object, missing: str | None) -> str | None:
    """A date of RFC 3339, formatted as Go does.

    Raises:
        NotReadable: it is not a date.
    """
    if value is None:
        return missing
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise NotReadable("it has an invalid date")
    day, time, fraction, zone = found.groups()
    try:
        datetime.fromisoformat(f"{day}T{time}")
    except ValueError:
        raise NotReadable("it has an invalid date") from None
    places = (fraction or "").rstrip("0")
    zone = "Z" if zone in {"+00:00", "-00:00"} else zone
    return f"{day}T{time}{'.' if places else ''}{places}{zone}"


def word(sent: Mapping[str, Any], name: str) -> str:
    """A string field; empty where it is absent.

    Raises:
        NotReadable: it is not a string.
    """
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise NotReadable(f"its '{name}' is not a string")
    return value or ""


def words(sent: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """A field that is a list of strings; None where it is absent.

    Raises:
        NotReadable: it is something else.
    """
    value = sent.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or any(
        item is not None and not isinstance(item, str) for item in value
    ):
        raise NotReadable(f"its '{name}' is not a list of strings")
    return tuple(item or "" for item in value)


def labels(value: object) -> dict[str, str] | None:
    """Labels, sorted by name.

    Raises:
        NotReadable: they are not a map of strings.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or any(
        item is not None and not isinstance(item, str) for item in value.values()
    ):
        raise NotReadable("its 'Labels' are not strings")
    return {name: value[name] or "" for name in sorted(value)}


def _settings(inner: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "User": word(inner, "User"),
        "ExposedPorts": _set(inner, "ExposedPorts"),
        "Env": _list(words(inner, "Env")),
        "Entrypoint": _list(words(inner, "Entrypoint")),
        "Cmd": _list(words(inner, "Cmd")),
        "Volumes": _set(inner, "Volumes"),
        "WorkingDir": word(inner, "WorkingDir"),
        "Labels": labels(inner.get("Labels")),
        "StopSignal": word(inner, "StopSignal"),
    }


def _step(sent: Mapping[str, Any]) -> dict[str, Any]:
    return _without_empty(
        {
            "created": date(sent.get("created"), None),
            "created_by": word(sent, "created_by"),
            "author": word(sent, "author"),
            "comment": word(sent, "comment"),
            "empty_layer": sent.get("empty_layer") is True,
        }
    )


def _set(sent: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = sent.get(name)
    if value is not None and not isinstance(value, dict):
        raise NotReadable(f"its '{name}' is not an object")
    return {key: {} for key in sorted(value or {})}


def _objects(value: object, name: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotReadable(f"its '{name}' is not a list of objects")
    return value


def _list(value: tuple[str, ...] | None) -> list[str] | None:
    return None if value is None else list(value)


def _without_empty(values: dict[str, Any], keep: tuple[str, ...] = ()) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name in keep}
