"""Apprise: mail to a real server, services that fail, and no secret in any sentence."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from indexer.core.errors import ConfigError, NotDelivered
from indexer.notify import sample_messages
from indexer.notify.channels.apprise import Apprise
from indexer.notify.links import Links
from indexer.notify.sink import Sink
from tests.notify.receivers import Answer, Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.notify.message import Message

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


class Mailbox:
    """Keeps mail; `refusal` is answered instead, if there is one."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.refusal = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - its name
        if self.refusal:
            return self.refusal
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A real SMTP server, and the address of a sink that sends to it."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    url = f"mailto://127.0.0.1:{port}?from=indexer@example.com&to=me@example.com&mode=insecure"
    yield mailbox, url
    controller.stop()


def messages() -> list[Message]:
    return sample_messages.messages(Sink("mail"), Links("indexer"), NOW)[0]


def test_mail_has_the_retag_its_digests_its_time_and_a_command_for_details(
    mailbox: tuple[Mailbox, str],
) -> None:
    box, url = mailbox
    retag = messages()[4]
    assert Apprise("mail", [url]).send(retag, NOW) == "mailto://: taken"
    (message,) = box.messages
    text = message.get_body(("plain", "html")).get_content()
    assert message["Subject"] == ("[test] registry.example.com/example/app:1.2.3 was retagged")
    assert message["To"] == "me@example.com"
    for part in (
        "content of linux/amd64",
        "was  sha256:" + "0" * 64,
        "is   sha256:" + "1" * 64,
        "seen 2026-03-01 12:30 UTC by crawl 0",
        "indexer history registry.example.com/example/app:1.2.3",
    ):
        assert part in text


def test_mail_that_is_refused_is_not_delivered(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    box.refusal = "554 no thanks"
    with pytest.raises(NotDelivered, match=r"^mailto:// did not take the message"):
        Apprise("mail", [url]).send(messages()[0], NOW)


def test_a_message_without_a_receiver_is_not_delivered() -> None:
    with pytest.raises(NotDelivered, match=r"^mailto:// did not take the message"):
        Apprise(
            "mail", ["mailto://127.0.0.1:9?from=a@example.com&to=d@example.com&mode=insecure"]
        ).send(messages()[0], NOW)


def test_a_service_that_hangs_is_left_and_not_asked_again_until_it_is_done() -> None:
    with Receiver().running() as receiver:
        receiver.answer = lambda _number: Answer(hangs=True)
        sink = Apprise("chat", [receiver.url.replace("http", "json")], timeout=0.3)
        with pytest.raises(NotDelivered, match=r"within 0\.3 seconds"):
            sink.send(messages()[0], NOW)
        with pytest.raises(NotDelivered, match="still busy with an earlier message"):
            sink.send(messages()[0], NOW)


def test_several_services_are_all_told(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    with Receiver().running() as receiver:
        sink = Apprise("both", [url, receiver.url.replace("http", "json")])
        assert sink.send(messages()[0], NOW) == "mailto://, json://: taken"
        assert (len(box.messages), len(receiver.requests)) == (1, 1)


@pytest.mark.parametrize(
    "url",
    [
        "mailto://me:hunter22@127.0.0.1:9?from=a@example.com&to=hunter22@example.com&mode=insecure",
        "json://me:hunter22@127.0.0.1:9/hunter22?token=hunter22",
        "json://127.0.0.1:9/a/hunter22/b",
    ],
)
def test_no_part_of_an_address_is_ever_shown(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NotDelivered) as failed:
        Apprise("x", [url]).send(messages()[0], NOW)
    said = f"{failed.value}{caplog.text}{capfd.readouterr()}{Apprise('x', [url])!r}"
    assert "hunter22" not in said


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mailtoo://x", "got 'mailtoo://'; did you mean 'mailto://'?"),
        ("hunter22", "got an address without '://'"),
        ("slack://hunter22", "expected an address for slack:// as Apprise describes it"),
        ("zzzzzz://hunter22", "got 'zzzzzz://'; as 'mailto://', 'slack://'."),
    ],
)
def test_an_address_that_apprise_does_not_know_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Apprise("x", [url])
    assert sentence in str(refused.value)
    assert "hunter22" not in str(refused.value)


WORKFLOW = (
    "workflows/3a4b/triggers/manual/paths/invoke?api-version=2016-06-01"
    "&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=iabc"
)
UUID = "a1b2c3d4-a1b2-a1b2-a1b2-a1b2c3d4e5f6"


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack"),
        ("https://discord.com/api/webhooks/123456789012345678/AbcdEfghijklmnopqrstuvw", "discord"),
        (f"https://prod-15.uksouth.logic.azure.com:443/{WORKFLOW}", "workflow"),
        (
            f"https://default1f2e.4b.environment.api.powerplatform.com:443/powerautomate/automations/direct/{WORKFLOW}",
            "workflow",
        ),
        ("https://ntfy.sh/releases", "ntfys"),
        ("ntfy.sh/releases", "ntfys"),
    ],
)
def test_addresses_are_taken_as_their_makers_show_them(url: str, scheme: str) -> None:
    (service,) = Apprise("chat", [url])._services
    assert service.name == f"{scheme}://"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            f"https://team.webhook.office.com/webhookb2/{UUID}@{UUID}/IncomingWebhook/hunter22/x",
            "create a workflow",
        ),
        ("https://chat.example.com/hunter22", "use the key webhook"),
        ("https://hooks.slack.com/services/hunter22", "Apprise knows no service at this"),
    ],
)
def test_a_web_address_of_no_known_service_is_refused_with_what_to_do(
    url: str, sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as refused:
        Apprise("chat", [url])
    assert "hunter22" not in str(refused.value)
