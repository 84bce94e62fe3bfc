"""The command line: a thin file per command."""

import sys
from io import TextIOWrapper
from typing import NoReturn

#: Exit code of a command that Ctrl-C ended: 128 + SIGINT.
INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line.

    A user's mistake ends with one line and exit code 2, an interruption with 130; a pipe that whoever read it has
    closed ends it with 1.
    """
    from ahasd.errors import AhasdError
    from ahasd.plain_text import printable

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no "±" shows "?"
    try:
        from ahasd.cli.app import app
        from ahasd.cli.plain_numbers import check_numbers

        check_numbers(app, sys.argv[1:])
        app()
    except AhasdError as error:
        print(printable(f"error: {error}"), file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("error: there is not enough memory for this; ask for less", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:  # before typer, which turns later ones into exit code 130, is at work
        _say_interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            _say_interrupted()
        raise
    sys.exit(0)


def _say_interrupted() -> None:
    print("interrupted; existing results are untouched", file=sys.stderr)
