"""Texts that stand for a token for some time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import AccessToken
from indexer.web.access.signed import Purpose, owner, signed

if TYPE_CHECKING:
    from collections.abc import Callable

ALICE = AccessToken("alice.b", "a-secret-of-alice-1")
CI = AccessToken("ci", "a-secret-of-the-ci-1")
BOTH = (CI, ALICE)
NOW = 1_800_000_000


def test_a_signed_text_stands_for_its_token_until_its_time_ends() -> None:
    text = signed(ALICE, Purpose.SESSION, NOW + 10)
    assert owner(text, Purpose.SESSION, BOTH, NOW + 9.9) is ALICE
    assert owner(text, Purpose.SESSION, BOTH, NOW + 10) is None


def test_it_does_not_hold_the_secret() -> None:
    text = signed(ALICE, Purpose.SESSION, NOW)
    assert ALICE.secret not in text
    assert text.startswith(f"alice.b.{NOW}.")


def test_it_is_for_one_purpose() -> None:
    text = signed(ALICE, Purpose.SESSION, NOW + 10)
    assert owner(text, Purpose.PULL, BOTH, NOW) is None


def test_a_token_that_was_taken_out_or_changed_takes_it_along() -> None:
    text = signed(ALICE, Purpose.PULL, NOW + 10)
    assert owner(text, Purpose.PULL, (CI,), NOW) is None
    changed = AccessToken("alice.b", "another-secret-of-alice")
    assert owner(text, Purpose.PULL, (CI, changed), NOW) is None


def test_who_has_one_token_cannot_sign_for_another() -> None:
    text = signed(CI, Purpose.PULL, NOW + 10).replace("ci.", "alice.b.", 1)
    assert owner(text, Purpose.PULL, BOTH, NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(str(NOW + 10), str(NOW + 99)),
        lambda text: text[:-1],
        lambda text: f"{text}x" * 40,
        lambda text: text.rpartition(".")[0] + ".",
        lambda text: text.replace(str(NOW + 10), "٣"),
        lambda text: text.rpartition(".")[0] + ".ä",
        lambda _: "",
        lambda _: "..",
        lambda _: "alice.b",
    ],
)
def test_what_was_changed_stands_for_nobody(change: Callable[[str], str]) -> None:
    assert owner(change(signed(ALICE, Purpose.PULL, NOW + 10)), Purpose.PULL, BOTH, NOW) is None
