"""Says how fresh an answer is, and fails if it is older than --max-age: in each command alike."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import typer

from indexer.core.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from indexer.cli.context import CommandContext
    from indexer.crawl.schedule.freshness import Freshness, Wanted
    from indexer.store.catalog.catalog import Catalog
    from indexer.store.sql_reports.reports import Reports

MOST_UNSEEN = 100
"""Repositories of one answer that are checked for being looked at still."""

NOTHING = "nothing was crawled yet: run '{} crawl NAMESPACE' first."


class AnswerAge:
    """How fresh the answer of a command is.

    Args:
        session: the running command.
        catalog: the index. It is asked now, so an answer that is read later is not older.
        max_age: what was typed as --max-age, if anything.
        wanted: whether the answer rests on a namespace; None: on each.
        may_be_empty: the command says itself that nothing was crawled yet.

    Raises:
        UsageError: --max-age is not a duration, or nothing was ever crawled: no answer of such an
            index says anything.
    """

    def __init__(
        self,
        session: CommandContext,
        catalog: Catalog | Reports,
        max_age: str | None,
        wanted: Wanted | None = None,
        *,
        may_be_empty: bool = False,
    ) -> None:
        from indexer.config.timetables import timetables_of  # noqa: PLC0415 - help must not wait for it
        from indexer.config.value_readers import duration  # noqa: PLC0415 - the same
        from indexer.crawl.schedule.freshness import freshness  # noqa: PLC0415 - help must not wait for it
        from indexer.render import awaiting_review  # noqa: PLC0415 - the same

        self._session = session
        self._unseen: list[str] = []
        self._typed = max_age
        self._most = None if max_age is None else duration(max_age, "--max-age")
        self._now = session.now()
        held = [
            each
            for each in catalog.held_back()
            if wanted is None or wanted(each.registry, each.namespace)
        ]
        self._unseen += awaiting_review.warnings(held)
        known = catalog.ages(self._now)
        if not (known or may_be_empty):
            raise UsageError(NOTHING.format(session.program))
        self.freshness: Freshness = freshness(
            known,
            timetables_of(session.settings),
            self._now,
            wanted,
        )

    def rests_on(
        self, catalog: Catalog, places: Iterable[tuple[str, str]], tag: str | None = None
    ) -> None:
        """Note which of these repositories no crawl looks at any more: `tell` says it.

        With a tag, also in which of them the configuration leaves that tag out.
        """
        from indexer.core.catalog_entries import Unseen  # noqa: PLC0415 - help must not wait for it
        from indexer.core.humanize import image  # noqa: PLC0415 - the same

        for place in itertools.islice(dict.fromkeys(places), MOST_UNSEEN):
            unseen, name = catalog.unseen(*place), image(*place, None)
            if unseen is None and tag is not None:
                left_out = catalog.unwatched(*place, [tag]).get(tag)
                name = image(*place, tag)
                unseen = None if left_out is None else Unseen(left_out, None)
            if unseen is not None and not unseen.held_back:  # that is said already
                self._unseen.append(f"{name} {unseen.words}: this is what was known then.")

    def leaves_out_hidden(self, catalog: Catalog, wanted: Wanted) -> None:
        """Note how many repositories are hidden where changes were asked for: `tell` says it."""
        from indexer.core.humanize import count, short_time  # noqa: PLC0415 - help must not wait for it
        from indexer.core.printable import shown  # noqa: PLC0415 - the same

        for each in catalog.hidden():
            if wanted(each.registry, each.namespace):
                what = count(each.number, "private repository is", "private repositories are")
                self._unseen.append(
                    f"{what} not visible to {shown(each.account or '')} since "
                    f"{short_time(each.since)} UTC in {shown(each.namespace)}: later "
                    "changes there are not known."
                )

    def lacks(self, since: datetime) -> bool:
        """Whether no complete crawl of everything asked about came after a time."""
        last = self.freshness.last_complete_at
        return last is not None and last < since

    @property
    def is_partial(self) -> bool:
        """Whether the last crawl of something asked about did not read all."""
        return bool(self.freshness.partly_read)

    def tell_beginning(self, since: datetime) -> None:
        """Say what the index did not know yet at a time that was asked about."""
        from indexer.render import freshness as render  # noqa: PLC0415 - help must not wait for it

        for sentence in render.beginnings(self.freshness, since):
            self._session.note(sentence)

    @property
    def words(self) -> str:
        """When the last complete crawl was, with its age."""
        from indexer.render import freshness as render  # noqa: PLC0415 - help must not wait for it

        return render.last_complete(self.freshness, self._now)

    def tell(self, *, note: bool = True) -> None:
        """Write it on standard error.

        Args:
            note: say when the last complete crawl was, also where nothing is stale.

        Raises:
            Exit: with code 1: the answer is older than was asked for.
        """
        from indexer.render import freshness as render  # noqa: PLC0415 - help must not wait for it

        self._session.out.flush()  # the answer first: who leaves early gets no word after it
        if note and self.freshness.namespaces:
            self._session.note(f"{self.words}.")
        for warning in (*render.warnings(self.freshness, self._now), *self._unseen):
            self._session.complain(warning)
        if self._most is None or self._typed is None:
            return
        why = render.too_old(self.freshness, self._most, self._typed, self._now)
        if why:
            self._session.complain(why)
            raise typer.Exit(1)


def tell_of_reports(session: CommandContext, reports: Reports, max_age: str | None) -> None:
    """Say what is stale of the index that a report was made from.

    Raises:
        Exit: with code 1: it is older than was asked for.
        StoreError: --max-age was given, and the account of the database may not read how old it is.
    """
    try:
        age = AnswerAge(session, reports, max_age, may_be_empty=True)
    except StoreError as unknown:
        if max_age is not None:
            raise
        session.complain(str(unknown))
        return
    if not age.freshness.namespaces:
        session.complain(NOTHING.format(session.program))
    age.tell(note=False)
