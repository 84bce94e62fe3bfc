"""Who runs what: an owner of leases, its heartbeat, and whether another one still lives."""

import os
import socket
import sqlite3
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.experiments.store.schema import connect

#: Seconds between two heartbeats, and after how many without one a lease is taken over (ours).
BEAT_S, LEASE_S = 1.0, 10.0


def new_owner() -> str:
    """A name that no other run has; it says which process of which machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


def lives(owner: str, heartbeat: float, now: float) -> bool:
    """Whether an owner may be at work: its heart has beaten of late, and its process is there if we can tell."""
    if now - heartbeat > LEASE_S:
        return False
    host, process = owner.rsplit(":", 2)[:2] if owner.count(":") >= 2 else ("", "")
    if host != socket.gethostname() or not process.isdecimal() or sys.platform == "win32":
        return True  # who cannot be asked; on Windows asking would end it
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


class Heartbeat:
    """Writes that an owner lives, in a thread with a connection of its own, until it is stopped."""

    def __init__(self, path: Path, owner: str) -> None:
        self._path, self._owner = path, owner
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            connection = connect(self._path)
        except AhasdError:
            return  # the store itself says why when it is next written to
        while not self._over.wait(BEAT_S):
            with suppress(
                sqlite3.Error
            ):  # a busy store gets the next beat; one that is gone says so to the runs
                connection.execute(
                    "UPDATE owners SET heartbeat = ? WHERE owner = ?", (time.time(), self._owner)
                )
        connection.close()
