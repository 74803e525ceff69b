"""What an image was built on, read from what others wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from indexer.manifests import media_types
from indexer.manifests.base_image import (
    BASE_DIGEST,
    BASE_NAME,
    MOST_CHARACTERS,
    BaseImage,
    base_images,
)


def digest(sign: str) -> str:
    return f"sha256:{sign * 64}"


IMAGE, INDEX, OTHER_INDEX = digest("a"), digest("b"), digest("c")
LOW, HIGH, BASE, OTHER = digest("1"), digest("2"), digest("d"), digest("e")


def note(base: object = BASE, name: object = "alpine:3") -> dict[str, object]:
    return {BASE_DIGEST: base, BASE_NAME: name}


def image(annotations: object = None, layers: tuple[str, ...] = (LOW, HIGH)) -> Any:
    return {
        "config": {"digest": digest("f"), "mediaType": media_types.OCI_CONFIG},
        "layers": [{"digest": each} for each in layers],
        "annotations": annotations,
    }


def index(annotations: object = None) -> Any:
    return {"manifests": [{"digest": IMAGE, "annotations": annotations}]}


def told(**sent: Any) -> BaseImage | None:
    """What is known of `IMAGE` from contents by their names."""
    names = {
        "image": (IMAGE, media_types.OCI_MANIFEST),
        "index": (INDEX, media_types.OCI_INDEX),
        "other": (OTHER_INDEX, media_types.OCI_INDEX),
    }
    contents = [(*names[name], json.dumps(body).encode()) for name, body in sent.items()]
    return base_images(contents).get(IMAGE)


def test_an_image_says_what_it_was_built_on() -> None:
    assert told(image=image(note())) == BaseImage(BASE, "alpine:3", LOW)


def test_an_index_says_it_of_its_images() -> None:
    assert told(index=index(note()), image=image()) == BaseImage(BASE, "alpine:3", LOW)
    assert told(index=index(note())) == BaseImage(BASE, "alpine:3", None)


def test_an_image_knows_better_than_an_index() -> None:
    own = image(note(OTHER, None))
    assert told(index=index(note()), image=own) == BaseImage(OTHER, "alpine:3", LOW)


def test_of_two_indexes_each_says_what_the_other_leaves_out() -> None:
    first, second = index(note(name=None)), index(note(OTHER))
    assert told(index=first, other=second) == BaseImage(BASE, "alpine:3", None)


def test_an_image_without_annotations_has_its_lowest_layer() -> None:
    assert told(image=image()) == BaseImage(None, None, LOW)
    assert told(image=image(layers=())) is None


@pytest.mark.parametrize(
    "annotations",
    [
        [],
        "x",
        note(None, None),
        note("alpine", ""),
        note(BASE.upper(), "x" * (MOST_CHARACTERS + 1)),
        note("sha256:../..", 7),
    ],
)
def test_an_invalid_digest_or_name_is_ignored(annotations: object) -> None:
    assert told(image=image(annotations)) == BaseImage(None, None, LOW)


def test_a_configuration_and_what_cannot_be_read_say_nothing() -> None:
    labels = {"config": {"Labels": note()}}
    assert base_images([(IMAGE, media_types.OCI_CONFIG, json.dumps(labels).encode())]) == {}
    assert base_images([(IMAGE, media_types.OCI_MANIFEST, b"{"), (INDEX, "", b"[]")]) == {}
