"""Which names are similar. Without a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.suggestions import distance
from indexer.web.fuzzy_search import distance_to


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [
        ("", "", 0),
        ("nginx", "nginx", 0),
        ("ngixn", "nginx", 1),
        ("nginx", "ginx", 1),
        ("nginx", "nginxx", 1),
        ("nginx", "mginx", 1),
        ("ca", "abc", 3),
        ("postgres", "", 8),
    ],
)
def test_mistakes_are_counted(one: str, other: str, mistakes: int) -> None:
    assert distance(one, other) == distance(other, one) == mistakes


@given(one=st.text("abc", max_size=8), other=st.text("abc", max_size=8))
def test_a_distance_is_one(one: str, other: str) -> None:
    found = distance(one, other)
    assert found == distance(other, one)
    assert (found == 0) == (one == other)
    assert abs(len(one) - len(other)) <= found <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("typed", "name", "is_near"),
    [
        ("nginx", "library/nginx", True),
        ("library/nginx", "library/nginx", True),
        ("ngnix", "library/nginx", True),
        ("libary/nginx", "library/nginx", True),
        ("proxy", "team/nginx-proxy", True),
        ("prxoy", "team/nginx-proxy", True),
        ("go", "library/golang", True),
        ("apache", "library/nginx", False),
        ("xy", "library/nginx", False),
    ],
)
def test_names_are_near_by_the_mistakes_of_a_person(typed: str, name: str, is_near: bool) -> None:
    assert (distance_to(typed, name) is not None) is is_near


def test_the_name_itself_is_nearest() -> None:
    names = ["team/nginx-proxy", "library/nginx", "nginx/unit", "library/nginy"]
    order = sorted(names, key=lambda name: distance_to("nginx", name) or (99, 0))
    assert order[0] == "library/nginx"
    assert order[-1] == "library/nginy"
