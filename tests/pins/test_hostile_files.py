"""Whatever a file holds, reading it ends, and what is wrong is a finding or a sentence."""

from __future__ import annotations

import sys
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


def calls(file: str, text: str) -> int:
    """How many functions reading a file calls; the work that it is, without a clock."""
    counted = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for _ in file_kinds.images(text.encode(), file, {}):
            pass
    finally:
        sys.setprofile(before)
    return counted


def lines(number: int, line: str, head: str = "") -> str:
    return head + "".join(line.format(n=n, next=n + 1) + "\n" for n in range(number))


@pytest.mark.parametrize(
    ("file", "head", "line"),
    [
        ("Dockerfile", "", "FROM a AS s{n}\nFROM s{n}"),
        ("compose.yaml", "services:\n  s0: {{image: a}}\n", "  s{next}: {{extends: s{n}}}"),
        ("compose.yaml", "", "---\nservices: {{s{n}: {{image: a}}}}"),
        (".gitlab-ci.yml", "", "j{n}: {{image: a, script: b}}"),
        (".gitlab-ci.yml", "j0: {{script: a}}\n", "j{next}: {{extends: j{n}, script: a}}"),
        (".gitlab-ci.yml", "variables: {{v: a}}\n", "j{n}: {{image: $v, variables: {{w{n}: a}}}}"),
    ],
)
def test_a_file_twice_as_long_is_twice_the_work(file: str, head: str, line: str) -> None:
    once, twice = (calls(file, lines(number, line, head.format())) for number in (150, 300))

    assert twice < 2.3 * once


def test_thousands_of_stages_for_each_platform_are_unreadable_and_not_passed() -> None:
    text = lines(700, "FROM a AS s{n}\nFROM b-$TARGETARCH")

    *_, last = file_kinds.images(text.encode(), "Dockerfile", {})

    assert last.problem == (
        "'b-$TARGETARCH': the file has too many stages to find those for each platform."
    )


def test_spaces_in_a_directive_do_not_hold_up_the_rest() -> None:
    text = f"# syntax=a{' ' * 1_000_000}b\nFROM c\n"

    assert [pin.text for pin in file_kinds.images(text.encode(), "Dockerfile", {})] == ["a", "c"]


def test_a_chain_of_services_that_is_too_long_is_unreadable_and_not_passed() -> None:
    head = "services:\n  s0: {image: a, build: .}\n"
    text = lines(21, "  s{next}: {{extends: s{n}, image: a}}", head)

    problems = [pin for pin in file_kinds.images(text.encode(), "compose.yaml", {}) if pin.problem]

    assert [(pin.line, pin.problem) for pin in problems] == [
        (23, "'s0': it extends more than 20 services, one through another.")
    ]


def test_jobs_that_inherit_too_much_are_unreadable_and_not_passed() -> None:
    template = lines(2_000, "  k{n}: 1", ".t:\n")
    text = template + lines(1_001, "j{n}: {{extends: .t, image: a, script: b}}")

    *_, last = file_kinds.images(text.encode(), ".gitlab-ci.yml", {})

    assert last.problem == "its jobs inherit too much from each other: check parts of it."
