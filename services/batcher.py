"""The micro-batcher: rows that wait together run together, like lengths in one batch, in a queue bounded in tokens.

A row runs at once where a lane is free, so nothing waits for a batch to fill. Else the batch is made when a lane gets
free: the row whose turn it is, and the waiting rows nearest to it in length.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hugline.core.features import Features, join_features
from hugline.core.predictor import Predictor, predict_features
from hugline.core.task import Answer, Row

BATCH_ROWS = 8  # more rows of like length are no faster on a CPU (1 to 8, sorted, win)
BATCH_TOKENS = 1024  # padded tokens in a batch at most; a longer row runs alone
QUEUE_TOKENS = 65_536  # that may wait: the largest request fits an empty queue
INLINE_CHARACTERS = 4096  # texts up to this are tokenized where they arrive: a thread would cost more
TOKEN_CHARACTERS = 4  # of English, about, in a token
MEMORY = 0.9  # weight of the past in the rate of tokens


class QueueFullError(Exception):
    """More tokens wait than the queue holds; `retry_after_s` is about when it will have room."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"the queue is full for about {retry_after_s} s")
        self.retry_after_s = retry_after_s


class ExpiredError(Exception):
    """The deadline came before the row's turn."""


class ClosedError(Exception):
    """The batcher takes no more rows: the service is stopping."""


@dataclass
class Ran:
    """A batch as it ran, for whoever counts."""

    rows: int
    tokens: int  # without padding
    padded: int  # with it
    seconds: float
    waited_s: list[float]  # of each row, before the batch


@dataclass(eq=False)
class _Waiting:
    """A row in the queue."""

    row: Row
    features: Features
    turn: float  # rows with a lower one go first
    since: float  # in the loop's time
    answer: "asyncio.Future[Answer]"
    tokens: int = field(init=False)
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = int(self.features.offsets[-1])
        self.longest = int(self.features.lengths.max(initial=1))

    @property
    def padded(self) -> int:
        return self.longest * len(self.features)


class Batcher:
    """Answers rows through one predictor on `lanes` threads; one event loop's, and closed by `drain`."""

    def __init__(self, predictor: Predictor, lanes: int = 1, queue_tokens: int = QUEUE_TOKENS, heard: Callable[[Ran], None] = lambda ran: None) -> None:
        self._predictor, self._lanes, self._limit, self._heard = predictor, lanes, queue_tokens, heard
        self._models = ThreadPoolExecutor(lanes, "model")
        self._tokenizers = ThreadPoolExecutor(1, "tokenizer")
        self._waiting: list[_Waiting] = []
        self._running = 0
        self._arriving = 0  # tokens, about, of texts that are being tokenized
        self._turn = 0.0  # of the row that ran last
        self._rate = 0.0  # tokens a second, all lanes
        self._closed = False
        self.queued_tokens = 0

    @property
    def queued_rows(self) -> int:
        """Rows that wait."""
        return len(self._waiting)

    async def answer(self, rows: Sequence[Row], timeout_s: float) -> list[Answer]:
        """Answers to rows, in their order; all are queued or none.

        Raises QueueFullError, ExpiredError or ClosedError; and what the model raises for a row, which harms no other request.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        features = await self._admit(rows)
        # start-time fair queueing (Goyal et al., SIGCOMM 1996): the rows of a long request take turns with other requests
        turns = itertools.count(self._turn + 1)
        items = [_Waiting(row, made, turn, now, loop.create_future()) for row, made, turn in zip(rows, features, turns, strict=False)]
        self._waiting += items
        self.queued_tokens += sum(item.tokens for item in items)
        self._pump()
        alarm = loop.call_later(max(0.0, now + timeout_s - loop.time()), self._expire, items)
        try:
            return list(await asyncio.gather(*(item.answer for item in items)))
        finally:
            alarm.cancel()
            for item in items:
                item.answer.cancel()  # those of a client that has left, or of a request that has failed; the queue then drops them

    async def drain(self) -> None:
        """Take no more rows, and return when all that were taken are answered."""
        self._closed = True
        while self._waiting or self._running or self._arriving:
            await asyncio.sleep(0.005)
        self._models.shutdown()
        self._tokenizers.shutdown()

    async def _admit(self, rows: Sequence[Row]) -> list[Features]:
        """The features of each row, once there is room for them; texts that wait to be tokenized count by their length."""
        expected = len(rows) + _characters(rows) // TOKEN_CHARACTERS
        if self._closed:
            raise ClosedError
        if (waiting := self.queued_tokens + self._arriving) and waiting + expected > self._limit:
            raise QueueFullError(max(1, math.ceil(waiting / self._rate)) if self._rate else 1)
        self._arriving += expected
        try:
            return await self._encode(rows)
        finally:
            self._arriving -= expected

    async def _encode(self, rows: Sequence[Row]) -> list[Features]:
        """The features of each row; long texts are tokenized beside the loop."""
        if _characters(rows) <= INLINE_CHARACTERS:
            return self._encoded(rows)
        return await asyncio.get_running_loop().run_in_executor(self._tokenizers, self._encoded, rows)

    def _encoded(self, rows: Sequence[Row]) -> list[Features]:
        return [self._predictor.task.encode([row], self._predictor.encoder) for row in rows]

    def _expire(self, items: Sequence[_Waiting]) -> None:
        for item in items:
            if not item.answer.done():
                item.answer.set_exception(ExpiredError())

    def _pump(self) -> None:
        """Give every free lane a batch."""
        while self._running < self._lanes and (batch := self._take()):
            self._running += 1
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._models, self._run, batch)
            future.add_done_callback(lambda done, batch=batch: self._finish(batch, done.result()))  # type: ignore[misc]

    def _take(self) -> list[_Waiting]:
        """The next batch: the row whose turn it is, and those nearest to it in length; what nobody waits for is dropped."""
        self._waiting = [item for item in self._waiting if not item.answer.done()]
        batch: list[_Waiting] = []
        if self._waiting:
            first = min(self._waiting, key=lambda item: item.turn)  # the earlier of two with one turn: the list is in order of arrival
            size, longest = 0, first.longest
            for item in sorted(self._waiting, key=lambda item: (abs(item.longest - first.longest), item.turn)):
                longest, size = max(longest, item.longest), size + len(item.features)
                if batch and (len(batch) == BATCH_ROWS or size * longest > BATCH_TOKENS):
                    break
                batch.append(item)
            taken = set(map(id, batch))
            self._waiting = [item for item in self._waiting if id(item) not in taken]
            self._turn = max(self._turn, first.turn)
        self.queued_tokens = sum(item.tokens for item in self._waiting)
        return batch

    def _run(self, batch: Sequence[_Waiting]) -> tuple[float, list[Answer | Exception]]:
        """On a model's thread: seconds, and for each row its answer or what it raised."""
        started = time.perf_counter()
        try:
            answers: list[Answer | Exception] = list(self._predict(batch))
        except Exception as error:
            answers = [error] if len(batch) == 1 else [self._alone(item) for item in batch]
        return time.perf_counter() - started, answers

    def _predict(self, batch: Sequence[_Waiting]) -> list[Answer]:
        model = self._predictor
        features = join_features([item.features for item in batch])
        return predict_features(model.task, model.backend, model.encoder, features, [item.row for item in batch])

    def _alone(self, item: _Waiting) -> Answer | Exception:
        """One row of a batch that failed, by itself."""
        try:
            return self._predict([item])[0]
        except Exception as error:
            return error

    def _finish(self, batch: Sequence[_Waiting], result: tuple[float, list[Answer | Exception]]) -> None:
        seconds, answers = result
        self._running -= 1
        for item, answer in zip(batch, answers, strict=True):
            if item.answer.done():
                continue
            if isinstance(answer, Exception):
                item.answer.set_exception(answer)
            else:
                item.answer.set_result(answer)
        tokens = sum(item.tokens for item in batch)
        rate = self._lanes * tokens / max(seconds, 1e-6)
        self._rate = MEMORY * self._rate + (1 - MEMORY) * rate if self._rate else rate
        ended = asyncio.get_running_loop().time()
        padded = max(item.longest for item in batch) * sum(len(item.features) for item in batch)
        self._heard(Ran(len(batch), tokens, padded, seconds, [ended - seconds - item.since for item in batch]))
        self._pump()


def _characters(rows: Sequence[Row]) -> int:
    return sum(len(value) for row in rows for value in row.values() if isinstance(value, str))
