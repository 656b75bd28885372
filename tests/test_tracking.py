"""W&B follows a run where it can, and never stands in its way."""

import json
import logging
from pathlib import Path

import pytest

from hugline.params import TrackingParams
from hugline.tracking import Tracker


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANDB_API_KEY", "DVC_EXP_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))


def runs(folder: Path) -> list[Path]:
    return sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))


def test_without_a_key_a_run_is_kept_offline_under_the_project(tmp_path: Path) -> None:
    with Tracker(TrackingParams(), "finetune", {"lr": 0.1}) as tracker:
        tracker.log(1, {"train_loss": 2.5})
        tracker.summary({"macro_f1": 0.5})
    assert b"train_loss" in runs(tmp_path)[0].read_bytes()


def test_a_table_is_kept_with_its_figures(tmp_path: Path) -> None:
    with Tracker(TrackingParams(), "evaluate", {}) as tracker:
        tracker.table("abstain", ("threshold", "accuracy"), [(0.5, 0.75), (0.9, None)])
    (kept,) = tmp_path.glob("wandb/offline-run-*/files/media/table/abstain_*.table.json")
    assert json.loads(kept.read_text())["data"] == [[0.5, 0.75], [0.9, None]]


def test_a_missing_network_is_told_and_the_run_goes_on_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    key = "a" * 40
    monkeypatch.setenv("WANDB_API_KEY", key)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")  # the discard port: nobody answers
    with caplog.at_level(logging.WARNING), Tracker(TrackingParams(), "finetune", {}) as tracker:
        tracker.summary({"macro_f1": 0.5})
    assert "W&B online failed" in caplog.text and "going on offline" in caplog.text
    kept = runs(tmp_path)
    assert len(kept) == 1
    assert key.encode() not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and not p.is_symlink())


def test_disabled_leaves_nothing(tmp_path: Path) -> None:
    with Tracker(TrackingParams(mode="disabled"), "finetune", {}) as tracker:
        tracker.log(1, {"train_loss": 2.5})
    assert not (tmp_path / "wandb").exists()
