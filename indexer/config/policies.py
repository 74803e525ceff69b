"""[[policy]]: tags that must not be retagged or removed. [violations]: who may acknowledge."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from indexer.config import value_readers
from indexer.config.section import read_section
from indexer.config.sinks import selection, selection_readers, severity
from indexer.config.value_lists import tables, texts
from indexer.core.errors import UsageError
from indexer.core.printable import shown
from indexer.core.reference import is_digest, parse_reference
from indexer.manifests.retag_kind import RetagKind
from indexer.policies.policy import THE_HUBS, Forbidden, PinnedTag, Policy

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.config.section import Problems, Readers

_WAYS = ("forbid", "digests", "signed", "min_age")
_YEAR = 366 * 86_400.0


def readers() -> Readers:
    """The reader of each key of [[policy]]."""
    return {
        "name": value_readers.text,
        "severity": severity,
        **selection_readers(),
        "forbid": partial(_choices, Forbidden),
        "after": value_readers.interval(0, _YEAR, "24h"),
        "allow": partial(_choices, RetagKind),
        "digests": _digests,
        "signed": value_readers.flag,
        "min_age": value_readers.interval(60, _YEAR, "7d"),
    }


def violations_readers() -> Readers:
    """The reader of each key of [violations]."""
    return {"people": partial(texts, "names of people, as ['ana', 'ben']")}


def policies(given: object, known: Readers, mistakes: Problems) -> tuple[Policy, ...]:
    """Read every [[policy]]."""
    found: list[Policy] = []
    for place, item in tables("policy", given, mistakes):
        keys = read_section(item, known, place, mistakes)
        given_keys = set(item) if isinstance(item, dict) else set()
        if "name" not in given_keys:
            mistakes.add(f"{place} name", "expected a name: violations are kept under it.")
        _judge(keys, given_keys, place, mistakes)
        name = keys.pop("name", "")
        if name in {THE_HUBS, *(other.name for other in found)}:
            mistakes.add(f"{place} name", f"expected each name once, got '{shown(name)}' again.")
        found.append(Policy(name, selection=selection(keys), **keys))
    return tuple(found)


def _judge(keys: dict[str, Any], given: Collection[str], place: str, mistakes: Problems) -> None:
    """Check the combination of keys; `given` includes those whose values are invalid."""
    chosen = [way for way in _WAYS if way in given and keys.get(way) is not False]
    if len(chosen) != 1:
        got = f"got {' and '.join(chosen)}" if chosen else "got none of them"
        mistakes.add(place, f"expected exactly one of {', '.join(_WAYS)}, {got}.")
        return
    (way,) = chosen
    if way == "digests":
        for key in (*selection_readers(), "after"):
            if key in given:
                mistakes.add(f"{place} {key}", "expected no value: 'digests' names the tags.")
    if way == "min_age" and "after" in given:
        mistakes.add(f"{place} after", "expected no value: 'min_age' says how long.")
    if way != "forbid" and "allow" in given:
        mistakes.add(f"{place} allow", "expected no value: only 'forbid' allows kinds of retag.")


def _choices(of: type[Forbidden | RetagKind], value: object) -> frozenset[Any]:
    items = texts(f"{' and '.join(of)}", value)
    wrong = [item for item in items if item not in set(of)]
    if wrong:
        shape = f"a list of {', '.join(of)}, got '{shown(wrong[0], 60)}'"
        raise value_readers.InvalidValue(shape, quoted=False)
    return frozenset(map(of, items))


def _digests(value: object) -> tuple[PinnedTag, ...]:
    shape = "a table of images and their digests, as { 'library/nginx:1.27' = 'sha256:…' }"
    if not isinstance(value, dict) or not value:
        raise value_readers.InvalidValue(shape)
    found = []
    for name, digest in value.items():
        try:
            image = parse_reference(name)
        except UsageError:
            raise value_readers.InvalidValue(
                f"{shape}; '{shown(name, 60)}' is not an image", quoted=False
            ) from None
        if image.digest is not None or not isinstance(digest, str) or not is_digest(digest):
            raise value_readers.InvalidValue(
                f"{shape}; that of '{shown(name, 60)}' is not one", quoted=False
            )
        found.append(PinnedTag(image, digest))
    return tuple(found)
