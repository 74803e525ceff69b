"""Which attributes of Terraform's resources name images, by the documentation of their providers.

`image` is no image everywhere: virtual machines have images too. So the resources are listed.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple


class Resource(NamedTuple):
    """A kind of resource.

    Attributes:
        types: its type; `*` stands for any end.
        names: the attributes that name an image, at any depth.
        documents: the attributes that hold objects in JSON or YAML, with `image` at any depth.
        values: the attributes that hold values of Helm charts.
        built_by: a block that says that the image is built here, and its name is a result.
    """

    types: str
    names: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    built_by: str = ""


_IMAGE = frozenset({"image"})

RESOURCES = (
    Resource("docker_image", frozenset({"name"}), built_by="build"),
    Resource("docker_container", _IMAGE),
    Resource("docker_service", _IMAGE),
    Resource("kubernetes_manifest", documents=frozenset({"manifest"})),
    Resource("kubernetes_*", _IMAGE),
    Resource("kubectl_manifest", documents=frozenset({"yaml_body"})),
    Resource("helm_release", values=frozenset({"values"})),
    Resource("aws_ecs_task_definition", documents=frozenset({"container_definitions"})),
    Resource("aws_batch_job_definition", documents=frozenset({"container_properties"})),
    Resource("aws_lambda_function", frozenset({"image_uri"})),
    Resource("aws_apprunner_service", frozenset({"image_identifier"})),
    Resource("aws_lightsail_container_service_deployment_version", _IMAGE),
    Resource("aws_sagemaker_model", _IMAGE),
    Resource("aws_codebuild_project", _IMAGE),
    Resource("google_cloud_run_*", _IMAGE),
    Resource("azurerm_container_*", _IMAGE),
    Resource("scaleway_container", frozenset({"registry_image", "image"})),
)
"""Of `resource` blocks. The first that fits counts."""

DATA = (Resource("docker_registry_image", frozenset({"name"})), *RESOURCES)
"""Of `data` blocks. A resource `docker_registry_image` pushes an image that is built here."""

NO_IMAGES = ("aws/codebuild/",)
"""What names of AWS's own build machines begin with: they are in no registry."""


def known(kind: str, *, is_data: bool) -> Resource | None:
    """The row for a type of resource, if images stand in it."""
    rows = DATA if is_data else RESOURCES
    return next((row for row in rows if fnmatchcase(kind, row.types)), None)
