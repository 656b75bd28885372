"""`hugline report`: real git repositories, real DVC caches, and the workflow that calls it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from hugline.params import parse_params
from tests.evaluation.pages import refuses_other_hosts

ROOT = Path(__file__).parents[2]
WORKFLOW = YAML(typ="safe", pure=True).load((ROOT / ".github/workflows/report.yml").read_text(encoding="utf-8"))
NAMES = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@localhost", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@localhost"}
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "DVC_"))} | NAMES | {"DO_NOT_TRACK": "1"}


def run(folder: Path, *command: str, code: int = 0) -> str:
    done = subprocess.run(command, cwd=folder, env=ENV, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, f"{command} exited with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def dvc(folder: Path, *arguments: str) -> str:
    return run(folder, sys.executable, "-m", "dvc", *arguments)


def report(folder: Path, *arguments: str, code: int = 0) -> str:
    return run(folder, sys.executable, "-m", "hugline.cli", "report", *arguments, code=code)


def write_results(folder: Path, right: int, lr: float, source: str = "aaa") -> None:
    """Results on rows 1 to 60 of which the first `right` are right; the answers are DVC's to keep."""
    settings = parse_params({}).model_dump(mode="json")
    settings["finetune"]["lr"], settings["evaluate"]["resamples"] = lr, 200
    baselines = {"majority": {"accuracy": 0.5, "gain": {"mean": 0.1, "low": 0.0, "high": 0.2}}}
    files: dict[str, Any] = {
        "params.yaml": settings,
        "reports/metrics.json": {"rows": 60, "accuracy": right / 60, "baselines": baselines},
        "reports/gate.json": {"approved": True, "reasons": []},
        "dvc.lock": {"stages": {"ingest": {"deps": [{"path": "data/demo", "md5": source}, {"path": "hugline/core", "md5": str(lr)}]}}},
    }
    (folder / "reports/plots").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "reports/plots/labels.csv").write_text(f"label,precision,recall,f1,rows\na,1,1,{right / 60},60\n", encoding="utf-8")
    columns = {"row": list(range(1, 61)), "label": ["a"] * 60, "predicted": ["a"] * right + ["b"] * (60 - right)}
    pq.write_table(pa.table(columns), folder / "reports/predictions.parquet")
    dvc(folder, "add", "-q", "reports/predictions.parquet")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a tag `empty` before any results, one commit of results on `main`, and better ones in the workspace."""
    folder = tmp_path_factory.mktemp("made") / "project"
    folder.mkdir()
    run(folder, "git", "init", "-q", "-b", "main")
    dvc(folder, "init", "-q")
    run(folder, "git", "commit", "-qm", "Empty")
    run(folder, "git", "tag", "empty")
    write_results(folder, 30, 1e-4)
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "Results")
    write_results(folder, 55, 5e-5)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(made, tmp_path / "project")
    yield tmp_path / "project"
    shutil.rmtree(tmp_path / "project", ignore_errors=True)


def test_the_workspace_is_compared_with_a_branch_row_by_row(project: Path) -> None:
    said = report(project, "--against", "main")
    assert re.match(r"\*\*Better than main\*\*: \+41\.7 points of accuracy, 95% interval \+\d+\.\d to \+\d+\.\d\. Approved, as before\.\n", said)
    assert "60 test rows in both versions. Right now and wrong before: 25 (rows 31, 32," in said
    assert "| finetune.lr | 0.0001 | 5e-05 |" in said and "| seed |" not in said
    assert "| a | 0.500 | 0.917 | +0.417 | better |" in said
    assert "source of the rows" not in said


def test_both_forms_are_written_to_files_and_nothing_is_printed(project: Path) -> None:
    said = report(project, "--against", "main")
    assert report(project, "--against", "HEAD", "--markdown", "comment.md", "--html", "page.html") == ""
    assert (project / "comment.md").read_text(encoding="utf-8") == said.replace("main", "HEAD")
    page = (project / "page.html").read_text(encoding="utf-8")
    assert refuses_other_hosts(page) and "Better than HEAD: +41.7 points" in page


def test_answers_of_an_earlier_version_come_from_the_remote_configured_now(project: Path, tmp_path: Path) -> None:
    dvc(project, "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    shutil.move(project / ".dvc/cache/files", tmp_path / "store/files")  # a remote is laid out as the cache is
    assert report(project, "--against", "main").startswith("**Better than main**")


def test_answers_that_can_not_be_had_leave_the_metrics(project: Path) -> None:
    shutil.rmtree(project / ".dvc/cache")
    said = report(project, "--against", "main")
    assert said.startswith("**Not settled against main**: accuracy +41.7 points, but without the answers row by row, chance can't be told from change.")
    assert "- Metrics only, no single rows: reports/predictions.parquet of main is neither in DVC's cache nor can it be fetched (" in said
    assert "| Accuracy | 0.5000 | 0.9167 | +0.4167 | better |" in said


def test_answers_missing_here_leave_the_metrics(project: Path) -> None:
    (project / "reports/predictions.parquet").unlink()
    assert "Metrics only, no single rows: reports/predictions.parquet is not here (dvc pull or dvc repro brings it)." in report(project, "--against", "main")


def test_an_experiment_is_compared_by_its_name(project: Path) -> None:
    dvc(project, "exp", "save", "-q", "-n", "faster", "-I", "reports/predictions.parquet.dvc")
    write_results(project, 55, 5e-5)
    said = report(project, "--against", "faster")
    assert said.startswith("**As good as faster**: 60 shared test rows, each right or wrong as before.")
    assert "No setting of params.yaml differs." in said


def test_another_source_and_files_that_are_missing_are_told(project: Path) -> None:
    write_results(project, 55, 5e-5, source="bbb")
    (project / "reports/data.json").write_text(json.dumps({"rows_in": 3, "labels": []}), encoding="utf-8")
    said = report(project, "--against", "main")
    assert "- The source of the rows has changed since main: rows are matched by number and label" in said
    assert "- reports/data.json is not at main, so it is not compared." in said


def test_a_project_in_a_folder_of_its_repository_is_compared(project: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    run(outer, "git", "init", "-q", "-b", "main")
    inner = outer / "inner"
    inner.mkdir()
    dvc(inner, "init", "-q", "--subdir")
    write_results(inner, 30, 1e-4)
    run(outer, "git", "add", "-A")
    run(outer, "git", "commit", "-qm", "Results")
    assert report(inner, "--against", "main").startswith("**As good as main**")


def no_repository(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def no_results(folder: Path) -> None:
    (folder / "reports/metrics.json").unlink()


def broken_results(folder: Path) -> None:
    (folder / "reports/metrics.json").write_text("{", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "revision", "expected", "remedy"),
    [
        (None, "nope", "a branch, tag, commit or DVC experiment", "git branch -a"),
        (None, "empty", "a revision with results in reports/metrics.json", "name a later one"),
        (no_repository, "main", "a git repository", "run in the project's root folder"),
        (no_results, "main", "results in reports/metrics.json", "make run"),
        (broken_results, "main", "JSON in reports/metrics.json of this version", "run the pipeline again"),
    ],
)
def test_what_can_not_be_compared_says_what_was_expected(
    project: Path, spoil: Callable[[Path], None] | None, revision: str, expected: str, remedy: str
) -> None:
    if spoil:
        spoil(project)
    said = report(project, "--against", revision, code=1)
    assert said.startswith(f"expected: {expected}") and "\nfound:    " in said and remedy in said and "Traceback" not in said


def commands() -> list[list[str]]:
    """Every command of the workflow's steps, in words."""
    scripts = [step["run"] for step in WORKFLOW["jobs"]["report"]["steps"] if "run" in step]
    lines = [line.strip() for script in scripts for line in script.splitlines()]
    return [shlex.split(line) for line in lines if not re.match(r"(if|else|fi)\b", line)] + [[".venv/bin/dvc", "remote", "list"]]


def test_every_command_of_the_workflow_exists() -> None:
    from dvc.cli.parser import get_main_parser

    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for program, *arguments in commands():
        if program == "make":
            assert set(arguments) <= targets
        elif program == ".venv/bin/dvc":
            get_main_parser().parse_args(arguments)
        elif program == ".venv/bin/hugline":
            usage = run(ROOT, sys.executable, "-m", "hugline.cli", arguments[0], "--help")
            assert all(option in usage for option in arguments if option.startswith("--"))
        else:
            assert program in {"cat", "gh"}
    assert [command[0] for command in commands()].count(".venv/bin/hugline") == 1


def test_the_workflow_may_comment_and_no_more_and_uses_no_other_hands() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert set(WORKFLOW["on"]) == {"pull_request"}
    used = [step["uses"] for step in WORKFLOW["jobs"]["report"]["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    scripts = " ".join(step.get("run", "") for step in WORKFLOW["jobs"]["report"]["steps"])
    assert "${{" not in scripts  # nothing of a pull request's own words inside a command
