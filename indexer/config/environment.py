"""Reads an environment variable whose value must be text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_of(environ: Mapping[str, str], name: str) -> str:
    """The value of a variable, empty if it is not set.

    Raises:
        ConfigError: it holds bytes that are no UTF-8. Python keeps such bytes as lone surrogates
            (PEP 383), which no request can carry.
    """
    value = environ.get(name, "")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(
            f"the environment variable {name} holds bytes that are not text in UTF-8: set it again."
        ) from None
    return value
