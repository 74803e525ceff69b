"""The style sheet and the icon: the only files there are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from indexer.web.responses import tagged
from indexer.web.templating import HERE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FILES = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}

SECONDS = 300


async def answer(request: Request) -> Response:
    """One of the files."""
    name: str = request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404)
    return tagged(request, _content(name), FILES[name], seconds=SECONDS)


@cache
def _content(name: str) -> bytes:
    return (HERE / "static" / name).read_bytes()
