"""Package URLs of images, read wherever an image is."""

from __future__ import annotations

import pytest

from indexer.core.errors import UsageError
from indexer.core.reference import Reference, parse_reference

DIGEST = "sha256:" + "0123456789abcdef" * 4
QUOTED = DIGEST.replace(":", "%3A")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pkg:docker/nginx", Reference(None, "library/nginx")),
        ("pkg:docker/nginx@1.27", Reference(None, "library/nginx", "1.27")),
        ("pkg:docker/smartentry/debian@dc4", Reference(None, "smartentry/debian", "dc4")),
        (f"pkg:docker/nginx@{QUOTED}", Reference(None, "library/nginx", None, DIGEST)),
        (f"pkg:docker/nginx@{DIGEST}", Reference(None, "library/nginx", None, DIGEST)),
        (
            f"pkg:docker/customer/image@{QUOTED}?repository_url=gcr.io",
            Reference("gcr.io", "customer/image", None, DIGEST),
        ),
        ("pkg:docker/gcr.io/team/app@2", Reference("gcr.io", "team/app", "2")),
        (
            f"pkg:oci/debian@{QUOTED}?repository_url=docker.io/library/debian&arch=amd64&tag=12",
            Reference("docker.io", "library/debian", "12", DIGEST),
        ),
        (
            f"pkg:oci/app@{QUOTED}?repository_url=ghcr.io/team&tag=1",
            Reference("ghcr.io", "team/app", "1", DIGEST),
        ),
        ("pkg:oci/static?repository_url=https://gcr.io/distroless/static", None),
    ],
)
def test_a_package_url_names_an_image(typed: str, meant: Reference | None) -> None:
    assert parse_reference(typed) == (meant or Reference("gcr.io", "distroless/static"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("pkg:npm/left-pad@1.3.0", "it is not of type 'docker' or 'oci'"),
        ("pkg:docker", "it cannot be read as a package URL"),
        ("pkg:", "it cannot be read as a package URL"),
        ("pkg:docker/nginx@sha256%3Aabc", "after '@' comes a digest"),
        ("pkg:docker/nginx@a%20b", "cannot be a tag"),
        ("pkg:docker/%1b[31m", "is not an image name"),
    ],
)
def test_a_package_url_without_an_image_is_refused_with_a_sentence(typed: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_reference(typed)
    assert why in str(refused.value)
    assert "\x1b" not in str(refused.value)
