"""Messages to the service manager, read from a real socket as systemd does."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from indexer.config import ServiceManager, service_manager
from indexer.service.systemd import SystemdNotifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[socket.socket, ServiceManager]]:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        ours.settimeout(120)
        ours.bind(name if request.param == "file" else f"\0{name}")
        yield ours, ServiceManager(name if request.param == "file" else f"@{name}", 30.0)


def test_each_step_of_a_service_is_one_datagram(
    manager: tuple[socket.socket, ServiceManager],
) -> None:
    ours, theirs = manager
    notifier = SystemdNotifier(theirs)
    notifier.ready("2 namespaces")
    notifier.alive("1 namespace")
    notifier.reloading()
    notifier.stopping()

    assert ours.recv(1_000) == b"READY=1\nSTATUS=2 namespaces"
    assert ours.recv(1_000) == b"WATCHDOG=1\nSTATUS=1 namespace"
    head, _, microseconds = ours.recv(1_000).partition(b"\nMONOTONIC_USEC=")
    assert (head, microseconds.isdigit()) == (b"RELOADING=1", True)
    assert ours.recv(1_000) == b"STOPPING=1\nSTATUS=stopping"


def test_without_a_service_manager_nothing_is_said() -> None:
    SystemdNotifier(ServiceManager()).ready("fine")


def test_a_service_manager_that_does_not_listen_causes_no_error(tmp_path: Path) -> None:
    SystemdNotifier(ServiceManager(str(tmp_path / "nobody"))).ready("fine")


def test_what_a_service_manager_says_is_in_the_environment() -> None:
    said = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}

    assert service_manager(said, process=7) == ServiceManager("/run/notify", 30.0)
    assert service_manager(said, process=8) == ServiceManager("/run/notify", None)
    assert service_manager({"WATCHDOG_USEC": "soon"}) == ServiceManager()
    assert service_manager({}) == ServiceManager()
