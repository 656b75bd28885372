"""What a caller may send: JSON of the right shape; anything else is told what was expected and what was found."""

import difflib
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

MAX_FAULTS = 10  # named in one answer
ECHO = 40  # characters of a name that the caller sent

Fault = dict[str, str]
Model = TypeVar("Model", bound=BaseModel)


class Refused(Exception):  # noqa: N818  not a fault of ours
    """An answer to a request that can't be served: the first fault in words, the remedy, and all faults by field."""

    def __init__(self, status: int, error: str, remedy: str, faults: list[Fault] | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status, self.error, self.remedy, self.faults, self.headers = status, error, remedy, faults, headers

    def response(self) -> JSONResponse:
        """The refusal over HTTP."""
        faults = {"faults": self.faults} if self.faults else {}
        return JSONResponse({"error": self.error, "remedy": self.remedy, **faults}, self.status, self.headers)


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a JSON request; raises Refused for another type (415), and for one that is too large (413) before it is read."""
    sent = request.headers.getlist("content-type")
    if {value.partition(";")[0].strip().lower() for value in sent} != {"application/json"}:
        found = f"{', '.join(sent)[:100]}" if sent else "none"
        raise Refused(415, f"Content-Type: expected application/json, found {found}", "send JSON with the header Content-Type: application/json")
    declared = request.headers.get("content-length", "")
    parts, size = [], int(declared) if declared.isascii() and declared.isdigit() else 0
    if size <= limit:
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > limit:
                break
    if size > limit:
        raise Refused(413, f"body: expected at most {limit} bytes, found more", "send fewer or shorter rows in a request")
    return b"".join(parts)


def parse(model: type[Model], body: bytes, example: str) -> Model:
    """The body as a model; raises Refused for what is no JSON (400), or of another shape (422)."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = [_fault(e, model) for e in error.errors(include_url=False)[:MAX_FAULTS]]
        first, more = faults[0], error.error_count() - 1
        text = f"{first['field']}: expected {first['expected']}, found {first['found']}" + (f"; and {more} more" if more else "")
        malformed = error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid"
        remedy = f"send JSON such as {example}; /docs.json has the schema"
        raise Refused(400 if malformed else 422, text, remedy, faults) from None


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
