"""Docker Hub's many names: its registry's hosts, and the addresses of its pages in a browser.

`docker.io` is what images are named by and what the index stores; `registry-1.docker.io` and
`registry.hub.docker.com` answer `/v2/`, `index.docker.io` is where `docker login` keeps its
credentials, and `hub.docker.com` shows the pages that people copy addresses from.
"""

from __future__ import annotations

import re

DOCKER_HUB = "docker.io"

HUB_HOSTS = (
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
    "hub.docker.com",
)
"""Hosts that all mean Docker Hub."""

_PAGE = re.compile(
    r"(?:https?://)?(?:(?:www|registry)\.)?hub\.docker\.com/"
    r"(?:_/(?P<official>[^/?#]+)"
    r"|layers/(?P<layers>[^/?#]+/[^/?#]+)/(?P<tag>[^/?#]+)"
    r"|(?:r|repository/docker)/(?P<repository>[^/?#]+/[^/?#]+)"
    r"|(?:r|u|orgs|repositories)/(?P<namespace>[^/?#]+))(?:[/?#].*)?",
    re.IGNORECASE,
)
"""The address of a page: of an official image, an image's layers, a repository (also as its owner
sees it), a user or organisation."""

_WITH_SCHEME = re.compile(
    r"https?://((?:registry\.hub\.docker\.com|(?:index\.|registry-1\.)?docker\.io)/[^?#]*[^/?#])/?",
    re.IGNORECASE,
)
"""A name with its registry, as a browser shows it: with a scheme in front."""


def canonical_registry(host: str) -> str:
    """A registry's name as the index stores it: `docker.io` for every name of Docker Hub."""
    return DOCKER_HUB if host.lower() in HUB_HOSTS else host


def is_hub(host: str) -> bool:
    """Whether a host is Docker Hub by one of its own names."""
    return host.lower() in HUB_HOSTS


def name_of_page(text: str) -> str:
    """What a page of Docker Hub shows, as docker names it; any other text as it is.

    `https://hub.docker.com/_/nginx/tags` is `docker.io/library/nginx`, `hub.docker.com/u/ansible`
    and `hub.docker.com/orgs/ansible/repositories` are `docker.io/ansible`, and
    `hub.docker.com/layers/library/nginx/1.27/images/sha256-...` is `docker.io/library/nginx:1.27`
    (the digest there is of one platform's image).
    """
    page = _PAGE.fullmatch(text)
    if page is None:
        written = _WITH_SCHEME.fullmatch(text)
        return written[1] if written else text
    if page["official"]:
        return f"{DOCKER_HUB}/library/{page['official']}"
    if page["layers"]:
        return f"{DOCKER_HUB}/{page['layers']}:{page['tag']}"
    return f"{DOCKER_HUB}/{page['repository'] or page['namespace']}"
