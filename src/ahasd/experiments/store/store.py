"""Finished runs in one SQLite file, shared by every command and by processes that run at once."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ahasd.experiments.model_version import MODEL_VERSION
from ahasd.experiments.store.owner import Heartbeat, lives, new_owner
from ahasd.experiments.store.row import Row, checksum, row_of
from ahasd.experiments.store.schema import COLUMNS, connect, trouble

#: Keys of a query; SQLite takes 32,766 at most since 3.32, and 999 before (ours).
CHUNK = 900

#: A row that is there already, of another process or altered, is written anew.
_TAKE_OVER = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[1:], "model_version", "sha256"))


class Store:
    """Rows by their key, and leases on what is being computed.

    A row is there as soon as :meth:`add` returns, whatever happens to this process afterwards. A lease keeps others
    from computing the same meanwhile; those of a process that has gone are taken over.

    Parameters
    ----------
    path
        The file, made if there is none; None for a store in memory, which goes with the process.

    Raises
    ------
    AhasdError
        The file is no store, of another layout, damaged, or cannot be read or written; so do all methods.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._connection = connect(path)
        self._owner = new_owner()
        self._heartbeat: Heartbeat | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the leases back and let go of the file."""
        if self._heartbeat is not None:
            self._heartbeat.stop()
            self._heartbeat = None
            try:
                with self._transaction() as connection:
                    connection.execute("DELETE FROM leases WHERE owner = ?", (self._owner,))
                    connection.execute("DELETE FROM owners WHERE owner = ?", (self._owner,))
            finally:
                self._connection.close()
        self._connection.close()

    def known(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that have a row."""
        with self._errors():
            return {
                key
                for chunk in _chunks(keys)
                for (key,) in self._connection.execute(
                    f"SELECT key FROM runs WHERE model_version = ? AND key IN ({_marks(chunk)})",
                    (MODEL_VERSION, *chunk),
                )
            }

    def rows(self, keys: Sequence[str]) -> list[Row]:
        """The rows of the keys, without those that were altered since they were written."""
        found: list[Row] = []
        query = f"SELECT {', '.join(COLUMNS)}, sha256 FROM runs WHERE model_version = ? AND key IN "
        with self._errors():
            for chunk in _chunks(keys):
                for *values, sha256 in self._connection.execute(
                    f"{query}({_marks(chunk)})", (MODEL_VERSION, *chunk)
                ):
                    if checksum((*values, MODEL_VERSION)) == sha256:
                        found.append(row_of(tuple(values)))
        return found

    def of_kind(self, kind: str) -> list[Row]:
        """The rows of a kind in the order in which they were first written, without those that were altered."""
        with self._errors():
            keys = self._connection.execute(
                "SELECT key FROM runs WHERE model_version = ? AND kind = ? ORDER BY rowid",
                (MODEL_VERSION, kind),
            ).fetchall()
        rows = {row.key: row for row in self.rows([key for (key,) in keys])}
        return [rows[key] for (key,) in keys if key in rows]

    def other_versions(self, kind: str) -> list[int]:
        """Versions of the models, other than this one, that rows of a kind are of; the latest first."""
        query = (
            "SELECT DISTINCT model_version FROM runs WHERE kind = ? AND model_version != ? ORDER BY 1 DESC"
        )
        with self._errors():
            return [int(version) for (version,) in self._connection.execute(query, (kind, MODEL_VERSION))]

    def computed(self, keys: Sequence[str]) -> int:
        """How often the rows of these keys were computed, all together."""
        with self._errors():
            return sum(
                int(count or 0)
                for chunk in _chunks(keys)
                for (count,) in self._connection.execute(
                    f"SELECT sum(computed) FROM runs WHERE model_version = ? AND key IN ({_marks(chunk)})",
                    (MODEL_VERSION, *chunk),
                )
            )

    def add(self, rows: Iterable[Row]) -> None:
        """Keep finished rows, all or none of them; ``computed`` counts how often one was."""
        names = ", ".join(COLUMNS)
        with self._transaction() as connection:
            for row in rows:
                values = row.values()
                connection.execute(
                    f"INSERT INTO runs ({names}, model_version, sha256) VALUES ({_marks(COLUMNS)}, ?, ?)"
                    f" ON CONFLICT (key) DO UPDATE SET {_TAKE_OVER}, computed = computed + 1",
                    (*values, MODEL_VERSION, checksum((*values, MODEL_VERSION))),
                )
                connection.execute("DELETE FROM leases WHERE key = ? AND owner = ?", (row.key, self._owner))

    def forget(self, keys: Sequence[str], *, failed_only: bool = False) -> None:
        """Take rows away, so that they are computed anew."""
        which = " AND state = 'failed'" if failed_only else ""
        with self._transaction() as connection:
            for chunk in _chunks(keys):
                connection.execute(f"DELETE FROM runs WHERE key IN ({_marks(chunk)}){which}", chunk)

    def lease(self, keys: Sequence[str]) -> list[str]:
        """Take what is neither finished nor being computed by another process that lives."""
        with self._transaction() as connection:
            self._beat(connection)
            taken: set[str] = set()
            for chunk in _chunks(keys):
                for table, value in (
                    ("runs WHERE model_version =", MODEL_VERSION),
                    ("leases WHERE owner !=", self._owner),
                ):
                    query = f"SELECT key FROM {table} ? AND key IN ({_marks(chunk)})"
                    taken.update(key for (key,) in connection.execute(query, (value, *chunk)))
            free = [key for key in keys if key not in taken]
            connection.executemany(
                "INSERT OR REPLACE INTO leases (key, owner) VALUES (?, ?)",
                [(key, self._owner) for key in free],
            )
        return free

    def any_free(self, keys: Sequence[str]) -> bool:
        """Whether one of the keys is leased by nobody who lives."""
        now = time.time()
        with self._errors():
            owners = self._connection.execute("SELECT owner, heartbeat FROM owners").fetchall()
            living = {owner for owner, heartbeat in owners if lives(str(owner), float(heartbeat), now)}
            leased = 0
            for chunk in _chunks(keys):
                query = f"SELECT owner FROM leases WHERE key IN ({_marks(chunk)})"
                leased += sum(owner in living for (owner,) in self._connection.execute(query, chunk))
        return leased < len(keys)

    def _beat(self, connection: sqlite3.Connection) -> None:
        """Say that this process lives, and end the leases of those that do not."""
        now = time.time()
        connection.execute(
            "INSERT INTO owners (owner, heartbeat) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET heartbeat = ?",
            (self._owner, now, now),
        )
        others = connection.execute("SELECT owner, heartbeat FROM owners WHERE owner != ?", (self._owner,))
        for owner, heartbeat in others.fetchall():
            if not lives(str(owner), float(heartbeat), now):
                connection.execute("DELETE FROM leases WHERE owner = ?", (owner,))
                connection.execute("DELETE FROM owners WHERE owner = ?", (owner,))
        if self._heartbeat is None and self.path is not None:
            self._heartbeat = Heartbeat(self.path, self._owner)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (
            sqlite3.Error,
            ValueError,
            TypeError,
            OverflowError,
        ) as error:  # after the first: damaged values
            raise trouble(self.path, error) from error


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
