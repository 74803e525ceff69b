"""What a sink wants."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from indexer.core.image_selector import ImageSelector
from indexer.core.model import ChangeKind
from indexer.notify.sample_events import samples
from indexer.notify.sink import Sink

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("globs", "pusher", "is_wanted"),
    [
        ((), None, True),
        (("ci-*", "eve"), "ci-web", True),
        (("ci-*", "eve"), "eve", True),
        (("ci-*", "eve"), "bob", False),
        (("ci-*",), None, False),
        (("*",), None, True),
    ],
)
def test_a_sink_may_want_only_what_some_have_pushed(
    globs: tuple[str, ...], pusher: str | None, *, is_wanted: bool
) -> None:
    (retag,) = (e for e in samples(NOW)[:-1] if e.change.kind is ChangeKind.TAG_RETAGGED)
    event = retag._replace(change=dataclasses.replace(retag.change, pushed_by=pusher))
    assert Sink("team", pushed_by=globs).wants(event) is is_wanted


@pytest.mark.parametrize(
    ("name", "globs", "is_wanted"),
    [
        ("1.2.3", (), True),
        ("8.2-apache", (), True),
        ("cache-2.0", (), True),
        ("buildcache", (), False),
        ("main-buildcache", (), False),
        ("build-cache-arm64", (), False),
        ("cache", (), False),
        ("cache-main", (), False),
        ("0a" * 32, (), False),
        (f"sha256-{'0a' * 32}.sig", (), False),
        ("buildcache", ("*",), False),
        ("buildcache", ("*", "*cache*"), True),
    ],
)
def test_tags_that_tools_keep_are_no_messages_unless_they_are_asked_for(
    name: str, globs: tuple[str, ...], *, is_wanted: bool
) -> None:
    *_, broken = samples(NOW)
    change = dataclasses.replace(broken.change, tag=name)
    ordinary = broken._replace(change=change, violations=())
    sink = Sink("team", selection=ImageSelector(tags=globs))
    assert sink.wants(ordinary) is is_wanted
    assert Sink("team").wants(broken._replace(change=change))  # a violation is never left out


def test_a_sink_of_pushes_is_not_told_what_is_hidden() -> None:
    assert Sink("team").wants_hidden("docker.io", "acme/app")
    assert not Sink("team", pushed_by=("*",)).wants_hidden("docker.io", "acme/app")
