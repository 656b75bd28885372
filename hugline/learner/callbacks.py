"""fastai callbacks: the optimizer step with its guard against NaN, validation through the one predictor, progress."""

import logging
import math
import time
from collections.abc import Callable, Sequence

import torch
from fastai.callback.core import Callback, CancelValidException

from hugline.core.backends import TorchBackend
from hugline.core.encoder import Encoder
from hugline.core.features import Features
from hugline.core.predictor import predict_features
from hugline.core.task import Row, Task
from hugline.errors import TrainingError
from hugline.show import progress

log = logging.getLogger(__name__)

LOOK_EVERY = 20  # steps between looks at the loss: each look waits for the device


class Step(Callback):
    """Clips the gradient norm, steps (through fp16's scaler where there is one), and stops at a loss that is no number."""

    order = 20

    def __init__(self, clip: float, precision: str, device: str) -> None:
        self.clip = clip
        self.scaler = torch.amp.GradScaler(device, enabled=precision == "fp16")

    def before_fit(self) -> None:
        self.bad: torch.Tensor | None = None

    def after_loss(self) -> None:
        if self.training:
            self.learn.loss_grad = self.scaler.scale(self.loss_grad)

    def before_step(self) -> None:
        scaler, optimizer = self.scaler, self.opt.opt
        if scaler.is_enabled():
            scaler.unscale_(optimizer)
        if self.clip:
            torch.nn.utils.clip_grad_norm_([p for group in optimizer.param_groups for p in group["params"]], self.clip)
        bad = ~torch.isfinite(self.loss_grad.detach())
        self.bad = bad if self.bad is None else self.bad | bad
        if self.train_iter % LOOK_EVERY == 0 or self.iter == self.n_iter - 1:
            self._look()
        if scaler.is_enabled():
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()  # fastai's own step then finds no gradient

    def _look(self) -> None:
        if bool(self.bad):
            raise _diverged(f"by step {self.train_iter + 1} of epoch {self.epoch + 1}")


def _diverged(when: str) -> TrainingError:
    return TrainingError(
        "a finite loss in every step and on validation", f"NaN or infinity {when}", "lower finetune.lr, raise finetune.warmup, or set finetune.precision: fp32"
    )


class Validate(Callback):
    """Scores validation rows after each epoch by the same prediction as everywhere, and keeps the best weights.

    The best epoch is the one with the highest monitored metric, then with the lowest loss. Takes the place of
    fastai's own validation loop.
    """

    order = 55

    def __init__(self, task: Task, encoder: Encoder, features: Features, rows: Sequence[Row]) -> None:
        self.task, self.encoder, self.features, self.rows = task, encoder, features, rows
        self.history: list[dict[str, float]] = []
        self.best: dict[str, float] = {}
        self.weights: dict[str, torch.Tensor] = {}

    def before_train(self) -> None:
        self.losses: list[torch.Tensor] = []

    def after_batch(self) -> None:
        if self.training:
            self.losses.append(self.loss.detach())

    def before_validate(self) -> None:
        self.model.eval()
        backend = TorchBackend(self.task, self.model.model)
        answers = predict_features(self.task, backend, self.encoder, self.features, self.rows)
        metrics = self.task.score(answers, self.rows)
        if not all(map(math.isfinite, metrics.values())):  # the epoch's last step spoiled the weights: no training loss shows it
            raise _diverged(f"on validation after epoch {self.epoch + 1}")
        line = {"epoch": self.epoch + 1, "train_loss": float(torch.stack(self.losses).float().mean())}
        self.history.append(line | {name if name != "loss" else "validation_loss": value for name, value in metrics.items()})
        if not self.best or self._key(metrics) > self._key(self.best):
            self.best = metrics | {"epoch": self.epoch + 1}
            self.weights = {name: tensor.detach().to("cpu", copy=True) for name, tensor in self.model.model.state_dict().items()}
        raise CancelValidException

    def _key(self, metrics: dict[str, float]) -> tuple[float, float]:
        return metrics[self.task.monitor], -metrics.get("loss", 0.0)


class Progress(Callback):
    """A bar with loss, rows a second and time left in a terminal, and one line an epoch everywhere."""

    order = 60

    def __init__(self, rows: int, validate: Validate, heard: Callable[[int, dict[str, float]], None] = lambda step, values: None) -> None:
        self.rows, self.validate, self.heard = rows, validate, heard

    def before_fit(self) -> None:
        self.bar = progress("finetune", self.rows * self.n_epoch, "rows")
        self.started, self.spent, self.seen = time.perf_counter(), 0.0, 0

    def before_train(self) -> None:
        self.started = time.perf_counter()

    def after_batch(self) -> None:
        if not self.training:
            return
        self.seen += len(self.yb[0])
        self.bar.update(len(self.yb[0]))
        if self.train_iter % LOOK_EVERY == 0:
            values = {"train_loss": float(self.loss.detach()), "lr": self.opt.hypers[-1]["lr"]}
            self.bar.set_postfix(loss=f"{values['train_loss']:.3f}", epoch=f"{self.epoch + 1}/{self.n_epoch}")
            self.heard(self.train_iter, values)

    def after_train(self) -> None:
        self.spent += time.perf_counter() - self.started

    def after_epoch(self) -> None:
        line = self.validate.history[-1]
        rate = self.seen / self.spent
        shown = ", ".join(f"{name} {value:.4f}" for name, value in line.items() if name != "epoch")
        log.info("finetune: epoch %d of %d, %s, %.0f rows/s", line["epoch"], self.n_epoch, shown, rate)
        self.heard(self.train_iter, line | {"rows_per_second": rate})

    def after_fit(self) -> None:
        self.bar.close()
