"""A model's folder: plain Hugging Face files with the task and the encoder beside the weights."""

import json
from pathlib import Path
from typing import Any

from hugline.core.backends import Backend, OnnxBackend, TorchBackend
from hugline.core.checkpoint import Checkpoint, sha256
from hugline.core.encoder import Encoder, load_encoder
from hugline.core.predictor import Predictor
from hugline.core.task import Task
from hugline.environment import import_transformers
from hugline.errors import PackageError
from hugline.tasks import load_task, save_task

ONNX = "model.onnx"
MANIFEST = "manifest.json"


def save_model(folder: Path, task: Task, encoder: Encoder, model: Any, checkpoint: Checkpoint) -> None:
    """Write a folder that both `load_predictor` and transformers' `from_pretrained` read; weights in safetensors."""
    transformers = import_transformers()
    transformers.utils.logging.disable_progress_bar()
    model.config._name_or_path = checkpoint.id  # not the path it was loaded from
    model.save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint.folder, trust_remote_code=False, local_files_only=True)
    tokenizer.model_max_length = encoder.max_length
    tokenizer.model_input_names = tokenizer.init_kwargs["model_input_names"] = list(encoder.inputs)  # with token types only where we had them
    tokenizer.init_kwargs.pop("name_or_path", None)
    tokenizer.save_pretrained(folder)
    encoder.save(folder)
    save_task(task, folder)
    origin = {"id": checkpoint.id, "revision": checkpoint.revision, "licence": checkpoint.licence, "authors": checkpoint.authors}
    sums = {p.name: sha256(p) for p in sorted(checkpoint.folder.glob("*")) if p.name in {"config.json", "tokenizer.json", "model.safetensors"}}
    (folder / "checkpoint.json").write_text(json.dumps({**origin, "sha256": sums}, indent=2) + "\n", encoding="utf-8")
    for name in ("LICENSE", "NOTICE"):
        if (checkpoint.folder / name).is_file():
            (folder / name).write_bytes((checkpoint.folder / name).read_bytes())


def load_model(folder: Path) -> Any:
    """The transformers model of a folder, on the CPU, in evaluation mode."""
    transformers = import_transformers()
    transformers.utils.logging.disable_progress_bar()
    task = load_task(folder)
    model = getattr(transformers, task.auto_model).from_pretrained(folder, trust_remote_code=False, use_safetensors=True, local_files_only=True)
    return model.eval()


def load_predictor(folder: str | Path, backend: str = "auto", threads: int = 0) -> Predictor:
    """The predictor of a model folder; raises PackageError for a folder that is none.

    `backend` is "onnx", "torch", or "auto": ONNX where the folder holds an exported model, else torch.
    """
    place = Path(folder)
    if backend == "auto":
        backend = "onnx" if (place / ONNX).is_file() else "torch"
    for name in ("task.json", "encoder.json", "tokenizer.json", *((ONNX,) if backend == "onnx" else ("config.json", "model*.safetensors"))):
        if not list(place.glob(name)):
            found = "none" if place.exists() else "no such folder"
            raise PackageError(f"a model folder with {name} at {place}, for backend {backend}", found, "run the pipeline, or correct the path")
    task, encoder = load_task(place), load_encoder(place)
    runner: Backend = OnnxBackend(place / ONNX, threads) if backend == "onnx" else TorchBackend(task, load_model(place))
    return Predictor(task, encoder, runner)


def write_manifest(folder: Path) -> None:
    """The sha256 of every file of a package, last of all files."""
    sums = {str(p.relative_to(folder)): sha256(p) for p in sorted(folder.rglob("*")) if p.is_file() and p.name != MANIFEST}
    (folder / MANIFEST).write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")


def check_manifest(folder: Path) -> None:
    """Compare the files that are there with the manifest; raises PackageError naming the first that differs.

    A bento carries part of a package, so a listed file may be absent, but never changed.
    """
    try:
        sums = dict(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise PackageError(f"a readable {MANIFEST} in {folder}", str(error), "run the package stage again") from error
    for name, wanted in sums.items():
        file = folder / name
        if file.is_file() and (got := sha256(file)) != wanted:
            raise PackageError(f"{name} with sha256 {wanted}", got, "the package was changed after it was made: run the package stage again")
