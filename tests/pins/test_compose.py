"""The images of compose files, as `docker compose` would use them."""

from __future__ import annotations

import pytest

from indexer.core.errors import UsageError
from indexer.pins import arguments
from tests.pins.reading import DIGEST, OTHER, read


def project(files: dict[str, str]) -> list[str]:
    """What is found in files that are given together."""
    found = arguments.images(files, {}, None, lambda name, _: files[name].encode())
    assert found.refused == []
    return [f"{pin.file}:{pin.line}: {pin.reference or pin.problem}" for pin in found.pins]


def test_a_compose_file_names_the_images_of_its_services() -> None:
    text = f"""\
x-common: &common
  image: redis:${{REDIS:-7}}
services:
  web:
    image: "nginx:1.27@{DIGEST}"
  cache:
    <<: *common
  other:
    <<: [{{restart: always}}, *common]
    image: $$literal
  built:
    build: .
    image: ours:latest
  kept:
    build:
      dockerfile_inline: |
        FROM alpine:3
        COPY --from=busybox a b
      additional_contexts:
        base: docker-image://debian:12
    image: ours@{DIGEST}
  unset:
    image: ${{IMAGE}}
"""
    found = read(text, "compose.yaml")
    assert found == [
        f"5: library/nginx:1.27@{DIGEST} (service web)",
        "2: library/redis:7 (service cache)",
        found[2],
        f"21: library/ours@{DIGEST} (service kept)",
        "16: library/alpine:3 (service kept, FROM)",
        "16: library/busybox (service kept, COPY --from)",
        "20: library/debian:12 (service kept)",
        "23: '${IMAGE}': IMAGE has no value here: give it with --set IMAGE=…. (service unset)",
    ]
    assert "'$literal' is not an image name" in found[2]
    assert read(text, "x.yml", IMAGE="a/b:1")[-1] == "23: a/b:1 (service unset)"


def test_the_name_of_a_build_context_is_not_an_image() -> None:
    text = f"""\
services:
  app:
    build:
      additional_contexts:
        base: docker-image://nginx:1@{DIGEST}
        other: service:web
        folder: ./web
      dockerfile_inline: |
        FROM base
        COPY --from=other a b
        COPY --from=folder a b
        COPY --from=redis:7 a b
  list:
    build:
      additional_contexts: ["alpine=docker-image://alpine:3"]
      dockerfile_inline: FROM alpine
"""
    assert read(text, "compose.yaml") == [
        "8: library/redis:7 (service app, COPY --from)",
        f"5: library/nginx:1@{DIGEST} (service app)",
        "15: library/alpine:3 (service list)",
    ]


def test_the_names_of_build_contexts_hold_in_a_dockerfile_that_is_given_too() -> None:
    text = """\
services:
  one: {build: {context: web, additional_contexts: {base: ./x, other: ./y}}}
  two: {build: {context: ., dockerfile: web/Dockerfile, additional_contexts: [base=./z]}}
  plain: {build: db}
"""
    built = "FROM base\nCOPY --from=other a b\n"
    found = project({"a/compose.yaml": text, "a/web/Dockerfile": built, "a/db/Dockerfile": built})
    assert found == [
        "a/web/Dockerfile:2: library/other",
        "a/db/Dockerfile:1: library/base",
        "a/db/Dockerfile:2: library/other",
    ]


def test_the_arguments_of_a_build_are_values_of_its_dockerfile() -> None:
    text = """\
services:
  one: {build: {args: {V: "${TAG:-2}", W: null}, dockerfile_inline: "ARG V=1\\nFROM nginx:$$V"}}
  two: {build: {args: [V=3, W], dockerfile_inline: "ARG V=1\\nFROM nginx:$$V"}}
"""
    expected = ["2: library/nginx:2 (service one, FROM)", "3: library/nginx:3 (service two, FROM)"]
    assert read(text, "compose.yaml") == expected
    assert read(text, "compose.yaml", V="4")[0] == "2: library/nginx:4 (service one, FROM)"


def test_services_volumes_and_models_that_are_images_count() -> None:
    text = f"""\
x-common: &common
  services:
    merged: {{image: "alpine:3"}}
<<: *common
services:
  web:
    image: nginx:1
    volumes:
    - type: image
      source: team/data:1@{DIGEST}
      target: /data
    - type: volume
      source: data
    - ./a:/b
    pre_start: [{{image: "busybox:1"}}, {{command: x}}]
    environment: {{PROXY: "quay.io/a/proxy@{OTHER}"}}
models:
  llm: {{model: "ai/smollm2:360M"}}
"""
    assert read(text, "compose.yaml") == [
        "7: library/nginx:1 (service web)",
        "15: library/busybox:1 (service web, pre_start)",
        f"10: team/data:1@{DIGEST} (service web, volume)",
        "18: ai/smollm2:360M (model llm)",
        f"16: quay.io/a/proxy@{OTHER} (compose file)",
    ]


def test_services_that_are_merged_in_count() -> None:
    text = """\
x-a: &a {one: {image: "a:1"}, two: {image: "a:2"}}
x-b: &b {two: {image: "b:2"}, three: {image: "b:3"}}
services:
  <<: [*a, *b]
  one: {image: "c:1"}
"""
    assert read(text, "compose.yaml") == [
        "5: library/c:1 (service one)",
        "1: library/a:2 (service two)",
        "2: library/b:3 (service three)",
    ]


def test_what_a_service_extends_says_whether_it_is_built() -> None:
    text = """\
services:
  base: {build: .}
  middle: {extends: base}
  app: {extends: {service: middle}, image: "ours:1"}
  reset: {extends: base, build: !reset null, image: "nginx:1"}
  pulled: {image: "redis:7"}
  other: {extends: pulled}
"""
    assert read(text, "compose.yaml") == [
        "5: library/nginx:1 (service reset)",
        "6: library/redis:7 (service pulled)",
    ]


def test_what_a_service_extends_in_another_file_must_be_given_too() -> None:
    app = "services: {app: {extends: {file: ../common.yml, service: base}, image: 'ours:1'}}"
    common = "services: {base: {build: .}, web: {image: 'nginx:1'}}"
    assert project({"x/compose.yaml": app, "common.yml": common}) == [
        "common.yml:1: library/nginx:1"
    ]
    why = "it extends this, which is not in the files given: check both together."
    assert project({"x/compose.yaml": app}) == [
        f"x/compose.yaml:1: '../common.yml: base': {why}",
        "x/compose.yaml:1: library/ours:1",
    ]
    missing = "services: {app: {extends: base}}"
    assert project({"compose.yaml": missing}) == [f"compose.yaml:1: 'base': {why}"]


def test_services_that_extend_each_other_end() -> None:
    text = "services: {a: {extends: b, image: 'x:1'}, b: {extends: a}}"
    assert read(text, "compose.yaml") == ["1: library/x:1 (service a)"]


def test_files_that_are_included_must_be_given_too() -> None:
    text = """\
include:
- web.yaml
- path: [db.yaml, "${DIR}/x.yaml"]
"""
    web = "services: {web: {image: 'nginx:1'}}"
    why = "it includes this, which is not among the files given: check both together."
    assert project({"a/compose.yaml": text, "a/web.yaml": web}) == [
        f"a/compose.yaml:3: 'db.yaml': {why}",
        f"a/compose.yaml:3: '${{DIR}}/x.yaml': {why}",
        "a/web.yaml:1: library/nginx:1",
    ]


def test_files_of_a_folder_that_are_given_together_are_one_project() -> None:
    base = "services: {app: {build: {additional_contexts: {base: ./x}}}, web: {image: 'nginx:1'}}"
    production = """\
services:
  app: {image: "ours:1", build: {dockerfile_inline: "FROM base"}}
  web: {build: ., image: "web:1"}
"""
    assert project({"compose.yaml": base, "compose.prod.yaml": production}) == [
        "compose.yaml:1: library/nginx:1"
    ]
    apart = project({"a/compose.yaml": base, "b/compose.prod.yaml": production})
    assert apart == ["a/compose.yaml:1: library/nginx:1", "b/compose.prod.yaml:2: library/base"]
    development = {"compose.yaml": "services: {web: {image: 'nginx:1'}}", "dev.yaml": production}
    assert project(development)[0] == "compose.yaml:1: library/nginx:1", "it runs without dev.yaml"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("services: {web: [nginx]}", "it is not a mapping. (service web)"),
        ("services: {web: {image: [nginx]}}", "its image is not a text. (service web)"),
        ("web: {image: nginx}", "'web': compose files do not have this key. (compose file)"),
        ("- nginx", "it is not a mapping. (compose file)"),
        ("services: {web: {image: nginx}", "from here on it is not YAML"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(text: str, why: str) -> None:
    (found,) = read(text, "compose.yaml", "compose")
    assert found.startswith((f"1: {why}", f"2: {why}"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".woodpecker.yml", "services: {db: {image: 'postgres:1'}}\nsteps: {a: {image: 'b:1'}}"),
        ("compose.yaml", "web: {image: 'nginx:1'}"),
        ("config/services.yaml", "services: {App\\Mailer: {arguments: [x]}}"),
        ("x.yaml", "services: {}"),
    ],
)
def test_what_has_services_or_the_name_need_not_be_a_compose_file(name: str, text: str) -> None:
    with pytest.raises(UsageError, match="is of no kind that is known"):
        read(text, name)


@pytest.mark.parametrize(
    "name", ["compose.yml", "docker-compose.dev.yaml", "web.compose.yaml", "a/podman-compose.json"]
)
def test_a_compose_file_may_have_no_image_of_its_own(name: str) -> None:
    assert read("services: {web: {ports: ['80']}}\nx-y: {image: nginx}\n", name) == []
    assert read("", name) == []
