"""What lives as long as the tests of one process, and ends with them."""

from __future__ import annotations

from contextlib import ExitStack

ENDING = ExitStack()
"""Called back when the last test is over (`pytest_sessionfinish`).

At once, not when the interpreter ends: pytest-xdist kills a worker that takes long to end, and then
a server that it had started would stay.
"""
