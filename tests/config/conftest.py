"""Fixtures of the tests of configuration files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.config.files import Written


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a configuration file."""

    def write(text: str) -> Path:
        file = tmp_path / "indexer.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write
