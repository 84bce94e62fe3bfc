"""The store: what is there stays, whatever was altered is noticed, and what is no store is refused."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ahasd.errors import AhasdError
from ahasd.experiments.store import owner
from ahasd.experiments.store import store as store_module
from ahasd.experiments.store.location import default_store
from ahasd.experiments.store.row import Labels, Row
from ahasd.experiments.store.schema import SCHEMA
from ahasd.experiments.store.store import Store

LABELS = Labels("run", "a:b", "npu", "module-mac", "fixed:4", 3, 24)


def row(key: str, document: str = '{"seconds": 1.5}') -> Row:
    return Row(key, "done", document, LABELS, 2.5, 0.125)


REFUSED = Row("r", "refused", "does not fit", LABELS)
FAILED = Row("f", "failed", "failed: it broke", LABELS)


def change(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


def test_rows_are_there_for_the_next_who_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "store"
    with Store(path) as store:
        store.add([row("a"), REFUSED])
    with Store(path) as store:
        assert store.known(["a", "r", "x"]) == {"a", "r"}
        assert sorted(store.rows(["a", "r", "x"]), key=lambda one: one.key) == [row("a"), REFUSED]


@pytest.mark.parametrize(
    "change_of",
    [
        "tokens_per_second = 2.75",
        "joules_per_token = NULL",
        "document = '{\"seconds\": 1.25}'",
        "document = CAST(X'80FF' AS TEXT)",
        "state = 'refused'",
        "system = 'ahasd'",
        "seed = 4",
        "seed = 'many'",
        "sha256 = ''",
    ],
)
def test_an_altered_value_is_noticed(tmp_path: Path, change_of: str) -> None:
    path = tmp_path / "store"
    with Store(path) as store:
        store.add([row("a"), row("b")])
        change(path, f"UPDATE runs SET {change_of} WHERE key = 'a'")
        assert store.rows(["a", "b"]) == [row("b")]
        store.add([row("a")])
        assert len(store.rows(["a", "b"])) == 2


def test_a_row_does_not_pass_for_another(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store(path) as store:
        store.add([row("a")])
        change(path, "UPDATE runs SET key = 'b'")
        assert store.rows(["a", "b"]) == []


def test_rows_of_another_version_of_the_models_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "store") as store:
        store.add([row("a")])
        monkeypatch.setattr(store_module, "MODEL_VERSION", store_module.MODEL_VERSION + 1)
        assert store.known(["a"]) == set()
        assert store.rows(["a"]) == []
        assert store.lease(["a"]) == ["a"]


@pytest.mark.parametrize(
    "sql", ["PRAGMA user_version = 9", "ALTER TABLE runs ADD COLUMN more", "DROP TABLE owners"]
)
def test_a_store_of_another_layout_is_refused_with_the_way_out(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "store"
    Store(path).close()
    change(path, sql)
    with pytest.raises(AhasdError, match=rf"layout \d of another .* \(layout {SCHEMA}\) .* --store FILE"):
        Store(path)


def test_what_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, other, link = tmp_path / "text", tmp_path / "other", tmp_path / "link"
    text.write_text("results of mine, which are longer than a page of a database\n" * 100)
    before = text.read_bytes()
    change(other, "CREATE TABLE mine (a)")
    (tmp_path / "victim").write_bytes(b"")
    link.symlink_to(tmp_path / "victim")
    for path, cause in (
        (text, "damaged or not one of ours"),
        (other, "no store of ahasd's"),
        (tmp_path, "it is a folder"),
        (link, "it is a link"),
        (text / "below", "Not a directory|File exists"),
        (Path("/dev/null"), "no ordinary file"),
        (Path("a\0b"), "null"),
    ):
        with pytest.raises(AhasdError, match=rf"({cause}).*--store FILE"):
            Store(path)
    assert text.read_bytes() == before
    assert (tmp_path / "victim").read_bytes() == b""


@pytest.mark.parametrize("damaged", [b"CREATE TABLE owners", b"heartbeat REAL", b"figures ON runs"])
def test_a_damaged_layout_is_an_error_whatever_is_in_it(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "store"
    Store(path).close()
    content = path.read_bytes()
    assert content.count(damaged) == 1
    for place in range(len(damaged)):
        path.write_bytes(content.replace(damaged, damaged[:place] + b"\x88" + damaged[place + 1 :]))
        with pytest.raises(AhasdError, match="--store FILE"):
            Store(path)


def test_a_full_disk_ends_clearly_and_keeps_what_was_finished(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store(path) as store:
        store.add([row("a")])
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(AhasdError, match=r"full; make room.*finished before is kept: the same command"):
            store.add([row("b"), row("c", "x" * 100_000)])
        assert store.rows(["a", "b", "c"]) == [row("a")]
    with Store(path) as store:
        assert store.rows(["a", "b", "c"]) == [row("a")]


def test_what_failed_alone_can_be_forgotten(tmp_path: Path) -> None:
    with Store() as store:
        store.add([row("a"), REFUSED, FAILED])
        store.forget(["a", "r", "f"], failed_only=True)
        assert store.known(["a", "r", "f"]) == {"a", "r"}
        store.forget(["a"])
        assert store.known(["a", "r", "f"]) == {"r"}


def test_two_do_not_lease_the_same(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as one, Store(tmp_path / "store") as other:
        one.add([row("a")])
        assert one.lease(["a", "b", "c"]) == ["b", "c"]
        assert other.lease(["a", "b", "c", "d"]) == ["d"]
        assert not other.any_free(["b", "c"])
        one.add([row("b")])
        assert other.known(["b", "c"]) == {"b"}
        one.close()
        assert other.any_free(["c"])
        assert other.lease(["b", "c"]) == ["c"]


def test_the_lease_of_a_silent_process_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "BEAT_S", 1000.0)
    with Store(tmp_path / "store") as one, Store(tmp_path / "store") as other:
        assert one.lease(["a"]) == ["a"]
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + owner.LEASE_S - 1)
        assert other.lease(["a"]) == []
        monkeypatch.setattr(time, "time", lambda: now + owner.LEASE_S + 1)
        assert other.any_free(["a"])
        assert other.lease(["a"]) == ["a"]
        one.add([row("a")])  # it comes back, too late, and does no harm
        assert other.rows(["a"]) == [row("a")]


def test_a_heart_beats_while_the_process_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "BEAT_S", 0.01)
    monkeypatch.setattr(owner, "LEASE_S", 0.5)
    with Store(tmp_path / "store") as one, Store(tmp_path / "store") as other:
        assert one.lease(["a"]) == ["a"]
        time.sleep(0.8)
        assert other.lease(["a"]) == []


def test_the_lease_of_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from ahasd.experiments.store.store import Store\n"
        "held = Store(Path(sys.argv[1])); held.lease(['a']); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "store")], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with Store(tmp_path / "store") as store:
        assert store.lease(["a", "b"]) == ["b"]
        holder.kill()
        holder.communicate()
        assert store.lease(["a"]) == ["a"]


def test_a_hundred_thousand_are_asked_for_within_a_second(tmp_path: Path) -> None:
    """Both by key, as every command does at its start, and by name, as a user may."""
    path, keys = tmp_path / "store", [f"{number:064x}" for number in range(100_000)]
    with Store(path) as store:
        store.add(
            Row(
                key,
                "done",
                "{}",
                Labels("run", "a:b", f"s{number % 20}", "m", "x", number, 24),
                number / 7,
                1.0,
            )
            for number, key in enumerate(keys)
        )
        began = time.process_time()
        assert len(store.known(keys)) == len(keys)
        by_key = time.process_time() - began
    with closing(sqlite3.connect(path)) as connection:
        began = time.process_time()
        (mean,) = connection.execute(
            "SELECT avg(tokens_per_second) FROM runs WHERE pair = 'a:b' AND system = 's3' AND hardware = 'm'"
        ).fetchone()
        by_name = time.process_time() - began
    assert mean == pytest.approx((3 + 99_983) / 2 / 7)
    assert max(by_key, by_name) < 1.0


def test_the_default_is_in_the_users_cache_folder_unless_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AHASD_STORE", "/elsewhere/mine")
    assert default_store() == Path("/elsewhere/mine")
    monkeypatch.delenv("AHASD_STORE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert default_store() == Path("/caches/ahasd/store.sqlite")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_store() == Path("/home/me/.cache/ahasd/store.sqlite")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_store() == Path("/home/me/Library/Caches/ahasd/store.sqlite")
