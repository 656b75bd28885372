"""Weights & Biases: one quiet run a stage, online with a key, else offline; it can fail without changing a result."""

import logging
import netrc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from hugline.params import TrackingParams

log = logging.getLogger(__name__)

INIT_TIMEOUT_S = 8


class Tracker:
    """A W&B run, or nothing where tracking is disabled; use it in a `with`."""

    def __init__(self, settings: TrackingParams, job: str, config: dict[str, Any]) -> None:
        self._run: Any = None
        mode = _mode(settings.mode)
        if mode != "disabled":
            self._run = _start(settings, mode, job, config)

    def log(self, step: int, values: dict[str, float]) -> None:
        """Values at an optimizer step."""
        if self._run is not None:
            self._run.log({k: v for k, v in values.items() if k != "epoch"}, step=step)

    def summary(self, values: dict[str, Any]) -> None:
        """Final values of the run."""
        if self._run is not None:
            self._run.summary.update(values)

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """A table of figures; texts of rows have no place in it."""
        if self._run is not None:
            import wandb

            self._run.log({name: wandb.Table(columns=list(columns), data=[list(row) for row in rows])})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._run is not None:
            self._run.finish(exit_code=1 if kind else 0)


def _mode(mode: str) -> str:
    if mode != "auto":
        return mode
    return "online" if os.environ.get("WANDB_API_KEY") or _key_in_netrc() else "offline"


def _key_in_netrc() -> bool:
    try:
        return netrc.netrc().authenticators("api.wandb.ai") is not None
    except (OSError, netrc.NetrcParseError):
        return False


def _start(settings: TrackingParams, mode: str, job: str, config: dict[str, Any]) -> Any:
    """A run of wandb; where the network is missing, an offline one after at most `INIT_TIMEOUT_S`.

    Runs lie in the project's own folder even from a temporary DVC workspace, which DVC removes.
    """
    os.environ["WANDB_SILENT"] = "true"
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    import wandb

    experiment = os.environ.get("DVC_EXP_NAME")
    for attempt in dict.fromkeys((mode, "offline")):
        try:
            return wandb.init(
                project=settings.project,
                entity=settings.entity,
                group=settings.group or experiment,
                job_type=job,
                name=f"{experiment}-{job}" if experiment else job,
                tags=settings.tags,
                config=config,
                dir=Path(os.environ.get("DVC_ROOT", ".")),
                settings=_settings(wandb, attempt),
            )
        except wandb.errors.Error as error:
            log.warning("tracking: W&B %s failed (%s)%s", attempt, type(error).__name__, "; going on offline" if attempt == "online" else "")
    return None


def _settings(wandb: Any, mode: str) -> Any:
    """No command line, git state, code, console or machine statistics leave with a run."""
    return wandb.Settings(
        mode=mode,
        init_timeout=INIT_TIMEOUT_S,
        console="off",
        disable_git=True,
        disable_code=True,
        save_code=False,
        x_disable_meta=True,
        x_disable_stats=True,
        x_save_requirements=False,
        silent=True,
    )
