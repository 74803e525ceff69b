"""Whatever a file holds, reading it ends, and what is wrong is a finding or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.core.errors import UsageError
from indexer.pins import file_kinds
from tests.support.selection import examples

CASES = Path(__file__).parent / "cases"

FILES = sorted(
    path
    for path in CASES.rglob("*")
    if path.is_file() and path.suffix in {".yml", ".yaml", ".json", ".hcl", ".container"}
)

pieces = st.sampled_from(
    [
        *(
            "a: ",
            "image: ",
            "jobs:",
            "on: x",
            "steps:",
            "container: ",
            "services:",
            "uses: docker://",
        ),
        *("extends: ", "variables:", "!reference [", "matrix:", "parallel:", ".t:", "script: x"),
        *('target "a" {', 'resource "docker_image" "b" {', "contexts = ", "name = ", "for_each = "),
        *("variable v {", "locals {", "default = ", "[Container]", "Image=", "Mount=type=image,"),
        *(
            "repository: ",
            "tag: ",
            "images:",
            "- ",
            "  ",
            "\n",
            "\n  ",
            "\n    ",
            "{",
            "}",
            "[",
            "]",
        ),
        *('"', "'", "&a ", "*a", "<<: ", "${{ matrix.x }}", "${V}", "$V", "$[[ inputs.x ]]", "%i"),
        *("<<E\n", "E\n", "//", "/*", "*/", "#", ",", ":", "=", "\\", "nginx:1", "null", "1.20"),
        *("kind: ", "apiVersion: ", "spec:", "helm:", "kustomize:", "\ue000", "\0", "é", "\t"),
    ]
)


@pytest.mark.parametrize("kind", [each.name for each in file_kinds.KINDS])
@settings(max_examples=examples(30, at_night=3_000), deadline=None)
@given(text=st.lists(pieces, max_size=25).map("".join))
def test_any_text_is_read_to_its_end(kind: str, text: str) -> None:
    try:
        pins = list(file_kinds.images(text.encode(), "x", {}, kind))
    except UsageError:
        return
    assert all(pin.reference or pin.problem for pin in pins)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_file_that_breaks_off_anywhere_is_read_to_there(file: Path) -> None:
    text = file.read_text()
    name = str(file.relative_to(CASES))
    for end in range(0, len(text), 5):
        try:
            pins = list(file_kinds.images(text[:end].encode(), name, {}))
        except UsageError:
            continue
        assert all(pin.reference or pin.problem for pin in pins)
