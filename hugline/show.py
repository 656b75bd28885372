"""What a person sees while something runs."""

import sys

from tqdm import tqdm


def progress(title: str, total: int | None = None, unit: str = "rows") -> "tqdm[None]":
    """A progress bar with rate and time left in a terminal; nothing where the output is not one."""
    return tqdm(total=total, desc=title, unit=f" {unit}", disable=None, file=sys.stderr, smoothing=0.1, dynamic_ncols=True, leave=False)
