"""The head of a request: its size, and its target in the form that everything else reads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from starlette.types import Scope

MOST_BYTES = 16 * 1024
"""The most bytes of a request's head. It may include cookies of other sites on the same host."""

_SCHEMES = (b"http://", b"https://")


def size(scope: Mapping[str, Any]) -> int:
    """The bytes of a request's head, without the spaces that nothing depends on."""
    target = len(scope["raw_path"]) + len(scope["query_string"])
    return target + sum(len(name) + len(value) + 4 for name, value in scope["headers"])


def in_origin_form(scope: Scope) -> Scope:
    """The request with a target that begins with a slash.

    Clients that take us for a proxy send the whole address, which a server must accept. Its host is
    the one that counts, whatever the `Host` header says (RFC 9112, section 3.2.2).
    """
    raw: bytes = scope["raw_path"]
    if not raw.lower().startswith(_SCHEMES):
        return scope
    authority, _, rest = raw.partition(b"://")[2].partition(b"/")
    path = b"/" + rest
    host = (b"host", authority.rpartition(b"@")[2])
    headers = [host, *(each for each in scope["headers"] if each[0] != b"host")]
    return {**scope, "raw_path": path, "path": unquote(path.decode("ascii")), "headers": headers}
