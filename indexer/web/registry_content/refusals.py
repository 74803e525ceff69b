"""Errors of the registry API in the specification's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from indexer.core.printable import shown
from indexer.web.responses import JSON, NotKnown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.catalog.answers import RepositoryKey
    from indexer.store.catalog.browser import Browser


class Refused(Exception):
    """An error of the specification: its status, its code, and a sentence."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def refusal(refused: Refused) -> Response:
    """The answer for an error."""
    error = {"code": refused.code, "message": str(refused), "detail": refused.detail}
    body = msgspec.json.encode({"errors": [error]})
    return Response(body, refused.status, refused.headers, JSON)


def present(browser: Browser, place: RepositoryKey) -> RepositoryKey:
    """The place, if there is such a repository now.

    Raises:
        NotKnown: there is none.
    """
    if not browser.is_present(place):
        raise NotKnown(f"the index knows no repository '{shown(str(place))}'.")
    return place
