"""Stage 1: the user's rows -> data/ingested, one Parquet file a split, in the task's own column names."""

import logging
from pathlib import Path

from hugline.core.rows import SPLITS
from hugline.data.ingest import ingest
from hugline.data.sources import open_source
from hugline.params import load_params
from hugline.show import progress
from hugline.tasks import save_task
from stages import hooks, main, whole, write_json

log = logging.getLogger("stages.ingest")


def run(source_path: Path, ingested: Path, report: Path) -> None:
    """Read, prepare, map, check and split the rows; refuse what can't be trained on."""
    params = load_params()
    data = params.data
    source = open_source(
        str(source_path), files=data.files, encoding=data.encoding, delimiter=data.delimiter, hub=data.hub, revision=data.revision, config=data.config
    )
    with whole(ingested) as folder, progress("ingest", unit="rows") as bar:
        done = ingest(source, params.task, data, params.seed, folder, hooks.prepare, bar.update)
        save_task(done.task, folder)
    write_json(report, done.report)
    for warning in done.report["warnings"]:
        log.warning("ingest: %s", warning)
    counts = ", ".join(f"{split} {done.report[split]}" for split in SPLITS)
    log.info("ingest: %d rows in, %s, %d set aside", done.report["rows_in"], counts, done.report["set_aside"])


if __name__ == "__main__":
    main(run, "SOURCE", "INGESTED", "REPORT")
