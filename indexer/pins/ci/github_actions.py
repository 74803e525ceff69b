"""Finds the images that GitHub Actions runs: those of workflows, and of actions (`action.yml`).

The keys are those of GitHub's "Workflow syntax" and "Metadata syntax". Gitea and Forgejo have
them too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from indexer.core.printable import shown
from indexer.pins.ci.github_expressions import Contexts, inputs_of
from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import at, elements, is_empty, items, line_of, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_WORKFLOWS = re.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_ACTIONS = frozenset({"action.yml", "action.yaml"})
_IMAGE = "docker://"
"""What stands before an image where other things may stand too."""


def is_name(file: SourceFile) -> bool:
    """Whether it is a workflow by its folder, or an action by its name."""
    is_action = file.base in _ACTIONS and any("runs" in keys for keys in file.documents.keys)
    return is_action or bool(_WORKFLOWS.search(file.path))


def is_content(file: SourceFile) -> bool:
    """Whether it has a trigger (`on`) and jobs, or says what an action `runs` with (`using`)."""
    return file.is_yaml and any(
        (at(root, "on") and any(_is_job(job) for _, job in items(at(root, "jobs"))))
        or at(at(root, "runs"), "using")
        for root in file.documents.roots
    )


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of a workflow's jobs, services and steps, or of an action.

    Further images with a digest are found wherever they stand, as in `env` and `run`.
    """
    found: list[Pin] = []
    for root in file.documents.roots:
        found += _workflow(root, given)
        found += _action(root, given)
    yield from found
    yield from digests_left(file.documents.roots, found, "workflow")
    if file.documents.problem:
        yield file.documents.problem


def _is_job(job: yaml.Node) -> bool:
    return bool(at(job, "runs-on") or at(job, "uses"))


def _workflow(root: yaml.Node, given: Values) -> Iterator[Pin]:
    jobs = at(root, "jobs")
    if jobs is not None and not isinstance(jobs, yaml.MappingNode):
        yield unreadable(text_of(jobs), "jobs", line_of(jobs), "expected jobs by name here")
    for name, job in items(jobs):
        environment = {**dict(items(at(root, "env"))), **dict(items(at(job, "env")))}
        matrix = at(at(job, "strategy"), "matrix")
        contexts = Contexts(given, inputs_of(root), environment, matrix)
        where = f"job {shown(name, 60)}"
        yield from _image(at(job, "container"), f"{where}, container", contexts)
        services = at(job, "services")
        if isinstance(services, yaml.ScalarNode) and not is_empty(services):
            why = "expected services by name here"
            yield unreadable(text_of(services), where, line_of(services), why)
        for service, node in items(services):
            yield from _image(node, f"{where}, service {shown(service, 60)}", contexts)
        yield from _steps(job, where, contexts)


def _action(root: yaml.Node, given: Values) -> Iterator[Pin]:
    runs = at(root, "runs")
    contexts = Contexts(given, inputs_of(root), {})
    if text_of(at(runs, "using")).lower() == "docker":
        yield from _marked(at(runs, "image"), "runs", contexts)
    yield from _steps(runs, "runs", contexts)


def _steps(holder: yaml.Node | None, where: str, contexts: Contexts) -> Iterator[Pin]:
    for step in elements(at(holder, "steps")):
        yield from _marked(at(step, "uses"), f"{where}, step", contexts)


def _marked(node: yaml.Node | None, where: str, contexts: Contexts) -> Iterator[Pin]:
    """The image of `docker://IMAGE`. Anything else is an action or a Dockerfile."""
    if text_of(node).strip().lower().startswith(_IMAGE):
        yield from _image(node, where, contexts)


def _image(node: yaml.Node | None, where: str, contexts: Contexts) -> Iterator[Pin]:
    """An image as a text, or as the `image` of a mapping. No text is no container."""
    if isinstance(node, yaml.MappingNode):
        inner = at(node, "image")
        if inner is None:
            yield unreadable("", where, line_of(node), "it names no image")
        node = inner
    if node is None or is_empty(node):
        return
    if not isinstance(node, yaml.ScalarNode):
        yield unreadable("", where, line_of(node), "expected the name of an image here")
        return
    try:
        for text, line in contexts.values(node):
            name = text.strip()
            if name:
                yield named(name.removeprefix(_IMAGE), where, line, name)
    except NotSet as problem:
        yield unreadable(node.value, where, line_of(node), str(problem))
