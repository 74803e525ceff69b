"""How much of a terminal the commands of a day take, before and after a change.

python -m benchmarks.command_lines --before CHECKOUT [--page docs/command-lines.md]

Each version makes the index of its own `indexer demo`: the simulated Hub holds the same in both.
Then each command runs on a terminal of 80 columns. Counted is what a person sees: a line that is
wider than the terminal takes several. A command that a version does not understand has no number.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent

COLUMNS = 80

COMMANDS = """\
status
due
repos
repos acme
repos acme --sort tags --reverse --limit 10
repos tinkers
query --changed-since 48h
query --changed-since 48h --kind tag_retagged
query --changed-since 48h --namespace acme --reverse
query --changed-since 48h --repository acme/api --columns tag,old_digest,new_digest
query --changed-since 48h --wide
query --changed-since yesterday --until now --limit 5
tags acme/api
tags acme/api --tag 3.*
tags acme/api --version >=3 --sort version
tags acme/api --sort size --reverse
tags acme/api --as-of 12h
tags acme/proxy
tags acme/gateway
tags acme/base --tag 2.*
tags acme/legacy-shop
tags --tag latest
tags --tag 1.0.0 --namespace tinkers
history acme/proxy:1.2.4
history acme/base:latest
history acme/api
history acme/gateway
find da1670cb2449
find ee502bd0b2e1
diff acme/proxy:1.2.4
settled acme/proxy:1.2.4 --for 7d
outdated acme/proxy:1.2.4 acme/api:1.0.0-alpine acme/base:1.0.0-trixie
outdated compose.yaml
check compose.yaml
violations
violations --severity high
stats acme
stats acme/api
sql "SELECT repository, tag, digest, pushed_at FROM report_tags LIMIT 20"
sql "SELECT * FROM report_changes ORDER BY id DESC LIMIT 10"
""".splitlines()

CONFIGURATION = """\
[database]
url = "sqlite:///demo.db"

[[policy]]
name = "a-week-old"
repositories = ["acme/*"]
tags = ["latest*"]
min_age = "7d"
severity = "high"
"""

COMPOSE = """\
services:
  proxy:
    image: demo.localhost/acme/proxy:1.2.4@sha256:{digest}
  api:
    image: demo.localhost/acme/api:1.0.0-alpine
  base:
    image: demo.localhost/acme/base:1.0.0-trixie
  shop:
    image: demo.localhost/acme/a-shop-that-was-never-crawled:latest
"""

OLD_DIGEST = "da1670cb244969511931d22df448cf8c744a77a71cb217d18338dcc1c1a38580"

HEAD = """\
# How much a command shows

For developers who change what a command prints: the lines and columns that {number} commands take
on a terminal of {columns} columns, with the index of `indexer demo`. A line that is wider than the
terminal counts as several. *Before* is the commit `{before}`, in which a long cell went on in the
next line.

<!-- Written by benchmarks/command_lines.py; do not edit. -->

| command | lines before | after | widest line before | after |
| --- | --: | --: | --: | --: |
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a command took of a terminal: lines as they are seen, and the widest one."""

    lines: int
    widest: int


class Version:
    """One version of the program, in a folder with its demo.

    Args:
        checkout: where its source is.
        folder: an empty one.
    """

    def __init__(self, checkout: Path, folder: Path) -> None:
        self._folder = folder
        variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = {
            **variables, "PYTHONPATH": str(checkout), "LANG": "C.UTF-8", "TERM": "xterm",
        }  # fmt: skip
        self._run(["demo"], subprocess.DEVNULL)
        (folder / "indexer.toml").write_text(CONFIGURATION, encoding="utf-8")
        compose = COMPOSE.format(digest=OLD_DIGEST)
        (folder / "compose.yaml").write_text(compose, encoding="utf-8")

    def seen(self, command: str) -> Seen | None:
        """Run a command; None if it is not understood."""
        words = [match[1] or match[0] for match in re.finditer(r'"([^"]*)"|\S+', command)]
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        code = None
        with tempfile.TemporaryFile() as kept:
            child = self._start(words, theirs)
            os.close(theirs)
            while piece := _read(ours):
                kept.write(piece)
            code = child.wait()
            os.close(ours)
            kept.seek(0)
            text = kept.read().decode(errors="replace")
        return None if code == 2 else _seen(text.splitlines())

    def _start(self, words: Sequence[str], terminal: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", *words],
            cwd=self._folder, env=self._environment,
            stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
        )  # fmt: skip

    def _run(self, words: Sequence[str], out: int) -> None:
        with self._start(words, out) as child:
            if child.wait():
                sys.exit(f"{' '.join(words)} failed with {child.returncode}")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other side was closed
        return b""


def _seen(lines: Sequence[str]) -> Seen:
    widths = [len(line) for line in lines]
    return Seen(sum(max(-(-width // COLUMNS), 1) for width in widths), max(widths, default=0))


def table(found: Sequence[tuple[str, Seen | None, Seen | None]]) -> Iterator[str]:
    """Yield the rows, and their sum for the commands that both versions understand."""
    for command, before, after in found:
        yield _row(f"`{command}`".replace("|", "\\|"), before, after)
    both = [(before, after) for _, before, after in found if before and after]
    sums = [
        Seen(sum(each.lines for each in side), max(each.widest for each in side))
        for side in zip(*both, strict=True)
    ]
    yield _row(f"together, where both know the command ({len(both)})", *sums)


def _row(name: str, before: Seen | None, after: Seen | None) -> str:
    lines = [f"{each.lines:,}" if each else "" for each in (before, after)]
    widest = [f"{each.widest:,}" if each else "" for each in (before, after)]
    return f"| {name} | {' | '.join((*lines, *widest))} |"


def main() -> None:
    """Run the commands, and print the table or write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.command_lines")
    parser.add_argument("--before", type=Path, required=True, metavar="CHECKOUT")
    parser.add_argument("--page", type=Path, metavar="FILE", help="the file to write the page to")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        versions = []
        for name, checkout in (("before", wanted.before.resolve()), ("after", ROOT)):
            place = Path(folder, name)
            place.mkdir()
            versions.append(Version(checkout, place))
        before, after = versions
        found = [(each, before.seen(each), after.seen(each)) for each in COMMANDS]
    commit = subprocess.run(
        ["git", "-C", str(wanted.before), "rev-parse", "--short", "HEAD"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    text = HEAD.format(columns=COLUMNS, number=len(COMMANDS), before=commit) + "".join(
        f"{row}\n" for row in table(found)
    )
    if wanted.page:
        wanted.page.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
