"""The cache's file: who may read it, what fits in it, and who shares it."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.cache.sqlite import ENTRY_BYTES, SQLiteCache
from core.tests.support.live import environment

if TYPE_CHECKING:
    from pathlib import Path

KB = "x" * 1000


def make(folder: Path, **options: Any) -> SQLiteCache:
    return SQLiteCache(folder, {"OPTIONS": options})


def raw(folder: Path) -> Any:
    return closing(sqlite3.connect(folder / "cache.sqlite3", isolation_level=None))


def count(folder: Path) -> int:
    with raw(folder) as connection:
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


def in_process(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run this in a process of its own, with the cache of this folder as `cache`."""
    lines = [
        "import sys, time",
        "sys.path.insert(0, '.')",
        "from django.conf import settings",
        "settings.configure()",
        "from core.cache.sqlite import SQLiteCache",
        f"cache = SQLiteCache({str(folder)!r}, {{}})",
        code,
    ]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )


def test_folder_and_files_are_for_nobody_else(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o755)
    old = os.umask(0)
    try:
        make(folder).set("../../outside", KB)
    finally:
        os.umask(old)

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {modes[name] for name in modes if name.startswith("cache")} == {0o600}
    assert os.listdir(tmp_path) == ["cache"]  # noqa: PTH208


def test_live_entries_are_kept_up_to_the_size(tmp_path):
    kept = make(tmp_path, MAX_BYTES=2_000_000)
    for number in range(1500):
        kept.set(str(number), KB, None if number % 2 else 3600)

    assert len(kept.get_many(map(str, range(1500)))) == 1500


def test_the_least_recently_used_go_beyond_the_size(tmp_path):
    each = 1000 + ENTRY_BYTES
    kept = make(tmp_path, MAX_BYTES=100 * each, USED_SECONDS=0)
    for number in range(80):
        kept.set(f"old {number}", KB)
    for number in range(0, 80, 2):
        kept.get(f"old {number}")

    for number in range(40):
        kept.set(f"new {number}", KB)

    left = kept.get_many([f"old {number}" for number in range(80)])
    assert set(left) >= {f"old {number}" for number in range(0, 80, 2)}
    assert 10 <= len(left) - 40 <= 20
    assert len(kept.get_many([f"new {number}" for number in range(40)])) == 40


def test_expired_entries_go_before_live_ones(tmp_path):
    kept = make(tmp_path, MAX_BYTES=100 * (1000 + ENTRY_BYTES))
    kept.set("live", KB)
    for number in range(80):
        kept.set(f"brief {number}", KB, 0.2)
    time.sleep(0.3)

    for number in range(60):
        kept.set(f"new {number}", KB)

    assert kept.get("live") == KB
    assert len(kept.get_many([f"new {number}" for number in range(60)])) == 60


def test_expired_entries_are_removed_a_few_at_a_time(tmp_path):
    kept = make(tmp_path)
    kept.set_many({str(number): 1 for number in range(25)}, 0.01)
    time.sleep(0.05)

    found = []
    for number in range(4):
        kept.set("other", number)
        found.append(count(tmp_path))

    assert found == [16, 6, 1, 1]


def test_a_value_larger_than_the_cache_is_not_kept(tmp_path):
    kept = make(tmp_path, MAX_BYTES=5000)
    kept.set("small", 1)
    kept.set("key", 1)

    kept.set("key", KB * 5)

    assert kept.get("key") is None
    assert kept.add("key", KB * 5) is False
    assert kept.get("small") == 1


def test_the_sum_of_sizes_is_right_after_everything(tmp_path):
    kept = make(tmp_path, MAX_BYTES=20_000)
    for number in range(100):
        kept.set(f"@r:{number % 30}", "x" * (number * 7 % 900), number % 5 or None)
        kept.add(f"{number % 20}", number)
        kept.incr(f"{number % 20}", 10**number % 10**9)
        kept.delete(f"@r:{number % 7}")
    kept.clear_region("other")

    with raw(tmp_path) as connection:
        (sums,) = connection.execute("SELECT sum(size) FROM entries").fetchone()
        (total,) = connection.execute("SELECT bytes FROM total").fetchone()
    assert 0 < sums == total <= 20_000


def plan(connection: sqlite3.Connection, statement: str) -> str:
    given = {"region": b"", "key": b"", "now": 0, "stale": 0}
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
    return " ".join(str(row[3]) for row in rows)


def test_every_statement_is_served_by_an_index(tmp_path):
    from core.cache import sqlite

    make(tmp_path).set("key", 1)

    with raw(tmp_path) as connection:
        assert "(region=? AND key=?)" in plan(connection, sqlite.GET)
        cull = sqlite.CULL.replace("?", ":now")
        assert "INDEX entries_expiry (expires_at<?)" in plan(connection, cull)
        assert "SCAN entries USING INDEX entries_use" in plan(
            connection, sqlite.LEAST_USED
        )
        assert "COVERING INDEX entries_expiry" in plan(connection, sqlite.REGIONS)


def test_a_large_region_is_cleared_whole(tmp_path):
    kept = make(tmp_path)
    kept.set_many({f"@big:{number}": number for number in range(2500)})
    kept.set("@other:1", 1)

    kept.clear_region("big")

    assert list(kept.region_keys("big")) == []
    assert list(kept.region_keys("other")) == ["1"]


# --- Threads and processes


def test_processes_share_it(tmp_path):
    kept = make(tmp_path)
    kept.set("key", 1)

    in_process(tmp_path, "assert cache.get('key') == 1; cache.set('other', 2)")
    assert kept.get("other") == 2
    in_process(tmp_path, "cache.clear(); cache.set('key', 3)")
    assert kept.get_many(["key", "other"]) == {"key": 3}


def test_a_process_killed_while_it_writes_leaves_a_sound_file(tmp_path):
    kept = make(tmp_path)
    writing = (
        "exec('n = 0\\nwhile True:\\n n += 1; cache.set(str(n % 900), \"x\" * n)')"
    )
    for _ in range(3):
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-c", _endless(tmp_path, writing)],
                env=environment(),
                timeout=1.5,
                check=False,
            )
        kept.set("key", 1)
        assert kept.get("key") == 1

    with raw(tmp_path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not (tmp_path / "cache.sqlite3.damaged").exists()


def _endless(folder: Path, code: str) -> str:
    return (
        "import sys; sys.path.insert(0, '.')\n"
        "from django.conf import settings; settings.configure()\n"
        "from core.cache.sqlite import SQLiteCache\n"
        f"cache = SQLiteCache({str(folder)!r}, {{}})\n{code}"
    )


def test_threads_write_while_others_clear(tmp_path):
    kept = make(tmp_path)
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(60):
                kept.set(f"{number} {turn}", KB)
                kept.get(f"{number} {turn}")
                if turn % 20 == 0:
                    kept.clear()
        except BaseException as error:  # noqa: BLE001  looked at below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    kept.set("key", 1)
    assert kept.get("key") == 1
    assert not (tmp_path / "cache.sqlite3.damaged").exists()


def test_a_forked_process_opens_it_anew(tmp_path):
    kept = make(tmp_path)
    kept.set("count", 0)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            kept.set("busy", KB)

    thread = threading.Thread(target=write)
    thread.start()
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            for _ in range(25):
                kept.incr("count")
            os._exit(0)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    stop.set()
    thread.join()

    assert codes == [0] * 4
    assert kept.get("count") == 100
    with raw(tmp_path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
