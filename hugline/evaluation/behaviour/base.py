"""What every behaviour test has, whatever its kind: a name, cases, and a verdict on each."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hugline.core.task import Row


def _name(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("printable, without spaces around it")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[str, Text], Field(min_length=1), BeforeValidator(lambda value: {"text": value} if isinstance(value, str) else value)]


@dataclass(frozen=True)
class Case:
    """A text to judge, by itself or beside what it was before a change."""

    after: dict[str, str]
    before: dict[str, str] | None = None
    row: int | None = None  # of the test rows
    label: str = ""  # the right one, where it stands by itself


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
