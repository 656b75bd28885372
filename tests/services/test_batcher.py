"""The micro-batcher: order, lengths, bounds, deadlines, and one bad row that harms no other."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hugline.core.encoder import load_encoder
from hugline.core.features import Batch
from hugline.core.predictor import Predictor
from hugline.core.task import Outputs
from hugline.tasks import load_task
from services.batcher import BATCH_ROWS, Batcher, ClosedError, ExpiredError, QueueFullError, Ran

POISON = "shoes"
Row = dict[str, str]


class Slow:
    """A backend whose logits follow from a row's tokens, that takes its time, and breaks at one word."""

    def __init__(self, poison: int, seconds: float = 0.02) -> None:
        self.poison, self.seconds = poison, seconds
        self.widths: list[tuple[int, ...]] = []  # rows and padded tokens of each batch that ran

    def forward(self, batch: Batch) -> Outputs:
        ids = batch["input_ids"]
        time.sleep(self.seconds)
        self.widths.append(ids.shape)
        if (ids == self.poison).any():
            raise RuntimeError("poison")
        total = (ids * batch["attention_mask"]).sum(1)
        return {"logits": np.stack([total % 7, total % 5, total % 3], 1).astype(np.float32)}


@pytest.fixture
def predictor(package: Path) -> Predictor:
    encoder = load_encoder(package)
    return Predictor(load_task(package), encoder, Slow(encoder.tokenizer.token_to_id(POISON)))


def run(test: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(test, 30))


def text(words: int) -> Row:
    return {"text": " ".join(["parcel"] * words)}


def test_answers_equal_those_of_the_predictor_in_the_order_of_the_rows(predictor: Predictor) -> None:
    rows = [text(n) for n in (1, 9, 2, 8, 3, 7, 20, 4, 6, 5, 1, 12)]

    async def test() -> list[Any]:
        batcher = Batcher(predictor, lanes=2)
        one, many = await asyncio.gather(batcher.answer(rows[:1], 10), batcher.answer(rows[1:], 10))
        return [*one, *many]

    assert run(test()) == predictor.predict(rows)


def test_rows_that_wait_together_run_with_those_of_like_length(predictor: Predictor) -> None:
    async def test() -> None:
        batcher = Batcher(predictor)
        await asyncio.gather(*(batcher.answer([text(n)], 10) for n in [5] + [1, 20] * BATCH_ROWS))

    run(test())
    special = 2  # tokens beside the words
    assert predictor.backend.widths == [(1, 5 + special), (BATCH_ROWS, 1 + special), (BATCH_ROWS, 20 + special)]  # type: ignore[attr-defined]


def test_one_bad_row_fails_alone(predictor: Predictor) -> None:
    async def test() -> list[Any]:
        batcher = Batcher(predictor)
        rows = [text(2) for _ in range(47)]
        rows.insert(20, {"text": f"parcel {POISON}"})
        return await asyncio.gather(*(batcher.answer([row], 10) for row in rows), return_exceptions=True)

    found = run(test())
    assert [i for i, answer in enumerate(found) if isinstance(answer, Exception)] == [20]
    assert isinstance(found[20], RuntimeError)


def test_more_tokens_than_the_queue_holds_are_refused_with_a_time_to_come_back(predictor: Predictor) -> None:
    async def test() -> None:
        batcher = Batcher(predictor, queue_tokens=75)
        tasks = [asyncio.create_task(batcher.answer([text(18)], 10)) for _ in range(4)]  # one runs, three wait: 60 tokens
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError, match=r"full for about [1-9]\d* s"):
            await batcher.answer([text(12)], 10)
        assert len([a for answers in await asyncio.gather(*tasks) for a in answers]) == 4
        assert (batcher.queued_rows, batcher.queued_tokens) == (0, 0)
        assert await batcher.answer([text(50)], 10), "an empty queue takes what is larger than itself"

    run(test())


def test_expired_rows_are_answered_at_their_deadline_and_never_computed(predictor: Predictor) -> None:
    predictor.backend.seconds = 0.3  # type: ignore[attr-defined]

    async def test() -> None:
        batcher = Batcher(predictor)
        first = asyncio.create_task(batcher.answer([text(3)], 10))
        await asyncio.sleep(0)
        started = time.perf_counter()
        with pytest.raises(ExpiredError):
            await batcher.answer([text(9)] * 3, 0.05)
        assert time.perf_counter() - started < 0.25
        assert await first
        await batcher.drain()

    run(test())
    assert len(predictor.backend.widths) == 1  # type: ignore[attr-defined]


def test_what_a_client_that_left_had_asked_is_not_computed(predictor: Predictor) -> None:
    async def test() -> None:
        batcher = Batcher(predictor)
        first, gone = (asyncio.create_task(batcher.answer([text(n)], 10)) for n in (3, 9))
        await asyncio.sleep(0)
        gone.cancel()
        await first
        await batcher.drain()

    run(test())
    assert len(predictor.backend.widths) == 1  # type: ignore[attr-defined]


def test_a_long_request_takes_turns_with_short_ones_and_is_not_starved(predictor: Predictor) -> None:
    ended: list[str] = []

    async def ask(batcher: Batcher, rows: list[Row], name: str) -> None:
        await batcher.answer(rows, 20)
        ended.append(name)

    async def test() -> None:
        batcher = Batcher(predictor)
        long = asyncio.create_task(ask(batcher, [text(6)] * 80, "long"))
        await asyncio.sleep(0.05)
        await asyncio.gather(long, *(ask(batcher, [text(6)], "short") for _ in range(4)))

    run(test())
    assert ended == ["short"] * 4 + ["long"]


def test_drain_answers_what_waits_and_takes_no_more(predictor: Predictor) -> None:
    async def test() -> None:
        batcher = Batcher(predictor)
        asked = [asyncio.create_task(batcher.answer([text(4)], 10)) for _ in range(20)]
        await asyncio.sleep(0)
        draining = asyncio.create_task(batcher.drain())
        await asyncio.sleep(0)
        with pytest.raises(ClosedError):
            await batcher.answer([text(1)], 10)
        assert len(await asyncio.gather(*asked)) == 20
        await draining

    run(test())


def test_every_batch_is_told_with_its_rows_tokens_and_waits(predictor: Predictor) -> None:
    heard: list[Ran] = []

    async def test(heard_by: Callable[[Ran], None]) -> None:
        batcher = Batcher(predictor, heard=heard_by)
        await asyncio.gather(*(batcher.answer([text(n)], 10) for n in (1, 2, 4)))

    run(test(heard.append))
    assert [(ran.rows, ran.tokens, ran.padded) for ran in heard] == [(1, 3, 3), (2, 10, 12)]
    assert all(len(ran.waited_s) == ran.rows and ran.seconds >= 0.02 for ran in heard)
    assert min(heard[1].waited_s) >= 0.015
