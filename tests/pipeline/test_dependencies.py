"""Nothing that a stage imports is missing from its deps in dvc.yaml, but what is named here with its reason."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT, Project

EXEMPT = {
    "hugline/__init__.py": "exports names, computes nothing",
    "hugline/errors.py": "words of errors; a stage that fails writes nothing",
    "hugline/environment.py": "variables and a hidden torchvision; what they select is in the lock and the settings",
    "hugline/params.py": "reads params.yaml, whose values DVC tracks one by one; params.yaml names every one of them",
    "hugline/show.py": "progress bars",
    "hugline/tracking.py": "W&B; changes no output",
    "hugline/tasks/__init__.py": "finds a task's file, which is a dep itself",
    "stages/__init__.py": "arguments, errors, and renaming whole outputs",
}
IMPORTED = """
import json, runpy, sys
sys.argv = {argv!r}
try:
    runpy.run_module({module!r}, run_name="__main__")
finally:
    files = [getattr(m, "__file__", None) for m in list(sys.modules.values())]
    print("IMPORTED " + json.dumps(sorted(f for f in files if f)))
"""
YAML_FILE = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))


def path(entry: Any) -> str:
    return entry if isinstance(entry, str) else next(iter(entry))


@pytest.mark.parametrize("stage", list(YAML_FILE["stages"]))
def test_every_import_of_a_stage_is_a_dep(stage: str, project: Project) -> None:
    settings = YAML_FILE["stages"][stage]
    words = settings["cmd"].replace("${data.path}", "data/demo").replace("${evaluate.behaviour}", "data/behaviour.yaml").split()
    assert words[:2] == ["python", "-m"]
    script = IMPORTED.format(argv=words[2:], module=words[2])
    said = project.run(sys.executable, "-c", script)
    files = json.loads(next(line for line in said.splitlines() if line.startswith("IMPORTED ")).removeprefix("IMPORTED "))
    own = {Path(f).resolve().relative_to(project.folder.resolve()).as_posix() for f in files if Path(f).resolve().is_relative_to(project.folder.resolve())}
    deps = [path(d).replace("${task.name}", "sequence_classification") for d in settings["deps"]]
    assert own, "the stage must import the project's own files, not an installed copy"
    undeclared = {f for f in own if not any(f == d or f.startswith(f"{d}/") for d in deps)} - set(EXEMPT)
    assert undeclared == set()


@pytest.mark.parametrize("stage", list(YAML_FILE["stages"]))
def test_every_section_of_params_that_a_stage_reads_is_declared(stage: str) -> None:
    source = (ROOT / f"stages/{stage}.py").read_text(encoding="utf-8")
    read = {name for name in ("seed", "task", "data", "model", "finetune", "evaluate", "gate", "privacy") if f"params.{name}" in source}
    assert read <= set(YAML_FILE["stages"][stage]["params"])
