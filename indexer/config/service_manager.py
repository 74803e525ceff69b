"""What the service manager says in the environment: see sd_notify(3) and sd_watchdog(3)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The manager's socket (None: no manager), and its watchdog's time-out in seconds."""

    socket: str | None = None
    watchdog_seconds: float | None = None


def service_manager(
    environ: Mapping[str, str] = os.environ, process: int | None = None
) -> ServiceManager:
    """Read the variables that are meant for this process, and not for its parent.

    Args:
        environ: the environment.
        process: the process id, if not that of this process.
    """
    wanted, mine = environ.get("WATCHDOG_PID"), str(process or os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    watched = microseconds.isascii() and microseconds.isdigit() and wanted in {None, mine}
    seconds = int(microseconds) / _MICROSECONDS if watched else 0.0
    return ServiceManager(environ.get("NOTIFY_SOCKET") or None, seconds or None)
