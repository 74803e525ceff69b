"""Tells loopback, private and public addresses apart, and refuses connections to some.

A response may name another host to ask: a redirect, or the token service of a challenge. A public
server could use that to make us connect to hosts that it cannot reach itself. So an answer of a
public server is never followed to a private or loopback address, and none but of a link-local one
to a link-local address: clouds hand out credentials there (169.254.169.254). `AddressGate` resolves
a name once, checks each address, and the connection goes to a checked address: the name cannot
resolve to another one in between.
"""

from __future__ import annotations

import ipaddress
import socket
from enum import IntEnum
from typing import TYPE_CHECKING

from indexer.core.errors import Unreadable
from indexer.http.errors import ExchangeFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    _Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses whose last 32 bits are an IPv4 address (RFC 6052)."""


class AddressClass(IntEnum):
    """From where an address can be reached; the greater the class, the more hosts reach it."""

    LOOPBACK = 0
    LINK = 1
    """Link-local, or not the address of one host: multicast, reserved, unspecified."""
    PRIVATE = 2
    PUBLIC = 3


def class_of(address: str) -> AddressClass:
    """The class of an IPv4 or IPv6 address; of IPv6 that contains IPv4, the class of the latter.

    Raises:
        ValueError: it is not an address.
    """
    found: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = _within(found) or found
    if isinstance(found, ipaddress.IPv6Address) and found.is_site_local:
        return AddressClass.PRIVATE  # as RFC 3879 leaves it to old networks
    if found.is_loopback:
        return AddressClass.LOOPBACK
    if found.is_link_local or found.is_multicast or found.is_reserved or found.is_unspecified:
        return AddressClass.LINK
    return AddressClass.PUBLIC if found.is_global else AddressClass.PRIVATE


def class_of_host(host: str) -> AddressClass | None:
    """The class of a host written as an address or `localhost`; None of any other name.

    The spellings that resolvers take for an IPv4 address are addresses too: `127.1`, `0x7f000001`,
    and a dot at the end.
    """
    host = host.removesuffix(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return AddressClass.LOOPBACK
    try:
        return class_of(host)
    except ValueError:
        pass
    try:
        return class_of(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, UnicodeEncodeError):
        return None


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


class AddressGate:
    """Checks the addresses that one client connects to, and notes them. Safe to call from threads.

    Args:
        resolve: as `socket.getaddrinfo`.
    """

    def __init__(self, resolve: Callable[..., list[tuple[object, ...]]] | None = None) -> None:
        self._resolve = resolve or socket.getaddrinfo
        self._seen: AddressClass | None = None
        self._least: AddressClass | None = None
        self._exactly = False
        self._remedy = ""

    @property
    def seen(self) -> AddressClass | None:
        """The greatest class that was connected to; None: none yet, or a proxy connects."""
        return self._seen

    @property
    def is_open(self) -> bool:
        """Whether every address is admitted."""
        return self._least is None

    def note(self, address: str) -> None:
        """Note an address that was connected to."""
        found = class_of(address)
        self._seen = found if self._seen is None else max(self._seen, found)

    def confine(self, least: AddressClass, *, exactly: bool = False, remedy: str = "") -> None:
        """Admit only some addresses from now on.

        Args:
            least: the least class that is admitted. `LINK` is admitted only if it is this one.
            exactly: no greater class is admitted either.
            remedy: what to do about a refusal; ends its sentence.
        """
        self._least, self._exactly, self._remedy = least, exactly, remedy

    def check_name(self, host: str) -> None:
        """Check a host that is an address or `localhost`: all that can be done behind a proxy.

        Raises:
            ExchangeFailed: it is not admitted.
        """
        found = class_of_host(host)
        if found is not None and not self._admits(found):
            raise self._refusal(found)

    def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a name to the addresses that are admitted.

        Raises:
            ExchangeFailed: none is.
            socket.gaierror: the name is not known.
        """
        results = self._resolve(host, port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(each[4][0]) for each in results))  # type: ignore[index] # an address
        admitted = [address for address in found if self._admits(class_of(address))]
        if not admitted:
            raise self._refusal(class_of(found[0]))
        return admitted

    def _admits(self, found: AddressClass) -> bool:
        if self._least is None:
            return True
        if self._exactly or found is AddressClass.LINK:
            return found == self._least
        return found >= self._least

    def _refusal(self, found: AddressClass) -> ExchangeFailed:
        least = AddressClass.PUBLIC if self._least is None else self._least
        what = (
            f"it has {_NAMES[found]} address, and an answer from {_NAMES[least]} address must not "
            "lead there"
        )
        what += f"; {self._remedy}" if self._remedy else ""
        return ExchangeFailed(what, error=Unreadable, tries=1)


_NAMES = {
    AddressClass.LOOPBACK: "a loopback",
    AddressClass.LINK: "a link-local or reserved",
    AddressClass.PRIVATE: "a private",
    AddressClass.PUBLIC: "a public",
}
