"""A file that may name images: its name, its text, and its YAML if it has some."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.pins.yaml_nodes import Documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, str]
    """Values of variables, by name."""

STANDARD_INPUT = "-"


@dataclass(frozen=True)
class SourceFile:
    """A file.

    Attributes:
        name: as it was given, with its folders; `-` is standard input.
        content: what it holds, in UTF-8.
        beside: all files of its kind that were given with it, in order, itself included.
        contexts: of a Dockerfile the names of additional build contexts that it is built with,
            by all compose files that were given with it.
    """

    name: str
    content: bytes
    beside: list[SourceFile] = field(default_factory=list, compare=False, repr=False)
    contexts: set[str] = field(default_factory=set, compare=False, repr=False)

    @property
    def path(self) -> str:
        """Its name with its folders, in lower case, with `/` between them."""
        return self.name.replace("\\", "/").lower()

    @property
    def place(self) -> str:
        """Its name without detours: `a/../b.yaml` is `b.yaml`."""
        return posixpath.normpath(self.name.replace("\\", "/"))

    def place_of(self, path: str) -> str:
        """The place of a file that this one names by a path from its own folder."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.place), path))

    @property
    def base(self) -> str:
        """The last component of its name, in lower case."""
        return self.path.rpartition("/")[2]

    @property
    def title(self) -> str:
        """Its name for a message."""
        return "standard input" if self.name == STANDARD_INPUT else shown(self.name)

    @property
    def is_yaml(self) -> bool:
        """Whether it may be YAML by its name, which says so or nothing; JSON is YAML too."""
        return self.is_named_yaml or "." not in self.base

    @property
    def is_named_yaml(self) -> bool:
        """Whether its name says that it is YAML."""
        return self.base.endswith((".yaml", ".yml", ".json"))

    @cached_property
    def documents(self) -> Documents:
        """Its YAML, parsed once."""
        return Documents(self.content, "JSON" if self.base.endswith(".json") else "YAML")

    @cached_property
    def text(self) -> str:
        """What it holds, without a byte order mark."""
        return self.content.decode("utf-8-sig")
