"""Files of strangers are read in a process of their own, within bounds."""

from __future__ import annotations

import pytest

from indexer.core.errors import UsageError
from indexer.web.api import isolated_file

pytestmark = pytest.mark.integration

LOOPS = b"a: {extends: a}\n" * 60_000
"""Takes minutes to read."""


def test_images_are_found_as_by_the_command() -> None:
    found = isolated_file.images("Dockerfile", b"ARG V=1\nFROM nginx:$V\n", {"V": "2"}, None, 10)
    assert [(str(each.reference), each.line) for each in found.pins] == [("library/nginx:2", 2)]
    kept = isolated_file.images("notes.md", b"hello\nworld war\n", {}, None, 10)
    assert (kept.pins, len(kept.refused)) == ([], 1)


@pytest.mark.parametrize(
    ("content", "most", "seconds", "sentence"),
    [
        (b"nginx:1\nnginx:2\n", 1, 60.0, "names more than 1 image:"),
        (LOOPS, 10, 0.5, "takes too much time"),
    ],
)
def test_what_takes_too_much_is_given_up(
    content: bytes, most: int, seconds: float, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        isolated_file.images(
            ".gitlab-ci.yml" if most > 1 else "l", content, {}, None, most, seconds
        )
