"""The words that drove an answer: a row is asked once as it is and once without each word, in one request to the batcher."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hugline.core.occlusion import VARIANTS, occlude, parts_of, without
from hugline.core.task import Answer, Row, Task

Ask = Callable[[Sequence[Row]], Awaitable[list[Answer]]]
Words = dict[str, list[tuple[str, float]]]  # column -> its words in order, each with the probability that the label loses without it


def columns(task: Task) -> tuple[str, ...]:
    """The texts of a task whose answers can be explained: those with a label and the score of every label. Of other tasks none."""
    if not {"label", "scores"} <= task.Output.model_fields.keys():
        return ()
    return tuple(name for name, field in task.Input.model_fields.items() if field.annotation is str)


def most_characters(max_body: int) -> int:
    """Of a row's texts together: to explain a row is never more to read than the largest body may hold."""
    return max_body // (VARIANTS + 1)


async def explain(ask: Ask, row: Row, texts: Sequence[str]) -> tuple[Answer, Words]:
    """The answer to a row, and the weights of its words; `ask` gets at most 61 rows, the row itself among them."""
    parts = parts_of(row, texts)
    answer, *occluded = await ask([row, *(without(row, part) for part in parts)])
    weights: Any = occlude(lambda _: occluded, row, answer, texts)
    words: Words = {name: [] for name in texts}
    for part, weight in zip(parts, weights, strict=True):
        words[part.column].append(weight)
    return answer, words
