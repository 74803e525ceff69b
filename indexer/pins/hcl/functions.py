"""The functions of HCL that people make names of images with, as Terraform and bake have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from indexer.pins.variable_expansion import NotSet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Value: TypeAlias = str | bool | list["Value"] | dict[str, "Value"] | None
    """A number is a text: names of images need no arithmetic."""


MOST_SIZE = 64 * 1024
"""The most characters and elements of what a function takes, and of what it results in."""


def check_size(*values: Value) -> None:
    """Check that values are not too large to be computed with, in a time that does not grow.

    Few lines can make huge ones: a list that names the list before twice, forty times.

    Raises:
        NotSet: they are.
    """
    left = MOST_SIZE
    rest: list[Value] = list(values)
    while rest:
        value = rest.pop()
        left -= 1 + (len(value) if isinstance(value, str | list | dict) else 0)
        if left < 0:
            raise NotSet("it is too long")
        if isinstance(value, dict):
            rest += [*value, *value.values()]
        elif isinstance(value, list):
            rest += value


def text_of_value(value: Value) -> str:
    """A value as a part of a text; empty for null.

    Raises:
        NotSet: it is a list or a mapping.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
    raise NotSet("it results in a list or in a mapping")


def truth(value: Value) -> bool:
    """A value as a condition.

    Raises:
        NotSet: it is not one.
    """
    if value in (True, False):
        return bool(value)
    if value in ("true", "false"):
        return value == "true"
    raise NotSet("its condition is neither true nor false")


def _replaced(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/"):
        raise ValueError(old)  # a regular expression of Go
    if len(text) + text.count(old) * (len(new) - len(old)) > MOST_SIZE:
        raise NotSet("it is too long")
    return text.replace(old, new)


def _formatted(pattern: str, *values: Value) -> str:
    left = list(values)
    made = re.sub(
        r"%(?:s|v|d|%)", lambda m: "%" if m[0] == "%%" else text_of_value(left.pop(0)), pattern
    )
    if left or "%" in re.sub(r"%(?:s|v|d|%)", "", pattern):
        raise ValueError(pattern)
    return made


def _joined(mark: str, values: list[Value]) -> str:
    texts = [text_of_value(each) for each in values]
    if sum(map(len, texts)) + len(mark) * len(texts) > MOST_SIZE:
        raise NotSet("it is too long")
    return mark.join(texts)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "coalesce": lambda *values: next((each for each in values if each not in (None, "")), None),
    "concat": lambda *lists: [each for one in lists for each in one],
    "equal": lambda one, other: one == other,
    "notequal": lambda one, other: one != other,
    "and": lambda *values: all(map(truth, values)),
    "or": lambda *values: any(map(truth, values)),
    "not": lambda value: not truth(value),
    "format": _formatted,
    "join": _joined,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "lookup": lambda mapping, key, *default: (
        mapping.get(key, *default) if default else mapping[key]
    ),
    "merge": lambda *mappings: {key: each for one in mappings for key, each in one.items()},
    "replace": _replaced,
    "split": lambda mark, text: text.split(mark),
    "element": lambda values, index: values[int(index) % len(values)],
    "jsonencode": lambda value: value,
    "yamlencode": lambda value: value,
    "tolist": lambda values: values,
    "toset": lambda values: values,
    "tostring": lambda value: value if value is None else text_of_value(value),
    "trimspace": lambda text: text.strip(),
    "trimprefix": lambda text, part: text.removeprefix(part),
    "trimsuffix": lambda text, part: text.removesuffix(part),
}
"""Functions of Terraform and of bake, by name. Anything that is wrong with arguments is not set."""
