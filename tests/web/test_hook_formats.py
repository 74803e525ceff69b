"""What the notifications of each registry name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from indexer.core.errors import UsageError
from indexer.web.hook_formats import FORMATS

GITHUB_PACKAGE: dict[str, Any] = {
    "action": "published",
    "package": {
        "id": 1, "name": "App", "namespace": "Octo-Org", "package_type": "CONTAINER",
        "package_version": {
            "container_metadata": {"tag": {"name": "v1", "digest": "sha256:0"}},
            "package_url": "ghcr.io/octo-org/app:v1",
        },
    },
    "organization": {"login": "Octo-Org"},
}  # fmt: skip

QUAY = {
    "name": "repository", "repository": "team/app", "namespace": "team",
    "docker_url": "quay.io/team/app", "homepage": "https://quay.io/repository/team/app",
    "updated_tags": ["latest"],
}  # fmt: skip

HARBOR: dict[str, Any] = {
    "type": "PUSH_ARTIFACT", "occur_at": 1586922308, "operator": "admin",
    "event_data": {
        "resources": [
            {
                "digest": "sha256:8a9e9863dbb6e10edb5adfe917c00da84e1700fa76e7ed02476aa6e6fb8ee0d8",
                "tag": "latest",
                "resource_url": "harbor.example.com:8443/team/deep/app:latest",
            }
        ],
        "repository": {
            "date_created": 1586922308, "name": "deep/app", "namespace": "team",
            "repo_full_name": "team/deep/app", "repo_type": "private",
        },
    },
}  # fmt: skip

CLOUD_EVENT = {
    "specversion": "1.0", "type": "harbor.artifact.pushed", "source": "/projects/1/webhook",
    "data": HARBOR["event_data"],
}  # fmt: skip

TARGET = {"repository": "team/app", "tag": "v1"}
DISTRIBUTION = {
    "events": [
        {"action": "push", "target": TARGET, "request": {"host": "reg.example.com:5000"}},
        {"action": "delete", "target": {"repository": "team/old"}, "request": {"host": "?"}},
        {"action": "pull", "target": {"repository": "team/read"}},
        {"action": "push", "target": {"repository": "No Name"}},
    ]
}


def read(kind: str, sent: object, named: str | None = None) -> dict[str | None, set[str]]:
    return dict(FORMATS[kind](msgspec.json.encode(sent), named))


@pytest.mark.parametrize(
    ("kind", "sent", "named"),
    [
        ("dockerhub", {"repository": {"repo_name": "nginx"}}, {"docker.io": {"library/nginx"}}),
        ("registry", DISTRIBUTION, {"reg.example.com:5000": {"team/app"}, None: {"team/old"}}),
        ("github", GITHUB_PACKAGE, {"ghcr.io": {"octo-org/app"}}),
        ("github", {"registry_package": GITHUB_PACKAGE["package"]}, {"ghcr.io": {"octo-org/app"}}),
        ("quay", QUAY, {"quay.io": {"team/app"}}),
        ("harbor", HARBOR, {"harbor.example.com:8443": {"team/deep/app"}}),
        ("harbor", CLOUD_EVENT, {"harbor.example.com:8443": {"team/deep/app"}}),
        ("harbor", HARBOR | {"type": "DELETE_ARTIFACT"},
         {"harbor.example.com:8443": {"team/deep/app"}}),
    ],
)  # fmt: skip
def test_a_notification_names_the_repository_that_was_pushed_to(
    kind: str, sent: object, named: dict[str | None, set[str]]
) -> None:
    assert read(kind, sent) == named
    everything = set().union(*named.values())
    assert read(kind, sent, "registry.test") == {"registry.test": everything}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("github", {"zen": "Keep it logically awesome.", "hook_id": 1}),
        ("github", {"package": {"name": "a", "namespace": "b", "package_type": "npm"}}),
        ("harbor", HARBOR | {"type": "PULL_ARTIFACT"}),
        ("harbor", {"type": "QUOTA_EXCEED", "event_data": HARBOR["event_data"]}),
    ],
)
def test_what_moves_no_tag_names_nothing(kind: str, sent: object) -> None:
    assert read(kind, sent) == {}


@pytest.mark.parametrize("kind", sorted(FORMATS))
@pytest.mark.parametrize("sent", [None, [], {}, {"repository": 1}, {"type": 7}])
def test_what_is_no_notification_is_refused(kind: str, sent: object) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read(kind, sent)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("quay", QUAY | {"repository": "Team/../App"}),
        ("github", {"package": {"name": "a b", "namespace": "?", "package_type": "container"}}),
    ],
)
def test_a_name_that_is_none_is_refused(kind: str, sent: object) -> None:
    with pytest.raises(UsageError):
        read(kind, sent)
