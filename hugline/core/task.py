"""What every task is: a frozen settings object whose methods are all that differs between tasks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from hugline.core.encoder import Encoder
from hugline.core.features import Batch, Features

Row = Mapping[str, Any]  # task column -> value
Outputs = dict[str, npt.NDArray[Any]]  # output name -> [N, ...], in the order of the features
Answer = BaseModel
Collator = Callable[[Features, npt.NDArray[np.int64]], Batch]


class Task(BaseModel, ABC):
    """What is learned: read from params.yaml, completed from the data, written beside the weights as task.json."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ignored_types=(cached_property,))

    auto_model: ClassVar[str]  # the name of transformers' auto class
    monitor: ClassVar[str]  # the metric that selects; larger is better
    baselines: ClassVar[tuple[str, ...]]  # names in hugline/evaluation/baselines.py
    outputs: ClassVar[tuple[str, ...]] = ("logits",)  # what a backend returns, by name

    name: str

    @property
    @abstractmethod
    def Input(self) -> type[BaseModel]:
        """What a caller gives: the columns needed to predict."""

    @property
    @abstractmethod
    def Target(self) -> type[BaseModel]:
        """What is learned: the columns that only labelled rows have."""

    @property
    @abstractmethod
    def Output(self) -> type[BaseModel]:
        """What a person reads, and what HTTP answers."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The task's own names for all columns of a labelled row."""
        return (*self.Input.model_fields, *self.Target.model_fields)

    @abstractmethod
    def fit(self, rows: Iterable[Row], names: Sequence[str] = ()) -> Self:
        """The task completed by what training rows tell, such as label names; raises DataError.

        `names` are label names in the order that the source itself gives them, where it does.
        """

    @abstractmethod
    def encode(self, rows: Sequence[Row], encoder: Encoder) -> Features:
        """Rows as features, nothing padded."""

    @abstractmethod
    def collator(self, encoder: Encoder) -> Collator:
        """Features at some indices as one padded batch, without labels."""

    @abstractmethod
    def targets(self, rows: Sequence[Row]) -> npt.NDArray[Any]:
        """What the loss compares with, one entry a row; raises DataError for a target it can't know."""

    @abstractmethod
    def model_kwargs(self) -> dict[str, Any]:
        """What the model's config has to say: head size, label names."""

    @abstractmethod
    def reduce(self, outputs: Any) -> dict[str, Any]:
        """A model's raw outputs cut down, on its device, to what `decode` needs: name -> tensor [B, ...]."""

    @abstractmethod
    def decode(self, outputs: Outputs, features: Features, rows: Sequence[Row], encoder: Encoder) -> list[Answer]:
        """Outputs as answers, one a row, in the order of the rows."""

    @property
    def raw(self) -> Self:
        """The task without what `calibrated` fits: it decodes a model's own scores, and those of baselines."""
        return self

    @property
    def fitted(self) -> dict[str, float]:
        """What `calibrated` fits, by name, for the reports."""
        return {}

    def calibrated(self, answers: Sequence[Answer], rows: Sequence[Row]) -> Self:
        """The task completed by what a trained model's answers to labelled validation rows tell, such as a temperature."""
        return self

    def uncalibrated(self, answers: Sequence[Answer]) -> list[Answer]:
        """This task's answers as `raw` would have decoded them."""
        return list(answers)

    @abstractmethod
    def confidences(self, answers: Sequence[Answer]) -> npt.NDArray[np.float64]:
        """How sure each answer is that it is right, [N], from 0 to 1."""

    @abstractmethod
    def score(self, answers: Sequence[Answer], rows: Sequence[Row]) -> dict[str, float]:
        """Metrics of answers against labelled rows."""

    @abstractmethod
    def row_scores(self, answers: Sequence[Answer], rows: Sequence[Row]) -> npt.NDArray[np.float64]:
        """One number a row, larger is better, whose mean is what models are compared by."""

    @property
    @abstractmethod
    def toy(self) -> list[dict[str, Any]]:
        """Four labelled rows for tests, examples and the API's page."""
