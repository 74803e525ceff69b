"""The registrable domain of a host: `example.com` for `registry.eu.example.com`.

Two hosts of one registrable domain belong to one owner. The Public Suffix List has the exact rules;
it changes daily and is not bundled. The rules here are meant to be stricter, so that two hosts of
one owner may count as two; then the configuration names the token service (`realm`). A domain whose
owner gives names below it to others and that is missing in `_SHARED` counts as one owner.
"""

from __future__ import annotations

import ipaddress


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECOND_LEVEL = _words(
    """
    ac adm art asn biz co com ed edu firm gen go gob gouv gov govt gv ind inf info int law lg
    ltd med mil mod name ne net nhs nic nom or org plc police pro pub sch school tm web
    """
)
"""Labels under which countries register names: `example.co.uk`, `example.com.au`."""

_FLAT = _words(
    """
    ai at be ch cz de dk es eu fi fr gg ie io li lu me nl ro ru se sh sk su to tv
    """
)
"""Countries whose names of two or three letters are owners (`gcr.io`, `k8s.io`), not suffixes."""

_DEEP = _words("bd br ck er fk id il jm jp kh kw mm no np pg pl tr us za")
"""Countries with so many suffixes of their own that three labels are asked for."""

_SHARED = _words(
    """
    appspot.com awsapprunner.com azurecontainer.io azurecr.io azureedge.net azurefd.net
    azurewebsites.net cloudapp.net cloudflare.net cloudfront.net cloudsmith.io ddns.net
    digitaloceanspaces.com duckdns.org dyndns.org elasticbeanstalk.com firebaseapp.com fly.dev
    fly.io gcr.io github.dev github.io gitlab.io googleapis.com herokuapp.com icr.io jfrog.io
    netlify.app ngrok-free.app ngrok.app ngrok.dev ngrok.io nip.io no-ip.org ocir.io on.aws
    ondigitalocean.app onrender.com oraclecloud.com pages.dev pkg.dev railway.app readthedocs.io
    replit.dev run.app scw.cloud sslip.io trafficmanager.net ts.net vercel.app web.app
    workers.dev xip.io
    """
)
"""Domains whose owner gives names below them to others: clouds, hosted registries, dynamic DNS.
Below some of them names are given at several levels: there each host is alone."""

_EACH_ALONE = frozenset({"amazonaws.com", "azure.com", "cluster.local", "local", "windows.net"})

_COUNTRY = 2
_SHORT = 3


def registrable_domain(host: str) -> str | None:
    """The registrable domain of a host; None for an address, a single label or a suffix.

    Args:
        host: in lower case, without a port.
    """
    labels = host.rstrip(".").split(".")
    if len(labels) < 2 or not all(labels) or _is_address(host):  # noqa: PLR2004 - of "example.com"
        return None
    for length in range(len(labels), 0, -1):
        suffix = ".".join(labels[-length:])
        if suffix in _EACH_ALONE:
            return host if length < len(labels) else None
        if suffix in _SHARED:
            return _last(labels, length + 1)
    return _last(labels, _suffix_labels(labels) + 1)


def is_same_domain(one: str, other: str) -> bool:
    """Whether two hosts are of one registrable domain."""
    domain = registrable_domain(one)
    return domain is not None and domain == registrable_domain(other)


def _suffix_labels(labels: list[str]) -> int:
    """How many labels the public suffix has: 1 for `com`, 2 for `co.uk`."""
    country, second = labels[-1], labels[-2]
    if len(country) != _COUNTRY:
        return 1
    is_suffix = second in _SECOND_LEVEL or (len(second) <= _SHORT and country not in _FLAT)
    return 2 if is_suffix or country in _DEEP else 1


def _last(labels: list[str], number: int) -> str | None:
    return ".".join(labels[-number:]) if number <= len(labels) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
