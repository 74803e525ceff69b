"""The notifications of pushes that registries send: which repositories they name. Pure.

Sources: Docker Hub, "Webhooks"; distribution, "Notifications"; GitHub, "Webhook events and
payloads", `package` and `registry_package`; Quay, "Repository notifications"; Harbor, "Configure
webhook notifications", in its own format and as CloudEvents. Only names are read; what else a
notification says is not believed, and asked of the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec

from indexer.core.reference import DOCKER_HUB, is_registry, is_repository, parse_reference

MOST_EVENTS = 200
"""The most events read of one notification; a registry sends queued events together."""

GITHUB = "ghcr.io"

Named = Mapping[str | None, set[str]]
"""Repositories by registry; None: the notification does not name it."""

Read = Callable[[bytes, str | None], Named]
"""Reads a notification; the second argument is the registry that the hook's URL names.

It may raise `msgspec.MsgspecError`, and `UsageError` for an invalid name.
"""

Text = Annotated[str, msgspec.Meta(max_length=300)]


class _HubRepository(msgspec.Struct):
    repo_name: Text


class _HubNotice(msgspec.Struct):
    repository: _HubRepository


class _Target(msgspec.Struct):
    repository: str = ""


class _Asked(msgspec.Struct):
    host: str = ""


class _Event(msgspec.Struct):
    action: str = ""
    target: _Target = msgspec.field(default_factory=_Target)
    request: _Asked = msgspec.field(default_factory=_Asked)


class _DistributionNotice(msgspec.Struct):
    events: list[_Event]


class _Package(msgspec.Struct):
    name: Text
    namespace: Text = ""
    package_type: str = ""


class _GithubNotice(msgspec.Struct):
    package: _Package | None = None
    registry_package: _Package | None = None
    zen: str | None = None
    """Only in the first message, `ping`, that GitHub sends when a webhook is created."""


class _QuayNotice(msgspec.Struct):
    repository: Text
    docker_url: Text = ""


class _HarborResource(msgspec.Struct):
    resource_url: Text = ""


class _HarborRepository(msgspec.Struct):
    repo_full_name: Text


class _HarborData(msgspec.Struct):
    repository: _HarborRepository
    resources: list[_HarborResource] = []


class _HarborNotice(msgspec.Struct):
    type: str
    event_data: _HarborData | None = None
    data: _HarborData | None = None


_hub = msgspec.json.Decoder(_HubNotice)
_distribution = msgspec.json.Decoder(_DistributionNotice)
_github = msgspec.json.Decoder(_GithubNotice)
_quay = msgspec.json.Decoder(_QuayNotice)
_harbor = msgspec.json.Decoder(_HarborNotice)

_HARBOR_MOVES = frozenset(
    {
        "PUSH_ARTIFACT",
        "DELETE_ARTIFACT",
        "REPLICATION",
        "harbor.artifact.pushed",
        "harbor.artifact.deleted",
    }
)


def of_docker_hub(body: bytes, named: str | None) -> Named:
    """A webhook of Docker Hub."""
    reference = parse_reference(_hub.decode(body).repository.repo_name)
    return {named or DOCKER_HUB: {reference.repository}}


def of_distribution(body: bytes, named: str | None) -> Named:
    """A notification of a distribution registry: what was pushed to, or deleted from."""
    found: dict[str | None, set[str]] = {}
    for event in _distribution.decode(body).events[:MOST_EVENTS]:
        name = event.target.repository
        if event.action in {"push", "delete"} and is_repository(name):
            host = event.request.host if is_registry(event.request.host) else None
            found.setdefault(named or host, set()).add(name)
    return found


def of_github(body: bytes, named: str | None) -> Named:
    """The event `package`, or `registry_package`, of GitHub's container registry."""
    notice = _github.decode(body)
    package = notice.package or notice.registry_package
    if package is None:
        if notice.zen is not None:
            return {}
        raise msgspec.ValidationError("neither 'package' nor 'registry_package'")
    if package.package_type.lower() not in {"container", "docker"}:
        return {}
    name = f"{package.namespace}/{package.name}".strip("/").lower()
    return {named or GITHUB: {_repository(name)}}


def of_quay(body: bytes, named: str | None) -> Named:
    """The notification "Push to Repository" of Quay."""
    notice = _quay.decode(body)
    host = notice.docker_url.partition("/")[0]
    return {named or (host if is_registry(host) else None): {_repository(notice.repository)}}


def of_harbor(body: bytes, named: str | None) -> Named:
    """A webhook of Harbor: what was pushed to, or deleted from."""
    notice = _harbor.decode(body)
    data = notice.event_data or notice.data
    if notice.type not in _HARBOR_MOVES or data is None:
        return {}
    hosts = [each.resource_url.partition("/")[0] for each in data.resources[:1]]
    host = next((each for each in hosts if is_registry(each)), None)
    return {named or host: {_repository(data.repository.repo_full_name)}}


def _repository(name: str) -> str:
    """A name of a repository.

    Raises:
        UsageError: it is none.
    """
    if is_repository(name):
        return name
    return parse_reference(name).repository


FORMATS: Mapping[str, Read] = {
    "dockerhub": of_docker_hub,
    "registry": of_distribution,
    "github": of_github,
    "quay": of_quay,
    "harbor": of_harbor,
}
"""What may stand in a hook's URL, and how its notifications are read."""
