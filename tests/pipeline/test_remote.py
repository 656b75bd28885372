"""A second clone gets data, model and package from a DVC remote, and has nothing left to run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Project, toy_rows, write_rows
from tests.pipeline.test_repro import STAGES, hashes

TRAVELS = ("data/ingested", "data/tokenized", "models/finetuned", "models/package")
PAGES = ("reports/report.html", "reports/examples.html", "reports/predictions.parquet")


@pytest.fixture
def clone_of(tmp_path: Path) -> Callable[[Project], Project]:
    """Makes a second clone, which knows no folder of the first but the remote's."""

    def clone(project: Project) -> Project:
        folder = tmp_path / "second"
        project.run("git", "clone", "-q", str(project.folder), str(folder))
        return Project(folder, project.env)

    return clone


def push(project: Project) -> None:
    """The results committed, and their files pushed to a folder as the default remote."""
    project.python("dvc", "remote", "add", "-d", "store", str(project.folder.parent / "store"))
    project.git("add", "-A")
    project.git("commit", "-qm", "Results, and a remote")
    assert "pushed" in project.python("dvc", "push")


def files(project: Project) -> dict[str, str]:
    """The sum of every file that DVC keeps out of git."""
    found = {f"{name}/{file}": value for name in TRAVELS for file, value in hashes(project.folder / name).items()}
    pages = hashes(project.folder / "reports")
    return found | {name: pages[Path(name).name] for name in PAGES}


def test_a_second_clone_pulls_and_runs_no_stage(project: Project, clone_of: Callable[[Project], Project]) -> None:
    push(project)
    second = clone_of(project)
    assert not any((second.folder / name).exists() for name in (*TRAVELS, *PAGES))
    second.python("dvc", "pull")
    assert files(second) == files(project)
    assert second.repro() == dict.fromkeys(STAGES, "unchanged")
    assert second.git("status", "--porcelain") == ""
    assert second.python("dvc", "status", "--cloud").splitlines()[-1] == "Cache and remote 'store' are in sync."


def test_a_second_clone_gets_rows_in_data_raw_that_dvc_tracks(project: Project, clone_of: Callable[[Project], Project]) -> None:
    mine = project.folder / "data/raw/mine.csv"
    write_rows(mine, toy_rows(120))
    project.set(data__path="data/raw/mine.csv")
    project.python("dvc", "add", "data/raw/mine.csv")
    project.repro()
    push(project)
    assert set(project.git("ls-files", "data/raw").split()) == {"data/raw/.gitkeep", "data/raw/mine.csv.dvc"}
    second = clone_of(project)
    second.python("dvc", "pull")
    assert (second.folder / "data/raw/mine.csv").read_bytes() == mine.read_bytes()
    assert files(second) == files(project)
    assert second.repro() == dict.fromkeys(("data/raw/mine.csv.dvc", *STAGES), "unchanged")


def test_rows_without_dvc_add_stay_behind_and_ingest_says_which(project: Project, clone_of: Callable[[Project], Project]) -> None:
    write_rows(project.folder / "data/raw/mine.csv", toy_rows(120))
    project.set(data__path="data/raw/mine.csv")
    push(project)
    second = clone_of(project)
    assert not (second.folder / "data/raw/mine.csv").exists()
    assert "data/raw/mine.csv" in second.python("dvc", "repro", fails=True)


def test_without_the_remotes_files_a_clone_is_told_which_are_missing(project: Project, clone_of: Callable[[Project], Project]) -> None:
    push(project)
    second = clone_of(project)
    shutil.rmtree(project.folder.parent / "store")
    said = second.python("dvc", "pull", fails=True)
    assert "models/package" in said and "Is your cache up to date?" in said


def test_a_change_in_the_second_clone_runs_what_depends_on_it_and_travels_back(project: Project, clone_of: Callable[[Project], Project]) -> None:
    push(project)
    second = clone_of(project)
    second.python("dvc", "pull")
    second.set(gate__floor=0.02)
    assert second.repro() == dict.fromkeys(STAGES[:4], "unchanged") | {"package": "ran"}
    second.git("commit", "-qam", "Another floor")
    second.python("dvc", "push")
    project.git("pull", "-q", str(second.folder), "main")
    project.python("dvc", "pull")
    assert files(project) == files(second)
    assert project.repro() == dict.fromkeys(STAGES, "unchanged")
    (floor,) = (rule["threshold"] for rule in json.loads(project.read("reports/gate.json"))["rules"] if "floor" in rule["rule"])
    assert floor == 0.02
