"""Renders templates. All values are escaped and cleaned of characters that cannot be shown."""

from __future__ import annotations

import re
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from indexer.core import humanize
from indexer.core.image_links import page_path, registry_page
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.render.freshness import last_complete, warnings
from indexer.web.context import context_of, sees_private, visitor_of
from indexer.web.responses import tagged

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.core.catalog_entries import Period
    from indexer.crawl.schedule.freshness import Freshness

HERE = Path(__file__).parent

MOST_LINES = 2_000
"""The most lines of one text on a page."""

LONGEST_TEXT = 2_000
"""The most characters of one value on a page."""


def _finalized(value: Any) -> Any:
    """The form of a value in a page: text without invisible characters, and nothing for None."""
    if value is None:
        return ""
    return shown(value, LONGEST_TEXT) if type(value) is str else value


def _time(value: datetime | None) -> Markup:
    """A time to the minute, with the exact time as an attribute."""
    if value is None:
        return Markup('<span class="none">-</span>')
    return Markup('<time datetime="{}">{}</time>').format(
        humanize.iso(value), humanize.short_time(value)
    )


def _digest(value: str | None) -> Markup:
    """A short digest, with the full one as its tooltip."""
    if value is None:
        return Markup('<span class="none">unknown</span>')
    return Markup('<code class="digest" title="{}">{}</code>').format(
        shown(value), humanize.short_digest(value)
    )


_FULL_DIGEST = re.compile(r"\bsha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})\b")


def _short_digests(value: str) -> Markup:
    """A sentence with short digests, with the full ones as tooltips."""
    text, made, end = shown(value, LONGEST_TEXT), Markup(), 0
    for found in _FULL_DIGEST.finditer(text):
        made += escape(text[end : found.start()]) + _digest(found[0])
        end = found.end()
    return Markup("<bdi>{}</bdi>").format(made + escape(text[end:]))


def _lines(value: str) -> Markup:
    """Foreign text of several lines as plain text: markup in it is shown, not rendered."""
    lines = value.splitlines()
    shown_lines = [shown(line, LONGEST_TEXT) for line in lines[:MOST_LINES]]
    return escape("\n".join(shown_lines + ["…"] * (len(lines) > MOST_LINES)))


def _diff_path(old: Period, new: Period) -> str:
    """The page that shows what two digests of a tag differ in."""
    path = quote(f"{new.registry}/{new.repository}:{new.tag}", safe="/:")
    return f"/diff/{path}?{urlencode({'from': old.digest, 'to': new.digest}, safe=':')}"


def _prose(value: str) -> Markup:
    """A sentence of ours, with what stands between backticks as code."""
    parts = shown(value, LONGEST_TEXT).split("`")
    codes = (Markup("<code>{}</code>").format(each) for each in parts[1::2])
    texts = (escape(each) for each in parts[0::2])
    return Markup().join(each for pair in zip_longest(texts, codes, fillvalue="") for each in pair)


def _image_name(registry: str, repository: str, tag: str | None = None) -> Markup:
    """An image's name, in which a line may break after a slash."""
    prefix = "" if registry == DOCKER_HUB else f"{registry}/"
    name = escape(shown(f"{prefix}{repository}", 500)).replace("/", Markup("/<wbr>"))
    if tag is None:
        return Markup("<bdi>{}</bdi>").format(name)
    return Markup("<bdi>{}<b>:<wbr>{}</b></bdi>").format(name, shown(tag))


@cache
def environment() -> Environment:
    """The templates with their filters and functions. Created once."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "time": _time,
        "digest": _digest,
        "short_digests": _short_digests,
        "number": humanize.number,
        "size": humanize.size,
        "lines": _lines,
        "prose": _prose,
        "count": humanize.count,
        "age": humanize.age,
        "span": humanize.span,
    }
    made.globals |= {
        "image_path": page_path,
        "image_name": _image_name,
        "diff_path": _diff_path,
        "registry_page": registry_page,
    }
    return made


def page(request: Request, name: str, *, age: Freshness | None = None, **content: Any) -> Response:
    """Render a page as an answer.

    Args:
        request: who asks for it.
        name: of its template.
        age: how fresh it is; None: it does not rest on crawls.
        content: what else the template shows.
    """
    body = render(request, name, age=age, **content).encode()
    return tagged(request, body, "text/html; charset=utf-8")


def render(request: Request, name: str, *, age: Freshness | None = None, **content: Any) -> str:
    """Render a page as text; see `page`."""
    site = context_of(request)
    return (
        environment()
        .get_template(name)
        .render(
            now=site.now(),
            here=request.url.path,
            query=request.query_params.get("q", ""),
            sees_private=sees_private(request),
            visitor=visitor_of(request),
            can_log_in=bool(site.rules.tokens),
            stale=list(warnings(age, site.now())) if age else [],
            last_complete=last_complete(age) if age else "",
            **content,
        )
    )
