"""Training: toy rows are learned, the best epoch stays, the same seed gives the same bytes, and NaN is told."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastai.callback.core import Callback

from hugline.core.backends import TorchBackend
from hugline.core.checkpoint import Checkpoint
from hugline.core.encoder import Encoder, checkpoint_encoder
from hugline.core.predictor import Predictor
from hugline.errors import CheckpointError, TrainingError
from hugline.learner.hardware import Resolved, resolve
from hugline.learner.training import Split, Trained, decay_groups, finetune, freeze_embeddings, pretrained_model, seed_everything
from hugline.params import FinetuneParams
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import tiny_checkpoint

FP32 = Resolved("cpu", "fp32", "foreach", 1)
SETTINGS = FinetuneParams(epochs=30, batch_size=2, lr=5e-3, freeze_embeddings=False)  # 60 steps
TASK = SequenceClassification(labels=["delivery", "returns"])
Batch = tuple[dict[str, torch.Tensor], torch.Tensor]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return checkpoint_encoder(folder, 32)


def make_model(folder: Path, seed: int = 1) -> Any:
    torch.set_num_threads(1)
    seed_everything(seed)
    return pretrained_model(TASK, Checkpoint(folder, "tiny", None, "folder"))


def toy(encoder: Encoder, task: SequenceClassification = TASK, times: int = 1) -> Split:
    return Split(task.toy * times, task.encode(task.toy * times, encoder))


def train(folder: Path, encoder: Encoder, resolved: Resolved = FP32, callbacks: tuple[Callback, ...] = (), seed: int = 1, **changes: Any) -> Trained:
    """The toy rows, learned and validated on themselves."""
    split = toy(encoder)
    return finetune(TASK, encoder, make_model(folder), split, split, SETTINGS.model_copy(update=changes), resolved, seed, callbacks=callbacks)


def predicted(model: Any, encoder: Encoder) -> list[str]:
    answers: Any = Predictor(TASK, encoder, TorchBackend(TASK, model.eval())).predict(TASK.toy)
    return [a.label for a in answers]


class Look(Callback):
    """Calls a function with the learner in every step, gradients being there and weights not yet changed."""

    order = 100

    def __init__(self, look: Callable[[Any], None]) -> None:
        self.look = look

    def before_step(self) -> None:
        self.look(self.learn)


@pytest.mark.parametrize("pair", [False, True])
def test_toy_rows_are_learned(pair: bool, folder: Path, encoder: Encoder) -> None:
    task = TASK.model_copy(update={"pair": pair})
    split = toy(encoder, task)
    trained = finetune(task, encoder, make_model(folder), split, split, SETTINGS, FP32, 1)
    assert trained.best["accuracy"] == 1.0
    assert trained.best["loss"] < 0.1
    assert len(trained.history) == 30


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("optimizer", ["foreach", "fused", "loop"])
def test_every_optimizer_and_precision_learns(precision: str, optimizer: str, folder: Path, encoder: Encoder) -> None:
    trained = train(folder, encoder, Resolved("cpu", precision, optimizer, 1), epochs=10)
    assert trained.best["loss"] < 0.5 * -np.log(0.5)
    assert {p.dtype for p in trained.model.parameters()} == {torch.float32}


@pytest.mark.parametrize("architecture", ["roberta", "distilbert", "gpt2"])
def test_other_architectures_learn(architecture: str, encoder: Encoder, tmp_path: Path) -> None:
    place = tiny_checkpoint(tmp_path, architecture)
    assert train(place, checkpoint_encoder(place, 32)).best["accuracy"] == 1.0


def test_a_model_without_a_pad_token_learns(tmp_path: Path) -> None:
    place = tiny_checkpoint(tmp_path, "gpt2")
    for name, keys in (("config.json", {"pad_token_id": None, "eos_token_id": 3}), ("tokenizer_config.json", {"pad_token": None, "eos_token": "[SEP]"})):
        settings = json.loads((place / name).read_text()) | keys
        (place / name).write_text(json.dumps({key: value for key, value in settings.items() if value is not None}))
    encoder = checkpoint_encoder(place, 32)
    assert encoder.pad_id == 3
    trained = train(place, encoder)
    assert trained.best["accuracy"] == 1.0
    assert trained.model.config.pad_token_id == 3


def test_training_twice_gives_the_same_bytes(folder: Path, encoder: Encoder) -> None:
    def weights(seed: int) -> dict[str, bytes]:
        return {name: tensor.numpy().tobytes() for name, tensor in train(folder, encoder, seed=seed, epochs=3).model.state_dict().items()}

    one, two, other = weights(1), weights(1), weights(2)
    assert one == two
    assert one != other


def test_biases_and_norms_have_no_weight_decay(folder: Path) -> None:
    model = make_model(folder)
    names = {id(p): name for name, p in model.named_parameters()}
    decayed, spared = ([names[id(p)] for p in group["params"]] for group in decay_groups(model, 0.01))
    assert len(decayed) + len(spared) == len(names)
    assert not [name for name in decayed if name.endswith("bias") or "LayerNorm" in name]
    assert not [name for name in spared if not (name.endswith("bias") or "LayerNorm" in name)]


def test_the_optimizer_decays_what_it_should_in_every_step(folder: Path, encoder: Encoder) -> None:
    seen: list[list[tuple[float, int, tuple[float, float], float]]] = []

    def look(learn: Any) -> None:
        groups = learn.opt.opt.param_groups
        seen.append([(g["weight_decay"], min(p.ndim for p in g["params"]), g["betas"], g["eps"]) for g in groups])

    train(folder, encoder, callbacks=(Look(look),), epochs=2, weight_decay=0.03)
    assert seen == [[(0.03, 2, (0.9, 0.999), 1e-8), (0.0, 1, (0.9, 0.999), 1e-8)]] * 4


def test_weight_decay_shrinks_matrices_and_leaves_biases(folder: Path, encoder: Encoder) -> None:
    """With gradients of 0 a step of AdamW is decay alone: w -> w (1 - lr wd)."""
    before = {name: tensor.clone() for name, tensor in make_model(folder).state_dict().items()}
    shrunk = 1.0

    def look(learn: Any) -> None:
        nonlocal shrunk
        for parameter in learn.model.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        shrunk *= 1 - learn.opt.opt.param_groups[0]["lr"] * 0.5

    after = train(folder, encoder, callbacks=(Look(look),), epochs=1, weight_decay=0.5, lr=0.1).model.state_dict()
    assert shrunk < 0.97
    for name, tensor in after.items():
        kept = name.endswith("bias") or "LayerNorm" in name
        torch.testing.assert_close(tensor, before[name] if kept else before[name] * shrunk)


def test_frozen_embeddings_do_not_change(folder: Path, encoder: Encoder) -> None:
    name = "bert.embeddings.word_embeddings.weight"
    before = make_model(folder).state_dict()[name]
    assert torch.equal(train(folder, encoder, epochs=2, freeze_embeddings=True).model.state_dict()[name], before)
    assert not torch.equal(train(folder, encoder, epochs=2).model.state_dict()[name], before)


def test_frozen_embeddings_are_not_in_the_optimizer(folder: Path) -> None:
    model = make_model(folder)
    freeze_embeddings(model)
    embeddings = model.get_input_embeddings().weight
    assert not [p for group in decay_groups(model, 0.01) for p in group["params"] if p is embeddings]


def test_the_learning_rate_follows_one_cycle(folder: Path, encoder: Encoder) -> None:
    rates: list[list[float]] = []
    train(folder, encoder, callbacks=(Look(lambda learn: rates.append([g["lr"] for g in learn.opt.opt.param_groups])),), epochs=20, warmup=0.25, lr=0.008)
    steps = np.arange(40) / 40

    def cosine(start: float, end: float, at: np.ndarray) -> np.ndarray:
        return start + (1 + np.cos(np.pi * (1 - at))) * (end - start) / 2

    wanted = np.where(steps < 0.25, cosine(0.008 / 25, 0.008, steps / 0.25), cosine(0.008, 0.008 / 1e5, (steps - 0.25) / 0.75))
    assert np.array(rates) == pytest.approx(np.stack([wanted, wanted], 1), rel=1e-5)


def test_gradients_are_clipped(folder: Path, encoder: Encoder) -> None:
    norms: dict[float, list[float]] = {}
    for clip in (0.01, 0.0):
        seen = norms.setdefault(clip, [])
        look = Look(lambda learn, seen=seen: seen.append(float(torch.nn.utils.get_total_norm([p.grad for p in learn.model.parameters()]))))
        train(folder, encoder, callbacks=(look,), epochs=1, clip=clip)
    assert norms[0.01] == pytest.approx([0.01] * 2, rel=1e-3)
    assert min(norms[0.0]) > 0.1


class Spoil(Callback):
    """Makes the loss of one step NaN."""

    order = 5

    def __init__(self, step: int) -> None:
        self.step = step

    def after_pred(self) -> None:
        if self.training and self.train_iter == self.step:
            self.learn.pred = self.pred * float("nan")


@pytest.mark.parametrize("step", [0, 1, 4])
def test_a_nan_loss_stops_and_names_the_remedy(step: int, folder: Path, encoder: Encoder) -> None:
    with pytest.raises(TrainingError, match=r"(?s)a finite loss.*NaN or infinity by step \d of epoch \d.*lower finetune\.lr, raise finetune\.warmup"):
        train(folder, encoder, callbacks=(Spoil(step),), epochs=3)


def test_a_nan_loss_between_finite_ones_is_told(folder: Path, encoder: Encoder) -> None:
    """The gradient is dropped, so that the weights stay sound and the next loss, the one looked at, is finite."""
    drop = Look(lambda learn: learn.opt.zero_grad())
    with pytest.raises(TrainingError, match=r"NaN or infinity by step 4 of epoch 2"):
        train(folder, encoder, callbacks=(Spoil(2), drop), epochs=3)


def test_weights_that_the_last_step_made_nan_are_not_returned(folder: Path, encoder: Encoder) -> None:
    with pytest.raises(TrainingError, match=r"(?s)finite.*epoch 1.*lower finetune\.lr"):
        train(folder, encoder, epochs=1, batch_size=4, lr=1e38)


class Forget(Callback):
    """After an epoch, swaps the weights for random ones."""

    order = 50

    def __init__(self, epoch: int) -> None:
        self.spoiled = epoch

    def after_train(self) -> None:
        if self.epoch + 1 == self.spoiled:
            with torch.no_grad():
                for parameter in self.model.parameters():
                    parameter.zero_()


def test_the_weights_of_the_best_epoch_are_returned(folder: Path, encoder: Encoder) -> None:
    trained = train(folder, encoder, callbacks=(Forget(30),))
    assert trained.history[-1]["accuracy"] == 0.5
    assert trained.best["epoch"] < 30
    assert trained.best["accuracy"] == 1.0
    assert predicted(trained.model, encoder) == [row["label"] for row in TASK.toy]
    chosen = trained.history[int(trained.best["epoch"]) - 1]
    assert chosen["validation_loss"] == trained.best["loss"] == min(line["validation_loss"] for line in trained.history if line["macro_f1"] == 1)


def test_validation_is_told_epoch_by_epoch(folder: Path, encoder: Encoder) -> None:
    split, heard = toy(encoder), []
    trained = finetune(TASK, encoder, make_model(folder), split, split, SETTINGS.model_copy(update={"epochs": 2}), FP32, 1, heard=lambda *x: heard.append(x))
    assert list(trained.history[0]) == ["epoch", "train_loss", "accuracy", "macro_f1", "mcc", "validation_loss"]
    assert [line["epoch"] for line in trained.history] == [1, 2]
    epochs = [(step, values) for step, values in heard if "epoch" in values]
    assert [step for step, _ in epochs] == [2, 4]
    assert [{k: v for k, v in values.items() if k != "rows_per_second"} for _, values in epochs] == trained.history


def test_a_batch_of_one_row_is_learned_too(folder: Path, encoder: Encoder) -> None:
    steps: list[int] = []
    train(folder, encoder, callbacks=(Look(lambda learn: steps.append(len(learn.yb[0]))),), epochs=1, batch_size=3)
    assert sorted(steps) == [1, 3]


def test_damaged_weights_are_told(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[: 2000 if file.suffix == ".safetensors" else None])
    with pytest.raises(CheckpointError, match=r"(?s)weights and config of tiny that transformers can read.*damaged"):
        pretrained_model(TASK, Checkpoint(tmp_path, "tiny", None, "folder"))


def test_a_checkpoint_with_another_head_gets_a_new_one(folder: Path, tmp_path: Path) -> None:
    five = SequenceClassification(labels=list("abcde"))
    pretrained_model(five, Checkpoint(folder, "tiny", None, "folder")).save_pretrained(tmp_path)
    model = pretrained_model(TASK, Checkpoint(tmp_path, "tiny", None, "folder"))
    assert model.classifier.out_features == 2
    assert model.config.id2label == {0: "delivery", 1: "returns"}


def test_settings_auto_come_to_what_is_here() -> None:
    assert resolve(FinetuneParams(device="cpu", precision="fp32", threads=3)) == Resolved("cpu", "fp32", "fused", 3)
    assert resolve(FinetuneParams(device="cpu", precision="bf16", optimizer="fused")).optimizer == "fused"
    assert resolve(FinetuneParams()).precision in {"fp32", "bf16"}
    assert list(dataclasses.asdict(FP32)) == list(FP32.as_dict())


def test_fp16_on_a_cpu_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"(?s)fp32 or bf16 on a CPU.*set finetune\.precision: auto"):
        resolve(FinetuneParams(device="cpu", precision="fp16"))


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="the device is here")
def test_a_device_that_is_not_here_is_refused() -> None:
    with pytest.raises(TrainingError, match=r"(?s)finetune\.device mps on this machine.*sees .*cpu.*set finetune\.device: auto"):
        resolve(FinetuneParams(device="mps"))
