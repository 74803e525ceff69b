"""Changes as feeds: Atom (RFC 4287) and JSON Feed 1.1, with the filters of `indexer query`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from indexer.core.humanize import iso
from indexer.core.model import ChangeKind
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.crawl.schedule.freshness import of_changes
from indexer.render.freshness import last_complete, record, warnings
from indexer.web.answer_age import freshness_of
from indexer.web.change_filters import filters_of
from indexer.web.context import browser_of, context_of
from indexer.web.responses import json_answer, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.core.model import Change
    from indexer.crawl.schedule.freshness import Freshness

ENTRIES = 100
"""The most changes in a feed: the newest."""

_SPACE = uuid.UUID("f5c4a6de-6c1f-5f0e-9a39-3f3a2d1f7b10")
"""The namespace of the ids of entries, so that each change keeps its id."""

_NEVER = "1970-01-01T00:00:00Z"

_VERBS = {
    ChangeKind.REPOSITORY_ADDED: "is new",
    ChangeKind.REPOSITORY_REMOVED: "was removed",
    ChangeKind.TAG_ADDED: "is new",
    ChangeKind.TAG_REMOVED: "was removed",
    ChangeKind.TAG_RETAGGED: "was retagged",
}


def name_of(change: Change) -> str:
    """The image as a person would type it, without the registry for Docker Hub."""
    prefix = "" if change.registry == DOCKER_HUB else f"{change.registry}/"
    return f"{prefix}{change.repository}" + (f":{change.tag}" if change.tag else "")


def title_of(change: Change) -> str:
    """`library/nginx:latest was retagged`."""
    return shown(f"{name_of(change)} {_VERBS[change.kind]}", 500)


def text_of(change: Change) -> str:
    """A sentence or two about a change."""
    by = f"Pushed by {shown(change.pushed_by)}. " if change.pushed_by else ""
    if change.removed_by:
        at = f" at {change.removed_at:%Y-%m-%d %H:%M} UTC" if change.removed_at else ""
        by = f"Removed by {shown(change.removed_by)}{at}. "
    seen = f"{by}Seen {change.observed_at:%Y-%m-%d %H:%M} UTC by crawl {change.crawl_id}."
    digests = [each for each in (change.old_digest, change.new_digest) if each]
    if change.kind is ChangeKind.TAG_RETAGGED and len(digests) > 1:
        return f"It pointed to {digests[0]} and now points to {digests[1]}. {seen}"
    if digests:
        verb = "pointed" if change.kind is ChangeKind.TAG_REMOVED else "points"
        return f"It {verb} to {digests[0]}. {seen}"
    return seen


def path_of(change: Change) -> str:
    """The page about what changed."""
    tag = f":{change.tag}" if change.tag else ""
    return f"/image/{quote(f'{change.registry}/{change.repository}{tag}', safe='/:')}"


def id_of(change: Change) -> str:
    """The id of a change in feeds: it never changes, whichever server shows the index."""
    facts = (
        change.registry, change.repository, change.tag, change.kind.value, change.id,
        iso(change.observed_at), change.old_digest, change.new_digest,
    )  # fmt: skip
    return uuid.uuid5(_SPACE, repr(facts)).urn


async def atom(request: Request) -> Response:
    """The newest changes as an Atom feed."""
    base, address, words, age, found = await _read(request)
    here = f"{base}/feed.atom{address}"
    about = _title(words), _age(age)
    body = "".join(_atom(found, base, here, address, about)).encode()
    return tagged(request, body, "application/atom+xml", seconds=60)


def _atom(
    found: Sequence[Change], base: str, here: str, address: str, about: tuple[str, str]
) -> Iterator[str]:
    title, age = about
    # The newest may have been seen at an earlier time than others: clocks are set back.
    updated = iso(max(each.observed_at for each in found)) if found else _NEVER
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield f"<id>{uuid.uuid5(_SPACE, f'feed{address}').urn}</id>\n"
    yield f"<title>{escape(title)}</title>\n<subtitle>{escape(age)}</subtitle>\n"
    yield f"<updated>{updated}</updated>\n"
    yield "<author><name>indexer</name></author>\n"
    yield f'<link rel="self" type="application/atom+xml" href={quoteattr(here)}/>\n'
    yield f'<link rel="alternate" type="text/html" href={quoteattr(f"{base}/{address}")}/>\n'
    for change in found:
        yield f"<entry>\n<id>{id_of(change)}</id>\n<title>{escape(title_of(change))}</title>\n"
        yield f"<updated>{iso(change.observed_at)}</updated>\n"
        if (who := _author(change)) is not None:
            yield f"<author><name>{escape(who)}</name></author>\n"
        if change.pushed_at is not None:
            yield f"<published>{iso(change.pushed_at)}</published>\n"
        yield f'<link rel="alternate" type="text/html" href={quoteattr(base + path_of(change))}/>\n'
        yield f'<category term="{change.kind.value}"/>\n'
        yield f'<content type="text">{escape(text_of(change))}</content>\n</entry>\n'
    yield "</feed>\n"


async def json_feed(request: Request) -> Response:
    """The newest changes as a JSON Feed."""
    base, address, words, age, found = await _read(request)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(words),
        "home_page_url": f"{base}/{address}",
        "feed_url": f"{base}/feed.json{address}",
        "description": _age(age),
        "language": "en",
        "_indexer": {"freshness": record(age)},
        "items": [_item(change, base) for change in found],
    }
    return json_answer(request, feed, {"Content-Type": "application/feed+json"})


def _item(change: Change, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": id_of(change),
        "url": base + path_of(change),
        "title": title_of(change),
        "content_text": text_of(change),
        "date_modified": iso(change.observed_at),
        "tags": [change.kind.value],
    }
    if (who := _author(change)) is not None:
        item["authors"] = [{"name": who}]
    if change.pushed_at is not None:
        item["date_published"] = iso(change.pushed_at)
    return item


def _author(change: Change) -> str | None:
    """Who pushed or removed it, as far as that is known."""
    who = change.pushed_by or change.removed_by
    return None if who is None else shown(who)


def _title(words: str) -> str:
    return f"Changes of images: {words}" if words else "Changes of images"


def _age(age: Freshness) -> str:
    """How fresh a feed is. It says no ages: they would make it another feed every minute."""
    return shown(". ".join((last_complete(age), *warnings(age))).removesuffix("."), 500) + "."


async def _read(request: Request) -> tuple[str, str, str, Freshness, list[Change]]:
    """The base URL, the filters in two forms, how fresh it is, and the changes, newest first."""
    site, browser = context_of(request), browser_of(request)
    filters = filters_of(request.query_params)
    wanted = filters.wanted(site.now())
    age = await site.ask(freshness_of, request, of_changes(wanted))
    found = await site.ask(browser.newest, wanted, None, ENTRIES)
    query = filters.address()
    return base_of(request), f"?{query}" if query else "", filters.words(), age, found.changes


def base_of(request: Request) -> str:
    """The start of our URLs, as others can use them."""
    return context_of(request).rules.url or str(request.base_url).rstrip("/")
