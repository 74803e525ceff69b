"""Reads digests as people have them: full or short, or pasted with the image around them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.errors import UsageError
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMED = 10
"""The most digests that a sentence names."""

LEAST_DIGITS = 7
"""The shortest digest, as Git's."""

_SHAPE = re.compile(
    # `docker-pullable://nginx@sha256:…`, as Kubernetes gives an `imageID`; `docker://sha256:…`
    r"(?:[a-z-]+://)?(?:[^\s@]+@)?(?:(sha256|sha512):)?([0-9a-f]{1,128})(?:\.{3})?",
    re.ASCII | re.IGNORECASE,
)
_NAMED = re.compile(
    # Anywhere in `"RepoDigests": ["nginx@sha256:…"],`; `sha256-….sig` is the tag of a signature.
    r"(?<![0-9a-z])(sha256|sha512)[:-]([0-9a-f]{7,})(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = {"sha256": 64, "sha512": 128}


class DigestPrefix(NamedTuple):
    """A digest, or its beginning.

    Attributes:
        algorithm: `sha256` or `sha512`; None: it was not typed, and may be either.
        digits: hex digits, in lower case.
    """

    algorithm: str | None
    digits: str

    @property
    def full(self) -> str | None:
        """The digest, if it is a whole one."""
        for algorithm, length in _DIGITS.items():
            if len(self.digits) == length and self.algorithm in {None, algorithm}:
                return f"{algorithm}:{self.digits}"
        return None

    def begins(self, digest: str) -> bool:
        """Whether a digest begins so."""
        algorithm, _, digits = digest.partition(":")
        return self.algorithm in {None, algorithm} and digits.startswith(self.digits)

    def __str__(self) -> str:
        """As it may be typed."""
        return f"{self.algorithm}:{self.digits}" if self.algorithm else self.digits


def is_pasted_digest(text: str) -> bool:
    """Whether a text can only be meant as a digest: it has `sha256:` in it."""
    found = _read(text)
    return found is not None and found[0] is not None


def digest_in(text: str) -> DigestPrefix | None:
    """The digest that a text is; None if it is none, or too short."""
    try:
        return parse_digest(text)
    except UsageError:
        return None


def parse_digest(text: str) -> DigestPrefix:
    """Read a digest: `sha256:4bcff6…`, `4bcff63`, `nginx@sha256:…` (a RepoDigest), an `imageID`.

    A line of JSON or YAML that names one digest, and no other, is read as well.

    Raises:
        UsageError: it is none, or too short, or several.
    """
    found = _read(text)
    if found is None or not LEAST_DIGITS <= len(found[1]) <= _DIGITS[found[0] or "sha512"]:
        raise UsageError(
            f"'{shown(text, 200)}' is not a digest: write 'sha256:' and its digits, or the first "
            f"{LEAST_DIGITS} or more of them, or paste 'nginx@sha256:…'."
        )
    return DigestPrefix(*found)


def _read(text: str) -> tuple[str | None, str] | None:
    """The algorithm, if it is named, and the digits; None: there is none, or there are several."""
    found = _SHAPE.fullmatch(text.strip())
    if found is not None:
        return found[1] and found[1].lower(), found[2].lower()
    named = {(each[1].lower(), each[2].lower()) for each in _NAMED.finditer(text)}
    return named.pop() if len(named) == 1 else None


def several(wanted: DigestPrefix, digests: Iterable[str]) -> str:
    """A sentence that several digests begin so."""
    named = sorted(digests)
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"several digests begin with {wanted}: {', '.join(named[:MOST_NAMED])}{more}."
