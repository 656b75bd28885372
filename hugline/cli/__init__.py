"""The `hugline` command."""

import argparse
import os
import sys

from hugline.errors import UserError


def main() -> None:
    """Run a subcommand; a UserError prints its text and exits 1."""
    parser = argparse.ArgumentParser(prog="hugline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="say which torch is here, and whether it can use this machine's GPU").set_defaults(run=_doctor)
    report = commands.add_parser("report", help="compare the results here with those at a git revision or of a DVC experiment, in Markdown and as a page")
    report.add_argument("--against", metavar="REV", required=True, help="a branch, tag, commit or DVC experiment whose results are committed")
    report.add_argument("--html", metavar="FILE", help="also write the comparison as one self-contained page")
    report.add_argument("--markdown", metavar="FILE", help="write the Markdown to a file instead of printing it")
    report.set_defaults(run=_report)
    _add_init(commands)
    drift = commands.add_parser("drift", help="compare the ingested rows with those locked at a git revision")
    drift.add_argument("--against", metavar="REV", default="HEAD", help="a branch, tag or commit; by default the last commit")
    drift.add_argument("--json", metavar="FILE", help="also write the figures as JSON")
    drift.set_defaults(run=_drift)
    curve = commands.add_parser("learning-curve", help="train on shares of the rows, in DVC experiments: would more rows help?")
    curve.add_argument("--shares", nargs="+", type=float, default=[0.1, 0.3, 1.0], metavar="SHARE", help="by default 0.1 0.3 1.0")
    curve.add_argument("--csv", metavar="FILE", help="also write the table as CSV")
    curve.set_defaults(run=_learning_curve)
    predict = commands.add_parser("predict", help="write the answers to a file of rows; goes on where it was stopped")
    predict.add_argument("model", metavar="PACKAGE|URL", help="a package such as models/package, or the address of a served one")
    predict.add_argument("rows", metavar="ROWS", help="CSV, TSV, JSON Lines, Parquet or Excel, or a folder")
    predict.add_argument("out", metavar="OUT.parquet")
    predict.add_argument("--columns", nargs="+", type=_pair, default=[], metavar="FIELD=COLUMN", help="the rows' columns, such as text=body")
    predict.set_defaults(run=_predict)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except UserError as error:
        sys.exit(str(error))


def _add_init(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    init = commands.add_parser("init", help="look at a file of rows and write the data section of params.yaml")
    init.add_argument("file", metavar="FILE", help="CSV, TSV, JSON Lines, Parquet or Excel, or a folder")
    init.add_argument("--text", metavar="COLUMN", help="the column of the texts; asked for where it is not given")
    init.add_argument("--pair", metavar="COLUMN", help="the column of the second texts, where two are judged together")
    init.add_argument("--label", metavar="COLUMN", help="the column of the labels; asked for where it is not given")
    init.add_argument("--limit", metavar="N", type=_count, help="rows to read at most (data.limit)")
    init.add_argument("--encoding", metavar="NAME", help="of text files, such as cp1252 (data.encoding)")
    init.add_argument("--delimiter", metavar="CHARACTER", help="of CSV files, such as ';' (data.delimiter)")
    init.add_argument("--yes", action="store_true", help="ask nothing: take the likeliest columns")
    init.set_defaults(run=_init)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _pair(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not (field and equals and column):
        raise argparse.ArgumentTypeError(f"expected FIELD=COLUMN, found {text!r}")
    return field, column


def _predict(arguments: argparse.Namespace) -> None:
    from hugline.cli.predict import predict

    predict(arguments.model, arguments.rows, arguments.out, dict(arguments.columns))


def _init(arguments: argparse.Namespace) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"  # a look fetches no checkpoint
    from hugline.cli.choose import Asked
    from hugline.cli.init import init

    a = arguments
    init(Asked(a.file, a.text, a.pair, a.label, a.limit, a.encoding, a.delimiter, a.yes))


def _drift(arguments: argparse.Namespace) -> None:
    from hugline.cli.drift import drift

    drift(arguments.against, arguments.json)


def _learning_curve(arguments: argparse.Namespace) -> None:
    from hugline.cli.learning_curve import learning_curve

    learning_curve(arguments.shares, arguments.csv)


def _doctor(_: argparse.Namespace) -> None:
    from hugline.cli.doctor import doctor

    for line in doctor():
        print(line)


def _report(arguments: argparse.Namespace) -> None:
    from hugline.cli.report import report

    report(arguments.against, arguments.html, arguments.markdown)
