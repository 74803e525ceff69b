"""Go's templates: what is not supported is an error with a sentence, never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.core.errors import UsageError
from indexer.render.go_template import render
from indexer.render.go_values import NO_LIST, NO_MAP, Record, Time, as_json

VALUE = Record(
    {
        "Name": "a/b",
        "Created": Time("2024-05-06T07:08:09.12+02:00"),
        "Labels": {"x": "<1>", "y": "\u009b2J"},
        "Env": NO_LIST,
        "Volumes": NO_MAP,
        "Layers": ["one", "two"],
    }
)


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{{json .Labels}}", '{"x":"<1>","y":"\\u009b2J"}\n'),
        ("{{json .Env}} {{json .Volumes}}", "null null\n"),
        ("{{.Env}} {{.Volumes}} {{len .Env}}", "[] map[] 0\n"),
        ("{{.Created}}", "2024-05-06 07:08:09.12 +0200 +0200\n"),
        ('{{join .Layers ", "}}', "one, two\n"),
        ("{{.Name | upper}} {{upper .Name | lower}}", "A/B a/b\n"),
        ('{{index (split .Name "/") 1}}', "b\n"),
        ("{{range .Env}}x{{else}}none{{end}}", "none\n"),
        ("{{if .Env}}x{{else}}none{{end}}", "none\n"),
        ("{{range .Layers}}{{if eq . `two`}}2{{else}}{{.}} of {{$.Name}} {{end}}{{end}}",
         "one of a/b 2\n"),
        ('{{index .Volumes "x"}}|', "|\n"),
        ("{{json .}}", as_json(VALUE, indent=None, html=False) + "\n"),
        ("a\n", "a\n"),
        (r"a\tb", "a\tb\n"),
        ("{{println .Name}}", "a/b\n\n"),
        ("{{.Labels.x}} {{.Labels.z}}", "<1> <no value>\n"),
        ('{{"\u00fc\\u00e4"}}', "\u00fc\u00e4\n"),
        ("{{true}} {{-7}}", "true -7\n"),
    ],
)  # fmt: skip
def test_a_template_is_filled_in(template: str, made: str) -> None:
    assert render(template, VALUE) == made


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{.Nope}}", "there is no '.Nope'; there are .Name, .Created"),
        ("{{.Name.x}}", "there is no '.x'"),
        ("{{.Created.Year}}", "there is no '.Year'"),
        ("{{nope .Name}}", "'nope' is not supported"),
        ('{{printf "%s" .Name}}', "'printf' is not supported"),
        ("{{template `x`}}", "is not supported"),
        ("{{define `x`}}{{end}}", "is not supported|cannot be read"),
        ("{{.Name", "do not match"),
        (".Name}}", "do not match"),
        ("{{}}", "is empty"),
        ("{{if .Name}}", "its 'if' has no 'end'"),
        ("{{end}}", "is not supported"),
        ("{{else}}", "is not supported"),
        ("{{if}}{{end}}", "incomplete"),
        ("{{range .Name}}{{end}}", "needs a list or a map"),
        ("{{index .Layers 7}}", "'index' cannot be used like this"),
        ("{{join .Name}}", "'join' cannot be used like this"),
        ("{{.Name .Name}}", "cannot be read"),
        ("{{.Name |}}", "incomplete"),
        ("{{(.Name}}", "incomplete|not closed"),
        ("{{$x}}", "there is no variable"),
        ("{{'x'}}", "cannot be read"),
        ('{{"x}}', "do not match"),
        (r'{{"\x41"}}', "cannot be read as a text"),
        ("x" * 20_000, "too long"),
    ],
)
def test_an_unknown_name_is_an_error(template: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        render(template, VALUE)


pieces = st.lists(
    st.sampled_from(
        ["{{", "}}", ".", ".Name", ".Labels", "range", "end", "if", "else", "with", "index", "json"]
    )
    | st.sampled_from(['"x"', "`", "$", "$x", ":=", ",", "|", "(", ")", " ", "-", "0", "a", "\\"])
).map("".join)


@given(pieces | st.text())
def test_any_template_is_filled_in_or_refused(template: str) -> None:
    try:
        made = render(template, VALUE)
    except UsageError as error:
        made = f"{error}\n"
    assert made.endswith("\n")


def test_json_is_safe_for_a_terminal_and_still_the_same_json() -> None:
    text = as_json({"a": "\x1b[2J\u009b\u202e\u2028\x7f\b"})
    assert "\\u001b[2J\\u009b\\u202e\\u2028\\u007f\\u0008" in text
