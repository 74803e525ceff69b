"""What a [[policy]] may say, and how each mistake in it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer.config import load
from indexer.core.errors import ConfigError
from indexer.manifests.retag_kind import RetagKind
from indexer.policies.policy import Forbidden
from indexer.policies.violation import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.config import Settings

NAMED = '[[policy]]\nname="a"\n'
MOVE = f'{NAMED}forbid=["retag"]\n'
DIGEST = "sha256:" + "ab" * 32

MISTAKES = [
    (
        NAMED,
        "[[policy]]: expected exactly one of forbid, digests, signed, min_age, got none of them.",
    ),
    (f"{MOVE}signed=true", "got forbid and signed."),
    ('[[policy]]\nforbid=["retag"]', "[[policy]] name: expected a name: violations are kept"),
    (f'{NAMED}forbid=["dance"]', "forbid: expected a list of retag, remove, got 'dance'."),
    (f'{NAMED}forbid="retag"', "forbid: expected a list of retag and remove, got 'retag'."),
    (f'{MOVE}allow=["all"]', "a list of content, platforms, attestations, metadata, got 'all'."),
    (f'{NAMED}min_age="7d"\nafter="1h"', "after: expected no value: 'min_age' says how long."),
    (f'{NAMED}min_age="0s"', "min_age: expected an interval between 1m and "),
    (f'{NAMED}signed=true\nallow=["content"]', "allow: expected no value: only 'forbid'"),
    (f'{NAMED}digests={{"nginx:1" = "{DIGEST}"}}\ntags=["x"]', "'digests' names the tags."),
    (f'{NAMED}digests={{"nginx:1" = "x"}}', "that of 'nginx:1' is not one."),
    (f'{NAMED}digests={{"NGINX" = "{DIGEST}"}}', "'NGINX' is not an image."),
    (f"{NAMED}digests={{}}", "digests: expected a table of images and their digests"),
    (f'{MOVE}severity="bad"', "severity: expected one of low, medium, high, critical, got 'bad'"),
    (f'{MOVE}after="soon"', "after: expected an interval between 0s and 366d, as '24h'"),
    (f"{MOVE}{MOVE}", "[[policy]] no. 2 name: expected each name once, got 'a' again."),
    (
        '[[policy]]\nname="docker-hub-immutable-tags"\nforbid=["retag"]',
        "expected each name once, got 'docker-hub-immutable-tags' again.",
    ),
    ('[violations]\npeople="ana"', "[violations] people: expected a list of names of people"),
]


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "indexer.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, {})


def test_each_mistake_is_named_with_its_key_and_what_was_expected(tmp_path: Path) -> None:
    for text, sentence in MISTAKES:
        with pytest.raises(ConfigError) as refused:
            loaded(tmp_path, text)
        (line,) = str(refused.value).splitlines()
        assert sentence in line


def test_policies_are_read_as_they_are_meant(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        f"""
        [[policy]]
        name = "releases"
        severity = "low"
        repositories = ["library/*"]
        tags = ["v*"]
        forbid = ["retag", "remove"]
        after = "24h"
        allow = ["attestations"]
        [[policy]]
        name = "pins"
        digests = {{ "nginx:1.27" = "{DIGEST}" }}
        [[policy]]
        name = "signed"
        signed = true
        [violations]
        people = ["ana"]
        """,
    )
    releases, pins, signed = settings.policies
    assert (releases.severity, releases.after) == (Severity.LOW, 86_400)
    assert (releases.forbid, releases.allow) == (
        frozenset(Forbidden),
        frozenset({RetagKind.ATTESTATIONS}),
    )
    assert releases.has("docker.io", "library/nginx", "v1")
    assert not releases.has("docker.io", "ansible/awx", "v1")
    assert [(str(pin.image), pin.digest) for pin in pins.digests] == [
        ("library/nginx:1.27", DIGEST)
    ]
    assert signed.signed
    assert settings.people == ("ana",)
