"""What must be set before the big libraries are imported: no telemetry, threads that wait asleep, no broken torchvision."""

import importlib
import importlib.util
import os
import sys
from types import ModuleType

# Variables that the user has set stay as they are. W&B is told in hugline/tracking.py.
VARIABLES = {
    "DO_NOT_TRACK": "1",  # Prefect's client and others that honour the common variable
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "BENTOML_DO_NOT_TRACK": "True",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DVC_NO_ANALYTICS": "1",
    # OpenMP threads that have nothing to do sleep instead of spinning: on a machine with other work they would take the
    # very cores that they wait for. python -m benchmarks.waiting_threads measures both.
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "true",  # the stages fork nothing after tokenizing; without it a warning a fork
}


def prepare() -> None:
    """Set the variables for this process and its children; those that are set already stay.

    torch reads OMP_WAIT_POLICY, and Prefect DO_NOT_TRACK, once, when they are imported: call this before.
    """
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)


def hide_broken_torchvision() -> bool:
    """Make a torchvision that can't be imported look absent; True when it is hidden, False where it works or is absent.

    The registry's torchvision is a CUDA build: beside a CPU torch its import fails (`operator
    torchvision::nms does not exist`), and transformers, which only asks whether it is installed, then
    can't import its model classes. fastai requires torchvision and uses it under `fastai.vision` only.
    A `None` in `sys.modules` makes every library see it as absent. A torchvision that works is left alone.
    """
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"] is None
    if importlib.util.find_spec("torchvision") is None:
        return False
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, OSError):
        for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
            del sys.modules[name]
        sys.modules["torchvision"] = None  # type: ignore[assignment]
        return True
    return False


def import_transformers() -> ModuleType:
    """transformers, with a broken torchvision hidden first: the only way this project imports it."""
    prepare()
    if "transformers" not in sys.modules:
        hide_broken_torchvision()
    return importlib.import_module("transformers")
