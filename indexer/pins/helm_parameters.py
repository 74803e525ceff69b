"""Values of Helm charts that are set one by one: `image.tag` is the key `tag` of `image`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.pins.yaml_nodes import at

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"(?:\\.|[^.\[\]\\])+|\[[0-9]+\]")


def as_values(parameters: Iterable[tuple[str, yaml.Node]]) -> yaml.MappingNode | None:
    r"""The values that parameters set together; None if there are none.

    Args:
        parameters: names as `helm --set` takes them (`a.b`, `a[0].b`, `a\.b`), with their values.
    """
    root: yaml.MappingNode | None = None
    for name, value in parameters:
        path = _NAME.findall(name)
        if not path:
            continue
        root = root or _mapping(value)
        holder = root
        for part in path[:-1]:
            below = at(holder, part)
            if not isinstance(below, yaml.MappingNode):
                below = _mapping(value)
                holder.value.append((_key(part, value), below))
            holder = below
        holder.value.append((_key(path[-1], value), value))
    return root


def _mapping(near: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode("tag:yaml.org,2002:map", [], near.start_mark)


def _key(name: str, near: yaml.Node) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", name.replace("\\", ""), near.start_mark)
