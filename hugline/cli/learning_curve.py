"""What more rows would bring: the model trained on shares of the training rows, as DVC experiments."""

import csv
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hugline.environment import prepare
from hugline.errors import TrainingError, UserError

VALIDATION, DATA = "reports/validation.json", "reports/data.json"
TAIL = 12  # lines of a failed command that the error repeats


@dataclass(frozen=True)
class Point:
    """One share's training."""

    share: float
    rows: int  # learned from
    held_out: int  # validation rows
    monitor: str
    value: float
    experiment: str


def learning_curve(shares: Sequence[float], file: str | None) -> None:
    """Train on each share in an experiment of its own, print rows beside the validation metric, and write them to `file` as CSV."""
    if bad := [share for share in shares if not 0 < share <= 1]:
        raise UserError("shares of the training rows, above 0 and up to 1", ", ".join(f"{s:g}" for s in bad), "for example: --shares 0.1 0.3 1.0")
    if not _git("rev-parse", "--verify", "--quiet", "HEAD"):
        raise UserError("a project that is committed to git, as DVC's experiments need", "no commit yet", "git add -A && git commit -m Start")
    points = []
    for share in sorted(set(shares)):
        name = _done(share) or _run(share)
        points.append(_point(share, name))
    print()
    for line in lines(points):
        print(line)
    if file:
        _write(points, Path(file))


def _run(share: float) -> str:
    """One experiment; stages that it leaves as they are, and a training that was done before, come from DVC's cache."""
    name = free_name(f"curve-{100 * share:g}".replace(".", "_"), {ref.rsplit("/", 1)[-1] for ref in _refs()})
    print(f"training on {share:.0%} of the rows: experiment {name}", flush=True)
    # rows that git ignores don't travel to the temporary folder; what was ingested from them does, from the cache
    command = ["dvc", "exp", "run", "--temp", "--allow-missing", "-n", name, "-S", f"finetune.share={share:g}", "finetune"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_environment(),
    )
    if done.returncode:
        told = done.stdout.strip().splitlines()
        start = next((i for i in range(len(told) - 1, -1, -1) if told[i].startswith("expected:")), max(0, len(told) - TAIL))
        raise TrainingError(f"`{' '.join(command)}` to end well", "\n".join(told[start:]), "run `dvc repro` first; it says more")
    return name


def _environment() -> dict[str, str]:
    """This Python first on the path, so that `python` in dvc.yaml is the one that runs here."""
    prepare()
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def free_name(name: str, taken: set[str]) -> str:
    """The name, or the first of name-2, name-3, ... that is not taken: DVC refuses a name that is used twice."""
    return next(free for free in chain([name], (f"{name}-{i}" for i in count(2))) if free not in taken)


def _done(share: float) -> str | None:
    """An experiment on this very commit that has trained on the share with otherwise the same settings."""
    if _git("status", "--porcelain", "--untracked-files=no"):
        return None
    head = _git("rev-parse", "HEAD").strip()
    wanted = _settings("HEAD")
    wanted.setdefault("finetune", {})["share"] = share
    for ref in _refs():
        *_, first, rest, name = ref.split("/")
        if first + rest == head and name.startswith("curve-") and _settings(ref) == wanted:
            return name
    return None


def _settings(ref: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(_git("show", f"{ref}:./params.yaml"))
    return found


def _refs() -> list[str]:
    return _git("for-each-ref", "--format=%(refname)", "refs/exps").split()


def _git(*arguments: str) -> str:
    """What a git command printed; nothing where it failed."""
    return subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8").stdout


def _point(share: float, name: str) -> Point:
    ref = next(ref for ref in _refs() if ref.rsplit("/", 1)[-1] == name)
    validation, data = (json.loads(_git("show", f"{ref}:./{file}")) for file in (VALIDATION, DATA))
    monitor = validation["monitor"]
    return Point(share, math.ceil(share * data["train"]), data["validation"], monitor, validation[monitor], name)


def lines(points: Sequence[Point]) -> Iterator[str]:
    """The curve as a table, and what can be said of more rows."""
    monitor = points[0].monitor
    yield f"{'share':>6}  {'training rows':>13}  {'validation ' + monitor:>22}  experiment"
    for p in points:
        yield f"{p.share:>6.0%}  {p.rows:>13,}  {p.value:>22.4f}  {p.experiment}"
    yield ""
    yield outlook(points)


def outlook(points: Sequence[Point]) -> str:
    """What twice the rows might bring, going by the last two points alone."""
    if len(points) < 2 or points[-1].rows <= points[-2].rows:
        return "One size tells no trend: give at least two shares."
    last, before = points[-1], points[-2]
    gain = (last.value - before.value) / math.log2(last.rows / before.rows)
    said = f"From {before.rows:,} to {last.rows:,} rows the metric changed by {gain:+.3f} for each doubling."
    hope = "More rows like these may bring little."
    if gain > 0:
        hope = f"If that went on, {2 * last.rows:,} rows might bring about {min(1.0, last.value + gain):.3f}; gains usually shrink."
    return f"{said}\n{hope}\nOne training a size, {last.held_out:,} validation rows: this can be chance."


def _write(points: Sequence[Point], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("share", "rows", "validation_rows", "monitor", "value", "experiment"))
        writer.writerows((p.share, p.rows, p.held_out, p.monitor, p.value, p.experiment) for p in points)
