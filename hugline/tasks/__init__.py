"""The tasks, by name: one file each, imported on use."""

import difflib
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hugline.core.task import Task
from hugline.errors import PackageError

TASKS = {
    "sequence_classification": "hugline.tasks.sequence_classification:SequenceClassification",
}


def task_class(name: str) -> type[Task]:
    """The class of a task; raises ValueError with the known names."""
    if name not in TASKS:
        near = difflib.get_close_matches(name, TASKS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(TASKS)}"
        raise ValueError(f"a known task: {hint}")
    module, _, attribute = TASKS[name].partition(":")
    found: Any = getattr(import_module(module), attribute)
    return found


def load_task(folder: Path) -> Task:
    """The task that was written beside rows or weights; raises PackageError."""
    file = folder / "task.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        return task_class(settings["name"]).model_validate_json(json.dumps(settings))
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise PackageError(f"the settings of a task in {file}", str(error), "run the stage that writes it again") from error


def save_task(task: Task, folder: Path) -> None:
    """Write task.json into a folder."""
    (folder / "task.json").write_text(json.dumps(task.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
