"""Decodes the Hub's JSON into values of `indexer.core.model`. Pure.

Lenient where real data varies: absent and null fields, numbers with a decimal point, invalid dates
and digests. An invalid item becomes a sentence beside the valid ones; a body that is not a
list of items at all is `Undecodable`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from indexer.core.immutable_tags import LONGEST_RULE, MOST_RULES, Immutability
from indexer.core.model import Repository, Tag
from indexer.crawl.listing import Page
from indexer.http import Undecodable
from indexer.sources.docker_hub.bounds import whole_number
from indexer.sources.docker_hub.records import (
    RawRepository,
    RawTag,
    repositories_of,
    repository_of,
    tag_of,
    tags_of,
)
from indexer.sources.json_decoding import decode, strictly

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Value = TypeVar("Value", Repository, Tag)


class _List(msgspec.Struct, Generic[T], gc=False):
    """A page of a list, as sent."""

    results: list[T] | None
    count: Any = None
    next: Any = None


class _Token(msgspec.Struct, gc=False):
    """The answer to a log-in."""

    access_token: str
    expires_in: Any = None


class _Account(msgspec.Struct, gc=False):
    """A user or an organisation: any object."""


class _Immutable(msgspec.Struct, gc=False):
    """The settings of immutable tags in a repository's answer."""

    immutable_tags_settings: Any = None


class AccessToken(NamedTuple):
    """The result of a login; `seconds` is its lifetime, None if the answer does not say."""

    text: str
    seconds: float | None


_RAW_LIST = msgspec.json.Decoder(_List[msgspec.Raw])
_TAGS = msgspec.json.Decoder(_List[RawTag])
_TAG = msgspec.json.Decoder(RawTag)
_REPOSITORIES = msgspec.json.Decoder(_List[RawRepository])
_REPOSITORY = msgspec.json.Decoder(RawRepository)
_IMMUTABLE = msgspec.json.Decoder(_Immutable)
_ACCOUNT = msgspec.json.Decoder(_Account)
_TOKEN = msgspec.json.Decoder(_Token)


def tags(body: bytes) -> Page[Tag]:
    """Decode a page of tags."""
    return _page(body, _TAGS, _TAG, tags_of)


def tag(name: str) -> Callable[[bytes], Tag]:
    """A decoder for the one tag that was asked for."""

    def read(body: bytes) -> Tag:
        item = decode(body, _TAG)
        if item.name != name:
            raise Undecodable("its answer is about another tag")
        return tag_of(item)

    return read


def repositories(namespace: str) -> Callable[[bytes], Page[Repository]]:
    """A decoder for a page of a namespace's repositories."""
    values = partial(repositories_of, namespace=namespace)
    return lambda body: _page(body, _REPOSITORIES, _REPOSITORY, values)


def repository(name: str) -> Callable[[bytes], Repository]:
    """A decoder for the one repository that was asked for, by its full name."""
    namespace, _, short = name.rpartition("/")

    def read(body: bytes) -> Repository:
        item = decode(body, _REPOSITORY)
        if item.name not in {short, name}:
            raise Undecodable("its answer is about another repository")
        item.name = short
        return repository_of(item, namespace)

    return read


def account(body: bytes) -> bool:
    """True: a user or an organisation exists. Its fields are not needed."""
    decode(body, _ACCOUNT)
    return True


def immutability(body: bytes) -> Immutability | None:
    """Decode a repository's setting of immutable tags; None if it has none."""
    settings = decode(body, _IMMUTABLE).immutable_tags_settings
    if not isinstance(settings, dict) or not isinstance(settings.get("enabled"), bool):
        return None
    rules = settings.get("rules") or []
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        return None
    # A rule that is too long is kept as one: without rules, the setting would apply to every tag.
    kept = tuple(rule[: LONGEST_RULE + 1] for rule in rules[:MOST_RULES])
    return Immutability(settings["enabled"], kept)


def access_token(body: bytes) -> AccessToken:
    """Decode the token of a login."""
    sent = decode(body, _TOKEN)
    token = sent.access_token
    if not (token and token.isascii() and token.isprintable()):
        raise Undecodable("its token is invalid")
    return AccessToken(token, whole_number(sent.expires_in))


def wants_second_factor(body: bytes) -> bool:
    """Whether a refused login asks for a two-factor code."""
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(sent, dict) and "login_2fa_token" in sent


def message(body: bytes) -> str:
    """What a refusal says in words; empty if it says nothing that can be read."""
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    said = sent.get("message") if isinstance(sent, dict) else None
    return said if isinstance(said, str) else ""


def _page(
    body: bytes,
    whole: msgspec.json.Decoder[_List[T]],
    single: msgspec.json.Decoder[T],
    values: Callable[[list[T]], tuple[list[Value], list[str]]],
) -> Page[Value]:
    """Decode a page as a whole; item by item only where an item is invalid."""
    rejected: list[str] = []
    try:
        page = strictly(body, whole)
    except msgspec.ValidationError:
        page = _salvaged(body, single, rejected)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        page = decode(body, whole)  # says what is wrong
    read: tuple[list[Value], list[str]] = values(page.results or [])
    count = _count(page.count)
    if page.results is None and count:
        raise Undecodable("its answer has a count but no results")
    return Page(tuple(read[0]), count, _next(page.next), (*rejected, *read[1]))


def _salvaged(body: bytes, single: msgspec.json.Decoder[T], rejected: list[str]) -> _List[T]:
    raw = decode(body, _RAW_LIST)
    items: list[T] = []
    for item in raw.results or ():
        try:
            items.append(single.decode(item))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            rejected.append("an item of the list is left out: it has an unexpected shape")
    if rejected and not items:
        raise Undecodable("its list has no item of the expected shape")
    return _List(items, raw.count, raw.next)


def _count(count: object) -> int | None:
    if count is None:
        return None
    number = whole_number(count)
    if number is None or number != count:
        raise Undecodable("its answer has an invalid count")
    return number


def _next(link: object) -> str | None:
    if link is None or isinstance(link, str):
        return link or None
    raise Undecodable("its answer has an invalid link to the next page")
