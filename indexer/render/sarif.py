"""Verdicts as SARIF 2.1.0 (OASIS): code scanning shows them beside the lines concerned."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

import indexer
from indexer.pins.pin import Verdict
from indexer.render.freshness import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indexer.crawl.schedule.freshness import Freshness
    from indexer.pins.pin import CheckedPin

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_RULES = {
    Verdict.RETAGGED: ("error", "A tag points to another digest than the one pinned with it."),
    Verdict.NEVER: ("error", "A tag never pointed to the digest that is pinned with it."),
    Verdict.REMOVED: ("error", "A tag or a repository that is used was removed."),
    Verdict.YOUNG: ("error", "A digest is younger than the age that is asked for."),
    Verdict.UNPINNED: ("note", "An image is used by a tag that may be retagged, without a digest."),
    Verdict.UNKNOWN: ("note", "The index does not know an image, so nothing can be said of it."),
    Verdict.UNREADABLE: ("warning", "What stands where an image is expected cannot be read."),
}
"""The level and the text of each verdict that is a finding. `ok` is not a finding."""


def log(
    verdicts: Iterable[CheckedPin], age: Freshness | None = None, refused: Sequence[str] = ()
) -> dict[str, Any]:
    """The SARIF log of one run.

    Args:
        verdicts: those that are findings become results.
        age: how fresh they are; in the properties of the run.
        refused: what was not understood: the run was no success, whatever else was found.
    """
    found = [each for each in verdicts if each.verdict in _RULES]
    driver = {
        "name": "indexer",
        "semanticVersion": indexer.__version__,
        "rules": [_rule(verdict) for verdict in _RULES],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "invocations": [_invocation(refused)],
        "results": [_result(each) for each in found],
    }
    if age is not None:
        run["properties"] = {"freshness": msgspec.to_builtins(record(age))}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(refused: Sequence[str]) -> dict[str, Any]:
    notes = [{"level": "error", "message": {"text": sentence}} for sentence in refused]
    return {"executionSuccessful": not refused, "toolExecutionNotifications": notes}


def _rule(verdict: Verdict) -> dict[str, Any]:
    level, sentence = _RULES[verdict]
    return {
        "id": f"image-{verdict.value}",
        "shortDescription": {"text": sentence},
        "defaultConfiguration": {"level": level},
    }


def _result(verdict: CheckedPin) -> dict[str, Any]:
    pin = verdict.pin
    result: dict[str, Any] = {
        "ruleId": f"image-{verdict.verdict.value}",
        "ruleIndex": list(_RULES).index(verdict.verdict),
        "level": _RULES[verdict.verdict][0],
        "message": {"text": f"{pin.text}: {verdict.sentence}" if pin.text else verdict.sentence},
        "partialFingerprints": {"image/v1": _fingerprint(verdict)},
    }
    if pin.file is not None and pin.file != "-":
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(pin.file)}}
        if pin.line is not None:
            place["region"] = {"startLine": pin.line}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _fingerprint(verdict: CheckedPin) -> str:
    """An id of the finding that stays the same if its line moves."""
    pin = verdict.pin
    what = "\n".join((pin.file or "", pin.where, pin.text, verdict.verdict.value))
    return hashlib.sha256(what.encode(errors="replace")).hexdigest()[:32]


def _uri(file: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only for findings in files

    path = file.replace("\\", "/")
    return f"file://{quote(path)}" if path.startswith("/") else quote(path.removeprefix("./"))
