"""The service: JSON rows in, JSON answers out, through ONNX Runtime; torch and transformers stay out of this process.

HUGLINE_PACKAGE names a package, HUGLINE_THREADS the threads of ONNX Runtime (0: as many as there are cores).
The package is opened when this module is imported, because BentoML fixes a route's types when its class is made.
The routes are coroutines with one thread for the model: 0.5 ms of CPU a request less than BentoML's own threads
(1.18 ms against 1.67 ms with a model that takes 0.31 ms).
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import bentoml
from bentoml.exceptions import BentoMLConfigException
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, create_model

from hugline.core.store import load_predictor
from hugline.errors import UserError
from services.model import facts, open_package, package_folder, threads
from services.page import as_json, describe, pages
from services.requests import JsonOnly

Handler = TypeVar("Handler", bound=Callable[..., Any])
MAX_ROWS = 256  # in one request
CHUNK = 32  # rows that keep other requests waiting
WATCH_S = 2.0  # between two looks for the supervisor

FOLDER = package_folder()
try:
    TASK = open_package(FOLDER)
    FACTS, THREADS = facts(FOLDER, TASK), threads()
except UserError as error:
    raise BentoMLConfigException(f"the package can't be served\n{error}") from None  # BentoML's command prints it without a traceback

if TYPE_CHECKING:  # the types are the instance's; a checker takes any model
    Input = BaseModel
    Output = BaseModel
    Rows = Any
    Answers = Any
else:
    Input, Output = TASK.Input, TASK.Output
    Rows = create_model(
        "Rows",
        __config__=ConfigDict(extra="forbid", strict=True),
        __doc__="Rows to be answered in one request.",
        rows=(list[Input], Field(max_length=MAX_ROWS, description=f"at most {MAX_ROWS}")),
    )
    Answers = create_model("Answers", __doc__="The answers, in the order of the rows.", answers=(list[SerializeAsAny[Output]], ...))

TOY = [{name: row[name] for name in TASK.Input.model_fields} for row in TASK.toy]
EXAMPLES = {"/predict": TOY[0], "/predict/batch": {"rows": TOY[:2]}}


def info() -> dict[str, Any]:
    """What is served: the package's facts, and the bento's version where one is served."""
    bento = service().bento
    return {"version": bento.tag.version if bento else None, **FACTS}


def spec() -> dict[str, Any]:
    """The OpenAPI document."""
    return describe(service().openapi_spec.asdict(), info(), EXAMPLES)


def route(path: str) -> Callable[[Handler], Handler]:
    """BentoML's decorator of a route, typed."""
    decorator: Callable[[Handler], Handler] = bentoml.api(route=path)
    return decorator


def end_with_supervisor() -> None:
    """End this worker when the process that started it is gone.

    BentoML's supervisor (circus) gives each worker a session of its own, so what kills the supervisor with its process
    group leaves the worker behind, holding the port.
    """
    supervisor = os.getppid()

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(WATCH_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


@bentoml.asgi_app(pages(info, spec))
@bentoml.service(name="hugline", envs=[{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}])
class Hugline:
    """Answers rows with the packaged model."""

    def __init__(self) -> None:
        self._predictor = load_predictor(FOLDER, backend="onnx", threads=THREADS)
        self._worker = ThreadPoolExecutor(1)  # one run at a time has all of ONNX Runtime's threads
        if bentoml.server_context.worker_index is not None:
            end_with_supervisor()

    async def _answer(self, rows: list[BaseModel]) -> list[BaseModel]:
        """Answers in their order; between chunks of a long request, others have their turn."""
        loop, answers = asyncio.get_running_loop(), []
        for start in range(0, len(rows), CHUNK):
            chunk = [dict(row) for row in rows[start : start + CHUNK]]
            answers += await loop.run_in_executor(self._worker, self._predictor.predict, chunk)
        return answers

    @route("/predict")
    async def predict(self, row: Input, /) -> Output:
        """Answer one row."""
        return (await self._answer([row]))[0]

    @route("/predict/batch")
    async def predict_batch(self, batch: Rows, /) -> Answers:
        """Answer several rows, in their order."""
        return Answers.model_construct(answers=await self._answer(batch.rows))


def service() -> Any:
    """What BentoML made of the class."""
    return Hugline


service().add_asgi_middleware(
    JsonOnly, models={"/predict": Input, "/predict/batch": Rows}, examples={path: as_json(example) for path, example in EXAMPLES.items()}
)
