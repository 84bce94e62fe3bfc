"""The command line: a thin file per command."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; a user's mistake ends with one line and exit code 2, an interruption with 130."""
    from ahasd.cli.app import app
    from ahasd.errors import AhasdError

    try:
        app()
    except AhasdError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted; existing results are untouched", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    sys.exit(0)
