"""Golden rows: rows with the answers that the packaged model gives, replayed wherever it is served."""

from collections.abc import Sequence
from typing import Any

from hugline.core.answers import differs
from hugline.core.predictor import Predictor
from hugline.core.task import Row
from hugline.errors import PackageError

ROWS = 16


def choose_golden(rows: Sequence[Row], toy: Sequence[Row], texts_allowed: bool, named: Sequence[int] | None = None) -> list[Row]:
    """The validation rows that the user names by their number, else such rows where texts may be shown, else the task's toy rows.

    Unnamed validation rows are spread evenly over their length order, both ends included. Naming a row says that its text may
    travel with the package, whatever `texts_allowed` says. Raises PackageError for a number that no validation row has.
    """
    if named is not None:
        return _named(rows, named)
    if not texts_allowed:
        return list(toy)
    own = list(toy[0])  # the task's columns; a kept column's length says nothing of the text
    by_length = sorted(range(len(rows)), key=lambda i: (sum(len(str(rows[i][name])) for name in own), i))
    places = sorted({round(i * (len(rows) - 1) / (ROWS - 1)) for i in range(ROWS)})
    return [rows[by_length[place]] for place in places]


def _named(rows: Sequence[Row], named: Sequence[int]) -> list[Row]:
    """The rows with these numbers, each once, in the order in which they are named."""
    by_number = {row["row"]: row for row in rows}
    if unknown := [number for number in named if number not in by_number]:
        some = ", ".join(map(str, sorted(by_number)[:5]))
        raise PackageError(
            "numbers of validation rows in privacy.golden",
            f"no validation row {', '.join(map(str, unknown))}",
            f"name rows of the column `row` in data/ingested/validation.parquet, such as {some}; or set privacy.golden to null",
        )
    return [by_number[number] for number in dict.fromkeys(named)]


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
