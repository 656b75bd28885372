"""The routes: rows in, answers out; what is served; the pages. One Starlette application that BentoML mounts, serves and supervises.

They are no `@bentoml.api` methods, because BentoML would log a rejected request's values with a traceback (1.4.39,
`_bentoml_impl/server/app.py`, `api_endpoint_wrapper`), reads pickle, multipart and form bodies, cannot answer 429 or
504 with a header, and validates each request once more.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from hugline.core.answers import differs
from hugline.core.task import Answer, Row, Task
from services.batcher import ClosedError, ExpiredError, QueueFullError
from services.counters import exposition
from services.explain import columns, explain, most_characters
from services.limits import Limits
from services.openapi import describe, examples
from services.page import INDEX, POLICY, as_json
from services.requests import Refused, parse, read_body
from services.ui import handlers

log = logging.getLogger("hugline.service")


class Answering(Protocol):
    """Who computes the answers."""

    async def answer(self, rows: Sequence[Row], timeout_s: float) -> list[Answer]:
        """Answers in the order of the rows."""
        ...


class Nothing(BaseModel):
    """The body of a request that says nothing."""

    model_config = ConfigDict(extra="forbid")


class Api:
    """The handlers of a package's routes; `answering` gives the batcher, which lives only while the service runs."""

    def __init__(
        self,
        task: Task,
        limits: Limits,
        facts: Callable[[], dict[str, Any]],
        golden: Sequence[Mapping[str, Any]],
        answering: Callable[[], Answering],
        card: str = "",  # the package's, in Markdown
    ) -> None:
        self._task, self._limits, self._facts, self._golden, self._answering, self._card = task, limits, facts, golden, answering, card
        self._texts = columns(task)
        self.input: type[BaseModel] = task.Input
        rows = Field(max_length=limits.max_rows, description=f"at most {limits.max_rows}")
        config = ConfigDict(extra="forbid", strict=True)
        self.rows: type[BaseModel] = create_model("Rows", __config__=config, __doc__="Rows to be answered in one request.", rows=(list[task.Input], rows))  # type: ignore[name-defined]
        self._examples = {path: as_json(example) for path, example in examples(task).items()}

    async def predict(self, request: Request) -> Response:
        """Answer one row."""
        row = parse(self.input, await read_body(request, self._limits.max_body), self._examples["/predict"])
        answers = await self._answer(request, [row])
        return Response(answers[0].model_dump_json(), media_type="application/json")

    async def predict_batch(self, request: Request) -> Response:
        """Answer several rows, in their order."""
        batch: Any = parse(self.rows, await read_body(request, self._limits.max_body), self._examples["/predict/batch"])
        answers = await self._answer(request, batch.rows)
        return Response('{"answers":[' + ",".join(answer.model_dump_json() for answer in answers) + "]}", media_type="application/json")

    async def explain(self, request: Request) -> Response:
        """Answer one row, and say which of its words drove the answer."""
        row = dict(parse(self.input, await read_body(request, self._limits.max_body), self._examples["/explain"]))
        if (found := sum(len(row[name]) for name in self._texts)) > (most := most_characters(self._limits.max_body)):
            raise Refused(422, f"row: expected at most {most} characters to explain, found {found}", "send shorter texts, or ask /predict for the answer alone")
        self._refuse_long([row])
        answer, words = await explain(lambda rows: self._answer(request, rows), row, self._texts)
        return JSONResponse({"answer": answer.model_dump(), "words": words})

    async def selftest(self, request: Request) -> Response:
        """Answer the package's golden rows, and say whether they are answered as when it was packaged."""
        parse(Nothing, await read_body(request, self._limits.max_body), "{}")
        rows = [self.input.model_validate(row["input"]) for row in self._golden]
        answers = await self._answer(request, rows)
        found = [differs(answer.model_dump(), row["answer"]) for answer, row in zip(answers, self._golden, strict=True)]
        failures = [{"row": i + 1, "difference": difference} for i, difference in enumerate(found) if difference]
        return JSONResponse({"passed": not failures, "rows": len(rows), "failures": failures}, 500 if failures else 200)

    async def info(self, request: Request) -> Response:
        """What is served."""
        return JSONResponse(self._facts())

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI document."""
        return JSONResponse(describe(self._task, self.rows, self._facts()))

    async def metrics(self, request: Request) -> Response:
        """The counts, for Prometheus."""
        return Response(exposition(), media_type="text/plain; version=1.0.0; charset=utf-8")

    async def card(self, request: Request) -> Response:
        """The model's card, in Markdown."""
        return Response(self._card, media_type="text/markdown")

    async def index(self, request: Request) -> Response:
        """A page to try the routes."""
        return HTMLResponse(INDEX, headers={"Content-Security-Policy": POLICY})

    async def _answer(self, request: Request, rows: Sequence[BaseModel] | Sequence[Row]) -> list[Answer]:
        """Answers of the batcher; raises Refused for texts that are too long, a full queue, a deadline, a service that stops."""
        asked = [dict(row) for row in rows]
        self._refuse_long(asked)
        try:
            return await self._answering().answer(asked, self._limits.timeout_s)
        except QueueFullError as error:
            raise Refused(
                429,
                f"queue: expected room for {len(rows)} rows, found none",
                f"ask again in {error.retry_after_s} s",
                headers={"Retry-After": str(error.retry_after_s)},
            ) from None
        except ExpiredError:
            raise Refused(504, f"deadline: expected an answer within {self._limits.timeout_s} s, found none", "send fewer rows, or ask again later") from None
        except ClosedError:
            raise Refused(503, "service: expected one that takes requests, found one that stops", "ask again", headers={"Retry-After": "1"}) from None
        except Exception as error:  # of the model: its message may hold what was asked
            log.error("the model failed at a request: %s", type(error).__name__)
            raise Refused(500, "model: expected answers, found a fault of the model", "ask for one row at a time to find the one at which it fails") from None

    def _refuse_long(self, rows: Sequence[Row]) -> None:
        for i, row in enumerate(rows):
            for name, value in row.items():
                if isinstance(value, str) and len(value) > self._limits.max_characters:
                    field = name if len(rows) == 1 else f"rows[{i}].{name}"
                    expected = f"at most {self._limits.max_characters} characters"
                    fault = {"field": field, "expected": expected, "found": f"a string of {len(value)} characters"}
                    raise Refused(422, f"{field}: expected {expected}, found {fault['found']}", "send shorter texts", [fault])

    @property
    def _routes(self) -> list[Route]:
        post = {"/predict": self.predict, "/predict/batch": self.predict_batch, "/selftest": self.selftest}
        if self._texts:
            post["/explain"] = self.explain
        get = {"/": self.index, "/docs.json": self.openapi, "/info": self.info, "/metrics": self.metrics, "/ui/card": self.card, **handlers()}
        return [Route(path, handler, methods=[method]) for method, table in (("POST", post), ("GET", get)) for path, handler in table.items()]

    @property
    def paths(self) -> frozenset[str]:
        """Of all routes."""
        return frozenset(route.path for route in self._routes)

    def application(self) -> Starlette:
        """All routes, as BentoML mounts them."""
        return Starlette(routes=self._routes, exception_handlers={Refused: _refuse})


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error.response()
