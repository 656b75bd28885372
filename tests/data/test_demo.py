"""What data/demo/README.md says of the demo set is so."""

import csv
import re
import string
from collections import Counter

import pytest

from hugline.data.splits import split_of
from hugline.params import load_params
from tests.conftest import ROOT

FOLDER = ROOT / "data/demo"
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
with (FOLDER / "messages.csv").open(encoding="utf-8", newline="") as stream:
    HEADER, *LINES = csv.reader(stream)
ROWS = [dict(zip(HEADER, line, strict=True)) for line in LINES]
SEQUENCE, OPENING = 8, 3  # words
MARKS = str.maketrans("", "", string.punctuation + "’‘“”…–—€£")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|co|net|org|de|uk|io|shop)\b", re.IGNORECASE)
PHONE = re.compile(r"\+\d[\d ()/.-]{7,}\d|\b0\d{2,4}[ /-]\d[\d -]{4,}\d|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b")
CARD_OR_IBAN = re.compile(r"\b(?:\d{4}[ -]){3}\d{4}\b|\b\d{15,16}\b|\b[A-Z]{2}\d{2}(?: ?\w{4}){3,}")


def words(message: str) -> list[str]:
    """Lowercased, without punctuation."""
    return message.lower().translate(MARKS).split()


def claim(pattern: str) -> int:
    """The one number that the card gives in these words."""
    (found,) = re.findall(pattern, " ".join(CARD.split()))
    return int(found.replace(",", ""))


def test_there_are_as_many_messages_as_the_card_says_and_at_least_a_thousand() -> None:
    assert HEADER == ["message", "team", "channel"]
    assert len(ROWS) == claim(r"`messages\.csv`: ([\d,]+) messages") >= 1000
    assert all(value == value.strip() and value for row in ROWS for value in row.values())


def test_eight_teams_have_as_many_messages_as_the_card_says_and_its_table_names_them() -> None:
    counts = Counter(row["team"] for row in ROWS)
    assert len(counts) == 8
    assert set(counts.values()) == {claim(r"- (\d+) messages a team")} and min(counts.values()) >= 100
    assert sorted(re.findall(r"^\| (\w+) \| ", CARD, re.MULTILINE)) == sorted([*counts, "team"])


def test_the_channels_are_those_of_the_card() -> None:
    (line,) = re.findall(r"channels ([^.]+)\.", CARD)
    assert {row["channel"] for row in ROWS} == set(re.findall(r"\w+", line.replace("(transcripts)", "").replace(" and ", " ")))


def test_no_two_messages_share_a_sequence_of_eight_words() -> None:
    owner: dict[tuple[str, ...], int] = {}
    shared = []
    for i, row in enumerate(ROWS):
        said = words(row["message"])
        for start in range(len(said) - SEQUENCE + 1):
            if owner.setdefault(tuple(said[start : start + SEQUENCE]), i) != i:
                shared.append((ROWS[owner[tuple(said[start : start + SEQUENCE])]]["message"], row["message"]))
    assert len(owner) > 10_000  # sequences were looked at
    assert shared == []


def test_no_two_messages_are_the_same_words() -> None:
    assert [said for said, count in Counter(" ".join(words(row["message"])) for row in ROWS).items() if count > 1] == []


def test_no_opening_of_three_words_is_in_more_than_a_hundredth_of_the_messages() -> None:
    openings = Counter(tuple(words(row["message"])[:OPENING]) for row in ROWS)
    opening, most = openings.most_common(1)[0]
    assert most == claim(r"no opening of three words occurs in more than (\d+) of the"), opening
    assert most <= 0.01 * len(ROWS)


def test_the_test_split_has_at_least_300_rows_under_the_settings_of_the_project() -> None:
    params = load_params(ROOT / "params.yaml")
    settings = params.data
    assert (settings.path, settings.columns) == ("data/demo", {"text": "message", "label": "team"})
    splits = Counter(split_of(row["message"], params.seed, settings.validation, settings.test) for row in ROWS)
    assert splits["test"] >= 300 and splits["validation"] >= 100 and splits["train"] >= 500
    labels = Counter((split_of(row["message"], params.seed, settings.validation, settings.test), row["team"]) for row in ROWS)
    assert min(labels.values()) >= 10  # of every team in every split
    assert len(labels) == 3 * 8


@pytest.mark.parametrize("pattern", [EMAIL, LINK, PHONE, CARD_OR_IBAN], ids=["e-mail", "web address", "phone", "card or account"])
def test_no_message_holds_an_address_or_number_that_could_be_somebodys(pattern: re.Pattern[str]) -> None:
    assert [row["message"] for row in ROWS if pattern.search(row["message"])] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (EMAIL, "write to jane.doe+x@mail.example please"),
        (LINK, "it is on www.shop.example"),
        (LINK, "see Shop.com"),
        (PHONE, "call +49 30 1234567 now"),
        (PHONE, "call 030 1234567"),
        (PHONE, "call 555-010-1234"),
        (CARD_OR_IBAN, "4111 1111 1111 1111"),
        (CARD_OR_IBAN, "DE89 3704 0044 0532 0130 00"),
    ],
)
def test_the_search_finds_what_it_looks_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_messages_are_short_and_long_with_typos_left_in() -> None:
    lengths = sorted(len(words(row["message"])) for row in ROWS)
    assert lengths[0] <= 5 and lengths[-1] >= 60
    assert lengths[len(lengths) // 20] <= 10 and lengths[-len(lengths) // 20] >= 35


def test_the_card_tells_how_the_labels_were_read_again() -> None:
    read, disputed = (claim(p) for p in (r"Labels: (\d+) messages were read a second time, blind", r"it disagreed on (\d+) of 200"))
    assert read >= 100 and disputed <= 0.03 * read
