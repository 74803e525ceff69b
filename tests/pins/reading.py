"""What the tests of kinds of files share."""

from __future__ import annotations

from indexer.pins import arguments, file_kinds

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32


def read_together(files: dict[str, str], kind: str | None = None, **given: str) -> list[str]:
    """The same of several files that are given together, with their names."""
    found = arguments.images(files, given, kind, lambda name, _most: files[name].encode())
    assert not found.refused
    return [f"{pin.file}:{pin.line}: {pin.reference or pin.problem}" for pin in found.pins]


def read(text: str, name: str, kind: str | None = None, **given: str) -> list[str]:
    """Each image with its line, or what is wrong with it, and what names it."""
    return [
        f"{pin.line}: {pin.reference or pin.problem} ({pin.where})"
        for pin in file_kinds.images(text.encode(), name, given, kind)
    ]
