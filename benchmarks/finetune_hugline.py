"""The fine-tuning benchmark's one side: hugline.learner, as the finetune stage calls it."""

from fastai.callback.core import Callback

from benchmarks.finetune_case import Observed, Outcome, Prepared, facts_alike
from benchmarks.paired import cpu_seconds
from hugline.learner.batches import GROUPED_BATCHES, PAD_MULTIPLE
from hugline.learner.hardware import resolve
from hugline.learner.training import Split, finetune, pretrained_model, seed_everything


class Watch(Callback):
    """Notes learning rates, padded tokens, the optimizer, and how many CPU seconds validation takes."""

    order = 50  # before Validate, which cancels what comes after it

    def __init__(self) -> None:
        self.observed, self.validating, self.optimizer = Observed(), 0.0, None

    def before_fit(self) -> None:
        """Keep the optimizer."""
        self.optimizer = self.opt.opt

    def before_batch(self) -> None:
        """Count the batch's tokens."""
        self.observed.padded_tokens.append(self.xb[0]["input_ids"].numel())

    def after_step(self) -> None:
        """Note the learning rate that the step had."""
        self.observed.lrs.append(float(self.opt.hypers[-1]["lr"]))

    def before_validate(self) -> None:
        """Stop the clock."""
        self.validating -= cpu_seconds()

    def after_validate(self) -> None:
        """Let the clock go on."""
        self.validating += cpu_seconds()


def train(prepared: Prepared) -> Outcome:
    """Fine-tune; timed is all of `finetune` without its validation of each epoch."""
    settings, resolved = prepared.settings, resolve(prepared.settings)
    seed_everything(prepared.seed)
    model = pretrained_model(prepared.task, prepared.checkpoint)
    rows, held_out = Split(prepared.rows, prepared.features), Split(prepared.held_out_rows, prepared.held_out)
    watch = Watch()
    watch.observed.watch(model)
    started = cpu_seconds()
    trained = finetune(prepared.task, prepared.encoder, model, rows, held_out, settings, resolved, prepared.seed, callbacks=[watch])
    used = cpu_seconds() - started - watch.validating
    scores = {name: value for name, value in trained.history[-1].items() if name in {"accuracy", "macro_f1"}}
    alike = facts_alike(prepared, watch.optimizer, trained.model, watch.observed, settings.clip)
    own = {
        "AdamW's form": resolved.optimizer,
        "batches": f"sorted by length within {GROUPED_BATCHES} batches, then shuffled; padded to a multiple of {PAD_MULTIPLE}",
        "schedule": "fastai's one-cycle",
    }
    return Outcome(used, scores, watch.observed, alike, own)
