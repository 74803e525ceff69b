"""Each row of docs/faults.md: what a crawl with this fault reports, and what it keeps."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from indexer.core.model import Mode
from indexer.hub_simulator import (
    Dropped,
    HtmlPage,
    ListCopy,
    ListQuirks,
    Quirks,
    Redirect,
    Reset,
    Stall,
    Status,
    Trickle,
    TruncatedGzip,
    TruncatedJson,
    hub_json,
)
from tests.faults.world import (
    ALL_TAGS,
    API,
    API_TAGS,
    CERTIFICATES,
    FOR_EVER,
    LISTING,
    OLD,
    WEB,
    World,
)
from tests.http.fake_server import Server, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.world import News, State

PAGE = Path(__file__).parent.parent.parent / "docs" / "faults.md"

PASSWORD = "s3cret"

Scenario = Callable[[World, ExitStack], None]
SCENARIOS: dict[str, Scenario] = {}


class Row(NamedTuple):
    """A row of the page."""

    name: str
    status: str
    exit: str
    says: str
    kept: str


def rows() -> Iterator[Row]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and cells[0] not in {"what happens", "---"}:
            yield Row(*cells)


def strikes(name: str, fault: object, match: str = API_TAGS, times: int = FOR_EVER) -> None:
    """A row in which a fault strikes some requests."""

    def scenario(world: World, _: ExitStack) -> None:
        world.simulator.inject(fault, match, times=times)  # type: ignore[arg-type] # any fault

    SCENARIOS[name] = scenario


def through(name: str) -> Callable[[Scenario], Scenario]:
    """A row that needs more than one fault."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS[name] = scenario
        return scenario

    return register


def log_in(world: World, stack: ExitStack, password: str) -> None:
    world.hub.accounts.add_user("me", PASSWORD, organisations=["acme"])
    world.keys |= {"username": "me", "password_env": "HUB_PASSWORD"}
    stack.enter_context(pytest.MonkeyPatch.context()).setenv("HUB_PASSWORD", password)


@through("401 in the middle of a crawl that is logged in")
def _(world: World, stack: ExitStack) -> None:
    log_in(world, stack, PASSWORD)
    world.simulator.before(3, world.hub.accounts.revoke_tokens)


@through("401 again with the new token")
def _(world: World, stack: ExitStack) -> None:
    log_in(world, stack, PASSWORD)
    world.simulator.inject(Status(401), ALL_TAGS, times=FOR_EVER)


@through("a wrong password")
def _(world: World, stack: ExitStack) -> None:
    log_in(world, stack, "wr0ng")


strikes("401 for a repository's tags, without an account", Status(401))
strikes("403 for a repository's tags", Status(403))
strikes("403 for the namespace", Status(403), LISTING)
strikes("404 for the namespace", Status(404), LISTING)
strikes("404 for the tags of a repository that is listed", Status(404))
strikes("408 once", Status(408), times=1)
strikes("408 for ever", Status(408))
strikes("503 once", Status(503), times=1)
strikes("503 for ever, for one repository", Status(503))
strikes("503 for ever, for everything", Status(503), "*")
strikes("a redirect of the Hub to another host", Redirect("https://registry.example.com/v2/"))
strikes("a redirect in a circle", Redirect("/v2/namespaces/acme/repositories/api/tags?page=1"))


def in_no_order(world: World) -> None:
    whims = ListQuirks(page_size=2, order="name")
    world.simulator.quirks = Quirks(repositories=whims, tags=whims)


@through("404 for a tag that an unordered list lacks")
def _(world: World, _: ExitStack) -> None:
    in_no_order(world)
    world.hub.delete_tag(API, "1.3", moves_date=True)


@through("403 for a tag that an unordered list lacks")
def _(world: World, _: ExitStack) -> None:
    in_no_order(world)
    world.hub.delete_tag(API, "1.3", moves_date=True)
    world.simulator.inject(Status(403), "GET */api/tags/1.3", times=FOR_EVER)


@through("a tag pushed again, listed without a digest, while the registry behind the Hub is down")
def _(world: World, _: ExitStack) -> None:
    world.hub.retag(API, "1.0")
    nameless = [{"os": "linux", "architecture": "amd64"}]
    others = (world.known(name) for name in ("1.1", "1.2", "1.3", "1.4", "2.0"))
    page = world.page(world.known("1.0") | {"digest": None, "images": nameless}, *others)
    world.simulator.inject(page, API_TAGS, times=FOR_EVER)
    world.keys["registry_url"] = world.simulator.url
    world.simulator.inject(Status(503), "HEAD *", times=FOR_EVER)


def limited(name: str, when: Callable[[World], tuple[str, str]], **more: object) -> None:
    """A row in which every second request is refused for the rate limit."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        fault = Status(429, b"<html>slow down</html>", (when(world),), **more)  # type: ignore[arg-type] # a content type
        for skipped in (0, 1, 2):
            world.simulator.inject(fault, skip=skipped)


SOON = timedelta(seconds=7)

limited("429 with Retry-After in seconds", lambda _: ("Retry-After", "7"))
limited(
    "429 with Retry-After as a date",
    lambda world: ("Retry-After", format_datetime(world.hub.clock.now() + SOON, usegmt=True)),
)
limited(
    "429 with X-Retry-After as unix time",
    lambda world: ("X-Retry-After", str(int((world.hub.clock.now() + SOON).timestamp()))),
)
limited(
    "429 that does not say until when, as HTML",
    lambda _: ("X-Nothing", "said"),
    content_type="text/html",
)
TOMORROW = Status(429, headers=(("Retry-After", "86400"),))
strikes("429 that wants more patience than is configured, at once", TOMORROW, "*")
strikes("429 that wants more patience than is configured, in the middle", TOMORROW, ALL_TAGS)


@through("the connection is refused")
def _(world: World, _: ExitStack) -> None:
    world.simulator.stop()


strikes("a reset, once", Reset(), times=1)
strikes("a reset for ever", Reset())


def slow(name: str, fault: object) -> None:
    """A row in which our time-out has to end an answer: once, for it takes real time."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        world.http |= {"timeout": "1s", "tries": 1}
        world.simulator.inject(fault, API_TAGS, times=FOR_EVER)  # type: ignore[arg-type] # any fault


slow("an answer that stalls", Stall("middle"))
slow("an answer that trickles, a byte a second", Trickle(pieces=1_000))


def secured(name: str, certificate: str, *, trusted: bool) -> None:
    """A row in which a server cannot prove who it is."""

    @through(name)
    def _(world: World, stack: ExitStack) -> None:
        server = stack.enter_context(Server(lambda _: ok({}), context=tls(certificate)))
        world.keys["hub_url"] = server.url
        if trusted:
            world.keys["ca_file"] = str(CERTIFICATES / "ca.pem")


def tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    return context


secured("a certificate of an unknown issuer", "good", trusted=False)
secured("a certificate of another name", "other", trusted=True)
secured("a certificate that has expired", "expired", trusted=True)


def by_proxy(name: str, **environment: str) -> None:
    @through(name)
    def _(_: World, stack: ExitStack) -> None:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for variable, value in environment.items():
            patch.setenv(variable, value)


NOBODY = "http://127.0.0.1:9"  # the discard protocol, which nobody serves
by_proxy("a proxy that is down", HTTP_PROXY=NOBODY)
by_proxy("a proxy that NO_PROXY exempts", HTTP_PROXY=NOBODY, NO_PROXY="127.0.0.0/8")

strikes("JSON that is cut short, once", TruncatedJson(), times=1)
strikes("JSON that is cut short, for ever", TruncatedJson())
strikes("gzip that is cut short", TruncatedGzip())
strikes("a body shorter than its length", Dropped())
strikes("HTML with 200", HtmlPage())
strikes("JSON of another shape", Status(200, b'{"results": {"name": "latest"}}'))
strikes("a page of 50 MB", Status(200, b'{"results": "' + b"x" * 50_000_000 + b'"}'))
strikes(
    "a gzip bomb", Status(200, gzip.compress(bytes(50_000_000)), (("Content-Encoding", "gzip"),))
)
strikes("JSON nested 100,000 deep", Status(200, b'{"results": ' + b"[" * 100_000))


def whimsical(name: str, **whims: object) -> None:
    """A row in which every list has its whims."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        lists = ListQuirks(**whims)  # type: ignore[arg-type] # as each row has them
        world.simulator.quirks = Quirks(repositories=lists, tags=lists)


whimsical("a count that is wrong by a constant", count_offset=3)
whimsical("a count that is wrong by chance", count_offset=count(1).__next__)
whimsical("a list in the opposite order", order="reversed", page_size=2)
whimsical("a list in no order", order="name", page_size=2)
whimsical("pages of two, whatever is asked for", page_size=2)


def emptied(name: str, status: int) -> None:
    """A row in which the namespace shows nothing, and what is said of itself."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        world.simulator.inject(world.page(), LISTING, times=FOR_EVER)
        for kind in ("users", "orgs"):
            world.simulator.inject(Status(status), f"GET /v2/{kind}/*", times=FOR_EVER)


emptied("an empty list, and 404 for the namespace itself", 404)
emptied("an empty list, and 503 for the namespace itself", 503)


def emptied_tags(name: str, times: int) -> None:
    """A row in which a list of tags is empty, and each tag is there."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        world.simulator.inject(world.page(), "GET */api/tags[?]*", times=times)


emptied_tags("an empty answer to a list of tags, once", 1)
emptied_tags("an empty answer to a list of tags, for ever", FOR_EVER)


LONG_AGO = {"last_updated": "2025-01-01T00:00:00Z"}


def old_tags(world: World) -> Status:
    """The tags of `acme/api`, one of them with an earlier date than it had."""
    first, *others = (world.known(name) for name in world.before[API])
    return world.page(first | LONG_AGO, *others)


@through("an old copy of a list of tags, once")
def _(world: World, _: ExitStack) -> None:
    world.simulator.inject(old_tags(world), API_TAGS)


@through("an old copy of a list of tags, for ever")
def _(world: World, _: ExitStack) -> None:
    world.simulator.inject(old_tags(world), API_TAGS, times=FOR_EVER)


@through("the date of a tag goes back, and another tag is pushed to")
def _(world: World, _: ExitStack) -> None:
    first, *others = (world.known(name) for name in (*world.before[API], "2.0"))
    world.simulator.inject(world.page(first | LONG_AGO, *others), API_TAGS, times=FOR_EVER)


@through("an old copy of the list of repositories")
def _(world: World, _: ExitStack) -> None:
    items = [{"name": name} | LONG_AGO for name in ("api", "web", "old")]
    world.simulator.inject(world.page(*items), LISTING, times=FOR_EVER)


@through("a list of tags that lags behind its repository's date")
def _(world: World, _: ExitStack) -> None:
    copy = ListCopy.of(world.hub)
    world.hub.clock.advance(3600)
    world.hub.push(API, "2.1")
    world.simulator.serve_copy(copy, ["tags"], times=FOR_EVER)


@through("a list of tags that lacks the second of two pushes in a minute")
def _(world: World, _: ExitStack) -> None:
    world.hub.clock.advance(3600)
    world.hub.push(API, "2.1")
    copy = ListCopy.of(world.hub)
    world.hub.clock.advance(20)
    world.hub.push(API, "2.2")
    world.simulator.serve_copy(copy, ["tags"], times=FOR_EVER)


@through("a list of tags that shows one that was removed")
def _(world: World, _: ExitStack) -> None:
    removed = world.tag("0.9", "2025-01-01T00:00:00Z")
    world.simulator.inject(world.with_known(removed), "GET */api/tags[?]*", times=FOR_EVER)


@through("a list of tags that shows one that was pushed to and removed between two crawls")
def _(world: World, _: ExitStack) -> None:
    world.hub.retag(API, "1.4")
    copy = ListCopy.of(world.hub)
    world.hub.delete_tag(API, "1.4", moves_date=True)
    world.crawl()
    world.mode = Mode.VERIFY
    world.simulator.serve_copy(copy, ["tags"], times=FOR_EVER)


def listed(name: str, make: Callable[[World], Status], match: str = API_TAGS) -> None:
    """A row in which a list is what `make` says."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        world.simulator.inject(make(world), match, times=FOR_EVER)


TAGS_OF_API = "/v2/namespaces/acme/repositories/api/tags"


@through("pages that repeat in a circle")
def _(world: World, _: ExitStack) -> None:
    again = f"{world.simulator.url}{TAGS_OF_API}?page=2"
    for name, match in (("1.1", "GET */api/tags?page=2"), ("1.0", API_TAGS)):
        page = world.page(world.known(name), count=6, following=again)
        world.simulator.inject(page, match, times=FOR_EVER)


listed(
    "an empty page that is not the last",
    lambda world: world.page(count=6, following=f"{world.simulator.url}{TAGS_OF_API}?page=2"),
)
listed(
    "an item that comes twice",
    lambda world: world.page(world.known("1.0"), world.known("1.0")),
)
listed(
    "a repository that exists, and that the list leaves out",
    lambda world: world.page(
        *(json.loads(hub_json.encode(world.hub.repo(name).item)) for name in (API, OLD))
    ),
    LISTING.replace("?", "[?]"),
)


def leads_to(name: str, base: str) -> None:
    """A row in which `next` names another address than the one that is asked."""

    @through(name)
    def _(world: World, _: ExitStack) -> None:
        whims = ListQuirks(page_size=2, next_base=base)
        world.simulator.quirks = Quirks(repositories=whims, tags=whims)


leads_to("a next page on another host", "https://hub.example.com")
leads_to("a next page on plain http", "http://hub.docker.com")
listed(
    "a next page without a query",
    lambda world: world.page(world.known("1.0"), count=6, following="https://hub.example.com/"),
)


listed(
    "dates that are null, zero, nonsense or far away",
    lambda world: world.with_known(
        world.tag("null", None),
        world.tag("zero", "0001-01-01T00:00:00Z"),
        world.tag("nonsense", "yesterday"),
        world.tag("future", "2199-01-01T00:00:00Z"),
    ),
)
listed(
    "dates with nanoseconds, with a zone and without",
    lambda world: world.with_known(
        world.tag("nano", "2026-06-01T00:00:00.123456789Z"),
        world.tag("zone", "2026-06-01T02:00:00+02:00"),
        world.tag("none", "2026-06-01T00:00:00"),
    ),
)
listed(
    "tags without images, and images without digests",
    lambda world: world.with_known(
        world.tag("none", images=[], digest=None),
        world.tag("null", images=None),
        world.tag("bare", digest=None, images=[{"os": "linux", "architecture": "amd64"}]),
    ),
)
listed(
    "digests that are none",
    lambda world: world.with_known(
        world.tag("text", digest="latest"),
        world.tag("short", digest="sha256:abc"),
        world.tag("number", digest=7, images=[{"os": "linux", "digest": "sha256:"}]),
    ),
)
listed(
    "a tag of 128 characters, and one of 129",
    lambda world: world.with_known(world.tag("t" * 128), world.tag("t" * 129)),
)


@through("a repository of 255 characters, and one of 300")
def _(world: World, _: ExitStack) -> None:
    names = ("r" * 250, "r" * 295)
    items = [{"name": name, "last_updated": "2026-01-01T00:00:00Z"} for name in names]
    world.simulator.inject(world.page(*items), LISTING, times=FOR_EVER)
    world.simulator.inject(world.page(), f"GET */{names[0]}/tags?*", times=FOR_EVER)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with World(tmp_path).open() as world:
        yield world


def test_every_row_has_a_scenario_and_every_scenario_has_a_row() -> None:
    assert sorted(row.name for row in rows()) == sorted(SCENARIOS)


@pytest.mark.parametrize("expected", [*rows()], ids=lambda row: row.name)
def test_a_crawl_in_trouble_says_so_and_the_next_ones_repair_what_is_left(
    world: World, expected: Row
) -> None:
    """Trouble changes nothing that was not seen; and what is repaired is told once."""
    with ExitStack() as stack:
        SCENARIOS[expected.name](world, stack)
        status, code, sentences = world.told()
        assert (status, str(code)) == (expected.status, expected.exit), sentences
        assert expected.says in sentences
        assert bool(sentences) == (status != "complete" or bool(expected.says))
    only_what_was_seen_has_changed(world, expected)
    world.mend()
    done = world.crawl()
    assert done.status == "complete", done.errors
    done = world.crawl(Mode.FULL)
    assert done.status == "complete", done.errors
    truth = world.truth()
    assert world.indexed() == truth
    if not is_invented(expected):
        assert sorted(world.news()) == sorted(differences(world, truth))
    assert world.replayed() == truth


def only_what_was_seen_has_changed(world: World, expected: Row) -> None:
    truth, indexed = world.truth(), world.indexed()
    if not is_invented(expected):
        for name, tags in indexed.items():
            before = world.before[name]
            assert all(
                digest in {before.get(tag), truth[name].get(tag)} for tag, digest in tags.items()
            )
    if expected.kept == "all":
        assert indexed == world.before
    if expected.kept == "one repository":
        assert indexed[API] == world.before[API]
        assert indexed[WEB] == truth[WEB]


def is_invented(row: Row) -> bool:
    """Whether the row shows items that the hub does not have."""
    return row.name in PAGE.read_text(encoding="utf-8").partition("## Items")[2]


def differences(world: World, truth: State) -> Iterator[News]:
    """What the change log has to hold, once each."""
    for name, tags in truth.items():
        before = world.before.get(name, {})
        for tag in tags.keys() | before.keys():
            old, new = before.get(tag), tags.get(tag)
            if old == new:
                continue
            kind = "tag_added" if old is None else "tag_removed" if new is None else "tag_retagged"
            yield kind, name, tag, old, new
