"""One DVC experiment with changed settings, in a temporary workspace."""

import json
import re
import subprocess
from collections.abc import Callable, Collection
from itertools import chain, count
from pathlib import Path

from ruamel.yaml import YAML

from flows.dvc import run
from hugline.errors import ParamsError
from hugline.params import parse_params

Override = bool | int | float | str | list[str] | None
PLAIN = re.compile(r"[A-Za-z0-9_.@/+-]+")


def run_experiment(name: str, overrides: dict[str, Override], heard: Callable[[str], None]) -> tuple[str, dict[str, str]]:
    """Run `dvc exp run --temp` with checked settings: the experiment's name, and its report files by path.

    Stages that the settings leave as they were come from DVC's cache. A name that is taken gets a number.
    """
    free = free_name(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"), {ref.rsplit("/", 1)[-1] for ref in _refs()})
    settings = [part for key, value in overrides.items() for part in ("-S", f"{key}={_literal(value)}")]
    run(["dvc", "exp", "run", "--temp", "-n", free, *settings], heard)
    ref = next(ref for ref in _refs() if ref.rsplit("/", 1)[-1] == free)
    files = _git("ls-tree", "-r", "--name-only", ref, "reports").splitlines()
    return free, {file: _git("show", f"{ref}:{file}") for file in files}


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of name-2, name-3, ... that is not taken: DVC refuses a name that is used twice."""
    return next(free for free in chain([name], (f"{name}-{i}" for i in count(2))) if free not in taken)


def check_overrides(overrides: dict[str, Override], file: Path = Path("params.yaml")) -> None:
    """Raise ParamsError for a setting that does not exist or a value that is not accepted, before anything runs."""
    remedy = "correct the overrides"
    tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    for key, value in overrides.items():
        *parents, last = key.split(".")
        section = tree
        for parent in parents:
            section = section.get(parent) if isinstance(section, dict) else None
        if not isinstance(section, dict):
            raise ParamsError("a setting of params.yaml, as section.name", key, remedy)
        section[last] = value
    parse_params(tree, remedy)


def _literal(value: Override) -> str:
    """A value in the grammar of `dvc exp run -S`."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value)


def _refs() -> list[str]:
    """Git's references to the experiments; the last part of each is its name."""
    return _git("for-each-ref", "--format=%(refname)", "refs/exps").split()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", check=True).stdout
