"""How image names are read, and how foreign text is made fit to be shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.errors import UsageError
from indexer.core.hub_names import HUB_HOSTS
from indexer.core.printable import shown
from indexer.core.reference import (
    Reference,
    is_digest,
    is_namespace,
    is_registry,
    is_repository,
    is_tag,
    parse_namespace,
    parse_reference,
    parse_scope,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4

component = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)
registries = st.sampled_from(
    ["docker.io", "registry.example.com", "localhost", "10.0.0.1:5000", "[::1]:5000"]
)
references = st.builds(
    Reference,
    registry=st.none() | registries,
    # Without a registry, a first component with a dot would be read as one: so it is written out.
    repository=st.tuples(st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True), component)
    .map("/".join)
    .filter(lambda name: is_repository(name) and not name.startswith("localhost/")),
    tag=st.none() | tags,
    digest=st.none() | st.just(DIGEST),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nginx", Reference(None, "library/nginx")),
        ("nginx:1.27", Reference(None, "library/nginx", "1.27")),
        ("ansible/ansible", Reference(None, "ansible/ansible")),
        ("docker.io/nginx", Reference("docker.io", "library/nginx")),
        ("index.docker.io/ansible/awx:21", Reference("docker.io", "ansible/awx", "21")),
        ("registry.hub.docker.com/nginx:1", Reference("docker.io", "library/nginx", "1")),
        ("https://registry.hub.docker.com/a/b:1", Reference("docker.io", "a/b", "1")),
        ("https://registry.hub.docker.com/r/a/b/tags", Reference("docker.io", "a/b")),
        ("https://index.docker.io/a/b/", Reference("docker.io", "a/b")),
        ("Registry.Hub.Docker.com/nginx", Reference("docker.io", "library/nginx")),
        ("https://hub.docker.com/_/nginx", Reference("docker.io", "library/nginx")),
        ("hub.docker.com/_/nginx/tags?page=2", Reference("docker.io", "library/nginx")),
        ("https://hub.docker.com/r/ansible/awx/", Reference("docker.io", "ansible/awx")),
        ("hub.docker.com/r/ansible/awx#!", Reference("docker.io", "ansible/awx")),
        (
            f"https://hub.docker.com/layers/library/nginx/1.27/images/{DIGEST.replace(':', '-')}",
            Reference("docker.io", "library/nginx", "1.27"),
        ),
        (
            "https://hub.docker.com/repository/docker/acme/api/general",
            Reference("docker.io", "acme/api"),
        ),
        ("localhost:5000/team/app", Reference("localhost:5000", "team/app")),
        ("localhost/app:1", Reference("localhost", "app", "1")),
        ("registry.example.com/a/b/c", Reference("registry.example.com", "a/b/c")),
        (f"nginx@{DIGEST}", Reference(None, "library/nginx", None, DIGEST)),
        (f"nginx:1@{DIGEST}", Reference(None, "library/nginx", "1", DIGEST)),
    ],
)
def test_an_image_is_read_as_docker_reads_it(typed: str, meant: Reference) -> None:
    assert parse_reference(typed) == meant


@given(references)
def test_what_is_written_is_read_again_as_the_same(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "in lower case"),
        ("Nginx", "in lower case"),
        ("a//b", "in lower case"),
        ("a/b:", "cannot be a tag"),
        ("a/b:-x", "cannot be a tag"),
        ("a/b:" + "x" * 129, "cannot be a tag"),
        ("a/b@sha256:12", "64 hex digits"),
        ("a/b@" + DIGEST.upper(), "64 hex digits"),
        (DIGEST, "is a digest and no image: write its repository too"),
        ("docker.io/", "in lower case"),
        ("x" * 300, "in lower case"),
        ("../etc/passwd", "in lower case"),
        ("user@host.example/a/b", "64 hex digits"),
    ],
)
def test_an_invalid_image_name_is_refused_with_the_part_that_is_wrong(
    typed: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_reference(typed)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_one_printable_line(text: str) -> None:
    said = ""
    try:
        parse_reference(text)
    except UsageError as refusal:
        said = str(refusal)
    assert said == shown(said, 1_000)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ansible", (None, "ansible")),
        ("docker.io/ansible", ("docker.io", "ansible")),
        ("hub.docker.com/ansible/", ("docker.io", "ansible")),
        ("my.org", (None, "my.org")),
        ("localhost:5000/team", ("localhost:5000", "team")),
    ],
)
def test_a_namespace_is_read_with_or_without_its_registry(
    typed: str, meant: tuple[str | None, str]
) -> None:
    assert parse_namespace(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "a/b", "docker.io/a/b", "Ansible", "a b", "../x", "docker.io/"]
)
def test_an_invalid_namespace_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="is not a namespace"):
        parse_namespace(typed)


def test_the_grammar_knows_its_edges() -> None:
    assert is_tag("_")
    assert is_tag("a" * 128)
    assert not is_tag("")
    assert not is_tag("a\n")
    assert not is_tag("ä")
    assert is_digest(DIGEST)
    assert is_digest("sha512:" + "0" * 128)
    assert not is_digest(DIGEST + "\n")
    assert is_repository("a__b/c---d")
    assert not is_repository("a___b")
    assert not is_repository("a/")
    assert is_namespace("a-")
    assert not is_namespace("-a")
    assert not is_namespace("a\n")
    assert is_registry("docker.io")
    assert is_registry("localhost")
    assert is_registry("[::1]:5000")
    assert is_registry("[2001:db8::1]")
    assert not is_registry("[::1")
    assert not is_registry("::1]")
    assert not is_registry("docker")
    assert not is_registry("user@host.example")
    assert not is_registry("docker.io/x")


@given(st.text(), st.integers(min_value=1, max_value=300))
def test_shown_text_is_one_bounded_line_without_control_characters(text: str, limit: int) -> None:
    safe = shown(text, limit)
    assert len(safe) <= limit
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in safe)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=200))
def test_harmless_text_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == text


def test_an_escape_sequence_and_a_bidirectional_override_become_harmless() -> None:
    assert "\x1b" not in shown("\x1b[2J\x1b]0;owned\x07")
    assert "\u202e" not in shown("evil\u202egnp.exe")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("nginx", ("library/nginx", "nginx")),
        ("ansible/awx", ("ansible/awx",)),
        ("docker.io/nginx", ("library/nginx",)),
        ("registry:5000/nginx", ("nginx",)),
    ],
)
def test_a_name_without_a_registry_may_be_of_one_without_namespaces(
    typed: str, names: tuple[str, ...]
) -> None:
    assert parse_reference(typed).names == names


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ansible", (None, "ansible")),
        ("docker.io/ansible", ("docker.io", "ansible")),
        ("registry.example.com", ("registry.example.com", "*")),
        ("localhost:5000/", ("localhost:5000", "*")),
        ("registry.example.com/*", ("registry.example.com", "*")),
        ("index.docker.io", ("docker.io", "*")),
    ],
)
def test_a_namespace_or_a_whole_registry_is_read(typed: str, meant: tuple[str, str]) -> None:
    assert parse_scope(typed) == meant


@pytest.mark.parametrize("typed", ["", "*", "/*", "a/b/*", "re gistry.com", "Registry:5000/x/*"])
def test_what_is_neither_gets_a_sentence(typed: str) -> None:
    with pytest.raises(UsageError, match="is not a namespace"):
        parse_scope(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "hub.docker.com/u/ansible",
        "https://hub.docker.com/u/ansible?page=1",
        "https://hub.docker.com/orgs/ansible/repositories",
        "https://hub.docker.com/orgs/ansible",
        "https://hub.docker.com/repositories/ansible",
        "hub.docker.com/r/ansible",
        "https://hub.docker.com/r/ansible/?page=2",
    ],
)
def test_the_page_of_a_user_or_organisation_is_a_namespace(typed: str) -> None:
    assert parse_namespace(typed) == ("docker.io", "ansible")
    assert parse_scope(typed) == ("docker.io", "ansible")


def test_the_hub_as_a_whole_has_one_name() -> None:
    for host in HUB_HOSTS:
        assert parse_scope(host) == ("docker.io", "*")
