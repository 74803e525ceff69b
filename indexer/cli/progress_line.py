"""The line on a terminal that shows the progress of a crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from indexer.core.humanize import count

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class ProgressLine:
    """Shows the namespace, repositories read and in total, requests, and reasons to wait."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            transient=True,
            # Standard output may be a file: do not redirect it to the terminal.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=None, note="")
        self._problems = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begin(self, name: str) -> None:
        """The repositories of a namespace are being listed."""
        self._show(description=escape(name), note="listing its repositories")

    def opening(self, total: int) -> None:
        """`total` repositories will be read."""
        self._progress.update(self._task, total=total)
        self._show(note="")

    def opened(self, repository: str, done: int, requests: str) -> None:
        """A repository was read, or reading it failed."""
        self._progress.update(self._task, completed=done)
        self._show(note=f"{requests}{self._problems}  {escape(repository)}")

    def problem(self, number: int) -> None:
        """`number` problems occurred so far; the report at the end lists them."""
        self._problems = f", {count(number, 'problem')}"

    def waiting(self, sentence: str) -> None:
        """The crawl waits for the registry's rate limit."""
        self._show(note=escape(sentence))

    def _show(self, *, note: str, description: str | None = None) -> None:
        self._progress.update(self._task, description=description, note=note)
