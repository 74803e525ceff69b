"""A registry's lists of names, in pages as the specification has them, or with quirks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_json import encode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.registry.quirks import RegistryQuirks


def error(status: int, code: str, message: str) -> Answer:
    """An error as registries word it."""
    return Answer(status, encode({"errors": [{"code": code, "message": message, "detail": None}]}))


def list_of(
    key: str,
    names: Collection[str],
    request: Request,
    quirks: RegistryQuirks,
    more: Mapping[str, object],
) -> Answer:
    """A page of a list: the whole list, or with `pages` `n` names after `last`, and a `Link`."""
    everything = sorted(names)
    if not quirks.pages:
        return Answer(200, encode({**more, key: everything or None}))
    asked = request.params.get("n", "")
    size = int(asked) if asked.isdecimal() else None
    if size and quirks.page_size and quirks.refuses_size and size > quirks.page_size:
        return error(quirks.refuses_size, "UNSUPPORTED", "invalid page size")
    if quirks.page_size:
        size = min(size or quirks.page_size, quirks.page_size)
    last = _last(request, quirks)
    if quirks.forgets_last and last and last not in names:
        return error(400, "BAD_REQUEST", f"the last of {last} is not found")
    rest = [name for name in everything if name > last]
    shown = rest[:size]
    answer = Answer(200, encode({**more, key: shown or None}))
    if quirks.link is None or len(shown) == len(rest) or not shown:
        return answer
    following = f"next_page={_token(shown[-1])}" if quirks.opaque else f"last={quote(shown[-1])}"
    link = quirks.link.format(base=request.base, path=request.path, query=f"n={size}&{following}")
    return answer.with_headers(("Link", f'<{link}>; rel="next"'))


def _last(request: Request, quirks: RegistryQuirks) -> str:
    """The name after which a page begins; empty for the first."""
    if quirks.opaque:
        return bytes.fromhex(request.params.get("next_page", "")).decode()
    return request.params.get("last", "") if quirks.knows_last else ""


def _token(name: str) -> str:
    return name.encode().hex()
