"""The Docker Hub API of a simulated hub: a path in, JSON out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from indexer.hub_simulator import audit_log, hub_json, pagination
from indexer.hub_simulator.http import Answer
from indexer.hub_simulator.hub_lists import affiliated
from indexer.hub_simulator.hub_refusals import NOT_FOUND, refused
from indexer.hub_simulator.log_in import is_log_in, log_in
from indexer.hub_simulator.push import user_number
from indexer.hub_simulator.synthetic_manifests import image_key, layers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.hub_simulator.accounts import Identity
    from indexer.hub_simulator.http import Request
    from indexer.hub_simulator.hub import Hub
    from indexer.hub_simulator.hub_lists import HubLists
    from indexer.hub_simulator.state import Held, Repo


class HubApi:
    """Answers requests to the Hub's API. The caller holds the hub's lock.

    Args:
        hub: the state.
        lists: answers requests for lists; it also holds the quirks.
    """

    def __init__(self, hub: Hub, lists: HubLists) -> None:
        self.lists = lists
        self._hub = hub

    @staticmethod
    def owns(request: Request) -> bool:
        """Whether a request is for the Hub's API; all others are for the registry."""
        match request.parts:
            case ("v2", "namespaces", _, "repositories", *_):
                return True
            case ("v2", "users" | "orgs", _):
                return True
            case ("v2", "auditlogs", _) | ("v2", "auditlogs", _, "actions"):
                return True
            case parts:
                return parts[:2] == ("v2", "repositories") or is_log_in(request)

    def answer(self, request: Request, identity: Identity) -> Answer:
        """Answer a request of an identity."""
        if is_log_in(request):
            return log_in(request, self._hub.accounts)
        if request.method not in {"GET", "HEAD"}:
            return refused(405, "method not allowed")
        try:
            return self._found(request, identity)
        except pagination.BadPage as problem:
            return refused(400, str(problem))

    def _found(self, request: Request, identity: Identity) -> Answer:
        """Choose what to answer with by the beginning of the path."""
        match request.parts:
            case ("v2", "namespaces", space, _, *rest):
                return self._look(request, identity, space, rest)
            case ("v2", "users" | "orgs" as kind, name):
                return self._account(name, is_user=kind == "users")
            case ("v2", "auditlogs", account, *rest):
                return self._audit_log(request, identity, account, is_log=not rest)
            case ("v2", "repositories", *rest):
                return self._old(request, identity, rest)
            case _:
                return NOT_FOUND

    def _old(self, request: Request, identity: Identity, rest: Sequence[str]) -> Answer:
        """Answer on the old paths, which organisation access tokens may not use."""
        if identity.is_organisation:
            return refused(403, "organization access tokens may not use this endpoint")
        match rest:
            case [space, short, "tags", tag, "images"]:
                return self._layers(identity, space, short, tag)
            case [space, *more]:
                return self._look(request, identity, space, more)
            case _:
                return NOT_FOUND

    def _look(
        self, request: Request, identity: Identity, space: str, rest: Sequence[str]
    ) -> Answer:
        """Answer for what the rest of the path names, within a namespace."""
        if not rest:
            return self.lists.repositories(request, identity, space)
        repo = self._shown(identity, space, rest[0])
        if repo is None:
            return NOT_FOUND
        match tuple(rest[1:]):
            case ():
                return Answer(200, hub_json.encode(_detail(repo, identity)))
            case ("tags",) if repo.names or request.method == "GET":
                return self.lists.tags(request, identity, repo)
            case ("tags", name) if (held := repo.find(name)) is not None:
                return Answer(200, hub_json.encode(held.tag))
            case _:
                return NOT_FOUND

    def _shown(self, identity: Identity, space: str, short: str) -> Repo | None:
        """A repository, if the identity may see it."""
        repo = self._hub.find(f"{space}/{short}")
        is_private = repo is not None and repo.item.is_private
        is_hidden = is_private and not identity.may_see(space, f"{space}/{short}")
        return None if is_hidden else repo

    def _layers(self, identity: Identity, space: str, short: str, tag: str) -> Answer:
        """The images of a tag with their layers: undocumented; it does not count as a pull."""
        repo = self._shown(identity, space, short)
        held = repo.find(tag) if repo else None
        if held is None:
            return NOT_FOUND
        return Answer(200, hub_json.encode(_layered(held)))

    def _account(self, name: str, *, is_user: bool) -> Answer:
        """A user or an organisation, with few fields."""
        hub, home = self._hub, self._hub.namespaces.get(name)
        known_user = hub.accounts.is_user(name) or (home is not None and home.is_user)
        known_org = hub.accounts.is_organisation(name) or (home is not None and not known_user)
        if not (known_user if is_user else known_org and not known_user):
            return NOT_FOUND
        account = hub_json.Account(
            id=f"{user_number(name):032x}",
            username=name if is_user else UNSET,
            orgname=UNSET if is_user else name,
            full_name=name,
            type="User" if is_user else "Organization",
        )
        return Answer(200, hub_json.encode(account))

    def _audit_log(
        self, request: Request, identity: Identity, account: str, *, is_log: bool
    ) -> Answer:
        """The audit log of an account, for those who may read it; or the list of actions."""
        if identity.name is None:
            return refused(401, "unauthorized")
        if not self._hub.accounts.may_audit(identity, account):
            return refused(403, "access to the audit log is denied")
        if not is_log:
            return Answer(200, hub_json.encode({"actions": audit_log.ACTIONS}))
        wanted = audit_log.Wanted.of(request.params)
        until = audit_log.until(self._hub.clock.now(), self.lists.quirks.audit_lag)
        page = audit_log.page_of(self._hub.events, account, wanted, until)
        return Answer(200, hub_json.encode({"logs": page}))


def _detail(repo: Repo, identity: Identity) -> hub_json.RepositoryDetail:
    """A repository asked for by name, as the identity sees it."""
    is_ours = repo.item.namespace in identity.sees
    item = affiliated(repo.item) if is_ours else repo.item
    fields = {name: getattr(item, name) for name in item.__struct_fields__}
    return hub_json.RepositoryDetail(
        **fields,
        user=item.namespace,
        full_description=repo.full_description,
        permissions=hub_json.Permissions(write=is_ours, admin=is_ours),
        immutable_tags_settings=repo.immutable or hub_json.ImmutableTags(),
    )


def _layered(held: Held) -> tuple[hub_json.LayeredImage, ...]:
    """The images of a tag with their layers."""
    return tuple(
        hub_json.LayeredImage(
            architecture=image.architecture,
            variant=image.variant,
            digest=image.digest,
            layers=layers_of(image_key(held.key, number)),
            os=image.os,
            os_version=image.os_version,
            size=image.size,
            status=image.status,
            last_pulled=image.last_pulled,
            last_pushed=image.last_pushed,
        )
        for number, image in enumerate(held.tag.images)
    )
