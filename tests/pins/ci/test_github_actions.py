"""The images that workflows and actions of GitHub run."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, OTHER, read

WORKFLOW = ".github/workflows/ci.yml"


def job(text: str, head: str = "on: push") -> list[str]:
    """The images of a workflow with one job, `j`."""
    lines = "\n".join(f"    {line}" for line in text.splitlines())
    return read(f"{head}\njobs:\n  j:\n    runs-on: x\n{lines}\n", WORKFLOW)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("container: nginx:1", ["5: library/nginx:1 (job j, container)"]),
        ("container: {image: docker://nginx:1}", ["5: library/nginx:1 (job j, container)"]),
        ("container: ''", []),
        ("container: {image: ''}", []),
        ("services: {db: {image: postgres}}", ["5: library/postgres (job j, service db)"]),
        ("steps: [{uses: docker://alpine:3}]", ["5: library/alpine:3 (job j, step)"]),
        ("steps: [{uses: ./local}, {uses: a/b@v1}, {run: make}]", []),
        ("uses: ./.github/workflows/other.yml", []),
        (f"env: {{X: nginx:1@{DIGEST}}}", [f"5: library/nginx:1@{DIGEST} (workflow)"]),
        (
            f"steps:\n- run: |\n    make\n    docker run nginx@{DIGEST} x  # again nginx@{DIGEST}",
            [f"8: library/nginx@{DIGEST} (workflow)"],
        ),
    ],
)
def test_an_image_may_stand_in_a_container_a_service_and_a_step(
    text: str, found: list[str]
) -> None:
    assert job(text) == found


def test_a_matrix_gives_one_text_several_images() -> None:
    text = f"""\
strategy:
  matrix:
    base: [debian:12, {{image: fedora:40}}]
    version:
    - 1
    - "2@{DIGEST}"
    include:
    - image: ubuntu:24.04
    - version: 3
container: ${{{{ matrix.image }}}}
services:
  web: {{image: "nginx:${{{{matrix.version}}}}"}}
"""
    assert job(text) == [
        "12: library/ubuntu:24.04 (job j, container)",
        "16: library/nginx:1 (job j, service web)",
        f"16: library/nginx:2@{DIGEST} (job j, service web)",
        "16: library/nginx:3 (job j, service web)",
    ]
    of_mappings = "strategy: {matrix: {c: [{image: a/b:1}, {image: c/d}]}}\n"
    assert job(of_mappings + "container: ${{ matrix.c.image }}") == [
        "5: a/b:1 (job j, container)",
        "5: c/d (job j, container)",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "container: ${{ vars.IMAGE }}",
            "vars.IMAGE has no value here: give it with --set vars.IMAGE=…",
        ),
        ("container: ${{ matrix.x }}", "matrix.x has no value here"),
        ("container: ${{ inputs.other }}", "inputs.other has no value here"),
        ("strategy: {matrix: '${{ fromJSON(x) }}'}\ncontainer: ${{ matrix.x }}", "no value here"),
        ("strategy: {matrix: {x: ['${{ y }}']}}\ncontainer: ${{ matrix.x }}", "no value here"),
        ("container: ${{ format('a{0}', 1) }}", "cannot tell what"),
        ("container: [nginx]", "expected the name of an image here."),
        ("container: {options: x}", "it names no image."),
        ("services: {db: {ports: [1]}}", "it names no image."),
        ("services: ${{ fromJSON(x) }}", "expected services by name here."),
        (
            "strategy: {matrix: {x: [" + "a," * 257 + "]}}\ncontainer: ${{ matrix.x }}",
            "it stands for more than 256 images",
        ),
    ],
)
def test_what_only_github_knows_is_unreadable(text: str, why: str) -> None:
    (found,) = job(text)
    assert why in found


def test_inputs_have_their_defaults_and_alternatives() -> None:
    head = """\
on:
  workflow_call:
    inputs:
      image: {type: string, default: "nginx:1"}
      other: {type: string}
env: {TAG: 3}"""
    assert job("container: ${{ inputs.image }}", head) == ["4: library/nginx:1 (job j, container)"]
    assert job("container: ${{ inputs.other || 'redis:2' }}", head) == [
        "10: library/redis:2 (job j, container)"
    ]
    assert job("container: alpine:${{ env.TAG }}", head) == [
        "10: library/alpine:3 (job j, container)"
    ]


def test_a_value_that_is_given_goes_before_those_of_the_file() -> None:
    text = "on: push\njobs:\n  j:\n    runs-on: x\n    container: ${{ vars.IMAGE }}\n"
    assert read(text, WORKFLOW, **{"vars.IMAGE": "a/b:1"}) == ["5: a/b:1 (job j, container)"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("runs: {using: docker, image: Dockerfile}", []),
        ("runs: {using: docker, image: 'docker://nginx:1'}", ["1: library/nginx:1 (runs)"]),
        (
            "runs: {using: composite, steps: [{uses: 'docker://nginx:1'}]}",
            ["1: library/nginx:1 (runs, step)"],
        ),
        ("runs: {using: node20, main: x.js}", []),
    ],
)
def test_an_action_runs_an_image_or_steps(text: str, found: list[str]) -> None:
    assert read(text, "action.yml") == found
    assert read(text, "x.yaml") == found


def test_a_workflow_is_known_by_its_folder_or_by_what_it_holds() -> None:
    text = "on: push\njobs: {j: {runs-on: x, container: nginx}}"
    found = ["2: library/nginx (job j, container)"]
    for name in (WORKFLOW, ".forgejo/workflows/a.yaml", "a\\.gitea\\workflows\\b.yml", "x.yml"):
        assert read(text, name) == found
    assert read(text, "-", "github-actions") == found
    assert read("jobs: 7", WORKFLOW) == ["1: '7': expected jobs by name here. (jobs)"]


def test_a_file_of_that_name_that_is_no_action_is_not_taken_for_one() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: {image: nginx}"
    assert read(text, "action.yml") == ["3: library/nginx (Pod)"]


def test_a_broken_workflow_is_told_with_its_line() -> None:
    (found,) = read("on: push\njobs: [\n", WORKFLOW)
    assert found.startswith("3: from here on it is not YAML")


def test_a_second_digest_of_the_same_image_is_another_finding() -> None:
    text = f"env: {{X: nginx@{OTHER}}}\ncontainer: nginx@{DIGEST}"
    assert [each[:2] for each in job(text)] == ["6:", "5:"]
