"""The DVC stages: one command each. What they share: arguments, errors without a traceback, whole outputs or none."""

import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hugline.environment import prepare
from hugline.errors import UserError


def main(stage: Callable[..., None], *names: str) -> None:
    """Run a stage on the paths of the command line; a UserError prints its text and exits 1."""
    prepare()
    logging.basicConfig(level=logging.ERROR, format="%(message)s", stream=sys.stderr)
    for ours in ("hugline", "stages"):
        logging.getLogger(ours).setLevel(logging.INFO)
    if len(sys.argv) - 1 != len(names):
        raise SystemExit(f"usage: python -m {stage.__module__ if stage.__module__ != '__main__' else 'stages.NAME'} {' '.join(names)}")
    try:
        stage(*map(Path, sys.argv[1:]))
    except UserError as error:
        raise SystemExit(f"{error}") from None


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary sibling of an output folder, renamed to it at the end: a killed stage leaves nothing half-written."""
    temporary = path.with_name(f".{path.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(path, ignore_errors=True)
    temporary.rename(path)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary sibling of an output file, renamed to it at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    yield temporary
    temporary.rename(path)


def write_text(path: Path, text: str) -> None:
    """Write a report file, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a report as JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
