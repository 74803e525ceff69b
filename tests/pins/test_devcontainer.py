"""The images and features of development containers."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read

_FEATURES = f"""\
{{"features": {{
  "ghcr.io/a/b/c:1": {{}},
  "./own": {{}},
  "https://x.io/devcontainer-feature-a.tgz": {{}},
  "ghcr.io/a/b/d@{DIGEST}": "x"
}}}}"""
NAME = ".devcontainer/devcontainer.json"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"image": "nginx:1"}', ["1: library/nginx:1 (image)"]),
        ('{\n\t// a "comment"\n\t"image": "nginx", // b\n}', ["3: library/nginx (image)"]),
        ('{/* "image": "no",\n */ "image": "a.io//b"}', ["2: 'a.io//b' is not an image name"]),
        ('{"image": "a/b:1", "x": "\\"// no comment /* \\\\"}', ["1: a/b:1 (image)"]),
        ('{"image": ""}', []),
        ('{"build": {"dockerfile": "Dockerfile"}}', []),
        ('{"dockerComposeFile": "compose.yaml", "service": "x"}', []),
        (
            _FEATURES,
            ["2: ghcr.io/a/b/c:1 (feature)", f"5: ghcr.io/a/b/d@{DIGEST} (feature)"],
        ),
        ('{"image": "nginx:${localEnv:V:2}"}', ["1: library/nginx:2 (image)"]),
        (
            f'{{"build": {{"args": {{"BASE": "debian:12@{DIGEST}"}}}}}}',
            [f"1: library/debian:12@{DIGEST} (devcontainer)"],
        ),
    ],
)
def test_comments_and_last_commas_are_allowed(text: str, found: list[str]) -> None:
    answers = read(text, NAME)
    assert len(answers) == len(found)
    assert all(map(str.startswith, answers, found))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"image": "nginx:${localEnv:V}"}', "localEnv:V has no value here: give it with --set V="),
        ('{"image": "${containerEnv:V:1}"}', "containerEnv:V:1 has no value here."),
        ('{"image": ["nginx"]}', "expected the name of an image here."),
        ('{"features": ["a"]}', "expected features by name here."),
        ('{"features": {"node": "lts"}}', "write a feature as REGISTRY/NAMESPACE/NAME:TAG."),
        ('{"image": "nginx', "from here on it is not JSON"),
        ("{", "from here on it is not JSON"),
    ],
)
def test_what_cannot_be_understood_is_unreadable(text: str, why: str) -> None:
    (found,) = read(text, NAME)
    assert why in found


@pytest.mark.parametrize("text", ["/*" * 100_000, '"' + '\\"' * 100_000, '{"a": /*/ "b'])
def test_what_is_not_closed_ends_with_the_file(text: str) -> None:
    assert all("JSON" in each for each in read(text, NAME))


def test_a_variable_that_is_given_goes_before_its_default() -> None:
    text = '{"image": "nginx:${localEnv:V:2}"}'
    assert read(text, NAME, V="3") == ["1: library/nginx:3 (image)"]


def test_a_lock_pins_the_tags_of_features() -> None:
    text = f"""\
{{
  "features": {{
    "ghcr.io/a/b/c:1": {{"version": "1.2.3", "resolved": "ghcr.io/a/b/c@{DIGEST}"}},
    "./own": {{}},
    "ghcr.io/a/b/d": {{"version": "1"}}
  }}
}}"""
    assert read(text, "devcontainer-lock.json") == [
        f"3: ghcr.io/a/b/c:1@{DIGEST} (feature)",
        "5: 'ghcr.io/a/b/d': no digest stands under 'resolved'. (feature)",
    ]


def test_it_is_known_by_its_name_only() -> None:
    text = '{"image": "nginx"}'
    assert read(text, "a/.devcontainer.json") == ["1: library/nginx (image)"]
    assert read(text, "x", "devcontainer") == ["1: library/nginx (image)"]


def test_a_text_of_many_variables_is_no_name() -> None:
    """It took the square of its length: minutes for a megabyte."""
    (found,) = read('{"image": "' + "${" * 100_000 + '"}', NAME)
    assert "too long" in found
