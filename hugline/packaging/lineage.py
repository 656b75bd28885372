"""Where a package comes from: hashes of what it was made of, settings, versions; no time, path, host or commit."""

import hashlib
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hugline.core.checkpoint import sha256

LIBRARIES = ("torch", "fastai", "transformers", "tokenizers", "datasets", "numpy", "scikit-learn", "onnx", "onnxscript", "onnxruntime", "pyarrow")


def lineage(dependencies: Mapping[str, Path], params: Mapping[str, Any], checkpoint: Mapping[str, Any], resolved: Mapping[str, Any]) -> dict[str, Any]:
    """What lineage.json says."""
    return {
        "dependencies": {name: hash_of(path) for name, path in dependencies.items()},
        "params": {k: v for k, v in params.items() if k != "tracking"},
        "checkpoint": dict(checkpoint),
        "resolved": dict(resolved),
        "versions": {"python": ".".join(map(str, sys.version_info[:3]))} | {name: version(name).partition("+")[0] for name in LIBRARIES},
    }


def hash_of(path: Path) -> str:
    """The sha256 of a file, or of a folder's file names and sums."""
    if path.is_file():
        return sha256(path)
    sums = "\n".join(f"{p.relative_to(path).as_posix()} {sha256(p)}" for p in sorted(path.rglob("*")) if p.is_file())
    return hashlib.sha256(sums.encode()).hexdigest()
