"""Stage 3: tokenized rows and a checkpoint -> models/finetuned, and the validation metrics that selection may read."""

import logging
from pathlib import Path

from hugline.core.checkpoint import find_checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.rows import read_features, read_rows
from hugline.core.store import save_model
from hugline.environment import hide_broken_torchvision
from hugline.params import load_params
from hugline.tasks import load_task
from hugline.tracking import Tracker
from stages import hooks, main, whole, write_json, write_text

log = logging.getLogger("stages.finetune")


def run(ingested: Path, tokenized: Path, finetuned: Path, history: Path, validation: Path) -> None:
    """Fine-tune, keep the best epoch, record how."""
    hide_broken_torchvision()
    from hugline.learner.calibration import calibrate
    from hugline.learner.hardware import resolve
    from hugline.learner.training import Split, finetune, pretrained_model, seed_everything

    params = load_params()
    settings = params.finetune
    task = load_task(ingested)
    checkpoint = find_checkpoint(params.model.checkpoint, params.model.revision)
    log.info("finetune: %s (from a %s)", checkpoint.attribution, checkpoint.source)
    encoder = checkpoint_encoder(checkpoint.folder, params.model.max_length)
    resolved = resolve(settings)
    log.info("finetune: %s", ", ".join(f"{k} {v}" for k, v in resolved.as_dict().items()))
    train, held_out = (Split(read_rows(ingested, name), read_features(tokenized / f"{name}.arrow")) for name in ("train", "validation"))
    seed_everything(params.seed)
    model = pretrained_model(task, checkpoint)
    with Tracker(params.tracking, "finetune", params.model_dump(mode="json") | {"resolved": resolved.as_dict()}) as tracker:
        own = hooks.callbacks(params)
        trained = finetune(task, encoder, model, train, held_out, settings, resolved, params.seed, heard=tracker.log, callbacks=own)
        tracker.summary(trained.best)
    task = calibrate(task, encoder, trained.model, held_out)
    with whole(finetuned) as folder:
        save_model(folder, task, encoder, trained.model.cpu(), checkpoint)
    names = list(trained.history[0])
    lines = ["\t".join(names)] + ["\t".join(f"{line[n]:.6g}" for n in names) for line in trained.history]
    write_text(history, "\n".join(lines) + "\n")
    write_json(validation, {"monitor": task.monitor, "resolved": resolved.as_dict(), **trained.best, **task.fitted})
    log.info("finetune: best epoch %d, validation %s %.4f", trained.best["epoch"], task.monitor, trained.best[task.monitor])


if __name__ == "__main__":
    main(run, "INGESTED", "TOKENIZED", "FINETUNED", "HISTORY", "VALIDATION")
