"""What one AdamW step costs by its form: the default model's trained weights, word embeddings frozen.

`python -m benchmarks.optimizer_steps` prints milliseconds of CPU and of wall clock a step, each form in turn, three rounds.
"""

import time

import torch

from hugline.core.checkpoint import find_checkpoint
from hugline.environment import prepare
from hugline.learner.hardware import Resolved, adamw
from hugline.learner.training import decay_groups, freeze_embeddings, pretrained_model
from hugline.params import load_params
from hugline.tasks import task_class

STEPS, ROUNDS, THREADS = 30, 3, 2
FORMS = ("fused", "foreach", "loop")


def main() -> None:
    """Step with made-up gradients; the forms take turns, so that a busy moment meets all of them."""
    prepare()
    torch.set_num_threads(THREADS)
    params = load_params()
    task = task_class("sequence_classification").model_validate({"name": "sequence_classification", "labels": ["a", "b"]})
    model = pretrained_model(task, find_checkpoint(params.model.checkpoint, params.model.revision))
    freeze_embeddings(model)
    for group in (groups := decay_groups(model, 0.01)):
        for weight in group["params"]:
            weight.grad = torch.randn_like(weight) * 1e-3
    count = sum(weight.numel() for group in groups for weight in group["params"])
    print(f"{count:,} weights in {sum(len(group['params']) for group in groups)} tensors, {THREADS} threads, {STEPS} steps")
    for _ in range(ROUNDS):
        for form in FORMS:
            optimizer = adamw(Resolved("cpu", "fp32", form, THREADS), 0.01)(groups, lr=1e-6)
            optimizer.opt.step()  # makes its state
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(STEPS):
                optimizer.opt.step()
            spent = [(time.process_time() - cpu) / STEPS, (time.perf_counter() - wall) / STEPS]
            print(f"{form}: {spent[0] * 1e3:.1f} ms CPU, {spent[1] * 1e3:.1f} ms wall", flush=True)


if __name__ == "__main__":
    main()
