"""The fine-tuning benchmark's other side: Hugging Face's Trainer, at its best documented settings or as shipped. No fastai here."""

import math
import tempfile
from collections.abc import Callable
from typing import Any

import torch

from benchmarks.finetune_case import BATCHES, SHIPPED, Observed, Outcome, Prepared, facts_alike
from benchmarks.paired import cpu_seconds
from hugline.environment import import_transformers
from hugline.learner.batches import PAD_MULTIPLE, batch_order

FIRST_LR, LAST_LR = 25.0, 1e5  # as in hugline/learner/training.py, which can't be imported without fastai; compared with it in every run


def one_cycle(steps: int, warmup: float) -> Callable[[int], float]:
    """The share of the peak that the learning rate has at a step: cosines up from 1/25 and down to 1/100,000."""

    def share(step: int) -> float:
        place = step / steps
        if place < warmup:
            first, last, done = 1 / FIRST_LR, 1.0, place / warmup
        else:
            first, last, done = 1.0, 1 / LAST_LR, (place - warmup) / (1 - warmup)
        return first + (1 + math.cos(math.pi * (1 - done))) * (last - first) / 2

    return share


def arguments(prepared: Prepared, folder: str) -> Any:
    """TrainingArguments: the same rows, epochs, batch size and peak against every peer; nothing logged, saved or evaluated."""
    settings = prepared.settings
    common: dict[str, Any] = {
        "output_dir": folder,
        "use_cpu": True,
        "seed": prepared.seed,
        "num_train_epochs": settings.epochs,
        "per_device_train_batch_size": settings.batch_size,
        "learning_rate": settings.lr,
        "logging_strategy": "no",
        "save_strategy": "no",
        "eval_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }
    if prepared.case.peer != SHIPPED:
        common |= {
            "bf16": settings.precision == "bf16",
            "train_sampling_strategy": "group_by_length",
            "optim": "adamw_torch_fused",
            "weight_decay": settings.weight_decay,
            "max_grad_norm": settings.clip,
            "dataloader_num_workers": 0,
            "dataloader_pin_memory": False,
            "remove_unused_columns": False,
        }
    if prepared.case.peer == BATCHES:
        common |= {"train_sampling_strategy": "sequential", "num_train_epochs": 1}  # all epochs, one after the other: see `in_order`
    return import_transformers().TrainingArguments(**common)


def dataset(prepared: Prepared) -> list[dict[str, Any]]:
    """The tokenized rows as a list, which Trainer reads faster than a `datasets.Dataset`."""
    features, labels = prepared.features, prepared.task.targets(prepared.rows).tolist()
    rows: list[dict[str, Any]] = []
    for i, label in enumerate(labels):
        part = slice(int(features.offsets[i]), int(features.offsets[i + 1]))
        row = {"input_ids": features.input_ids[part].tolist(), "attention_mask": [1] * (part.stop - part.start), "labels": label}
        if features.token_type_ids is not None:
            row["token_type_ids"] = features.token_type_ids[part].tolist()
        rows.append(row)
    return rows


def in_order(prepared: Prepared, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of all epochs one after the other, as hugline batches them."""
    settings, lengths = prepared.settings, prepared.features.lengths
    orders = (batch_order(lengths, settings.batch_size, prepared.seed, epoch) for epoch in range(settings.epochs))
    return [rows[i] for order in orders for batch in order for i in batch]


def build(prepared: Prepared, model: Any, tokenizer: Any, rows: list[dict[str, Any]], observed: Observed, folder: str) -> Any:
    """A Trainer; unless as shipped with hugline's schedule, and frozen embeddings where hugline's are."""
    transformers = import_transformers()
    shipped, settings = prepared.case.peer == SHIPPED, prepared.settings
    padded = transformers.DataCollatorWithPadding(tokenizer, pad_to_multiple_of=None if shipped else PAD_MULTIPLE)

    def collate(batch: list[dict[str, Any]]) -> Any:
        inputs = padded(batch)
        observed.padded_tokens.append(inputs["input_ids"].numel())
        return inputs

    class Watch(transformers.TrainerCallback):  # type: ignore[name-defined]
        """Notes the learning rate of every step."""

        def on_step_begin(self, *_: Any, **given: Any) -> None:
            observed.lrs.append(given["lr_scheduler"].get_last_lr()[0])

    if settings.freeze_embeddings and not shipped:
        model.get_input_embeddings().requires_grad_(False)
    trainer = transformers.Trainer(
        model, arguments(prepared, folder), data_collator=collate, train_dataset=rows, processing_class=tokenizer, callbacks=[Watch()]
    )
    trainer.remove_callback(transformers.PrinterCallback)
    if not shipped:
        trainer.create_optimizer()
        steps = settings.epochs * -(-len(prepared.rows) // settings.batch_size)
        trainer.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(trainer.optimizer, one_cycle(steps, settings.warmup))
    return trainer


def train(prepared: Prepared) -> Outcome:
    """Fine-tune; timed is all from Trainer's making to the end of its `train`."""
    transformers = import_transformers()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(prepared.settings.threads)
    transformers.set_seed(prepared.seed)
    auto = getattr(transformers, prepared.task.auto_model)
    folder = prepared.checkpoint.folder
    model = auto.from_pretrained(
        folder,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
        attn_implementation="sdpa",
        ignore_mismatched_sizes=True,
        local_files_only=True,
        **prepared.task.model_kwargs(),
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    rows, observed = dataset(prepared), Observed()
    if prepared.case.peer == BATCHES:
        rows = in_order(prepared, rows)
    observed.watch(model)
    with tempfile.TemporaryDirectory() as output:
        started = cpu_seconds()
        trainer = build(prepared, model, tokenizer, rows, observed, output)
        trainer.train()
        used = cpu_seconds() - started
    scores = prepared.score(trainer.model)
    alike = facts_alike(prepared, trainer.optimizer, trainer.model, observed, trainer.args.max_grad_norm)
    return Outcome(used, {name: scores[name] for name in ("accuracy", "macro_f1")}, observed, alike, own(prepared, trainer))


def own(prepared: Prepared, trainer: Any) -> dict[str, Any]:
    """What Trainer does its own way."""
    shipped = prepared.case.peer == SHIPPED
    return {
        "AdamW's form": str(trainer.args.optim.value).removeprefix("adamw_torch_"),
        "batches": f"{trainer.args.train_sampling_strategy}; padded to the longest" + ("" if shipped else f", a multiple of {PAD_MULTIPLE}"),
        "schedule": str(trainer.args.lr_scheduler_type.value) if shipped else "the same, by LambdaLR",
    }
