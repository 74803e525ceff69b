"""Messages to mail, chats and pagers, by Apprise.

Apprise says whether it worked; why not, it says only in its log, in words that may hold what is
secret in an address. So the log is heard, each message in its own thread, and every part of the
address is taken out of it. A service that never answers keeps that thread and nothing else.
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
"""How services mark a message; what is worse than these is a failure."""

_LEAST_SECRET = 3
"""Characters of a part of an address that is taken out; shorter ones are in every word."""

_LOGGER = "apprise"

_MOST_LINES = 10
"""Of its log; a sentence has no room for more."""

_SEPARATORS = re.compile(r"[/?&=:@,+]")


class Apprise(Channel):
    """One or more services.

    Args:
        sink: for sentences.
        urls: as Apprise writes them; each is a secret.
        timeout: seconds for each service.

    Raises:
        ConfigError: Apprise knows no such service, or not so.
    """

    def __init__(self, sink: str, urls: Sequence[str], *, timeout: float = 30.0) -> None:
        log = logging.getLogger(_LOGGER)
        log.propagate = False
        if not any(isinstance(each, _Ears) for each in log.handlers):
            log.handlers[:] = [_Ears()]
        log.setLevel(logging.WARNING)
        self._timeout = timeout
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of its hundred services load what is outdated
            self._services = [_Service(sink, url) for url in urls]

    @property
    def lists(self) -> bool:
        """See `Channel`."""
        return False

    def send(self, message: Message, now: datetime) -> str:
        """See `Channel`. Several services: all of them, or it is sent to all of them again."""
        del now
        kind = _ALARMS.get(message.severity, apprise.NotifyType.FAILURE)
        said = [service.send(message, kind, self._timeout) for service in self._services]
        if troubles := [each for each in said if each]:
            raise NotDelivered(" ".join(troubles))
        return f"{', '.join(each.name for each in self._services)}: taken"


def _schemes() -> list[str]:
    """Every service that Apprise knows."""
    manager: Any = NotificationManager  # it says nothing of its types
    return sorted(manager().schemas())


class _Service:
    """One address."""

    def __init__(self, sink: str, url: str) -> None:
        scheme, separator, _ = url.partition("://")
        schemes = _schemes()
        if not separator or scheme.lower() not in schemes:
            near = nearest(scheme, schemes) if separator else []
            hint = did_you_mean([f"{near[0]}://"]) if near else "as 'mailto://', 'slack://'."
            shown_scheme = f"'{shown(scheme, 30)}://'" if separator else "an address without '://'"
            raise ConfigError(
                f"the sink '{shown(sink)}': expected an address of a service that Apprise knows, "
                f"got {shown_scheme}; {hint}"
            )
        self.name = f"{shown(scheme.lower(), 30)}://"
        self._url = url
        self._busy = threading.Lock()
        asset = apprise.AppriseAsset(app_id="indexer", secure_logging=True)
        service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
        if service is None:
            raise ConfigError(
                f"the sink '{shown(sink)}': expected an address for {self.name} as Apprise "
                "describes it, got one that it cannot read."
            )
        self._service = service

    def send(self, message: Message, kind: apprise.NotifyType, timeout: float) -> str:
        """Send a message; what went wrong, empty if nothing did."""
        if not self._busy.acquire(blocking=False):
            return f"{self.name} has still not finished with an earlier message."
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
            except Exception as error:  # noqa: BLE001 - a hundred services fail in as many ways
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
        """What Apprise said, without any part of the address: the host too may be a token."""
        parts = _SEPARATORS.split(self._url.partition("://")[2])
        for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
            if len(part) >= _LEAST_SECRET:
                text = text.replace(part, "…")
        return shown(text, 300)


_heard = threading.local()
"""What the thread that sends a message logs."""


class _Ears(logging.Handler):
    """Keeps what is logged for the thread that logs it, and tells nobody else."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, if anybody listens."""
        lines: list[str] | None = getattr(_heard, "lines", None)
        if lines is not None and len(lines) < _MOST_LINES:
            lines.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What this thread logs while it lasts."""
    lines: list[str] = []
    _heard.lines = lines
    try:
        yield lines
    finally:
        _heard.lines = None
