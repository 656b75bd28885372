"""From a checkpoint and tokenized rows to fine-tuned weights."""

import hashlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import fastai.callback.schedule  # noqa: F401  gives Learner fit_one_cycle
import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.callback.progress import ProgressCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner, Recorder

from hugline.core.checkpoint import Checkpoint
from hugline.core.encoder import Encoder
from hugline.core.features import Features
from hugline.core.task import Row, Task
from hugline.environment import import_transformers
from hugline.errors import CheckpointError
from hugline.learner.batches import TrainLoader
from hugline.learner.callbacks import Progress, Step, Validate
from hugline.learner.hardware import BETAS, Resolved, adamw
from hugline.params import FinetuneParams

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}  # of the forward pass; weights stay fp32
FIRST_LR, LAST_LR = 25.0, 1e5  # one-cycle's lr / 25 at the start and lr / 1e5 at the end: fastai's defaults


class DictInputs(torch.nn.Module):
    """A transformers model that takes fastai's batch, one dict, and answers with fp32 logits [B, C], computed in a precision.

    fastai's own mixed precision knows CUDA only.
    """

    def __init__(self, model: torch.nn.Module, precision: str, device: str) -> None:
        super().__init__()
        self.model = model
        self.device_type, self.dtype = device, DTYPES.get(precision)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Logits of a padded batch."""
        with torch.autocast(self.device_type, dtype=self.dtype, enabled=self.dtype is not None):
            logits: torch.Tensor = self.model(**batch).logits
        return logits.float()


@dataclass(frozen=True)
class Split:
    """Rows and their features."""

    rows: Sequence[Row]
    features: Features


@dataclass(frozen=True)
class Trained:
    """A fine-tuned model with its best weights in place, and how it got there."""

    model: Any
    history: list[dict[str, float]]
    best: dict[str, float]  # validation metrics of the epoch whose weights these are


def seed_everything(seed: int) -> None:
    """Seed python, numpy and torch."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pretrained_model(task: Task, checkpoint: Checkpoint) -> Any:
    """The checkpoint with the task's head, new where it has none; raises CheckpointError for damaged weights.

    Weights are read in fp32 from safetensors; remote code never runs.
    """
    transformers = import_transformers()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    auto = getattr(transformers, task.auto_model)
    try:
        return auto.from_pretrained(
            checkpoint.folder,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            attn_implementation="sdpa",
            ignore_mismatched_sizes=True,
            local_files_only=True,
            **task.model_kwargs(),
        )
    except Exception as error:  # safetensors, transformers and json each raise their own for a damaged file
        if isinstance(error, (MemoryError, ImportError)):
            raise
        raise CheckpointError(
            f"weights and config of {checkpoint.id} that transformers can read",
            f"{type(error).__name__}: {str(error).splitlines()[0][:200]}",
            "the files are damaged, or of an architecture without this task: fetch them again, or choose another checkpoint",
        ) from error


def freeze_embeddings(model: Any) -> None:
    """Leave the word embeddings as pretrained: most of a small model's weights, and of its optimizer's work."""
    model.get_input_embeddings().requires_grad_(False)


def decay_groups(model: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Two parameter groups of what is trained: matrices with weight decay, biases and norm weights (vectors) without."""
    trained = [p for p in model.parameters() if p.requires_grad]
    matrices, vectors = [p for p in trained if p.ndim > 1], [p for p in trained if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]


def share_of(split: Split, share: float, seed: int) -> Split:
    """The rows to learn from: the share of them, rounded up, with the smallest hashes of (seed, row number).

    So 10% of the rows lie inside 30% of them: what a learning curve compares.
    """
    if share == 1:
        return split
    hashes = [hashlib.sha256(f"{seed}\x1f{row['row']}".encode()).digest() for row in split.rows]
    chosen = sorted(sorted(range(len(hashes)), key=hashes.__getitem__)[: math.ceil(share * len(hashes))])
    place = np.full(len(hashes), -1, np.int32)
    place[chosen] = np.arange(len(chosen), dtype=np.int32)
    whole, kept = split.features, np.flatnonzero(place[split.features.row] >= 0)
    tokens = np.concatenate([np.arange(whole.offsets[i], whole.offsets[i + 1]) for i in kept])
    features = Features(
        whole.input_ids[tokens],
        np.concatenate([[0], np.cumsum(whole.lengths[kept])]),
        place[whole.row[kept]],
        whole.cut[kept],
        None if whole.token_type_ids is None else whole.token_type_ids[tokens],
    )
    return Split([split.rows[i] for i in chosen], features)


def make_learner(task: Task, encoder: Encoder, model: Any, train: Split, settings: FinetuneParams, resolved: Resolved, seed: int) -> Learner:
    """A fastai Learner over dict batches, AdamW without decay on biases and norms, autocast, clipping and a NaN guard."""
    device = torch.device(resolved.device)
    if getattr(model.config, "pad_token_id", None) is None:
        model.config.pad_token_id = encoder.pad_id  # GPT-2 has none, and finds each row's last token by it
    loader = TrainLoader(train.features, task.targets(train.rows), encoder, settings.batch_size, seed, device)
    return Learner(
        DataLoaders(loader, loader),
        DictInputs(model.to(device), resolved.precision, resolved.device),
        loss_func=torch.nn.CrossEntropyLoss(),
        opt_func=adamw(resolved, settings.weight_decay),
        splitter=lambda wrapped: decay_groups(wrapped, settings.weight_decay),
        moms=(BETAS[0],) * 3,
        cbs=[Step(settings.clip, resolved.precision, resolved.device)],
    )


def finetune(
    task: Task,
    encoder: Encoder,
    model: Any,
    train: Split,
    validation: Split,
    settings: FinetuneParams,
    resolved: Resolved,
    seed: int,
    heard: Callable[[int, dict[str, float]], None] = lambda step, values: None,
    callbacks: Sequence[Callback] = (),
) -> Trained:
    """Fine-tune by one-cycle and return the weights of the best epoch; raises TrainingError at a loss that is no number.

    `heard(step, values)` is told losses, learning rate and validation metrics as they come.
    """
    torch.set_num_threads(resolved.threads)
    seed_everything(seed)
    train = share_of(train, settings.share, seed)
    if settings.freeze_embeddings:
        freeze_embeddings(model)
    learner = make_learner(task, encoder, model, train, settings, resolved, seed)
    validate = Validate(task, encoder, validation.features, validation.rows)
    shown = Progress(len(train.features), validate, heard)
    # fastai's own record moves the loss to the CPU in every step; Validate and Progress keep what is needed
    learner.remove_cbs([cb for cb in learner.cbs if isinstance(cb, Recorder | ProgressCallback)])
    learner.fit_one_cycle(settings.epochs, settings.lr, div=FIRST_LR, div_final=LAST_LR, pct_start=settings.warmup, cbs=[validate, shown, *callbacks])
    model.load_state_dict(validate.weights)
    return Trained(model, validate.history, validate.best)
