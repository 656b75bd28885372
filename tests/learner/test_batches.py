"""Batches of like lengths: every row once an epoch, in an order that seed and epoch decide."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models

from hugline.core.encoder import Encoder
from hugline.core.features import make_features
from hugline.learner.batches import GROUPED_BATCHES, PAD_MULTIPLE, TrainLoader, batch_order

LENGTHS = np.random.default_rng(0).integers(1, 128, 1003)


def loader(lengths: np.ndarray, batch_size: int = 16, seed: int = 1, max_length: int = 128) -> TrainLoader:
    """A loader whose feature i has only the token i, and the target 10 i."""
    encoder = Encoder(Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]")), max_length, 0, "right", ("input_ids", "attention_mask"))
    features = make_features([[i] * n for i, n in enumerate(lengths)], None, [0] * len(lengths))
    return TrainLoader(features, 10 * np.arange(len(lengths)), encoder, batch_size, seed, torch.device("cpu"))


def padded(batches: list[np.ndarray]) -> int:
    return sum(len(b) * LENGTHS[b].max() for b in batches)


@pytest.mark.parametrize("batch_size", [1, 16, 2000])
def test_every_row_comes_once_an_epoch(batch_size: int) -> None:
    batches = batch_order(LENGTHS, batch_size, 1, 0)
    assert sorted(np.concatenate(batches)) == list(range(1003))
    assert max(map(len, batches)) <= batch_size
    assert len(batches) == -(-1003 // batch_size)


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    orders = {(seed, epoch): [b.tolist() for b in batch_order(LENGTHS, 16, seed, epoch)] for seed in (1, 2) for epoch in (0, 1)}
    assert orders[1, 0] == [b.tolist() for b in batch_order(LENGTHS, 16, 1, 0)]
    assert len({str(order) for order in orders.values()}) == 4


def test_batches_of_like_lengths_need_less_padding_than_random_ones() -> None:
    random = np.random.default_rng(3).permutation(1003)
    tokens = LENGTHS.sum()
    grouped, shuffled = padded(batch_order(LENGTHS, 16, 1, 0)), padded([random[i : i + 16] for i in range(0, 1003, 16)])
    assert grouped < 1.05 * tokens
    assert shuffled > 1.5 * tokens


def test_the_longest_batch_is_not_always_the_first() -> None:
    longest = [int(np.argmax([LENGTHS[b].max() for b in batch_order(LENGTHS, 16, 1, epoch)])) for epoch in range(20)]
    assert len(set(longest)) > 5


def test_equal_lengths_are_in_random_order() -> None:
    order = np.concatenate(batch_order(np.ones(GROUPED_BATCHES * 4, np.int64), 4, 1, 0))
    assert order.tolist() != sorted(order)


def test_a_loader_gives_each_row_with_its_target_once_an_epoch() -> None:
    batches = list(loader(LENGTHS))
    assert len(batches) == len(loader(LENGTHS)) == 63
    rows = torch.cat([inputs["input_ids"][:, 0] for inputs, _ in batches])
    assert sorted(rows.tolist()) == list(range(1003))
    assert torch.cat([targets for _, targets in batches]).tolist() == (10 * rows).tolist()
    lengths = torch.cat([inputs["attention_mask"].sum(1) for inputs, _ in batches])
    assert lengths.tolist() == LENGTHS[rows].tolist()


def test_a_loader_goes_on_to_the_next_epochs_order() -> None:
    def order(of: TrainLoader) -> list[list[int]]:
        return [targets.tolist() for _, targets in of]

    one, two = loader(LENGTHS), loader(LENGTHS)
    first, second = order(one), order(one)
    assert first != second
    assert [order(two), order(two)] == [first, second]


def test_widths_are_multiples_of_8() -> None:
    widths = {inputs["input_ids"].shape[1] for inputs, _ in loader(LENGTHS)}
    assert {width % PAD_MULTIPLE for width in widths} == {0}


def test_no_batch_is_wider_than_the_model_takes() -> None:
    widths = {inputs["input_ids"].shape[1] for inputs, _ in loader(np.array([3, 10, 10, 9]), 1, max_length=10)}
    assert widths == {8, 10}
