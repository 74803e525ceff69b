"""The images of a Dockerfile, as BuildKit would pull them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.pins import dockerfile

if TYPE_CHECKING:
    from indexer.pins.pin import Pin

DIGEST = "sha256:" + "ab" * 32


def read(text: str, **given: str) -> list[Pin]:
    return list(dockerfile.images_of_text(text, given))


def names(text: str, **given: str) -> list[str]:
    return [str(pin.reference or f"! {pin.problem}") for pin in read(text, **given)]


def test_every_image_is_found_with_its_line_and_what_names_it() -> None:
    pins = read(
        f"""\
# syntax=docker/dockerfile:1@{DIGEST}
# a comment
ARG VERSION=1.27
FROM --platform=$BUILDPLATFORM golang:1.22 AS build

FROM \\
    # in between
    nginx:${{VERSION}}@{DIGEST}
COPY --chown=1:1 --from=busybox:1.36 /bin /bin
COPY --from=build /app /app
copy --from=0 /other /other
RUN --mount=type=cache,target=/x --mount=type=bind,from=alpine:3.20,target=/y make
ONBUILD COPY --from=redis /a /b
"""
    )
    assert [(pin.where, pin.line, str(pin.reference)) for pin in pins] == [
        ("syntax", 1, f"docker/dockerfile:1@{DIGEST}"),
        ("FROM", 4, "library/golang:1.22"),
        ("FROM", 6, f"library/nginx:1.27@{DIGEST}"),
        ("COPY --from", 9, "library/busybox:1.36"),
        ("RUN --mount", 12, "library/alpine:3.20"),
        ("COPY --from", 13, "library/redis"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM scratch", []),
        (
            "from nginx as web\nFROM web\nFROM WEB AS other\nCOPY --from=Other a b",
            ["library/nginx"],
        ),
        ("ARG A=nginx\nARG B=$A:1\nFROM ${B}", ["library/nginx:1"]),
        ('ARG A="nginx"\nFROM "$A"', ["library/nginx"]),
        ("FROM ${A:-nginx:${B:-2}}", ["library/nginx:2"]),
        ("ARG A=\nFROM nginx${A:+:1}", ["library/nginx"]),
        ("ARG A=x\nFROM nginx${A:+:1}", ["library/nginx:1"]),
        ("FROM a/b:${TARGETARCH}", ["a/b:amd64"]),
        ("FROM x AS b-amd64\nFROM y AS b-arm64\nFROM b-${TARGETARCH}", ["library/x", "library/y"]),
        ("FROM x AS amd64-b\nFROM $TARGETARCH-b", ["library/x"]),
        ("ARG V=1\nFROM a/b:$V\nARG V=2\nFROM a/b:$V", ["a/b:1", "a/b:1"]),
        ("ARG V=1\nFROM x\nARG V\nCOPY --from=y:$V a b", ["library/x", "library/y:1"]),
        ("FROM x\nCOPY --from=7 a b", ["library/x", "library/7"]),
        ("FROM x\nRUN <<EOF\nFROM y\nEOF\nFROM z", ["library/x", "library/z"]),
        ("FROM x\nRUN <<-A cat <<'B'\n\tA\nFROM y\nB\nFROM z", ["library/x", "library/z"]),
        ("FROM x\nLABEL a=<<EOF\nFROM y", ["library/x", "library/y"]),
        ("# escape=`\nFROM `\nnginx", ["library/nginx"]),
        ("# no directive\n# escape=`\nFROM \\\nnginx", ["library/nginx"]),
        ("\ufeffFROM nginx\r\nCOPY --from=redis a b\r\n", ["library/nginx", "library/redis"]),
        ("RUN echo FROM x \\\n\n  FROM y\nFROM z", ["library/z"]),
        ("FROM localhost:5000/a/b:1", ["localhost:5000/a/b:1"]),
        ("#!/usr/bin/env docker\n# syntax=a/b\nFROM x", ["a/b", "library/x"]),
        (
            "FROM x\nCOPY --from=late a b\nCOPY --from=1 a b\nFROM y AS late",
            ["library/x", "library/y"],
        ),
        ("FROM x\nRUN <<- EOF\nFROM y", ["library/x", "library/y"]),
        ("FROM x\nRUN <<-'E-O F'\nFROM y\n\tE-O F\nFROM z", ["library/x", "library/z"]),
    ],
)
def test_stages_variables_and_here_documents_are_no_images(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FROM $BASE", "'$BASE': BASE has no value here: give it with --set BASE=…."),
        ("ARG A\nFROM nginx:${A}", "A has no value here"),
        ("FROM nginx\nARG A=x\nFROM $A", "A has no value here"),
        ("FROM ${A:?needed}", "A has no value, and none is given here"),
        ("FROM ${A#b}", "cannot tell what is done with A"),
        ("FROM ${A", "a '${' is not closed"),
        ("FROM $", "no name follows a '$'"),
        ("FROM Nginx", "is not an image name"),
        ("FROM", "is not an image name"),
        ("FROM " + "${A:-" * 100 + "}" * 100, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, why: str) -> None:
    problems = [pin.problem for pin in read(text) if pin.reference is None]
    assert len(problems) == 1
    assert why in problems[0]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", None, "it has no FROM: it builds nothing."),
        ("ARG A=1\nRUN make", None, "it has no FROM"),
        ("FROM x\nRUN <<EOF\nFROM y\n", 2, "a here-document of RUN does not end."),
        ("FROM x\nFORM nginx:1", 2, "'FORM' is not an instruction of a Dockerfile."),
        ("FROM x\n\nFROM nginx:1 redis", 3, "after FROM comes an image, and then nothing, or AS"),
        ("FROM x AS\n", 1, "after FROM comes an image"),
    ],
)
def test_what_buildkit_refuses_is_told_with_its_line(text: str, line: int | None, why: str) -> None:
    problems = [(pin.line, pin.problem) for pin in read(text) if pin.reference is None]
    assert [each for each, _ in problems] == [line]
    assert why in problems[0][1]


@pytest.mark.parametrize(
    ("context", "text"),
    [
        ("base", "FROM base"),
        ("base", "FROM x\nCOPY --from=base a b"),
        ("base", "FROM x\nRUN --mount=from=base,target=/x make"),
        ("alpine", "FROM docker.io/library/alpine:latest"),
        ("docker.io/library/alpine:3", "FROM alpine:3"),
        ("quay.io/a/b", "FROM quay.io/a/b"),
    ],
)
def test_a_build_context_stands_for_what_it_names(context: str, text: str) -> None:
    found = [str(pin.reference) for pin in dockerfile.images_of_text(text, {}, [context])]
    assert found == (["library/x"] if "FROM x" in text else [])
    assert len(names(text)) == len(found) + 1


def test_a_value_that_is_given_goes_before_a_default() -> None:
    assert names("ARG V=1\nFROM nginx:$V\nARG V=2", V="3") == ["library/nginx:3"]
    assert names("FROM $BASE", BASE="redis") == ["library/redis"]


def test_values_that_double_make_no_huge_text() -> None:
    """Forty such lines made a trillion characters, and took all memory."""
    lines = [f"ARG a{number + 1}=${{a{number}}}${{a{number}}}" for number in range(40)]
    (found,) = names("\n".join(["ARG a0=x", *lines, "FROM ${a40}"]))
    assert "a40 has no value here" in found
    (found,) = names("ARG a=" + "x" * 4_000 + "\nFROM $a$a")
    assert "too long" in found
