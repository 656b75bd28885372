"""One label for a text, or for a pair of texts.

Data in this form: SST-2 (https://huggingface.co/datasets/stanfordnlp/sst2) for single texts,
MRPC (https://huggingface.co/datasets/nyu-mll/glue) for pairs. Reference scores: scikit-learn's
accuracy_score, f1_score(average="macro") and matthews_corrcoef.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from hugline.core.encoder import Encoder
from hugline.core.features import Features, pad
from hugline.core.metrics import classification_scores, confusion_matrix, label_report, log_loss
from hugline.core.task import Answer, Collator, Outputs, Row, Task
from hugline.core.temperature import HIGHEST, LOWEST, fit_temperature, softmax
from hugline.errors import DataError


class Text(BaseModel):
    """One text."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: str = Field(description="the text to classify")


class TextPair(Text):
    """Two texts that are judged together."""

    text_pair: str = Field(description="the text to judge together with the first")


class Label(BaseModel):
    """The name of a row's label."""

    label: str


class Classification(BaseModel):
    """The likeliest label, its probability, and the probability of every label."""

    label: str
    score: float = Field(ge=0, le=1)
    scores: dict[str, float]


class SequenceClassification(Task):
    """One of several labels for each row; settings and, once fitted, label names in the model's order and a temperature."""

    auto_model: ClassVar[str] = "AutoModelForSequenceClassification"
    monitor: ClassVar[str] = "macro_f1"
    baselines: ClassVar[tuple[str, ...]] = ("majority", "tfidf", "probe")

    name: Literal["sequence_classification"] = "sequence_classification"
    labels: list[str] | None = Field(None, min_length=2)
    pair: bool = False
    temperature: float | None = Field(None, ge=LOWEST, le=HIGHEST)  # of the logits; None: fitted on validation

    @field_validator("labels")
    @classmethod
    def _differ(cls, labels: list[str] | None) -> list[str] | None:
        if labels and (len(set(labels)) < len(labels) or not all(name.strip() for name in labels)):
            raise ValueError("names that differ, none of them empty")
        return labels

    @property
    def Input(self) -> type[BaseModel]:
        return TextPair if self.pair else Text

    @property
    def Target(self) -> type[BaseModel]:
        return Label

    @cached_property
    def Output(self) -> type[BaseModel]:
        """A classification whose schema names this task's own labels."""
        names: Any = Literal[tuple(self._labels)]
        return create_model("Classification", __base__=Classification, __doc__=Classification.__doc__, label=(names, ...))

    def fit(self, rows: Iterable[Row], names: Sequence[str] = ()) -> Self:
        counts = Counter(str(row["label"]) for row in rows)
        if len(counts) < 2:
            found = f"only {next(iter(counts))!r}" if counts else "no rows"
            raise DataError("training rows with at least two labels", found, "check data.columns.label, and whether the rows are all there")
        labels = self.labels or [name for name in names if name in counts] or sorted(counts)
        if missing := [name for name in labels if name not in counts]:
            raise DataError(f"training rows for every label of task.labels ({', '.join(labels)})", f"none for {', '.join(missing)}", "correct task.labels")
        return self.model_copy(update={"labels": list(labels)})

    def encode(self, rows: Sequence[Row], encoder: Encoder) -> Features:
        pairs = [row["text_pair"] for row in rows] if self.pair else None
        return encoder([row["text"] for row in rows], pairs)

    def collator(self, encoder: Encoder) -> Collator:
        return lambda features, indices: pad(features, indices, encoder.fill, encoder.padding_side)

    def targets(self, rows: Sequence[Row]) -> npt.NDArray[np.int64]:
        ids = {name: i for i, name in enumerate(self._labels)}
        if unknown := Counter(str(row["label"]) for row in rows if row["label"] not in ids):
            counted = ", ".join(f"{name!r} ({n})" for name, n in unknown.most_common(5))
            raise DataError(
                f"labels that the training rows have: {', '.join(self._labels)}",
                f"unseen in training: {counted}",
                "add training rows with that label, or correct it",
            )
        return np.array([ids[row["label"]] for row in rows], np.int64)

    @property
    def _labels(self) -> list[str]:
        assert self.labels, "label names are fitted in ingest"
        return self.labels

    def model_kwargs(self) -> dict[str, Any]:
        return {"id2label": dict(enumerate(self._labels)), "label2id": {n: i for i, n in enumerate(self._labels)}}

    def reduce(self, outputs: Any) -> dict[str, Any]:
        return {"logits": outputs.logits}

    def decode(self, outputs: Outputs, features: Features, rows: Sequence[Row], encoder: Encoder) -> list[Answer]:
        return self._answers(outputs["logits"].astype(np.float64) / (self.temperature or 1.0))

    def _answers(self, logits: npt.NDArray[np.float64]) -> list[Answer]:
        scores, names = softmax(logits), self._labels
        return [
            Classification.model_construct(label=names[i], score=float(row[i]), scores=dict(zip(names, row.tolist(), strict=True)))
            for i, row in zip(logits.argmax(1), scores, strict=True)
        ]

    def _scores(self, answers: Sequence[Answer]) -> npt.NDArray[np.float64]:
        return np.array([[a.scores[n] for n in self._labels] for a in _typed(answers)]).reshape(len(answers), len(self._labels))

    @property
    def raw(self) -> Self:
        return self.model_copy(update={"temperature": None})

    @property
    def fitted(self) -> dict[str, float]:
        return {"temperature": self.temperature or 1.0}

    def calibrated(self, answers: Sequence[Answer], rows: Sequence[Row]) -> Self:
        if self.temperature:
            return self
        return self.model_copy(update={"temperature": fit_temperature(_logits(self._scores(answers)), self.targets(rows))})

    def uncalibrated(self, answers: Sequence[Answer]) -> list[Answer]:
        return self._answers(_logits(self._scores(answers)) * (self.temperature or 1.0))

    def confidences(self, answers: Sequence[Answer]) -> npt.NDArray[np.float64]:
        return np.array([a.score for a in _typed(answers)])

    def score(self, answers: Sequence[Answer], rows: Sequence[Row]) -> dict[str, float]:
        return {**classification_scores(self.confusion(answers, rows)), "loss": log_loss(self._scores(answers), self.targets(rows))}

    def row_scores(self, answers: Sequence[Answer], rows: Sequence[Row]) -> npt.NDArray[np.float64]:
        return np.array([float(a.label == row["label"]) for a, row in zip(_typed(answers), rows, strict=True)])

    def confusion(self, answers: Sequence[Answer], rows: Sequence[Row]) -> npt.NDArray[np.int64]:
        """Counts [C, C] of actual against predicted labels."""
        predicted = self.targets([{"label": a.label} for a in _typed(answers)])
        return confusion_matrix(self.targets(rows), predicted, len(self._labels))

    def per_label(self, answers: Sequence[Answer], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 and rows of each label."""
        return label_report(self.confusion(answers, rows), self._labels)

    @property
    def toy(self) -> list[dict[str, Any]]:
        names = self.labels or ["delivery", "returns"]
        texts = [
            ("Where is my parcel?", "It was due on Monday."),
            ("The shoes are too small.", "I would like to send them back."),
            ("The courier left it with a neighbour.", "Which neighbour, please?"),
            ("How do I get a return label?", "The box had none."),
        ]
        keep = ("text", "text_pair") if self.pair else ("text",)
        return [dict(zip(keep, pair, strict=False)) | {"label": names[i % 2]} for i, pair in enumerate(texts)]


def _typed(answers: Sequence[Answer]) -> Sequence[Classification]:
    return answers  # type: ignore[return-value]


def _logits(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The logits of probabilities, but for a constant in each row, which no probability shows."""
    return np.log(np.clip(scores, np.finfo(np.float64).tiny, None))
