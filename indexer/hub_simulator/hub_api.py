"""The Docker Hub API over a hub: paths in, JSON out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from indexer.hub_simulator import hub_json, pagination
from indexer.hub_simulator.http import Answer, gzipped
from indexer.hub_simulator.pagination import NEWEST, REPOSITORY_ORDERINGS, TAG_ORDERINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.pagination import Ask, Sorting
    from indexer.hub_simulator.quirks import ListQuirks, Quirks
    from indexer.hub_simulator.response_cache import ResponseCache
    from indexer.hub_simulator.state import Namespace, Repo

NO_ORDERING = {
    "fields": {"ordering": [f"Must be one of: {', '.join(REPOSITORY_ORDERINGS)}"]},
    "text": "ordering: invalid value",
}


LOG_INS: Mapping[tuple[str, ...], tuple[str, str, str]] = {
    ("v2", "auth", "token"): ("identifier", "secret", "access_token"),
    ("v2", "users", "login"): ("username", "password", "token"),
}
"""The two ways to log in: the fields that are sent, and the one that comes back."""


def is_log_in(request: Request) -> bool:
    """Whether a request exchanges credentials for a token."""
    return request.method == "POST" and request.parts in LOG_INS


def refused(status: int, message: str) -> Answer:
    """An error as the Hub words it."""
    return Answer(status, hub_json.encode({"message": message, "errinfo": {}}))


NOT_FOUND = refused(404, "object not found")
PAST_THE_END = refused(404, "page not found")


class _List(NamedTuple):
    """A list before it is ordered: what tells it from all others, and how to get at its items."""

    key: tuple[Hashable, ...]
    sorting: Sorting
    items: Callable[[], Sequence[hub_json.Item]]


class HubApi:
    """Answers the Hub's requests. Hold the hub's lock meanwhile.

    Args:
        hub: what is answered from.
        prepared: where finished bodies are kept.
        quirks: how lists differ from what is documented; may be set at any time.
    """

    def __init__(self, hub: Hub, prepared: ResponseCache, quirks: Quirks) -> None:
        self.quirks = quirks
        self._hub = hub
        self._prepared = prepared

    @staticmethod
    def owns(request: Request) -> bool:
        """Whether a request is for the Hub's API; the registry gets the others."""
        parts = request.parts
        if parts[:2] == ("v2", "namespaces"):
            return parts[3:4] == ("repositories",)
        return parts[:2] == ("v2", "repositories") or is_log_in(request)

    def answer(self, request: Request, identity: Identity) -> Answer:
        """Answer a request of somebody."""
        if is_log_in(request):
            return self._log_in(request)
        if request.method not in {"GET", "HEAD"}:
            return refused(405, "method not allowed")
        if request.parts[1] == "namespaces":
            space, rest = request.parts[2], request.parts[4:]
        else:
            if identity.is_organisation:
                return refused(403, "organization access tokens may not use this endpoint")
            space, rest = "".join(request.parts[2:3]), request.parts[3:]
        home = self._hub.namespaces.get(space)
        if home is None:
            return NOT_FOUND
        try:
            return self._look(request, identity, home, rest)
        except pagination.BadPage as problem:
            return refused(400, str(problem))

    def _look(
        self, request: Request, identity: Identity, home: Namespace, rest: Sequence[str]
    ) -> Answer:
        """Find what the rest of the path names, within a namespace."""
        if not rest:
            return self._repositories(request, identity, home)
        repo = home.repositories.get(rest[0])
        if repo is None or (repo.item.is_private and home.name not in identity.sees):
            return NOT_FOUND
        match tuple(rest[1:]):
            case ():
                return Answer(200, hub_json.encode(_detail(repo, identity)))
            case ("tags",):
                return self._tags(request, repo)
            case ("tags", name) if (held := repo.tags.get(name)) is not None:
                return Answer(200, hub_json.encode(held.tag))
            case _:
                return NOT_FOUND

    def _repositories(self, request: Request, identity: Identity, home: Namespace) -> Answer:
        quirks = self.quirks.repositories
        ask = pagination.Ask.of(request, quirks)
        sorting = REPOSITORY_ORDERINGS.get(ask.ordering) if ask.ordering else NEWEST
        if sorting is None:
            return Answer(400, hub_json.encode(NO_ORDERING))
        sees_all = home.name in identity.sees

        def listed() -> list[hub_json.Repository]:
            return [
                repo.item
                for repo in home.repositories.values()
                if (sees_all or not repo.item.is_private) and ask.name in repo.item.name
            ]

        key = ("repositories", home.name, home.revision, sees_all)
        return self._page(request, ask, quirks, _List(key, sorting, listed))

    def _tags(self, request: Request, repo: Repo) -> Answer:
        quirks = self.quirks.tags
        ask = pagination.Ask.of(request, quirks)
        sorting = TAG_ORDERINGS.get(ask.ordering, NEWEST)

        def listed() -> list[hub_json.Tag]:
            return [held.tag for name, held in repo.tags.items() if ask.name in name]

        key = ("tags", repo.id, repo.revision)
        return self._page(request, ask, quirks, _List(key, sorting, listed))

    def _page(self, request: Request, ask: Ask, quirks: ListQuirks, wanted: _List) -> Answer:
        """A page of a list: prepared, or made now and kept."""
        packed = request.accepts_gzip
        order_key = (*wanted.key, wanted.sorting, ask.name, quirks)
        alone = (*order_key, ask.page, ask.size, packed)
        linked = (*alone, request.base, request.target)
        body = self._prepared.find(alone) or self._prepared.find(linked)
        if body is None:
            items = self._prepared.order(
                order_key, lambda: pagination.in_order(wanted.items(), wanted.sorting, quirks)
            )
            page = pagination.page_of(items, ask, request, quirks)
            if page is None:
                return PAST_THE_END
            body = gzipped(hub_json.encode(page)) if packed else hub_json.encode(page)
            if isinstance(quirks.count_offset, int):
                # Without links it is the same body however it was asked for.
                self._prepared.keep(linked if page.next or page.previous else alone, body)
        return Answer(200, body, gzipped=packed)

    def _log_in(self, request: Request) -> Answer:
        """Both log-ins, the new one and the old one."""
        fields = LOG_INS[request.parts]
        try:
            sent = msgspec.json.decode(request.body, type=dict[str, str])
            identifier, secret = (sent[field] for field in fields[:2])
        except (msgspec.DecodeError, KeyError):
            return refused(400, f"{fields[0]} and {fields[1]} are required")
        verdict = self._hub.accounts.log_in(identifier, secret)
        if verdict.token is not None:
            return Answer(200, hub_json.encode({fields[2]: verdict.token}))
        if verdict.needs_second_factor:
            detail = "Require secondary authentication on MFA enabled account"
            return Answer(401, hub_json.encode({"detail": detail, "login_2fa_token": "simulated"}))
        return Answer(401, hub_json.encode({"detail": "Incorrect authentication credentials"}))


def _detail(repo: Repo, identity: Identity) -> hub_json.RepositoryDetail:
    """A repository asked for by name, as one identity sees it."""
    item = repo.item
    is_ours = item.namespace in identity.sees
    fields = {name: getattr(item, name) for name in item.__struct_fields__}
    return hub_json.RepositoryDetail(
        **fields,
        user=item.namespace,
        full_description=item.description,
        permissions=hub_json.Permissions(write=is_ours, admin=is_ours),
        immutable_tags_settings=repo.immutable or hub_json.ImmutableTags(),
    )
