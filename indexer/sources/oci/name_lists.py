"""Reads a registry's lists of names page by page, and proves where they end.

By the specification a page without a `Link` is the last. But some registries cut a list at `n` and
send no `Link` (groups of Nexus). So after a page that may have been cut, names after its last name
are requested.

    Link                                    the next page: its query, on our own list
    as long as asked for, or a round number more are requested, with `last=`:
        no more names                       the end
        other names                         the next page
        the same names                      this server ignores `last`: one request without `n`
    anything else                           the end; if the caller wants proof, as above

Proxies and repository managers (Nexus, Artifactory) write another scheme, host, port or path into a
`Link` than that of the request. So only its query is used, with the address of the list itself.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from indexer.core.errors import SourceError, SourceLost
from indexer.http import Request
from indexer.sources.next_page import SAFE, query_of
from indexer.sources.oci import link_header
from indexer.sources.oci.connection import PAGE_SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.http import Answer
    from indexer.sources.oci.registry_requests import RegistryRequests
    from indexer.sources.oci.responses import Names
    from indexer.sources.oci.scopes import Purpose

ROUND = 50
"""A page of a multiple of this many names may have been cut: registries' own limits are multiples
of 50 (50 and 100 at Quay, 100 at Harbor, 1,000 at Amazon)."""

_REFUSES_SIZE = frozenset({HTTPStatus.BAD_REQUEST.value, HTTPStatus.METHOD_NOT_ALLOWED.value})


class NameList(NamedTuple):
    """A list of names: its path, how its pages are decoded, what it is for, and its name."""

    path: str
    decode: Callable[[bytes], Names]
    purpose: Purpose
    subject: str


class NamesPage(NamedTuple):
    """A page of a list of names.

    Attributes:
        names: the names.
        next: path and query of the next page; None on the last.
        after: the last name of this page, after which the next one begins in byte order; None
            where the list is not in that order.
        fault: why the list may not be whole; None: there is no sign of that.
    """

    names: Names
    next: str | None = None
    after: str | None = None
    fault: str | None = None


class NameLists:
    """Reads lists of names for one crawl. Safe to call from threads."""

    def __init__(self, requests: RegistryRequests) -> None:
        self._requests = requests
        self._connection = requests.connection
        self._ahead: dict[str, Answer[Names]] = {}
        """Pages that were fetched to see whether a list continues, by their path and query."""

    def page(self, of: NameList, cursor: str | None, *, proves_end: bool) -> NamesPage | None:
        """A page of a list.

        Args:
            of: which list.
            cursor: `next` of the page before; None: the first page.
            proves_end: request names after the last page too, however short it is.

        Returns:
            None if the registry does not know the list, or this page of it any more.
        """
        answer = self._first(of) if cursor is None else self._following(of, cursor)
        if answer is None or self._is_absent(of, answer):
            return None
        if answer.value is None:
            raise self._requests.refused(answer, of.subject)
        return self._read(of, answer, answer.value, proves_end=proves_end)

    def exists(self, of: NameList) -> bool:
        """Whether the registry knows a list."""
        answer = self._first(of)
        if answer.value is None and not self._is_absent(of, answer):
            raise self._requests.refused(answer, of.subject)
        return answer.value is not None

    def _is_absent(self, of: NameList, answer: Answer[Names]) -> bool:
        """Whether there is no such list; of a catalog it does not matter who says so."""
        if not of.purpose.repository:
            return answer.status == HTTPStatus.NOT_FOUND
        return self._requests.is_absent(answer, of.subject)

    def _first(self, of: NameList) -> Answer[Names]:
        """The first page, in the largest size that this registry grants."""
        while True:
            size = self._connection.page_size
            answer = self._fetch(of, f"{self._base(of)}?n={size}" if size else self._base(of))
            if answer.status not in _REFUSES_SIZE or size is None:
                return answer
            if self._connection.page_size == size:  # else another thread was refused as well
                self._connection.page_size = PAGE_SIZES[PAGE_SIZES.index(size) + 1]

    def _following(self, of: NameList, cursor: str) -> Answer[Names] | None:
        """A later page; None if the registry no longer knows the name that it begins after."""
        target = f"{self._base(of)}?{query_of(cursor) or ''}"
        answer = self._ahead.pop(target, None) or self._fetch(of, target)
        return None if answer.status == HTTPStatus.BAD_REQUEST else answer

    def _read(
        self, of: NameList, answer: Answer[Names], names: Names, *, proves_end: bool
    ) -> NamesPage:
        link = link_header.following(answer.headers.get("Link", ""))
        if link is None:
            looks_cut = names.sent > 0 and (
                names.sent == self._connection.page_size or names.sent % ROUND == 0
            )
            if looks_cut or (proves_end and names.sent > 0):
                return self._asked_on(of, names, looks_cut=looks_cut)
            return NamesPage(names)
        query = query_of(link)
        if query is None:
            fault = f"{self._requests.host} gives an invalid link to the next page"
            return NamesPage(names, fault=fault)
        after = link_header.resumes_after(query)
        is_by_name = after is not None and after == names.until
        return NamesPage(names, f"{self._base(of)}?{query}", after if is_by_name else None)

    def _asked_on(self, of: NameList, names: Names, *, looks_cut: bool) -> NamesPage:
        """A page without a `Link`, after a request for the names that follow its last one."""
        size = self._connection.page_size
        asked = {"n": size} if size else {}
        query = quote(urlencode({**asked, "last": names.last}), safe=SAFE)
        target = f"{self._base(of)}?{query}"
        try:
            answer = self._fetch(of, target)
        except SourceLost:
            raise
        except SourceError as error:
            fault = f"cannot tell whether there are more than {names.sent} names: {error}"
            return NamesPage(names, fault=fault if looks_cut else None)
        more = answer.value
        if more is None or not set(more.items) - set(names.items):
            is_answered = more is not None and more.sent == 0
            return NamesPage(names) if is_answered else self._unsized(of, names)
        self._ahead[target] = answer
        return NamesPage(names, target, names.until)

    def _unsized(self, of: NameList, names: Names) -> NamesPage:
        """A page of a list whose server ignores `last`: without `n` some answer all at once."""
        if names.sent != self._connection.page_size:
            return NamesPage(names)
        answer = self._fetch(of, self._base(of))
        if answer.value is None or not set(answer.value.items) > set(names.items):
            fault = f"it may have more than {names.sent} names: the registry gives no next page"
            return NamesPage(names, fault=fault)
        self._connection.page_size = None
        return self._read(of, answer, answer.value, proves_end=False)

    def _base(self, of: NameList) -> str:
        return self._requests.prefix + of.path

    def _fetch(self, of: NameList, target: str) -> Answer[Names]:
        return self._requests.fetch(Request(target, of.decode), of.purpose)
