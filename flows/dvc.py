"""DVC by its commands: the order of the stages, what is stale, one stage at a time."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

BUSY = re.compile(
    r"Unable to acquire lock|is busy, it is being blocked|ConnectionError|Connection reset|Temporary failure in name resolution|timed out", re.IGNORECASE
)
OUTCOMES = {"is cached - skipping run": "RunCache", "didn't change, skipping": "Unchanged"}
TAIL = 12  # lines of a failed command that its error repeats
QUIET = (  # what DVC says of itself
    "ERROR: failed to reproduce",
    "To track the changes with git",
    "To enable auto staging",
    "Use `dvc push`",
    "Updating lock file",
    "Generating lock file",
    "git add",
    "dvc config core.autostage",
    "Running stage",
)


class StageError(RuntimeError):
    """A command ended with an error; the message is what it said, not DVC's 255."""


class BusyError(StageError):
    """A lock or the network stood in the way: worth another try."""


@dataclass(frozen=True)
class Finished:
    """A command that ended well."""

    lines: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """What `dvc repro` did: Executed, Unchanged, or RunCache."""
        return next((name for line in self.lines for said, name in OUTCOMES.items() if said in line), "Executed")


def environment() -> dict[str, str]:
    """The child's environment: this Python first on the path, so that `python` in dvc.yaml is the one that runs the flow."""
    from hugline.environment import prepare

    prepare()
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}", "PYTHONUNBUFFERED": "1"}


def run(arguments: list[str], heard: Callable[[str], None], extra: Mapping[str, str] | None = None) -> Finished:
    """Run `python -m ...` in our own process group, telling every line; raises StageError with the real cause, or BusyError."""
    command = [sys.executable, "-m", *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors="replace", env={**environment(), **(extra or {})}
    ) as child:
        assert child.stdout is not None
        try:
            for line in child.stdout:
                text = line.rstrip()
                lines.append(text)
                if text and not text.strip().startswith(QUIET):
                    heard(text)
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        said = [line for line in lines if line and not line.strip().startswith(QUIET)]
        raise (BusyError if any(BUSY.search(line) for line in said) else StageError)(_cause(said) or f"{' '.join(arguments)} exited with {child.returncode}")
    return Finished(tuple(lines))


def _cause(lines: list[str]) -> str:
    """The part of a failed command's output that says why: from `expected:` on where it is there, else its end."""
    start = next((i for i in range(len(lines) - 1, -1, -1) if lines[i].startswith("expected:")), max(0, len(lines) - TAIL))
    return "\n".join(lines[start:])


def stage_order(file: Path = Path("dvc.yaml")) -> list[str]:
    """The stages of dvc.yaml, each after those whose outputs it reads."""
    stages: dict[str, dict[str, Any]] = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))["stages"]
    made_by = {_path(out): name for name, stage in stages.items() for kind in ("outs", "metrics", "plots") for out in stage.get(kind, ())}
    graph = {name: {made_by[dep] for dep in map(_path, stage.get("deps", ())) if dep in made_by} for name, stage in stages.items()}
    return list(TopologicalSorter(graph).static_order())


def _path(entry: str | dict[str, Any]) -> str:
    return entry if isinstance(entry, str) else next(iter(entry))


def stale_stages(heard: Callable[[str], None]) -> set[str]:
    """The stages that `dvc status` finds changed; DVC is asked once."""
    finished = run(["dvc", "status", "--json"], lambda line: None)
    for line in reversed(finished.lines):
        if line.startswith("{"):
            return set(json.loads(line))
        heard(line)
    return set()
