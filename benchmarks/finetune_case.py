"""What both sides of the fine-tuning benchmark share: the case, its rows, the starting model, and what is told of a run."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from benchmarks.finetune_rows import load_rows
from hugline.core.backends import TorchBackend
from hugline.core.checkpoint import Checkpoint, find_checkpoint
from hugline.core.encoder import Encoder, checkpoint_encoder
from hugline.core.features import Features
from hugline.core.predictor import predict_features
from hugline.core.task import Row, Task
from hugline.params import FinetuneParams, load_params

EQUAL, BATCHES, SHIPPED = PEERS = ("trainer-equal", "trainer-batches", "trainer-shipped")
WARM_UP_BATCHES = 2  # trained before the clock starts, so that lazy imports and kernels made on first use are not timed


@dataclass(frozen=True)
class Case:
    """One side's run, as the command line gives it."""

    data: str
    rows: int  # trained on; 0: all
    held_out: int  # rows that accuracy is taken on; 0: all
    epochs: int
    batch_size: int
    precision: str  # fp32 or bf16
    embeddings: str  # frozen or trained
    peer: str
    pair: int  # added to the seed of params.yaml

    def arguments(self) -> list[str]:
        """The case as arguments of a side's command, the pair left open."""
        given = vars(self) | {"pair": "{pair}"}
        return [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]


@dataclass(frozen=True)
class Prepared:
    """All that training needs, tokenized; the clock starts after it."""

    case: Case
    task: Task
    checkpoint: Checkpoint
    encoder: Encoder
    settings: FinetuneParams
    seed: int
    rows: Sequence[Row]
    features: Features
    held_out_rows: Sequence[Row]
    held_out: Features

    def cut(self, rows: int, held_out: int, epochs: int) -> "Prepared":
        """The same with fewer rows and epochs."""
        few, few_held_out = self.rows[:rows], self.held_out_rows[:held_out]
        return replace(
            self,
            settings=self.settings.model_copy(update={"epochs": epochs}),
            rows=few,
            features=self.task.encode(few, self.encoder),
            held_out_rows=few_held_out,
            held_out=self.task.encode(few_held_out, self.encoder),
        )

    def score(self, model: Any) -> dict[str, float]:
        """Metrics on the held-out rows, in fp32, by the one predictor: alike for both sides."""
        model.eval()
        answers = predict_features(self.task, TorchBackend(self.task, model), self.encoder, self.held_out, self.held_out_rows)
        return self.task.score(answers, self.held_out_rows)


@dataclass
class Observed:
    """What a run did, seen from outside by both sides' callbacks alike."""

    lrs: list[float] = field(default_factory=list)  # of each step
    padded_tokens: list[int] = field(default_factory=list)  # of each batch, padding included
    starting_weights: str = ""  # their digest
    computed_in: str = ""  # the type that the model's first matrix product answers in

    def watch(self, model: torch.nn.Module) -> None:
        """Note the weights that a model has now, and in what type it computes when it first does."""
        self.starting_weights = _digest(b"".join(p.detach().numpy().tobytes() for p in model.parameters()))

        def note(_: torch.nn.Module, __: Any, output: torch.Tensor) -> None:
            self.computed_in = str(output.dtype).removeprefix("torch.")
            handle.remove()

        handle = next(m for m in model.modules() if isinstance(m, torch.nn.Linear)).register_forward_hook(note)


@dataclass(frozen=True)
class Outcome:
    """A side's run: what was timed, how good it is, and what must be alike or may differ."""

    cpu_seconds: float
    scores: dict[str, float]  # of the last epoch's weights
    observed: Observed
    alike: dict[str, Any]  # equal on both sides, but not against trainer-shipped
    own: dict[str, Any]  # what each side does its own way


def prepare_case(case: Case) -> Prepared:
    """Read, choose and tokenize the rows; raises DataError where the data set is not there."""
    params = load_params()
    task, train, held_out = load_rows(case.data, case.rows, case.held_out, params.seed)
    if case.peer == BATCHES:  # no batch is then shorter than another, and Trainer cuts its list where hugline's batches end
        train = train[: max(len(train) // case.batch_size, 1) * case.batch_size]
    checkpoint = find_checkpoint(params.model.checkpoint, params.model.revision)
    encoder = checkpoint_encoder(checkpoint.folder, params.model.max_length)
    settings = params.finetune.model_copy(
        update={
            "epochs": case.epochs,
            "batch_size": case.batch_size,
            "precision": case.precision,
            "device": "cpu",
            "freeze_embeddings": case.embeddings == "frozen",
        }
    )
    features, held_out_features = task.encode(train, encoder), task.encode(held_out, encoder)
    return Prepared(case, task, checkpoint, encoder, settings, params.seed + case.pair, train, features, held_out, held_out_features)


def facts_alike(prepared: Prepared, optimizer: Any, model: torch.nn.Module, observed: Observed, clip: float) -> dict[str, Any]:
    """What must be alike besides the learning rates: weights, optimizer, clipping, type, threads, and for trainer-batches the batches."""
    facts: dict[str, Any] = {"starting weights": observed.starting_weights, "clip": clip, "computed in": observed.computed_in}
    if prepared.case.peer == BATCHES:
        facts["padded tokens of each batch"] = _digest(" ".join(map(str, observed.padded_tokens)).encode())
    return facts | {"threads": torch.get_num_threads()} | optimizer_facts(optimizer, model)


def optimizer_facts(optimizer: Any, model: torch.nn.Module) -> dict[str, str]:
    """What decides an optimizer's steps: the weight decay, betas and eps of each group, and which weights it has."""
    names = {id(p): name for name, p in model.named_parameters()}
    facts = {}
    for number, group in enumerate(optimizer.param_groups, 1):
        digest = _digest(" ".join(sorted(names[id(p)] for p in group["params"])).encode())
        weights = sum(p.numel() for p in group["params"])
        facts[f"group {number}"] = f"decay {group['weight_decay']:g} on {len(group['params'])} tensors, {weights:,} weights, names {digest}"
        facts[f"adam {number}"] = f"betas {tuple(group['betas'])}, eps {group['eps']:g}, amsgrad {group['amsgrad']}"
    return facts


def shown_lrs(lrs: Sequence[float]) -> str:
    """Nine learning rates, evenly spaced from the first step to the last."""
    return ", ".join(f"{lrs[round(i * (len(lrs) - 1) / 8)]:.3g}" for i in range(9))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]
