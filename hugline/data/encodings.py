"""Which encoding text files are in: asked for, marked by their first bytes, UTF-8, or told from the bytes where these tell it."""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hugline.data.charsets import CANDIDATES, guess_charset
from hugline.data.streams import mark_of, open_bytes
from hugline.errors import DataError

CHUNK = 2**20  # bytes
CHUNKS = 256  # of a file, evenly spread: all of it up to 256 MiB
SAMPLE = 2**16  # bytes of lines that are no UTF-8, for the guess
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))  # in texts only by accident
BINARY = 0.05  # share of control characters from which a file is no text
WIDE = 0.3  # share of NUL at even or odd places from which a file is UTF-16 without a mark
MIXED = 0.05  # lines in UTF-8 for each that is not, from which a file mixes two encodings
SURE = 3  # lines in UTF-8 that no other encoding has by chance


@dataclass(frozen=True)
class Encoding:
    """An encoding, by Python's name for it."""

    name: str
    recognized: bool  # told from the bytes; False: asked for, or UTF-8


@dataclass
class Tally:
    """What the bytes of some files are like."""

    size: int = 0
    controls: int = 0  # bytes that no text has
    nul: list[int] = field(default_factory=lambda: [0, 0])  # at even and at odd places
    good: int = 0  # lines with other letters than ASCII, in UTF-8
    bad: int = 0  # lines that are no UTF-8
    seen: set[int] = field(default_factory=set)  # bytes beyond ASCII, of the bad lines
    sample: bytearray = field(default_factory=bytearray)  # bad lines that show every such byte

    @property
    def ascii(self) -> bool:
        """Whether no byte is beyond ASCII, as far as was looked."""
        return not self.good and not self.bad

    @property
    def wide(self) -> str:
        """UTF-16 without a mark, where the zeros of Latin letters show it."""
        even, odd = (count / max(self.size / 2, 1) for count in self.nul)
        return "utf-16-le" if odd > WIDE > 4 * even else "utf-16-be" if even > WIDE > 4 * odd else ""

    def add(self, chunk: bytes, begins: bool) -> None:
        """Count a piece of a file, which may end, or unless it is the file's beginning begin, within a letter."""
        self.size += len(chunk)
        self.controls += len(chunk) - len(chunk.translate(None, CONTROLS))
        self.nul = [self.nul[0] + chunk[::2].count(0), self.nul[1] + chunk[1::2].count(0)]
        if chunk.isascii():
            return
        lines = (chunk if begins else chunk.lstrip(bytes(range(0x80, 0xC0)))).splitlines()
        for i, line in enumerate(lines):
            if not line.isascii():
                self._add_line(line, whole=i < len(lines) - 1)

    def _add_line(self, line: bytes, whole: bool) -> None:
        try:
            codecs.utf_8_decode(line, "strict", whole)
            self.good += 1
        except UnicodeDecodeError:
            self.bad += 1
            letters = {byte for byte in line if byte >= 0x80}
            if letters - self.seen or len(self.sample) + len(line) < SAMPLE:
                self.seen |= letters
                self.sample += line[:SAMPLE] + b"\n"


def find_encoding(files: Sequence[Path], asked: str | None) -> Encoding:
    """The one encoding of all the files; raises DataError where they differ, where it can't be told, or is not the one asked for."""
    tallies = {file: _tally([file]) for file in files}
    utf8 = [file for file, tally in tallies.items() if tally.good and tally.bad <= tally.good and not tally.wide]
    others = [file for file, tally in tallies.items() if tally.bad > tally.good and not tally.wide and not mark_of(file)]
    if utf8 and others:
        remedy = f"write {others[0].name} anew in UTF-8, for example: iconv -f cp1252 -t utf-8 {others[0].name}"
        raise DataError("one encoding in all files", f"{utf8[0].name} is in UTF-8, {others[0].name} is not", remedy)
    if asked:
        return Encoding(_fitting(asked, tallies), False)
    found: dict[str, Path] = {}
    for file, tally in tallies.items():
        name = mark_of(file) or _encoding_of(tally, file.name)
        if not (tally.ascii and name == "utf-8"):  # ASCII fits beside all that programs write by themselves
            found.setdefault(name, file)
    if len(found) > 1:
        said = ", ".join(f"{file.name} is in {name}" for name, file in found.items())
        raise DataError("one encoding in all files", said, "write all of them anew in UTF-8")
    name = next(iter(found), "utf-8")
    return Encoding(name, name != "utf-8")


def find_texts_encoding(files: Sequence[Path], place: str, asked: str | None) -> Encoding:
    """The encoding of some small files; each that has a mark at its beginning is read by that."""
    tally = _tally([file for file in files if not mark_of(file)])
    if asked:
        return Encoding(_fitting(asked, {Path(place): tally}), False)
    name = _encoding_of(tally, place)
    return Encoding(name, name != "utf-8")


def _fitting(asked: str, tallies: Mapping[Path, Tally]) -> str:
    """Python's name for the encoding asked for; raises DataError where there is none, or where the bytes say another."""
    remedy = "correct data.encoding, or leave it null to have it recognized"
    try:
        name = codecs.lookup(asked).name.replace("utf-8-sig", "utf-8")
        "a".encode(name)
    except (LookupError, UnicodeError, TypeError, ValueError) as error:
        known = ", ".join([*CANDIDATES][:4])
        raise DataError(f"an encoding that Python knows in data.encoding, such as utf-8, {known}", repr(asked), remedy) from error
    for file, tally in tallies.items():
        mark = mark_of(file) if file.is_file() else ""
        if mark and mark != name:
            raise DataError(f"{file.name} in {name}, as data.encoding says", f"the mark of {mark} at its beginning", remedy)
        if name != "utf-8" and not mark and tally.good >= SURE and not tally.bad:
            found = f"UTF-8 in all {tally.good} lines with other letters than ASCII"
            raise DataError(f"{file.name} in {name}, as data.encoding says", found, remedy)
    return name


def _tally(files: Sequence[Path]) -> Tally:
    tally = Tally()
    for file in files:
        _count(file, tally)
    return tally


def _count(file: Path, tally: Tally) -> None:
    with open_bytes(file) as stream:
        size = file.stat().st_size
        step = 0 if file.suffix.lower() == ".gz" or size <= CHUNK * CHUNKS else size // CHUNKS // 2 * 2
        for i in range(CHUNKS):
            if step:
                stream.seek(i * step)
            chunk = stream.read(CHUNK)
            if not chunk:
                return
            tally.add(chunk, begins=i == 0)


def _encoding_of(tally: Tally, place: str) -> str:
    """The encoding of what was counted; raises DataError where it is no text, or in no encoding that can be told."""
    if tally.wide:
        return tally.wide
    if tally.controls > max(8, BINARY * tally.size):
        found = f"{tally.controls} control characters in {tally.size} bytes"
        raise DataError(f"text in {place}", found, "save the rows as CSV, JSON Lines or Parquet, with the name's ending to match")
    if tally.bad <= tally.good:  # UTF-8 but for some lines, which are set aside one by one
        return "utf-8"
    if tally.good > MIXED * tally.bad:
        found = f"{tally.good} lines in UTF-8 beside {tally.bad} that are not"
        raise DataError(
            f"one encoding in {place}", found, "write the file anew in UTF-8, or name the encoding of most lines under `data:`, such as `encoding: cp1252`"
        )
    return guess_charset(bytes(tally.sample), tally.bad, place)
