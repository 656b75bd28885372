"""Data sets in the Hugging Face hub's format: on the hub at a commit, or in a local folder."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hugline.core.rows import SPLITS
from hugline.data.arrow_rows import BATCH_ROWS, batch_rows
from hugline.data.parts import SPLIT_NAMES, Opened, Place
from hugline.errors import DataError

TIMEOUT_S = 10
COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class HubSplit:
    """The rows of one split of a data set."""

    data: Any  # datasets.Dataset
    split: str
    columns: tuple[str, ...]

    def read(self) -> Iterator[Place]:
        """Every row with its index; pictures and sounds stay the bytes or paths that are stored."""
        index = 0
        for batch in self.data.with_format("arrow").iter(batch_size=BATCH_ROWS):
            for values, fault in batch_rows(batch, self.columns):
                yield f"{self.split}:{index}", values, fault
                index += 1


def has_hub_format(folder: Path) -> bool:
    """Whether a folder looks like a data set's repository: Parquet files, or a card that configures files."""
    card = folder / "README.md"
    configured = card.is_file() and re.search(r"^(configs|dataset_info):", card.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return bool(configured) or any(folder.glob("**/*.parquet"))


def open_hub(name: str, revision: str | None, config: str | None) -> tuple[list[tuple[str | None, Opened]], dict[str, Any]]:
    """A data set's splits; raises DataError without a commit, and for one that is not to be had."""
    from hugline.environment import prepare

    prepare()
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", str(TIMEOUT_S))
    if not revision and not Path(name).is_dir():
        raise _unpinned(name)
    loaded = _load(name, revision, config)
    ours = {split: [given for given in loaded if SPLIT_NAMES.get(given) == split] for split in SPLITS}
    if twice := [theirs for theirs in ours.values() if len(theirs) > 1]:
        raise DataError(f"one split of each kind in {name}", ", ".join(twice[0]), "rename the others in the data set's card")
    found = [(split, loaded[theirs[0]]) for split, theirs in ours.items() if theirs]
    if not found:
        raise DataError(f"splits named {', '.join(SPLITS)} in {name}", ", ".join(loaded), "rename the splits in the data set's card")
    parts: list[tuple[str | None, Opened]] = [(split, _opened(data, split)) for split, data in found]
    if len(found) == 1:  # one split is no division
        parts = [(None, _opened(found[0][1], "row"))]
    left_out = [given for given in loaded if given not in SPLIT_NAMES]
    info = {"kind": "hub", "encoding": None, "delimiter": None, "files": len(parts), "recognized": False, "left_out": left_out}
    return parts, info


def _opened(data: Any, split: str) -> Opened:
    import datasets

    columns = tuple(data.features)
    names = {column: list(f.names) for column, f in data.features.items() if isinstance(f, datasets.ClassLabel)}
    return Opened(split, columns, HubSplit(data, split, columns), names)


def _load(name: str, revision: str | None, config: str | None) -> dict[str, Any]:
    import datasets

    datasets.disable_progress_bars()
    try:
        return dict(datasets.load_dataset(name, config, revision=revision))
    except (FileNotFoundError, ConnectionError, ValueError, OSError, RuntimeError, datasets.exceptions.DatasetGenerationError) as error:
        at = f" at {revision}" if revision else ""
        reason = str(error).splitlines()[0][:200] if str(error) else ""
        raise DataError(
            f"the data set {name}{at}, in the cache or on the hub",
            f"{type(error).__name__}: {reason}",
            "connect to the network once, or set data.path to a local folder",
        ) from error


def _unpinned(name: str) -> DataError:
    """What to say where a data set has no commit: the line to write, with the commit that the cache or else the hub has."""
    from huggingface_hub import errors

    expected = f"the commit of {name} in data.revision, so that its rows never change by themselves"
    try:
        commit, where = _cached_commit(name) or _newest_commit(name)
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        found = f"none, and no such data set that you may read ({type(error).__name__})"
        return DataError(expected, found, "correct data.hub, or run `hf auth login` for a private one")
    except (errors.HTTPError, OSError) as error:  # type: ignore[attr-defined]  # HTTPError of httpx or httpx2, whichever the hub uses
        page = f"{_endpoint()}/datasets/{name}/commits/main"
        remedy = f"write `revision:` and the 40 hex digits of a commit under `data:` in params.yaml; {page} lists them"
        return DataError(expected, f"none, and no network to look it up ({type(error).__name__})", remedy)
    return DataError(expected, "none", f"write this line under `data:` in params.yaml; {where}:\n  revision: {commit}")


def _cached_commit(name: str) -> tuple[str, str] | None:
    from huggingface_hub import constants

    ref = Path(constants.HF_HUB_CACHE) / f"datasets--{name.replace('/', '--')}" / "refs" / "main"
    commit = ref.read_text(encoding="utf-8").strip() if ref.is_file() else ""
    return (commit, "it is the commit in this machine's cache") if COMMIT.fullmatch(commit) else None


def _newest_commit(name: str) -> tuple[str, str]:
    from huggingface_hub import HfApi

    commit = HfApi(endpoint=_endpoint()).dataset_info(name, timeout=TIMEOUT_S).sha
    if not commit:
        raise OSError("the hub names no commit")
    return commit, "it is the newest on the hub now"


def _endpoint() -> str:
    from huggingface_hub import constants

    return constants.ENDPOINT
