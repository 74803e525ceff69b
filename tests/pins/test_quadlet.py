"""The images of Podman's quadlets."""

from __future__ import annotations

import pytest

from indexer.core.errors import UsageError
from indexer.pins import arguments
from tests.pins.reading import DIGEST, read


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("[Container]\nImage=nginx:1", "a.container", ["2: library/nginx:1 ([Container])"]),
        ("[Image]\nImage=docker://a/b", "a.image", ["2: a/b ([Image])"]),
        ("[Volume]\nDriver=image\nImage=a/b", "a.volume", ["3: a/b ([Volume])"]),
        ("[Artifact]\nArtifact=a.io/b/c:1", "a.artifact", ["2: a.io/b/c:1 ([Artifact])"]),
        (
            "[Container]\nImage=nginx:1",
            "a.container.d/10.conf",
            ["2: library/nginx:1 ([Container])"],
        ),
        ("[Container]\nImage = nginx:1\nImage=redis", "x", ["3: library/redis ([Container])"]),
        ("[Container]\nImage=nginx\nImage=", "x", []),
        ("[Container]\n# Image=no\n; Image=no\nImage=own.image", "x", []),
        ("[Container]\nImage=own.build", "x", []),
        ("[Container]\nImage=oci-archive:/x.tar", "x", []),
        ("[Container]\nImage=containers-storage:x", "x", []),
        ("[Container]\nRootfs=/x", "x", []),
        ("[Container]\nImage=\\\n# in between\n  nginx", "x", ["2: library/nginx ([Container])"]),
        ("[Build]\nImageTag=localhost/own\nFile=x", "a.build", []),
        (
            "[Container]\nImage=a/b\nMount=type=image,source=c/d:1,destination=/x\nMount=type=bind",
            "x",
            ["3: c/d:1 ([Container] Mount)", "2: a/b ([Container])"],
        ),
        (
            f"[Container]\nImage=a/b@{DIGEST}\n[Service]\nExecStartPre=podman pull c/d@{DIGEST}",
            "x",
            [f"2: a/b@{DIGEST} ([Container])", f"4: c/d@{DIGEST} ([Service])"],
        ),
        (
            "[Container]\nImage=a/b\n---\n# FileName=c\n[Container]\nImage=c/d\n",
            "all.quadlets",
            ["2: a/b ([Container])", "6: c/d ([Container])"],
        ),
    ],
)
def test_the_image_of_a_unit_is_found(text: str, name: str, found: list[str]) -> None:
    assert read(text, name, "quadlet" if name == "x" else None) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[Container]\nImage=a/b:%i", "2: 'a/b:%i': systemd fills in what follows '%' when it"),
        ("[Container]\nImage=a/b:${V}", "2: 'a/b:${V}': V has no value here"),
        ("[Container]\nImage", "2: 'Image': it is neither a section nor KEY=VALUE. ([Container])"),
        ("[Container]\nImage=A B", "2: 'A B' is not an image name"),
    ],
)
def test_what_cannot_be_understood_is_unreadable(text: str, why: str) -> None:
    (found,) = read(text, "a.container")
    assert found.startswith(why)


def test_variables_of_the_service_are_known() -> None:
    service = '[Service]\nEnvironment="V=1" W=2\nEnvironment=V=3\nEnvironment="broken\n'
    text = f'{service}[Container]\nImage="a/b:${{V}}-${{W}}"'
    assert read(text, "a.container") == ["6: a/b:3-2 ([Container])"]


def test_a_percent_sign_and_a_variable_that_are_known_are_read() -> None:
    assert read("[Container]\nImage=a/b:${V}", "a.container", V="7") == ["2: a/b:7 ([Container])"]


def test_a_unit_that_only_names_a_file_of_kubernetes_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        read("[Kube]\nYaml=web.yaml", "web.kube")
    assert str(refused.value) == (
        "web.kube does not name an image itself: check web.yaml instead, which its 'Yaml=' names."
    )


def test_a_quadlet_is_known_by_its_name_and_section_or_by_its_section() -> None:
    found = ["2: library/nginx ([Container])"]
    assert read("[Container]\nImage=nginx", "unit.txt") == found
    assert read("[Container]\nImage=nginx", "a.container") == found


def test_a_refused_unit_does_not_hide_what_other_arguments_name() -> None:
    units = {"web.kube": b"[Kube]\nYaml=web.yaml", "db.container": b"[Container]\nImage=a/b"}
    found = arguments.images(units, {}, None, lambda name, _most: units[name])
    assert [str(pin.reference) for pin in found.pins] == ["a/b"]
    assert len(found.refused) == 1
