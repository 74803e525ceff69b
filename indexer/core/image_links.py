"""Links to an image: its page on our server, and its page in a browser at its registry."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from indexer.core.hub_names import DOCKER_HUB

_OFFICIAL = "library/"


def page_path(registry: str, repository: str, tag: str | None = None) -> str:
    """The path of an image's page on `indexer serve`."""
    suffix = f":{tag}" if tag else ""
    return "/image/" + quote(f"{registry}/{repository}{suffix}", safe="/:")


def registry_page(registry: str, repository: str, tag: str | None = None) -> str | None:
    """The address of an image's page at its registry; None for one that has no known pages.

    Docker Hub and Quay can show one tag; the others show the repository.
    """
    name = quote(repository, safe="/")
    if registry == DOCKER_HUB:
        place = f"_/{name.removeprefix(_OFFICIAL)}" if name.startswith(_OFFICIAL) else f"r/{name}"
        which = f"/tags?{urlencode({'name': tag})}" if tag else ""
        return f"https://hub.docker.com/{place}{which}"
    if registry == "quay.io":
        which = f"?{urlencode({'tab': 'tags', 'tag': tag})}" if tag else ""
        return f"https://quay.io/repository/{name}{which}"
    if registry == "ghcr.io":
        return f"https://ghcr.io/{name}"  # leads to the page of the package
    if registry == "public.ecr.aws":
        return f"https://gallery.ecr.aws/{name}"
    return None
