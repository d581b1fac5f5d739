"""The snapshot: quick, but never older than two seconds, whoever wrote."""

import os
import threading
import time

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connections

from core.changes.tests.support import add_sites, edit
from core.models import SystemConfig
from core.opers.configuration import SystemConfigOper
from core.startup.databases import bound
from core.systemconfig import snapshot
from core.systemconfig.keys import SystemConfigKey
from core.systemconfig.snapshot import Snapshot, pack, unpack
from core.tests.support import libraries
from sites.models import Site

FEEDS = SystemConfigKey.RssUrls


class Counted:
    """A snapshot of the settings that counts how often they are read."""

    def __init__(self):
        self.loads = 0
        self.during = None
        self.snapshot = Snapshot(self.load, "core.SystemConfig")

    def load(self):
        self.loads += 1
        found = SystemConfigOper().packed()
        if self.during:
            self.during()
        return found

    def read(self):
        return {key: unpack(each) for key, each in self.snapshot.read().items()}


@pytest.fixture
def counted():
    return Counted()


@pytest.fixture
def ageless(monkeypatch):
    """A snapshot is looked at again at every read."""
    monkeypatch.setattr(snapshot, "MOST_AGE", 0.0)


def keep(library, value, key="RssUrls"):
    return library.insert("systemconfig", key=key, value=value)


def in_a_thread(work):
    """What `work` returns in a thread with a connection of its own."""
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_many_reads_are_one_query(library, counted):
    keep(library, '["a"]')

    reads = [counted.read() for _ in range(50)]

    assert reads == [{"RssUrls": ["a"]}] * 50
    assert counted.loads == 1


def test_what_moviepilot_writes_is_seen_at_the_next_look(library, counted, ageless):
    pk = keep(library, '["a"]')
    counted.read()

    library.update("systemconfig", pk, value='["b"]')

    assert counted.read() == {"RssUrls": ["b"]}


def test_what_moviepilot_writes_is_seen_within_two_seconds(library):
    pk, oper = keep(library, '["a"]'), SystemConfigOper()
    oper.get(FEEDS)

    library.update("systemconfig", pk, value='["b"]')

    started = time.monotonic()
    while oper.get(FEEDS) != ["b"]:
        assert time.monotonic() - started < 2
        time.sleep(0.01)


def test_what_we_write_is_seen_at_once(library, counted):
    assert counted.read() == {}

    SystemConfigOper().set(FEEDS, ["a"])

    assert counted.read() == {"RssUrls": ["a"]}


def test_a_write_to_another_table_changes_nothing(library, counted):
    ids = add_sites(library, 1)
    counted.read()

    edit(Site, ids, timeout=60)
    counted.read()

    assert counted.loads == 1


def test_on_sqlite_nothing_is_read_while_nobody_writes(
    sqlite_library, counted, ageless
):
    keep(sqlite_library, '["a"]')

    reads = [counted.read() for _ in range(5)]

    assert reads == [{"RssUrls": ["a"]}] * 5
    assert counted.loads == 1


def test_a_write_of_this_connection_is_not_overlooked(sqlite_library, counted, ageless):
    # data_version does not move for the connection that writes.
    counted.read()

    SystemConfigOper().set(FEEDS, ["a"])

    assert counted.read() == {"RssUrls": ["a"]}
    assert counted.read() == {"RssUrls": ["a"]}
    assert counted.loads == 2


def test_every_thread_sees_what_any_other_wrote(library, counted, ageless):
    counted.read()

    in_a_thread(lambda: SystemConfigOper().set(FEEDS, ["a"]))
    assert counted.read() == {"RssUrls": ["a"]}
    SystemConfigOper().set(FEEDS, ["b"])

    assert in_a_thread(counted.read) == {"RssUrls": ["b"]}
    assert counted.read() == {"RssUrls": ["b"]}


def test_a_connection_opened_anew_counts_anew(sqlite_library, counted, ageless):
    pk = keep(sqlite_library, '["a"]')
    counted.read()

    connections["moviepilot"].close()
    sqlite_library.update("systemconfig", pk, value='["b"]')

    assert counted.read() == {"RssUrls": ["b"]}


def test_what_was_read_before_a_write_is_not_kept_after_it(library, counted):
    keep(library, '["a"]')

    def meanwhile():
        counted.during = None
        SystemConfigOper().set(FEEDS, ["b"])

    counted.during = meanwhile

    assert counted.read() == {"RssUrls": ["a"]}
    assert counted.read() == {"RssUrls": ["b"]}


def test_a_failed_look_is_not_taken_for_one(sqlite_library, counted, ageless):
    pk = keep(sqlite_library, '["a"]')
    counted.read()
    sqlite_library.update("systemconfig", pk, value='["b"]')

    def fail():
        counted.during = None
        raise DatabaseError

    counted.during = fail
    with pytest.raises(DatabaseError):
        counted.read()

    assert counted.read() == {"RssUrls": ["b"]}


def test_another_database_shows_its_own(library, templates, tmp_path, counted):
    keep(library, '["a"]')
    assert counted.read() == {"RssUrls": ["a"]}

    with libraries.bound_sqlite(tmp_path / "other.db", templates) as other:
        assert counted.read() == {}
        keep(other, '["b"]')
        SystemConfig.objects.set(SystemConfigKey.RssSites, [1])
        assert counted.read() == {"RssUrls": ["b"], "RssSites": [1]}

    assert counted.read() == {"RssUrls": ["a"]}


def test_a_thread_late_to_follow_shows_nothing_to_the_others(
    sqlite_library, counted, ageless
):
    keep(sqlite_library, '["a"]')
    moved = threading.Event()
    reads = []

    def late():
        connections["moviepilot"].ensure_connection()
        opened.set()
        moved.wait(10)
        reads.append(counted.read())
        connections.close_all()

    opened, thread = threading.Event(), threading.Thread(target=late)
    thread.start()
    opened.wait(10)
    with bound("moviepilot", dict(sqlite_library.database)):
        keep(sqlite_library, "[1]", "RssSites")
        moved.set()
        thread.join()
        assert counted.snapshot._held.database is not connections.settings["moviepilot"]
        assert counted.read() == {"RssUrls": ["a"], "RssSites": [1]}


def test_a_child_process_knows_nothing_of_its_parents(sqlite_library, counted):
    keep(sqlite_library, '["a"]')
    counted.read()
    with counted.snapshot._lock:
        child = os.fork()
        if not child:
            is_new = counted.snapshot._held is None
            is_free = counted.snapshot._lock.acquire(blocking=False)
            os._exit(0 if is_new and is_free else 1)

    assert os.waitpid(child, 0)[1] == 0


def test_awaiting_callers_share_it(library):
    keep(library, '["a"]')

    assert async_to_sync(SystemConfigOper().async_get)(FEEDS) == ["a"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1.5,
        2**80,
        "",
        "电影 \ud83d",
        [],
        {"a": [1, {"b": None}], "": {}},
    ],
    ids=repr,
)
def test_values_come_back_as_they_were(value):
    assert repr(unpack(pack(value))) == repr(value)


def test_a_value_has_one_form_only():
    text = "".join(["a", "b"])

    assert pack([text, text]) == pack(["a" + "b", "ab"])


def test_what_is_nested_too_deeply_cannot_be_packed():
    value = []
    for _ in range(5000):
        value = [value]

    assert pack(value) is None
