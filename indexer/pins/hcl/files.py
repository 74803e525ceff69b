"""Detects files in HCL, and hands them on: only then is what parses HCL loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.pins.yaml_nodes import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.pins.pin import Pin
    from indexer.pins.source_file import SourceFile, Values

_BAKE = re.compile(r"(?:.*[._-])?bake(?:[._-].*)?\.(?:hcl|json)")
_TARGET = re.compile(r'^[ \t]*target[ \t]+"[^"\n]*"[ \t]*\{', re.MULTILINE)
_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json")


def is_bake_name(file: SourceFile) -> bool:
    """Whether the name is like `docker-bake.hcl`, `docker-bake.override.json`."""
    return bool(_BAKE.fullmatch(file.base))


def is_bake_content(file: SourceFile) -> bool:
    """Whether it has targets, as bake files do."""
    if file.base.endswith(".hcl"):
        return bool(_TARGET.search(file.text))
    return file.base.endswith(".json") and any(
        at(root, "target") and at(root, "group") for root in file.documents.roots
    )


def bake_images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images that the targets of a bake file are built from."""
    from indexer.pins.hcl import bake  # noqa: PLC0415 - loads the parser of HCL

    return bake.images(file, given)


def is_terraform_name(file: SourceFile) -> bool:
    """Whether the name is that of Terraform's or OpenTofu's: `main.tf`, `main.tofu.json`."""
    return file.base.endswith(_TERRAFORM)


def terraform_images(file: SourceFile, given: Values) -> Iterator[Pin]:
    """Yield the images that resources of Terraform name."""
    from indexer.pins.hcl import terraform  # noqa: PLC0415 - loads the parser of HCL

    return terraform.images(file, given)
