"""DVC decides what is stale: real repositories, real runs."""

import hashlib
import json
from pathlib import Path

from tests.conftest import Project, toy_rows, write_rows

STAGES = ("ingest", "tokenize", "finetune", "evaluate", "package")


def hashes(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_second_repro_runs_nothing_and_git_sees_only_results(project: Project) -> None:
    assert project.repro() == dict.fromkeys(STAGES, "unchanged")
    assert project.git("status", "--porcelain") == ""
    changed = project.git("show", "--stat", "--name-only", "--format=", "HEAD").split()
    assert set(changed) == {
        "dvc.lock",
        *(f"reports/{n}" for n in ("data.json", "gate.json", "history.tsv", "metrics.json", "validation.json")),
        *(f"reports/plots/{n}.csv" for n in ("abstain", "behaviour", "confusion", "gains", "labels", "reliability", "slices")),
    }


def test_a_changed_setting_runs_what_depends_on_it_and_changed_back_nothing(project: Project) -> None:
    project.set(finetune__lr=0.001)
    assert project.repro() == {"ingest": "unchanged", "tokenize": "unchanged", "finetune": "ran", "evaluate": "ran", "package": "ran"}
    project.set(finetune__lr=0.003)
    back = project.repro()
    assert {stage: how for stage, how in back.items() if how == "ran"} == {}
    assert project.git("status", "--porcelain", "reports", "dvc.lock") == ""
    project.set(gate__floor=0.02)
    assert project.repro() == dict.fromkeys(STAGES[:4], "unchanged") | {"package": "ran"}
    project.set(tracking__tags=["later"])
    assert project.repro() == dict.fromkeys(STAGES, "unchanged")


def test_the_same_inputs_in_another_folder_give_the_same_bytes(project: Project, fresh_elsewhere: Project) -> None:
    fresh_elsewhere.repro()
    assert hashes(fresh_elsewhere.folder / "models/package") == hashes(project.folder / "models/package")
    assert hashes(fresh_elsewhere.folder / "reports") == hashes(project.folder / "reports")


def test_rows_in_data_raw_survive_and_one_appended_row_stales_ingest(project: Project) -> None:
    raw = project.folder / "data/raw/mine.csv"
    write_rows(raw, toy_rows())
    project.set(data__path="data/raw/mine.csv")
    before = raw.read_bytes()
    assert project.repro()["ingest"] == "ran"
    assert raw.read_bytes() == before
    with raw.open("a", encoding="utf-8") as stream:
        stream.write("where is my parcel now,delivery,chat\n")
    status = json.loads(project.python("dvc", "status", "--json").splitlines()[-1])
    assert "ingest" in status
    project.repro()
    assert json.loads(project.read("reports/data.json"))["rows_in"] == 91


def test_an_experiment_leaves_the_workspace_alone(project: Project) -> None:
    project.python("dvc", "exp", "run", "--temp", "-n", "slower", "-S", "finetune.lr=1e-5")
    assert project.git("status", "--porcelain") == ""
    shown = json.loads(project.python("dvc", "exp", "show", "--json"))
    names = [experiment["name"] for baseline in shown for experiment in baseline.get("experiments") or []]
    assert names == ["slower"]


def test_an_experiment_sees_rows_in_data_raw_that_dvc_tracks(project: Project) -> None:
    write_rows(project.folder / "data/raw/mine.csv", toy_rows(120))
    project.set(data__path="data/raw/mine.csv")
    project.python("dvc", "add", "data/raw/mine.csv")
    project.git("add", "data/raw/mine.csv.dvc", "params.yaml")
    project.git("commit", "-qm", "My rows")
    project.python("dvc", "exp", "run", "--temp", "-n", "mine", "-S", "finetune.epochs=1")
    ref = next(line for line in project.git("for-each-ref", "--format=%(refname)", "refs/exps").split() if line.endswith("/mine"))
    assert json.loads(project.git("show", f"{ref}:reports/data.json"))["rows_in"] == 120


def test_metrics_plots_and_the_graph_are_shown(project: Project) -> None:
    metrics = json.loads(project.python("dvc", "metrics", "show", "--json"))[""]["data"]
    assert metrics["reports/metrics.json"]["data"]["macro_f1"] > 0.2
    project.python("dvc", "plots", "show")
    page = project.read("dvc_plots/index.html")
    assert "Loss and the monitored metric by epoch" in page and "Test rows, actual against predicted" in page
    assert all(f"| {stage} |" in project.python("dvc", "dag") for stage in STAGES)


def test_a_run_for_wandb_holds_no_command_line_no_git_state_and_no_text(project: Project) -> None:
    project.set(finetune__epochs=1)
    project.repro()
    runs = list((project.folder / "wandb").glob("offline-run-*"))
    assert len(runs) >= 2
    sent = [p for run in runs for p in (*run.glob("*.wandb"), *run.glob("files/**/*")) if p.is_file()]  # logs/ stay on the machine
    content = b"".join(p.read_bytes() for p in sent)
    assert b"finetune" in content and b"macro_f1" in content
    for secret in (b"stages.finetune data/ingested", b"parcel", str(project.folder).encode(), project.git("rev-parse", "HEAD").strip().encode()):
        assert secret not in content, secret
