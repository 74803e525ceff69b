"""Credential helpers for tests: programs on the PATH."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Install = Callable[[str, str], None]

KNOWS = """
assert sys.argv[1:] == ["get"]
if host == "https://index.docker.io/v1/":
    print(json.dumps({"ServerURL": host, "Username": "NAME", "Secret": "s3cret"}))
else:
    print("credentials not found in native keychain"); sys.exit(1)
"""
"""A helper that has one login, of Docker Hub."""


def installer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make what installs a helper: its name, and what it does once `host` is read."""
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(name: str, source: str) -> None:
        program = folder / f"docker-credential-{name}"
        program.write_text(
            f"#!{sys.executable} -IS\nimport sys, json\nhost = sys.stdin.read()\n{source}"
        )
        program.chmod(0o755)

    return install
