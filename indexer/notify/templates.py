"""Titles and texts from Jinja2 templates: sandboxed, bounded, and strict about missing names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 20_000
"""The most characters of a text; services cut longer ones."""


class TemplateFailed(Exception):
    """A template cannot be used; the message says why."""


def render(template: str, values: Mapping[str, Any]) -> str:
    """Render a template.

    Raises:
        TemplateFailed: it is invalid, or uses a name that does not exist.
    """
    from jinja2 import TemplateError  # noqa: PLC0415 - few sinks have a template

    try:
        return _joined(_environment().from_string(template).generate(values))
    except TemplateFailed:
        raise
    except TemplateError as error:
        raise TemplateFailed(shown(error.message or type(error).__name__, 200)) from None
    except Exception as error:  # noqa: BLE001 - a template may raise anything
        raise TemplateFailed(shown(f"{type(error).__name__}: {error}", 200)) from None


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - few sinks have a template
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415 - the same

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=False
    )
    environment.globals.clear()
    return environment


def _joined(pieces: Iterable[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > LONGEST:
            raise TemplateFailed(f"it writes more than {LONGEST:,} characters")
    return text
