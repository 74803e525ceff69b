from __future__ import annotations

import pytest


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """A database without a schema: making it is what is tested here."""
    return empty_database_url
