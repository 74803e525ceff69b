"""Reads what stands where a file names an image, and says why if it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import parse_reference
from indexer.pins.pin import Pin
from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Mapping


def named(text: str, where: str, line: int | None, written: str = "") -> Pin:
    """A pin for an image's name, or with the problem if it cannot be read.

    Args:
        text: the name.
        where: what names it: `FROM`, `service web`.
        line: where it stands, from 1.
        written: as the file has it, if variables were replaced.
    """
    try:
        return Pin(written or text, where, parse_reference(text), line=line)
    except UsageError as error:
        return Pin(written or text, where, problem=str(error), line=line)


def filled(text: str, where: str, line: int, given: Mapping[str, str]) -> Pin:
    """A pin for an image's name that may hold variables as compose files do: `${TAG:-1}`."""
    try:
        return named(expand(text, given, escape="$"), where, line, text)
    except NotSet as problem:
        return Pin(text, where, problem=f"'{shown(text)}': {problem}.", line=line)


def unreadable(text: str, where: str, line: int | None, why: str) -> Pin:
    """A pin for what cannot be understood where an image is expected.

    Args:
        text: as the file has it; empty if there is none.
        where: what names it.
        line: where it stands, from 1.
        why: a sentence without a full stop.
    """
    problem = f"'{shown(text)}': {why}." if text else f"{why}."
    return Pin(text, where, problem=problem, line=line)
