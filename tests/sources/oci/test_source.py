"""The source against Debian's docker-registry: what it lists, and what that costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.errors import Denied, LoginFailed, Unavailable
from indexer.core.secret import Credentials, Secret
from indexer.crawl.listing import PageRequest
from indexer.crawl.wanted_names import WantedNames
from indexer.http import HttpClient
from indexer.manifests import media_types
from indexer.manifests.manifest_digest import digest_of
from indexer.sources.oci.connection import Connection
from indexer.sources.oci.source import OciSource
from indexer.sources.oci.tag_selection import TagSelection
from tests.http.fake_server import FakeClock
from tests.sources.oci import images
from tests.sources.oci.images import Recipe
from tests.sources.oci.real_registry import RealRegistry, counted, skopeo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from indexer.http import Origin
    from indexer.sources.oci.name_lists import NamesPage
    from tests.sources.oci.token_service import TokenService

ME = Credentials("me", Secret("secret"))
FIRST = PageRequest()
EVERYTHING = TagSelection()


class Bench:
    """Connections to a registry, closed at the end."""

    def __init__(self) -> None:
        self.open: list[Connection] = []
        self.clock = FakeClock()

    def connect(
        self, registry: RealRegistry, credentials: Credentials | None = None, **options: Any
    ) -> Connection:
        def client(url: str) -> HttpClient:
            return HttpClient(url, clock=self.clock, chance=lambda: 1.0, timeout=10)

        def elsewhere(origin: Origin) -> HttpClient:
            return client(origin.url)

        connection = Connection(
            client(registry.url), credentials, self.clock, elsewhere=elsewhere, **options
        )
        self.open.append(connection)
        return connection

    def source(
        self,
        registry: RealRegistry,
        credentials: Credentials | None = None,
        *,
        repositories: Sequence[str] = ("*",),
        tags: Sequence[str] = (),
        selection: TagSelection = EVERYTHING,
        **options: Any,
    ) -> OciSource:
        return OciSource(
            self.connect(registry, credentials, **options),
            registry=registry.name,
            wanted=WantedNames(tuple(repositories), tuple(tags)),
            selection=selection,
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for connection in made.open:
        connection.close()


def fill(registry: RealRegistry, repositories: int, tags: int) -> None:
    """Repositories with tags, four to a digest."""

    def push(number: int) -> None:
        for first in range(0, tags, 4):
            names = [f"v1.{tag}" for tag in range(first, min(first + 4, tags))]
            made = Recipe(layers=0, more={"comment": f"{number}/{first}"}).made()
            registry.push(made, f"team/app{number}", *names)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(push, range(repositories)))


def crawl(source: OciSource) -> dict[str, dict[str, str | None]]:
    """Read everything that a crawl reads."""
    found: dict[str, dict[str, str | None]] = {}
    ask: PageRequest | None = FIRST
    while ask is not None:
        page = source.repositories("*", ask)
        assert page is not None
        assert not page.rejected
        for item in page.items:
            tags = source.tags(item.name, FIRST)
            assert tags is not None
            assert tags.next is None
            listed = {tag.name: tag for tag in tags.items}
            resolved = source.resolve(item.name, listed, {})
            assert not resolved.problems
            found[item.name] = {name: resolved.tags[name].digest for name in listed}
        ask = PageRequest(page.next) if page.next else None
    return found


def test_a_crawl_costs_a_list_for_each_repository_and_a_head_for_each_tag(
    registry: RealRegistry, bench: Bench
) -> None:
    fill(registry, 10, 10)
    source = bench.source(registry)
    found = crawl(source)
    assert len(found) == 10
    assert {len(tags) for tags in found.values()} == {10}
    assert counted(registry.asked()) == {"GET catalog": 1, "GET list": 10, "HEAD manifest": 100}
    assert source.spent.requests == 111


def test_with_basic_authentication_it_costs_the_same(locked: RealRegistry, bench: Bench) -> None:
    fill(locked, 10, 10)
    source = bench.source(locked, ME)
    assert len(crawl(source)) == 10
    assert counted(locked.asked()) == {"GET catalog": 1, "GET list": 10, "HEAD manifest": 100}
    assert source.identity == "me"


def pushing(*names: str) -> list[dict[str, Any]]:
    """What a token must allow to push to these repositories."""
    actions = ["pull", "push"]
    return [{"type": "repository", "name": name, "actions": actions} for name in names]


def test_with_tokens_it_costs_three_requests_more_the_catalog_included(
    guarded: RealRegistry, tokens: TokenService, bench: Bench
) -> None:
    names = [f"team/app{number}" for number in range(10)]
    guarded.bearer = tokens.sign("me", pushing(*names))
    fill(guarded, 10, 10)
    source = bench.source(guarded, ME)
    assert len(crawl(source)) == 10
    assert counted(guarded.asked()) == {
        "GET catalog 401": 1,
        "GET catalog": 1,
        "GET list": 10,
        "HEAD manifest": 100,
    }
    assert tokens.scopes == [
        ["registry:catalog:*"],
        [f"repository:{name}:pull" for name in names],
    ]
    assert source.spent.requests == 10 + 100 + 4


def test_named_repositories_are_crawled_without_the_catalog(
    guarded: RealRegistry, tokens: TokenService, bench: Bench
) -> None:
    names = [f"team/app{number}" for number in range(2)]
    guarded.bearer = tokens.sign("me", pushing(*names))
    fill(guarded, 2, 4)
    source = bench.source(guarded, ME, repositories=names)
    assert set(crawl(source)) == set(names)
    assert counted(guarded.asked()) == {"GET list 401": 1, "GET list": 2, "HEAD manifest": 8}
    assert source.spent.requests == 2 + 8 + 2


def test_a_token_is_fetched_anew_when_it_has_ended(
    guarded: RealRegistry, tokens: TokenService, bench: Bench
) -> None:
    guarded.bearer = tokens.sign("me", pushing("team/app0"))
    fill(guarded, 1, 1)
    tokens.seconds = 100
    source = bench.source(guarded, ME, repositories=["team/app0"])
    assert source.tag("team/app0", "v1.0")
    bench.clock.advance(80)
    assert source.tag("team/app0", "v1.0")
    assert len(tokens.asked) == 1
    bench.clock.advance(15)
    assert source.tag("team/app0", "v1.0")
    assert len(tokens.asked) == 2
    assert counted(guarded.asked()) == {"HEAD manifest 401": 1, "HEAD manifest": 3}


def test_where_a_service_grants_one_scope_at_a_time_it_is_asked_so(
    guarded: RealRegistry, tokens: TokenService, bench: Bench
) -> None:
    names = [f"team/app{number}" for number in range(3)]
    guarded.bearer = tokens.sign("me", pushing(*names))
    fill(guarded, 3, 1)
    tokens.most_scopes = 1
    assert set(crawl(bench.source(guarded, ME, repositories=names))) == set(names)
    assert [len(scopes) for scopes in tokens.scopes] == [3, 1, 1, 1]


def test_anybody_sees_what_is_public(
    guarded: RealRegistry, tokens: TokenService, bench: Bench
) -> None:
    guarded.bearer = tokens.sign("me", pushing("team/app0", "team/app1"))
    fill(guarded, 2, 1)
    tokens.public = {"team/app0"}
    source = bench.source(guarded, repositories=["team/app0", "team/app1"])
    page = source.repositories("*", FIRST)
    assert page is not None
    assert [(item.name, item.private) for item in page.items] == [
        ("team/app0", False),
        ("team/app1", False),
    ]
    assert source.tags("team/app0", FIRST)
    with pytest.raises(Denied, match=r"refuses to show 'team/app1' \(401\): configure 'username'"):
        source.tags("team/app1", FIRST)


@pytest.mark.parametrize("kind", ["locked", "guarded"])
def test_a_wrong_password_is_told_once_and_not_tried_again(
    kind: str, request: pytest.FixtureRequest, bench: Bench, tokens: TokenService
) -> None:
    registry: RealRegistry = request.getfixturevalue(kind)
    wrong = Credentials("me", Secret("wrong"), "the variable PASSWORD")
    source = bench.source(registry, wrong)
    for _ in range(2):
        with pytest.raises(LoginFailed, match="the username or password of 'me': check"):
            source.repositories("*", FIRST)
    assert len(tokens.asked) == (kind == "guarded")


@pytest.mark.parametrize("kind", ["locked", "guarded"])
def test_without_an_account_the_catalog_is_refused_with_the_remedy(
    kind: str, request: pytest.FixtureRequest, bench: Bench
) -> None:
    registry: RealRegistry = request.getfixturevalue(kind)
    with pytest.raises(Denied, match=r"refuses to show its catalog \(401\): configure 'username'"):
        bench.source(registry).repositories("*", FIRST)


def test_what_is_seen_with_an_account_is_taken_for_private(
    locked: RealRegistry, bench: Bench
) -> None:
    fill(locked, 1, 1)
    page = bench.source(locked, ME).repositories("*", FIRST)
    assert page is not None
    assert [item.private for item in page.items] == [True]


def test_a_catalog_of_several_pages_is_followed_by_name(tmp_path: Path, bench: Bench) -> None:
    with RealRegistry(tmp_path, most=3) as registry:
        fill(registry, 8, 1)
        source = bench.source(registry)
        assert len(crawl(source)) == 8
        first = source.repositories("*", FIRST)
        assert first is not None
        assert first.after == first.items[-1].name
        targets = [each.target for each in registry.asked() if "_catalog" in each.target]
    assert targets[:5] == [
        "/v2/_catalog?n=1000",
        "/v2/_catalog?n=100",
        "/v2/_catalog",
        "/v2/_catalog?last=team%2Fapp2&n=3",
        "/v2/_catalog?last=team%2Fapp5&n=3",
    ]


def test_globs_choose_from_the_catalog(registry: RealRegistry, bench: Bench) -> None:
    fill(registry, 3, 1)
    registry.push(Recipe(layers=0).made(), "base", "1")
    assert set(crawl(bench.source(registry, repositories=["team/app[02]", "base"]))) == {
        "base",
        "team/app0",
        "team/app2",
    }


def test_a_named_repository_that_is_not_there_is_told_and_costs_one_request(
    registry: RealRegistry, bench: Bench
) -> None:
    fill(registry, 1, 1)
    source = bench.source(registry, repositories=["team/app0", "team/typo"])
    page = source.repositories("*", FIRST)
    assert page is not None
    assert [item.name for item in page.items] == ["team/app0"]
    assert (page.rejected, page.absent) == ((), ("team/typo",))
    assert source.tags("team/app0", FIRST)
    assert counted(registry.asked()) == {"GET list": 1, "GET list 404": 1}
    # What the index knows is asked for again: one 404 removes nothing.
    assert source.repository("team/typo") is None
    assert counted(registry.asked()) == {"GET list": 1, "GET list 404": 2}


def test_named_repositories_of_which_none_answers_are_not_listed(
    registry: RealRegistry, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(registry, 1, 1)
    names = ["team/app0", "team/app1"]
    source = bench.source(registry, repositories=names)
    asked: list[str] = []
    ask = source.api.tags

    def tags(name: str, cursor: str | None, *, proves_end: bool) -> NamesPage | None:
        asked.append(name)
        if name in unreachable:
            raise Unavailable(f"no answer for {name}")
        return ask(name, cursor, proves_end=proves_end)

    monkeypatch.setattr(source.api, "tags", tags)
    unreachable = ["team/app1"]
    page = source.repositories("*", FIRST)
    assert page is not None
    assert [item.name for item in page.items] == names  # the configuration's; it is pending
    assert sorted(asked) == names
    unreachable = names
    with pytest.raises(Unavailable):
        source.repositories("*", FIRST)


def test_a_listed_repository_that_is_unknown_when_opened_has_no_tags_and_proves_nothing(
    registry: RealRegistry, bench: Bench
) -> None:
    registry.push(Recipe().made(), "only/digests")
    source = bench.source(registry)
    page = source.tags("only/digests", FIRST)
    assert page is not None
    assert (page.items, page.proves_absence) == ((), False)


def test_a_repository_without_tags_is_there(registry: RealRegistry, bench: Bench) -> None:
    digest = registry.push(Recipe().made(), "team/app", "1", "2")
    registry.delete("team/app", digest)
    source = bench.source(registry)
    page = source.tags("team/app", FIRST)
    assert page is not None
    assert page.items == ()
    assert source.repository("team/app")


def test_a_tag_that_goes_between_the_list_and_its_digest_dangles(
    registry: RealRegistry, bench: Bench
) -> None:
    old = registry.push(Recipe(text="old").made(), "team/app", "old")
    registry.push(Recipe(text="new").made(), "team/app", "new")
    source = bench.source(registry)
    page = source.tags("team/app", FIRST)
    assert page is not None
    registry.delete("team/app", old)
    resolved = source.resolve("team/app", {tag.name: tag for tag in page.items}, {})
    assert (set(resolved.tags), resolved.dangling) == ({"new"}, ("old",))


def test_only_what_is_selected_is_asked_for(registry: RealRegistry, bench: Bench) -> None:
    registry.push(Recipe().made(), "team/app", "v1", "v2", "v3", "latest", "sha-1")
    source = bench.source(registry, tags=("v*", "latest"), selection=TagSelection(newest=3, most=2))
    page = source.tags("team/app", FIRST)
    assert page is not None
    assert sorted(tag.name for tag in page.items) == ["latest", "v1", "v2", "v3"]
    resolved = source.resolve("team/app", {tag.name: tag for tag in page.items}, {})
    assert set(resolved.tags) == {"latest", "v3"}
    (problem,) = resolved.problems
    assert problem.startswith("only the digests of the 2 newest of its 3 tags were read")
    assert source.wants("team/app", "v9")
    assert not source.wants("team/app", "sha-2")


def test_a_digest_says_what_a_tag_points_to(registry: RealRegistry, bench: Bench) -> None:
    made = images.index(Recipe().made(), images.attestation(Recipe().made()))
    registry.push(made, "team/app", "1")
    tag = bench.source(registry).tag("team/app", "1")
    assert tag is not None
    assert (tag.digest, tag.media_type) == (made.digest, made.media_type)


def test_the_digest_of_signed_schema_1_is_the_registrys_own(
    registry: RealRegistry, bench: Bench, tmp_path: Path
) -> None:
    registry.push(Recipe(docker=True).made(), "team/app", "new")
    address = f"docker://{registry.name}/team/app"
    skopeo("copy", "--src-tls-verify=false", f"{address}:new", f"dir:{tmp_path / 'copy'}")
    to = f"{address}:old"
    skopeo("copy", "--dest-tls-verify=false", "--format=v2s1", f"dir:{tmp_path / 'copy'}", to)
    source = bench.source(registry)
    head = source.api.head("team/app", "old")
    manifest = source.api.manifest("team/app", "old")
    assert head
    assert manifest
    assert head.digest == manifest.digest == digest_of(manifest.body)
    assert head.media_type == media_types.SCHEMA1_SIGNED
    again = source.api.manifest("team/app", head.digest)
    assert again
    assert again.body != manifest.body  # it signs anew for each answer
    assert again.digest == head.digest


def test_a_manifest_and_its_configuration_are_verified(
    registry: RealRegistry, bench: Bench
) -> None:
    made = Recipe().made()
    registry.push(made, "team/app", "1")
    api = bench.source(registry).api
    manifest = api.manifest("team/app", "1")
    assert manifest
    assert (manifest.digest, manifest.body) == (made.digest, made.body)
    assert api.blob("team/app", images.sha256(made.blobs[0])) == made.blobs[0]
    assert api.manifest("team/app", "sha256:" + "0" * 64) is None
    assert api.blob("team/app", "sha256:" + "0" * 64) is None
