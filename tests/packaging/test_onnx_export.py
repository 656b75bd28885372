"""The ONNX file: the same bytes wherever it is made, sizes free, no path inside."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
import torch

import hugline
from hugline.core.checkpoint import Checkpoint, sha256
from hugline.core.encoder import checkpoint_encoder
from hugline.core.store import load_model, load_predictor, save_model
from hugline.learner.training import pretrained_model
from hugline.packaging.onnx_export import OPSET, export_onnx
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

EXPORT = """
from pathlib import Path
import hugline
assert Path(hugline.__file__).is_relative_to(Path.cwd())
from hugline.core.store import load_model, load_predictor
from hugline.packaging.onnx_export import export_onnx
loaded = load_predictor(Path("model"), backend="torch")
export_onnx(loaded.task, loaded.encoder, load_model(Path("model")), Path("model.onnx"))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    checkpoint = tiny_checkpoint(tmp_path_factory.mktemp("tiny"))
    folder = tmp_path_factory.mktemp("model")
    task = SequenceClassification(labels=["a", "b", "c"])
    found = Checkpoint(checkpoint, "tiny", None, "folder")
    save_model(folder, task, checkpoint_encoder(checkpoint, 32), pretrained_model(task, found), found)
    return folder


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("here") / "model.onnx"
    loaded = load_predictor(model, backend="torch")
    export_onnx(loaded.task, loaded.encoder, load_model(model), file)
    return file


@pytest.mark.timeout(120)
def test_another_process_in_another_folder_exports_the_same_bytes(model: Path, exported: Path, tmp_path: Path) -> None:
    """With a copy of the library too: the exporter records the source files that it traced."""
    place = tmp_path / "some" / "other place"
    shutil.copytree(Path(hugline.__file__).parent, place / "hugline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(model, place / "model")
    environment = os.environ | {"PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", EXPORT], cwd=place, env=environment, check=True, capture_output=True)
    assert sha256(place / "model.onnx") == sha256(exported)


def test_no_path_is_inside(exported: Path) -> None:
    content = exported.read_bytes()
    for path in (str(Path(hugline.__file__).parents[1]), str(exported.parents[2]), "site-packages", "/tmp/", "/home/", ".py", sys.prefix):
        assert path.encode() not in content, path


def test_the_graph_has_free_sizes_and_the_tasks_outputs(exported: Path) -> None:
    proto = onnx.load(str(exported))
    graph = proto.graph
    assert [i.name for i in graph.input] == ["input_ids", "attention_mask", "token_type_ids"]
    assert [o.name for o in graph.output] == ["logits"]
    assert [[bool(d.dim_param) for d in i.type.tensor_type.shape.dim] for i in graph.input] == [[True, True]] * 3
    assert [o.version for o in proto.opset_import if not o.domain] == [OPSET]
    assert not proto.metadata_props
    assert not [node.name for node in graph.node if node.metadata_props or node.doc_string]
