"""What a first reading that was not exact leaves out: what was there all the time is no change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.model import ChangeKind, CrawlStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.oracle.checks import Crawled
    from tests.oracle.truth import Moment


class Gaps:
    """Checks what is called baseline after the first finished reading of the repositories.

    Only of histories in which nobody hides or shows anything and no clock jumps, and as long as the
    same account crawls.
    """

    def __init__(self) -> None:
        self._always: set[str] | None = None
        """What was public at every moment since that reading began; None: it was not finished."""
        self._ever: set[str] = set()
        """What was there at any moment until it ended."""
        self._account = ""
        self._is_over = False

    def pass_time(self, moments: Sequence[Moment]) -> None:
        """Note what was there at moments that no crawl saw."""
        if self._always is None:
            self._ever.update(*(moment.held for moment in moments))
        else:
            self._always.intersection_update(*map(_public, moments))

    def check(self, crawled: Crawled) -> None:
        """Check which added repositories a crawl calls baseline."""
        self._is_over |= self._account not in {"", crawled.account}
        self._account = crawled.account
        if self._always is not None and not self._is_over:
            for each in crawled.news:
                if each.kind is ChangeKind.REPOSITORY_ADDED:
                    assert each.baseline or each.repository not in self._always, each
                    assert not each.baseline or each.repository in self._ever, each
        self.pass_time(crawled.moments)
        if self._always is None:
            self._close(crawled)

    def _close(self, crawled: Crawled) -> None:
        row = crawled.row
        if row is None:
            self._is_over = True  # nobody can tell whether it was finished
        elif row.status is not CrawlStatus.FAILED and not any(
            "its list could not be read to the end" in each for each in row.errors
        ):
            self._always = set.intersection(*map(_public, crawled.moments))


def _public(moment: Moment) -> set[str]:
    return {name for name, shown in moment.held.items() if not shown.private}
