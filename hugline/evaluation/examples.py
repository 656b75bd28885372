"""What a person looks at to understand a model: its worst errors, labels that look wrong, and rows that training has almost seen."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from hugline.core.occlusion import Words, occlude_rows
from hugline.core.rows import SPLITS
from hugline.core.slices import input_texts
from hugline.core.task import Row, Task
from hugline.evaluation.evaluated import Evaluated, Vectorize
from hugline.evaluation.neighbours import Neighbours, nearest
from hugline.evaluation.suspects import Suspects, find_suspects
from hugline.evaluation.vectors import Vectors

ROWS = 20_000  # that label errors and neighbours are looked for among, at most
NEAREST = 3  # training rows beside each row that is shown

Ids = npt.NDArray[np.int64]
Place = tuple[str, int]  # a split, and a position in it


class Neighbour(TypedDict):
    """A training row like the one that is shown."""

    row: int
    split: str
    label: str
    similarity: float
    text: str | None  # None where texts must not be shown


class Example(TypedDict):
    """A row that is shown, by its number in the source."""

    row: int
    split: str
    label: str
    predicted: str | None  # None: a leak in a split whose answers were not given
    score: float
    text: str | None  # None where texts must not be shown
    words: Words | None  # None: not looked for, or must not be shown
    neighbours: list[Neighbour]


class LabelErrors(TypedDict):
    """How many labels look wrong among how many rows, and how often the models that say so are right themselves."""

    rows: int
    suspects: int
    share: float | None  # None: no row could be judged
    accuracy: float | None


class Examples(TypedDict):
    """What was found; `score` is the confidence of an error, the probability of a suspected label, the similarity of a leak."""

    errors: list[Example]
    suspects: list[Example]
    leaks: list[Example]
    label_errors: LabelErrors


def find_examples(evaluated: Evaluated, limit: int, seed: int) -> Examples:
    """The rows to look at, at most `limit` of each kind, the worst first; of a task without labels none.

    Vectors are asked for only where they are needed: of at most 20,000 rows, drawn by the seed, and of the rows that are shown.
    """
    if "label" not in evaluated.task.Target.model_fields:
        return {"errors": [], "suspects": [], "leaks": [], "label_errors": {"rows": 0, "suspects": 0, "share": None, "accuracy": None}}
    drawn = _drawn([(split, i) for split in SPLITS for i in range(len(evaluated.rows[split]))], seed)
    vectors = _vectors(evaluated.frozen, drawn)
    found = find_suspects(vectors, [evaluated.rows[split][i]["label"] for split, i in drawn], seed)
    return {
        "errors": _errors(evaluated, limit, seed),
        "suspects": _suspects(evaluated, found, drawn, vectors, limit),
        "leaks": _leaks(evaluated, limit),
        "label_errors": {"rows": found.rows, "suspects": len(found.indices), "share": found.share, "accuracy": found.accuracy},
    }


def without_texts(examples: Examples) -> Examples:
    """The same rows by number, without texts and words, for places where texts must not be shown."""
    return {
        "errors": [_without_text(item) for item in examples["errors"]],
        "suspects": [_without_text(item) for item in examples["suspects"]],
        "leaks": [_without_text(item) for item in examples["leaks"]],
        "label_errors": examples["label_errors"],
    }


def _without_text(item: Example) -> Example:
    return {**item, "text": None, "words": None, "neighbours": [{**near, "text": None} for near in item["neighbours"]]}


def _errors(evaluated: Evaluated, limit: int, seed: int) -> list[Example]:
    """Test rows with a wrong answer, the surest first, with the words that drove it and the nearest training rows."""
    task, answers, rows = evaluated.task, evaluated.answers["test"], evaluated.rows["test"]
    sure = task.confidences(answers)
    wrong = [i for i, (answer, row) in enumerate(zip(answers, rows, strict=True)) if answer.label != row["label"]]
    worst = sorted(wrong, key=lambda i: -sure[i])[:limit]
    if not worst:
        return []
    words = occlude_rows(evaluated.classify, [rows[i] for i in worst], [answers[i] for i in worst], list(task.Input.model_fields))
    train = _drawn([("train", i) for i in range(len(evaluated.rows["train"]))], seed)
    near = nearest(evaluated.tuned("test", np.array(worst, np.int64)), _vectors(evaluated.tuned, train), NEAREST)
    return [
        _example(evaluated, ("test", i), answers[i].label, float(sure[i]), said, _neighbours(evaluated, train, found))
        for i, said, found in zip(worst, words, near, strict=True)
    ]


def _suspects(evaluated: Evaluated, found: Suspects, drawn: Sequence[Place], vectors: Vectors, limit: int) -> list[Example]:
    """Rows of any split whose label looks wrong, with the label that the folds would give and the nearest other training rows."""
    at = np.array(found.indices[:limit], np.int64)
    if not len(at):
        return []
    train = [i for i, (split, _) in enumerate(drawn) if split == "train"]
    own = {i: position for position, i in enumerate(train)}
    near = nearest(vectors[at], vectors[train], NEAREST, np.array([own.get(i, -1) for i in at.tolist()], np.int64))
    return [
        _example(evaluated, drawn[i], predicted, confidence, None, _neighbours(evaluated, [drawn[j] for j in train], others))
        for i, predicted, confidence, others in zip(at.tolist(), found.suggested[:limit], found.confidence[:limit], near, strict=True)
    ]


def _leaks(evaluated: Evaluated, limit: int) -> list[Example]:
    """Validation and test rows with a near-duplicate in training, the likest first."""
    found = set()
    for pair in evaluated.near:
        one, other = sorted([(pair["split"], pair["row"]), (pair["near_split"], pair["near_row"])], key=lambda end: end[0] == "train")
        if one[0] != "train" and other[0] == "train":
            found.add((-float(pair["similarity"]), one, other))
    leaks = sorted(found)[:limit]
    ends = {end for _, *pair in leaks for end in pair}
    places = {end: (split, i) for split in SPLITS for i, row in enumerate(evaluated.rows[split]) if (end := (split, row["row"])) in ends}
    return [
        _example(evaluated, places[one], _answered(evaluated, places[one]), -less, None, [_neighbour(evaluated, places[other], -less)])
        for less, one, other in leaks
    ]


def _answered(evaluated: Evaluated, place: Place) -> str | None:
    split, i = place
    return str(evaluated.answers[split][i].label) if split in evaluated.answers else None


def _drawn(places: Sequence[Place], seed: int) -> list[Place]:
    """All places, or 20,000 of them by chance, in their order."""
    if len(places) <= ROWS:
        return list(places)
    return [places[i] for i in np.sort(np.random.default_rng(seed).choice(len(places), ROWS, replace=False))]


def _vectors(vectorize: Vectorize, places: Sequence[Place]) -> Vectors:
    """Vectors of places that are in the order of the splits."""
    by_split = {split: np.array([i for s, i in places if s == split], np.int64) for split in SPLITS}
    return np.concatenate([vectorize(split, positions) for split, positions in by_split.items() if len(positions)])


def _example(evaluated: Evaluated, place: Place, predicted: str | None, score: float, words: Words | None, neighbours: list[Neighbour]) -> Example:
    split, i = place
    row = evaluated.rows[split][i]
    return {
        "row": row["row"],
        "split": split,
        "label": row["label"],
        "predicted": predicted,
        "score": score,
        "text": _text(evaluated.task, row),
        "words": words,
        "neighbours": neighbours,
    }


def _neighbours(evaluated: Evaluated, places: Sequence[Place], found: Neighbours) -> list[Neighbour]:
    return [_neighbour(evaluated, places[i], cosine) for i, cosine in found]


def _neighbour(evaluated: Evaluated, place: Place, similarity: float) -> Neighbour:
    split, i = place
    row = evaluated.rows[split][i]
    return {"row": row["row"], "split": split, "label": row["label"], "similarity": similarity, "text": _text(evaluated.task, row)}


def _text(task: Task, row: Row) -> str:
    """All input texts of a row, one below the other."""
    return "\n".join(input_texts(task, row))
