"""The loop that a crawl is compared with: fetch the same pages, decode them, store nothing.

`requests` with one session, the standard library's json, the same number of threads:

    python benchmarks/bare_loop.py URL NAMESPACE THREADS
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(url: str, namespace: str, threads: int) -> None:
    """Read everything once, and print how much that was."""
    home = f"{url}/v2/namespaces/{namespace}/repositories"
    with requests.Session() as session, ThreadPoolExecutor(threads) as pool:
        session.trust_env = False

        def tags(name: str) -> int:
            return sum(1 for _ in items(session, f"{home}/{name}/tags"))

        names = [item["name"] for item in items(session, home)]
        found = sum(pool.map(tags, names))
    print(f"{len(names)} repositories, {found} tags")


def items(session: requests.Session, url: str) -> Iterator[dict[str, Any]]:
    """The items of all pages of a list."""
    following: str | None = f"{url}?page_size=100"
    while following:
        answer = session.get(following, timeout=30)
        answer.raise_for_status()
        page = answer.json()
        yield from page["results"]
        following = page["next"]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
