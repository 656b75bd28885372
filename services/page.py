"""What a browser sees: `/info`, the OpenAPI document, and the page that lets a person try the routes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

# BentoML's own page loads a tag manager from Google; this one loads nothing from elsewhere, and the browser is told so.
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Hugline</title>
<link rel="stylesheet" href="./static_content/swagger-ui.css"><style>body { margin: 0 } .topbar { display: none }</style>
<link rel="icon" type="image/png" href="./static_content/favicon-light-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="./static_content/swagger-ui-bundle.js"></script>
<script src="./static_content/swagger-ui-standalone-preset.js"></script>
<script src="./static_content/swagger-initializer.js"></script>
</body>
</html>
"""
SUFFIX = "IODescriptor"  # of the names that BentoML gives to models
REFUSALS = {400: "The body is not JSON", 413: "The body is too large", 415: "The body is not declared as JSON", 422: "A field is missing, unknown or wrong"}
REFUSAL = {
    "type": "object",
    "required": ["error", "remedy"],
    "properties": {
        "error": {"type": "string", "description": "the first fault: where, what was expected, what was found"},
        "remedy": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object", "properties": {name: {"type": "string"} for name in ("field", "expected", "found")}}},
    },
}


def pages(info: Callable[[], dict[str, Any]], spec: Callable[[], dict[str, Any]]) -> Starlette:
    """The routes that answer GET; both functions are called at each request, when the bento is known."""

    def show_info(_: Request) -> Response:
        return JSONResponse(info())

    def show_spec(_: Request) -> Response:
        return JSONResponse(spec())

    def show_index(_: Request) -> Response:
        return HTMLResponse(INDEX, headers={"Content-Security-Policy": POLICY})

    return Starlette(routes=[Route("/", show_index), Route("/docs.json", show_spec), Route("/info", show_info)])


def describe(spec: dict[str, Any], facts: Mapping[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    """BentoML's OpenAPI document with an example a route, our refusals, `/info`, and the model's own description."""
    schemas = spec["components"]["schemas"]
    for name in [n for n in schemas if n.endswith(SUFFIX) or n == "TaskStatusResponse"]:
        del schemas[name]
    schemas["Refusal"] = REFUSAL
    refused = {str(status): _response(text, {"$ref": "#/components/schemas/Refusal"}) for status, text in REFUSALS.items()}
    for path, example in examples.items():
        post = spec["paths"][path]["post"]
        body, answer = (part["content"]["application/json"] for part in (post["requestBody"], post["responses"][200]))
        body["example"] = example
        for schema in (body["schema"], answer["schema"]):
            schema["title"] = schema["title"].removesuffix(SUFFIX)
            schema.pop("root_input", None)
        post["requestBody"]["required"] = True
        post["responses"] = {str(k): v for k, v in post["responses"].items() if int(k) in (200, 500)} | refused
    tags = spec["paths"]["/predict"]["post"]["tags"]
    answers = {"200": _response("What the model is, where it comes from, and how good it is", {"type": "object"}, dict(facts))}
    spec["paths"]["/info"] = {"get": {"tags": tags, "operationId": "info", "description": "What is served.", "responses": answers}}
    approved = "approved" if facts["approved"] else f"NOT approved: {'; '.join(facts['reasons'])}"
    model = facts["model"]
    text = f"Task {facts['task']}; {approved}. Fine-tuned from {model['id']}, licence {model['licence'] or 'as its authors say'}."
    spec["info"] = {"title": "Hugline", "version": facts["version"] or "not built", "description": text}
    return spec


def _response(text: str, schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema} | ({"example": example} if example else {})}}


def as_json(value: Any) -> str:
    """A value as a person would paste it into a command."""
    return json.dumps(value, ensure_ascii=False)
