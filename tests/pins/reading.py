"""What the tests of kinds of files share."""

from __future__ import annotations

from indexer.pins import file_kinds

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32


def read(text: str, name: str, kind: str | None = None, **given: str) -> list[str]:
    """Each image with its line, or what is wrong with it, and what names it."""
    return [
        f"{pin.line}: {pin.reference or pin.problem} ({pin.where})"
        for pin in file_kinds.images(text.encode(), name, given, kind)
    ]
