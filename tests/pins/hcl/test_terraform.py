"""The images that resources of Terraform name."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read, read_together


def resource(kind: str, text: str, head: str = "", **given: str) -> list[str]:
    """The images of a resource `x`, whose content begins on line 2 after the head's lines."""
    return read(f'{head}resource "{kind}" "x" {{\n{text}\n}}\n', "main.tf", **given)


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("docker_image", 'name = "nginx:1"', ["2: library/nginx:1"]),
        ("docker_image", 'name = "own"\nbuild { context = "." }', []),
        ("docker_image", f'name = "a/b@{DIGEST}"\nbuild {{}}', [f"2: a/b@{DIGEST}"]),
        ("docker_container", 'image = "nginx"', ["2: library/nginx"]),
        (
            "docker_service",
            'task_spec {\n container_spec { image = "a/b" }\n}',
            ["3: a/b"],
        ),
        (
            "kubernetes_deployment_v1",
            'spec {\n container { image = "a/b:1" }\n init_container { image = "c/d" }\n}',
            ["3: a/b:1", "4: c/d"],
        ),
        ("kubernetes_manifest", 'manifest = { spec = { image = "a/b" } }', ["2: a/b"]),
        (
            "kubernetes_manifest",
            "manifest = yamldecode(<<-E\n  spec:\n    image: a/b\nE\n)",
            ["4: a/b"],
        ),
        ("kubectl_manifest", "yaml_body = <<E\nspec: {image: a/b}\nE", ["3: a/b"]),
        (
            "aws_ecs_task_definition",
            'container_definitions = jsonencode([{ name = var.n, image = "a/b:1" }])',
            ["2: a/b:1"],
        ),
        ("aws_lambda_function", 'image_uri = "a.io/b:1"', ["2: a.io/b:1"]),
        (
            "aws_apprunner_service",
            'source_configuration {\n image_repository { image_identifier = "a.io/b:1" }\n}',
            ["3: a.io/b:1"],
        ),
        ("aws_codebuild_project", 'environment { image = "aws/codebuild/standard:7.0" }', []),
        (
            "google_cloud_run_v2_service",
            'template { containers { image = "a.io/b" } }',
            ["2: a.io/b"],
        ),
        ("azurerm_container_group", 'container { image = "a/b" }', ["2: a/b"]),
        (
            "helm_release",
            'values = [yamlencode({ image = { repository = "a/b", tag = "x" } })]',
            ["2: a/b:x"],
        ),
        (
            "helm_release",
            'set {\n name = "web.image"\n value = "c/d:1"\n}',
            ["4: c/d:1"],
        ),
        ("helm_release", "values = [<<E\nimage: a/b:1\nE\n]", ["3: a/b:1"]),
        ("google_compute_instance", 'boot_disk { image = "debian-cloud/debian-12" }', []),
        ("null_resource", f'triggers = {{ i = "a/b@{DIGEST}" }}', [f"2: a/b@{DIGEST}"]),
    ],
)
def test_a_resource_names_its_images(kind: str, text: str, found: list[str]) -> None:
    answers = resource(kind, text)
    assert [answer.partition(" (")[0] for answer in answers] == found
    assert all(f"({kind}.x)" in each or "(Terraform)" in each for each in answers)


HEAD = """\
variable "tag" { default = "1" }
variable "images" { default = { web = "a/b" } }
variable "none" { type = string }
locals { registry = "a.io" }
locals { whole = "${local.registry}/b:${var.tag}" }
"""


def test_variables_and_locals_of_the_file_are_known() -> None:
    assert resource("docker_image", "name = local.whole", HEAD) == ["7: a.io/b:1 (docker_image.x)"]
    assert resource("docker_image", 'name = "${var.images["web"]}:2"', HEAD) == [
        "7: a/b:2 (docker_image.x)"
    ]
    given = {"var.none": "c/d"}
    assert resource("docker_image", "name = var.none", HEAD, **given) == ["7: c/d (docker_image.x)"]
    assert resource("docker_image", "name = var.none", HEAD, none="e/f") == [
        "7: e/f (docker_image.x)"
    ]


def test_each_instance_of_a_resource_counts() -> None:
    listed = 'for_each = toset(["a/b:1", "a/b:2"])\nname = each.value'
    assert resource("docker_image", listed) == [
        "3: a/b:1 (docker_image.x)",
        "3: a/b:2 (docker_image.x)",
    ]
    mapped = 'for_each = var.images\nname = "${each.value}:${each.key}"'
    assert resource("docker_image", mapped, HEAD) == ["8: a/b:web (docker_image.x)"]


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("docker_image", "name = var.none", "var.none has no value here: give it with --set var.n"),
        ("docker_image", "name = var.no[count.index]", "count.index has no value here"),
        ("docker_image", "for_each = var.none\nname = each.value", "each.value has no value here"),
        (
            "docker_image",
            "for_each = toset([" + ",".join(f'"{n}"' for n in range(257)) + "])\nname = each.key",
            "each.key has no value here",
        ),
        ("docker_container", "image = docker_image.y.image_id", "docker_image.y.image_id has no"),
        ("kubernetes_pod", 'dynamic "container" { content { image = container.value } }', "no val"),
        (
            "aws_ecs_task_definition",
            'container_definitions = file("x.json")',
            "it is in another file, which is not read",
        ),
        (
            "aws_ecs_task_definition",
            "container_definitions = jsonencode([for c in var.cs : { image = c.image }])",
            "cannot tell what it results in",
        ),
        ("helm_release", 'values = [file("x.yaml")]', "it is in another file, which is not read"),
        ("kubectl_manifest", "yaml_body = <<E\na: [\nE", "from here on it is not YAML"),
        ("docker_image", "name = [", "from here on it is not HCL: this is not expected here."),
    ],
)
def test_what_is_not_in_the_file_is_unreadable(kind: str, text: str, why: str) -> None:
    (found,) = resource(kind, text, HEAD)
    assert why in found


def test_what_is_not_known_in_a_text_does_not_hide_the_rest() -> None:
    text = """\
container_definitions = <<EOT
[
  {"name": "${var.none}", "cpu": ${var.cpu}, "image": "a/b:${var.tag}"},
  {"image": "c/d:${var.none}"}
]
EOT"""
    image, unknown = resource("aws_ecs_task_definition", text, HEAD)
    assert image == "9: a/b:1 (aws_ecs_task_definition.x)"
    assert unknown.startswith("10: 'c/d:${…}': var.none has no value here: give it with --set va")


def test_a_reference_to_an_image_of_this_file_is_told_there() -> None:
    text = """\
data "docker_registry_image" "d" { name = "redis:1" }
resource "docker_image" "i" {
  name = data.docker_registry_image.d.name
}
resource "docker_container" "c" {
  image = docker_image.i.image_id
}
resource "docker_registry_image" "pushed" { name = "own:1" }
"""
    assert read(text, "x.tofu") == ["1: library/redis:1 (docker_registry_image.d)"]


def test_files_of_a_folder_that_are_given_together_are_one_module() -> None:
    files = {
        "a/main.tf": (
            'resource "docker_image" "i" { name = "nginx:${var.tag}" }\n'
            'resource "docker_container" "c" { image = docker_image.j.image_id }\n'
        ),
        "a/other.tf": 'resource "docker_image" "j" { name = local.name }\n',
        "a/variables.tf": 'variable "tag" { default = "1" }\nlocals { name = "redis:2" }\n',
        "a/prod.tfvars": 'tag = "3"\n',
        "b/variables.tf": 'variable "tag" { default = "4" }\n',
    }
    assert read_together(files) == [
        "a/main.tf:1: library/nginx:3",
        "a/other.tf:1: library/redis:2",
    ]


def test_json_is_read_as_hcl() -> None:
    text = """\
{
  "variable": {"tag": {"default": "1"}},
  "resource": [{"docker_image": {"i": {"name": "nginx:${var.tag}"}}},
    {"docker_container": {"c": {"image": "${docker_image.i.image_id}"}}}]
}"""
    assert read(text, "main.tf.json") == ["3: library/nginx:1 (docker_image.i)"]
    assert read(text, "-", "terraform") == ["3: library/nginx:1 (docker_image.i)"]
