"""The package behind the service: where it lies, whether it may be served, and what it says of itself."""

import json
import os
from pathlib import Path
from typing import Any

from hugline.core.store import ONNX, check_manifest
from hugline.core.task import Task
from hugline.errors import PackageError, UserError
from hugline.tasks import load_task


def package_folder() -> Path:
    """HUGLINE_PACKAGE where it is set, else the package that the bento carries, else the pipeline's output."""
    if given := os.environ.get("HUGLINE_PACKAGE"):
        return Path(given).absolute()
    carried = Path(__file__).resolve().parent.parent / "package"
    return carried if carried.is_dir() else Path("models/package").absolute()


def threads() -> int:
    """HUGLINE_THREADS, the threads of ONNX Runtime; 0, the default, means as many as there are cores."""
    given = os.environ.get("HUGLINE_THREADS", "0")
    if not (given.isascii() and given.isdigit()):
        raise UserError("HUGLINE_THREADS as a whole number, 0 or more", repr(given), "correct the variable, or unset it")
    return int(given)


def open_package(folder: Path) -> Task:
    """The task of a package that is whole and approved; raises PackageError.

    HUGLINE_SERVE_UNAPPROVED=1 lets a package without approval through, and `/info` goes on saying so.
    """
    if not (folder / ONNX).is_file():
        found = f"no {ONNX} in {folder}" if folder.is_dir() else f"no folder {folder}"
        raise PackageError("a package with an exported model", found, "run the pipeline, or point HUGLINE_PACKAGE at a package")
    check_manifest(folder)
    gate = read_json(folder, "gate.json")
    if not gate["approved"] and os.environ.get("HUGLINE_SERVE_UNAPPROVED") != "1":
        raise PackageError(
            "an approved package",
            f"not approved: {'; '.join(gate['reasons'])}",
            "train a better model, or set HUGLINE_SERVE_UNAPPROVED=1 to try this one out",
        )
    return load_task(folder)


def facts(folder: Path, task: Task) -> dict[str, Any]:
    """What `/info` says of a package; hashes and versions of its lineage, no paths and no settings."""
    checkpoint, gate, lineage = (read_json(folder, f"{name}.json") for name in ("checkpoint", "gate", "lineage"))
    return {
        "model": {name: checkpoint.get(name) for name in ("id", "revision", "licence")},
        "approved": gate["approved"],
        "reasons": gate["reasons"],
        "task": task.name,
        "inputs": list(task.Input.model_fields),
        "labels": getattr(task, "labels", None),
        "metrics": read_json(folder, "metrics.json"),
        "lineage": {"dependencies": lineage["dependencies"], "checkpoint": checkpoint.get("sha256"), "versions": lineage["versions"]},
    }


def read_json(folder: Path, name: str) -> Any:
    """One of a package's JSON files; raises PackageError."""
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(f"a readable {name} in {folder}", str(error), "run the package stage again") from error
