"""What a caller may send: JSON of the right shape; anything else is told what was expected and what was found.

BentoML would log a rejected request's values with a traceback (1.4.39, `_bentoml_impl/server/app.py`,
`api_endpoint_wrapper`), and reads pickle, multipart and form bodies. Nothing of the kind gets past this middleware.
"""

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4 * 1024 * 1024  # bytes
MAX_FAULTS = 10  # named in one answer
ECHO = 40  # characters of a name that the caller sent

Fault = dict[str, str]


class JsonOnly:
    """ASGI middleware that lets a POST through when its body is JSON and valid for its path's model."""

    def __init__(self, app: ASGIApp, models: Mapping[str, type[BaseModel]], examples: Mapping[str, str]) -> None:
        self._app, self._models, self._examples = app, models, examples

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = b""
        refused = _wrong_type(Headers(scope=scope))
        if refused is None:
            body = await _read(receive)
            refused = self._judge(scope["path"], body)
        if refused is None:
            await self._app(scope, _replay(body, receive), send)
        else:
            await refused(scope, receive, send)

    def _judge(self, path: str, body: bytes) -> JSONResponse | None:
        model = self._models.get(path)
        if len(body) > MAX_BODY:
            return refusal(413, f"body: expected at most {MAX_BODY} bytes, found more", "send fewer or shorter rows in a request")
        if model is None:
            return None
        try:
            model.model_validate_json(body)
        except ValidationError as error:
            faults = [_fault(e, model) for e in error.errors(include_url=False)[:MAX_FAULTS]]
            first, more = faults[0], error.error_count() - 1
            text = f"{first['field']}: expected {first['expected']}, found {first['found']}" + (f"; and {more} more" if more else "")
            malformed = error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid"
            return refusal(400 if malformed else 422, text, f"send JSON such as {self._examples[path]}; /docs.json has the schema", faults)
        return None


def refusal(status: int, error: str, remedy: str, faults: list[Fault] | None = None) -> JSONResponse:
    """An answer to a request that can't be served: the first fault in words, all of them by field, and the remedy."""
    return JSONResponse({"error": error, "remedy": remedy, **({"faults": faults} if faults else {})}, status_code=status)


def _wrong_type(headers: Headers) -> JSONResponse | None:
    sent = headers.getlist("content-type")
    kinds = {value.partition(";")[0].strip().lower() for value in sent}
    if kinds == {"application/json"}:
        return None
    found = f"{', '.join(sent)[:100]}" if sent else "none"
    return refusal(415, f"Content-Type: expected application/json, found {found}", "send JSON with the header Content-Type: application/json")


async def _read(receive: Receive) -> bytes:
    """The body, or a little more than `MAX_BODY` of it."""
    parts, size, more = [], 0, True
    while more and size <= MAX_BODY:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message["type"] == "http.request" and message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once more, then what the client sends next, such as its leaving."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _fault(error: Any, model: type[BaseModel]) -> Fault:
    """One of pydantic's errors in our words; it repeats field names, cut short, and no values."""
    where, kind = error["loc"], error["type"]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{str(part)[:ECHO]}" for part in where).lstrip(".") or "body"
    if kind == "missing":
        return {"field": field, "expected": "this field", "found": "nothing"}
    if kind == "extra_forbidden":
        known = _known(model, where[:-1])
        near = difflib.get_close_matches(str(where[-1])[:ECHO], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return {"field": field, "expected": f"no fields but {', '.join(known)}{hint}", "found": "an unknown field"}
    if kind == "json_invalid":
        return {"field": field, "expected": "valid JSON in UTF-8", "found": str(error["ctx"]["error"])[:100]}
    if kind == "too_long":
        return {"field": field, "expected": f"at most {error['ctx']['max_length']} items", "found": f"{len(error['input'])}"}
    return {"field": field, "expected": error["msg"].removeprefix("Input should be "), "found": _kind(error["input"])}


def _known(model: type[BaseModel], where: tuple[int | str, ...]) -> list[str]:
    """The fields of the model at a place: of the body, or of a row in a list."""
    for part in where:
        if isinstance(part, str):
            annotation: Any = model.model_fields[part].annotation
            model = next(iter(get_args(annotation)), annotation)
    return list(model.model_fields)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return f"a string of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case _:
            return "an object"
