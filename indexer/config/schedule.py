"""When something is due, as the configuration has it."""

from __future__ import annotations

from dataclasses import dataclass

NEVER = "never"
"""The schedule of what is not wanted."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is due: as written, and in seconds where it is an interval."""

    text: str
    seconds: float | None
