"""Tags that tools keep are left out unless they are asked for, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from indexer.catalog.answers import RepositoryKey
from indexer.core.catalog_entries import ChangeFilter
from indexer.manifests.companion_tags import asks_for_companions, is_companion
from tests.store.scribe import Scribe, tag

if TYPE_CHECKING:
    from indexer.store import Store

HEX = "0a" * 32
SIGNATURE, LIST = f"sha256-{HEX}.sig", f"sha256-{HEX}"
NAMES = [
    LIST,
    SIGNATURE,
    f"{LIST}.att",
    f"{LIST}.sbom",
    f"{LIST}.cosign.v3",
    f"{LIST}.",
    f"{LIST}-1",
    f"{LIST}{HEX}",
    f"{LIST}{HEX}.sig",
    f"{LIST}0a",
    f"sha512-{HEX}",
    f"sha512-{HEX}{HEX}.att",
    f"sha384-{HEX}",
    f"sha256-{HEX[:-1]}g",
    f"sha256-{HEX.upper()}",
    f"x{SIGNATURE}",
    "sha-4e83c1a",
    "latest",
]
NGINX = RepositoryKey("docker.io", "library/nginx")


@pytest.fixture
def signed(store: Store) -> Store:
    """A repository whose image is signed after the baseline, and a signature that is rewritten."""
    scribe = Scribe(store.archive)
    scribe.crawl({"nginx": [tag("1", "a")]})
    scribe.now += timedelta(days=1)
    scribe.crawl({"nginx": [tag("1", "b"), tag(SIGNATURE, "s"), tag(LIST, "l")]})
    scribe.now += timedelta(days=1)
    scribe.crawl({"nginx": [tag("1", "b"), tag(SIGNATURE, "t"), tag(LIST, "m")]})
    return store


def test_sql_and_the_function_agree(store: Store, scribe: Scribe) -> None:
    scribe.crawl({"nginx": [tag(name, name) for name in NAMES]})
    left = {each.tag for each in store.browser(private=True).tags(NGINX, "", 100)}
    assert left == {name for name in NAMES if not is_companion(name)}
    assert store.browser(private=True).hidden_tags(NGINX) == len(NAMES) - len(left) == 9


def test_commands_see_their_changes_only_if_asked(signed: Store) -> None:
    def told(**wanted: object) -> list[str | None]:
        found = signed.catalog.changes(ChangeFilter(**wanted))  # type: ignore[arg-type] # as it has them
        return [change.tag for change in found]

    assert told() == ["1"]
    assert told(limit=5) == told(namespace="library") == told(tag="*") == ["1"]
    assert len(told(companions=True)) == 5
    assert set(told(tag="*.sig")) == set(told(tag=SIGNATURE)) == {SIGNATURE}


def test_the_server_does_the_same(signed: Store) -> None:
    browser = signed.browser(private=True)
    assert len(browser.changes(ChangeFilter(), 0, 100).changes) == 1
    assert len(browser.newest(ChangeFilter(), None, 100).changes) == 1
    assert len(browser.newest(ChangeFilter(companions=True), None, 100).changes) == 5


def test_pages_of_tags_leave_them_out_and_count_them(signed: Store) -> None:
    browser = signed.browser(private=True)
    now = Scribe(signed.archive).now + timedelta(days=9)
    past = now - timedelta(days=60)
    assert [each.tag for each in browser.tags(NGINX, "", 10)] == ["1"]
    assert [each.tag for each in browser.tags(NGINX, "", 10, now)] == ["1"]
    assert len(browser.tags(NGINX, "", 10, everything=True)) == 3
    assert len(browser.tags(NGINX, "", 10, now, everything=True)) == 3
    assert browser.hidden_tags(NGINX) == 2
    assert {each.tag for each in browser.history(NGINX, None, ("", 0), 10)} == {"1"}
    assert len(browser.history(NGINX, None, ("", 0), 10, everything=True)) == 6
    assert len(browser.history(NGINX, SIGNATURE, ("", 0), 10)) == 2
    assert [each.tag for each in browser.differences(NGINX, past, now, 10)] == ["1"]
    assert len(browser.differences(NGINX, past, now, 10, everything=True)) == 3
    assert len(browser.tag_names(NGINX, "", 10)) == 3  # what a client of a registry needs


@pytest.mark.parametrize(
    ("glob", "expected"),
    [("sha256-*", True), ("*.sig", True), (SIGNATURE, True), ("*", False), ("sha*", False)],
)
def test_a_glob_asks_for_them_by_naming_them(glob: str, expected: bool) -> None:
    assert asks_for_companions(["latest", glob]) is expected
