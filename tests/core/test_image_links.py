"""Links to an image in a browser."""

from __future__ import annotations

import pytest

from indexer.core.image_links import page_path, registry_page


@pytest.mark.parametrize(
    ("registry", "repository", "tag", "address"),
    [
        ("docker.io", "library/nginx", None, "https://hub.docker.com/_/nginx"),
        ("docker.io", "acme/app", None, "https://hub.docker.com/r/acme/app"),
        ("docker.io", "acme/app", "1", "https://hub.docker.com/r/acme/app/tags?name=1"),
        ("quay.io", "acme/app", "1", "https://quay.io/repository/acme/app?tab=tags&tag=1"),
        ("ghcr.io", "acme/app/x", "1", "https://ghcr.io/acme/app/x"),
        ("public.ecr.aws", "acme/app", "1", "https://gallery.ecr.aws/acme/app"),
        ("registry.example.com:5000", "acme/app", "1", None),
    ],
)
def test_a_registry_shows_an_image_at_its_own_address(
    registry: str, repository: str, tag: str | None, address: str | None
) -> None:
    assert registry_page(registry, repository, tag) == address


def test_hostile_names_end_no_path() -> None:
    assert page_path("docker.io", "a/b", "x?y#z%") == "/image/docker.io/a/b:x%3Fy%23z%25"
    assert registry_page("docker.io", "a/b?c", "d&e") == (
        "https://hub.docker.com/r/a/b%3Fc/tags?name=d%26e"
    )
