"""Tell a service manager how things stand: systemd's protocol, which is one datagram each.

See sd_notify(3). A library for it would be longer than this.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.config import ServiceManager


class SystemdNotifier:
    """Speaks to the service manager; says nothing where there is none.

    Args:
        manager: where it listens, and how often it wants to hear of us.
    """

    def __init__(self, manager: ServiceManager) -> None:
        self._manager = manager

    @property
    def watchdog_seconds(self) -> float | None:
        """After how long a silence we are taken for dead; None: never."""
        return self._manager.watchdog_seconds

    def ready(self, status: str) -> None:
        """We run, or have read the configuration again."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """We read the configuration again; `ready` follows."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}")

    def alive(self, status: str) -> None:
        """We are not dead."""
        self._send("WATCHDOG=1", f"STATUS={status}")

    def stopping(self) -> None:
        """We are about to end."""
        self._send("STOPPING=1", "STATUS=stopping")

    def _send(self, *lines: str) -> None:
        address = self._manager.socket
        if address is None:
            return
        if address.startswith("@"):  # Linux's abstract namespace
            address = f"\0{address[1:]}"
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto("\n".join(lines).encode(), address)
