"""The cache's file damaged, replaced, or on a disk that is full: at most a miss."""

from __future__ import annotations

import logging
import os
import subprocess
import time
import zlib

import pytest

from core.cache.tests.bomb import bomb
from core.cache.tests.test_sqlite import KB, make, raw


@pytest.mark.parametrize(
    "content",
    [b"no database at all " * 100, b"SQLite format 3\x00" + b"\xff" * 4000],
    ids=["text", "header"],
)
def test_a_damaged_file_is_set_aside(tmp_path, caplog, content):
    (tmp_path / "cache.sqlite3").write_bytes(content)
    kept = make(tmp_path)

    with caplog.at_level(logging.WARNING, "core.cache"):
        assert kept.get("key") is None
        kept.set("key", 1)

    assert kept.get("key") == 1
    assert (tmp_path / "cache.sqlite3.damaged").read_bytes() == content
    assert ["is damaged" in each.message for each in caplog.records] == [True]


def test_a_file_damaged_while_it_is_open_is_set_aside(tmp_path, caplog):
    kept = make(tmp_path)
    kept.set_many({str(number): KB for number in range(500)})
    with raw(tmp_path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / "cache.sqlite3"
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * (path.stat().st_size - 100))

    with caplog.at_level(logging.WARNING, "core.cache"):
        for number in range(500):
            kept.get(str(number))
        kept.set("key", 1)

    assert kept.get("key") == 1
    assert ["is damaged" in each.message for each in caplog.records] == [True]


@pytest.mark.parametrize("kind", ["folder", "another program's", "another version's"])
def test_what_is_no_cache_of_ours_is_set_aside(tmp_path, kind):
    path = tmp_path / "cache.sqlite3"
    if kind == "folder":
        path.mkdir()
    else:
        with raw(tmp_path) as connection:
            connection.execute("CREATE TABLE entries (other)")
            connection.execute(f"PRAGMA user_version = {1 if 'pro' in kind else 99}")
    kept = make(tmp_path)

    kept.set("key", 1)

    assert kept.get("key") == 1
    assert (tmp_path / "cache.sqlite3.damaged").exists()


def test_a_folder_that_was_deleted_is_made_again(tmp_path):
    folder = tmp_path / "cache"
    kept = make(folder)
    kept.set("key", 1)
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()

    assert kept.get("key") is None
    kept.set("key", 2)
    assert kept.get("key") == 2


def test_a_pickle_in_the_file_is_never_loaded(tmp_path):
    kept = make(tmp_path)
    kept.set("key", 1)
    packed = bomb(tmp_path / "exploded")
    with raw(tmp_path) as connection:
        connection.execute(
            "UPDATE entries SET value = ?, crc = ?", (packed, zlib.crc32(packed))
        )

    assert kept.get("key", "nothing") == "nothing"
    assert kept.get_many(["key"]) == {}
    with pytest.raises(ValueError, match="not found"):
        kept.incr("key")
    assert not (tmp_path / "exploded").exists()
    kept.set("key", 2)
    assert kept.get("key") == 2


@pytest.mark.parametrize("column", ["value", "crc", "size", "used_at", "expires_at"])
def test_a_row_of_another_form_is_a_miss_at_most(tmp_path, column):
    kept = make(tmp_path)
    kept.set_many({"key": [1], "other": [2]})
    with raw(tmp_path) as connection:
        connection.execute(f"UPDATE entries SET {column} = 'text' WHERE id = 1")

    assert kept.get("key") in (None, [1])
    assert kept.get("other") == [2]
    kept.set("key", [3])
    assert kept.get("key") == [3]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_costs_only_the_cache(tmp_path, caplog):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(tmp_path)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no right to mount")
    try:
        kept = make(tmp_path)
        with caplog.at_level(logging.WARNING, "core.cache"):
            for number in range(500):
                kept.set(str(number), KB)
                kept.get(str(number))
            assert kept.add("more", KB) is False
            assert kept.set_many({"more": KB}) == ["more"]
        kept._database.close()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)

    assert len(caplog.records) == 1
    assert "full" in caplog.records[0].message


def test_a_folder_that_cannot_be_made_costs_only_the_cache(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    kept = make(tmp_path / "file" / "cache")

    with caplog.at_level(logging.WARNING, "core.cache"):
        kept.set("key", 1)
        kept.clear()
        assert kept.get("key", 7) == 7
        assert kept.add("key", 1) is False
        assert kept.delete("key") is False
        assert kept.touch("key") is False
        assert list(kept.region_keys("")) == kept.regions() == []
        with pytest.raises(ValueError, match="not found"):
            kept.incr("key")

    assert kept.problem
    assert len(caplog.records) == 1


def test_it_says_when_it_can_be_used_again(tmp_path, caplog):
    blocked = tmp_path / "cache"
    blocked.write_text("")
    kept = make(blocked)
    kept._database.outage.pause = 0.05

    with caplog.at_level(logging.WARNING, "core.cache"):
        kept.set("key", 1)
        blocked.unlink()
        time.sleep(0.1)
        kept.set("key", 1)

    assert kept.get("key") == 1
    assert [each.message.split(str(blocked))[0] for each in caplog.records] == [
        "The cache ",
        "The cache ",
    ]
    assert caplog.records[1].message.endswith("can be used again.")
