"""The images that pipelines of GitLab run."""

from __future__ import annotations

import pytest

from tests.pins.reading import DIGEST, read, read_together

_REFERENCES = """\
.v: {i: nginx, s: [redis, a/b]}
j:
  image: !reference [.v, i]
  services: [!reference [.v, s], c/d]
"""


def pipeline(text: str, **given: str) -> list[str]:
    return read(text, ".gitlab-ci.yml", **given)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image: nginx:1", ["1: library/nginx:1 (default)"]),
        ("image: {name: nginx:1, entrypoint: ['']}", ["1: library/nginx:1 (default)"]),
        ("default: {image: nginx, services: [redis]}", ["1: nginx", "1: redis"]),
        ("j: {image: nginx}", ["1: library/nginx (job j)"]),
        ("j: {services: [redis, {name: a/b:1, alias: x}]}", ["1: redis", "1: a/b:1"]),
        ("j: {image: null, script: x}", []),
        ("j: {image: '', script: x}", []),
        (".t: {image: nginx}\na: {extends: .t}\nb: {extends: [.t]}", ["1: library/nginx (job .t)"]),
        ("variables: {V: 2}\nimage: nginx:$V", ["2: library/nginx:2 (default)"]),
        ("variables: {V: {value: 2, description: x}}\nimage: nginx:${V}", ["2: nginx:2"]),
        (
            "image: $CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/nginx:1",
            ["1: docker.io/library/nginx:1 (default)"],
        ),
        ("variables: {R: a.io/b, I: $R/c}\nj: {image: '$I:1'}", ["2: a.io/b/c:1 (job j)"]),
        (
            "image: nginx:$V\na: {variables: {V: 1}, script: x}\nb: {variables: {V: 2}, script: x}",
            ["1: library/nginx:1 (default)", "1: library/nginx:2 (default)"],
        ),
        (
            ".t: {image: 'nginx:$V', variables: {V: 1}}\nj: {extends: .t, variables: {V: 3}}",
            ["1: library/nginx:3 (job .t)"],
        ),
        (
            "j: {image: 'nginx:$V', parallel: {matrix: [{V: [1, 2]}, {V: 3}]}}",
            ["1: nginx:1", "1: nginx:2", "1: nginx:3"],
        ),
        (
            "j: {image: 'nginx:$V', variables: {V: 1}, rules: [{if: x, variables: {V: 2}}]}",
            ["1: nginx:1", "1: nginx:2"],
        ),
        (
            _REFERENCES,
            ["1: library/nginx (job j)", "1: redis", "1: a/b", "4: c/d"],
        ),
        (
            "spec: {inputs: {v: {default: 7}}}\n---\nj: {image: 'nginx:$[[ inputs.v ]]'}",
            ["3: library/nginx:7 (job j)"],
        ),
        (
            f"j: {{script: ['docker run nginx@{DIGEST}']}}",
            [f"1: library/nginx@{DIGEST} (pipeline)"],
        ),
        ("include: [{template: x}, {component: y}, {project: a/b, file: c}, 'https://d.io/e']", []),
        ("j: {extends: .other, image: nginx}", ["1: library/nginx (job j)"]),
    ],
)
def test_an_image_may_stand_in_each_of_these_places(text: str, found: list[str]) -> None:
    answers = pipeline(text)
    assert len(answers) == len(found)
    for answer, expected in zip(answers, found, strict=True):
        line, _, name = expected.partition(": ")
        assert answer.startswith(f"{line}: ")
        assert name in answer


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("image: $IMAGE", "'$IMAGE': IMAGE has no value here: give it with --set IMAGE=…"),
        ("j: {image: '$CI_REGISTRY_IMAGE:1'}", "CI_REGISTRY_IMAGE has no value"),
        ("include: x.yml", "'x.yml': it includes this, which is not among the files given"),
        ("include: [{local: /a/*.yml}]", "'/a/*.yml': it includes this, which is not among"),
        ("j: {extends: .other, script: x}", "'.other': it extends this, which is not in the files"),
        ("variables: {A: $B, B: $A}\nimage: $A", "A has no value here"),
        ("j: {image: !reference [.other, image]}", "what it refers to is not in the files given."),
        ("j: {image: [a]}", "expected the name of an image here."),
        ("j: {image: {entrypoint: ['']}}", "it names no image."),
        ("j: {services: redis}", "expected a list of services here."),
        ("j: {image: 'nginx:$[[ inputs.v ]]'}", "give it with --set inputs.v=…"),
        ("j: {image: 'nginx:$[[ inputs.v | truncate(1,2) ]]'}", "no name follows a '$'"),
        (".a: &a {image: x:y:z}\nj: {extends: .a}", "is not an image name"),
        ("image: [\n", "from here on it is not YAML"),
        (
            "j: {image: '$V', parallel: {matrix: [{V: [" + ",".join(map(str, range(201))) + "]}]}}",
            "it stands for more than 200 images",
        ),
    ],
)
def test_what_is_not_in_the_file_is_unreadable(text: str, why: str) -> None:
    (found,) = pipeline(text)
    assert why in found


def test_a_template_that_a_job_completes_is_read_with_the_job() -> None:
    assert pipeline(".t: {image: 'nginx:$V'}\nj: {extends: .t, variables: {V: 1}}") == [
        "1: library/nginx:1 (job .t)"
    ]
    (alone,) = pipeline(".t: {image: 'nginx:$V'}")
    assert "V has no value here" in alone


def test_files_that_are_included_and_given_too_are_read_together() -> None:
    files = {
        ".gitlab-ci.yml": (
            "include: [ci/all.yml]\nvariables: {V: 3}\n"
            "a: {extends: .t, script: x}\nb: {image: '$REGISTRY/b', script: x}"
        ),
        ".gitlab/ci/all.yml": (
            "variables: {REGISTRY: a.io, V: 2}\n.t: {image: 'nginx:$V'}\n.u: {image: '$NO'}"
        ),
    }
    assert read_together(files) == [
        ".gitlab-ci.yml:4: a.io/b",
        ".gitlab/ci/all.yml:2: library/nginx:3",
        ".gitlab/ci/all.yml:3: '$NO': NO has no value here: give it with --set NO=….",
    ]


def test_pipelines_that_do_not_include_one_another_are_apart() -> None:
    files = {
        "a/.gitlab-ci.yml": "variables: {V: 1}\nj: {script: x}\n.t: {image: 'a/a:$V'}",
        "b/.gitlab-ci.yml": "default: {image: 'b/b:$W'}\nvariables: {W: 2}\nj: {script: x}",
    }
    assert read_together(files) == ["a/.gitlab-ci.yml:3: a/a:1", "b/.gitlab-ci.yml:1: b/b:2"]


def test_a_value_that_is_given_goes_before_those_of_the_file() -> None:
    assert pipeline("variables: {V: 1}\nimage: nginx:$V", V="9") == ["2: library/nginx:9 (default)"]
    given = {"inputs.v": "8"}
    assert pipeline("image: nginx:$[[inputs.v]]", **given) == ["1: library/nginx:8 (default)"]


def test_a_pipeline_is_known_by_its_name_or_by_its_jobs() -> None:
    text = "image: nginx\nj: {script: [make]}"
    found = ["1: library/nginx (default)"]
    for name in ("a/build.gitlab-ci.yml", ".gitlab/ci/test.yml", "x.yml"):
        assert read(text, name) == found
    assert read(text, "-", "gitlab-ci") == found


def test_variables_and_jobs_that_double_at_each_step_end() -> None:
    names = ", ".join(f"V{n}: $V{n + 1}$V{n + 1}" for n in range(50))
    (found,) = pipeline(f"variables: {{{names}, V50: a}}\nimage: $V0")
    assert "too long for the name of an image" in found
    jobs = "\n".join(f".j{n}: {{extends: [.j{n + 1}, .k{n + 1}]}}" for n in range(40))
    others = "\n".join(f".k{n}: {{extends: [.j{n + 1}, .k{n + 1}]}}" for n in range(40))
    *deep, found = pipeline(f"{jobs}\n{others}\n.k40: {{}}\n.j40: {{image: nginx}}")
    assert found == "82: library/nginx (job .j40)"
    assert all("more than 11 others, which GitLab refuses" in each for each in deep)
    assert len(deep) == 29
    lists = "\n".join(f".l{n}: [!reference [.l{n + 1}], !reference [.l{n + 1}]]" for n in range(40))
    assert pipeline(f"j: {{services: !reference [.l0]}}\n{lists}\n.l40: [a/b]") == [
        "42: a/b (job j, service)"
    ]


def test_jobs_that_extend_each_other_end() -> None:
    assert pipeline("a: {extends: b, image: nginx}\nb: {extends: a}") == [
        "1: library/nginx (job a)"
    ]
