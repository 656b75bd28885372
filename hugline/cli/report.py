"""`hugline report`: the results here beside those of a git revision or a DVC experiment."""

import csv
import json
import logging
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from hugline.errors import UserError
from hugline.evaluation.comparison import Prediction, Results, compare_results
from hugline.evaluation.report import render_comparison, render_markdown
from hugline.params import load_params

log = logging.getLogger(__name__)

METRICS, PREDICTIONS = "reports/metrics.json", "reports/predictions.parquet"
OPTIONAL = ("reports/gate.json", "reports/data.json", "params.yaml", *(f"reports/plots/{name}.csv" for name in ("labels", "slices", "behaviour")))
Predictions = dict[int, Prediction]
Read = Callable[[str], str | None]  # a file's text by its path, None where there is no such file


def report(against: str, html: str | None, markdown: str | None) -> None:
    """Print the comparison in Markdown, or write it to `markdown`, and as a page to `html`; raises UserError."""
    params, commit = load_params(), find_commit(against)
    there = _read_at(commit)
    if there(METRICS) is None:
        raise UserError(f"a revision with results in {METRICS}", f"{against} ({commit[:7]}) has none", "name a later one, or commit reports/ there")
    if _read_here(METRICS) is None:
        raise UserError(f"results in {METRICS}", "no such file here", "run `make run`, or `dvc pull`, first")
    ours, theirs = _predictions_here(), _predictions_at(commit, against)
    notes = [f"Metrics only, no single rows: {why}." for why in (ours, theirs) if isinstance(why, str)]
    notes += [f"{path} is not at {against}, so it is not compared." for path in OPTIONAL if there(path) is None and _read_here(path) is not None]
    before, after = _results(against, there, theirs), _results("this version", _read_here, ours)
    comparison = compare_results(before, after, params.evaluate, params.seed)
    notes += _source_note(there, against)
    if html:
        Path(html).write_text(render_comparison(comparison, notes), encoding="utf-8")
    text = render_markdown(comparison, notes)
    if markdown:
        Path(markdown).write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def find_commit(revision: str) -> str:
    """The commit of a branch, tag, hash or DVC experiment; raises UserError where there is none."""
    if _git("rev-parse", "--git-dir") is None:
        raise UserError("a git repository, in which the earlier results are", f"none in {Path.cwd().name}", "run in the project's root folder")
    refs = (_git("for-each-ref", "--format=%(refname)", "refs/exps") or "").split()
    experiments = [ref for ref in refs if ref.rpartition("/")[2] == revision]
    for name in (revision, *experiments):
        found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found:
            return found.strip()
    raise UserError("a branch, tag, commit or DVC experiment of this repository", repr(revision), "see `git branch -a` and `dvc exp list`, or fetch it first")


def _git(*arguments: str) -> str | None:
    """What git printed; None where it failed."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else None


def _read_here(path: str) -> str | None:
    return Path(path).read_text(encoding="utf-8") if Path(path).is_file() else None


def _read_at(commit: str) -> Read:
    return lambda path: _git("show", f"{commit}:./{path}")


def _results(name: str, read: Read, predictions: Predictions | str) -> Results:
    settings = read("params.yaml")
    return Results(
        name,
        metrics=_json(read, METRICS, name),
        gate=_json(read, "reports/gate.json", name),
        data=_json(read, "reports/data.json", name),
        params=None if settings is None else YAML(typ="safe", pure=True).load(settings) or {},
        labels=_table(read, "reports/plots/labels.csv"),
        slices=_table(read, "reports/plots/slices.csv"),
        behaviour=_table(read, "reports/plots/behaviour.csv"),
        predictions=None if isinstance(predictions, str) else predictions,
    )


def _json(read: Read, path: str, name: str) -> Any:
    text = read(path)
    try:
        return None if text is None else json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"JSON in {path} of {name}", str(error), "run the pipeline again, or name another revision") from None


def _table(read: Read, path: str) -> list[dict[str, str]] | None:
    text = read(path)
    return None if text is None else list(csv.DictReader(text.splitlines()))


def _predictions(content: bytes) -> Predictions:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(content), columns=["row", "label", "predicted"]).to_pydict()
    return {row: Prediction(*both) for row, *both in zip(table["row"], table["label"], table["predicted"], strict=True)}


def _predictions_here() -> Predictions | str:
    file = Path(PREDICTIONS)
    return _predictions(file.read_bytes()) if file.is_file() else f"{PREDICTIONS} is not here (dvc pull or dvc repro brings it)"


def _predictions_at(commit: str, name: str) -> Predictions | str:
    """The answers at a commit, from DVC's cache or remote, or why they can't be had.

    The remote is the one configured now: that of the commit may have moved since.
    """
    from dvc.api import DVCFileSystem
    from dvc.repo import Repo

    try:
        with Repo(".") as repo:
            config = {section: dict(repo.config[section]) for section in ("core", "remote", "cache")}
        top, prefix = (str(_git("rev-parse", option)).strip() for option in ("--show-toplevel", "--show-prefix"))
        return _predictions(DVCFileSystem(top, rev=commit, subrepos=True, config=config).read_bytes(f"{prefix}{PREDICTIONS}"))
    except Exception as error:  # a remote's own library may raise anything: no key, no network, no such file
        log.debug("no answers of %s", name, exc_info=True)
        return f"{PREDICTIONS} of {name} is neither in DVC's cache nor can it be fetched ({type(error).__name__})"


def _source_note(there: Read, name: str) -> list[str]:
    """A warning where the rows come from other bytes: rows are matched by their number in the source."""
    ours, theirs = (_source_hash(read("dvc.lock")) for read in (_read_here, there))
    if ours is None or theirs is None or ours == theirs:
        return []
    return [f"The source of the rows has changed since {name}: rows are matched by number and label, and a number may stand for another row now."]


def _source_hash(lock: str | None) -> str | None:
    """The hash of what ingest reads, in a dvc.lock."""
    stages = (YAML(typ="safe", pure=True).load(lock) or {}).get("stages", {}) if lock else {}
    deps = stages.get("ingest", {}).get("deps", [])
    found = {dep["path"]: dep.get("md5") for dep in deps}
    return next((md5 for path, md5 in found.items() if not path.startswith(("stages/", "hugline/"))), None)
