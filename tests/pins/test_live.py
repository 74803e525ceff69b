"""Verdicts after the registries were asked: where they and the index differ, both are said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from indexer.core.errors import Denied, LoginFailed
from indexer.core.reference import parse_reference
from indexer.pins.live import LiveImage, compare, image_of, judge
from indexer.pins.pin import CheckedPin, Pin, Verdict
from tests.store.scribe import digest

A, B, C = digest("a"), digest("b"), digest("c")
THEN = datetime(2026, 3, 1, tzinfo=UTC)


def checked(
    text: str, verdict: Verdict, now: str | None = None, registry: str | None = "docker.io"
) -> CheckedPin:
    pin = Pin(text, reference=parse_reference(text))
    return CheckedPin(pin, verdict, "so says the index.", registry, now, held_since=THEN)


@pytest.mark.parametrize(
    ("by_index", "said", "verdict", "sentence"),
    [
        (checked(f"nginx:1@{A}", Verdict.OK, A), A, Verdict.OK, "and the registry says the same"),
        # The pin is of a platform, and the tag points to the index that holds it.
        (checked(f"nginx:1@{A}", Verdict.OK, B), B, Verdict.OK, "and the registry says the same"),
        (checked(f"nginx:1@{A}", Verdict.OK, A), B, Verdict.RETAGGED, f"points to {B}; the index "),
        (checked(f"nginx:1@{A}", Verdict.OK, B), C, Verdict.UNKNOWN, "is not known."),
        (checked(f"nginx:1@{A}", Verdict.RETAGGED, B), A, Verdict.OK, f"the index says {B}."),
        (checked(f"nginx:1@{A}", Verdict.RETAGGED, B), C, Verdict.RETAGGED, f"index says {B}."),
        (checked(f"nginx:1@{A}", Verdict.NEVER, B), B, Verdict.NEVER, "says the same"),
        (checked(f"nginx:1@{A}", Verdict.NEVER, B), C, Verdict.UNKNOWN, "is not known."),
        (checked(f"nginx:1@{A}", Verdict.REMOVED), A, Verdict.OK, "the index does not know it."),
        (checked(f"nginx:1@{A}", Verdict.UNKNOWN), A, Verdict.OK, "the index does not know it."),
        (checked(f"nginx:1@{A}", Verdict.UNKNOWN), B, Verdict.UNKNOWN, "is not known."),
        (checked(f"nginx:1@{A}", Verdict.OK, A), None, Verdict.REMOVED, "does not have it (404)"),
        (checked(f"nginx:1@{A}", Verdict.REMOVED), None, Verdict.REMOVED, "says the same."),
        (checked("nginx:1", Verdict.UNPINNED, A), A, Verdict.UNPINNED, "says the same."),
        (checked("nginx:1", Verdict.UNPINNED, A), B, Verdict.UNPINNED, f"the index says {A}."),
        (checked("nginx:1", Verdict.UNKNOWN), B, Verdict.UNPINNED, "the index does not know it."),
        (checked(f"nginx@{A}", Verdict.OK), A, Verdict.OK, "and the registry has it."),
        (checked(f"nginx@{A}", Verdict.RETAGGED), A, Verdict.RETAGGED, "and the registry has it."),
        (checked(f"nginx@{A}", Verdict.UNKNOWN), A, Verdict.OK, "the registry has it; the index"),
        (checked(f"nginx@{A}", Verdict.OK), None, Verdict.REMOVED, "does not have it (404)"),
    ],
)
def test_where_they_differ_the_registry_decides_and_both_are_said(
    by_index: CheckedPin, said: str | None, verdict: Verdict, sentence: str
) -> None:
    found = judge(by_index, said)
    assert (found.verdict, found.live) == (verdict, said)
    assert sentence in found.sentence
    assert found.now == by_index.now


@pytest.mark.parametrize("old", [Verdict.OK, Verdict.UNPINNED])
def test_what_the_index_no_longer_looks_at_is_settled_by_the_registry(old: Verdict) -> None:
    text = f"nginx:1@{A}" if old is Verdict.OK else "nginx:1"
    unseen = replace(checked(text, Verdict.UNKNOWN, A), by_old=old)
    assert judge(unseen, A).verdict is old
    changed = judge(unseen, B).verdict
    assert changed is (Verdict.RETAGGED if old is Verdict.OK else Verdict.UNPINNED)
    assert judge(unseen, Denied("refused.")).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("by_index", "verdict"),
    [
        (Verdict.OK, Verdict.UNKNOWN),
        (Verdict.UNPINNED, Verdict.UNKNOWN),
        (Verdict.RETAGGED, Verdict.RETAGGED),
        (Verdict.REMOVED, Verdict.REMOVED),
    ],
)
def test_a_registry_that_does_not_say_makes_nothing_all_right(
    by_index: Verdict, verdict: Verdict
) -> None:
    found = judge(checked(f"nginx:1@{A}", by_index, A), Denied("docker.io refuses it."))
    assert (found.verdict, found.live) == (verdict, None)
    assert found.sentence == (
        "so says the index; the registry could not be asked: docker.io refuses it."
    )


@pytest.mark.parametrize(
    ("text", "registry", "image"),
    [
        ("nginx", None, LiveImage("docker.io", "library/nginx", "latest")),
        ("nginx:1", "reg.example", LiveImage("reg.example", "nginx", "1")),
        (f"nginx:1@{A}", None, LiveImage("docker.io", "library/nginx", "1")),
        (f"ghcr.io/a/b@{A}", None, LiveImage("ghcr.io", "a/b", A)),
    ],
)
def test_a_tag_is_asked_for_or_the_digest_of_what_has_none(
    text: str, registry: str | None, image: LiveImage
) -> None:
    assert image_of(checked(text, Verdict.UNKNOWN, registry=registry)) == image


def test_each_image_is_asked_for_once_and_what_names_none_never() -> None:
    asked: list[LiveImage] = []

    def head(image: LiveImage) -> str:
        asked.append(image)
        return A

    unreadable = CheckedPin(Pin("$X", problem="no value"), Verdict.UNREADABLE, "no value")
    pins = [checked("nginx:1", Verdict.UNPINNED, A), unreadable, checked("nginx:1", Verdict.OK, A)]
    found = compare(pins, head, 4)
    assert [each.live for each in found] == [A, None, A]
    assert found[1] == unreadable
    assert asked == [LiveImage("docker.io", "library/nginx", "1")]


def test_a_registry_that_refuses_the_account_is_asked_once() -> None:
    asked: list[LiveImage] = []

    def head(image: LiveImage) -> str | None:
        asked.append(image)
        if image.registry == "docker.io":
            raise LoginFailed("wrong password.")
        return None

    texts = ("a/b:1", "a/b:2", "a/b:3", "ghcr.io/a/b:1")
    found = compare([checked(text, Verdict.UNPINNED, A) for text in texts], head, 1)
    verdicts = [each.verdict for each in found]
    assert verdicts == [Verdict.UNKNOWN] * 3 + [Verdict.REMOVED]
    assert [image.registry for image in asked] == ["docker.io", "ghcr.io"]


def test_an_error_of_another_kind_is_not_swallowed() -> None:
    def head(image: LiveImage) -> str | None:
        raise ZeroDivisionError(image)

    with pytest.raises(ZeroDivisionError):
        compare([checked("a/b:1", Verdict.OK, A)], head, 1)
