"""Prefect decides when and where: real flows, a real server, a real worker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.experiment import free_name
from tests.conftest import LIMIT_S, Project

STAGES = ("ingest", "tokenize", "finetune", "evaluate", "package")


def test_a_flow_releases_the_winner_and_repro_then_runs_nothing(fresh: Project) -> None:
    said = fresh.python("flows.pipeline")
    assert all(f"Task run '{stage}' - Finished in state Executed" in said for stage in STAGES)
    assert "Task run 'golden rows' - Finished in state Completed" in said
    end = said[said.index("\ntest     ") :]
    assert "gate     approved" in end and "report   reports/report.html" in end and "serve    bentoml serve hugline:" in end
    assert fresh.repro() == dict.fromkeys(STAGES, "unchanged")
    assert {line[3:].split("/")[0] for line in fresh.git("status", "--porcelain").splitlines()} == {"dvc.lock", "reports"}
    tag = end.split("bento    ")[1].split(",")[0]
    labels = YAML(typ="safe").load(Path(fresh.env["BENTOML_HOME"], "bentos", *tag.split(":"), "bento.yaml"))["labels"]
    assert labels["commit"] == fresh.git("rev-parse", "HEAD").strip()  # not dirty: only the run's own results differ


def test_after_repro_a_flow_runs_no_stage(project: Project) -> None:
    said = project.python("flows.pipeline")
    assert all(f"Task run '{stage}' - Finished in state Unchanged" in said for stage in STAGES)
    project.set(gate__floor=0.02)
    said = project.python("flows.pipeline")
    assert [stage for stage in STAGES if f"Task run '{stage}' - Finished in state Executed" in said] == ["package"]


def test_an_unapproved_model_ends_the_flow_with_its_reasons_and_no_bento(project: Project) -> None:
    project.set(gate__floor=0.9999)
    said = project.python("flows.pipeline", fails=True)
    assert "failed   not approved: test macro_f1 at least the floor" in said
    assert "Task run 'bento'" not in said
    assert json.loads(project.read("reports/gate.json"))["approved"] is False


def test_a_stage_that_fails_shows_its_own_reason_not_dvcs(fresh: Project) -> None:
    fresh.set(data__columns={"text": "body", "label": "team"})
    said = fresh.python("flows.pipeline", fails=True)
    end = said[said.index("\nfailed   ") :]
    assert "expected: the column 'body'" in end and "remedy:" in end and "255" not in end


@pytest.fixture(scope="module")
def local_server(trained: object, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """`make prefect`'s own program: server, deployments and worker of a project."""
    import shutil

    folder = tmp_path_factory.mktemp("served") / "project"
    shutil.copytree(str(trained), folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    env = {**environment, "PORT": port, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api", "PREFECT_HOME": str(folder.parent / "prefect")}
    log = (folder.parent / "local.log").open("w+", encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-m", "flows.local"], cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + LIMIT_S
        while "ready. In another terminal" not in (text := (folder.parent / "local.log").read_text(encoding="utf-8")):
            assert child.poll() is None and time.monotonic() < deadline, text
            time.sleep(0.5)
        yield Project(folder, env)
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        log.close()


def asked(project: Project, route: str, question: dict[str, object]) -> list[dict[str, object]]:
    """What the Prefect server answers to a filter."""
    url = f"{project.env['PREFECT_API_URL']}/{route}/filter"
    request = urllib.request.Request(url, json.dumps(question).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: list[dict[str, object]] = json.load(answer)
    return found


def flow_runs(project: Project) -> list[dict[str, object]]:
    return asked(project, "flow_runs", {"sort": "START_TIME_DESC"})


def logs(project: Project, run: str) -> list[dict[str, object]]:
    return asked(project, "logs", {"logs": {"flow_run_id": {"any_": [run]}}})


def test_a_deployment_runs_on_the_worker_to_the_end(local_server: Project) -> None:
    local_server.python("prefect", "deployment", "run", "pipeline/local", "--watch", "--watch-timeout", str(LIMIT_S))
    run = flow_runs(local_server)[0]
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Released")
    assert local_server.repro() == dict.fromkeys(STAGES, "unchanged")
    made = {str(artifact["key"]): artifact["data"] for artifact in asked(local_server, "artifacts", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})}
    assert made.keys() == {"metrics", "gate", "data", "labels", "slices", "behaviour", "reliability", "abstain", "report"}
    models = [row["model"] for row in json.loads(str(made["metrics"]))]
    assert models == ["this model", "majority", "tfidf", "probe"]


def test_a_run_with_overrides_is_one_experiment_and_leaves_the_workspace(local_server: Project) -> None:
    before = local_server.git("status", "--porcelain")
    local_server.python("prefect", "deployment", "run", "pipeline/local", "--watch", "--watch-timeout", str(LIMIT_S), "-p", 'overrides={"finetune.lr": 0.001}')
    run = flow_runs(local_server)[0]
    assert run["state_type"] == "COMPLETED", run
    assert local_server.git("status", "--porcelain") == before
    shown = json.loads(local_server.python("dvc", "exp", "show", "--json"))
    found = {e["name"]: e["revs"][0]["data"]["params"]["params.yaml"]["data"] for b in shown for e in b.get("experiments") or []}
    assert found[str(run["name"])]["finetune"]["lr"] == 0.001
    said = [entry["message"] for entry in logs(local_server, str(run["id"]))]
    assert any(line.startswith("Stage 'tokenize'") and "skipping" in line for line in map(str, said)), said


def test_a_wrong_override_is_refused_before_anything_runs(local_server: Project) -> None:
    local_server.python(
        "prefect", "deployment", "run", "pipeline/local", "--watch", "--watch-timeout", str(LIMIT_S), "-p", 'overrides={"finetune.rate": 1}', fails=True
    )
    run = flow_runs(local_server)[0]
    assert run["state_type"] == "FAILED"
    assert "finetune.rate: unknown setting" in str(run["state"]) and "remedy:   correct the overrides" in str(run["state"])


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert [free_name("owl", taken) for taken in ((), ("owl",), ("owl", "owl-2", "owls"))] == ["owl", "owl-2", "owl-3"]
