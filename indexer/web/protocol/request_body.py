"""Limits the body of a request, whether its length is said before or it arrives in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import Receive, Scope


class BodyLimit:
    """Passes on what arrives of a body, up to a limit.

    Args:
        scope: of the request.
        receive: gives its parts.
        most: bytes.
    """

    def __init__(self, scope: Scope, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._seen = 0
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        # h11 lets only one length pass, of digits.
        self._announced = int(length) if length.isdigit() else 0
        self._is_over = not self._announced and b"transfer-encoding" not in headers

    @property
    def refusal(self) -> str | None:
        """Why the body is refused before it arrives; None: it is not."""
        return self._sentence if self._announced > self._most else None

    @property
    def is_unread(self) -> bool:
        """Whether some of the body did not arrive yet: the connection cannot be used again."""
        return not self._is_over

    @property
    def _sentence(self) -> str:
        return f"the body of the request is longer than {self._most:,} bytes."

    async def receive(self) -> MutableMapping[str, Any]:
        """See ASGI.

        Raises:
            HTTPException: 413, the limit is exceeded.
        """
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._is_over = not message.get("more_body", False)
            if self._seen > self._most:
                raise HTTPException(413, self._sentence)
        return message
