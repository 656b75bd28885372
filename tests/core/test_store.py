"""A model's folder: read by transformers as by us, the same bytes wherever it was made, refused when changed."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from hugline.core.checkpoint import Checkpoint, sha256
from hugline.core.encoder import checkpoint_encoder
from hugline.core.store import check_manifest, load_predictor, save_model, write_manifest
from hugline.environment import import_transformers
from hugline.errors import PackageError
from hugline.learner.training import pretrained_model
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

TASK = SequenceClassification(labels=["delivery", "returns", "zürich"])
TEXTS = ["Where is my parcel?", "shoes " * 40, "x", "The courier left it with a neighbour."]


def save(checkpoint: Path, folder: Path, task: SequenceClassification = TASK) -> Path:
    torch.set_num_threads(1)
    torch.manual_seed(0)  # of the new head
    folder.mkdir(parents=True)
    found = Checkpoint(checkpoint, "owner/tiny", "0" * 40, "folder", "MIT", "us")
    save_model(folder, task, checkpoint_encoder(checkpoint, 24), pretrained_model(task, found), found)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tiny_checkpoint(tmp_path_factory.mktemp("hub") / "tiny")
    (place / "LICENSE").write_text("MIT\n")
    return place


@pytest.fixture(scope="module")
def saved(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(checkpoint, tmp_path_factory.mktemp("models") / "finetuned")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_saved_folder_holds_plain_files_and_no_pickle(saved: Path) -> None:
    assert sorted(p.name for p in saved.iterdir()) == [
        "LICENSE", "checkpoint.json", "config.json", "encoder.json", "model.safetensors", "task.json", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip


def test_the_origin_is_written_beside_the_weights(saved: Path, checkpoint: Path) -> None:
    assert json.loads((saved / "checkpoint.json").read_text()) == {
        "id": "owner/tiny", "revision": "0" * 40, "licence": "MIT", "authors": "us",
        "sha256": {name: sha256(checkpoint / name) for name in ("config.json", "model.safetensors", "tokenizer.json")},
    }  # fmt: skip


def test_no_path_reaches_a_saved_folder(saved: Path, checkpoint: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(checkpoint, tmp_path / "another" / "place")
    again = save(elsewhere, tmp_path / "deep" / "models")
    assert {p.name: sha256(p) for p in again.iterdir()} == {p.name: sha256(p) for p in saved.iterdir()}
    for file in again.iterdir():
        assert str(tmp_path).encode() not in file.read_bytes(), file.name


def test_label_names_reach_the_models_config(saved: Path) -> None:
    config = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    assert config["id2label"] == {"0": "delivery", "1": "returns", "2": "zürich"}
    assert config["label2id"] == {"delivery": 0, "returns": 1, "zürich": 2}


def test_a_loaded_predictor_has_the_task_and_encoder_that_were_saved(saved: Path) -> None:
    loaded = load_predictor(saved)
    assert loaded.task == TASK
    assert (loaded.encoder.max_length, loaded.encoder.inputs) == (24, ("input_ids", "attention_mask", "token_type_ids"))


@pytest.mark.parametrize("pair", [False, True])
def test_transformers_pipeline_agrees_with_the_predictor(pair: bool, saved: Path, checkpoint: Path, tmp_path: Path) -> None:
    folder = save(checkpoint, tmp_path / "pairs", TASK.model_copy(update={"pair": True})) if pair else saved
    rows = [{"text": text} | ({"text_pair": other} if pair else {}) for text, other in zip(TEXTS, TEXTS[::-1], strict=True)]
    answers = [answer.model_dump() for answer in load_predictor(folder).predict(rows)]
    classify = import_transformers().pipeline("text-classification", model=str(folder), device="cpu", top_k=None)
    for row, answer in zip(rows, answers, strict=True):
        given = [{"text": row["text"], "text_pair": row["text_pair"]}] if pair else [row["text"]]
        (found,) = classify(given, truncation=True)
        assert found[0]["label"] == answer["label"]
        assert {f["label"]: f["score"] for f in found} == pytest.approx(answer["scores"], abs=1e-5)
    assert len({round(answer["score"], 3) for answer in answers}) > 1


def test_a_folder_without_a_task_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"(?s)task\.json at .*found: +none.*run the pipeline"):
        load_predictor(tmp_path)
    with pytest.raises(PackageError, match="no such folder"):
        load_predictor(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "translation"}', '{"name": "sequence_classification", "labels": ["only one"]}'])
def test_a_damaged_task_is_refused(text: str, copy: Path) -> None:
    (copy / "task.json").write_text(text)
    with pytest.raises(PackageError, match=r"the settings of a task in .*task\.json"):
        load_predictor(copy)


@pytest.mark.parametrize("name", ["encoder.json", "tokenizer.json", "config.json", "model.safetensors"])
def test_a_missing_file_of_a_model_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(PackageError, match=rf"(?s)a model folder with {name[:5]}.*found: +none"):
        load_predictor(copy)


def test_onnx_where_none_was_exported_is_refused(saved: Path) -> None:
    with pytest.raises(PackageError, match=r"a model folder with model\.onnx at .*, for backend onnx"):
        load_predictor(saved, backend="onnx")


def test_a_package_as_it_was_made_passes_its_manifest(copy: Path) -> None:
    write_manifest(copy)
    check_manifest(copy)
    assert set(json.loads((copy / "manifest.json").read_text())) == {p.name for p in copy.iterdir()} - {"manifest.json"}


def test_a_changed_file_fails_the_manifest(copy: Path) -> None:
    write_manifest(copy)
    (copy / "config.json").write_text("{}")
    with pytest.raises(PackageError, match=r"(?s)config\.json with sha256 .*was changed after it was made"):
        check_manifest(copy)


def test_a_file_that_a_bento_leaves_out_does_not_fail_the_manifest(copy: Path) -> None:
    write_manifest(copy)
    (copy / "model.safetensors").unlink()
    check_manifest(copy)


@pytest.mark.parametrize("text", [None, "{", "[1]"])
def test_an_unreadable_manifest_is_refused(text: str | None, copy: Path) -> None:
    if text is not None:
        (copy / "manifest.json").write_text(text)
    with pytest.raises(PackageError, match=r"a readable manifest\.json"):
        check_manifest(copy)
