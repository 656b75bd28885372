"""What must be set before the big libraries are imported: telemetry off, a broken torchvision hidden."""

import importlib
import os
import sys
from types import ModuleType

# No telemetry unless the user turns it on by setting the variable. W&B is told in hugline/tracking.py.
QUIET = {
    "DO_NOT_TRACK": "1",  # Prefect's client and others that honour the common variable
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "BENTOML_DO_NOT_TRACK": "True",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DVC_NO_ANALYTICS": "1",
    "TOKENIZERS_PARALLELISM": "true",  # the stages fork nothing after tokenizing; without it a warning a fork
}


def quiet() -> None:
    """Turn telemetry off for this process and its children; variables that are set already stay."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def hide_broken_torchvision() -> bool:
    """Make a torchvision that can't be imported look absent; True when it was hidden.

    The registry's torchvision is a CUDA build: beside a CPU torch its import fails (`operator
    torchvision::nms does not exist`), and transformers, which only asks whether it is installed, then
    can't import its model classes. fastai requires torchvision and uses it under `fastai.vision` only.
    A `None` in `sys.modules` makes every library see it as absent. A torchvision that works is left alone.
    """
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"] is None
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
    quiet()
    if "transformers" not in sys.modules:
        hide_broken_torchvision()
    return importlib.import_module("transformers")
