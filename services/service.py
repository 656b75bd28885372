"""The service: JSON rows in, JSON answers out, through ONNX Runtime; torch and transformers stay out of this process.

HUGLINE_PACKAGE names a package; services/limits.py has the other variables. The package is opened when this module is
imported, because BentoML fixes what it mounts when the service's class is made.
"""

import functools
import logging
import os
import shutil
import signal
import sys
import threading
import time
from typing import Any

import bentoml
from bentoml.exceptions import BentoMLConfigException

from hugline.core.store import load_predictor
from hugline.errors import UserError
from services.app import Api
from services.batcher import Batcher
from services.counters import Counters, folder
from services.guard import OPEN, Guard
from services.limits import read_limits
from services.model import facts, open_package, package_folder, read_json
from services.ui import card

WATCH_S = 2.0  # between two looks for the supervisor

FOLDER = package_folder()
try:
    TASK = open_package(FOLDER)
    FACTS, GOLDEN, LIMITS = facts(FOLDER, TASK), read_json(FOLDER, "golden.json"), read_limits(os.environ)
except UserError as error:
    raise BentoMLConfigException(f"the package can't be served\n{error}") from None  # BentoML's command prints it without a traceback


def info() -> dict[str, Any]:
    """What is served: the package's facts, and the bento's version where one is served."""
    bento = service().bento
    return {"version": bento.tag.version if bento else None, **FACTS}


class Running:
    """What BentoML makes when it starts the service, and the routes need: the predictor's batcher, and the counters."""

    def __init__(self) -> None:
        self.counters = Counters(info()["version"] or "not built")
        predictor = load_predictor(FOLDER, backend="onnx", threads=LIMITS.threads)
        self.batcher = Batcher(predictor, LIMITS.lanes, LIMITS.queue_tokens, lambda ran: self.counters.batch(ran, self.batcher))


@functools.cache
def running() -> Running:
    """This process's one."""
    return Running()


API = Api(TASK, LIMITS, info, GOLDEN, lambda: running().batcher, card(FOLDER))
PATHS = OPEN | API.paths


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


def log_as_json() -> None:
    """Lines of our own loggers on stderr as they are: each is JSON, or a whole sentence."""
    ours = logging.getLogger("hugline")
    if not ours.handlers:
        ours.addHandler(logging.StreamHandler(sys.stderr))
        ours.setLevel(logging.INFO)
        ours.propagate = False


@bentoml.asgi_app(API.application())
@bentoml.service(
    name="hugline",
    envs=[{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}],
    metrics={"enabled": False},  # BentoML's own have a label for any path that is asked for; ours stand at /metrics as well
    logging={"access": {"enabled": False}},  # ours has the rows, tokens and milliseconds of a request
)
class Hugline:
    """Answers rows with the packaged model."""

    def __init__(self) -> None:
        log_as_json()
        self._running = running()
        if bentoml.server_context.worker_index is not None:
            end_with_supervisor()

    @bentoml.on_shutdown
    async def drain(self) -> None:
        """Answer what waits, and leave nothing behind."""
        await self._running.batcher.drain()
        shutil.rmtree(folder(), ignore_errors=True)


def service() -> Any:
    """What BentoML made of the class."""
    return Hugline


service().add_asgi_middleware(Guard, token=LIMITS.token, paths=PATHS, counting=lambda: running().counters)
