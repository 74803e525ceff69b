"""The pages of docs/reference, from the code: the API, the metrics, the errors.

`generate_cli.py` writes and compares them with its own.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.bootstrap.index_and_sources import SystemClock
from indexer.config import Settings
from indexer.core import errors
from indexer.core.keyboard_interrupt import INTERRUPTED
from indexer.store import open_store
from indexer.web.access_rules import AccessRules
from indexer.web.app import application
from indexer.web.context import context_over

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("reference")

_WRITTEN = "<!-- Written by docs/generate_reference.py from the code; do not edit. -->"

API = f"""\
# Reference: the API

{_WRITTEN}

For people who write programs against `indexer serve`: every address of `/api/v1`, its parameters
and its answers. How to use it, with examples: [serve.md](../serve.md#the-api). The objects, field
by field: [formats.md](../formats.md). The same for programs is at `/api/openapi.json`.
"""

METRICS = f"""\
# Reference: metrics

{_WRITTEN}

For operators: what `/metrics` of `indexer serve` tells Prometheus. Rules to start with:
[prometheus-alerts.yml](../examples/prometheus-alerts.yml).

| name | kind | labels | |
| --- | --- | --- | --- |
"""

ERRORS = f"""\
# Reference: exit codes and errors

{_WRITTEN}

For people who call the program from scripts, or read its messages: what each exit code means, and
which kinds of error there are. What to do about a message:
[troubleshooting.md](../troubleshooting.md).

## Exit codes

| code | meaning |
| --- | --- |
| 0 | done and complete; a question was answered |
| 1 | it ran, and something is incomplete, failed, waiting, or against what was asked |
| 2 | the command line, an input, the configuration or the database is wrong; the rest is answered |
| {INTERRUPTED} | interrupted (Ctrl-C); what was read so far is kept |
| 141 | the program that read standard output ended first (as `head` does) |

## Errors

Every error is one sentence on standard error that says what to do, after `indexer: `. Over HTTP it
is in the JSON of a `Problem`. Indented kinds belong to the one above.

| kind | exit code | meaning |
| --- | --- | --- |
"""


class Answers(NamedTuple):
    """What a server over an empty index says of itself."""

    openapi: dict[str, Any]
    metrics: str


def pages() -> dict[Path, str]:
    """Each page and its text."""
    answers = _asked()
    return {
        FOLDER / "api.md": API + "".join(_operations(answers.openapi)),
        FOLDER / "metrics.md": METRICS + "".join(_metrics(answers.metrics)),
        FOLDER / "errors.md": ERRORS + "".join(_errors(errors.IndexerError, 0)),
    }


def _asked() -> Answers:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/indexer.db", create=True)
        with closing(store):
            site = context_over(
                store, clock=SystemClock(), settings=Settings(), rules=AccessRules()
            )
            app = application(site)
            try:
                return Answers(
                    json.loads(asyncio.run(_get(app, "/api/openapi.json"))),
                    asyncio.run(_get(app, "/metrics")).decode(),
                )
            finally:
                site.close()


async def _get(app: Any, path: str) -> bytes:
    """What a server answers to a request, as its ASGI application."""
    body = bytearray()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, path  # noqa: PLR2004 - as HTTP has it
        body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return bytes(body)


def _operations(description: dict[str, Any]) -> Iterator[str]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"\n## `{method.upper()} {path}`\n\n"
            yield f"{(operation.get('description') or operation['summary']).strip()}\n"
            yield from _parameters(operation.get("parameters", []))
            yield from _answers(operation["responses"])


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    if not parameters:
        return
    yield "\n| parameter | in | type | |\n| --- | --- | --- | --- |\n"
    for each in parameters:
        required = " Required." if each.get("required") else ""
        text = _cell(each.get("description", "")) + required
        kind = _kind(each.get("schema", {}))
        yield f"| `{each['name']}` | {each['in']} | {kind} | {text.strip()} |\n"


def _answers(responses: dict[str, Any]) -> Iterator[str]:
    yield "\n| answer | |\n| --- | --- |\n"
    for code, response in responses.items():
        kinds = [_kind(each.get("schema", {})) for each in response.get("content", {}).values()]
        named = f" ({', '.join(dict.fromkeys(filter(None, kinds)))})" if any(kinds) else ""
        yield f"| {code} | {_cell(response.get('description', ''))}{named} |\n"


def _kind(schema: dict[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            kinds = [_kind(each) for each in schema[several] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "")


def _metrics(text: str) -> Iterator[str]:
    """A row for each family."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    for name, what in re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE):
        samples = re.findall(rf"^{name}{{(.*?)}}", text, re.MULTILINE)
        found = tuple(dict.fromkeys(label for each in samples for label in _LABEL.findall(each)))
        labels = found or _labels_of(name)
        shown = ", ".join(f"`{label}`" for label in labels)
        yield f"| `{name}` | {kinds[name]} | {shown} | {_cell(what)} |\n"


def _labels_of(name: str) -> tuple[str, ...]:
    return next((labels for start, labels in _LABELS if name.startswith(start)), ())


_LABEL = re.compile(r"(\w+)=")

_LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("indexer_namespace_", ("registry", "namespace")),
    ("indexer_sink_", ("sink",)),
    ("indexer_violations_", ("severity",)),
    ("indexer_http_requests_", ("area", "status")),
    ("indexer_http_request_duration_", ("area",)),
)
"""Of families that have no samples over an empty index, by the start of their names."""


def _errors(kind: type[errors.IndexerError], depth: int) -> Iterator[str]:
    paragraph = (kind.__doc__ or "").strip().split("\n\n")[0]
    indent = "&nbsp;&nbsp;" * depth
    yield f"| {indent}`{kind.__name__}` | {kind.exit_code} | {_cell(paragraph)} |\n"
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _errors(below, depth + 1)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
