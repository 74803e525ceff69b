"""Scripts of other sites read what programs read, where the configuration names the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.web.access_rules import AccessRules
from tests.web.serving import OWNER, bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.store import Store
    from tests.web.serving import Running

ORIGIN = "https://dashboard.example.com"
FROM = {"Origin": ORIGIN}
ASKING = {**FROM, "Access-Control-Request-Method": "GET"}
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
def shared(index: Store) -> Iterator[Running]:
    """A closed site that one other site may read."""
    rules = AccessRules(tokens=(OWNER,), closed=True, cors=frozenset({ORIGIN}))
    with running(index, rules) as site:
        yield site


def test_a_named_site_may_read_what_programs_read_and_no_page(shared: Running) -> None:
    for path in ("/api/v1/status", "/v2/_catalog", "/feed.json", "/metrics"):
        answer = shared.get(path, headers={**FROM, **bearer()})
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, ORIGIN)
        assert "Link" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    refused = shared.get("/api/v1/status", headers=FROM)
    assert (refused.status_code, refused.headers[ALLOWED]) == (401, ORIGIN)
    for path in ("/", "/login"):
        assert ALLOWED not in shared.get(path, headers={**FROM, **bearer()}).headers


def test_a_browser_is_told_beforehand_that_a_token_may_be_sent(shared: Running) -> None:
    answer = shared.ask("OPTIONS", "/api/v1/status", headers=ASKING)
    assert (answer.status_code, answer.headers[ALLOWED]) == (204, ORIGIN)
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Methods"].startswith("GET, HEAD")
    assert shared.ask("OPTIONS", "/api/v1/status", headers=FROM).status_code == 405
    assert shared.ask("OPTIONS", "/", headers=ASKING).status_code == 405


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", ORIGIN + ".evil", "é"])
def test_no_other_site_may(shared: Running, origin: str) -> None:
    headers = {**ASKING, "Origin": origin.encode("latin-1")}
    assert shared.ask("OPTIONS", "/api/v1/status", headers=headers).status_code == 405
    assert ALLOWED not in shared.get("/api/v1/status", headers={**headers, **bearer()}).headers


def test_every_site_may_where_the_configuration_says_so(index: Store) -> None:
    with running(index, AccessRules(cors=frozenset({"*"}))) as site:
        assert site.get("/api/v1/status", headers=FROM).headers[ALLOWED] == "*"


def test_without_the_key_no_site_may(site: Running) -> None:
    assert site.ask("OPTIONS", "/api/v1/status", headers=ASKING).status_code == 405
    answer = site.get("/api/v1/status", headers=FROM)
    assert ALLOWED not in answer.headers
    assert "Origin" not in answer.headers["Vary"]
