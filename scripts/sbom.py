"""The bill of materials of a release: what `requirements/run.txt` pins, as CycloneDX has it.

It is made from the lock alone, so it names no machine, and the same sources give the same bytes.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

NAME = "hub-indexer"

_PIN = re.compile(r"^(\S+)==(\S+)[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)+)", re.MULTILINE)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")


class Invalid(Exception):
    """The bill would not be one by CycloneDX's schema."""


def bill_of_materials(lock: str, version: str, made_at: datetime) -> str:
    """The bill for a version, as JSON.

    Args:
        lock: the text of the lock, with hashes.
        version: of the program.
        made_at: the time that it names: that of the commit.

    Raises:
        Invalid: it does not satisfy the schema, or the lock names nothing.
    """
    parts = list(_parts(lock))
    if not parts:
        raise Invalid("the lock pins nothing")
    program = _component(NAME, version, ComponentType.APPLICATION)
    bom = Bom(components=parts)
    bom.metadata.component = program
    bom.metadata.timestamp = made_at.astimezone(UTC)
    bom.serial_number = uuid5(NAMESPACE_URL, f"pkg:pypi/{NAME}@{version}?{lock}")
    bom.register_dependency(program, parts)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise Invalid(str(wrong))
    return f"{text}\n"


def _parts(lock: str) -> Iterator[Component]:
    for name, version, hashes in _PIN.findall(lock):
        part = _component(canonicalize_name(name), version, ComponentType.LIBRARY)
        part.hashes.update(
            HashType(alg=HashAlgorithm.SHA_256, content=each) for each in _HASH.findall(hashes)
        )
        yield part


def _component(name: str, version: str, kind: ComponentType) -> Component:
    purl = PackageURL("pypi", name=name, version=version)
    return Component(name=name, version=version, type=kind, purl=purl, bom_ref=str(purl))
