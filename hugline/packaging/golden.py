"""Golden rows: rows with the answers that the packaged model gives, replayed wherever it is served."""

from collections.abc import Sequence
from typing import Any

from hugline.core.answers import differs
from hugline.core.predictor import Predictor
from hugline.core.task import Row
from hugline.errors import PackageError

ROWS = 16


def choose_golden(rows: Sequence[Row], toy: Sequence[Row], texts_allowed: bool) -> list[Row]:
    """Validation rows spread evenly over their length order, both ends included, where texts may be shown, else the task's toy rows."""
    if not texts_allowed:
        return list(toy)
    by_length = sorted(range(len(rows)), key=lambda i: (len(str(rows[i])), i))
    places = sorted({round(i * (len(rows) - 1) / (ROWS - 1)) for i in range(ROWS)})
    return [rows[by_length[place]] for place in places]


def answer_golden(served: Predictor, reference: Predictor, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each row's input beside the served model's answer; raises PackageError where the two models differ."""
    names = tuple(served.task.Input.model_fields)
    inputs = [{name: row[name] for name in names} for row in rows]
    golden = []
    for given, ours, theirs in zip(inputs, served.predict(inputs), reference.predict(inputs), strict=True):
        answer, wanted = ours.model_dump(), theirs.model_dump()
        if difference := differs(answer, wanted):
            raise PackageError("an exported model that answers as the trained one", difference, "report this architecture; the weights themselves are intact")
        golden.append({"input": given, "answer": answer})
    return golden
