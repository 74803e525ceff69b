"""Mutants of the samples of a target, for Hypothesis: it repeats, shrinks and shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.fuzz import targets

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_TOKEN = re.compile(rb'[A-Za-z0-9_./:@-]+|"|\s+|.', re.DOTALL)

NASTY = (
    *(character.encode() for character in "\"'\\{}[](),:\n\t@?#=;"),
    *(b"\x00", b"\xff", b"\xed\xb2\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\x1b[2J", b"\\ud800"),
    *(b"null", b"true", b"-1", b"0", b"1e999", b"NaN", b"9223372036854775808", b"1" * 5_000),
    *(b"{}", b"[]", b'""', b"[" * 2_000, b'{"a":' * 500, b"*" * 100, b"&a *a", b"<<: *a"),
    *(b"${A:-${A}}", b"$(A)", b"{{ . }}", b"%s", b"../" * 20, b"(a+)+$", b"\r\n", b"A" * 300),
    *(b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:60+14:00", b"99999999d", b"crawl:99999999999999"),
    *(b"sha256:" + b"a" * 64, b"sha512:" + b"b" * 128, b"sha256:"),
)
"""What often breaks a reader."""


@st.composite
def mutants(draw: DrawFn, name: str) -> bytes:
    """A sample of a target with some changes."""
    samples = list(targets.corpus(name))
    tokens = _TOKEN.findall(draw(st.sampled_from(samples)))
    others = _TOKEN.findall(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(0, 6))):
        tokens = draw(_changed(tokens, others))
    return b"".join(tokens)


@st.composite
def _changed(draw: DrawFn, tokens: list[bytes], others: list[bytes]) -> list[bytes]:
    """One change: tokens left out, said twice, replaced, or put in from elsewhere."""
    start = draw(st.integers(0, len(tokens)))
    end = min(start + draw(st.integers(0, 8)), len(tokens))
    put = draw(st.sampled_from(["none", "twice", "nasty", "other", "bytes"]))
    new: list[bytes] = []
    if put == "twice":
        new = tokens[start:end] * draw(st.integers(2, 5))
    elif put == "nasty":
        new = [draw(st.sampled_from(NASTY))]
    elif put == "other" and others:
        first = draw(st.integers(0, len(others) - 1))
        new = others[first : first + draw(st.integers(1, 8))]
    elif put == "bytes":
        new = [draw(st.binary(max_size=8))]
    return [*tokens[:start], *new, *tokens[end:]]


def inputs(name: str) -> SearchStrategy[bytes]:
    """Mutants mostly, and now and then bytes that resemble nothing."""
    return st.one_of(mutants(name), mutants(name), mutants(name), st.binary(max_size=200))
