"""Files in HCL or in its JSON form, each parsed once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.pins.hcl.reader import read
from indexer.pins.hcl.syntax import Damaged
from indexer.pins.image_names import unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile


class Parsed(NamedTuple):
    """A file in HCL or in its JSON form.

    Attributes:
        roots: what could be read; nothing if it is not HCL.
        problem: what could not.
        is_json: its texts are templates.
    """

    roots: Sequence[yaml.Node]
    problem: Pin | None
    is_json: bool


@lru_cache(maxsize=128)
def parsed_file(file: SourceFile) -> Parsed:
    """Read a file. Files that are given together are read by one another, and once."""
    if file.base.endswith(".json") or file.text.lstrip().startswith("{"):
        return Parsed(file.documents.roots, file.documents.problem, is_json=True)
    try:
        return Parsed([read(file.text)], None, is_json=False)
    except Damaged as damage:
        problem = unreadable("", "HCL", damage.line, f"from here on it is not HCL: {damage}")
        return Parsed([], problem, is_json=False)


def beside(file: SourceFile) -> list[SourceFile]:
    """The files of the same folder that were given with a file, itself last."""
    folder = file.path.rpartition("/")[0]
    others = [each for each in file.beside if each is not file]
    return [*(each for each in others if each.path.rpartition("/")[0] == folder), file]
