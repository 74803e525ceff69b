"""Registries whose lists and manifests are elsewhere, and answers that must lead nowhere."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from indexer.core.errors import SourceError, Unreadable
from indexer.core.model import CrawlStatus
from indexer.crawl.wanted_names import WantedNames
from indexer.http import AddressClass, HttpClient
from indexer.sources.oci.source import OciSource
from tests.http.fake_server import Reply, Server, ok
from tests.http.test_tls_and_proxies import CA, secured
from tests.sources.oci import images
from tests.sources.oci.crawls import Crawler
from tests.sources.oci.images import Recipe
from tests.sources.oci.simulated import APP, ME
from tests.sources.oci.test_hostile import Bench, wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from indexer.core.secret import Credentials
    from indexer.http import Origin
    from tests.http.fake_server import Asked

MADE = Recipe().made()
PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.1"


class SecureBench(Bench):
    """Trusts our authority elsewhere."""

    def other(self, origin: Origin) -> HttpClient:
        self.elsewhere.append(origin)
        return HttpClient(
            origin.url, clock=self.clock, chance=lambda: 1.0, timeout=5, tries=1, ca_file=CA
        )


@pytest.fixture
def make() -> Iterator[Callable[..., SecureBench]]:
    made: list[SecureBench] = []

    def build(
        answer: Callable[[Asked], Reply], account: Credentials | None = None, **options: bool
    ) -> SecureBench:
        made.append(SecureBench(answer, account, **options))
        return made[-1]

    yield build
    for bench in made:
        bench.close()


def serving(asked: Asked) -> Reply:
    """What stands behind registry.k8s.io."""
    if asked.path.endswith("/tags/list"):
        return ok({"name": "pause", "tags": ["3.9"], "manifest": {}, "child": []})
    if "/blobs/" in asked.path:
        return Reply(200, MADE.blobs[0])
    headers = {"Content-Type": MADE.media_type, "Docker-Content-Digest": MADE.digest}
    return Reply(200, b"" if asked.method == "HEAD" else MADE.body, headers)


def leading(to: str, *, status: int = 307) -> Callable[[Asked], Reply]:
    """Send everything on to another place, under another path."""
    return lambda asked: Reply(status, headers={"Location": f"{to}/images{asked.target}"})


def test_lists_and_manifests_are_read_through_redirects_without_credentials(
    make: Callable[..., SecureBench], caplog: pytest.LogCaptureFixture
) -> None:
    """registry.k8s.io answers everything with 307."""
    caplog.set_level(logging.DEBUG, "indexer.oci")
    with Server(serving, context=secured("good")) as other:
        bench = make(leading(other.url), account=ME)
        page = bench.api.tags(APP, None)
        head, manifest = bench.api.head(APP, "3.9"), bench.api.manifest(APP, "3.9")
        assert page is not None
        assert head is not None
        assert manifest is not None
        assert (page.names.items, head.digest, manifest.body) == (("3.9",), MADE.digest, MADE.body)
        assert {each.path.partition("/v2/")[0] for each in other.asked} == {"/images"}
        assert {each.method for each in other.asked} == {"GET", "HEAD"}
        assert not any("authorization" in each.headers for each in other.asked)
        assert f"{bench.server.url} redirects to {other.url} (307)" in caplog.text


def test_a_registry_that_only_redirects_is_crawled(make: Callable[..., SecureBench]) -> None:
    with Server(serving, context=secured("good")) as other:
        bench = make(leading(f"{other.url}/v2/k8s-artifacts-prod"))
        crawler = Crawler()
        source = OciSource(bench.connection, registry="registry.test", wanted=WantedNames((APP,)))
        done = crawler.crawl(source)
        assert (done.status, done.errors) == (CrawlStatus.COMPLETE, ())
        assert crawler.known(source) == {APP: {"3.9": MADE.digest}}
        assert other.targets[0] == f"/v2/k8s-artifacts-prod/images/v2/{APP}/tags/list?n=1000"


def test_three_redirects_are_followed_and_no_fourth(make: Callable[..., SecureBench]) -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.target.rpartition("hop=")[2] or 0) if "hop=" in asked.target else 0
        if number == hops:
            return serving(asked)
        return Reply(307, headers={"Location": f"{asked.path}?hop={number + 1}"})

    bench = make(answer)
    for hops, is_read in ((3, True), (4, False)):  # noqa: B007 - `answer` reads it
        if is_read:
            assert bench.api.manifest(APP, "1") is not None
        else:
            with pytest.raises(Unreadable, match="more than 3 times for a manifest of "):
                bench.api.manifest(APP, "1")


@pytest.mark.parametrize("kind", ["manifest", "head", "tags", "blob"])
def test_without_insecure_nothing_leads_to_plain_http(
    make: Callable[..., SecureBench], kind: str
) -> None:
    with Server(serving) as other:
        bench = make(leading(other.url.replace("127.0.0.1", "localhost")), account=ME)
        with pytest.raises(Unreadable, match=r"redirects to http://localhost.*not followed"):
            ask(bench, kind)
        assert not other.asked


def test_with_insecure_a_list_leads_to_http_and_content_only_to_the_registrys_own_host(
    make: Callable[..., SecureBench],
) -> None:
    with Server(serving) as other:
        away = other.url.replace("127.0.0.1", "localhost")
        bench = make(leading(away), account=ME, insecure=True)
        for kind in ("manifest", "head", "tags"):
            assert ask(bench, kind)
        with pytest.raises(Unreadable, match="for a configuration, which is not followed"):
            ask(bench, "blob")
        own = make(leading(other.url), account=ME, insecure=True)
        assert ask(own, "blob") == MADE.blobs[0]
        assert not any("authorization" in each.headers for each in other.asked)


@pytest.mark.parametrize("kind", ["manifest", "head", "tags", "blob"])
@pytest.mark.parametrize("from_", [PUBLIC, PRIVATE])
def test_nothing_leads_from_a_public_or_private_address_to_this_machine(
    make: Callable[..., SecureBench], kind: str, from_: str
) -> None:
    with Server(serving, context=secured("good")) as other:
        bench = make(leading(other.url), account=ME)
        bench.connection.client.gate.note(from_)
        with pytest.raises(Unreadable, match="it has a loopback address, and an answer from a"):
            ask(bench, kind)
        assert (other.asked, other.connections) == ([], 0)


def test_what_was_led_far_is_not_led_back(make: Callable[..., SecureBench]) -> None:
    """A private registry may lead to the internet, and that must not lead back inside."""
    with Server(serving, context=secured("good")) as inner:
        bench = make(serving)
        origin = bench.connection.client.origin._replace(scheme="https", port=inner.port)
        client = bench.connection.at(origin, AddressClass.PUBLIC)
        assert client is not bench.connection.at(origin)
        assert client is bench.connection.at(origin, AddressClass.PUBLIC)


def test_a_token_service_is_judged_as_well_unless_it_is_configured(
    make: Callable[..., SecureBench],
) -> None:
    with Server(lambda _: ok({"token": "t"}), context=secured("good")) as service:
        away = service.url.replace("127.0.0.1", "localhost")
        bench = make(lambda _: wants(f'Bearer realm="{away}/token",service="s"'))
        bench.connection.client.gate.note(PUBLIC)
        with pytest.raises(Unreadable, match=r"a loopback address.* configure it as 'realm'"):
            bench.api.tags(APP, None)
        assert service.connections == 0
        named = make(
            lambda _: wants(f'Bearer realm="{away}/token",service="s"'),
            realm=bench.elsewhere[-1],
        )
        named.connection.client.gate.note(PUBLIC)
        with pytest.raises(SourceError):  # its token is refused, but it was asked for
            named.api.tags(APP, None)
        assert service.connections == 1


def ask(bench: Bench, kind: str) -> object:
    if kind == "blob":
        return bench.api.blob(APP, images.sha256(MADE.blobs[0]))
    if kind == "tags":
        return bench.api.tags(APP, None)
    return bench.api.head(APP, "1") if kind == "head" else bench.api.manifest(APP, "1")
