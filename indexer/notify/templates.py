"""Titles and texts from Jinja2 templates: sandboxed, bounded, and strict about missing names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST = 20_000
"""The most characters of a text; services cut longer ones."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=False)
_ENVIRONMENT.globals.clear()


class TemplateFailed(Exception):
    """A template cannot be used; the message says why."""


def render(template: str, values: Mapping[str, Any]) -> str:
    """Render a template.

    Raises:
        TemplateFailed: it is invalid, or uses a name that does not exist.
    """
    try:
        return _joined(_ENVIRONMENT.from_string(template).generate(values))
    except TemplateFailed:
        raise
    except TemplateError as error:
        raise TemplateFailed(shown(error.message or type(error).__name__, 200)) from None
    except Exception as error:  # noqa: BLE001 - a template may raise anything
        raise TemplateFailed(shown(f"{type(error).__name__}: {error}", 200)) from None


def _joined(pieces: Iterable[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > LONGEST:
            raise TemplateFailed(f"it writes more than {LONGEST:,} characters")
    return text
