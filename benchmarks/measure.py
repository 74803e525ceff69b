"""What the benchmarks share: a simulator in a process of its own, runs, and verdicts as ratios.

Absolute times depend on the machine. So each number is a ratio to something simpler in the same
run: a bare loop, an import, another command.
"""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
INDEXER = (str(Path(sys.executable).with_name("indexer")),)
NAMESPACE = "bench"

KIB_PER_MIB = 1024

_CONFIGURATION = """\
[[registry]]
hub_url = "{url}"
namespaces = ["{namespace}"]

[http]
concurrency = {threads}
"""


class Run(NamedTuple):
    """The cost of one process: `seconds` from start to end, `cpu` seconds, `peak` MiB."""

    seconds: float
    cpu: float
    peak: float

    def beside(self, other: Run) -> str:
        """Both runs in words; on a busy machine the processor's time is more reliable."""
        return (
            f"{self.seconds:.2f} s to {other.seconds:.2f} s"
            f" (cpu {self.cpu:.2f} s to {other.cpu:.2f} s)"
        )


class Verdict(NamedTuple):
    """A measured number beside its goal."""

    what: str
    value: float
    goal: float
    """The most that is aimed at."""
    note: str = ""
    before: str = ""
    """What was measured when the goal was set."""
    limit: float | None = None
    """The most that it may be while the goal is not met; none: the goal."""
    reason: str = ""
    """Why the goal is not met."""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.value <= self.goal

    @property
    def holds(self) -> bool:
        """Whether the promise is kept: the goal is met, or a reason is given and a limit kept."""
        return self.is_met or (
            bool(self.reason) and self.limit is not None and self.value <= self.limit
        )

    @property
    def remark(self) -> str:
        """What is said beside the numbers."""
        bound = f" (at most {self.limit:g})" if self.limit is not None else ""
        why = "" if self.is_met else f"not met{bound}: {self.reason or 'the reason is not known'}"
        return "; ".join(filter(None, (self.note, why)))

    def __str__(self) -> str:
        """One line of the report."""
        mark = "ok  " if self.holds else "MISS"
        return f"{mark} {self.what:<58} {self.value:>8.2f}   goal {self.goal:g}   {self.remark}"


def scaled(size: int, scale: float, *, least: int) -> int:
    """A size as promised, or a smaller one, to try a benchmark quickly."""
    return max(round(size * scale), least)


def run(arguments: Sequence[str], folder: Path, cwd: Path | None = None) -> Run:
    """Run a process until it ends with exit code 0; its output goes to `folder`/out.

    Args:
        arguments: the command.
        folder: for its output.
        cwd: its working directory; by default `folder`.

    Raises:
        RuntimeError: it ended with another exit code.
    """
    launcher = (sys.executable, "-I", str(ROOT / "benchmarks" / "launching.py"))
    command = [*launcher, str(folder / "taken"), *arguments]
    with (folder / "out").open("wb") as out:
        code = subprocess.run(
            command, cwd=cwd or folder, stdout=out, stderr=out, check=False
        ).returncode
    if code != 0:
        said = (folder / "out").read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise RuntimeError(f"{arguments} ended with {code}: {said}")
    seconds, cpu, peak = json.loads((folder / "taken").read_text(encoding="utf-8"))
    divisor = KIB_PER_MIB if sys.platform != "darwin" else KIB_PER_MIB**2  # getrusage(2)'s units
    return Run(seconds, cpu, peak / divisor)


def compile_program() -> None:
    """Write the program's bytecode, as pip does for what it installs: a checkout may have none."""
    compileall.compile_dir(ROOT / "indexer", quiet=1)


def fastest(arguments: Sequence[str], folder: Path, times: int) -> Run:
    """The fastest of some runs: the one that other processes disturbed least."""
    return min(run(arguments, folder) for _ in range(times))


def cpu_ratio(ours: Callable[[], Run], floor: Callable[[], Run], times: int) -> tuple[float, str]:
    """How many times the processor's time of something simpler, measured in turn.

    Args:
        ours: runs what is measured.
        floor: runs what it is compared with.
        times: how often both run.

    Returns:
        The ratio of the lowest times of each, which other processes disturbed least, and both in
        words.
    """
    pairs = [(ours(), floor()) for _ in range(times)]
    best, bare = (min(runs, key=lambda run: run.cpu) for runs in zip(*pairs, strict=True))
    return best.cpu / bare.cpu, f"{best.cpu:.2f} s to {bare.cpu:.2f} s of CPU"


@contextmanager
def simulated(*, repositories: int, tags: int, platforms: int = 8) -> Iterator[str]:
    """Run a simulated Hub in a process of its own, with prepared pages; yield its address."""
    size = {"repositories": repositories, "tags": tags, "platforms": platforms, "cache-mib": 512}
    options = [f"--{name}={value}" for name, value in size.items()]
    command = [
        sys.executable,
        "-m",
        "indexer.hub_simulator",
        "--namespaces",
        NAMESPACE,
        "--prepare",
        "--rate-limit=0",
        "--no-offset-bound",
    ]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def folder(url: str = "", threads: int = 4) -> Iterator[Path]:
    """A working directory with a configuration for the simulator."""
    with tempfile.TemporaryDirectory(prefix="indexer-bench-") as name:
        if url:
            text = _CONFIGURATION.format(url=url, namespace=NAMESPACE, threads=threads)
            (Path(name) / "indexer.toml").write_text(text, encoding="utf-8")
        yield Path(name)
