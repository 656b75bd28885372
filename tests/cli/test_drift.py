"""`hugline drift` on a toy project, before and after its rows change."""

import json
import shutil

from tests.conftest import Project, toy_rows, write_rows


def drift(project: Project, *arguments: str, fails: bool = False) -> str:
    return project.python("hugline.cli", "drift", *arguments, fails=fails)


def test_a_first_version_has_nothing_to_be_compared_with(fresh: Project) -> None:
    assert "remedy:   run `dvc repro ingest` first" in drift(fresh, fails=True)
    fresh.python("dvc", "repro", "ingest")
    assert drift(fresh) == "nothing to compare with: no rows are locked at HEAD (commit dvc.lock after a run)\n"


def test_rows_that_changed_are_said_in_one_line(project: Project) -> None:
    same = drift(project)
    assert same.splitlines()[:2] == ["rows         90 at HEAD, 90 here", "             0 added, 0 removed, 0 with another label"]
    assert same.endswith("\nverdict: the same rows\n")

    rows = [(text, "returns" if label == "delivery" else label, channel) for text, label, channel in toy_rows()]
    write_rows(project.folder / "data/demo/messages.csv", [*rows, ("zebra zebra", "repairs", "chat")])
    project.python("dvc", "repro", "ingest")
    moved = drift(project, "--json", "drift.json")
    assert max(map(len, moved.splitlines())) <= 80
    assert moved.splitlines()[:2] == ["rows         90 at HEAD, 91 here", "             1 added, 0 removed, 30 with another label"]
    assert "verdict: label shares moved: delivery 33% -> 0%, returns 33% -> 66%\n" in moved
    assert "% of the words are new\n             zebra\n" in moved  # the demo's texts may be shown
    figures = json.loads(project.read("drift.json"))
    assert (figures["added"], figures["removed"], figures["changed"]) == (1, 0, 30)
    assert figures["vocabulary"]["new_words"] == ["zebra"] and figures["verdict"] == moved.splitlines()[-1].removeprefix("verdict: ")

    project.set(privacy__texts=False)
    assert "zebra" not in drift(project, "--json", "drift.json") + project.read("drift.json")


def test_a_version_that_is_in_no_cache_is_nothing_to_compare_with(project: Project) -> None:
    shutil.rmtree(project.folder / ".dvc/cache")
    said = drift(project, "--against", "main")
    assert said.startswith("nothing to compare with: the rows at main are ") and len(said.splitlines()) == 1


def test_a_revision_that_is_none_is_refused(project: Project) -> None:
    assert "found:    'v9'" in drift(project, "--against", "v9", fails=True)
