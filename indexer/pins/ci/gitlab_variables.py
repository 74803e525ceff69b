"""The variables of a job of GitLab: each may have several values, and refer to others."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from indexer.pins.variable_expansion import NotSet, expand

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"\$(?:\{)?([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*(\|\s*expand_vars\s*)?\]\]", re.ASCII)

MOST_TEXTS = 200
"""The most values of one text. GitLab runs at most 200 jobs of one matrix."""

MOST_STEPS = 1_000
"""How often the variables of one text may refer to others."""

LONGEST = 4_096
"""The most characters where an image is named; its name has at most 255, and a digest."""


class Variables:
    """The variables of a job. A matrix and rules give one several values."""

    def __init__(self, choices: Mapping[str, list[str]], inputs: Mapping[str, str]) -> None:
        self._choices = choices
        self._inputs = inputs
        self._steps = 0

    def texts(self, text: str) -> list[str]:
        """Each text that a text with variables may stand for.

        Raises:
            NotSet: a variable has no value in this file.
        """
        if len(text) > LONGEST:
            raise NotSet("it is too long for the name of an image")
        self._steps = 0
        return self._texts(_INPUT.sub(self._input, text), frozenset())

    def _input(self, match: re.Match[str]) -> str:
        name = match[1]
        try:
            return self._inputs[name]
        except KeyError:
            raise NotSet(
                f"inputs.{name} has no value here: give it with --set inputs.{name}=…"
            ) from None

    def _texts(self, text: str, within: frozenset[str]) -> list[str]:
        self._steps += 1
        if self._steps > MOST_STEPS or len(text) > LONGEST:
            raise NotSet("its variables refer to too many others")
        used = dict.fromkeys(_NAME.findall(text))
        names = [name for name in used if name in self._choices and name not in within]
        values = [
            [made for value in self._choices[name] for made in self._texts(value, within | {name})]
            for name in names
        ]
        count = 1
        for each in values:
            count *= len(each)
        if count > MOST_TEXTS:
            raise NotSet(f"it stands for more than {MOST_TEXTS} images")
        made = {
            expand(text, dict(zip(names, chosen, strict=True)), escape="$"): None
            for chosen in product(*values)
        }
        if any(len(each) > LONGEST for each in made):
            raise NotSet("its variables make it too long for the name of an image")
        return list(made)
