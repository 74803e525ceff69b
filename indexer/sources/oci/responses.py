"""Decodes registries' answers: lists of names, tokens, errors, the limit for pulls. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from indexer.core.model import RateLimit
from indexer.core.printable import shown
from indexer.core.reference import is_digest, is_repository, is_tag
from indexer.http import Undecodable
from indexer.manifests import media_types
from indexer.manifests.manifest_parser import MOST_BYTES
from indexer.manifests.signatures import Referrer
from indexer.manifests.untrusted_json import NotReadable, object_of
from indexer.sources.json_decoding import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LIMIT = re.compile(r"\s*(\d{1,12})(?:\s*;\s*w=(\d{1,9}))?\s*", re.ASCII)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,60}", re.ASCII)


class Names(NamedTuple):
    """One page of a list of names.

    Attributes:
        items: the valid names.
        rejected: a sentence for each invalid name.
        until: the last name as sent, if all were sent in byte order; else None.
        sent: how many were sent, invalid ones included.
        last: the last name as sent; empty where there is none.
    """

    items: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    until: str | None = None
    sent: int = 0
    last: str = ""


class Token(NamedTuple):
    """A token service's token; `seconds` is its lifetime, None if the answer does not say."""

    text: str
    seconds: float | None


class _Catalog(msgspec.Struct):
    repositories: list[Any] | None = None


class _Tags(msgspec.Struct):
    tags: list[Any] | None = None


class _Token(msgspec.Struct):
    token: str | None = None
    access_token: str | None = None
    expires_in: Any = None

    __repr__ = object.__repr__  # a Struct's own shows the values


_CATALOG = msgspec.json.Decoder(_Catalog)
_TAGS = msgspec.json.Decoder(_Tags)
_TOKEN = msgspec.json.Decoder(_Token)


def catalog(body: bytes) -> Names:
    """Decode a page of `_catalog`."""
    return _names(decode(body, _CATALOG).repositories, is_repository, "a repository")


def tags(body: bytes) -> Names:
    """Decode a page of `tags/list`; many registries write null for an empty list."""
    return _names(decode(body, _TAGS).tags, is_tag, "a tag")


def token(body: bytes) -> Token:
    """Decode a token service's answer: `token`, or `access_token`, or both."""
    sent = decode(body, _TOKEN)
    text = sent.token or sent.access_token or ""
    if not (text and text.isascii() and text.isprintable() and " " not in text):
        raise Undecodable("its token is invalid")
    seconds = sent.expires_in
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return Token(text, float(seconds) if is_number and 0 < seconds < 10**9 else None)


def content(body: bytes) -> bytes:
    """A manifest or a configuration, if it is not too large."""
    if len(body) > MOST_BYTES:
        raise Undecodable(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    return body


def referrers(media_type: str, body: bytes) -> tuple[Referrer, ...] | None:
    """Decode a list of referrers; None if it is none, such as a page for people."""
    if media_type not in {"", media_types.OCI_INDEX}:
        return None
    try:
        found = object_of(body, "it").get("manifests")
    except NotReadable:
        return None
    if not isinstance(found, list):
        return None
    read = (Referrer.of(each) for each in found if isinstance(each, dict))
    return tuple(each for each in read if is_digest(each.digest))


def nothing(_: bytes) -> None:
    """Ignore the body of an answer to HEAD."""


def error_code(body: bytes) -> str:
    """The first error's code, such as `NAME_UNKNOWN`; empty where there is none."""
    try:
        sent = msgspec.json.decode(body)
        code = sent["errors"][0]["code"]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def is_of_registry(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a 404 is the registry's own word.

    A proxy that has lost its registry for a moment says 404 too: "404 page not found" (Traefik), a
    page for people (nginx), JSON of its own (Kong). A registry's JSON has `errors` (OCI
    distribution, "Error Codes"); an empty body is believed.
    """
    if not body.strip() or "Docker-Distribution-Api-Version" in headers:
        return True
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(sent, dict) and "errors" in sent


def digest(headers: Mapping[str, str]) -> str | None:
    """The value of `Docker-Content-Digest`; None where it is missing or not a digest."""
    named = headers.get("Docker-Content-Digest", "").strip()
    return named if is_digest(named) else None


def media_type(headers: Mapping[str, str]) -> str:
    """The value of `Content-Type`, bounded; empty where it is uninformative."""
    return shown(media_types.named(headers.get("Content-Type", "")), 100)


def pull_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """How many manifests may be pulled (Docker's documentation: `100;w=21600`, of a window in
    seconds that slides, so that there is no time at which it starts anew).
    """  # noqa: D205 - one sentence that is too long for one line
    limit, remaining = (
        _LIMIT.fullmatch(headers.get(f"RateLimit-{name}", "")) for name in ("Limit", "Remaining")
    )
    if limit is None and remaining is None:
        return None
    return RateLimit(
        int(limit[1]) if limit else None, int(remaining[1]) if remaining else None, None
    )


def _names(sent: list[Any] | None, may_be: Callable[[str], bool], kind: str) -> Names:
    items: list[str] = []
    rejected: list[str] = []
    for name in sent or ():
        if isinstance(name, str) and may_be(name):
            items.append(name)
        else:
            what = f"'{shown(name, 60)}'" if isinstance(name, str) else "an item without a name"
            rejected.append(f"{what} is left out: it cannot be the name of {kind}")
    texts = [name for name in sent or () if isinstance(name, str)]
    rises = all(one < two for one, two in pairwise(texts))
    last = texts[-1] if texts else ""
    until = last if texts and rises else None
    return Names(tuple(items), tuple(rejected), until, len(sent or ()), last)
