"""Whether anybody wrote to a file, told from outside."""

import os
import sqlite3
import time
from contextlib import closing

import pytest

from core.systemconfig.filestate import GRAIN, file_state


@pytest.fixture
def path(tmp_path):
    """A database in write-ahead mode that somebody else keeps open."""
    path = tmp_path / "user.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (v)")
        age(path)
        yield path


def age(path):
    """Make every write look as if it were long ago."""
    then = time.time() - 10 * GRAIN
    for each in path.parent.iterdir():
        os.utime(each, (then, then))


def write(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO t VALUES (1)")


def test_a_file_nobody_wrote_to_is_the_same(path):
    before = file_state(path)

    assert file_state(path).is_same_as(before)
    assert not file_state(path).is_same_as(None)


def test_a_commit_shows_and_so_may_another_soon_after(path):
    before = file_state(path)

    write(path)
    after = file_state(path)

    assert not after.is_same_as(before)
    # Within the clock's grain a second write might look the same.
    assert not file_state(path).is_same_as(after)


def test_a_file_put_in_its_place_shows(path):
    before = file_state(path)
    other = path.with_name("other.db")
    other.write_bytes(path.read_bytes())

    other.replace(path)
    age(path)

    assert not file_state(path).is_same_as(before)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_state(tmp_path / "user.db")
