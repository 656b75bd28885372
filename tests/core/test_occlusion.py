"""Occlusion: the word that a model looks for has the weight, at a bounded cost, without torch."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hugline.core.backends import TorchBackend
from hugline.core.encoder import checkpoint_encoder
from hugline.core.occlusion import VARIANTS, occlude, occlude_rows, parts_of, without
from hugline.core.predictor import Predictor
from hugline.core.task import Row
from hugline.environment import import_transformers
from hugline.tasks.sequence_classification import SequenceClassification
from tests.tiny import LABELS, MAX_LENGTH, tiny_checkpoint


@dataclass
class Said:
    """An answer between two labels."""

    label: str
    scores: dict[str, float]


@dataclass
class Looks:
    """Says yes with 0.75 where a word is in any of the texts, else with 0.25; remembers what it was asked."""

    word: str
    columns: tuple[str, ...] = ("text",)

    def __post_init__(self) -> None:
        self.calls: list[list[Row]] = []

    def __call__(self, rows: Sequence[Row]) -> list[Said]:
        self.calls.append(list(rows))
        found = [any(self.word in row[column] for column in self.columns) for row in rows]
        return [Said("yes" if here else "no", {"yes": 0.75 if here else 0.25, "no": 0.25 if here else 0.75}) for here in found]

    def weights(self, row: dict[str, str]) -> list[tuple[str, float]]:
        answer = self([row])[0]
        self.calls.clear()
        return occlude(self, row, answer, self.columns)


def parts(text: str) -> list[str]:
    return [text[part.start : part.end] for part in parts_of({"text": text}, ["text"])]


def test_the_word_that_decides_has_all_the_weight() -> None:
    model = Looks("parcel")
    assert model.weights({"text": "where is my parcel, please"}) == [("where", 0.0), ("is", 0.0), ("my", 0.0), ("parcel,", 0.5), ("please", 0.0)]
    assert [row["text"] for row in model.calls[0]] == [
        "is my parcel, please",
        "where my parcel, please",
        "where is parcel, please",
        "where is my please",
        "where is my parcel,",
    ]


def test_a_word_against_the_answer_has_a_weight_below_0() -> None:
    def classify(rows: Sequence[Row]) -> list[Said]:
        return [Said("good", {"good": 0.5 if "not" in row["text"] else 1.0, "bad": 0.5 if "not" in row["text"] else 0.0}) for row in rows]

    row = {"text": "not bad"}
    assert occlude(classify, row, classify([row])[0], ["text"]) == [("not", -0.5), ("bad", 0.0)]


def test_the_weight_is_of_the_label_answered_even_where_a_variant_has_another() -> None:
    model = Looks("parcel")
    assert model.weights({"text": "parcel parcel"}) == [("parcel", 0.0), ("parcel", 0.0)]
    assert Looks("x").weights({"text": "y"}) == [("y", 0.0)]


def test_both_texts_of_a_pair_are_occluded_one_at_a_time() -> None:
    model = Looks("late", ("text", "text_pair"))
    assert model.weights({"text": "it is", "text_pair": "late again"}) == [("it", 0.0), ("is", 0.0), ("late", 0.5), ("again", 0.0)]
    assert [tuple(row.values()) for row in model.calls[0]] == [("is", "late again"), ("it", "late again"), ("it is", "again"), ("it is", "late")]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_a_text_without_words_has_no_weights_and_costs_nothing(text: str) -> None:
    model = Looks("x")
    assert model.weights({"text": text}) == []
    assert model.calls == []


def test_other_columns_of_the_row_stay() -> None:
    model = Looks("a")
    model.weights({"text": "a b", "channel": "chat"})
    assert [row["channel"] for row in model.calls[0]] == ["chat", "chat"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("zoë's café, ok? 👍🏽 it’s", ["zoë's", "café,", "ok?", "👍🏽", "it’s"]),
        ("  two\u00a0words\n", ["two", "words"]),
        ("где посылка", ["где", "посылка"]),
        ("أين الطرد", ["أين", "الطرد"]),
        ("배송 조회", ["배송", "조회"]),
        ("我的包裹在哪里？", ["我", "的", "包", "裹", "在", "哪", "里", "？"]),
        ("DHLの荷物", ["DHL", "の", "荷", "物"]),
    ],
)
def test_words_are_divided_by_space_and_han_and_kana_by_character(text: str, words: list[str]) -> None:
    assert parts(text) == words


def test_leaving_out_keeps_the_space_that_is_left() -> None:
    row = {"text": "a  b\n c "}
    assert [without(row, part)["text"] for part in parts_of(row, ["text"])] == ["b\n c ", "a  c ", "a  b"]


@pytest.mark.parametrize(("count", "variants", "size"), [(60, 60, 1), (61, 31, 2), (120, 60, 2), (121, 41, 3), (6000, 60, 100)])
def test_long_texts_are_left_out_in_chunks_of_one_length(count: int, variants: int, size: int) -> None:
    words = [f"w{i}" for i in range(count)]
    found = parts(" ".join(words))
    assert len(found) == variants <= VARIANTS
    assert found[0] == " ".join(words[:size])
    assert " ".join(found) == " ".join(words)


def test_no_chunk_spans_two_texts_and_a_pair_costs_no_more() -> None:
    row = {"text": "a " * 61, "text_pair": "b " * 59}
    found = parts_of(row, ["text", "text_pair"])
    assert [len(row[part.column][part.start : part.end].split()) for part in found] == [*[3] * 20, 1, *[3] * 19, 2]  # by twos it were 61


def test_many_rows_are_one_call_and_their_weights_their_own() -> None:
    model = Looks("b")
    rows = [{"text": "a b"}, {"text": ""}, {"text": "b b"}, {"text": "c"}]
    answers = model(rows)
    model.calls.clear()
    assert occlude_rows(model, rows, answers, ["text"]) == [[("a", 0.0), ("b", 0.5)], [], [("b", 0.0), ("b", 0.0)], [("c", 0.0)]]
    assert [len(call) for call in model.calls] == [5]


def test_a_predictor_is_explained_through_its_own_predict(tmp_path: Path) -> None:
    task, folder = SequenceClassification(labels=LABELS), tiny_checkpoint(tmp_path / "tiny")
    model = import_transformers().AutoModelForSequenceClassification.from_pretrained(folder, **task.model_kwargs())
    tiny = Predictor(task, checkpoint_encoder(folder, MAX_LENGTH), TorchBackend(task, model.eval()))
    row: dict[str, Any] = {"text": "where is my parcel"}
    answer: Any = tiny.predict([row])[0]
    found = occlude(tiny.predict, row, answer, ["text"])
    one: Any = tiny.predict([{"text": "where is my"}])[0]
    assert [word for word, _ in found] == ["where", "is", "my", "parcel"]
    assert found[3][1] == pytest.approx(answer.score - one.scores[answer.label], abs=1e-6)
    assert found[3][1] != 0


def test_occlusion_loads_no_big_library() -> None:
    code = "import sys, hugline.core.occlusion; assert not {'torch', 'transformers', 'sklearn', 'pandas', 'cleanlab'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
