"""The change log holds every difference once: played back, it gives the state at each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.core.model import ChangeKind
from tests.store.scribe import Scribe, changes, digest, tag
from tests.support.selection import examples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.core.model import Change
    from indexer.store import Store

    State = dict[str, dict[str, str]]
    """The digests of the tags of each repository."""

NAMES = st.sampled_from(["a", "b", "c"])
STATES = st.lists(
    st.dictionaries(NAMES, st.dictionaries(NAMES, st.sampled_from(["one", "two", "three"]))),
    min_size=1,
    max_size=6,
)


def played_back(log: Iterable[Change], onto: State) -> None:
    """Let changes happen to a state. Each must fit: nothing appears twice, or goes twice."""
    for change in log:
        name = change.repository
        if change.kind is ChangeKind.REPOSITORY_ADDED:
            assert name not in onto
            onto[name] = {}
        elif change.kind is ChangeKind.REPOSITORY_REMOVED:
            del onto[name]
        else:
            assert change.tag is not None
            assert onto[name].get(change.tag) == change.old_digest
            assert change.old_digest != change.new_digest
            if change.new_digest is None:
                del onto[name][change.tag]
            else:
                onto[name][change.tag] = change.new_digest


@settings(
    max_examples=examples(10, at_night=100),
    deadline=None,
    # One index for all examples, on purpose: each has a namespace of its own in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(states=STATES)
def test_the_log_played_back_gives_every_state(store: Store, states: list[State]) -> None:
    namespace = f"n{len(store.catalog.namespaces())}"
    scribe = Scribe(store.archive, namespace=namespace)
    replica: State = {}
    cursor = 0
    for state in states:
        wanted = {
            f"{namespace}/{name}": {each: digest(content) for each, content in tags.items()}
            for name, tags in state.items()
        }
        done = scribe.crawl(
            {name: [tag(*each) for each in tags.items()] for name, tags in state.items()}
        )
        log = [each for each in changes(store, namespace=namespace) if each.id > cursor]
        cursor = log[-1].id if log else cursor
        assert {change.crawl_id for change in log} <= {done.id}
        played_back(log, replica)
        assert replica == wanted
        assert held(store, namespace) == wanted
        assert done.repositories == len(wanted)
        assert done.tags == sum(map(len, wanted.values()))
        assert done.baseline + sum(done.changes.values()) == len(log)


def held(store: Store, namespace: str) -> State:
    """What the index holds of a namespace."""
    return {
        entry.repository: {
            each.tag: each.digest or ""
            for each in store.catalog.tags("docker.io", entry.repository)
        }
        for entry in store.catalog.repositories("docker.io", namespace)
    }
