"""The readers of strangers' text: functions of bytes that end with a result or a refusal."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from indexer.config import cron
from indexer.core import digest_text, purl, reference, time_expression, version_order
from indexer.core.errors import IndexerError
from indexer.core.image_selector import ImageSelector
from indexer.core.immutable_tags import Immutability
from indexer.core.version_range import Range, version_of
from indexer.http import Origin, located
from indexer.http.messages import Undecodable
from indexer.manifests import content_type, image_config, image_contents, manifest_parser
from indexer.manifests.untrusted_json import NotReadable
from indexer.pins import file_kinds
from indexer.ratelimit import header_parser
from indexer.sources.docker_hub import audit_log
from indexer.sources.docker_hub import responses as hub
from indexer.sources.oci import link_header, redirects, responses, scopes, www_authenticate
from indexer.web import hook_formats
from indexer.web.api.images import history_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CORPUS = Path(__file__).with_name("corpus")

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_REGISTRY = Origin.of("https://registry.example.com")


class Target(NamedTuple):
    """A reader of bytes.

    Attributes:
        read: reads them to the end.
        refusals: what it may raise.
    """

    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()


def _text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """A reader of text; what is not UTF-8 never reaches it."""
    return lambda body: read(body.decode(errors="replace"))


def _headers(body: bytes) -> dict[str, str]:
    """Headers from lines as `Name: value`."""
    lines = body.decode("latin-1").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def _read_headers(body: bytes) -> None:
    headers = _headers(body)
    header_parser.read(429, headers, NOW)
    responses.digest(headers)
    responses.media_type(headers)
    responses.pull_limit(headers)
    responses.is_of_registry(headers, body)
    link_header.following(headers.get("Link", ""))
    link_header.resumes_after(headers.get("Link", ""))
    purpose = scopes.Purpose("manifests", "team/app")
    for challenge in www_authenticate.parse(headers.get("WWW-Authenticate", "")):
        scopes.learnt(str(challenge), purpose)
    location = headers.get("Location", "")
    at = (_REGISTRY, "/v2/team/app/tags/list")
    redirects.destination(location, at, _REGISTRY, insecure=False, is_content=True)
    located(location)
    _REGISTRY.origin_of(location)


def _manifest(body: bytes) -> None:
    found = manifest_parser.read(body)
    content_type.content_type_of(found)
    content_type.in_words(found)
    for read in (image_config.image_facts, image_config.oci_config, image_contents.image_contents):
        with contextlib.suppress(NotReadable):
            read(found, b"{}")


_IMAGE = manifest_parser.read((CORPUS / "manifest" / "image.json").read_bytes())


def _config(body: bytes) -> None:
    for read in (image_config.image_facts, image_config.oci_config, image_contents.image_contents):
        with contextlib.suppress(NotReadable):
            read(_IMAGE, body)


def _file(kind: str | None, name: str) -> Callable[[bytes], object]:
    return lambda body: list(file_kinds.images(body, name, {"TAG": "1"}, kind))


def _detected(body: bytes) -> None:
    for name in ("-", "x.yaml", "Dockerfile", "compose.yaml", "kustomization.yaml"):
        with contextlib.suppress(IndexerError):
            list(file_kinds.images(body, name, {}))


def _words(line: str) -> None:
    """Everything that reads one line that a person or a query parameter gives."""
    readers: tuple[Callable[[str], object], ...] = (
        lambda text: time_expression.parse_when(text, NOW),
        Range.parse,
        reference.parse_reference,
        reference.parse_namespace,
        reference.parse_scope,
        digest_text.parse_digest,
        digest_text.digest_in,
        purl.image_of,
        version_of,
        lambda text: version_order.newest_first([text, "1.2.3", f"v{text}"]),
        image_contents.parse_label,
    )
    for read in readers:
        with contextlib.suppress(IndexerError, ValueError):
            read(line)


def _cursor(text: str) -> None:
    with contextlib.suppress(IndexerError):
        history_cursor(text)


def _cron(line: str) -> None:
    found = cron.parse(line)
    if found is not None:
        found.after(NOW, ZoneInfo("Europe/Berlin"))


def _globs(text: str) -> None:
    """Globs of the configuration and rules of the Hub, both of strangers, before a long tag."""
    lines = tuple(text.splitlines()[:20])
    ImageSelector(lines, lines).has_tag("a" * 128)
    rules = Immutability(enabled=True, rules=lines)
    rules.unreadable()
    rules.covers("a" * 128)


TARGETS: dict[str, Target] = {
    "hub-tags": Target(lambda body: list(hub.tags(body).items), (Undecodable,)),
    "hub-repositories": Target(
        lambda body: list(hub.repositories("library")(body).items), (Undecodable,)
    ),
    "hub-one": Target(lambda body: [_ended(read, body) for read in _HUB_SINGLES], (Undecodable,)),
    "hub-audit-log": Target(audit_log.page_of("acme"), (Undecodable,)),
    "registry-json": Target(lambda body: [_ended(read, body) for read in _REGISTRY_JSON]),
    "headers": Target(_read_headers),
    "manifest": Target(_manifest, (NotReadable,)),
    "configuration": Target(_config),
    "words": Target(_text(_words)),
    "cron": Target(_text(_cron)),
    "cursor": Target(_text(_cursor)),
    "hooks": Target(lambda body: [_hooked(read, body) for read in _HOOKS]),
    "globs": Target(_text(_globs), (IndexerError,)),
    "any-file": Target(_detected),
    **{
        f"file-{kind.name}": Target(_file(kind.name, "x.yaml"), (IndexerError,))
        for kind in file_kinds.KINDS
    },
}
"""Every target. Its corpus is the folder of the same name below `CORPUS`."""

_HUB_SINGLES: tuple[Callable[[bytes], object], ...] = (
    hub.tag("1.0"),
    hub.repository("library/nginx"),
    hub.account,
    hub.immutability,
    hub.access_token,
    hub.wants_second_factor,
    hub.message,
)
_REGISTRY_JSON: tuple[Callable[[bytes], object], ...] = (
    responses.catalog,
    responses.tags,
    responses.token,
    responses.content,
    responses.error_code,
    lambda body: responses.referrers("application/vnd.oci.image.index.v1+json", body),
)
_HOOKS: tuple[hook_formats.Read, ...] = (
    hook_formats.of_docker_hub,
    hook_formats.of_distribution,
    hook_formats.of_github,
    hook_formats.of_quay,
    hook_formats.of_harbor,
)


def _hooked(read: hook_formats.Read, body: bytes) -> object:
    try:
        return read(body, None)
    except (IndexerError, msgspec.MsgspecError) as refusal:
        return refusal


def _ended(read: Callable[[bytes], object], body: bytes) -> object:
    try:
        return read(body)
    except Undecodable as refusal:
        return refusal


def corpus(name: str) -> Iterator[bytes]:
    """The samples of a target, in the order of their names."""
    for file in sorted((CORPUS / name).iterdir()):
        yield file.read_bytes()
