"""What has to hold after every crawl, whatever happened."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from indexer.core.model import ChangeKind, CrawlStatus, Mode
from indexer.crawl.selection.cycle import modes
from tests.oracle.index import Indexed

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from indexer.core.model import Change, Crawl
    from indexer.policies.evidence import Ending
    from tests.oracle.index import Reader
    from tests.oracle.truth import Moment, Tags

NOWHERE = Indexed(private=False, tags={})


class Crawled(NamedTuple):
    """A crawl, and all that there is to judge it by.

    Attributes:
        row: what it says itself; None if it was interrupted.
        mode: how it crawled.
        shown: the private repositories that it was shown.
        account: in whose name it crawled.
        opened: the repositories whose tags it asked for.
        moments: what the namespace held at its start and after each event until its end.
        before: what the index held before it, and
        after: what it held then.
        news: what it wrote into the change log.
        read_before: the repositories that earlier crawls opened which it continued.
    """

    row: Crawl | None
    mode: Mode
    shown: Container[str]
    account: str
    opened: frozenset[str]
    moments: Sequence[Moment]
    before: Mapping[str, Indexed]
    after: Mapping[str, Indexed]
    news: Sequence[Change]
    read_before: frozenset[str] = frozenset()

    @property
    def is_complete(self) -> bool:
        return self.row is not None and self.row.status is CrawlStatus.COMPLETE

    def seen(self) -> list[dict[str, Tags]]:
        """What it was shown at each moment."""
        return [moment.seen(self.shown) for moment in self.moments]


def check(crawled: Crawled, reader: Reader) -> None:
    """Check a crawl."""
    check_the_log(crawled)
    check_what_was_removed(crawled)
    check_what_is_hidden(crawled)
    check_what_was_seen(crawled, reader)
    if crawled.is_complete:
        check_what_was_read(crawled, reader)


def check_the_log(crawled: Crawled) -> None:
    """The change log holds every difference between the two states exactly once."""
    told = Counter((each.kind, each.repository, each.tag) for each in crawled.news)
    assert told == Counter(differences(crawled.before, crawled.after)), (
        "the log is not what changed"
    )
    for each in crawled.news:
        if each.tag is None:
            continue
        old = crawled.before.get(each.repository, NOWHERE).tags.get(each.tag)
        new = crawled.after.get(each.repository, NOWHERE).tags.get(each.tag)
        assert each.old_digest == (old.digest if old else None), each
        assert each.new_digest == (new.digest if new else None), each
        assert crawled.row is None or each.crawl_id == crawled.row.id


def differences(
    before: Mapping[str, Indexed], after: Mapping[str, Indexed]
) -> list[tuple[ChangeKind, str, str | None]]:
    """What a change log has to say of the way from one state to another."""
    found: list[tuple[ChangeKind, str, str | None]] = [
        *((ChangeKind.REPOSITORY_REMOVED, name, None) for name in before.keys() - after.keys()),
        *((ChangeKind.REPOSITORY_ADDED, name, None) for name in after.keys() - before.keys()),
    ]
    for name, indexed in after.items():
        old, new = before.get(name, NOWHERE).tags, indexed.tags
        found += ((ChangeKind.TAG_ADDED, name, tag) for tag in new.keys() - old.keys())
        found += ((ChangeKind.TAG_REMOVED, name, tag) for tag in old.keys() - new.keys())
        found += (
            (ChangeKind.TAG_RETAGGED, name, tag)
            for tag in new.keys() & old.keys()
            if old[tag].tells_apart(new[tag])
        )
    return found


def check_what_was_removed(crawled: Crawled) -> None:
    """Nothing is reported as removed that existed all the time, or that may be hidden.

    Hidden is not what was shown all the time. It is no change: see `differences`.
    """
    seen = crawled.seen()
    for each in crawled.news:
        if each.kind is ChangeKind.REPOSITORY_REMOVED:
            assert any(each.repository not in now for now in seen), f"never gone: {each}"
            assert not crawled.before[each.repository].private, f"may be hidden: {each}"
        elif each.kind is ChangeKind.TAG_REMOVED:
            assert any(each.tag not in now.get(each.repository, {}) for now in seen), (
                f"never gone: {each}"
            )


def check_what_is_hidden(crawled: Crawled) -> None:
    """Only what is private is hidden, and who finds something hidden says so once.

    What was shown all the time is not called hidden.
    """
    seen = crawled.seen()
    found = []
    for name, indexed in crawled.after.items():
        if not indexed.hidden:
            continue
        assert indexed.private, f"{name} is public"
        if not crawled.before.get(name, NOWHERE).hidden:
            found.append(name)
            assert any(name not in now for now in seen), f"never hidden: {name}"
    if crawled.row is not None and crawled.row.status is not CrawlStatus.INTERRUPTED:
        told = sum("kept as hidden" in each for each in crawled.row.errors)
        assert told == bool(found), (found, crawled.row)


class PublicView:
    """What the public may be shown: what was public, as far as crawls can see that.

    Attributes:
        public: what was public at any moment; and what was first read of a repository that had
            become private, by a crawl that had not seen that yet.
    """

    def __init__(self) -> None:
        self.public: set[tuple[str, str, str | None]] = set()
        self._was_private = False
        """Whether anything ever was; if not, there is nothing to look for."""

    def check(self, crawled: Crawled, reader: Reader) -> None:
        """Check it after a crawl: nothing of a private time, nothing of what is private."""
        for moment in crawled.moments:
            self.public.update(moment.public())
            self._was_private |= any(held.private for held in moment.held.values())
        for name, indexed in crawled.after.items():
            old = crawled.before.get(name, NOWHERE).tags
            if not indexed.private:
                self.public |= {
                    (name, tag, pointed.digest)
                    for tag, pointed in indexed.tags.items()
                    if old.get(tag) != pointed
                }
        if not self._was_private:
            return
        for name, tag, digest in reader.shown_to_the_public():
            assert digest is None or (name, tag, digest) in self.public, f"{name}:{tag} {digest}"
            assert name not in crawled.after or not crawled.after[name].private, name


def check_what_was_seen(crawled: Crawled, reader: Reader) -> None:
    """What a crawl added or moved was there while it crawled, and what it did not open stays."""
    seen = crawled.seen()
    for name, indexed in crawled.after.items():
        old = crawled.before.get(name)
        if old is None:
            assert any(name in now for now in seen), f"{name} was never shown"
        elif name not in crawled.opened:
            assert old.tags == indexed.tags, f"{name} was not opened, and changed"
        for tag, pointed in indexed.tags.items():
            if (old or NOWHERE).tags.get(tag) != pointed:
                assert any(
                    tag in now.get(name, {})
                    and reader.points_to(name, tag, pointed, now[name][tag])
                    for now in seen
                ), f"{name}:{tag} never pointed to {pointed}"


def check_what_was_read(crawled: Crawled, reader: Reader) -> None:
    """Each repository that a complete crawl read is as it was at one moment.

    One that was gone in between, and came back, is whatever it was.
    """
    seen = crawled.seen()
    for name in crawled.opened:
        if name in crawled.after:
            assert any(
                name in now and reader.equals(name, crawled.after[name], now[name]) for now in seen
            ), f"{name} never was {crawled.after[name]}"
        else:
            assert any(name not in now for now in seen), f"{name} was opened, and is missing"
    if crawled.mode is not Mode.INCREMENTAL:
        shown = {name for name, indexed in crawled.after.items() if not indexed.hidden}
        assert shown <= crawled.opened | crawled.read_before, "not everything was read"


def check_nothing_is_lost(crawled: Crawled, reader: Reader) -> None:
    """After a complete crawl nothing is missing that was there all the time.

    Of an incremental one only what moves a date is asked: a deleted tag may still be held. Not to
    be asked where visibility changed since the last full crawl: see `indexer.crawl.listing`.
    """
    seen = crawled.seen()
    always = set.intersection(*(set(now) for now in seen))
    for name in always:
        assert name in crawled.after, f"{name} is missing"
        indexed = crawled.after[name]
        assert not indexed.hidden, f"{name} is shown, and still hidden"
        assert any(
            all(
                tag in indexed.tags and reader.points_to(name, tag, indexed.tags[tag], digest)
                for tag, digest in now[name].items()
            )
            for now in seen
        ), f"{name} never was {indexed}"
    for name, indexed in crawled.after.items():
        is_shown = any(name in now for now in seen)
        assert indexed.hidden or is_shown, f"{name} is gone, and still held"


def check_the_end(crawled: Crawled, reader: Reader) -> None:
    """After an undisturbed full crawl the index is what the Hub holds, except hidden ones.

    It is complete but where it is the one that finds something hidden.
    """
    assert crawled.row is not None
    now = crawled.seen()[-1]
    kept = {name for name, indexed in crawled.after.items() if indexed.hidden}
    found = {name for name in kept if not crawled.before[name].hidden}
    assert crawled.is_complete == (not found), crawled.row
    assert crawled.after.keys() - kept == now.keys(), (sorted(crawled.after), sorted(now))
    for name, tags in now.items():
        assert reader.equals(name, crawled.after[name], tags), (name, crawled.after[name], tags)


def check_histories(state: Mapping[str, Indexed], names: set[str], reader: Reader) -> None:
    """Intervals follow each other without a gap backwards; the last lasts as long as the tag."""
    for name in names:
        by_tag: dict[str, list[tuple[str | None, bool]]] = {}
        ends: dict[str, object] = {}
        for each in reader.history(name):
            assert each.tag not in ends or ends[each.tag] is not None, f"two last: {each}"
            last = ends.get(each.tag)
            assert last is None or last <= each.started_at, f"overlaps: {each}"  # type: ignore[operator]
            assert each.ended_at is None or each.started_at <= each.ended_at, each
            ends[each.tag] = each.ended_at
            by_tag.setdefault(each.tag, []).append((each.digest, each.ended_at is None))
        tags = state.get(name, NOWHERE).tags
        lasting = {tag: spans[-1][0] for tag, spans in by_tag.items() if spans[-1][1]}
        assert lasting == {tag: pointed.digest for tag, pointed in tags.items()}, name


def check_the_whole_log(log: Sequence[Change], state: Mapping[str, Indexed]) -> None:
    """Played back from the first row, the change log gives the state."""
    held: dict[str, dict[str, str | None]] = {}
    for each in log:
        if each.kind is ChangeKind.REPOSITORY_ADDED:
            assert each.repository not in held, each
            held[each.repository] = {}
        elif each.kind is ChangeKind.REPOSITORY_REMOVED:
            del held[each.repository]
        elif each.kind is ChangeKind.TAG_REMOVED:
            del held[each.repository][str(each.tag)]
        else:
            assert (each.tag in held[each.repository]) == (each.kind is ChangeKind.TAG_RETAGGED)
            held[each.repository][str(each.tag)] = each.new_digest
    told = {name: set(tags) for name, tags in held.items()}
    assert told == {name: set(indexed.tags) for name, indexed in state.items()}


class Cycles:
    """What was opened since a crawl of each mode was cut short, until the mode got through."""

    def __init__(self) -> None:
        self._opened: dict[Mode, frozenset[str] | None] = {Mode.VERIFY: None, Mode.FULL: None}
        """None where no crawl of the mode was cut short."""

    def opened(self, mode: Mode) -> frozenset[str]:
        """What a crawl of this mode need not open again."""
        return self._opened.get(mode) or frozenset()

    def add(self, crawled: Crawled) -> None:
        """Note what a crawl opened, and whether it left anything."""
        row = crawled.row
        got_through = row is not None and row.status is not CrawlStatus.FAILED
        is_end = got_through and row is not None and row.unread == 0
        for mode, before in self._opened.items():
            if crawled.mode in modes(mode):
                opened = (before or frozenset()) | crawled.opened
                self._opened[mode] = None if is_end else opened
            elif before is not None:
                self._opened[mode] = before | crawled.opened


def check_what_changes_ended(log: Sequence[Change], endings: Iterable[Ending]) -> None:
    """Each retag and removal is found with the periods that it ended, whatever the clock did."""
    found = {
        each.change.id: sorted((period.tag, period.digest) for period in each.ended)
        for each in endings
    }
    held: dict[str, set[str]] = {}
    for each in log:
        tags = held.setdefault(each.repository, set())
        if each.kind is ChangeKind.REPOSITORY_REMOVED:
            assert [tag for tag, _ in found.pop(each.id)] == sorted(tags), each
            tags.clear()
        elif each.kind in {ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED}:
            assert found.pop(each.id) == [(each.tag, each.old_digest)], each
        if each.kind is ChangeKind.TAG_REMOVED:
            tags.discard(str(each.tag))
        elif each.tag is not None:
            tags.add(each.tag)
    assert not found, "of no change"


class Baseline:
    """Which repositories belong to the baseline, and still have their tags to be read first."""

    def __init__(self) -> None:
        self._is_open: bool | None = True
        """Whether no listing was finished; None where nobody can tell."""
        self._waiting: set[str] = set()
        self._unsure: set[str] = set()
        self._has_gaps = False
        """Whether the first listing, or an account's, had gaps that may still be open.

        What is old fills them.
        """
        self._account = ""
        """In whose name the last crawl was: what only another account sees is no change."""

    def check(self, crawled: Crawled) -> None:
        """Check what a crawl called baseline."""
        added = [each for each in crawled.news if each.kind is ChangeKind.REPOSITORY_ADDED]
        is_baseline = self._is_open
        if is_baseline is None and added:
            is_baseline = added[0].baseline
        is_sure = not self._has_gaps and self._account in {"", crawled.account}
        assert not is_sure or all(each.baseline == is_baseline for each in added), added
        self._waiting |= {each.repository for each in added if each.baseline}
        for each in crawled.news:
            if each.kind is ChangeKind.TAG_ADDED and each.repository not in self._unsure:
                assert each.baseline == (each.repository in self._waiting), each
            elif each.kind in {ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED}:
                assert not each.baseline, each
        is_first = self._is_open is not False or self._account != crawled.account
        self._has_gaps = not crawled.is_complete and (self._has_gaps or is_first)
        self._account = crawled.account
        self._waiting &= crawled.after.keys()
        for name in crawled.opened & self._waiting:
            if crawled.is_complete:
                self._waiting.discard(name)
            elif crawled.after[name].tags:  # some of them may not have been shown
                self._waiting.discard(name)
                self._unsure.add(name)
            else:  # that there are no tags, or that they could not be read: neither leaves a row
                self._unsure.add(name)
        self._is_open = self._is_open_after(crawled)

    def _is_open_after(self, crawled: Crawled) -> bool | None:
        row = crawled.row
        if not self._is_open and self._is_open is not None:
            return False
        if row is None:
            return None
        broken_off = any("its list could not be read to the end" in each for each in row.errors)
        return self._is_open if broken_off or row.status is CrawlStatus.FAILED else False
