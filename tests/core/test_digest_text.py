"""Digests as people have them."""

from __future__ import annotations

import pytest

from indexer.core.digest_text import (
    DigestPrefix,
    digest_in,
    is_pasted_digest,
    parse_digest,
    several,
)
from indexer.core.errors import UsageError

HEX = "0a1B" * 16
FULL = DigestPrefix("sha256", HEX.lower())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"sha256:{HEX}", FULL),
        (f" sha256:{HEX}\n", FULL),
        (HEX, DigestPrefix(None, HEX.lower())),
        ("0a1b0a1", DigestPrefix(None, "0a1b0a1")),
        ("sha256:0a1b0a1", DigestPrefix("sha256", "0a1b0a1")),
        (f"nginx@sha256:{HEX}", FULL),
        (f"registry.example.com:5000/team/app:1.2@sha256:{HEX}", FULL),
        (f"docker-pullable://nginx@sha256:{HEX}", FULL),
        (f"docker-pullable://docker.io/library/nginx@sha256:{HEX}", FULL),
        (f"docker://sha256:{HEX}", FULL),
        (f"sha512:{HEX}{HEX}", DigestPrefix("sha512", (HEX + HEX).lower())),
        (f"SHA256:{HEX}", FULL),
        ("0a1b0a1...", DigestPrefix(None, "0a1b0a1")),
        (f'"sha256:{HEX}",', FULL),
        (f"[nginx@sha256:{HEX}]", FULL),
        (f'"RepoDigests": ["nginx@sha256:{HEX}", "quay.io/nginx@sha256:{HEX}"],', FULL),
        (f"    imageID: docker-pullable://nginx@sha256:{HEX}", FULL),
        (f"@sha256:{HEX}", FULL),
        (f"sha256-{HEX}.sig", FULL),
    ],
)
def test_a_digest_is_read_as_it_is_pasted(text: str, expected: DigestPrefix) -> None:
    assert parse_digest(text) == digest_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nginx",
        "0a1b0a",
        "sha256:0a1b0a",
        f"sha256:{HEX}0",
        f"{HEX}{HEX}0",
        "sha1:0a1b0a1b",
        f"a@sha256:{HEX} b@sha256:{HEX[:-1]}0",
        f"[sha256:{HEX}0]",
        "[sha256:0a1b0az]",
        f"xsha256-{HEX}",
    ],
)
def test_what_is_no_digest_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="is not a digest: write 'sha256:' and its digits"):
        parse_digest(text)
    assert digest_in(text) is None


def test_a_digest_is_whole_or_a_beginning() -> None:
    assert parse_digest(HEX).full == parse_digest(f"sha256:{HEX}").full == f"sha256:{HEX.lower()}"
    assert parse_digest("0a1b0a1").full is None
    assert parse_digest("0a1b0a1").begins(f"sha256:{HEX.lower()}")
    assert parse_digest("sha256:0a1b0a1").begins(f"sha256:{HEX.lower()}")
    assert not parse_digest("sha512:0a1b0a1").begins(f"sha256:{HEX.lower()}")
    assert [is_pasted_digest(each) for each in ("0a1b0a1", "nginx:1", f"a@sha256:{HEX}")] == [
        False,
        False,
        True,
    ]


def test_of_many_digests_some_are_named() -> None:
    wanted = parse_digest("0a1b0a1")
    assert several(wanted, ["b", "a"]) == "several digests begin with 0a1b0a1: a, b."
    assert several(wanted, map(str, range(12))).endswith(" and 2 more.")
