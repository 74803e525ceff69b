"""Things that live as long as the tests of one process."""

from __future__ import annotations

from contextlib import ExitStack

ENDING = ExitStack()
"""Callbacks for the end of the last test (`pytest_sessionfinish`).

At once, not when the interpreter ends: pytest-xdist kills a worker that takes long to end, and then
a server that it had started would stay.
"""
