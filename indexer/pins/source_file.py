"""A file that may name images: its name, its text, and its YAML if it has some."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.pins.yaml_nodes import Documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, str]
    """Values of variables, by name."""


@dataclass(frozen=True)
class SourceFile:
    """A file.

    Attributes:
        name: as it was given, with its folders; `-` is standard input.
        content: what it holds, in UTF-8.
    """

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Its name with its folders, in lower case, with `/` between them."""
        return self.name.replace("\\", "/").lower()

    @property
    def base(self) -> str:
        """The last component of its name, in lower case."""
        return self.path.rpartition("/")[2]

    @property
    def is_yaml(self) -> bool:
        """Whether its name says that it is YAML; JSON is YAML too."""
        return self.base.endswith((".yaml", ".yml", ".json"))

    @cached_property
    def documents(self) -> Documents:
        """Its YAML, parsed once."""
        return Documents(self.content)

    @cached_property
    def text(self) -> str:
        """What it holds, without a byte order mark."""
        return self.content.decode("utf-8-sig")
