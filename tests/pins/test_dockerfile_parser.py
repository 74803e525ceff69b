"""A Dockerfile is split as BuildKit's own parser splits it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.pins.dockerfile_parser import split
from tests.support.databases import missing

lines = st.sampled_from(
    [
        "FROM nginx:1 AS web",
        "FROM nginx \\",
        "RUN <<EOF",
        "RUN cat <<A <<-'B' > x",
        "COPY --from=web --chown=1 <<EOF /there",
        "COPY --from=web a b",
        "ONBUILD RUN <<EOF",
        "ONBUILD COPY --from=x a b",
        "EOF",
        "A",
        "\tB",
        "B",
        "# a comment",
        "   # an indented one \\",
        "",
        "   ",
        "  --from=y \\",
        "RUN --mount=type=bind,from=z \\  ",
        "ENV a=<<EOF",
        'ARG X="y z" W',
        "RUN echo 'a  b' \"<<EOF\"",
        "RUN echo $((1<<2))",
        'CMD ["x", "<<EOF"]',
        "RUN cat <<-'E-O F' 3<<\\EOF",
        "E-O F",
        "RUN <<- EOF",
        "RUN cat <<'EOF",
        'RUN echo it\\\'s "a\\"b" <<EOF',
        "COPY <<\"-EOF\" <<--E'O'F /there",
        "-EOF",
        "RUN echo ${X:-a b} $(cat <<EOF)",
        "RUN cat <<EOF>x",
    ]
)


def oracle(text: str) -> list[tuple[int, str, tuple[str, ...] | None]] | None:
    """BuildKit's word; None if it refuses the text. Its wrapper loses the flags of ONBUILD."""
    try:
        import dockerfile  # noqa: PLC0415 - it has no build for every machine
    except ImportError:
        missing("BuildKit's parser is not here: pip install dockerfile")
    try:
        commands: Any = dockerfile.parse_string(text)
    except ValueError:
        return None
    return [
        (each.start_line, (each.sub_cmd or each.cmd).upper(), _flags(each)) for each in commands
    ]


def _flags(command: Any) -> tuple[str, ...] | None:
    return None if command.sub_cmd else tuple(command.flags)


@given(st.lists(lines, max_size=12).map("\n".join))
@example("FROM x\nRUN <<EOF\nFROM y\nEOF\nFROM z")
@example("FROM x \\\n# between\n\n  y\nRUN z")
def test_instructions_their_lines_and_flags_are_those_of_buildkit(text: str) -> None:
    expected = oracle(text)
    if expected is not None:
        told = [flags is not None for _, _, flags in expected]
        found = [
            (each.line, each.name, each.flags if is_told else None)
            for each, is_told in zip(split(text).instructions, told, strict=True)
        ]
        assert found == expected


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("# syntax=docker/dockerfile:1\nFROM x", ("docker/dockerfile:1", 1)),
        ("#escape=`\n#SYNTAX = a/b \nFROM x", ("a/b", 2)),
        ("FROM x\n# syntax=a/b", None),
        ("# hello\n# syntax=a/b", None),
        ("# other=1\n# syntax=a/b", None),
    ],
)
def test_the_syntax_is_named_by_the_first_comments_only(
    text: str, syntax: tuple[str, int] | None
) -> None:
    assert split(text).syntax == syntax
