"""Files as people have them, judged by one index, in which `nginx:1` was retagged."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.pins import file_kinds
from indexer.pins.check import check
from tests.store.scribe import Scribe, tag
from tests.support.memory_index import MemoryIndex

CASES = Path(__file__).parent / "cases"

FILES = {
    "context-as-base/compose.yaml": [(6, "ok")],
    "image-id-in-status/pods.yaml": [(9, "ok")],
    "github-workflow/.github/workflows/test.yml": [
        (5, "retagged"),
        (8, "unpinned"),
        (11, "unpinned"),
        (14, "retagged"),
    ],
    "github-workflow/action.yml": [(4, "retagged")],
    "github-workflow/.gitlab-ci.yml": [(1, "retagged"), (3, "unpinned"), (4, "unpinned")],
    "devcontainer/.devcontainer/devcontainer.json": [(4, "retagged"), (6, "unpinned")],
    "helm-values/values.yaml": [(4, "retagged"), (9, "unpinned"), (12, "unpinned")],
    "argocd-images/application.yaml": [(10, "retagged"), (11, "unpinned")],
    "argocd-images/flux.yaml": [(7, "retagged")],
    "not-a-list/docker-bake.hcl": [(2, "retagged")],
    "not-a-list/web.container": [(4, "retagged")],
}


@pytest.fixture(scope="module")
def index() -> MemoryIndex:
    made = MemoryIndex()
    scribe = Scribe(made.archive)
    others = {"redis": [tag("1", "r")], "alpine": [tag("1", "a")]}
    for letter in "ab":
        scribe.crawl({"nginx": [tag("1", digest=f"sha256:{letter * 64}")], **others})
    return made


@pytest.mark.parametrize("name", FILES)
def test_each_image_of_a_file_is_judged(index: MemoryIndex, name: str) -> None:
    pins = file_kinds.images((CASES / name).read_bytes(), name, {})
    found = [(each.pin.line, each.verdict.value) for each in check(index.catalog, pins)]
    assert found == FILES[name]
