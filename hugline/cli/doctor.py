"""Whether this environment can do its work."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

from hugline.environment import hide_broken_torchvision
from hugline.errors import UserError


def doctor() -> Iterator[str]:
    """Lines about Python, torch and the GPU; raises UserError for a GPU that torch can't use."""
    import torch

    yield f"Python {sys.version.split()[0]}, torch {torch.__version__}, transformers {version('transformers')}, fastai {version('fastai')}"
    gpus = visible_gpus()
    if gpus and not torch.cuda.is_available():
        raise UserError(
            f"a torch that can use {gpus[0]}",
            f"torch {torch.__version__} (CUDA build: {torch.version.cuda or 'no'}), torch.cuda.is_available() is False",
            "install the build of torch for your driver (pytorch.org/get-started/locally), or hide the GPU: CUDA_VISIBLE_DEVICES=''",
        )
    if torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        if f"sm_{major}{minor}" not in torch.cuda.get_arch_list() and not any(a.startswith(f"sm_{major}") for a in torch.cuda.get_arch_list()):
            raise UserError(f"a torch built for compute capability {major}.{minor}", ", ".join(torch.cuda.get_arch_list()), "install a newer torch")
    yield f"device: {', '.join(gpus) if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu'}"
    if hide_broken_torchvision():
        yield "torchvision does not fit this torch and is hidden (nothing here needs it)"


def visible_gpus() -> list[str]:
    """NVIDIA GPUs as the driver names them, whatever torch thinks; empty without a driver, or where CUDA_VISIBLE_DEVICES hides them."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in {"", "-1"} or not shutil.which("nvidia-smi"):
        return []
    found = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, check=False)
    return found.stdout.split("\n")[:-1] if found.returncode == 0 else []
