"""Length-grouped, dynamically padded batches for fastai, straight from flat token arrays."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from hugline.core.encoder import Encoder
from hugline.core.features import Features, pad

GROUPED_BATCHES = 50  # batches that are sorted by length together, as in Hugging Face's length-grouped sampler
PAD_MULTIPLE = 8  # tokens; matrix units like multiples of 8


def batch_order(lengths: npt.NDArray[np.int64], batch_size: int, seed: int, epoch: int) -> list[npt.NDArray[np.int64]]:
    """The batches of an epoch: a function of (seed, epoch) only.

    Rows are shuffled, sorted by length within groups of `GROUPED_BATCHES` batches, cut, and the batches
    shuffled again, so that neighbours in a batch have like lengths and no epoch has the order of another.
    """
    random = np.random.default_rng((seed, epoch))
    shuffled = random.permutation(len(lengths))
    group = batch_size * GROUPED_BATCHES
    batches = []
    for start in range(0, len(shuffled), group):
        block = shuffled[start : start + group]
        block = block[np.argsort(-lengths[block], kind="stable")]
        batches += [block[i : i + batch_size] for i in range(0, len(block), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


@dataclass
class TrainLoader:
    """An iterable of (inputs, targets): inputs a dict of int64 tensors [B, T], targets [B]; fastai takes it as a DataLoader."""

    features: Features
    targets: npt.NDArray[np.int64]
    encoder: Encoder
    batch_size: int
    seed: int
    device: torch.device
    epoch: int = field(default=0, init=False)  # how often it was iterated

    def __len__(self) -> int:
        return -(-len(self.features) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        order = batch_order(self.features.lengths, self.batch_size, self.seed, self.epoch)
        self.epoch += 1
        for indices in order:
            batch = pad(self.features, indices, self.encoder.fill, self.encoder.padding_side, PAD_MULTIPLE, self.encoder.max_length)
            targets = torch.from_numpy(self.targets[self.features.row[indices]])
            yield {name: self._to(torch.from_numpy(array)) for name, array in batch.items()}, self._to(targets)

    def _to(self, tensor: torch.Tensor) -> torch.Tensor:
        if self.device.type == "cuda":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor.to(self.device)
