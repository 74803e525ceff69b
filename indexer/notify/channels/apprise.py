"""Sends messages to mail, chats and pagers, through Apprise.

Apprise returns only whether it worked. The reason is only in its log, whose text may hold secret
parts of an address. So the log of each message's own thread is captured, and every part of the
address is removed from it. A service that never answers blocks that thread and nothing else.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import apprise
from apprise.manager_plugins import NotificationManager

from indexer.core.errors import ConfigError, NotDelivered
from indexer.core.printable import shown
from indexer.core.suggestions import did_you_mean, nearest
from indexer.notify.ports import Channel
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from indexer.notify.message import Message

_ALARMS = {
    "": apprise.NotifyType.INFO,
    Severity.LOW.value: apprise.NotifyType.INFO,
    Severity.MEDIUM.value: apprise.NotifyType.WARNING,
}
"""Apprise's type of message by severity; a failure is the worst that it knows."""

_LEAST_SECRET = 3
"""The fewest characters of a part of an address to be removed; shorter ones occur in any text."""

_LOGGER = "apprise"

_WEB = frozenset({"http", "https"})
"""Schemes of addresses as Slack, Discord, Teams, ntfy and others show them themselves."""

_WITHOUT_SCHEME = ("ntfy.sh/",)
"""What addresses begin with that their makers write without a scheme."""

_OLD_TEAMS = (".office.com",)
"""Where the connectors of Microsoft Teams were, which workflows have replaced."""

_MOST_LINES = 10
"""The most lines of the log that are kept."""

_SEPARATORS = re.compile(r"[/?&=:@,+]")


class Apprise(Channel):
    """One or more services.

    Args:
        sink: its name, for messages.
        urls: as Apprise writes them; each is a secret.
        timeout: seconds for each service.

    Raises:
        ConfigError: Apprise does not know the service, or cannot read its address.
    """

    def __init__(self, sink: str, urls: Sequence[str], *, timeout: float = 30.0) -> None:
        log = logging.getLogger(_LOGGER)
        log.propagate = False
        if not any(isinstance(each, _Ears) for each in log.handlers):
            log.handlers[:] = [_Ears()]
        log.setLevel(logging.WARNING)
        self._timeout = timeout
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of its hundred services import deprecated code
            self._services = [_Service(sink, url) for url in urls]

    @property
    def lists(self) -> bool:
        """See `Channel`."""
        return False

    def send(self, message: Message, now: datetime) -> str:
        """See `Channel`. If one of several services fails, the message is sent to all again."""
        del now
        kind = _ALARMS.get(message.severity, apprise.NotifyType.FAILURE)
        said = [service.send(message, kind, self._timeout) for service in self._services]
        if troubles := [each for each in said if each]:
            raise NotDelivered(" ".join(troubles))
        return f"{', '.join(each.name for each in self._services)}: taken"


def _unread(url: str, name: str) -> str:
    """What to do about an address that Apprise cannot read; it names no part of the address."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in _WEB:
        return (
            f"expected an address for {name} as Apprise describes it, got one that it cannot read."
        )
    host = rest.partition("/")[0].partition(":")[0].lower()
    if host.endswith(_OLD_TEAMS):
        return (
            "Microsoft has ended the connectors of Teams: create a workflow 'Send webhook alerts "
            "to a channel' in Teams, and use its address."
        )
    return (
        "Apprise knows no service at this web address: for a server of your own write it as "
        "Apprise does, as 'ntfys://HOST/TOPIC'; for JSON to your own program use the key webhook."
    )


def _schemes() -> list[str]:
    """The URL schemes of all services that Apprise knows."""
    manager: Any = NotificationManager  # it has no type annotations
    return sorted(manager().schemas())


def _check_scheme(sink: str, url: str) -> None:
    """Refuse an address whose scheme no service has.

    Raises:
        ConfigError: no service has it; the message names the nearest.
    """
    scheme, separator, _ = url.partition("://")
    schemes = _schemes()
    if separator and scheme.lower() in {*schemes, *_WEB}:
        return
    near = nearest(scheme, schemes) if separator else []
    hint = did_you_mean([f"{near[0]}://"]) if near else "as 'mailto://', 'slack://'."
    shown_scheme = f"'{shown(scheme, 30)}://'" if separator else "an address without '://'"
    raise ConfigError(
        f"the sink '{shown(sink)}': expected an address of a service that Apprise knows, "
        f"got {shown_scheme}; {hint}"
    )


def _scheme_of(url: str, service: object) -> str:
    """What Apprise calls the service; addresses as their makers give them begin with https."""
    scheme = url.partition("://")[0].lower()
    if scheme not in _WEB:
        return scheme
    named = getattr(service, "secure_protocol", None) or getattr(service, "protocol", None)
    return str(named if isinstance(named, str) else named[0]) if named else scheme


class _Service:
    """One address: as Apprise writes it, or as the service itself shows it."""

    def __init__(self, sink: str, url: str) -> None:
        if url.lower().startswith(_WITHOUT_SCHEME):
            url = f"https://{url}"
        _check_scheme(sink, url)
        self._url = url
        self._busy = threading.Lock()
        asset = apprise.AppriseAsset(
            app_id="indexer",
            app_desc="indexer",
            app_url="",  # Apprise's own address and pictures: its users would load them
            image_url_mask="",
            image_url_logo="",
            secure_logging=True,
        )
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        self.name = f"{shown(_scheme_of(url, service), 30)}://"
        if service is None:
            raise ConfigError(f"the sink '{shown(sink)}': {_unread(url, self.name)}")
        self._service = service

    def send(self, message: Message, kind: apprise.NotifyType, timeout: float) -> str:
        """Send a message. Returns what went wrong; empty on success."""
        if not self._busy.acquire(blocking=False):
            return f"{self.name} is still busy with an earlier message."
        done = threading.Event()
        said: list[str] = []
        taken = False

        def work() -> None:
            nonlocal taken
            try:
                with _listening() as heard:
                    taken = bool(
                        self._service.notify(
                            body=message.text,
                            title=message.title,
                            notify_type=kind,
                            body_format=apprise.NotifyFormat.TEXT,
                        )
                    )
                said.extend(heard)
            except Exception as error:  # noqa: BLE001 - any service may raise anything
                said.append(type(error).__name__)
            finally:
                self._busy.release()
                done.set()

        threading.Thread(target=work, name=f"apprise-{self.name}", daemon=True).start()
        if not done.wait(timeout):
            return f"{self.name} did not take the message within {timeout:g} seconds."
        if taken:
            return ""
        why = self._without_secrets(" ".join(dict.fromkeys(said)))
        return f"{self.name} did not take the message{f': {why}' if why else '.'}"

    def _without_secrets(self, text: str) -> str:
        """What Apprise logged, without any part of the address: even the host may be a token."""
        parts = _SEPARATORS.split(self._url.partition("://")[2])
        for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
            if len(part) >= _LEAST_SECRET:
                text = text.replace(part, "…")
        return shown(text, 300)


_heard = threading.local()
"""The lines logged by the thread that sends a message."""


class _Ears(logging.Handler):
    """Keeps log records for the thread that logs them, and passes them on to no other handler."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, if the thread is being captured."""
        lines: list[str] | None = getattr(_heard, "lines", None)
        if lines is not None and len(lines) < _MOST_LINES:
            lines.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Capture what this thread logs, inside the block."""
    lines: list[str] = []
    _heard.lines = lines
    try:
        yield lines
    finally:
        _heard.lines = None
