"""A hub of any size whose pages are computed, not stored: the simulator would take minutes to fill.

    python -m benchmarks.large_hub REPOSITORIES TAGS

Every namespace `team` with a number is there; each holds so many repositories, with so many tags of
eight platforms each. The address is printed on the first line. `POST /push` retags the newest tag
of the first repository of each. `GET /requests` tells how many requests were answered.
"""

from __future__ import annotations

import hashlib
import re
import socket
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec

from indexer.hub_simulator.hub_json import Image, Repository, Tag

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INDEX = "application/vnd.oci.image.index.v1+json"
PAGE = 100

PLACES = (
    *(("linux", "amd64", None), ("linux", "arm64", "v8"), ("linux", "arm", "v7")),
    *(("linux", "arm", "v6"), ("linux", "386", None), ("linux", "ppc64le", None)),
    *(("linux", "s390x", None), ("unknown", "unknown", None)),
)

_LIST = re.compile(r"/v2/namespaces/(team\d+)/repositories(?:/r(\d+)/tags)?")


def name(number: int) -> str:
    """The name of a namespace."""
    return f"team{number}"


class LargeHub:
    """What there is.

    Args:
        repositories: in each namespace.
        tags: in each repository.
    """

    def __init__(self, repositories: int, tags: int) -> None:
        self.sizes = {"repositories": repositories, "tags": tags}
        self.pushes = 0
        self.requests = 0

    def date(self, number: int, *, is_pushed: bool) -> datetime:
        """When the item at a place of a list was last updated."""
        return NOW + (self.pushes if is_pushed and number == 0 else -number) * MINUTE

    def repository(self, namespace: str, number: int) -> Repository:
        """The repository at a place."""
        date = self.date(number, is_pushed=True)
        return Repository(
            name=f"r{number}", namespace=namespace, last_updated=date, date_registered=NOW
        )

    def tag(self, repository: str, is_first: bool, number: int) -> Tag:  # noqa: FBT001 - of `partial`
        """The tag at a place."""
        date = self.date(number, is_pushed=is_first)
        own = f"{repository}/{number}/{date}"
        images = tuple(
            Image(
                os=os,
                architecture=architecture,
                variant=variant,
                digest=_digest(f"{own}/{at}"),
                size=30_000_000 + at,
                last_pushed=date,
            )
            for at, (os, architecture, variant) in enumerate(PLACES)
        )
        return Tag(
            creator=1,
            id=number,
            images=images,
            last_updated=date,
            last_updater=1,
            last_updater_username="ci",
            name=f"1.{number}-alpine",
            repository=1,
            full_size=250_000_000,
            tag_last_pushed=date,
            media_type=INDEX,
            content_type="image",
            digest=_digest(own),
        )

    def page(self, namespace: str, repository: str | None, number: int, home: str) -> bytes:
        """A page of a list as JSON, from 1."""
        item: Callable[[int], Repository | Tag] = partial(self.repository, namespace)
        if repository is not None:
            item = partial(self.tag, f"{namespace}/{repository}", repository == "0")
        count = self.sizes["repositories" if repository is None else "tags"]
        first, last = PAGE * (number - 1), min(PAGE * number, count)
        following = f"{home}?page={number + 1}&page_size={PAGE}" if last < count else None
        items = [item(each) for each in range(first, last)]
        return msgspec.json.encode(
            {"count": count, "next": following, "previous": None, "results": items}
        )


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class Handler(BaseHTTPRequestHandler):
    """Answers requests for the hub of its server."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    hub: LargeHub

    def setup(self) -> None:
        """Send answers at once."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        """Push."""
        self.hub.pushes += 1
        self._answer(200, b"{}")

    def do_GET(self) -> None:
        """A page of a list."""
        asked = urlsplit(self.path)
        if asked.path == "/requests":
            self._answer(200, b"%d" % self.hub.requests)
            return
        self.hub.requests += 1
        found = _LIST.fullmatch(asked.path.rstrip("/"))
        if found is None:
            self._answer(404, b"{}")
            return
        number = int(parse_qs(asked.query).get("page", ["1"])[0])
        home = f"http://{self.headers['Host']}{asked.path}"
        self._answer(200, self.hub.page(found[1], found[2], number, home))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main(repositories: int, tags: int) -> None:
    """Serve until told to stop."""
    Handler.hub = LargeHub(repositories, tags)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
