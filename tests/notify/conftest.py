from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.notify.stage import FakeClock
from tests.store.scribe import Scribe

if TYPE_CHECKING:
    from tests.support.memory_index import Index


@pytest.fixture
def scribe(index: Index) -> Scribe:
    return Scribe(index.archive)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
