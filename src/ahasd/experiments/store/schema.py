"""The store's file: its tables, and whether a file is one of ours."""

import os
import sqlite3
import stat
import time
from pathlib import Path

from ahasd.errors import AhasdError

#: Marks our files, "AHSD", and the layout below; another one is refused.
APPLICATION, SCHEMA = 0x41485344, 1

#: Of a row, beside the version of the models, the checksum and how often it was computed.
COLUMNS = (
    "key",
    "state",
    "kind",
    "pair",
    "system",
    "hardware",
    "algorithm",
    "seed",
    "tokens",
    "energy_end",
    "tokens_per_second",
    "joules_per_token",
    "document",
)

_TABLES = {
    "runs": """CREATE TABLE runs (
        key TEXT PRIMARY KEY, state TEXT NOT NULL, kind TEXT NOT NULL, pair TEXT NOT NULL, system TEXT NOT NULL,
        hardware TEXT NOT NULL, algorithm TEXT NOT NULL, seed INTEGER, tokens INTEGER, energy_end INTEGER,
        tokens_per_second REAL, joules_per_token REAL, document TEXT NOT NULL,
        model_version INTEGER NOT NULL, computed INTEGER NOT NULL DEFAULT 1, sha256 TEXT NOT NULL)""",
    "leases": "CREATE TABLE leases (key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
    "owners": "CREATE TABLE owners (owner TEXT PRIMARY KEY, heartbeat REAL NOT NULL) WITHOUT ROWID",
    "figures": """CREATE INDEX figures ON runs (
        pair, system, hardware, algorithm, tokens, seed, tokens_per_second, joules_per_token)""",
}

#: Seconds to wait while another process writes, which takes it milliseconds (ours).
PATIENCE_S = 30.0


def connect(path: Path | None) -> sqlite3.Connection:
    """Open a store's file, or one in memory; a new or empty file gets our tables.

    Raises
    ------
    AhasdError
        It is no store, one of another layout, damaged, or cannot be opened.
    """
    if path is not None:
        _check_place(path)
    try:
        connection = sqlite3.connect(
            ":memory:" if path is None else os.path.abspath(path), timeout=PATIENCE_S, isolation_level=None
        )
    except (sqlite3.Error, ValueError) as error:
        raise AhasdError(f"store '{path}' cannot be opened: {error}; {elsewhere()}") from error
    # An altered text need not be UTF-8; its checksum tells.
    connection.text_factory = lambda content: content.decode("utf-8", errors="replace")
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        _lay_out(connection, path)
        if path is not None:
            _write_ahead(connection)
    except AhasdError:
        connection.close()
        raise
    except (sqlite3.Error, ValueError) as error:  # the latter: a message of SQLite's that quotes damaged text
        connection.close()
        raise trouble(path, error) from error
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Let readers and writers not wait for each other, and a commit outlive this process at the cost of no wait.

    (Not always the machine's power: what was finished in the last moments before is then run again.)
    """
    end = time.monotonic() + PATIENCE_S
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except (
            sqlite3.OperationalError
        ):  # another process is opening the file, for which SQLite does not wait
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")


def trouble(path: Path | None, error: Exception) -> AhasdError:
    """What a user can do about an error of SQLite's."""
    said = str(error)
    if isinstance(error, sqlite3.OperationalError) and ("full" in said or "disk I/O" in said):
        return AhasdError(
            f"store '{path}' cannot be written: {said}; make room, or choose another (--store; --output of a "
            "sweep). Everything that was finished before is kept: the same command goes on"
        )
    if isinstance(error, sqlite3.OperationalError) and "locked" in said:
        return AhasdError(
            f"store '{path}' was in use by another process for {PATIENCE_S:.0f} s; end that, or {elsewhere()}"
        )
    if isinstance(error, sqlite3.OperationalError) and ("readonly" in said or "unable to open" in said):
        return AhasdError(f"store '{path}' cannot be written: {said}; {elsewhere()}")
    return AhasdError(f"store '{path}' is damaged or not one of ours ({said}); remove it, or {elsewhere()}")


def elsewhere() -> str:
    """The way out."""
    return (
        "choose another file with --store FILE (--output of a sweep) or the environment variable AHASD_STORE"
    )


def _check_place(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = os.lstat(path).st_mode if os.path.lexists(path) else None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise AhasdError(f"store '{path}' cannot be opened: {reason}; {elsewhere()}") from error
    if mode is None or stat.S_ISREG(mode):
        return
    # A link may have been put there by somebody else, to have us write elsewhere.
    kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
    raise AhasdError(f"store '{path}' cannot be opened: it is {kind}; {elsewhere()}")


def _lay_out(connection: sqlite3.Connection, path: Path | None) -> None:
    if _is_ours(connection, path):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(connection, path):  # another process may have been faster
            for sql in _TABLES.values():
                connection.execute(sql)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_ours(connection: sqlite3.Connection, path: Path | None) -> bool:
    """Whether the tables are there; False for an empty file."""
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if not found and (application, schema) == (0, 0):
        return False
    if application != APPLICATION:
        raise AhasdError(f"store '{path}' is a database, but no store of ahasd's; {elsewhere()}")
    if schema != SCHEMA or found != _TABLES:
        raise AhasdError(
            f"store '{path}' has the layout {schema} of another version of ahasd, which this one (layout {SCHEMA}) "
            f"does not read; remove it, and what it holds is run again, or {elsewhere()}"
        )
    return True
