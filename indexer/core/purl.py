"""Package URLs of images (`pkg:docker/…`, `pkg:oci/…`) as the names that docker takes.

The types are defined by the package-url project (purl-spec, types `docker` and `oci`). In `docker`
the version is a tag or a digest. In `oci` the version is a digest and the tag is a qualifier.
"""

from __future__ import annotations

SCHEME = "pkg:"

_DIGESTS = ("sha256:", "sha512:")


def is_package_url(text: str) -> bool:
    """Whether a text begins like a package URL."""
    return text.startswith(SCHEME)


def image_of(text: str) -> str:
    """The image's name as docker users type it. Whether that is a valid name is not checked here.

    Raises:
        ValueError: it is not a package URL of an image; the message continues a sentence.
    """
    from packageurl import PackageURL  # noqa: PLC0415 - few names are written so

    try:
        read = PackageURL.from_string(text)
    except ValueError:
        raise ValueError("it cannot be read as a package URL") from None
    address = read.qualifiers.get("repository_url", "").rpartition("://")[2].strip("/")
    if read.type == "docker":
        path = "/".join(filter(None, (address, read.namespace, read.name)))
    elif read.type == "oci":
        # The last part of repository_url is the name, which some tools leave out.
        is_whole = address.rpartition("/")[2].lower() == read.name.lower()
        path = address if is_whole else "/".join(filter(None, (address, read.name)))
    else:
        raise ValueError("it is not of type 'docker' or 'oci'")
    tag, digest = read.qualifiers.get("tag", ""), ""
    version = read.version or ""
    if version.startswith(_DIGESTS):
        digest = version
    elif version:
        tag = version
    return f"{path}{':' * bool(tag)}{tag}{'@' * bool(digest)}{digest}"
