"""`indexer inspect` beside skopeo: the same words, from the index where it is known."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.sources.oci import images
from tests.sources.oci.images import Made, Recipe
from tests.sources.oci.in_process import Here
from tests.sources.oci.real_registry import RealRegistry, counted, skopeo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AMD64 = Recipe().made()
ARM64 = Recipe(text="arm", architecture="arm64", variant="v8").made()
KINDS: dict[str, Made] = {
    "oci": AMD64,
    "docker": Recipe(docker=True, layers=2).made(),
    "index": images.index(ARM64, AMD64, images.attestation(AMD64)),
    "list": images.index(Recipe(docker=True).made(), docker=True),
    "nested": images.index(
        Made(**{**vars(images.index(AMD64)), "platform": {"os": "linux", "architecture": "amd64"}})
    ),
}
PLAIN = "--tls-verify=false"


class Shelf:
    """A registry, and the command in a folder whose configuration names it."""

    def __init__(self, registry: RealRegistry, folder: Path) -> None:
        folder.mkdir()
        self.registry = registry
        self.program = Here(folder)
        self.configure()

    def configure(self, more: str = "") -> None:
        head = f"[[registry]]\ntype = 'oci'\nname = '{self.registry.name}'\n"
        (self.program.folder / "indexer.toml").write_text(head + more)

    def crawl(self, more: str = "") -> None:
        self.configure(more)
        done = self.program.run("-q", "crawl")
        assert done.code == 0, done.err
        self.registry.forget()

    def take_index(self, folder: Path) -> None:
        """Begin with a copy of an index that another shelf has crawled with all manifests."""
        self.configure("manifests = 'all'")
        for file in folder.glob("index*.db*"):
            shutil.copy(file, self.program.folder)
        self.registry.forget()

    def name(self, rest: str) -> str:
        return f"{self.registry.name}/{rest}"

    def inspect(self, rest: str, *options: str) -> str:
        """What is printed; the request that it takes are counted from zero."""
        self.registry.forget()
        done = self.program.run("inspect", self.name(rest), *options)
        assert done.code == 0, done.err
        return done.out

    def refused(self, rest: str, *options: str) -> str:
        done = self.program.run("inspect", self.name(rest), *options)
        assert (done.code, done.out) != (0, ""), done
        assert done.code in {1, 2}
        return done.err


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with RealRegistry(tmp_path_factory.mktemp("registry")) as running:
        for name, made in KINDS.items():
            running.push(made, f"team/{name}", "9", "1", "latest")
        running.push(images.artifact(), "team/artifact", "1")
        yield running


@pytest.fixture
def shelf(registry: RealRegistry, tmp_path: Path) -> Shelf:
    return Shelf(registry, tmp_path / "here")


@pytest.fixture(scope="module")
def crawled(registry: RealRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index that was crawled once, with all manifests; tests take copies of it."""
    shelf = Shelf(registry, tmp_path_factory.mktemp("crawled") / "here")
    shelf.crawl("manifests = 'all'")
    return shelf.program.folder


@pytest.fixture
def indexed(shelf: Shelf, crawled: Path) -> Shelf:
    """A shelf whose index has been crawled with all manifests."""
    shelf.take_index(crawled)
    return shelf


NAMES = [
    f"team/{kind}{tag}" for kind, made in KINDS.items() for tag in (":9", "", f"@{made.digest}")
]


@pytest.mark.parametrize(
    "names", [NAMES[::4], pytest.param(NAMES, marks=pytest.mark.nightly)], ids=["some", "all"]
)
def test_what_is_indexed_is_shown_as_skopeo_shows_it_and_costs_no_request(
    indexed: Shelf, names: list[str]
) -> None:
    """Each form of a name by day, and most kinds of image; each form of each kind at night."""
    for name in names:
        expected = skopeo("inspect", PLAIN, f"docker://{indexed.name(name)}")
        assert indexed.inspect(name, "--offline") == expected
        assert indexed.inspect(name) == expected
        assert indexed.registry.asked() == []


def test_the_manifest_and_the_configuration_are_shown_as_skopeo_shows_them(indexed: Shelf) -> None:
    for kind in KINDS:
        address = f"docker://{indexed.name(f'team/{kind}:1')}"
        for options in (["--raw"], ["--config"], ["--config", "--raw"], ["--no-tags"]):
            expected = skopeo("inspect", PLAIN, *options, address)
            assert indexed.inspect(f"team/{kind}:1", *options, "--offline") == expected


def test_an_image_without_an_index_is_fetched_and_shown_all_the_same(shelf: Shelf) -> None:
    for kind in KINDS:
        expected = skopeo("inspect", PLAIN, f"docker://{shelf.name(f'team/{kind}:1')}")
        assert shelf.inspect(f"team/{kind}:1") == expected
    assert not (shelf.program.folder / "indexer.db").exists()


def test_the_first_look_fetches_what_the_index_does_not_hold_and_the_second_nothing(
    shelf: Shelf,
) -> None:
    shelf.crawl()
    first = shelf.inspect("team/index:1")
    assert counted(shelf.registry.asked()) == {"GET manifest": 2, "GET other": 1}
    assert shelf.inspect("team/index:1") == first
    assert shelf.registry.asked() == []
    assert shelf.inspect("team/index:latest", "--platform", "linux/arm64/v8") != first
    assert counted(shelf.registry.asked()) == {"GET manifest": 1, "GET other": 1}


def test_what_is_fetched_shows_at_the_tags(shelf: Shelf) -> None:
    shelf.crawl()
    shelf.inspect("team/oci:1")
    tags = json.loads(shelf.program.run("tags", "team/oci", "--format", "json").out)
    assert {tag["tag"] for tag in tags} == {"9", "1", "latest"}
    assert [each["platform"] for tag in tags for each in tag["platforms"]] == ["linux/amd64"] * 3
    assert {tag["size"] for tag in tags} == {sum(map(len, AMD64.blobs))}


def test_a_platform_is_chosen(indexed: Shelf) -> None:
    options = ["--override-arch=arm64", "--override-variant=v8"]
    address = f"docker://{indexed.name('team/index:1')}"
    expected = skopeo(*options, "inspect", PLAIN, address)
    assert indexed.inspect("team/index:1", "--platform", "linux/arm64/v8") == expected
    assert "there are linux/arm64/v8, linux/amd64: choose one" in indexed.refused(
        "team/index:1", "--platform", "linux/s390x"
    )
    assert "is not a platform" in indexed.refused("team/index:1", "--platform", "arm64")


def test_an_artifact_is_shown_by_its_configuration_and_named_where_it_is_listed(
    indexed: Shelf,
) -> None:
    for options in ([], ["--raw"], ["--offline"]):
        config = indexed.inspect("team/artifact:1", "--config", *options)
        assert json.loads(config) == {"name": "chart"}
    assert indexed.inspect("team/artifact:1", "--config", "--format", "{{.name}}") == "chart\n"
    name = indexed.name("team/artifact")
    listed = json.loads(indexed.program.run("tags", name, "--format", "json").out)
    assert [each["content_type"] for each in listed] == ["helm"]
    assert " helm" in indexed.program.run("tags", name).out
    query = "SELECT content_type FROM report_tags WHERE repository = 'team/artifact'"
    assert "helm" in indexed.program.run("sql", query).out


def test_a_template_is_filled_in(indexed: Shelf) -> None:
    for template in ("{{.Digest}}", "{{.Created}}", '{{index .Labels "b"}}', "{{json .}}", "json"):
        address = f"docker://{indexed.name('team/index:1')}"
        expected = skopeo("inspect", PLAIN, "--format", template, address)
        assert indexed.inspect("team/index:1", "--format", template) == expected
    assert "there is no '.Nope'" in indexed.refused("team/index:1", "--format", "{{.Nope}}")


def test_where_it_is_from_and_how_old_it_is_stands_on_standard_error(indexed: Shelf) -> None:
    name = indexed.name("team/oci:1")
    told = indexed.program.run("inspect", name).err
    assert told.startswith("from the index, as of 20")
    assert told.endswith("; --refresh asks the registry.\n")
    fresh = indexed.program.run("inspect", "--refresh", name).err
    assert fresh == "from the registry, just now (2 requests).\n"
    assert indexed.program.run("inspect", "-q", name).err == ""


def test_offline_nothing_is_asked(shelf: Shelf) -> None:
    assert "there is no index" in shelf.refused("team/oci:1", "--offline")
    shelf.crawl()
    for rest in ("team/oci:1", "team/oci:never", "team/never:1"):
        assert "without --offline" in shelf.refused(rest, "--offline")
    assert shelf.registry.asked() == []


def test_refresh_sees_what_the_index_does_not_know_yet(shelf: Shelf) -> None:
    shelf.registry.push(AMD64, "team/moving", "1")
    shelf.crawl("manifests = 'all'")
    digest = shelf.registry.push(ARM64, "team/moving", "1")
    before = json.loads(shelf.inspect("team/moving:1"))
    assert before["Digest"] == AMD64.digest
    after = json.loads(shelf.inspect("team/moving:1", "--refresh"))
    assert (after["Digest"], after["Architecture"]) == (digest, "arm64")
    assert json.loads(shelf.inspect("team/moving:1"))["Digest"] == AMD64.digest


@pytest.mark.parametrize(
    ("rest", "options", "sentence"),
    [
        (
            "team/artifact:1",
            [],
            (
                "is not an image, but a Helm chart ('application/vnd.cncf.helm.config.v1+json'): "
                "--config shows its configuration, --raw shows its manifest."
            ),
        ),
        ("team/never:1", [], "there is no"),
        ("team/oci:never", [], "(404): check the spelling"),
        ("Team/oci", [], "is not an image name"),
        ("team/oci:1", ["--raw", "--format", "x"], "leave out --format"),
        ("team/oci:1", ["--offline", "--refresh"], "--offline and --refresh contradict"),
    ],
)
def test_what_cannot_be_shown_gets_a_sentence(
    shelf: Shelf, rest: str, options: list[str], sentence: str
) -> None:
    shelf.crawl()
    assert sentence in shelf.refused(rest, *options)
    assert "Traceback" not in shelf.refused(rest, *options)


def test_an_artifact_can_be_seen_raw(indexed: Shelf) -> None:
    assert (
        indexed.inspect("team/artifact:1", "--raw", "--offline") == images.artifact().body.decode()
    )


def test_skopeos_own_way_of_naming_an_image_is_understood(indexed: Shelf) -> None:
    done = indexed.program.run("inspect", f"docker://{indexed.name('team/oci:1')}")
    assert done.out == indexed.inspect("team/oci:1")
    assert indexed.program.run("inspect", "team/oci:1").out == done.out


def test_the_configuration_file_may_still_be_named_after_the_command(indexed: Shelf) -> None:
    moved = indexed.program.folder / "other.toml"
    shutil.move(indexed.program.folder / "indexer.toml", moved)
    image = indexed.name("team/oci:1")
    expected = indexed.program.run("--config", str(moved), "inspect", image).out
    for arguments in (["--config", str(moved), image], [image, f"--config={moved}"]):
        assert indexed.program.run("inspect", *arguments).out == expected
    shown = indexed.program.run("inspect", image, "--config", "--config", str(moved)).out
    assert "rootfs" in json.loads(shown)


def test_tags_that_share_a_digest_name_each_other_and_signatures_are_hidden(shelf: Shelf) -> None:
    signature = f"{AMD64.digest.replace(':', '-')}.sig"
    shelf.registry.push(AMD64, "team/signed", "1", "latest")
    shelf.registry.push(images.artifact("signature"), "team/signed", signature)
    shelf.crawl()
    shown = shelf.program.run("tags", "team/signed", "--format", "json")
    assert [(tag["tag"], tag["same_as"]) for tag in json.loads(shown.out)] == [
        ("1", ["latest"]),
        ("latest", ["1"]),
    ]
    assert shown.err.startswith("1 tag of signatures and similar tags: use --all.\n")
    everything = shelf.program.run("tags", "team/signed", "--all", "--format", "json")
    assert len(json.loads(everything.out)) == 3
    assert "signatures" not in shelf.program.run("history", f"team/signed:{signature}").err


def test_a_retag_says_what_kind_it_is_where_its_manifests_were_fetched(shelf: Shelf) -> None:
    contents = [
        images.index(AMD64),
        images.index(AMD64, images.attestation(AMD64)),
        images.index(AMD64, ARM64),
        images.index(Recipe(text="new").made(), ARM64),
    ]
    for made in contents:
        shelf.registry.push(made, "team/moves", "1")
        shelf.crawl("repositories = ['team/moves']\nmanifests = 'all'")
    steps = json.loads(shelf.program.run("history", "team/moves:1", "--format", "json").out)
    assert [step["digest"] for step in steps] == [made.digest for made in contents]
    assert [(step["move"], step["move_in_words"]) for step in steps] == [
        (None, None),
        ("attestations", "attestations only"),
        ("platforms", "linux/arm64/v8 added"),
        ("content", "content of linux/amd64"),
    ]
