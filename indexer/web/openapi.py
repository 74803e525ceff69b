"""The API's documentation: its OpenAPI description, and a page made of it without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.web.responses import json_answer
from indexer.web.templating import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def openapi(request: Request) -> Response:
    """The description, for programs."""
    return json_answer(request, request.app.openapi())


async def docs(request: Request) -> Response:
    """The description, for people."""
    described: dict[str, Any] = request.app.openapi()
    operations = [
        {
            "path": path,
            "name": item["get"]["operationId"],
            "text": item["get"]["description"].split("\n\n"),
            "answer": _answer(item["get"]),
            "parameters": [_parameter(each) for each in item["get"].get("parameters", [])],
        }
        for path, item in described["paths"].items()
    ]
    schemas = {
        name: [_field(key, value) for key, value in item["properties"].items()]
        for name, item in sorted(described["components"]["schemas"].items())
        if "properties" in item and name not in {"HTTPValidationError", "ValidationError"}
    }
    return page(request, "api.html", operations=operations, schemas=schemas)


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
        "text": parameter.get("description", ""),
    }


def _field(name: str, schema: dict[str, Any]) -> dict[str, str]:
    return {"name": name, "kind": kind_of(schema), "text": schema.get("description", "")}


def kind_of(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind_of(each) for each in schema["anyOf"])
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"array of {kind_of(schema.get('items', {}))}"
    if schema.get("format") == "date-time":
        return "time"
    return kind
