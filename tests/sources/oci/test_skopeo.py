"""What we print of an image is what Debian's skopeo prints, byte for byte."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from indexer.manifests.manifest_digest import digest_of
from indexer.manifests.manifest_parser import read
from indexer.manifests.platform_selection import choose, parse
from indexer.manifests.untrusted_json import NotReadable
from indexer.render.go_template import render
from indexer.render.go_values import as_json
from indexer.render.skopeo import configured, inspected
from tests.sources.oci import images
from tests.sources.oci.images import Made, Recipe
from tests.sources.oci.real_registry import RealRegistry, skopeo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.render.go_values import Record

AMD64 = Recipe().made()
ODD = {
    "Env": [
        "PATH=/bin",
        "Q=\u2028\u00fc\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
    "Labels": {"\u00e4": '\u0001\b\f\n\t"\\/', "<b>": "a & b", "": "empty", "A": "\u007f"},
    "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
    "Volumes": {"/data": {}},
    "Entrypoint": ["/run"],
    "Cmd": ["sh", "-c", "echo <hello> && exit"],
    "User": "1000:1000",
    "WorkingDir": "/",
    "StopSignal": "SIGINT",
    "Unknown": [1, 2],
}

KINDS: dict[str, Made] = {
    "oci": AMD64,
    "docker": Recipe(docker=True, layers=3).made(),
    "docker-version": Recipe(docker=True, more={"docker_version": "20.10.7"}).made(),
    "many-layers": Recipe(layers=5).made(),
    "no-layers": Recipe(layers=0).made(),
    "no-settings": Recipe(settings=None).made(),
    "no-settings-docker": Recipe(settings=None, docker=True).made(),
    "null-settings": Recipe(settings={"Env": None, "Labels": None}).made(),
    "empty-settings": Recipe(settings={"Env": [], "Labels": {}}).made(),
    "no-date": Recipe(created=None).made(),
    "no-date-docker": Recipe(created=None, docker=True).made(),
    "null-date": Recipe(created=None, more={"created": None}).made(),
    "odd": Recipe(settings=ODD, more={"author": "<me>", "os.features": ["win32k"]}).made(),
    "odd-docker": Recipe(settings=ODD, docker=True, more={"container": "x"}).made(),
    "zone": Recipe(created="2024-02-29T23:59:59.000000001+05:30").made(),
    "zulu": Recipe(created="2024-02-29T23:59:59+00:00").made(),
    "year-1": Recipe(created="0001-01-01T00:00:00Z").made(),
    "whole-second": Recipe(created="2024-02-29T23:59:59.000Z").made(),
    "index": images.index(Recipe(text="arm", architecture="arm64", variant="v8").made(), AMD64),
    "list": images.index(
        Recipe(text="arm", architecture="arm", variant="v7", docker=True).made(),
        Recipe(docker=True).made(),
        docker=True,
    ),
    "attested": images.index(AMD64, images.attestation(AMD64)),
    "nested": images.index(
        Made(**{**vars(images.index(AMD64)), "platform": {"os": "linux", "architecture": "amd64"}})
    ),
    "windows": images.index(
        Recipe(text="w", os="windows", os_version="10.0.20348.1").made(), AMD64
    ),
    "no-platform": images.index(Made(AMD64.body, AMD64.media_type, AMD64.blobs)),
    "history": Recipe(
        more={
            "history": [
                {"created": "2024-01-01T00:00:00.5Z", "created_by": "A", "empty_layer": True},
                {"created_by": "B", "author": "me", "comment": "c", "empty_layer": False},
                {},
            ]
        }
    ).made(),
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    """A docker-registry with every kind, each as the tag `1` of a repository of that name."""
    with RealRegistry(tmp_path_factory.mktemp("registry")) as running:
        for name, made in KINDS.items():
            running.push(made, name, "1")
        yield running


def ours(made: Made, registry: RealRegistry, repository: str, **options: Any) -> Record:
    """The record of a manifest that was just made."""
    digest, image, config = image_of(made)
    name = f"{registry.name}/{repository}"
    return inspected(name=name, digest=digest, tags=["1"], image=image, config=config, **options)


def image_of(made: Made) -> tuple[str, Any, bytes]:
    digest = digest_of(made.body)
    manifest = read(made.body, made.media_type)
    while manifest.children:
        child = choose(manifest, parse("linux/amd64"))
        assert child
        made = next(each for each in made.children if each.digest == child.digest)
        manifest = read(made.body, made.media_type)
    return digest, manifest, made.blobs[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_image_is_shown_as_skopeo_shows_it(registry: RealRegistry, kind: str) -> None:
    made = KINDS[kind]
    address = f"docker://{registry.name}/{kind}:1"
    shown = skopeo("inspect", "--tls-verify=false", address)
    assert f"{as_json(ours(made, registry, kind))}\n" == _careful(shown)
    config = skopeo("inspect", "--tls-verify=false", "--config", address)
    assert f"{as_json(configured(*image_of(made)[1:]))}\n" == _careful(config)


def _careful(shown: str) -> str:
    """skopeo lets a delete character through, which a terminal might obey."""
    return shown.replace("\u007f", "\\u007f")


def test_signed_schema_1_is_shown_as_skopeo_shows_it(registry: RealRegistry, tmp_path: Any) -> None:
    copy = f"dir:{tmp_path / 'copy'}"
    skopeo("copy", "--src-tls-verify=false", f"docker://{registry.name}/docker:1", copy)
    address = f"docker://{registry.name}/team/old:1"
    skopeo("copy", "--dest-tls-verify=false", "--format=v2s1", copy, address)
    _, headers, body = registry.call("GET", "/v2/team/old/manifests/1")
    image = read(body, headers["Content-Type"])
    record = inspected(
        name=f"{registry.name}/team/old",
        digest=digest_of(body),
        tags=["1"],
        image=image,
        config=b"",
    )
    shown = skopeo("inspect", "--tls-verify=false", address)
    assert f"{as_json(record)}\n" == shown
    assert '"Tag": "1"' in shown
    config = skopeo("inspect", "--tls-verify=false", "--config", address)
    assert f"{as_json(configured(image, b''))}\n" == config


TEMPLATES = [
    "{{.Digest}}",
    "{{.Name}}: {{.Digest}} ({{.Os}}/{{.Architecture}})",
    "{{.Created}}",
    "{{.Labels}}",
    "{{.Layers}}",
    "{{.Env}}",
    '{{index .Labels "b"}}',
    '{{index .Labels "not there"}}',
    "{{.Labels.b}} {{.Labels.nothing}}",
    "{{index .Layers 0}}",
    "{{range .RepoTags}}{{.}} {{end}}",
    "{{range $i, $l := .Layers}}{{$i}}={{$l}};{{end}}",
    "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}",
    "{{len .Layers}} {{len .Labels}}",
    "{{if .DockerVersion}}yes{{else}}no{{end}}",
    "{{with .Labels}}{{.b}}{{end}}",
    "a {{- .Os -}} b",
    "{{/* nothing */}}x",
    "{{.Os | len}}",
    '{{if eq .Os "linux"}}l{{else}}o{{end}} {{ne .Os "linux"}}',
    '{{(index .Labels "b")}}{{`raw`}}',
    "{{if and .Os (not .DockerVersion)}}both{{end}}",
    '{{or .DockerVersion "none"}}',
    "{{range .Labels}}{{.}}{{else}}none{{end}}",
    r"{{.Os}}\n{{.Architecture}}",
    "plain",
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("kind", ["oci", "no-settings", "zone"])
def test_a_template_makes_what_skopeo_makes_of_it(
    registry: RealRegistry, kind: str, template: str
) -> None:
    made = KINDS[kind]
    address = f"docker://{registry.name}/{kind}:1"
    shown = skopeo("inspect", "--tls-verify=false", "--format", template, address)
    assert render(template, ours(made, registry, kind)) == shown


@pytest.mark.parametrize("kind", ["artifact", "strange"])
def test_artifacts_are_shown_by_neither(registry: RealRegistry, kind: str) -> None:
    strange = Made(
        images.Recipe().made().body.replace(b"oci.image.config.v1", b"acme.config.v1"),
        AMD64.media_type,
        AMD64.blobs,
    )
    made = images.artifact() if kind == "artifact" else strange
    registry.push(made, "team/app", "1")
    with pytest.raises(subprocess.CalledProcessError):
        skopeo("inspect", "--tls-verify=false", f"docker://{registry.name}/team/app:1")
    assert read(made.body, made.media_type).artifact_type


@pytest.mark.parametrize(
    "more",
    [
        {"created": "yesterday"},
        {"created": 7},
        {"created": "2024-13-01T00:00:00Z"},
        {"config": []},
        {"config": {"Env": "A=1"}},
        {"config": {"Env": [1]}},
        {"config": {"Labels": ["a"]}},
        {"config": {"Labels": {"a": 1}}},
        {"architecture": 64},
    ],
)
def test_a_configuration_that_skopeo_cannot_read_gets_a_sentence(
    registry: RealRegistry, more: dict[str, Any]
) -> None:
    made = Recipe(more=more).made()
    registry.push(made, "team/app", "1")
    with pytest.raises(subprocess.CalledProcessError):
        skopeo("inspect", "--tls-verify=false", f"docker://{registry.name}/team/app:1")
    with pytest.raises(NotReadable):
        ours(made, registry, "team/app")
