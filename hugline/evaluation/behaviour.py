"""Tests of what a model must do whatever the test rows say: read from YAML, run in one prediction.

Ribeiro, Wu, Guestrin and Singh, "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", ACL 2020,
https://aclanthology.org/2020.acl-main.442. docs/behaviour.md says how to write them.
"""

import difflib
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from hugline.core.task import Answer, Row, Task
from hugline.errors import UserError
from hugline.evaluation.perturb import CHANGES

SLACK = 1e-6  # of a probability: batches of another shape round otherwise
MAX_COMBINATIONS = 1_000_000  # of a template's words
SHOWN = 60  # characters of a refused value
SLOT = re.compile(r"\{(\w+)\}")


class BehaviourError(UserError):
    """A file of behaviour tests can't be used; all faults are listed at once."""


@dataclass(frozen=True)
class Case:
    """A text to judge, by itself or beside what it was before a change."""

    after: dict[str, str]
    before: dict[str, str] | None = None
    row: int | None = None  # of the test rows
    label: str = ""  # the right one, where it stands by itself


@dataclass(frozen=True)
class Failure:
    """A case that did not pass, in words; the texts are for local pages."""

    row: int | None
    text: str
    changed: str | None
    expected: str
    answered: str


@dataclass(frozen=True)
class Outcome:
    """What became of a test; where it was skipped, the reason, and no rate."""

    test: str
    kind: str
    cases: int
    passed: int
    rate: float | None
    skipped: str | None
    failures: list[Failure]


def _name(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("printable, without spaces around it")
    return text


def _known(change: str) -> str:
    if change not in CHANGES:
        raise ValueError(f"one of {', '.join(CHANGES)}{_did_you_mean(change, CHANGES)}")
    return change


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[str, Text], Field(min_length=1), BeforeValidator(lambda value: {"text": value} if isinstance(value, str) else value)]


class Strict(BaseModel):
    """Frozen, strict about types, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class BehaviourTest(Strict, ABC):
    """What every test has."""

    name: Name
    kind: str

    @property
    @abstractmethod
    def labels(self) -> set[str]:
        """The labels that the test names."""

    @property
    @abstractmethod
    def inputs(self) -> Iterator[set[str]]:
        """The columns of each input that the test writes itself."""

    @abstractmethod
    def cases(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[Case]:
        """What is to be tried; `columns` are those of the task's input."""

    @abstractmethod
    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """Whether the answers pass, what was expected, and what was answered."""


class Example(Strict):
    """An input with its label: the input's columns stand beside it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text]

    label: Name

    @model_validator(mode="after")
    def _texts(self) -> Self:
        if not self.__pydantic_extra__:
            raise ValueError("a `text` beside the label")
        return self

    @property
    def texts(self) -> dict[str, str]:
        """The input, by column."""
        return dict(self.__pydantic_extra__)


class MinimumFunction(BehaviourTest):
    """Inputs with the only right label, one by one or from a template."""

    kind: Literal["minimum_function"]
    cases_: list[Example] | None = Field(None, alias="cases", min_length=1)
    template: Texts | None = None
    words: dict[str, Annotated[list[Text], Field(min_length=1)]] = {}
    label: Name | None = None
    limit: int = Field(100, gt=0)  # combinations of words to try, at most

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        beside = {"template", "words", "label", "limit"} & self.model_fields_set
        if (self.cases_ and beside) or (not self.cases_ and not (self.template and self.label)):
            raise ValueError(f"either `cases`, or `template` with `words` and `label`; found {_listed({*beside, *(['cases'] if self.cases_ else [])})}")
        slots = {slot for text in (self.template or {}).values() for slot in SLOT.findall(text)}
        if slots != set(self.words):
            raise ValueError(f"words for exactly what the template names in braces ({_listed(slots)}), found words for {_listed(self.words)}")
        if self._combinations > MAX_COMBINATIONS:
            raise ValueError(f"at most {MAX_COMBINATIONS:,} combinations of words, found {self._combinations:,}")
        return self

    @property
    def _combinations(self) -> int:
        return math.prod(map(len, self.words.values()))

    @property
    def labels(self) -> set[str]:
        """Those of the cases, or the template's."""
        return {example.label for example in self.cases_ or ()} | ({self.label} if self.label else set())

    @property
    def inputs(self) -> Iterator[set[str]]:
        """Those of the cases, or the template's."""
        yield from (set(texts) for texts in [example.texts for example in self.cases_ or ()] or [self.template or {}])

    def cases(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[Case]:
        """Each by itself, with its label."""
        yield from (Case(example.texts, label=example.label) for example in self.cases_ or ())
        if self.template and self.label:
            every = range(self._combinations)
            for number in every if len(every) <= self.limit else sorted(Random(f"{seed} {self.name}").sample(every, self.limit)):
                yield Case(self._filled(self.template, number), label=self.label)

    def _filled(self, template: dict[str, str], number: int) -> dict[str, str]:
        """The template with the combination of words of that number; the last words change fastest."""
        chosen = {}
        for slot, words in reversed(self.words.items()):
            number, position = divmod(number, len(words))
            chosen[slot] = words[position]
        return {column: SLOT.sub(lambda slot: chosen[slot[1]], text) for column, text in template.items()}

    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """The answer is the label."""
        return after.label == case.label, case.label, _answer(after)


class Replacement(Strict):
    """Words to find, whole and in any case, and what to put there."""

    from_: Text = Field(alias="from")
    to: str

    def __call__(self, text: str) -> str:
        """The text with every find replaced."""
        return re.sub(rf"(?<!\w){re.escape(self.from_)}(?!\w)", lambda _: self.to, text, flags=re.IGNORECASE)


class ChangeTest(BehaviourTest):
    """A change of one's own texts or of test rows; what it leaves as it was is no case."""

    change: Annotated[str, AfterValidator(_known)] | None = None
    append: Text | None = None
    prepend: Text | None = None
    replace: Replacement | None = None
    column: Name | None = None  # of a pair, the one to change; None: both
    texts: list[Texts] | None = Field(None, min_length=1)
    rows: int = Field(100, gt=0)  # test rows to try, at most
    where_label: Name | None = None  # rows of this label only

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        found = [name for name in ("change", "append", "prepend", "replace") if getattr(self, name) is not None]
        if len(found) != 1:
            raise ValueError(f"exactly one of change, append, prepend and replace, found {_listed(found)}")
        if self.texts and (beside := {"rows", "where_label"} & self.model_fields_set):
            raise ValueError(f"either `texts` or test rows, found `texts` beside {_listed(beside)}")
        return self

    @property
    def labels(self) -> set[str]:
        """The label whose rows are wanted."""
        return {self.where_label} if self.where_label else set()

    @property
    def inputs(self) -> Iterator[set[str]]:
        """Those of its texts."""
        yield from map(set, self.texts or ())

    def cases(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[Case]:
        """Texts or rows that the change alters, each before and after it."""
        sources = ((None, number, texts) for number, texts in enumerate(self.texts)) if self.texts else self._drawn(rows, columns, seed)
        changed = (Case(self._changed(texts, f"{seed} {self.name} {key}"), texts, row) for row, key, texts in sources)
        yield from islice((case for case in changed if case.after != case.before), None if self.texts else self.rows)

    def _drawn(self, rows: Sequence[Row], columns: Sequence[str], seed: int) -> Iterator[tuple[int, int, dict[str, str]]]:
        """The rows in a random order, each with its number, twice, and its input."""
        for at in Random(f"{seed} {self.name}").sample(range(len(rows)), len(rows)):
            row = rows[at]
            if self.where_label is None or row["label"] == self.where_label:
                number = int(row.get("row", at + 1))
                yield number, number, {column: row[column] for column in columns}

    def _changed(self, texts: dict[str, str], key: str) -> dict[str, str]:
        return {column: self._edit(text, Random(key)) if self.column in (None, column) else text for column, text in texts.items()}

    def _edit(self, text: str, random: Random) -> str:
        if self.change:
            return CHANGES[self.change](text, random)
        if self.replace:
            return self.replace(text)
        return " ".join(filter(None, (self.prepend, text, self.append)))


class Invariance(ChangeTest):
    """The change must leave the answer as it was."""

    kind: Literal["invariance"]
    within: float | None = Field(None, ge=0, le=1)  # how far the answer's probability may move

    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """The answer is the one before."""
        moved = abs(after.scores[before.label] - before.score)
        passed = after.label == before.label and (self.within is None or moved <= self.within + SLACK)
        return passed, _answer(before) + (f" ± {self.within:g}" if self.within is not None else ""), _answer(after)


class Direction(ChangeTest):
    """The change must move a label's probability up or down, or make that label the answer."""

    kind: Literal["direction"]
    label: Name
    expect: Literal["up", "down", "label"]
    by: float = Field(0.0, ge=-1, le=1)  # points of probability, at least; below 0: how far it may go the other way
    rows: int = Field(50, gt=0)

    @model_validator(mode="after")
    def _by_fits(self) -> Self:
        if self.expect == "label" and self.by:
            raise ValueError("`by` only beside `expect: up` or `expect: down`")
        return self

    @property
    def labels(self) -> set[str]:
        """The label that is watched, too."""
        return {self.label, *super().labels}

    def verdict(self, case: Case, before: Any, after: Any) -> tuple[bool, str, str]:
        """The label has moved, or is the answer."""
        if self.expect == "label":
            return after.label == self.label, self.label, _answer(after)
        sign, words = (1, "at least") if self.expect == "up" else (-1, "at most")
        was, now = before.scores[self.label], after.scores[self.label]
        return sign * (now - was) >= self.by - SLACK, f"{self.label} {words} {was + sign * self.by:.3f}", f"{self.label} {now:.3f}"


class AnyTest(Strict):
    """A test whose kind is missing or unknown: its other fields can't be judged."""

    model_config = ConfigDict(extra="allow")

    name: Name
    kind: Literal["minimum_function", "invariance", "direction"]


KINDS: dict[str, type[BehaviourTest]] = {"minimum_function": MinimumFunction, "invariance": Invariance, "direction": Direction}


def run_tests(tests: Sequence[BehaviourTest], task: Task, predict: Callable[[Sequence[Row]], list[Answer]], rows: Sequence[Row], seed: int) -> list[Outcome]:
    """What becomes of every test, in their order; all their texts, each once, are predicted in one call.

    A test is skipped where it names a label that the model lacks, is written for other inputs, or alters no text.
    """
    columns, labels = list(task.Input.model_fields), set(task.model_kwargs()["id2label"].values())
    reasons = [_unfit(test, set(columns), labels) for test in tests]
    cases = [[] if reason else list(test.cases(rows, columns, seed)) for test, reason in zip(tests, reasons, strict=True)]
    inputs = {_key(texts): texts for found in cases for case in found for texts in (case.before, case.after) if texts}
    answers = dict(zip(inputs, predict(list(inputs.values())), strict=True)) if inputs else {}
    return [_outcome(test, found, reason, answers) for test, found, reason in zip(tests, cases, reasons, strict=True)]


def _unfit(test: BehaviourTest, columns: set[str], labels: set[str]) -> str | None:
    """Why this model can't be tested so, in words."""
    if missing := test.labels - labels:
        return f"the model has no label {_listed(missing)}"
    if other := next((found for found in test.inputs if found != columns), None):
        return f"the model reads {_listed(columns)}, the test gives {_listed(other)}"
    if isinstance(test, ChangeTest) and test.column and test.column not in columns:
        return f"the model reads {_listed(columns)}, the test changes {test.column}"
    return None


def _outcome(test: BehaviourTest, cases: Sequence[Case], reason: str | None, answers: dict[Any, Any]) -> Outcome:
    if not cases:
        return Outcome(test.name, test.kind, 0, 0, None, reason or "there is no text that it alters", [])
    failures = []
    for case in cases:
        passed, expected, answered = test.verdict(case, answers[_key(case.before)] if case.before else None, answers[_key(case.after)])
        if not passed:
            before, after = _shown(case.before or case.after), _shown(case.after) if case.before else None
            failures.append(Failure(case.row, before, after, expected, answered))
    passes = len(cases) - len(failures)
    return Outcome(test.name, test.kind, len(cases), passes, passes / len(cases), None, failures)


def _key(texts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(texts.items()))


def _shown(texts: dict[str, str]) -> str:
    return "\n".join(texts.values())


def _answer(answer: Any) -> str:
    return f"{answer.label} {answer.score:.3f}"


def load_tests(file: Path) -> list[BehaviourTest]:
    """The tests of a YAML file, which may be none; raises BehaviourError with every fault at once."""
    yaml = partial(YAML, typ="safe", pure=True)
    try:
        source = file.read_text(encoding="utf-8")
        items, node = yaml().load(source), yaml().compose(source)
    except OSError as error:
        raise BehaviourError(f"behaviour tests in {file}", error.strerror or str(error), "correct evaluate.behaviour, or write `[]` into the file") from None
    except (YAMLError, ValueError) as error:
        raise BehaviourError(f"{file} in YAML 1.2, UTF-8", str(error), "mend the line that is named") from None
    if items is not None and not isinstance(items, list):
        raise BehaviourError(f"a list of behaviour tests in {file}", f"a {type(items).__name__}", "begin every test with `- name:`")
    tests, faults = _parsed(items or [], node.value if items else [])
    if faults:
        found = f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}\n  - " + "\n  - ".join(faults)
        raise BehaviourError(f"behaviour tests as docs/behaviour.md describes them in {file}", found, f"correct {file}")
    return tests


def _parsed(items: Sequence[Any], places: Sequence[Node]) -> tuple[list[BehaviourTest], list[str]]:
    """The tests that are right, and the faults of the others, each with its line and test."""
    tests: list[BehaviourTest] = []
    faults, names = [], set()
    for item, place in zip(items, places, strict=True):
        kind = item.get("kind") if isinstance(item, dict) else None
        model = KINDS.get(kind, AnyTest) if isinstance(kind, str) else AnyTest
        name = item.get("name") if isinstance(item, dict) else None
        try:
            test: Any = model.model_validate(item)
            tests.append(test)
        except ValidationError as error:
            title = repr(name) if isinstance(name, str) else "a test without a name"
            faults += [f"line {_line(place, e['loc'])}, {title}: {_fault(e, model)}" for e in error.errors()]
        if isinstance(name, str) and name in names:
            faults.append(f"line {_line(place, ('name',))}, {name!r}: this name stands twice")
        names.add(str(name))
    return tests, faults


def _line(node: Node, place: Sequence[Any]) -> int:
    """The line of a place inside a test, or of what encloses it where it is missing."""
    mark = node.start_mark
    for part in place:
        if isinstance(node, SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == part:
                    mark, node = key.start_mark, value
    return int(mark.line) + 1


def _fault(error: Any, model: type[BaseModel]) -> str:
    """What is wrong with a field, in words."""
    where = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    if error["type"] == "missing":
        return f"{where}: missing"
    if error["type"] == "extra_forbidden":
        accepted = [field.alias or name for name, field in model.model_fields.items()]
        return f"{where}: unknown{_did_you_mean(where, accepted) or '; accepted here: ' + ', '.join(accepted)}"
    wanted = "fields by name" if error["type"] == "model_type" else error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    given = repr(error["input"])
    given = given if len(given) <= SHOWN else given[:SHOWN] + "..."
    return f"{where}: {given} is not accepted; expected {wanted}" if where else f"expected {wanted}"


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
