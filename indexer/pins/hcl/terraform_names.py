"""What names in Terraform mean: variables, locals, and what `for_each` binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.core.printable import shown
from indexer.pins.hcl import parsed_files
from indexer.pins.hcl.reader import blocks
from indexer.pins.hcl.values import Scope, below
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import at, items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import yaml

    from indexer.pins.hcl.functions import Value
    from indexer.pins.source_file import SourceFile, Values

_VALUES = (".tfvars", ".tfvars.json")


class Names(Scope):
    """Variables and locals of a folder's files that are given together; what `for_each` binds."""

    def __init__(self, file: SourceFile, given: Values) -> None:
        self._given = given
        self._variables: dict[str, yaml.Node] = {}
        self._locals: dict[str, yaml.Node] = {}
        values: dict[str, yaml.Node] = {}
        for each in parsed_files.beside(file):
            parsed = parsed_files.parsed_file(each)
            self.is_json = parsed.is_json
            for root in parsed.roots:
                if each.base.endswith(_VALUES):
                    values |= dict(items(root))
                self._declare(root)
        self._variables |= values
        self.each: Mapping[str, Value] = {}

    def _declare(self, root: yaml.Node) -> None:
        for (name,), body in blocks(root, "variable", 1):
            if (default := at(body, "default")) is not None:
                self._variables[name] = default
        for _, body in blocks(root, "locals", 0):
            self._locals |= dict(items(body))

    def look_up(self, path: Sequence[str]) -> Value:
        """The value of `var.NAME`, `local.NAME`, `each.value`, or of a whole name that is given.

        Raises:
            NotSet: it has no value in these files.
        """
        whole = ".".join(path)
        if whole in self._given:
            return self._given[whole]
        match path:
            case ["var", name, *rest]:
                if name in self._given:
                    return below(self._given[name], rest)
                if (default := self._variables.get(name)) is not None:
                    return below(self.value(default), rest)
            case ["local", name, *rest] if name in self._locals:
                return below(self.value(self._locals[name]), rest)
            case ["each", name, *rest] if name in self.each:
                return below(self.each[name], rest)
        name = shown(whole, 60)
        raise NotSet(f"{name} has no value here: give it with --set {name}=…")
