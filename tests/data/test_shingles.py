"""Texts as sets of pieces, their exact similarity, and signatures that find the similar ones."""

import random

import numpy as np
import pytest

from hugline.data.shingles import SLOTS, WIDTH, band_hashes, band_shape, jaccard, shingle, shingle_sets


def pieces(text: str) -> set[str]:
    plain = " ".join(text.casefold().split()).ljust(WIDTH)
    return {plain[i : i + WIDTH] for i in range(len(plain) - WIDTH + 1)}


TEXTS = ["Where is my parcel?", "hi", "", "Straße 5", "a  b\n c d", "👩‍👩‍👧 שלום", "x" * 50, "Where is my  PARCEL?", "where is my parcel, please?"]


def test_sets_are_those_of_the_plain_texts_pieces() -> None:
    found = shingle_sets(TEXTS)
    assert [len(one) for one in found] == [len(pieces(text)) for text in TEXTS]
    for a, one in zip(TEXTS, found, strict=True):
        for b, other in zip(TEXTS, found, strict=True):
            assert jaccard(one, other) == pytest.approx(len(pieces(a) & pieces(b)) / len(pieces(a) | pieces(b)))


def test_a_texts_shingles_do_not_depend_on_its_neighbours() -> None:
    hashes, starts = shingle(TEXTS)
    for i, text in enumerate(TEXTS):
        assert hashes[starts[i] : starts[i + 1]].tolist() == shingle([text])[0].tolist()


def test_case_and_white_space_make_no_difference() -> None:
    one, other = shingle_sets(["Where is my  PARCEL?\n", "where is my parcel?"])
    assert jaccard(one, other) == 1.0


def test_different_pieces_have_different_hashes() -> None:
    chance = random.Random(0)
    text = "".join(chance.choices("abcdefghij klmnop", k=200_000))
    assert len(shingle_sets([text])[0]) == len(pieces(text))


@pytest.mark.parametrize("similarity", [0.31, 0.5, 0.7, 0.8, 0.9, 0.95])
def test_bands_find_nearly_all_pairs_that_are_so_similar(similarity: float) -> None:
    bands, rows = band_shape(similarity)
    assert bands * rows <= SLOTS
    assert 1 - (1 - similarity**rows) ** bands >= 0.99


def test_the_bands_for_a_similarity_of_four_fifths() -> None:
    assert band_shape(0.8) == (21, 6)


def test_equal_sets_share_every_band_and_others_none() -> None:
    blocks = list(band_hashes(["where is my parcel", "WHERE is my parcel", "quite another matter"] * 2, 21, 6, block=4))
    hashes = np.concatenate(blocks)
    assert [len(block) for block in blocks] == [4, 2]
    assert hashes.shape == (6, 21)
    assert (hashes[0] == hashes[1]).all() and (hashes[0] == hashes[4]).all()
    assert not (hashes[0] == hashes[2]).any()
