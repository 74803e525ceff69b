"""Commands that are hindered on purpose: by little room, few rights, somebody's lock."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.end_to_end.program import PATIENCE_SECONDS, Done, command
from tests.support.databases import missing

if TYPE_CHECKING:
    from tests.end_to_end.program import Program


def run(program: Program, *arguments: str, through: tuple[str, ...] = ()) -> Done:
    """Run a command of the program through another one, which limits it."""
    if through and shutil.which(through[0]) is None:
        missing(f"there is no '{through[0]}' here: install util-linux")
    done = subprocess.run(
        [*through, *command(), *arguments],
        cwd=program.folder,
        # Python keeps bytecode that was cut short by such a limit, and no command starts any more.
        env=program.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def as_anybody() -> tuple[str, ...]:
    """What makes the permissions of files count for root too."""
    if os.geteuid() != 0:
        return ()
    powers = "dac_override", "dac_read_search", "fowner"
    return ("setpriv", f"--bounding-set={','.join(f'-{power}' for power in powers)}")


def small_files(most_bytes: int) -> tuple[str, ...]:
    """What lets no file grow beyond a size."""
    return ("prlimit", f"--fsize={most_bytes}")


def assert_told(done: Done, *parts: str) -> None:
    """A command failed because of its database: one sentence says so, and what to do."""
    assert done.code == 2, done
    *_, last = done.err.strip().splitlines()
    for part in ("indexer: the ", *parts):
        assert part in last, done
    assert last.endswith("."), done
    assert "Traceback" not in done.err
    assert "unexpected" not in done.err
