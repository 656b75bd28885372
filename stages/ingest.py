"""Stage 1: the user's rows -> data/ingested, one Parquet file a split, in the task's own column names."""

import logging
from pathlib import Path

from hugline.data.ingest import column_map, ingest
from hugline.data.sources import open_source
from hugline.params import load_params
from hugline.tasks import save_task
from stages import main, whole, write_json

log = logging.getLogger("stages.ingest")


def run(source_path: Path, ingested: Path, report: Path) -> None:
    """Read, map, check and split the rows; refuse what can't be trained on."""
    params = load_params()
    settings = params.data
    source = open_source(str(source_path), settings.hub, settings.revision, settings.config)
    columns = column_map(params.task, settings.columns, settings.keep, source)
    with whole(ingested) as folder:
        done = ingest(source, params.task, columns, (settings.validation, settings.test), settings.max_bad, params.seed, folder)
        save_task(done.task, folder)
    write_json(report, done.report())
    counts = ", ".join(f"{split} {n}" for split, n in done.rows_out.items())
    log.info("ingest: %d rows in, %s, %d set aside", done.rows_in, counts, sum(done.reasons.values()))


if __name__ == "__main__":
    main(run, "SOURCE", "INGESTED", "REPORT")
