"""The API's documentation: its OpenAPI description, and a page made of it without a script.

FastAPI describes what is asked, from the declarations that read it. What is answered is described
by msgspec, from the types that are encoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI

from indexer.web.api.answers import ANSWERS, Problem
from indexer.web.responses import json_answer
from indexer.web.templating import page

if TYPE_CHECKING:
    from msgspec import Struct
    from starlette.requests import Request
    from starlette.responses import Response

_SCHEMAS = "#/components/schemas/{name}"


def answer_of(kind: type[Struct], description: str) -> dict[str, Any]:
    """One answer, as FastAPI's `responses` take it."""
    schema = {"$ref": _SCHEMAS.format(name=kind.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def answers(kind: type[Struct]) -> dict[int | str, dict[str, Any]]:
    """What an operation answers when all is well, as FastAPI's `responses` take it."""
    assert kind in ANSWERS
    return {200: answer_of(kind, "The answer.")}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: answer_of(Problem, description)
    for status, description in (
        (400, "The request is not valid; the message says what was expected."),
        (401, "The token is missing or wrong."),
        (404, "The index does not know it, or you may not see it."),
        (414, "The address is too long."),
        (422, "A value has the wrong type."),
        (503, "The index cannot answer now, or not in time."),
    )
}
"""What every operation may answer when something is wrong."""


SCHEMES: dict[str, dict[str, str]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of the configuration; `private` ones show private repositories.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The same token as the password of any user.",
    },
}
"""How a client shows who it is."""


class DescribedAPI(FastAPI):
    """An application whose description has the schemas of our records."""

    def openapi(self) -> dict[str, Any]:
        """The description; made once."""
        if self.openapi_schema is None:
            described = super().openapi()
            _, schemas = msgspec.json.schema_components(ANSWERS, ref_template=_SCHEMAS)
            components = described.setdefault("components", {})
            components.setdefault("schemas", {}).update(schemas)
            components["securitySchemes"] = SCHEMES
            # Without the token clients see what is public, unless they see nothing at all.
            named: list[dict[str, list[str]]] = [{name: []} for name in SCHEMES]
            described["security"] = named if self.state.site.rules.closed else [{}, *named]
        return super().openapi()


async def openapi(request: Request) -> Response:
    """The description, for programs."""
    return json_answer(request, request.app.openapi())


async def docs(request: Request) -> Response:
    """The description, for people."""
    described: dict[str, Any] = request.app.openapi()
    operations = [
        {
            "path": path,
            "method": method.upper(),
            "name": operation["operationId"],
            "text": paragraphs(operation["description"]),
            "answer": _answer(operation),
            "body": operation.get("requestBody", {}).get("description", ""),
            "parameters": [_parameter(each) for each in operation.get("parameters", [])],
        }
        for path, item in described["paths"].items()
        for method, operation in item.items()
    ]
    schemas = {
        name: [_field(key, value) for key, value in item["properties"].items()]
        for name, item in sorted(described["components"]["schemas"].items())
        if "properties" in item
    }
    return page(
        request,
        "api.html",
        operations=operations,
        schemas=schemas,
        schemes=SCHEMES,
        is_closed=request.app.state.site.rules.closed,
    )


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a description, each on one line."""
    return [" ".join(each.split()) for each in text.split("\n\n")]


def _answer(operation: dict[str, Any]) -> str | None:
    """The name of what an operation answers."""
    content = operation["responses"]["200"].get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return name or None


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter["schema"]
    default = schema.get("default")
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "kind": kind_of(schema),
        "required": parameter.get("required", False),
        "default": "" if default in (None, "", []) else str(default).lower(),
        "text": " ".join(parameter.get("description", "").split()),
    }


def _field(name: str, schema: dict[str, Any]) -> dict[str, str]:
    return {
        "name": name,
        "kind": kind_of(schema),
        "text": " ".join(schema.get("description", "").split()),
    }


def kind_of(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"array of {kind_of(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "time"
    return kind
