"""`hugline doctor`, as the set-up calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch


def run(path: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": path}
    env.pop("CUDA_VISIBLE_DEVICES", None)
    return subprocess.run([sys.executable, "-m", "hugline.cli", "doctor"], env=env, capture_output=True, text=True, timeout=120)


def test_it_says_which_torch_is_here() -> None:
    done = run(os.environ["PATH"])
    assert done.returncode == 0, done.stderr
    assert f"torch {torch.__version__}" in done.stdout and "device: " in done.stdout


@pytest.mark.skipif(torch.cuda.is_available(), reason="this torch can use this machine's GPU")
def test_a_gpu_that_torch_can_not_use_is_an_error(tmp_path: Path) -> None:
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'NVIDIA Test GPU'\n", encoding="utf-8")
    driver.chmod(0o755)
    done = run(f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "expected: a torch that can use NVIDIA Test GPU" in done.stderr and "remedy:" in done.stderr
