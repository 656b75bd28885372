"""How long `make run` may take here: a forward pass of the checkpoint is timed on the user's own texts."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hugline.core.checkpoint import Checkpoint, find_checkpoint
from hugline.core.encoder import Encoder, checkpoint_encoder
from hugline.core.features import Features, pad
from hugline.core.task import Row, Task
from hugline.environment import import_transformers
from hugline.params import FinetuneParams, ModelParams

TRAINING = 3  # forward passes that a training step costs: one forward, and about two for the gradients
LOOKS = 2  # forward passes of every row in evaluate: for the probe on the checkpoint, and for near neighbours
AROUND_S = 120  # of `make run` on the demo, on 2 CPU cores, beyond the passes: starts, export, bento, its check
SHARED = 1.5  # times the time that the threads computed
PASSES = 3  # over each batch
QUANTILES = (1 / 8, 3 / 8, 5 / 8, 7 / 8)  # of the lengths, where the timed batches lie: training batches have like lengths too


@dataclass(frozen=True)
class Speed:
    """How fast a machine runs a checkpoint."""

    row_s: float  # seconds of a forward pass, for each row
    alone_s: float  # the same, had no other program used the processor
    where: str  # "2 CPU threads", or the device

    @property
    def is_shared(self) -> bool:
        """Whether other programs slowed the measurement down."""
        return self.row_s > SHARED * self.alone_s


def checkpoint_at_hand(settings: ModelParams) -> tuple[Checkpoint, Encoder]:
    """The checkpoint, from this machine alone; raises CheckpointError where it is not here. The caller keeps the hub offline."""
    checkpoint = find_checkpoint(settings.checkpoint, settings.revision)
    return checkpoint, checkpoint_encoder(checkpoint.folder, settings.max_length)


def share_cut(features: Features) -> float:
    """The share of features from which tokens were cut."""
    return float((features.cut > 0).mean()) if len(features) else 0.0


def measure(task: Task, checkpoint: Checkpoint, encoder: Encoder, features: Features, settings: FinetuneParams) -> Speed:
    """Time batches of the user's texts, of short to long ones; of several passes the fastest counts, since others use the machine too."""
    import_transformers()
    import torch

    from hugline.learner.hardware import resolve
    from hugline.learner.training import DictInputs, pretrained_model

    resolved = resolve(settings)
    torch.set_num_threads(resolved.threads)
    model = DictInputs(pretrained_model(task, checkpoint).to(resolved.device).eval(), resolved.precision, resolved.device)
    threads = resolved.threads if resolved.device == "cpu" else 0
    times, rows = np.zeros(2), 0
    with torch.inference_mode():
        for i, indices in enumerate(_batches(features, settings.batch_size)):
            batch = {name: torch.from_numpy(array).to(resolved.device) for name, array in pad(features, indices, encoder.fill, encoder.padding_side).items()}
            if i == 0:
                model(batch).cpu()  # the first pass of all is slower
            times += np.min([_timed(model, batch, threads) for _ in range(PASSES)], axis=0)
            rows += len(indices)
    where = f"{threads} CPU {'thread' if threads == 1 else 'threads'}" if threads else resolved.device
    row_s, alone_s = (times / rows).tolist()
    return Speed(row_s, alone_s, where)


def _timed(model: Any, batch: Any, threads: int) -> tuple[float, float]:
    """Seconds of a forward pass, and of them those that the threads computed; on another device than the CPU the same."""
    start, used = time.perf_counter(), time.process_time()
    model(batch).cpu()  # waits for a GPU
    seconds = time.perf_counter() - start
    return seconds, (time.process_time() - used) / threads if threads else seconds


def _batches(features: Features, size: int) -> list[np.ndarray]:
    order = np.argsort(features.lengths, kind="stable")
    starts = [min(int(q * len(order)), max(0, len(order) - size)) for q in QUANTILES]
    return [order[start : start + size] for start in starts]


def predicted_minutes(row_s: float, splits: Counter[str], settings: FinetuneParams) -> float:
    """Minutes of `make run` from the first stage to the checked bento, at so many seconds a row forward."""
    training = settings.epochs * (TRAINING * settings.share * splits["train"] + splits["validation"])
    passes = training + splits["test"] + LOOKS * splits.total()
    return (AROUND_S + row_s * passes) / 60


def as_rows(task: Task, sample: Sequence[tuple[str, ...]]) -> list[Row]:
    """Texts as rows of the task."""
    return [dict(zip(task.Input.model_fields, texts, strict=True)) for texts in sample]
