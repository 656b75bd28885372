"""Stage 2: data/ingested -> data/tokenized, token ids and lengths in one Arrow file a split."""

import logging
from pathlib import Path

from hugline.core.checkpoint import find_checkpoint
from hugline.core.encoder import checkpoint_encoder
from hugline.core.rows import SPLITS, FeatureWriter, read_blocks
from hugline.params import load_params
from hugline.show import progress
from hugline.tasks import load_task
from stages import main, whole

log = logging.getLogger("stages.tokenize")


def run(ingested: Path, tokenized: Path) -> None:
    """Encode every split once, nothing padded."""
    params = load_params()
    task = load_task(ingested)
    checkpoint = find_checkpoint(params.model.checkpoint, params.model.revision)
    encoder = checkpoint_encoder(checkpoint.folder, params.model.max_length)
    with whole(tokenized) as folder, progress("tokenize", unit="rows") as bar:
        for split in SPLITS:
            count, tokens, cut = 0, 0, 0
            with FeatureWriter(folder / f"{split}.arrow") as writer:
                for rows in read_blocks(ingested, split, list(task.Input.model_fields)):
                    features = task.encode(rows, encoder)
                    writer.add(features)
                    bar.update(len(rows))
                    count, tokens, cut = count + len(features), tokens + len(features.input_ids), cut + int((features.cut > 0).sum())
            log.info("tokenize: %s %d rows, %d tokens, %d rows cut at %d", split, count, tokens, cut, encoder.max_length)


if __name__ == "__main__":
    main(run, "INGESTED", "TOKENIZED")
