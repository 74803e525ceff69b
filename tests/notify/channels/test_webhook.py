"""Webhooks: what arrives, an independent implementation that verifies it, failing receivers."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.model import ChangeKind
from indexer.notify import sample_messages
from indexer.notify.channels import webhook_signature
from indexer.notify.channels.webhook import Webhook
from indexer.notify.links import Links
from indexer.notify.sink import Sink
from tests.notify.receivers import Answer, Receiver, one_that_lies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.notify.message import Message

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
KEY = base64.b64encode(b"k" * 32).decode()
OTHER = base64.b64encode(b"o" * 32).decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().running() as receiver:
        yield receiver


def messages(now: datetime = NOW) -> list[Message]:
    return sample_messages.messages(Sink("audit"), Links("indexer"), now)[0]


def a_webhook(url: str, *secrets: str, timeout: float = 10.0) -> Webhook:
    keys = tuple(webhook_signature.secret(text) for text in secrets)
    return Webhook("audit", url, keys=keys, timeout=timeout)


def test_a_message_is_a_cloud_event(receiver: Receiver) -> None:
    webhook = a_webhook(f"{receiver.url}/hook?token=t%20t")
    for message in messages():
        assert webhook.send(message, NOW).endswith("answers 200")
    first, *_ = receiver.requests
    assert first.path == "/hook?token=t%20t"
    assert first.headers["content-type"] == "application/cloudevents+json"
    events = [json.loads(request.body) for request in receiver.requests]
    assert [event["type"] for event in events] == [
        *(f"indexer.{kind}" for kind in ChangeKind),
        "indexer.violation",
        "indexer.summary",
        "indexer.hidden",
    ]
    retag = events[list(ChangeKind).index(ChangeKind.TAG_RETAGGED)]
    assert {name: retag[name] for name in ("specversion", "source", "subject", "time")} == {
        "specversion": "1.0",
        "source": "/indexer/sinks/audit",
        "subject": "registry.example.com/example/app:1.2.3",
        "time": "2026-03-01T12:30:15Z",
    }
    assert retag["data"]["change"]["kind"] == "tag_retagged"
    assert retag["data"]["move"]["changed"] == ["linux/amd64"]
    assert len({event["id"] for event in events}) == len(events)


def test_signatures_are_verified_by_an_independent_implementation(receiver: Receiver) -> None:
    now = datetime.fromtimestamp(time.time(), UTC)  # which the verifier compares with its own
    webhook = a_webhook(receiver.url, KEY, f"whsec_{OTHER}")
    webhook.send(messages(now)[0], now)
    (request,) = receiver.requests
    for secret in (KEY, OTHER):
        Verifier(secret).verify(request.body, request.headers)
    with pytest.raises(Exception, match="No matching signature"):
        Verifier(KEY).verify(request.body + b" ", request.headers)
    with pytest.raises(Exception, match="No matching signature"):
        Verifier(base64.b64encode(b"x" * 32).decode()).verify(request.body, request.headers)


def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    a_webhook(receiver.url).send(messages()[0], NOW)
    headers = receiver.requests[0].headers
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert "webhook-signature" not in headers


@pytest.mark.parametrize(
    "text", ["", "short", "c2hvcnQ=", "!" * 40, base64.b64encode(b"x" * 65).decode()]
)
def test_an_invalid_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -base64 32"):
        webhook_signature.secret(text)


@pytest.mark.parametrize(
    ("answer", "sentence", "wait"),
    [
        (Answer(500), "did not take the message: it answers 500.", 0),
        (Answer(410), "it answers 410.", 0),
        (Answer(429, {"Retry-After": "120"}), "it answers 429.", 120),
        (Answer(503, {"Retry-After": "soon"}), "it answers 503.", 0),
        (Answer(503, {"Retry-After": "9" * 30}), "it answers 503.", 0),
    ],
)
def test_a_receiver_that_fails_is_named(
    receiver: Receiver, answer: Answer, sentence: str, wait: float
) -> None:
    receiver.answer = lambda _number: answer
    with pytest.raises(NotDelivered) as failed:
        a_webhook(receiver.url, timeout=5).send(messages()[0], NOW)
    assert (sentence in str(failed.value), failed.value.wait) == (True, wait), str(failed.value)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with Receiver().running() as elsewhere:
        there = {"Location": f"{elsewhere.url}/steal?token=hunter2"}
        for status in (301, 302, 303, 307, 308):
            receiver.answer = partial(lambda status, _number: Answer(status, there), status)
            with pytest.raises(NotDelivered, match="redirects to http://127") as failed:
                a_webhook(receiver.url).send(messages()[0], NOW)
            assert "hunter2" not in str(failed.value)
        assert elsewhere.requests == []


@pytest.mark.parametrize("answer", [Answer(hangs=True), Answer(drips=True)])
def test_a_receiver_that_takes_too_long_is_left(receiver: Receiver, answer: Answer) -> None:
    receiver.answer = lambda _number: answer
    with pytest.raises(NotDelivered, match=r"it did not finish within 0\.3 seconds"):
        a_webhook(receiver.url, timeout=0.3).send(messages()[0], NOW)


def test_a_receiver_without_http_and_a_missing_receiver_have_different_errors() -> None:
    with (
        one_that_lies() as url,
        pytest.raises(NotDelivered, match="sent something other than HTTP"),
    ):
        a_webhook(url, timeout=5).send(messages()[0], NOW)
    with pytest.raises(NotDelivered, match=r"cannot connect to 127\.0\.0\.1:9"):
        a_webhook("http://127.0.0.1:9", timeout=5).send(messages()[0], NOW)


def test_an_address_never_shows_its_secret_parts() -> None:
    with pytest.raises(ConfigError) as refused:
        a_webhook("https://me:hunter2@example.com/hunter2")
    with pytest.raises(NotDelivered) as failed:
        a_webhook("http://127.0.0.1:9/hunter2?t=hunter2").send(messages()[0], NOW)
    assert "hunter2" not in f"{refused.value}{failed.value}"
