"""Webhooks are hints: they only make a repository due."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from indexer.core.catalog_entries import ChangeFilter
from indexer.core.model import Mode
from indexer.crawl import due_repositories
from indexer.web.access_rules import AccessRules
from indexer.web.push_hooks import MOST_BYTES, PER_MINUTE, Bucket
from tests.store.scribe import Scribe
from tests.web.serving import HOOK, OWNER, running

if TYPE_CHECKING:
    from indexer.store import Store
    from tests.web.serving import Running

HUB = f"/hooks/dockerhub/{HOOK}"
REGISTRY = f"/hooks/registry/{HOOK}"

PUSHED = {
    "callback_url": "https://registry.hub.docker.com/u/library/nginx/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/",
    "push_data": {"pushed_at": 1417566161, "pusher": "trustedbuilder", "tag": "latest"},
    "repository": {
        "comment_count": 0, "is_private": True, "name": "nginx", "namespace": "library",
        "owner": "library", "repo_name": "library/nginx", "status": "Active",
    },
}  # fmt: skip


def notice(*names: str, host: str = "registry.example.com:5000", action: str = "push") -> Any:
    """What a distribution registry sends."""
    return {
        "events": [
            {
                "id": f"{number}",
                "action": action,
                "target": {"mediaType": "x", "repository": name, "digest": "sha256:0", "tag": "v1"},
                "request": {"host": host, "method": "PUT"},
                "actor": {"name": "me"},
            }
            for number, name in enumerate(names)
        ]
    }


def pending(index: Store, namespace: str = "library", registry: str = "docker.io") -> list[str]:
    """What the next incremental crawl would open."""
    scribe = Scribe(index.archive, namespace, registry, identity="me")
    record = scribe.begin()
    known = record.known_repositories().repositories
    scribe.finish(record)
    return sorted(
        item.repository for item in due_repositories.repositories(known, Mode.INCREMENTAL)
    )


def test_a_push_to_docker_hub_makes_the_repository_due(own_site: Running, index: Store) -> None:
    assert pending(index) == []
    answer = own_site.ask("POST", HUB, json=PUSHED)
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1})
    assert pending(index) == ["library/nginx"]


def test_a_notification_makes_its_registrys_repositories_due(
    own_site: Running, index: Store
) -> None:
    answer = own_site.ask("POST", REGISTRY, json=notice("team/app", "team/app", "library/redis"))
    assert answer.json() == {"accepted": 2}
    assert pending(index, "team", "registry.example.com:5000") == ["team/app"]
    assert pending(index) == []


def test_the_address_can_name_the_registry(own_site: Running, index: Store) -> None:
    path = f"{REGISTRY}?registry=docker.io"
    assert own_site.ask("POST", path, json=notice("library/redis", host="x")).json() == {
        "accepted": 1
    }
    assert pending(index) == ["library/redis"]
    assert own_site.ask("POST", f"{REGISTRY}?registry=<b>", json=notice()).status_code == 400


def test_the_hooks_of_other_registries_leave_a_hint_for_the_daemon(empty: Store) -> None:
    Scribe(empty.archive, "team", "quay.io").crawl({"app": []})
    Scribe(empty.archive, "octo-org", "ghcr.io").crawl({"app": []})
    package = {"name": "new", "namespace": "Octo-Org", "package_type": "CONTAINER"}
    with running(empty) as site:
        pushed = {"repository": "team/app", "docker_url": "quay.io/team/app"}
        assert site.ask("POST", f"/hooks/quay/{HOOK}", json=pushed).json() == {"accepted": 1}
        answer = site.ask("POST", f"/hooks/github/{HOOK}", json={"package": package})
        assert answer.json() == {"accepted": 1}
        harbor = {"type": "PUSH_ARTIFACT", "event_data": {"repository": {"repo_full_name": "x/y"}}}
        path = f"/hooks/harbor/{HOOK}?registry=quay.io"
        assert site.ask("POST", path, json=harbor).json() == {"accepted": 1}
    assert empty.hints.waiting() == {
        ("quay.io", "team"): ["team/app"],
        ("ghcr.io", "octo-org"): [""],  # which the index does not know: its namespace is crawled
    }


def test_a_pull_is_not_a_hint(own_site: Running) -> None:
    assert own_site.ask("POST", REGISTRY, json=notice("team/app", action="pull")).json() == {
        "accepted": 0
    }


def test_what_a_hook_claims_is_not_believed(own_site: Running, index: Store) -> None:
    before = list(index.catalog.changes(ChangeFilter(baseline=True)))
    own_site.ask("POST", HUB, json=PUSHED)
    own_site.ask("POST", HUB, json={"repository": {"repo_name": "library/invented"}})
    assert list(index.catalog.changes(ChangeFilter(baseline=True))) == before
    assert [each.repository for each in index.catalog.repositories("docker.io", "library")] == [
        "library/new", "library/nginx", "library/redis", "library/secret",
    ]  # fmt: skip


def test_who_has_only_the_secret_is_not_told_what_is_there(own_site: Running) -> None:
    answers = {
        own_site.ask("POST", HUB, json={"repository": {"repo_name": name}}).content
        for name in ("library/nginx", "library/secret", "library/none", "nobody/none")
    }
    assert answers == {b'{"accepted":1}'}


@pytest.mark.parametrize("secret", ["wrong", f"{HOOK}x", HOOK[:-1], HOOK.upper(), "%2e%2e"])
def test_without_the_secret_there_is_no_hook(own_site: Running, index: Store, secret: str) -> None:
    assert own_site.ask("POST", f"/hooks/dockerhub/{secret}", json=PUSHED).status_code == 404
    assert pending(index) == []


def test_where_no_secret_is_configured_there_are_no_hooks(index: Store) -> None:
    with running(index, AccessRules()) as site:
        assert site.ask("POST", HUB, json=PUSHED).status_code == 404
        assert site.ask("POST", "/hooks/dockerhub/", json=PUSHED).status_code == 404


def test_where_it_is_closed_the_secret_alone_opens_the_hooks(index: Store) -> None:
    with running(index, AccessRules(tokens=(OWNER,), hook=HOOK, closed=True)) as site:
        assert site.ask("POST", HUB, json=PUSHED).json() == {"accepted": 1}
        assert site.get(HUB).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"repository": {"repo_name": 1}}',
        b'{"repository": {"repo_name": "UPPER/../case"}}',
        b'{"repository": {"repo_name": "' + b"x" * 400 + b'"}}',
        b"\xff\xfe",
        b"[" * 50_000,
        json.dumps({"events": "many"}).encode(),
    ],
)
@pytest.mark.parametrize("path", [HUB, REGISTRY])
def test_an_invalid_notification_is_refused_with_a_sentence(
    own_site: Running, path: str, body: bytes
) -> None:
    answer = own_site.ask("POST", path, data=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_a_notification_that_is_too_large_is_refused(own_site: Running) -> None:
    answer = own_site.ask("POST", HUB, data=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413
    assert f"{MOST_BYTES:,} bytes" in answer.json()["error"]


def test_more_notifications_than_a_minute_takes_are_refused(own_site: Running) -> None:
    statuses = [own_site.ask("POST", HUB, json=PUSHED).status_code for _ in range(PER_MINUTE + 3)]
    assert statuses == [200] * PER_MINUTE + [429] * 3
    own_site.clock.seconds += 1
    assert [own_site.ask("POST", HUB, json=PUSHED).status_code for _ in range(3)] == [200, 200, 429]


def test_a_bucket_fills_up_again_and_no_further() -> None:
    bucket = Bucket(60)
    assert [bucket.take(0) for _ in range(61)] == [True] * 60 + [False]
    assert bucket.take(1)
    assert not bucket.take(1.5)
    assert [bucket.take(10_000) for _ in range(61)].count(True) == 60


def test_whoever_guesses_the_address_of_a_hook_is_told_to_wait(own_site: Running) -> None:
    assert own_site.ask("POST", HUB, json=PUSHED).status_code == 200

    guessed = [own_site.ask("POST", f"/hooks/dockerhub/no{number}") for number in range(80)]

    told = [answer for answer in guessed if answer.status_code == 429]
    assert guessed[0].status_code == 404
    assert len(told) > 5
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in told)
    assert own_site.ask("POST", HUB, json=PUSHED).status_code == 200
