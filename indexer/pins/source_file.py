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
        text: what it holds.
    """

    name: str
    text: str

    @property
    def base(self) -> str:
        """The last component of its name, in lower case."""
        return self.name.replace("\\", "/").rpartition("/")[2].lower()

    @property
    def is_yaml(self) -> bool:
        """Whether its name says that it is YAML; JSON is YAML too."""
        return self.base.endswith((".yaml", ".yml", ".json"))

    @cached_property
    def documents(self) -> Documents:
        """Its YAML, parsed once."""
        return Documents(self.text)
