"""The OpenAPI document of a package's routes: the task's own fields and labels, with an example each and every refusal."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hugline.core.occlusion import VARIANTS
from hugline.core.task import Task
from services.explain import columns

REFUSALS = {
    400: "The body is not JSON",
    401: "No bearer token, or not the right one",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    422: "A field is missing, unknown, wrong or too long",
    429: "The queue is full; Retry-After says in how many seconds it may have room",
    500: "The model failed at a row",
    503: "The service is stopping",
    504: "The deadline came before the answer",
}
REFUSAL = {
    "type": "object",
    "required": ["error", "remedy"],
    "properties": {
        "error": {"type": "string", "description": "the first fault: where, what was expected, what was found"},
        "remedy": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object", "properties": {name: {"type": "string"} for name in ("field", "expected", "found")}}},
    },
}
SELFTEST = {
    "type": "object",
    "required": ["passed", "rows", "failures"],
    "properties": {"passed": {"type": "boolean"}, "rows": {"type": "integer"}, "failures": {"type": "array", "items": {"type": "object"}}},
}
WEIGHTS = {
    "type": "array",
    "description": "the words in order, each with the probability that the label loses without it: above 0 it speaks for the answer, below 0 against it",
    "items": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}], "minItems": 2, "maxItems": 2},
}
REF = "#/components/schemas/{model}"


def examples(task: Task) -> dict[str, Any]:
    """A body for each route that takes one: the task's toy rows."""
    toy = [{name: row[name] for name in task.Input.model_fields} for row in task.toy]
    return {"/predict": toy[0], "/predict/batch": {"rows": toy[:2]}} | ({"/explain": toy[0]} if columns(task) else {})


def describe(task: Task, rows: type[BaseModel], facts: dict[str, Any]) -> dict[str, Any]:
    """The document; its description says what the model is and whether it was approved."""
    schemas = _schemas(task, rows)
    one, many = task.Input.__name__, rows.__name__
    answer = _ref(task.Output.__name__)
    answers = {"type": "object", "required": ["answers"], "properties": {"answers": {"type": "array", "items": answer}}}
    body = examples(task)
    paths = {
        "/predict": {"post": _post("predict", "Answer one row.", _ref(one), body["/predict"], answer)},
        "/predict/batch": {"post": _post("predict_batch", "Answer several rows, in their order.", _ref(many), body["/predict/batch"], answers)},
        "/selftest": {"post": _post("selftest", "Answer the package's golden rows and compare.", {"type": "object"}, {}, SELFTEST)},
        "/info": {"get": {"operationId": "info", "summary": "What is served.", "responses": {"200": _content("The facts", {"type": "object"}, facts)}}},
    }
    if "/explain" in body:
        summary = f"Answer one row, and say which of its words drove the answer; costs up to {VARIANTS + 1} rows."
        paths["/explain"] = {"post": _post("explain", summary, _ref(one), body["/explain"], _explanation(answer, columns(task)))}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hugline", "version": facts["version"] or "not built", "description": _description(facts)},
        "externalDocs": {"description": "The page for people", "url": "./ui"},
        "paths": paths,
        "components": {"schemas": schemas | {"Refusal": REFUSAL}, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"bearer": []}],
    }


def _schemas(task: Task, rows: type[BaseModel]) -> dict[str, Any]:
    wanted: Any = [(task.Input, "validation"), (rows, "validation"), (task.Output, "serialization")]
    _, found = models_json_schema(wanted, ref_template=REF)
    return dict(found["$defs"])


def _explanation(answer: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    words = {"type": "object", "required": list(texts), "properties": dict.fromkeys(texts, WEIGHTS)}
    return {"type": "object", "required": ["answer", "words"], "properties": {"answer": answer, "words": words}}


def _description(facts: dict[str, Any]) -> str:
    approved = "approved" if facts["approved"] else f"NOT approved: {'; '.join(facts['reasons'])}"
    model = facts["model"]
    return f"Task {facts['task']}; {approved}. Fine-tuned from {model['id']}, licence {model['licence'] or 'as its authors say'}."


def _post(name: str, summary: str, schema: dict[str, Any], example: Any, answer: dict[str, Any]) -> dict[str, Any]:
    refused = {str(status): _content(text, _ref("Refusal")) for status, text in REFUSALS.items()}
    request = {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}
    return {"operationId": name, "summary": summary, "requestBody": request, "responses": {"200": _content("The answer", answer), **refused}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": REF.format(model=name)}


def _content(text: str, schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema} | ({"example": example} if example else {})}}
