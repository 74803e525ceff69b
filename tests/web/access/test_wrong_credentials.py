"""Who guesses tokens is slowed down; others behind the same address are not locked out."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from indexer.web.access.credentials import ANYBODY, SILENT, Visitor
from indexer.web.access.wrong_credentials import (
    MOST_OF_ADDRESS,
    MOST_OF_SENDER,
    MOST_REMEMBERED,
    WrongCredentials,
    was_compared,
)

PROXY = "192.0.2.7"


def scope(user: str = "", address: str = PROXY) -> dict[str, Any]:
    basic = b"Basic " + b64encode(f"{user}:guess".encode())
    return {"client": (address, 443), "headers": [(b"authorization", basic)]}


class Guard:
    """Credentials that are counted, at a time."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._wrong = WrongCredentials(b"a key")

    def sent(self, user: str = "", address: str = PROXY, *, right: bool = False) -> int:
        return self._wrong.seconds_to_wait(scope(user, address), self.now, is_right=right)

    def typed(self, secret: str, *, right: bool = False) -> int:
        sent = {"client": (PROXY, 443), "headers": []}
        return self._wrong.seconds_to_wait(sent, self.now, is_right=right, secret=secret)


@pytest.fixture
def guard() -> Guard:
    return Guard()


def test_after_ten_wrong_tokens_the_next_one_waits_for_six_seconds(guard: Guard) -> None:
    assert [guard.sent("eve") for _ in range(11)] == [0] * MOST_OF_SENDER + [6]
    guard.now += 5.9
    assert guard.sent("eve") == 1
    guard.now += 0.1
    assert [guard.sent("eve"), guard.sent("eve")] == [0, 6]


def test_the_right_token_waits_too_or_it_would_be_found_out(guard: Guard) -> None:
    for _ in range(MOST_OF_SENDER):
        guard.sent("eve")

    assert guard.sent("eve", right=True) == 6


def test_right_tokens_are_not_counted(guard: Guard) -> None:
    assert {guard.sent("alice", right=True) for _ in range(1_000)} == {0}


def test_another_name_and_another_address_do_not_wait(guard: Guard) -> None:
    for _ in range(MOST_OF_SENDER):
        guard.sent("eve")

    assert guard.sent("alice", right=True) == 0
    assert guard.sent("eve", "192.0.2.8", right=True) == 0


def test_a_new_name_for_each_guess_does_not_help(guard: Guard) -> None:
    looked_at = [guard.sent(f"eve{number}") for number in range(1_000)].count(0)

    assert looked_at == MOST_OF_ADDRESS


def test_who_was_right_is_not_locked_out_by_others_of_its_address(guard: Guard) -> None:
    guard.sent("alice", right=True)
    for number in range(1_000):
        guard.sent(f"eve{number}")

    assert guard.sent("alice", right=True) == 0
    assert guard.sent("bob", right=True) == 1


def test_a_minute_without_guesses_and_all_is_as_before(guard: Guard) -> None:
    for number in range(1_000):
        guard.sent(f"eve{number}")
    guard.now += 60

    assert [guard.sent("eve") for _ in range(11)] == [0] * MOST_OF_SENDER + [6]


def test_addresses_of_one_ipv6_network_are_one(guard: Guard) -> None:
    looked_at = [guard.sent("eve", f"2001:db8::{number:x}") for number in range(100)].count(0)

    assert looked_at == MOST_OF_SENDER
    assert guard.sent("eve", "2001:db8:0:1::1") == 0
    assert guard.sent("eve", "::1") == 0


def test_ipv4_addresses_at_a_socket_of_both_protocols_are_not_one_network(guard: Guard) -> None:
    for _ in range(MOST_OF_SENDER):
        guard.sent("eve", "::ffff:192.0.2.1")

    assert guard.sent("eve", "::ffff:192.0.2.1") > 0
    assert guard.sent("eve", "::ffff:192.0.2.2") == 0


def test_memory_is_bounded(guard: Guard) -> None:
    for _ in range(MOST_OF_SENDER):
        guard.sent("eve")
    for number in range(MOST_REMEMBERED):
        guard.sent("eve", f"10.0.{number // 256}.{number % 256}")

    assert guard.sent("eve") == 0


@pytest.mark.parametrize("header", [b"", b"Bearer x", b"Basic \xff", b"Basic OnNlY3JldA=="])
def test_the_same_wrong_secret_without_a_name_waits_too(header: bytes) -> None:
    wrong = WrongCredentials(b"a key")
    sent = {"client": None, "headers": [(b"authorization", header)]}

    waits = [wrong.seconds_to_wait(sent, 5.0, is_right=False) for _ in range(11)]

    assert waits == [0] * MOST_OF_SENDER + [6]


def test_who_guesses_without_a_name_does_not_hold_up_who_was_right(guard: Guard) -> None:
    guard.typed("right", right=True)
    looked_at = [guard.typed(f"guess{number}") for number in range(1_000)].count(0)

    assert MOST_OF_ADDRESS <= looked_at <= MOST_OF_ADDRESS + MOST_OF_SENDER
    assert guard.typed("right", right=True) == 0
    assert guard.typed("another", right=True) > 0


def test_what_is_signed_or_says_nothing_is_no_guess() -> None:
    reader = Visitor("reader", by_bearer=True), Visitor("reader", by_cookie=True)

    assert not any(was_compared(each) for each in (ANYBODY, SILENT, *reader))
    assert was_compared(None)
    assert was_compared(Visitor("reader"))
