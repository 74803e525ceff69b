"""The page that shows what two digests of a tag differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.core.printable import shown
from indexer.core.reference import is_tag
from indexer.crawl.schedule.freshness import of_repositories
from indexer.render.tag_diff import PARTS, value_text
from indexer.web.answer_age import freshness_of
from indexer.web.api.diff import diff_of
from indexer.web.context import browser_of, context_of, host_registry_of
from indexer.web.repository_lookup import known
from indexer.web.responses import NotKnown
from indexer.web.templating import page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from indexer.manifests.image_comparison import LayerChange, PlatformChange, ValueChange

LAYERS = 200
"""The most layers of a platform on the page; docker runs images of up to 127."""

VALUES = 200
"""The most values of a platform on the page."""


class _Value(NamedTuple):
    part: str
    name: str
    old: str | None
    new: str | None


class _Platform(NamedTuple):
    """One platform as the page shows it; `shared` counts the layers that both images have."""

    entry: PlatformChange
    layers: list[LayerChange]
    shared: int
    shared_size: int
    values: list[_Value]
    left_out: int


async def diff(request: Request) -> Response:
    """The page of two digests of a tag: `/diff/docker.io/library/nginx:1.27?from=7d`."""
    site, browser = context_of(request), browser_of(request)
    host_registry = host_registry_of(request)
    name, _, tag = str(request.path_params["path"]).rpartition(":")
    typed = [request.query_params.get(each, "").strip() for each in ("from", "to")]

    def look() -> Response:
        if not name or not is_tag(tag):
            raise NotKnown(f"'{shown(tag)}' cannot be a tag.")
        place = known(browser, name, host_registry)
        age = freshness_of(request, of_repositories([place]))
        sides = typed[0][:200] or None, typed[1][:200] or None
        found = diff_of(browser, place, tag, sides, site.now())
        platforms = found.comparison.platforms
        return page(
            request,
            "diff.html",
            age=age,
            place=place,
            tag=tag,
            typed_from=typed[0],
            typed_to=typed[1],
            old=found.old,
            new=found.new,
            is_same=found.old.digest is not None and found.old.digest == found.new.digest,
            platforms=None if platforms is None else [_platform(each) for each in platforms],
            same=[each.platform for each in platforms or () if each.change == "same"],
            attestations=found.comparison.attestations,
            values=_values(found.comparison.values),
            advice=found.advice,
        )

    return await site.ask(look)


def _platform(entry: PlatformChange) -> _Platform:
    shared = [each for each in entry.layers if each.change == "shared"]
    layers = [each for each in entry.layers if each.change != "shared"]
    values = _values(entry.values)
    left_out = max(len(layers) - LAYERS, 0) + max(len(values) - VALUES, 0)
    size = sum(each.size or 0 for each in shared)
    return _Platform(entry, layers[:LAYERS], len(shared), size, values[:VALUES], left_out)


def _values(values: Iterable[ValueChange]) -> list[_Value]:
    def text(value: str | list[str] | None) -> str | None:
        return None if value is None else value_text(value)

    return [_Value(PARTS[each.part], each.name, text(each.old), text(each.new)) for each in values]
