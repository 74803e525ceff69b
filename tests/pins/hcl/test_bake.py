"""The images that bake files build from."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read, read_together


def target(text: str, head: str = "", **given: str) -> list[str]:
    """The images of a target `a`, whose content begins on line 2 after the head's lines."""
    return read(f'{head}target "a" {{\n{text}\n}}\n', "docker-bake.hcl", **given)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            'contexts = { b = "docker-image://nginx:1" }',
            ["2: library/nginx:1 (target a, context b)"],
        ),
        ('contexts = { b = "target:x", c = "./y", d = "https://z" }', []),
        ('tags = ["own:1"]\ncache-from = ["type=registry,ref=own:cache"]', []),
        ('dockerfile = "x.Dockerfile"', []),
        (
            "dockerfile-inline = <<EOT\nFROM nginx:1\nCOPY --from=redis a b\nEOT",
            ["3: library/nginx:1 (target a, FROM)", "4: library/redis (target a, COPY --from)"],
        ),
        (
            'contexts = { b = "docker-image://nginx" }\ndockerfile-inline = "FROM b"',
            ["2: library/nginx (target a, context b)"],
        ),
        (
            'args = { V = "2" }\ndockerfile-inline = "ARG V=1\\nFROM nginx:$V"',
            ["3: library/nginx:2 (target a, FROM)"],
        ),
        (f'args = {{ BASE = "x/y@{DIGEST}" }}', [f"2: x/y@{DIGEST} (bake)"]),
        (
            'matrix = { v = ["1", "2"] }\ncontexts = { b = "docker-image://nginx:${v}" }',
            [
                "3: library/nginx:1 (target a, context b)",
                "3: library/nginx:2 (target a, context b)",
            ],
        ),
        (
            'matrix = { m = [{ i = "x/y" }] }\ncontexts = { b = "docker-image://${m.i}" }',
            ["3: x/y (target a, context b)"],
        ),
    ],
)
def test_contexts_and_dockerfiles_within_name_images(text: str, found: list[str]) -> None:
    assert target(text) == found


HEAD = """\
variable "TAG" { default = "1" }
variable "EMPTY" { default = "" }
variable "UNSET" {}
function "tagged" {
  params = [name]
  result = "${name}:${EMPTY == "" ? TAG : EMPTY}"
}
"""


def test_variables_and_functions_of_the_file_are_known() -> None:
    text = 'contexts = { b = "docker-image://${tagged("nginx")}" }'
    assert target(text, HEAD) == ["9: library/nginx:1 (target a, context b)"]
    assert target(text, HEAD, TAG="3") == ["9: library/nginx:3 (target a, context b)"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            'contexts = { b = "docker-image://x:${UNSET}" }',
            "UNSET has no value here: give it with --set UNSET=…. (target a, context b)",
        ),
        ('contexts = { b = "docker-image://${md5("x")}" }', "what the function md5 results in"),
        ('contexts = { b = tagged("x", "y") }', "tagged does not take these arguments"),
        ("contexts = NONE", "NONE has no value here"),
        ('dockerfile-inline = "FROM x:${UNSET}"', "its Dockerfile is unknown: UNSET has no"),
        (
            'args = { V = UNSET }\ndockerfile-inline = "ARG V=1\\nFROM $V"',
            "'UNSET' is not an image name",
        ),
        (
            'matrix = { v = UNSET }\ncontexts = { b = "docker-image://x:${v}" }',
            "cannot tell what its matrix holds: UNSET has no value",
        ),
        ("matrix = { v = [" + "1," * 257 + "] }", "it makes more than 256 targets"),
        ("contexts = {", "from here on it is not HCL: this is not expected here."),
    ],
)
def test_what_is_not_known_is_unreadable(text: str, why: str) -> None:
    (found,) = target(text, HEAD)
    assert why in found


def test_a_target_inherits_contexts_and_arguments() -> None:
    text = """\
target "base" {
  contexts = { b = "docker-image://nginx:1" }
  args = { V = "1" }
  dockerfile-inline = "ARG V\\nFROM redis:$V"
}
target "own" {
  inherits = ["base"]
  contexts = { b = "docker-image://nginx:2" }
  args = { V = "2" }
}
"""
    assert read(text, "docker-bake.override.hcl") == [
        "2: library/nginx:1 (target base, context b)",
        "4: library/redis:1 (target base, FROM)",
        "8: library/nginx:2 (target own, context b)",
        "4: library/redis:2 (target own, FROM)",
    ]


def test_json_is_read_as_hcl() -> None:
    text = """\
{
  "variable": {"TAG": {"default": "1"}},
  "target": {
    "a": {"contexts": {"b": "docker-image://nginx:${TAG}", "c": "docker-image://x:${NO}"}}
  }
}"""
    image, unknown = read(text, "docker-bake.json")
    assert image == "4: library/nginx:1 (target a, context b)"
    assert unknown.startswith("4: 'docker-image://x:${NO}': NO has no value here: give it with")
    (broken,) = read("{", "docker-bake.json")
    assert "from here on it is not JSON" in broken


def test_files_that_are_given_together_share_their_variables() -> None:
    files = {
        "docker-bake.hcl": 'target "a" {\n  contexts = { b = "docker-image://x:${f(TAG)}" }\n}\n',
        "docker-bake.override.hcl": (
            'variable "TAG" { default = "1" }\nfunction "f" {\n params = [x]\n result = x\n}\n'
        ),
    }
    assert read_together(files) == ["docker-bake.hcl:2: library/x:1"]
    files["x/docker-bake.hcl"] = files.pop("docker-bake.override.hcl")
    (found,) = read_together(files)
    assert "TAG has no value here" in found


def test_a_bake_file_is_known_by_its_name_or_its_targets() -> None:
    text = 'target "a" {\n  contexts = { b = "docker-image://nginx" }\n}\n'
    found = ["2: library/nginx (target a, context b)"]
    for name in ("x/docker-bake.hcl", "bake.hcl", "my.hcl"):
        assert read(text, name) == found
    assert read(text, "-", "bake") == found
