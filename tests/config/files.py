"""What is said of configuration files that tests write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import load
from indexer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Written = Callable[[str], Path]
    """Writes a configuration file with a text; returns where."""


def mistakes(file: Path, **environ: str) -> list[str]:
    """The sentences about a file, without its name."""
    with pytest.raises(ConfigError) as caught:
        load(file, environ)
    lines = str(caught.value).splitlines()
    assert all(line.endswith((".", "?")) for line in lines)
    return [line.removeprefix(f"{file}: ") for line in lines]
