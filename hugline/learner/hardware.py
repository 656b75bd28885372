"""What the settings `auto` mean on this machine: device, precision, optimizer."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from fastai.optimizer import OptimWrapper

from hugline.errors import TrainingError
from hugline.params import FinetuneParams

BETAS, EPS = (0.9, 0.999), 1e-8  # Kingma and Ba, "Adam", 2015, section 2; torch's own defaults


@dataclass(frozen=True)
class Resolved:
    """The settings that decide the bytes of the result, as they were on the machine that trained."""

    device: str
    precision: str
    optimizer: str
    threads: int

    def as_dict(self) -> dict[str, Any]:
        """For the record beside the metrics."""
        return asdict(self)


def resolve(settings: FinetuneParams) -> Resolved:
    """What `auto` comes to here; raises TrainingError for a device that is not here."""
    device: str = settings.device
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        device = next(name for name, there in available.items() if there)
    if not available[device]:
        here = ", ".join(name for name, there in available.items() if there)
        raise TrainingError(f"finetune.device {device} on this machine", f"torch {torch.__version__} sees {here}", "set finetune.device: auto")
    precision: str = settings.precision
    if precision == "auto":
        precision = "bf16" if _computes_bf16(device) else "fp32"
    if precision == "fp16" and device == "cpu":
        raise TrainingError("finetune.precision fp32 or bf16 on a CPU", "fp16", "set finetune.precision: auto")
    optimizer: str = settings.optimizer
    if optimizer == "auto":
        optimizer = "foreach" if device == "mps" else "fused"
    return Resolved(device, precision, optimizer, settings.threads)


def _computes_bf16(device: str) -> bool:
    """Whether bf16 is computed by the processor, not emulated."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device == "cpu":
        capability = torch.backends.cpu.get_cpu_capability()
        return (capability in {"AVX512", "AVX512_AMX"} and _cpu_flag("avx512_bf16")) or _cpu_flag("amx_bf16")
    return False


def _cpu_flag(flag: str) -> bool:
    try:
        with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as info:
            return any(flag in line.split() for line in info if line.startswith("flags"))
    except OSError:
        return False


def adamw(resolved: Resolved, weight_decay: float) -> Any:
    """fastai's `opt_func` for torch's AdamW; each group of the splitter brings its own weight decay."""
    kinds = {"fused": {"fused": True}, "foreach": {"foreach": True}, "loop": {"foreach": False, "fused": False}}
    return partial(OptimWrapper, opt=torch.optim.AdamW, betas=BETAS, eps=EPS, weight_decay=weight_decay, **kinds[resolved.optimizer])
