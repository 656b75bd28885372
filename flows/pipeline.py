"""The pipeline as a Prefect flow: stale stages by DVC, then the winner as a bento that answers its golden rows.

`python -m flows.pipeline` runs it without a server of your own; `prefect deployment run pipeline/local` on one.
"""

import json
import sys
from pathlib import Path
from typing import Any

from hugline.environment import prepare

prepare()  # before prefect is imported: it reads DO_NOT_TRACK once

from prefect import flow, get_run_logger, task  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.states import Completed, Failed  # noqa: E402

from flows.artifacts import publish  # noqa: E402
from flows.dvc import BusyError, run, stage_order, stale_stages  # noqa: E402
from flows.experiment import Override, check_overrides, run_experiment  # noqa: E402
from hugline.errors import UserError  # noqa: E402

PACKAGE, METRICS, GATE, REPORT = Path("models/package"), Path("reports/metrics.json"), Path("reports/gate.json"), Path("reports/report.html")


def _worth_another_try(_: Any, __: Any, state: State) -> bool:
    """Only a lock or the network is."""
    return isinstance(state.result(raise_on_failure=False), BusyError)


@task(task_run_name="{stage}", cache_policy=NO_CACHE, retries=3, retry_delay_seconds=[2, 10, 30], retry_condition_fn=_worth_another_try)
def run_stage(stage: str, stale: bool) -> State:
    """One DVC stage; the state's name says whether it was Executed, Unchanged, or taken from the RunCache."""
    if not stale:
        return Completed(name="Unchanged", message="dvc status found nothing changed")
    log = get_run_logger()
    return Completed(name=run(["dvc", "repro", "-s", stage], log.info).outcome)


@task(task_run_name="experiment {name}", cache_policy=NO_CACHE)
def run_overrides(name: str, overrides: dict[str, Override]) -> tuple[str, dict[str, str]]:
    """One DVC experiment in a temporary workspace; the workspace stays as it is."""
    return run_experiment(name, overrides, get_run_logger().info)


@task(task_run_name="bento", cache_policy=NO_CACHE)
def build_bento() -> str:
    """The bento of models/package, under its version; the same content is built once."""
    return run(["services.build", str(PACKAGE)], get_run_logger().info).lines[-1].strip()


@task(task_run_name="golden rows", cache_policy=NO_CACHE)
def replay_golden(tag: str) -> None:
    """The bento, served in a fresh process, must answer its golden rows over HTTP as it did when it was packaged."""
    run(["services.check", tag, str(PACKAGE)], get_run_logger().info)


@flow(name="pipeline", persist_result=False)
def pipeline(overrides: dict[str, Override] | None = None) -> Any:
    """Run what is stale, then build, serve and check the winner.

    Args:
        overrides: settings of params.yaml for one DVC experiment, such as {"finetune.lr": 5e-5}. With them nothing
            in the workspace changes and no bento is built: `dvc exp apply NAME` takes the experiment over.
    """
    if overrides:
        from prefect.runtime import flow_run

        return _experiment(str(flow_run.name), overrides)
    log = get_run_logger()
    order, stale = stage_order(), stale_stages(log.info)
    first = next((i for i, stage in enumerate(order) if stage in stale), len(order))
    for i, stage in enumerate(order):
        run_stage(stage, i >= first)
    gate = _read(GATE)
    publish(lambda file: Path(file).read_text(encoding="utf-8"), REPORT.resolve().as_uri())
    if not gate["approved"]:
        return Failed(message=f"not approved: {'; '.join(gate['reasons'])}", data=None)
    tag = build_bento()
    replay_golden(tag)
    return Completed(name="Released", message=tag, data={"bento": tag})


def _experiment(name: str, overrides: dict[str, Override]) -> Any:
    try:
        check_overrides(overrides)
    except UserError as error:
        return Failed(message=str(error))
    name, found = run_overrides(name, overrides)
    gate = json.loads(found["reports/gate.json"])
    publish(found.__getitem__, None)
    if not gate["approved"]:
        return Failed(message=f"experiment {name} not approved: {'; '.join(gate['reasons'])}")
    return Completed(message=f"experiment {name}: dvc exp apply {name} takes it over", data={"experiment": name})


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def summary(metrics: dict[str, Any], gate: dict[str, Any], tag: str | None) -> list[str]:
    """The few lines that say what happened."""
    monitor = metrics["monitor"]
    others = ", ".join(f"{name} {found['accuracy']:.3f}" for name, found in metrics["baselines"].items())
    lines = [
        f"test     accuracy {metrics['accuracy']:.3f}, {monitor} {metrics[monitor]:.3f} on {metrics['rows']} rows (accuracy of the baselines: {others})",
        f"gate     {'approved' if gate['approved'] else 'NOT approved: ' + '; '.join(gate['reasons'])}",
        f"report   {REPORT}",
    ]
    if tag:
        lines += [f"bento    {tag}, its golden rows answered over HTTP", f"serve    bentoml serve {tag} --host 127.0.0.1 --port 3000    (or: make serve)"]
    return lines


def main() -> None:
    """Run the flow in the workspace and say what happened; exits 1 when it failed."""
    state = pipeline(return_state=True)
    if state.is_completed():
        print("\n".join(["", *summary(_read(METRICS), _read(GATE), state.result()["bento"])]))
        return
    print(f"\nfailed   {state.message}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
