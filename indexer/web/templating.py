"""Templates into pages. All that is written into one is made fit to be shown, and escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from indexer.core import humanize
from indexer.core.printable import shown
from indexer.core.reference import DOCKER_HUB
from indexer.web.context import context_of, sees_private
from indexer.web.responses import tagged

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

HERE = Path(__file__).parent

MOST_LINES = 2_000
"""Lines of one text on a page."""

LONGEST_TEXT = 2_000
"""Characters of one value on a page."""


def _finalized(value: Any) -> Any:
    """What a template writes: foreign text without what cannot be seen, and nothing for None."""
    if value is None:
        return ""
    return shown(value, LONGEST_TEXT) if type(value) is str else value


def _time(value: datetime | None) -> Markup:
    """A time to the minute, and exactly for programs."""
    if value is None:
        return Markup('<span class="none">-</span>')
    return Markup('<time datetime="{}">{}</time>').format(
        humanize.iso(value), humanize.short_time(value)
    )


def _digest(value: str | None) -> Markup:
    """A digest in short, in full for who points at it."""
    if value is None:
        return Markup('<span class="none">unknown</span>')
    return Markup('<code class="digest" title="{}">{}</code>').format(
        shown(value), humanize.short_digest(value)
    )


def _lines(value: str) -> Markup:
    """Foreign text of several lines as plain text: what is markup in it is shown as it is."""
    lines = value.splitlines()
    shown_lines = [shown(line, LONGEST_TEXT) for line in lines[:MOST_LINES]]
    return escape("\n".join(shown_lines + ["…"] * (len(lines) > MOST_LINES)))


def _image_path(registry: str, repository: str, tag: str | None = None) -> str:
    suffix = f":{tag}" if tag else ""
    return "/image/" + quote(f"{registry}/{repository}{suffix}", safe="/:")


def _image_name(registry: str, repository: str, tag: str | None = None) -> Markup:
    """An image's name, which may be broken after a slash."""
    prefix = "" if registry == DOCKER_HUB else f"{registry}/"
    name = escape(shown(f"{prefix}{repository}", 500)).replace("/", Markup("/<wbr>"))
    if tag is None:
        return Markup("<bdi>{}</bdi>").format(name)
    return Markup("<bdi>{}<b>:<wbr>{}</b></bdi>").format(name, shown(tag))


@cache
def environment() -> Environment:
    """The templates, and what they can say."""
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
        "number": humanize.number,
        "size": humanize.size,
        "lines": _lines,
        "count": humanize.count,
        "age": humanize.age,
        "span": humanize.span,
    }
    made.globals |= {"image_path": _image_path, "image_name": _image_name}
    return made


def page(request: Request, name: str, **content: Any) -> Response:
    """A page as an answer."""
    body = render(request, name, **content).encode()
    return tagged(request, body, "text/html; charset=utf-8")


def render(request: Request, name: str, **content: Any) -> str:
    """A page as text."""
    site = context_of(request)
    return (
        environment()
        .get_template(name)
        .render(
            now=site.now(),
            here=request.url.path,
            query=request.query_params.get("q", ""),
            sees_private=sees_private(request),
            **content,
        )
    )
