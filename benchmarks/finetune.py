"""Fine-tuning: hugline.learner against Hugging Face's Trainer, on CPU seconds of the training section.

    python -m benchmarks.finetune --data mrpc --rows 1024 --epochs 1 --pairs 10

`--peer trainer-equal`: the same checkpoint, head, rows, batch size, steps, precision, threads, AdamW settings, clipping
and learning rate in every step, the embeddings frozen or trained in both; each groups by length its own way. `--peer
trainer-batches`: all that, and the very same batches in the same order. Both are checked before anything is measured and
again in every pair. `--peer trainer-shipped`: hugline as params.yaml says against Trainer's defaults (fp32, random
batches, no decay, linear schedule, nothing frozen), with the same rows, batch size, epochs and peak learning rate.
"""

import argparse
import json
import logging
import math
import sys
from collections.abc import Sequence
from importlib import import_module

from benchmarks.finetune_case import EQUAL, PEERS, SHIPPED, WARM_UP_BATCHES, Case, prepare_case, shown_lrs
from benchmarks.finetune_rows import DATA, load_rows
from benchmarks.paired import Comparison, Report, Side, compare, run
from benchmarks.report import MIN_PAIRS, commit, record, section
from hugline.environment import import_transformers, prepare
from hugline.errors import UserError
from hugline.params import load_params

SIDES = ("hugline", "trainer")
LR_TOLERANCE = 1e-4  # relative; fastai computes its schedule in fp32


def _count(text: str) -> int:
    if (value := int(text)) < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def _positive(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def case_parser() -> argparse.ArgumentParser:
    """The arguments that make a case; both the benchmark and its sides take them."""
    settings = load_params().finetune
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", choices=DATA, default="demo")
    parser.add_argument("--rows", type=_count, default=0, help="rows to train on; 0: all")
    parser.add_argument("--held-out", type=_count, default=500, help="rows that accuracy is taken on; 0: all")
    parser.add_argument("--epochs", type=_positive, default=settings.epochs)
    parser.add_argument("--batch-size", type=_positive, default=settings.batch_size)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default=settings.precision, help="of both sides; trainer-shipped keeps its fp32")
    parser.add_argument("--embeddings", choices=("frozen", "trained"), default="frozen" if settings.freeze_embeddings else "trained")
    parser.add_argument("--peer", choices=PEERS, default=EQUAL)
    return parser


def run_side(arguments: Sequence[str]) -> None:
    """Train one side, a few batches first, and print its report: `python -m benchmarks.finetune side --side NAME ...`."""
    parser = argparse.ArgumentParser(prog="benchmarks.finetune side", parents=[case_parser()])
    parser.add_argument("--side", choices=SIDES, required=True)
    parser.add_argument("--pair", type=_count, default=0)
    given = vars(parser.parse_args(arguments))
    side, case = given.pop("side"), Case(**given)
    import_transformers()
    train = import_module(f"benchmarks.finetune_{side}").train
    prepared = prepare_case(case)
    train(prepared.cut(WARM_UP_BATCHES * case.batch_size, 8, 1))
    outcome = train(prepared)
    if side == "trainer":
        assert "fastai" not in sys.modules, "the peer runs without fastai"
    trained = len(prepared.rows) * case.epochs
    report = {
        "cpu_seconds": outcome.cpu_seconds,
        "rows_per_cpu_second": trained / outcome.cpu_seconds,
        "steps": len(outcome.observed.lrs),
        "rows": len(prepared.rows),
        "held_out_rows": len(prepared.held_out_rows),
        "padded_tokens": sum(outcome.observed.padded_tokens),
        **outcome.scores,
    }
    own = outcome.own | {"learning rates": shown_lrs(outcome.observed.lrs)}
    print(json.dumps(report | {"configuration": outcome.alike | own, "alike": sorted(outcome.alike), "lrs": outcome.observed.lrs}))


def resolved_case(given: argparse.Namespace) -> Case:
    """The case with `auto` precision resolved for this processor."""
    precision = given.precision
    if precision == "auto":
        import_transformers()
        from hugline.learner.hardware import resolve

        precision = resolve(load_params().finetune.model_copy(update={"device": "cpu", "precision": "auto"})).precision
    names = ("data", "rows", "held_out", "epochs", "batch_size", "embeddings", "peer")
    return Case(**{name: getattr(given, name) for name in names}, precision=precision, pair=0)


def side_of(name: str, case: Case) -> Side:
    """The command of one side."""
    return Side(name, [sys.executable, "-m", "benchmarks.finetune", "side", f"--side={name}", *case.arguments()])


def check_equal(ours: Report, theirs: Report) -> None:
    """Raise UserError where the two sides did not do the same work."""
    names = [*ours["alike"], "steps", "rows", "held_out_rows"]
    a, b = ours | ours["configuration"], theirs | theirs["configuration"]
    wrong = [f"{name}: hugline {a.get(name)!r}, trainer {b.get(name)!r}" for name in names if a.get(name) != b.get(name)]
    steps = enumerate(zip(ours["lrs"], theirs["lrs"], strict=False), 1)  # unequal numbers of steps are told above
    wrong += [f"learning rate of step {n}: hugline {x:g}, trainer {y:g}" for n, (x, y) in steps if not math.isclose(x, y, rel_tol=LR_TOLERANCE)][:3]
    if wrong:
        raise UserError("the same work on both sides", "\n  - ".join(["", *wrong]), "a library changed: mend benchmarks/finetune_trainer.py")


def measure(case: Case, pairs: int, control_pairs: int) -> Comparison:
    """A short run of each side that must be equal, the control, and the pairs."""
    ours, theirs = (side_of(name, case) for name in SIDES)
    if case.peer != SHIPPED:
        short = Case(**vars(case) | {"rows": 2 * case.batch_size, "held_out": 8, "epochs": 1})
        check_equal(*(run([part.replace("{pair}", "0") for part in side_of(name, short).command]) for name in SIDES))
    comparison = compare(ours, theirs, pairs, control_pairs)
    for pair in comparison.pairs if case.peer != SHIPPED else ():
        check_equal(pair.a, pair.b)
    return comparison


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    prepare()
    if arguments[:1] == ["side"]:
        run_side(arguments[1:])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finetune", description=__doc__, parents=[case_parser()])
    parser.add_argument("--pairs", type=_positive, default=MIN_PAIRS)
    parser.add_argument("--control-pairs", type=_positive, help="as many as --pairs where not given")
    parser.add_argument("--record", action="store_true", help="append to benchmarks/RESULTS.md")
    given = parser.parse_args(arguments)
    control_pairs = given.control_pairs or given.pairs
    if given.record and min(given.pairs, control_pairs) < MIN_PAIRS:
        parser.error(f"--record: at least {MIN_PAIRS} of --pairs and of --control-pairs")
    load_rows(given.data, 1, 1, seed=0)  # data that are not there are told before anything runs
    case, measured = resolved_case(given), commit()
    comparison = measure(case, given.pairs, control_pairs)
    text = section(f"fine-tuning {case.data}, {case.peer}", ["python", "-m", "benchmarks.finetune", *arguments], comparison, measured)
    print(text)
    if given.record:
        record(text, comparison)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        main(sys.argv[1:])
    except UserError as error:
        raise SystemExit(f"{error}") from None
