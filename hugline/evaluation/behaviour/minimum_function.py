"""Inputs with the only right label, one by one or from a template."""

import math
import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from hugline.core.task import Row
from hugline.evaluation.behaviour.base import BehaviourTest, Case, Name, Strict, Text, Texts
from hugline.evaluation.behaviour.words import listed, told

MAX_COMBINATIONS = 1_000_000  # of a template's words
SLOT = re.compile(r"\{(\w+)\}")


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
    """The answer must be the label."""

    kind: Literal["minimum_function"]
    cases_: list[Example] | None = Field(None, alias="cases", min_length=1)
    template: Texts | None = None
    words: dict[str, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    label: Name | None = None
    limit: int = Field(100, gt=0)  # combinations of words to try, at most

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        beside = {"template", "words", "label", "limit"} & self.model_fields_set
        if (self.cases_ and beside) or (not self.cases_ and not (self.template and self.label)):
            raise ValueError(f"either `cases`, or `template` with `words` and `label`; found {listed({*beside, *(['cases'] if self.cases_ else [])})}")
        slots = {slot for text in (self.template or {}).values() for slot in SLOT.findall(text)}
        if slots != set(self.words):
            raise ValueError(f"words for exactly what the template names in braces ({listed(slots)}), found words for {listed(self.words)}")
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
        return after.label == case.label, case.label, told(after)
