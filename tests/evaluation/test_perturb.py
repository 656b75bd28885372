"""Changes that a reader would not care about."""

from random import Random

import pytest

from hugline.evaluation.perturb import CHANGES, MEN, WOMEN, contractions, names, numbers, punctuation, typos, upper, whitespace


def changed(change: str, text: str, seed: int = 1) -> str:
    return CHANGES[change](text, Random(seed))


def test_a_typo_keeps_the_words_length_and_its_first_and_last_letter() -> None:
    for seed in range(200):
        word = typos("parcel", Random(seed))
        assert word != "parcel"
        assert (len(word), word[0], word[-1]) == (6, "p", "l")


def test_a_typo_swaps_two_letters_or_hits_the_key_beside() -> None:
    found = {typos("Lamp", Random(seed)) for seed in range(100)}
    assert found == {"Lmap", "Lsmp"}  # beside `a` in its row is only `s`


def test_a_typo_keeps_the_case_of_the_letter() -> None:
    assert {typos("LAMP", Random(seed)) for seed in range(100)} == {"LMAP", "LSMP"}


def test_doubled_letters_without_a_key_lose_one() -> None:
    assert {typos("анна", Random(seed)) for seed in range(20)} == {"ана"}


def test_numbers_codes_and_short_words_get_no_typo() -> None:
    text = "E04512 is on my new box, 20263 and 7 it's"
    assert all(typos(text, Random(seed)) == text for seed in range(50))


def test_there_is_a_typo_in_one_of_twelve_long_words() -> None:
    words = ["where", "green", "shoes", "quite", "small", "those", "never", "again", "times", "still", "bring", "house"]
    for count, expected in ((1, 1), (12, 1), (23, 1), (24, 2), (36, 3)):
        before = (words * 3)[:count]
        after = typos(" ".join(before), Random(5)).split()
        assert sum(a != b for a, b in zip(after, before, strict=True)) == expected


def test_a_typo_leaves_a_combining_mark_on_its_letter() -> None:
    for seed in range(50):
        assert typos("cafe\u0301", Random(seed)).endswith("e\u0301")


def test_a_name_becomes_another_of_its_line_in_its_own_case() -> None:
    for seed in range(50):
        first, second, third = names("Sarah, THOMAS, lucy", Random(seed)).split(", ")
        assert first in WOMEN and first != "Sarah"
        assert second.title() in MEN and second.isupper() and second != "THOMAS"
        assert third.title() in WOMEN and third.islower() and third != "lucy"


def test_one_name_stays_one_name_and_two_stay_two() -> None:
    for seed in range(50):
        a, b, c = names("Anna's Emma Anna", Random(seed)).split()
        assert a == f"{c}'s"
        assert b != c


def test_a_pair_with_equal_seeds_keeps_its_common_name_and_number() -> None:
    for change in (names, numbers):
        first, second = (change("Noah 71034", Random(9)), change("71034 Noah", Random(9)))
        assert first.split() == second.split()[::-1]


@pytest.mark.parametrize("text", ["Annabel and Thomason", "Mark my words in May", "Annaé", "\u017farah \u212awame \u0130ngrid"])
def test_what_is_no_known_name_stays(text: str) -> None:
    assert names(text, Random(1)) == text


def test_names_lists_are_of_one_length_and_share_none() -> None:
    assert len(WOMEN) == len(MEN) == len({*WOMEN, *MEN}) / 2


def test_digits_of_long_numbers_change_and_zeros_and_short_numbers_stay() -> None:
    for seed in range(30):
        after = numbers("order 100345, 2024, 100345", Random(seed)).split(", ")
        assert after[0] == f"order {after[2]}" and after[1] == "2024"
        assert after[2] != "100345" and [c == "0" for c in after[2]] == [c == "0" for c in "100345"]


@pytest.mark.parametrize(
    ("text", "expected"), [("Where is it?!", "Where is it"), ("why ? ", "why"), ("late", "late."), ("??", "??"), ("", ""), ("もう届いた。", "もう届いた")]
)
def test_marks_at_the_end_are_dropped_or_a_full_stop_added(text: str, expected: str) -> None:
    assert punctuation(text, Random(1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't know, it can't be", "I do not know, it cannot be"),
        ("I do not know, it cannot be", "I don't know, it can't be"),
        ("Don’t go. I’m late, they'll wait", "Do not go. I am late, they will wait"),
        ("IT WON'T START", "IT WILL NOT START"),
        ("Don't you see, isn't it late", "Don't you see, isn't it late"),
        ("the shop's own", "the shop's own"),
        ("wa\u017f not", "wa\u017f not"),
    ],
)
def test_contractions_are_written_out_and_negations_shortened(text: str, expected: str) -> None:
    assert contractions(text, Random(1)) == expected


def test_capitals_and_spaces() -> None:
    assert upper("Straße, é", Random(1)) == "STRASSE, É"
    assert changed("lower", "ABC É") == "abc é"
    assert whitespace("a b", Random(1)) == "a  b\n"


@pytest.mark.parametrize("change", list(CHANGES))
def test_any_text_comes_through_every_change_and_alike_for_a_seed(change: str) -> None:
    pool = [chr(code) for code in range(0x20, 0x3000)] + list("don't I'm Anna 12345 . not ! ") * 100 + ["👩\u200d👩\u200d👧", "\U0010ffff"]
    random = Random(3)
    for seed in range(2000):
        text = "".join(random.choices(pool, k=random.randrange(40)))
        after = changed(change, text, seed)
        assert after == changed(change, text, seed)
        after.encode()
