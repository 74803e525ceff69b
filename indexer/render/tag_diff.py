"""What two digests of a tag differ in, as lines for people."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

from indexer.core import humanize
from indexer.core.humanize import count, short_digest, short_time
from indexer.core.printable import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.catalog.tag_diff import TagDiff
    from indexer.core.catalog_entries import Period
    from indexer.manifests.image_comparison import LayerChange, PlatformChange, ValueChange

LONGEST = 500
"""The most characters of a line that is not fitted to a terminal."""

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}

PARTS = {
    "setting": "settings",
    "environment": "environment",
    "label": "labels",
    "annotation": "annotations",
}


def lines(item: TagDiff, width: int | None) -> Iterator[str]:
    """The lines, each safe to print and no longer than a terminal is wide.

    Args:
        item: the answer.
        width: of the terminal; None: it is none.
    """
    for line in _lines(item):
        yield shown(line, min(width or LONGEST, LONGEST)).rstrip()


def _lines(item: TagDiff) -> Iterator[str]:
    yield f"old  {_side(item.old)}"
    yield f"new  {_side(item.new)}"
    found = item.comparison
    if item.old.digest is not None and item.old.digest == item.new.digest:
        yield "The digest is the same."
        return
    same = []
    for each in found.platforms or ():
        if each.change == "same":
            same.append(each.platform or "the image")
        else:
            yield ""
            yield from _platform(each)
    yield ""
    if found.platforms is None:
        yield "The platforms of one of them are not known."
    if same:
        yield f"The same: {', '.join(same)}."
    if found.attestations:
        yield "The attestations differ."
    yield from _values(found.values, "of the indexes")


def _side(period: Period) -> str:
    until = f"until {short_time(period.ended_at)}" if period.ended_at else "until now"
    who = f", pushed by {shown(period.pushed_by, 60)}" if period.pushed_by else ""
    times = f"from {short_time(period.started_at)} {until}{who}"
    return f"{short_digest(period.digest)}  {times}"


def _platform(item: PlatformChange) -> Iterator[str]:
    name = item.platform or "the image"
    digests = " -> ".join(short_digest(each) for each in (item.old_digest, item.new_digest) if each)
    yield f"{_SIGNS[item.change]} {name}  {item.change}  {digests}"
    if item.not_compared is not None:
        yield f"  not compared: {item.not_compared}"
    yield from _layers(item.layers)
    yield from _values(item.values)
    if item.change == "changed" and item.not_compared is None:
        is_plain = not item.values and all(each.change == "shared" for each in item.layers)
        if is_plain:
            yield "  layers, settings and labels are the same"


def _layers(layers: list[LayerChange]) -> Iterator[str]:
    if not layers:
        return
    numbers = []
    for change in ("shared", "added", "removed"):
        some = [each for each in layers if each.change == change]
        if some:
            size = humanize.size(sum(each.size or 0 for each in some))
            numbers.append(f"{count(len(some), f'{change} layer')} ({size})")
    yield f"  {', '.join(numbers)}"
    for each in layers:
        if each.change != "shared":
            told = f"{short_digest(each.digest)}  {humanize.size(each.size)}"
            yield f"    {_SIGNS[each.change]} {told}"


def _values(values: Iterable[ValueChange], where: str = "") -> Iterator[str]:
    for part, some in groupby(values, key=lambda each: each.part):
        yield f"  {PARTS[part]} {where}"
        for each in some:
            name = shown(each.name)
            if each.old is None:
                yield f"    + {name} = {value_text(each.new)}"
            elif each.new is None:
                yield f"    - {name} = {value_text(each.old)}"
            else:
                yield f"    ~ {name} = {value_text(each.old)} -> {value_text(each.new)}"


def value_text(value: str | list[str] | None) -> str:
    """One value on one line: a list as JSON, as an image's configuration has it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown(text)
