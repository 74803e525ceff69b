"""The jobs of a GitLab pipeline with what they inherit: `extends`, `!reference`, variables."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import yaml

from indexer.core.hub_names import DOCKER_HUB
from indexer.core.printable import shown
from indexer.pins.ci.gitlab_variables import Variables
from indexer.pins.yaml_nodes import at, elements, is_empty, items, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.pins.source_file import Values

_NO_JOBS = frozenset({"default", "variables", "workflow", "spec", "image", "include", "cache"})
_REFERENCE = "!reference"
_PROXIES = (
    "CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX",
    "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX",
)
"""GitLab's dependency proxies: what they pass on is Docker Hub's (GitLab's documentation)."""

DEEPEST = 11
"""How many jobs `extends` may pass through (GitLab's limit)."""

MOST_STEPS = 2_000_000
"""How many keys and variables all jobs of a file may inherit together: GitLab allows a pipeline
some hundred jobs, and reads one within seconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job with what it inherits.

    Attributes:
        where: as a finding names it.
        node: as it is written.
        image: its own, an inherited one, or the default.
        services: the same.
        variables: its own, and those of the pipeline.
        is_template: it does not run itself: other jobs take from it.
        unknown: what it extends, if that is not in the files.
        too_deep: what it extends beyond GitLab's limit.
    """

    where: str
    node: yaml.Node
    image: yaml.Node | None
    services: yaml.Node | None
    variables: Variables
    is_template: bool
    unknown: yaml.Node | None = None
    too_deep: yaml.Node | None = None

    @property
    def inherits(self) -> bool:
        """Whether its image is another's."""
        return at(self.node, "image") is not self.image


def has_jobs(root: yaml.Node) -> bool:
    """Whether one of the names at the top is a job: it has a `script`."""
    return any(name not in _NO_JOBS and at(node, "script") for name, node in items(root))


class TooMuchInherited(Exception):
    """The jobs of a file inherit more than is read."""


class Steps:
    """Counts what the jobs of a file inherit, for each job again."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def take(self, number: int) -> None:
        """Count some.

        Raises:
            TooMuchInherited: they are too many.
        """
        self._left -= number
        if self._left < 0:
            raise TooMuchInherited


class Top:
    """What stands at the top of the documents of a pipeline, by name; the first one counts."""

    def __init__(self, roots: Sequence[yaml.Node]) -> None:
        self.roots = roots
        self._nodes: dict[str, yaml.Node] = {}
        for root in roots:
            for name, node in items(root):
                self._nodes.setdefault(name, node)

    def at(self, root: yaml.Node, name: str) -> yaml.Node | None:
        """What a document has under a name, else what another one has."""
        own = at(root, name)
        return self._nodes.get(name) if own is None else own


class Pipeline:
    """One document of a pipeline."""

    def __init__(
        self,
        root: yaml.Node,
        given: Values,
        roots: Sequence[yaml.Node],
        top: Top,
        steps: Steps,
    ) -> None:
        """Know what belongs together.

        Args:
            root: the document.
            given: values for variables.
            roots: all documents of its file; one declares the inputs.
            top: of all documents that are given with it, as `include` puts them together.
            steps: of all documents that are given with it.
        """
        self._root = root
        self._top = top
        self._steps = steps
        steps.take(len(roots) + len(top.roots))
        self._fixed = {name: [value] for name, value in given.items()}
        inputs = {
            name: text_of(default)
            for each in roots
            for name, declared in items(at(at(each, "spec"), "inputs"))
            if isinstance(default := at(declared, "default"), yaml.ScalarNode)
        }
        settled = {
            name.removeprefix("inputs."): value
            for name, value in given.items()
            if name.startswith("inputs.")
        }
        self._inputs = inputs | settled

    def jobs(self) -> Iterator[Job]:
        """Yield what stands for all jobs, then each job."""
        default = self._at_top("default")
        image = at(default, "image") or self._at_top("image")
        services = at(default, "services") or self._at_top("services")
        yield Job("default", self._root, image, services, self._variables([]), is_template=True)
        for name, node in items(self._root):
            if not isinstance(node, yaml.MappingNode) or name in _NO_JOBS:
                continue
            cut: list[yaml.Node] = []
            line = self._ancestry(node, 0, {name}, cut)
            yield Job(
                f"job {shown(name, 60)}",
                node,
                self._inherited(line, "image") or image,
                self._inherited(line, "services") or services,
                self._variables(line),
                name.startswith("."),
                next((each for job in line for each in self._unknown(job)), None),
                next(iter(cut), None),
            )

    def _at_top(self, name: str) -> yaml.Node | None:
        """What stands under a name at the top, in this file or in one that is given with it."""
        return self._top.at(self._root, name)

    def _ancestry(
        self, node: yaml.Node, depth: int, seen: set[str], cut: list[yaml.Node]
    ) -> list[yaml.Node]:
        """A job and the jobs that it extends, itself first, then the one that counts most.

        Args:
            node: the job.
            depth: how many jobs it was reached through.
            seen: those that were reached.
            cut: takes what is beyond the limit.
        """
        self._steps.take(len(node.value))
        parents = at(node, "extends")
        names = [text_of(each) for each in elements(parents)] or [text_of(parents)]
        line = [node]
        for name in reversed(names):
            parent = self._at_top(name) if name and name not in seen else None
            seen.add(name)
            if parent is None:
                continue
            if depth < DEEPEST:
                line += self._ancestry(parent, depth + 1, seen, cut)
            elif parents is not None:
                cut.append(parents)
        return line

    def _unknown(self, job: yaml.Node) -> list[yaml.Node]:
        """What a job extends that is not in the files."""
        parents = at(job, "extends")
        named = elements(parents) or ([parents] if parents is not None else [])
        return [each for each in named if self._at_top(text_of(each)) is None]

    def _inherited(self, line: Sequence[yaml.Node], key: str) -> yaml.Node | None:
        return next((value for each in line if (value := at(each, key)) is not None), None)

    def _variables(self, line: Sequence[yaml.Node]) -> Variables:
        own: dict[str, list[str]] = {}
        choices = ChainMap(own, self._shared)
        for holder in reversed(line):
            for name, value in self._valued(at(holder, "variables")):
                own[name] = [value]
        rules = [at(self._at_top("workflow"), "rules"), *(at(each, "rules") for each in line)]
        for holding in rules:
            for rule in self.flattened(holding):
                for name, value in self._valued(at(rule, "variables")):
                    own[name] = [*choices.get(name, []), value]
        rows = next((rows for each in line if (rows := _matrix(each))), [])
        self._steps.take(sum(len(values) for row in rows for values in row.values()))
        for name in {name: None for row in rows for name in row}:
            values = [value for row in rows for value in row.get(name, choices.get(name, []))]
            own[name] = list(dict.fromkeys(values))
        choices.maps.insert(0, self._fixed)
        return Variables(choices, self._inputs)

    @cached_property
    def _shared(self) -> dict[str, list[str]]:
        """The variables of the whole pipeline."""
        found: dict[str, list[str]] = {name: [DOCKER_HUB] for name in _PROXIES}
        for holder in [*self._top.roots, self._root]:
            for name, value in self._valued(at(holder, "variables")):
                found[name] = [value]
        return found

    def _valued(self, variables: yaml.Node | None) -> Iterator[tuple[str, str]]:
        """The variables with a value that is written here, as a text or under `value`."""
        for name, node in items(self.referred(variables)):
            self._steps.take(1)
            whole = self.referred(node)
            value = self.referred(at(whole, "value")) if at(whole, "value") else whole
            if isinstance(value, yaml.ScalarNode):
                yield name, "" if is_empty(value) else text_of(value)

    def referred(self, node: yaml.Node | None, depth: int = 0) -> yaml.Node | None:
        """What a `!reference [JOB, KEY]` refers to; None if it is not in these files."""
        if node is None or node.tag != _REFERENCE or depth > DEEPEST:
            return node if node is None or node.tag != _REFERENCE else None
        job, *path = [text_of(each) for each in elements(node)] or [""]
        found = self._at_top(job)
        for name in path:
            found = self.referred(at(found, name), depth + 1)
        return found

    def flattened(self, node: yaml.Node | None) -> Iterator[yaml.Node]:
        """The elements of a list; a reference to a list stands for its elements, once."""
        seen: set[int] = set()
        waiting: list[yaml.Node] = [*elements(self.referred(node))][::-1]
        while waiting:
            each = waiting.pop()
            target = self.referred(each)
            if isinstance(target, yaml.SequenceNode):
                if id(target) not in seen:
                    seen.add(id(target))
                    waiting += target.value[::-1]
            else:
                yield target or each


def _matrix(job: yaml.Node) -> list[dict[str, list[str]]]:
    """The rows of a job's matrix: each variable with its values."""
    return [
        {name: [text_of(each) for each in elements(node) or [node]] for name, node in items(row)}
        for row in elements(at(at(job, "parallel"), "matrix"))
    ]
