"""One invented change of each kind, and one violation, to try a sink with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.model import Change, ChangeKind
from indexer.manifests.retag_kind import RetagDetail
from indexer.notify.event import Event, HiddenRepositories
from indexer.policies.violation import Breach, Found, Severity, Violation

if TYPE_CHECKING:
    from datetime import datetime

REGISTRY = "registry.example.com"
REPOSITORY = "example/app"
TAG = "1.2.3"
WAS = "sha256:" + "0" * 64
IS = "sha256:" + "1" * 64


_PUSHED = {ChangeKind.TAG_ADDED, ChangeKind.TAG_RETAGGED}


def samples(now: datetime) -> list[Event]:
    """One change of each kind, then a retag that violates a policy."""
    ordinary = [Event(_change(kind, now), _move(kind)) for kind in ChangeKind]
    retag = _change(ChangeKind.TAG_RETAGGED, now)
    found = Found(
        policy="example",
        severity=Severity.HIGH,
        breach=Breach.RETAGGED,
        registry=REGISTRY,
        repository=REPOSITORY,
        tag=TAG,
        old_digest=WAS,
        new_digest=IS,
        since=now,
        observed_at=now,
        crawl_id=0,
        change_id=0,
        sentence="this is a test: no tag was retagged.",
    )
    violation = Violation(0, found)
    return [*ordinary, Event(retag, _move(ChangeKind.TAG_RETAGGED), (violation,))]


def hidden_sample(now: datetime) -> HiddenRepositories:
    """A private repository that an account sees no more."""
    return HiddenRepositories(
        registry=REGISTRY,
        namespace="example",
        account="example-robot",
        since=now,
        crawl_id=0,
        repositories=(REPOSITORY,),
        first=0,
        last=0,
    )


def _change(kind: ChangeKind, now: datetime) -> Change:
    of_tag = kind.value.startswith("tag_")
    return Change(
        id=0,
        observed_at=now,
        kind=kind,
        registry=REGISTRY,
        repository=REPOSITORY,
        tag=TAG if of_tag else None,
        old_digest=WAS if kind in {ChangeKind.TAG_RETAGGED, ChangeKind.TAG_REMOVED} else None,
        new_digest=IS if kind in {ChangeKind.TAG_RETAGGED, ChangeKind.TAG_ADDED} else None,
        pushed_at=now,
        crawl_id=0,
        baseline=False,
        pushed_by="example-builder" if kind in _PUSHED else None,
        removed_by=None,
        reason=None,
        removed_at=None,
    )


def _move(kind: ChangeKind) -> RetagDetail | None:
    return RetagDetail(changed=("linux/amd64",)) if kind is ChangeKind.TAG_RETAGGED else None
