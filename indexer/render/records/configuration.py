"""The configuration in force, and what is missing in it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class ConfiguredValue(Struct, frozen=True):
    """One key of the configuration."""

    section: str
    key: str
    value: Annotated[str, Meta(description="As TOML writes it; secrets are masked.")]
    origin: Annotated[str, Meta(description="default, or the name of a file or of a variable.")]
    note: Annotated[str, Meta(description="Whether what it names is there; mostly empty.")]


class ConfigurationFinding(Struct, frozen=True):
    """Something that is missing in the configuration."""

    place: str
    problem: str
