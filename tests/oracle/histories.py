"""Histories as plain data, and how hypothesis makes them.

Nothing in a history depends on how it is played: an act names "the second repository's fourth tag",
and whatever is there then is meant. So a history that fails can be printed, made smaller, and
played again.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar

from hypothesis import strategies as st

from indexer.core.model import Mode

FEW, MANY = (0, 4), (8, 12)
"""Items of a list as it begins. Few come in no order that convinces (`crawl.date_order`)."""

Doing = Literal[
    "push new",  # a tag that was not there
    "retag",  # to content that was never there
    "retag without a digest",  # the list shows none: the registry has to be asked
    "retag like another",
    "retag back",  # to what it pointed to before
    "push again",  # the same content: only dates move
    "delete tag",  # no date moves
    "delete tag and move date",
    "recreate tag",
    "add repository",
    "add private repository",
    "remove repository",
    "recreate repository",
    "hide",
    "show",
    "pull",
    "describe",
    "revoke tokens",
    "ten minutes pass",
    "move the bound",  # where lists are shown in part
    "clock jumps",  # of the computer that crawls: by how much it is off from now on
]
Trouble = Literal[
    "401",
    "403",
    "404",  # for lists only: a registry that calls an item absent is believed
    "408",
    "429",
    "429 for an hour",
    "500",
    "503",
    "reset",
    "reset in the body",
    "dropped",
    "cut json",
    "cut gzip",
    "html",
    "other json",
    "redirect",
    "next elsewhere",
    "interrupt",  # as by Ctrl-C
    "registry down",  # it tells no digests; the lists are shown
]
Who = Literal[
    "nobody", "alice", "narrow alice", "organisation", "narrow organisation", "blind organisation"
]
Sees = Literal["all", "some", "none"]
"""What is shown to the account of what is private: an access token of it may be narrowed."""

Order = Literal["asked", "reversed", "newest", "oldest", "name", "made"]


class Act(NamedTuple):
    """Something that people do, to a repository, a tag of it, and another tag."""

    doing: Doing
    repository: int
    tag: int
    other: int


class Fault(NamedTuple):
    """What goes wrong with this request of a crawl, or, if it `lasts`, from it on."""

    request: int
    trouble: Trouble
    lasts: bool


class Past(NamedTuple):
    """An old copy from which lists are answered, from a request of the crawl on.

    Attributes:
        kinds: which lists: both, or those of tags alone, which then lag.
        age: of how many copies ago it is; None: each list is empty.
        request: the first request that may be answered so.
        times: how many lists are.
    """

    kinds: tuple[Literal["repositories", "tags"], ...]
    age: int | None
    request: int
    times: int


class Step(NamedTuple):
    """What happens before a crawl, the crawl, and what happens in the middle of it.

    `during` are acts before the request with that number; two may come before the same. `resolves`
    is how many tags may be asked for their digest, where the history `resolves`. `past` is what a
    cache answers.
    """

    before: tuple[Act, ...]
    mode: Mode
    sees: Sees
    threads: int
    during: tuple[tuple[int, Act], ...]
    faults: tuple[Fault, ...]
    resolves: int = 0
    past: Past | None = None


class TagSeed(NamedTuple):
    """A tag of the beginning. `form` as in `indexer.hub_simulator.push`."""

    form: Literal["full", "old", "bare"]
    dated: Literal["yes", "no", "in the far future"]


class RepositorySeed(NamedTuple):
    """A repository of the beginning."""

    private: bool
    dated: Literal["yes", "no", "in the far future"]
    tags: tuple[TagSeed, ...]


class Whims(NamedTuple):
    """How a list is served."""

    page_size: int
    order: Order
    nulls: Literal["first", "last"]
    surplus: int


class Cap(NamedTuple):
    """How much of the lists is shown without an account.

    Attributes:
        repositories: the least offset that is refused in a list of repositories.
        tags: the same in a list of tags.
        names: the registry tells the names of all tags.
        singles: tags that may be asked for one by one.
    """

    repositories: int
    tags: int
    names: bool
    singles: int


class History(NamedTuple):
    """A namespace's beginning, how it is served and seen, and all that happens.

    Where nobody `hides` or shows anything, more is promised: see `tests.oracle.checks`. With a
    `cap` pages are as small as is asked for. `resolves`: tags that are listed without a digest are
    asked for it.
    """

    repositories: tuple[RepositorySeed, ...]
    lists: Whims
    tag_lists: Whims
    seen_as: Literal["nobody", "alice", "organisation"]
    hides: bool
    steps: tuple[Step, ...]
    cap: Cap | None = None
    resolves: bool = False


T = TypeVar("T")


def _built(kind: type[T], **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """As `st.builds`, which would also make up each field that has a default."""
    defaults: dict[str, Any] = kind._field_defaults  # type: ignore[attr-defined] # a NamedTuple
    return st.builds(kind, **{name: st.just(value) for name, value in defaults.items()} | drawn)


def _some(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """A few, or many."""
    few, many = (st.lists(items, min_size=low, max_size=high) for low, high in (FEW, MANY))
    return st.one_of(few, many).map(tuple)


NUMBERS = st.integers(0, 13)
PEACE: st.SearchStrategy[list[Any]] = st.just([])
REQUESTS = st.integers(1, 24)
DATED = st.sampled_from(["yes"] * 8 + ["no", "in the far future"])

ACTS = st.builds(
    Act,
    doing=st.sampled_from(
        ["push new", "retag"] * 4
        + ["delete tag", "hide", "show", "remove repository", "add repository"] * 2
        + [
            "retag like another",
            "retag back",
            "push again",
            "delete tag and move date",
            "recreate tag",
            "add private repository",
            "recreate repository",
            "pull",
            "describe",
            "revoke tokens",
            "ten minutes pass",
        ]
    ),
    repository=NUMBERS,
    tag=NUMBERS,
    other=NUMBERS,
)
FAULTS = st.builds(
    Fault,
    request=REQUESTS,
    trouble=st.sampled_from(Trouble.__args__[:-1]),  # type: ignore[attr-defined]
    lasts=st.sampled_from([False, False, False, True]),
)
STEPS = _built(
    Step,
    before=st.lists(ACTS, max_size=5).map(tuple),
    mode=st.sampled_from([*[Mode.INCREMENTAL] * 4, Mode.VERIFY, Mode.FULL]),
    sees=st.sampled_from(["all", "all", "all", "some", "some", "none"]),
    threads=st.sampled_from([1, 1, 8]),
    during=st.one_of(PEACE, st.lists(st.tuples(REQUESTS, ACTS), min_size=1, max_size=4)).map(tuple),
    faults=st.one_of(PEACE, PEACE, st.lists(FAULTS, min_size=1, max_size=2)).map(tuple),
)
WHIMS = st.builds(
    Whims,
    page_size=st.sampled_from([2, 3, 5, 100, 1, 2, 4]),
    order=st.sampled_from(["asked"] * 5 + ["reversed", "newest", "oldest", "name", "made"]),
    nulls=st.sampled_from(["last", "first"]),
    surplus=st.sampled_from([0] * 6 + [1, 2]),
)
SEEDS = st.builds(
    RepositorySeed,
    private=st.sampled_from([False, False, False, True]),
    dated=DATED,
    tags=_some(
        st.builds(TagSeed, form=st.sampled_from(["full"] * 6 + ["old", "bare"]), dated=DATED)
    ),
)
HISTORIES = _built(
    History,
    repositories=_some(SEEDS),
    lists=WHIMS,
    tag_lists=WHIMS,
    seen_as=st.sampled_from(["nobody", "alice", "alice", "organisation"]),
    hides=st.sampled_from([False, False, True]),
    steps=st.lists(STEPS, min_size=1, max_size=5).map(tuple),
)

JUMPS = st.builds(Act, st.just("clock jumps"), *[NUMBERS] * 3)
CLOCK_ACTS = st.one_of(ACTS, ACTS, JUMPS)
CLOCK_STEPS = _built(
    Step,
    before=st.lists(CLOCK_ACTS, max_size=5).map(tuple),
    mode=st.sampled_from([*[Mode.INCREMENTAL] * 4, Mode.VERIFY, Mode.FULL]),
    sees=st.sampled_from(["all", "all", "all", "none"]),
    threads=st.sampled_from([1, 1, 8]),
    during=st.lists(st.tuples(REQUESTS, CLOCK_ACTS), max_size=3).map(tuple),
    faults=st.one_of(*[PEACE] * 4, st.lists(FAULTS, min_size=1, max_size=1)).map(tuple),
)
CLOCK_HISTORIES = _built(
    History,
    repositories=_some(SEEDS),
    lists=WHIMS,
    tag_lists=WHIMS,
    seen_as=st.sampled_from(["nobody", "alice", "alice", "organisation"]),
    hides=st.sampled_from([False, False, True]),
    steps=st.lists(CLOCK_STEPS, min_size=2, max_size=6).map(tuple),
)
"""Histories in which the computer's clock is set back and ahead, between crawls and during one."""

MOVES = st.one_of(ACTS, ACTS, ACTS, st.builds(Act, st.just("move the bound"), *[NUMBERS] * 3))
FULL_TAG = TagSeed(form="full", dated="yes")
PASTS = st.builds(
    Past,
    kinds=st.sampled_from([("repositories", "tags"), ("tags",), ("tags",)]),
    age=st.sampled_from([1, 2, 3, 5, 9, None]),
    request=st.sampled_from([1, 1, 2, 3, 5]),
    times=st.sampled_from([1, 1, 2, 4, 100]),
)
PUSHES = ("push new", "retag", "push again", "retag like another", "retag back", "add repository")
PAST_ACTS = st.builds(
    Act,
    doing=st.sampled_from(
        [*PUSHES, "push new", "retag"] * 2
        + ["delete tag", "delete tag and move date", "recreate tag", "remove repository"]
    ),
    repository=NUMBERS,
    tag=NUMBERS,
    other=NUMBERS,
)
PAST_STEPS = _built(
    Step,
    before=st.lists(PAST_ACTS, max_size=4).map(tuple),
    mode=st.sampled_from([*[Mode.INCREMENTAL] * 4, Mode.VERIFY, Mode.FULL]),
    sees=st.just("all"),
    threads=st.sampled_from([1, 1, 8]),
    during=st.one_of(
        PEACE, PEACE, st.lists(st.tuples(REQUESTS, PAST_ACTS), min_size=1, max_size=2)
    ).map(tuple),
    faults=st.just(()),
    past=st.one_of(st.none(), PASTS, PASTS),
)
CAPPED_STEPS = _built(
    Step,
    before=st.lists(MOVES, max_size=5).map(tuple),
    mode=st.sampled_from([*[Mode.INCREMENTAL] * 3, Mode.VERIFY, Mode.VERIFY, Mode.FULL]),
    sees=st.sampled_from([*["all"] * 5, "some", "none"]),
    threads=st.sampled_from([1, 1, 8]),
    during=st.one_of(PEACE, st.lists(st.tuples(REQUESTS, MOVES), min_size=1, max_size=4)).map(
        tuple
    ),
    faults=st.one_of(*[PEACE] * 5, st.lists(FAULTS, min_size=1, max_size=1)).map(tuple),
)
MANY_REPOSITORIES = st.lists(
    st.builds(
        RepositorySeed,
        private=st.sampled_from([False] * 9 + [True]),
        dated=st.just("yes"),
        tags=st.sampled_from([(FULL_TAG,), (FULL_TAG,) * 2]),
    ),
    min_size=11,
    max_size=18,
)
MANY_TAGS = st.lists(
    st.builds(
        RepositorySeed,
        private=st.just(False),
        dated=st.just("yes"),
        tags=st.sampled_from([(FULL_TAG,) * number for number in (12, 20, 28, 40)]),
    ),
    min_size=1,
    max_size=2,
)
CAPPED_WHIMS = st.builds(
    Whims,
    page_size=st.sampled_from([2, 3, 4, 4, 4]),
    order=st.sampled_from(["asked"] * 8 + ["reversed"]),
    nulls=st.just("last"),
    surplus=st.sampled_from([0] * 11 + [1]),
)
CAPPED_HISTORIES = _built(
    History,
    repositories=st.one_of(MANY_REPOSITORIES, MANY_TAGS).map(tuple),
    lists=CAPPED_WHIMS,
    tag_lists=CAPPED_WHIMS,
    seen_as=st.sampled_from(["nobody", "nobody", "nobody", "alice"]),
    hides=st.sampled_from([False, False, False, True]),
    steps=st.lists(CAPPED_STEPS, min_size=1, max_size=5).map(tuple),
    cap=st.builds(
        Cap,
        repositories=st.sampled_from([4, 8, 8, 9, 10]),
        tags=st.sampled_from([4, 8, 8, 9, 12]),
        names=st.booleans(),
        singles=st.sampled_from([0, 2, 20]),
    ),
)
"""Histories of lists that are shown in part to whoever has no account."""

PUBLIC_ACTS = ACTS.filter(lambda act: act.doing != "add private repository")
"""The registry is asked without an account, which sees nothing private."""
REOPENED = st.one_of(
    PUBLIC_ACTS, PUBLIC_ACTS, st.builds(Act, st.just("retag without a digest"), *[NUMBERS] * 3)
)
REGISTRY_FAULTS = st.builds(
    Fault,
    request=REQUESTS,
    trouble=st.sampled_from(["registry down"] * 4 + ["503", "429 for an hour", "interrupt"]),
    lasts=st.booleans(),
)
OPEN_HISTORIES = _built(
    History,
    repositories=_some(
        st.builds(
            RepositorySeed,
            private=st.just(False),
            dated=st.just("yes"),
            tags=_some(
                st.builds(
                    TagSeed,
                    form=st.sampled_from(["bare", "bare", "full"]),
                    dated=st.sampled_from(["yes"] * 8 + ["no"]),
                )
            ),
        )
    ),
    lists=WHIMS,
    tag_lists=WHIMS,
    seen_as=st.sampled_from(["nobody", "alice"]),
    hides=st.just(False),
    steps=st.lists(
        _built(
            Step,
            before=st.lists(REOPENED, max_size=5).map(tuple),
            mode=st.sampled_from([*[Mode.INCREMENTAL] * 4, Mode.VERIFY, Mode.FULL]),
            sees=st.just("all"),
            threads=st.sampled_from([1, 1, 8]),
            during=st.one_of(
                PEACE, st.lists(st.tuples(REQUESTS, REOPENED), min_size=1, max_size=4)
            ).map(tuple),
            faults=st.one_of(PEACE, st.lists(REGISTRY_FAULTS, min_size=1, max_size=2)).map(tuple),
            resolves=st.sampled_from([0, 1, 3, 100, 100]),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
    resolves=st.just(value=True),
)
"""Histories of tags that are listed without a digest, and whose registry is down at times."""

PAST_WHIMS = st.builds(
    Whims,
    page_size=st.sampled_from([2, 5, 100, 100]),
    order=st.just("asked"),
    nulls=st.just("last"),
    surplus=st.just(0),
)
PAST_HISTORIES = _built(
    History,
    repositories=_some(
        st.builds(
            RepositorySeed,
            private=st.just(False),
            dated=st.just("yes"),
            tags=_some(st.just(FULL_TAG)),
        )
    ),
    lists=PAST_WHIMS,
    tag_lists=PAST_WHIMS,
    seen_as=st.sampled_from(["nobody", "alice"]),
    hides=st.just(False),
    steps=st.lists(PAST_STEPS, min_size=2, max_size=6).map(tuple),
)
"""Histories of lists that are old copies, empty, or that lag behind."""
