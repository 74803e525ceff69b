"""Registries as the first component of a repository's name, and as a host name.

`registry.example.com:5000` can be neither: clients take what follows a colon for a tag, or for the
port of the host before it. So it is written `registry.example.com--5000`, which distribution's
grammar allows for both. An address of IPv6 is written with all its digits.
"""

from __future__ import annotations

import ipaddress
import re

_PORT = re.compile(r"(?P<host>[a-z0-9.-]+)--(?P<port>[0-9]{1,5})", re.ASCII)
_IPV6 = re.compile(r"[0-9a-f]{4}(?:-[0-9a-f]{4}){7}", re.ASCII)


def spelled(registry: str) -> str:
    """A registry as `_catalog` writes it: `registry.example.com--5000`."""
    host, colon, port = registry.rpartition(":")
    if registry.endswith("]") or not colon:
        host, port = registry, ""
    if host.startswith("["):
        host = ipaddress.ip_address(host.strip("[]")).exploded.replace(":", "-")
    return f"{host}--{port}" if port else host


def registry_of(text: str) -> str:
    """The registry that is written so; any other text as it is."""
    match = _PORT.fullmatch(text)
    host, port = (match["host"], match["port"]) if match else (text, "")
    if _IPV6.fullmatch(host):
        host = f"[{ipaddress.ip_address(host.replace('-', ':'))}]"
    return f"{host}:{port}" if port else host


def unspelled(path: str) -> str:
    """A path whose first component is the registry itself, however it was written."""
    first, slash, rest = path.partition("/")
    return f"{registry_of(first)}/{rest}" if slash else path
