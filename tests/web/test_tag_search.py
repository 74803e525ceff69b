"""The tags on the page of a repository: searched, sorted and paged on the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.store.scribe import Scribe, tag
from tests.web.serving import running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

PAGE = "/image/docker.io/library/nginx"


def shown(site: Running, query: str) -> tuple[list[str], str | None]:
    """The tags on a page, and the address of the next one."""
    text = site.get(f"{PAGE}?{query}", headers={"Accept": "text/html"}).text
    names = re.findall(r'<th scope="row"><a href="[^"]+"><bdi>([^<]+)</bdi>', text)
    more = re.search(r'<a class="next" href="[^"?]+\?([^"#]+)#tags"', text)
    return names, more[1].replace("&amp;", "&") if more else None


def test_tags_are_searched_sorted_and_paged(empty: Store) -> None:
    held = [tag(f"1.{number:03}", f"{number}", size=number + 1) for number in range(150)]
    Scribe(empty.archive).crawl({"nginx": [*held, tag("latest", "x", size=9_999)]})
    with running(empty) as site:
        assert shown(site, "tag=lat*") == (["latest"], None)
        names, more = shown(site, "tag=1.*&sort=size")
        assert (names[0], names[-1], len(names)) == ("1.149", "1.050", 100)
        assert more is not None
        assert "tag=1.%2A" in more
        assert "sort=size" in more
        rest, end = shown(site, more)
        assert (rest[0], rest[-1], len(rest), end) == ("1.049", "1.000", 50, None)
        assert site.get(f"{PAGE}?sort=age").status_code == 400
        assert "No tag matches." in site.get(f"{PAGE}?tag=9").text
