"""One DVC experiment with changed settings, in a temporary workspace."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.dvc import run
from hugline.errors import ParamsError
from hugline.params import parse_params

Override = bool | int | float | str | list[str] | None
PLAIN = re.compile(r"[A-Za-z0-9_.@/+-]+")


def run_experiment(name: str, overrides: dict[str, Override], heard: Callable[[str], None]) -> dict[str, Any]:
    """Check the settings, run `dvc exp run --temp`, and read the experiment's own report files."""
    check_overrides(overrides)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    settings = [part for key, value in overrides.items() for part in ("-S", f"{key}={_literal(value)}")]
    run(["dvc", "exp", "run", "--temp", "-f", "-n", slug, *settings], heard)
    return {"experiment": slug, "metrics": _from_git(slug, "reports/metrics.json"), "gate": _from_git(slug, "reports/gate.json")}


def check_overrides(overrides: dict[str, Override], file: Path = Path("params.yaml")) -> None:
    """Raise ParamsError for a setting that does not exist or a value that is not accepted, before anything runs."""
    tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    for key, value in overrides.items():
        *parents, last = key.split(".")
        section = tree
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        if not isinstance(section, dict):
            raise ParamsError("a setting of params.yaml, as section.name", key, "correct the override's key")
        section[last] = value
    parse_params(tree)


def _literal(value: Override) -> str:
    """A value in the grammar of `dvc exp run -S`."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value)


def _from_git(name: str, file: str) -> dict[str, Any]:
    refs = subprocess.run(["git", "for-each-ref", "--format=%(refname)", "refs/exps"], capture_output=True, text=True, check=True).stdout.split()
    ref = next(ref for ref in refs if ref.rsplit("/", 1)[-1] == name)
    found: dict[str, Any] = json.loads(subprocess.run(["git", "show", f"{ref}:{file}"], capture_output=True, text=True, check=True).stdout)
    return found
