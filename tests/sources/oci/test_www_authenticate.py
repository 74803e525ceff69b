"""How a registry's challenge and its links are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sources.oci.link_header import following, resumes_after
from indexer.sources.oci.www_authenticate import Challenge, parse


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        (
            'Bearer realm="https://auth.docker.io/token",service="docker",scope="repository:a:pull,x"',
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "docker",
                        "scope": "repository:a:pull,x",
                    },
                )
            ],
        ),
        ('Basic realm="a \\"quoted\\" one"', [Challenge("basic", {"realm": 'a "quoted" one'})]),
        ("BASIC", [Challenge("basic", {})]),
        (
            'Basic realm="x", Bearer realm=https://a/b , service = "s"',
            [
                Challenge("basic", {"realm": "x"}),
                Challenge("bearer", {"realm": "https://a/b", "service": "s"}),
            ],
        ),
        (
            "Negotiate, Bearer Realm=r",
            [Challenge("negotiate", {}), Challenge("bearer", {"realm": "r"})],
        ),
        ('Bearer realm="a",realm="b"', [Challenge("bearer", {"realm": "a"})]),
        ('Bearer realm="never closed', [Challenge("bearer", {"realm": ""})]),
        ("", []),
        ('="x"', []),
        ("Bearer " + "a=b," * 5_000, []),
    ],
)
def test_challenges_are_read_as_servers_write_them(
    header: str, challenges: list[Challenge]
) -> None:
    assert parse(header)[: max(len(challenges), 1)] == challenges


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('</v2/_catalog?last=b&n=2>; rel="next"', "/v2/_catalog?last=b&n=2"),
        ("</v2/_catalog?last=b>; rel=next", "/v2/_catalog?last=b"),
        ('<a>; rel="prev", <b>; rel="next"', "b"),
        ('<a>; title="x, y; rel=next"; rel="prev"', None),
        ('<a>;rel="last next"', "a"),
        ('<a>; REL="NEXT"', "a"),
        ("<a>", None),
        ("", None),
        ("a; rel=next", None),
        ("<" * 10_000, None),
    ],
)
def test_the_link_to_the_next_page_is_found(header: str, target: str | None) -> None:
    assert following(header) == target


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("last=team%2Fapp&n=2", "team/app"),
        ("n=2", None),
        ("last=a&last=b", None),
        ("&" * 100, None),
        ("next_page=gAAAAAB", None),
    ],
)
def test_a_page_says_after_which_name_it_begins(query: str, name: str | None) -> None:
    assert resumes_after(query) == name


@given(st.text())
def test_whatever_a_header_holds_is_read_or_left(header: str) -> None:
    for challenge in parse(header):
        assert challenge.scheme == challenge.scheme.lower()
    following(header)
    resumes_after(header)
