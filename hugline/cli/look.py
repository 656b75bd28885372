"""A look at rows as lines of text, at most 80 columns wide."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from hugline.cli.speed import Speed, predicted_minutes
from hugline.core.rows import SPLITS
from hugline.data.findings import findings
from hugline.data.guess import Column, shown
from hugline.data.preview import SAMPLE_ROWS, Preview
from hugline.data.sources import Source
from hugline.params import Params

WIDTH = 80
TOP_LABELS = 20
MORE = 3  # files or sheets left out that are named
TOKENS_A_WORD = 1.3  # of English in WordPiece, where the tokenizer is not at hand
SPECIAL_TOKENS = 2
KINDS = {
    "csv": "CSV",
    "tsv": "tab-separated",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "excel": "a workbook",
    "texts": "texts in a folder a label",
    "hub": "in the hub's format",
}


def title_lines(file: str, source: Source) -> list[str]:
    """What kind of file it is, and what was recognized in it."""
    info = source.info
    said = [KINDS.get(info["kind"], info["kind"])]
    if info.get("encoding"):
        said.append(f"encoding {info['encoding']}")
    if info.get("delimiter"):
        said.append(f"delimiter {'tab' if info['delimiter'] == chr(9) else repr(info['delimiter'])}")
    if info.get("files", 1) > 1:
        said.append(f"{info['files']:,} files")
    if info.get("recognized"):
        said.append("recognized")
    if left_out := [*info.get("left_out", ()), *(f"sheet {name}" for name in info.get("other_sheets", ()))]:
        said.append(f"not read: {', '.join(left_out[:MORE])}{' and more' if len(left_out) > MORE else ''}")
    return textwrap.wrap(f"{file}: {', '.join(said)}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def column_lines(columns: Sequence[Column]) -> Iterator[str]:
    """Rows, and two facts about each column."""
    rows = max((c.rows for c in columns), default=0)
    yield f"{rows:,} {'row' if rows == 1 else 'rows'}, {len(columns)} {'column' if len(columns) == 1 else 'columns'}"
    yield ""
    width = min(34, max([6, *(len(c.name) for c in columns)]))
    for column in columns:
        many, kind = column.facts
        yield f"  {_short(column.name, width):<{width}}  {many:<14}  {kind}"


def label_lines(labels: Counter[str]) -> Iterator[str]:
    """The labels with the most rows, and how many more there are."""
    yield f"{len(labels):,} labels"
    shown, total = labels.most_common(TOP_LABELS), labels.total()
    width = min(50, max(len(name) for name, _ in shown))
    for name, count in shown:
        yield f"  {_short(name, width):<{width}}  {count:>9,}  {count / total:>6.1%}"
    if rest := len(labels) - len(shown):
        least = min(labels.values())
        yield f"  and {rest:,} more, the smallest with {least:,} {'row' if least == 1 else 'rows'}"


def split_rows(found: Preview, params: Params) -> Counter[str]:
    """About how many rows each split will have: those that the source names, the rest by the shares."""
    rows, data = found.usable - found.copies.count, params.data
    given = {split: count for split, count in found.splits.items() if split}
    left = max(0, rows - sum(count for split, count in given.items() if split != "train"))
    for split, share in (("validation", data.validation), ("test", data.test)):
        given.setdefault(split, round(share * left))
    given["train"] = max(0, rows - given["validation"] - given["test"])
    return Counter(given)


def split_lines(found: Preview, params: Params) -> Iterator[str]:
    """The splits to come."""
    given = [split for split in SPLITS if split in found.splits]
    counts = split_rows(found, params)
    how = f"{', '.join(given)} given" if given else "data.validation, data.test"
    yield from _item("splits", f"about {counts['train']:,} to train on, {counts['validation']:,} validation, {counts['test']:,} test", f"({how})")


def length_lines(found: Preview, max_length: int, cut: float | None) -> Iterator[str]:
    """Lengths in words, and what max_length cuts: of a sample, as a tokenizer has counted, or else estimated."""
    shortest, median, most, longest = (found.words_at(share) for share in (0, 0.5, 0.95, 1))
    said = f"{shortest:,} to {longest:,} words, half of them up to {median:,}, 95% up to {most:,}"
    if cut is None:
        share, how = found.share_above((max_length - SPECIAL_TOKENS) / TOKENS_A_WORD), f"estimated, {TOKENS_A_WORD} tokens a word"
    else:
        share, how = cut, "counted" if found.usable <= SAMPLE_ROWS else f"counted in {SAMPLE_ROWS:,}"
    yield from _item("lengths", said, f"model.max_length {max_length} cuts {f'{share:.1%}' if share else 'none'} of the rows ({how})")


def finding_lines(source: Source, found: Preview, params: Params) -> Iterator[str]:
    """What looks wrong, or that nothing does."""
    said = list(findings(found, params.data.min_label_rows, params.data.max_chars))
    encoding = source.info.get("encoding")
    if source.info.get("recognized") and encoding != "utf-8" and found.letters:
        letters = " ".join(c for c, _ in found.letters.most_common(8))
        said.append(f"the encoding {encoding} was recognized from the bytes; if the letters {letters} are wrong, name another with --encoding")
    yield "look at" if said else "nothing looks wrong"
    for sentence in said:
        yield from textwrap.wrap(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)


def minutes_lines(speed: Speed, splits: Counter[str], params: Params) -> Iterator[str]:
    """What `make run` will take, and how that is known."""
    now, alone = (_duration(predicted_minutes(s, splits, params.finetune)) for s in (speed.row_s, speed.alone_s))
    shared = speed.is_shared and now != alone
    yield from _item(
        "time",
        f"`make run` takes about {alone if shared else now} on this machine ({speed.where})",
        *([f"and {now} while other programs keep it as busy as now"] if shared else []),
        f"estimated: {1000 * (speed.alone_s if shared else speed.row_s):.1f} ms a text forward, three times that to learn from it,",
        f"{params.finetune.epochs} epochs, and two minutes around it",
    )


def _item(name: str, first: str, *further: str) -> list[str]:
    """Lines after their name."""
    return [f"{name:<9}{first}", *(f"{'':<9}{line}" for line in further)]


def unknown_time_lines(reason: str) -> list[str]:
    """That the time is not known, and why."""
    return _item("time", *textwrap.wrap(f"unknown: {reason}", WIDTH - 9))


def _duration(minutes: float) -> str:
    return f"{minutes / 60:.1f} hours" if minutes >= 90 else f"{minutes:.0f} minutes"


def _short(name: str, width: int) -> str:
    name = shown(name)
    return name if len(name) <= width else f"{name[: width - 3]}..."
