"""A schedule as the configuration writes it."""

from __future__ import annotations

from dataclasses import dataclass

NEVER = "never"
"""The schedule of a mode that is turned off."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: as written, and in seconds if it is an interval."""

    text: str
    seconds: float | None
