"""Which columns hold the texts and the labels: as the command line says, or guessed and confirmed."""

import difflib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

from hugline.data.guess import MOST_VALUES, Column, guess_label, guess_text
from hugline.errors import DataError

SAFE = re.compile(r"[\w@%+=:,./-]+")  # what a shell takes as it stands
REGRESSION = "name a column of categories after --label; to predict a number (regression) is another task"


@dataclass(frozen=True)
class Asked:
    """What the command line of `hugline init` says."""

    file: str
    text: str | None = None
    pair: str | None = None
    label: str | None = None
    limit: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    yes: bool = False  # take the guesses

    @property
    def asks(self) -> bool:
        """Whether somebody is there who can be asked."""
        return not self.yes and sys.stdin.isatty() and sys.stdout.isatty()

    @property
    def line(self) -> str:
        """The command, to paste."""
        options = {f.name: getattr(self, f.name) for f in fields(self)[1:-1]}
        given = [part for name, value in options.items() if value is not None for part in (f"--{name}", quoted(str(value)))]
        return " ".join(["hugline init", quoted(self.file), *given])


def ask(question: str, guess: str | None, fault: Callable[[str], str]) -> str:
    """A person's answer, the guess where it is empty; asked again as long as `fault` says something."""
    while True:
        try:
            answer = input(f"{question}{f' [{guess}]' if guess else ''} ").strip() or guess or ""
        except (EOFError, KeyboardInterrupt):
            raise SystemExit("\nnothing was written") from None
        if not (wrong := fault(answer)):
            return answer
        print(wrong)


def choose_columns(columns: Sequence[Column], asked: Asked) -> Asked:
    """The command line with the columns of texts and labels named; where nobody can be asked, DataError with the line to paste."""
    if asked.text and asked.label:
        return asked
    text = asked.text or guess_text([c for c in columns if c.name not in (asked.label, asked.pair)])
    label = asked.label or guess_label([c for c in columns if c.name != asked.pair], text)
    if asked.yes and text and label:
        return replace(asked, text=text, label=label)
    names = [c.name for c in columns]
    if not asked.asks:
        line = replace(asked, text=text or "COLUMN", label=label or "COLUMN").line
        raise DataError("which columns hold the texts and the labels", f"columns {', '.join(names)}, and nobody to ask", line)
    text = asked.text or ask("Which column holds the texts?", text, lambda given: missing(given, names))
    likely = guess_label([c for c in columns if c.name != asked.pair], text)
    return replace(asked, text=text, label=asked.label or ask("Which column holds the labels?", likely, lambda given: missing(given, names)))


def quoted(name: str) -> str:
    """A name as a shell takes it."""
    return name if SAFE.fullmatch(name) else "'" + name.replace("'", "'\\''") + "'"


def missing(name: str, names: Sequence[str]) -> str:
    """Nothing for a name that is there; else that it is not, and what is, the likeliest alone."""
    if name in names:
        return ""
    folded = {n.casefold(): n for n in names}
    close = [folded[n] for n in difflib.get_close_matches(name.casefold(), folded, n=1)]
    return f"no column {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}")


def check_columns(columns: Sequence[Column], asked: Asked) -> None:
    """Raise DataError for columns that are not there, or can't be what they are said to be."""
    by_name = {c.name: c for c in columns}
    for option, name in (("--text", asked.text), ("--pair", asked.pair), ("--label", asked.label)):
        if name is not None and (wrong := missing(name, list(by_name))):
            raise DataError(f"a column after {option}", wrong, f"correct {option}; a column that stages/hooks.py makes is named in params.yaml by hand")
    used = [name for name in (asked.text, asked.pair, asked.label) if name]
    if len(set(used)) < len(used):
        raise DataError("different columns for texts and labels", ", ".join(used), "name each column once")
    assert asked.label is not None
    found = by_name[asked.label]
    if found.is_fractions:
        raise DataError("a label column with names", f"{found.name} holds numbers with decimals", REGRESSION)
    if len(found.values) == found.filled > 1:
        raise DataError("a label column in which values come back", f"all {found.filled:,} values of {found.name} are different", REGRESSION)
    if not 2 <= len(found.values) <= MOST_VALUES:
        many = f"over {MOST_VALUES:,}" if len(found.values) > MOST_VALUES else f"{len(found.values)}"
        raise DataError(f"a label column with 2 to {MOST_VALUES:,} different values", f"{many} in {found.name}, in {found.filled:,} rows", REGRESSION)
