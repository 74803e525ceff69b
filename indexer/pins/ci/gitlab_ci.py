"""Finds the images that GitLab CI runs: of jobs, of services, and those of `default`.

The keys are those of GitLab's "CI/CD YAML syntax reference". Files that `include` names are read
only if they are given too: then their variables and templates count, as GitLab merges them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from indexer.pins.ci import gitlab_includes
from indexer.pins.ci.gitlab_jobs import DEEPEST, Pipeline, Steps, TooMuchInherited, Top, has_jobs
from indexer.pins.digest_search import digests_left
from indexer.pins.image_names import named, unreadable
from indexer.pins.variable_expansion import NotSet
from indexer.pins.yaml_nodes import at, is_empty, line_of, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.pins.ci.gitlab_jobs import Job
    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_FOLDERS = (".gitlab/ci/", ".gitlab-ci/")


def is_name(file: SourceFile) -> bool:
    """Whether the name is like `.gitlab-ci.yml` or `build.gitlab-ci.yml`, or in such a folder."""
    if not file.base.endswith((".yml", ".yaml")):
        return False
    is_inside = any(f"/{folder}" in f"/{file.path}" for folder in _FOLDERS)
    return is_inside or file.base.rpartition(".")[0].endswith("gitlab-ci")


def is_content(file: SourceFile) -> bool:
    """Whether one of the names at the top is a job: it has a `script`."""
    return file.is_yaml and any(map(has_jobs, file.documents.roots))


def images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images of jobs and services, with the variables of each job.

    Further images with a digest are found wherever they stand, as in `variables` and `script`.
    """
    files = gitlab_includes.related(file)
    everything = [root for each in files for root in each.documents.roots]
    jobs: list[tuple[Job, Pipeline]] = []
    found = _Found()
    top, steps = Top(everything), Steps()
    problems = [*gitlab_includes.missing(file, files)]
    try:
        for each in files:
            for root in each.documents.roots:
                pipeline = Pipeline(root, given, each.documents.roots, top, steps)
                jobs += [(job, pipeline) for job in pipeline.jobs()]
        jobs.sort(key=lambda each: (not each[0].is_template, each[0].inherits))
        for job, pipeline in jobs:  # first those that hold what others take over
            found.add(job, pipeline)
    except TooMuchInherited:
        why = "its jobs inherit too much from each other: check parts of it"
        problems.append(unreadable("", "pipeline", 1, why))
    pins = [*problems, *found.within(file.documents.roots)]
    yield from pins
    yield from digests_left(file.documents.roots, pins, "pipeline")
    if file.documents.problem:
        yield file.documents.problem


class _Found:
    """The images so far. Jobs share templates and defaults: each image counts once."""

    def __init__(self) -> None:
        self._of_jobs: dict[tuple[int, str], Pin] = {}
        self._of_templates: dict[tuple[int, str], Pin] = {}
        """Of templates and defaults. They count where no job takes the image from them."""
        self._where: dict[int, str] = {}

    def add(self, job: Job, pipeline: Pipeline) -> None:
        """Add the image and the services of a job."""
        self._add(job.image, job.where, job, pipeline)
        if job.unknown is not None and at(job.node, "image") is None:
            why = "it extends this, which is not in the files given: its image is not known"
            self._fail(job.unknown, job, why)
        if job.too_deep is not None and at(job.node, "image") is None:
            why = f"it extends jobs through more than {DEEPEST} others, which GitLab refuses"
            self._fail(job.too_deep, job, why)
        services = pipeline.referred(job.services)
        if isinstance(services, yaml.ScalarNode) and not is_empty(services):
            self._fail(services, job, "expected a list of services here")
        for service in pipeline.flattened(services):
            self._add(service, f"{job.where}, service", job, pipeline)

    def _add(self, node: yaml.Node | None, where: str, job: Job, pipeline: Pipeline) -> None:
        whole = pipeline.referred(node)
        if node is not None and whole is None:
            self._fail(node, job, "what it refers to is not in the files given")
            return
        inner = (
            pipeline.referred(at(whole, "name")) if isinstance(whole, yaml.MappingNode) else whole
        )
        if inner is None and whole is not None:
            self._fail(whole, job, "it names no image")
        if is_empty(inner):
            return
        if not isinstance(inner, yaml.ScalarNode):
            self._fail(inner, job, "expected the name of an image here")
            return
        try:
            texts = job.variables.texts(inner.value)
        except NotSet as problem:
            self._fail(inner, job, str(problem))
            return
        for text in texts:
            if text:
                self._keep(inner, named(text, where, line_of(inner)), job)

    def _fail(self, node: yaml.Node | None, job: Job, why: str) -> None:
        assert node is not None
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        self._keep(node, unreadable(text, job.where, line_of(node), why), job)

    def _keep(self, node: yaml.Node, pin: Pin, job: Job) -> None:
        where = self._where.setdefault(id(node), pin.where)  # templates come first: they hold it
        pins = self._of_templates if job.is_template else self._of_jobs
        pins.setdefault((id(node), pin.text + pin.problem), replace(pin, where=where))

    def within(self, roots: Sequence[yaml.Node]) -> list[Pin]:
        """All that stand in a file, in its order."""
        own = {id(node) for root in roots for node in nodes(root)}
        taken = {node for node, _ in self._of_jobs}
        kept = [pin for (node, _), pin in self._of_jobs.items() if node in own]
        for (node, _), pin in self._of_templates.items():
            if node in own and node not in taken:
                kept.append(pin)
        return sorted(kept, key=lambda pin: pin.line or 0)
