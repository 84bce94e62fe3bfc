"""Whether this process can start others that import its program."""

import multiprocessing
import os
import sys

from ahasd.errors import AhasdError

INSTEAD = "take method 'speculative', which needs no processes"


def check_surroundings() -> None:
    """See that worker processes can be started from here.

    Raises
    ------
    AhasdError
        This process is a daemon of multiprocessing, or its program came from stdin and cannot be imported again.
    """
    if multiprocessing.current_process().daemon:
        raise AhasdError(
            "asynchronous decoding starts two processes, and this one may start none: it is a daemon of "
            "multiprocessing (a worker of a Pool, or of a data loader). Decode in the main process, start this one "
            f"with daemon=False (concurrent.futures does), or {INSTEAD}"
        )
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if file is not None and getattr(main, "__spec__", None) is None and not os.path.exists(file):
        raise AhasdError(
            "asynchronous decoding starts two processes, which import the program, and there is no file to import "
            f"it from ({file}): it was read from stdin, or deleted. Save it as a file, or {INSTEAD}"
        )
