"""Where a history is played: a simulated Hub, and what people do there.

Time is the hub's own and moves only when something happens or somebody waits: nothing sleeps.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from indexer.hub_simulator import Hub, ListCopy, ListQuirks, NoSuchThing, OffsetBound, Quirks
from indexer.hub_simulator.quirks import MAX_PAGE_SIZE
from tests.oracle.truth import NOTHING, moments

if TYPE_CHECKING:
    from datetime import datetime

    from indexer.hub_simulator.hub_json import Image
    from tests.oracle.grounds import Ground
    from tests.oracle.histories import Act, History, Past, RepositorySeed, Whims
    from tests.oracle.truth import Moment

OFF = tuple(
    timedelta(hours=hours) for hours in (0, 0, 0, -0.05, 0.05, -1, 1, -25, 25, -9_000, 9_000)
)
"""By how much the clock of the computer that crawls may be off."""

NAMES = 32
"""Names that a repository or a tag may have."""

PASSWORD = "correct horse"
ORGANISATION_SECRET = "dckr_oat_sees"
BLIND_SECRET = "dckr_oat_blind"
NARROW_SECRET = "dckr_narrow"

SHOWN_TO_NARROW = 3
"""A narrowed access token sees every third repository, by its number."""


class Stage:
    """A namespace of a simulated Hub.

    Attributes:
        clock_off: by how much the clock of the computer that crawls is off now.
        shown: the private repositories that a narrowed access token sees.
        unnamed: the images' digests of tags that are listed without a digest of their own, by
            repository, tag and digest; none where not even those are listed.
    """

    def __init__(self, namespace: str, history: History, ground: Ground) -> None:
        self.namespace = namespace
        self.clock_off = timedelta(0)
        self.hub = Hub()
        is_capped = history.cap is not None
        self.cap = history.cap
        quirks = Quirks(
            _quirks(history.lists, is_capped=is_capped),
            _quirks(history.tag_lists, is_capped=is_capped),
        )
        self.server = ground.serve(self.hub, quirks)
        if history.cap is not None:
            self.server.offset_bound = OffsetBound(history.cap.repositories, history.cap.tags)
        self._hides = history.hides
        self.unnamed: dict[tuple[str, str, str], frozenset[str]] = {}
        self._past: dict[tuple[str, str], list[tuple[Image, ...]]] = {}
        self._moment: Moment = NOTHING
        self._told = 0
        accounts = self.hub.accounts
        accounts.add_user("alice", PASSWORD, organisations=[namespace])
        accounts.add_organisation_token(namespace, ORGANISATION_SECRET)
        accounts.add_organisation_token(namespace, BLIND_SECRET, may_list=False)
        self.shown = frozenset(f"{namespace}/r{n}" for n in range(0, NAMES, SHOWN_TO_NARROW))
        accounts.add_organisation_token(namespace, NARROW_SECRET, only=self.shown)
        accounts.add_token("alice", NARROW_SECRET, only=self.shown)
        self.hub.add_namespace(namespace)
        ages = itertools.count()
        for number, seed in enumerate(history.repositories):
            self._plant(f"{namespace}/r{number}", seed, ages)
        self.hub.clock.advance(3600)
        self.copies = [ListCopy.of(self.hub)]
        """Of the lists, for a cache; the last is as they are now."""

    def keep_copy(self) -> None:
        """Let a cache keep the lists as they are now."""
        self.copies.append(ListCopy.of(self.hub))

    def answer_from(self, past: Past) -> None:
        """Let lists be answered from an old copy."""
        ages = min(past.age or 0, len(self.copies))
        copy = ListCopy.empty() if past.age is None else self.copies[-ages]
        self.server.serve_copy(copy, past.kinds, times=past.times)

    def moments(self) -> list[Moment]:
        """What the namespace held when this was last asked, and after each event since."""
        events = self.hub.events
        found = moments(self._moment, events[self._told :])
        self._told, self._moment = len(events), found[-1]
        return found

    def do(self, act: Act) -> None:
        """Let somebody do something; nothing happens where there is nothing to do it to."""
        hub = self.hub
        if act.doing == "revoke tokens":
            hub.accounts.revoke_tokens()
        elif act.doing == "ten minutes pass":
            hub.clock.advance(601)
        elif act.doing == "clock jumps":
            self.clock_off = OFF[act.other % len(OFF)]
        elif act.doing == "move the bound":
            self.server.offset_bound = OffsetBound(4 + act.repository, 4 + act.tag)
        elif act.doing in {"add repository", "add private repository"}:
            self._add(act)
        else:
            names = sorted(hub.truth(self.namespace))
            if names:
                with suppress(NoSuchThing):
                    self._do_to(names[act.repository % len(names)], act)

    def _add(self, act: Act) -> None:
        taken = self.hub.truth(self.namespace)
        free = [
            name for number in range(NAMES) if (name := f"{self.namespace}/r{number}") not in taken
        ]
        if not free:
            return
        name = free[act.repository % len(free)]
        self.hub.add_repository(name, private=act.doing == "add private repository")
        for number in range(act.tag % 3):
            self._push(name, f"t{number}")

    def _do_to(self, name: str, act: Act) -> None:
        hub = self.hub
        tags = sorted(hub.truth(self.namespace)[name])
        match act.doing:
            case "remove repository":
                hub.remove_repository(name)
            case "recreate repository":
                hub.remove_repository(name)
                hub.add_repository(name)
                self._push(name, f"t{act.tag}")
                self._push(name, f"t{act.other}")
            case "hide" | "show" if self._hides:
                hub.set_private(name, private=act.doing == "hide")
            case "describe":
                hub.describe(name, f"description {act.other}")
            case "push new":
                free = [tag for number in range(NAMES) if (tag := f"t{number}") not in tags]
                if free:
                    self._push(name, free[act.tag % len(free)])
            case _ if tags:
                self._do_to_tag(name, tags[act.tag % len(tags)], tags[act.other % len(tags)], act)

    def _do_to_tag(self, name: str, tag: str, other: str, act: Act) -> None:
        hub = self.hub
        match act.doing:
            case "retag":
                self._push(name, tag)
            case "retag without a digest":
                self._push(name, tag, form="bare")
            case "retag like another":
                hub.copy_tag(name, other, tag)
            case "push again":
                hub.copy_tag(name, tag, tag)
            case "retag back":
                past = self._past.get((name, tag))
                if past:
                    hub.push_images(name, tag, past[act.other % len(past)])
            case "delete tag" | "delete tag and move date":
                hub.delete_tag(name, tag, moves_date=act.doing != "delete tag")
            case "recreate tag":
                hub.delete_tag(name, tag)
                self._push(name, tag)
            case "pull":
                hub.pull(name, tag)

    def _push(self, name: str, tag: str, *, form: str = "full", at: datetime | None = None) -> None:
        digest = self.hub.push(name, tag, platforms=2, form=form, at=at)  # type: ignore[arg-type]
        children = self.hub.repo(name).held(tag).children
        self._past.setdefault((name, tag), []).append(children)
        if form != "full":
            shown = [str(child.digest) for child in children] if form == "old" else []
            self.unnamed[name, tag, digest] = frozenset(shown)

    def _plant(self, name: str, seed: RepositorySeed, ages: itertools.count[int]) -> None:
        """A repository of long ago; dates in the far future come from broken clocks."""
        hub = self.hub
        hub.add_repository(name, private=seed.private)
        self._registered_long_ago(name)
        newest = self._date(ages, seed.dated)
        for number, tag in enumerate(seed.tags):
            date = self._date(ages, tag.dated)
            self._push(name, f"t{number}", form=tag.form, at=date)
            if date is None:
                hub.set_date(name, None, tag=f"t{number}")
        hub.set_date(name, newest)

    def _registered_long_ago(self, name: str) -> None:
        repository = self.hub.repo(name)
        date = self.hub.clock.now() - timedelta(days=400)
        repository.item = msgspec.structs.replace(repository.item, date_registered=date)

    def _date(self, ages: itertools.count[int], dated: str) -> datetime | None:
        age = next(ages)
        if dated == "no":
            return None
        start = self.hub.clock.now()
        if dated == "in the far future":
            return start.replace(year=2099) + timedelta(days=age)
        return start - timedelta(days=1 + age * 37 % 101, hours=age)


def _quirks(whims: Whims, *, is_capped: bool) -> ListQuirks:
    """How a list is served: on pages of one size, or, where it is capped, on pages up to it."""
    return ListQuirks(
        page_size=None if is_capped else whims.page_size,
        max_page_size=whims.page_size if is_capped else MAX_PAGE_SIZE,
        order=whims.order,
        nulls=whims.nulls,
        count_offset=whims.surplus,
    )
