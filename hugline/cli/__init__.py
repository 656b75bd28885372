"""The `hugline` command."""

import argparse
import sys

from hugline.errors import UserError


def main() -> None:
    """Run a subcommand; a UserError prints its text and exits 1."""
    parser = argparse.ArgumentParser(prog="hugline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="say which torch is here, and whether it can use this machine's GPU")
    parser.parse_args()
    try:
        from hugline.cli.doctor import doctor

        for line in doctor():
            print(line)
    except UserError as error:
        sys.exit(str(error))
