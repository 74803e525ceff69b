"""Read the address of the next page of a list, as a registry gives it. Pure.

Behind proxies and in repository managers, it often has another scheme, host, port or path than the
request. So only its query is used, with the address of the list that is being read, and no request
goes to another host.
"""

from __future__ import annotations

from urllib.parse import quote

LONGEST_QUERY = 4_096
"""The most characters of the query; real ones have some 150."""

SAFE = "=&%+,:;@/?-._~"
"""What is not quoted in it: it goes back as it came."""


def query_of(address: str) -> str | None:
    """The query that names the page; None: there is none, or it is too long."""
    query = address.partition("#")[0].partition("?")[2]
    return quote(query, safe=SAFE) if query and len(query) <= LONGEST_QUERY else None
