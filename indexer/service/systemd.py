"""Tells the service manager the state of the process: systemd's protocol, one datagram each.

See sd_notify(3). A library for it would be longer than this module.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.config import ServiceManager


class SystemdNotifier:
    """Sends messages to the service manager; does nothing where there is none.

    Args:
        manager: its address, and how often it expects a sign of life.
    """

    def __init__(self, manager: ServiceManager) -> None:
        self._manager = manager

    @property
    def watchdog_seconds(self) -> float | None:
        """Seconds without a sign of life after which the process is killed; None: never."""
        return self._manager.watchdog_seconds

    def ready(self, status: str) -> None:
        """The process runs, or has finished reloading its configuration."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The process reloads its configuration; `ready` follows."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}")

    def alive(self, status: str) -> None:
        """A sign of life."""
        self._send("WATCHDOG=1", f"STATUS={status}")

    def stopping(self) -> None:
        """The process is about to end."""
        self._send("STOPPING=1", "STATUS=stopping")

    def _send(self, *lines: str) -> None:
        address = self._manager.socket
        if address is None:
            return
        if address.startswith("@"):  # Linux's abstract namespace
            address = f"\0{address[1:]}"
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto("\n".join(lines).encode(), address)
