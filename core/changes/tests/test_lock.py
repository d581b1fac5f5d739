"""Beside a running MoviePilot: short locks, no lost writes, no deadlock that stops."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connections

from core.changes import Set, apply, plan, undo
from core.changes.tests.support import add, add_messages, assert_settled, counts, edit
from core.models import Message
from history.models import TransferHistory

WRITER = Path(__file__).with_name("moviepilot_writer.py")
RECORDS = 30_000


@pytest.fixture
def moviepilots(sqlite_library):
    """Two programs that write to the file: one patient, one not so much."""
    rows = [{"title": "t", "category": "a", "tmdbid": 0, "tvdbid": 0}] * RECORDS
    add(sqlite_library, "transferhistory", rows)
    sqlite_library.execute("PRAGMA journal_mode=WAL")
    processes = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(sqlite_library.path), timeout],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for timeout in ("60", "5")
    ]
    yield processes
    for process in processes:
        process.communicate(timeout=90)


def test_moviepilot_goes_on_writing_while_30000_records_change(
    sqlite_library, moviepilots, capsys
):
    wait_for_messages(sqlite_library)

    change_set = edit(TransferHistory, category="b")
    undoing = undo(change_set).change_set

    reports = [json.loads(process.communicate()[0]) for process in moviepilots]
    with capsys.disabled():
        longest = max(report["longest"] for report in reports)
        print(f" [longest wait: {longest * 1000:.0f} ms]", end="")  # noqa: T201
    assert [report["errors"] for report in reports] == [[], []]
    assert all(report["done"] for report in reports)
    kept = "SELECT sum(tmdbid), sum(tvdbid) FROM transferhistory"
    assert sqlite_library.execute(kept) == [tuple(r["done"] for r in reports)]
    added = "SELECT count(*) FROM message GROUP BY title ORDER BY title"
    assert sqlite_library.execute(added) == [(r["done"],) for r in reports]
    assert counts(change_set) == counts(undoing) == {"changed": RECORDS}
    assert sqlite_library.execute("SELECT DISTINCT category FROM transferhistory") == [
        ("a",)
    ]


def wait_for_messages(library):
    """Until both have begun."""
    end = time.monotonic() + 60
    while library.execute("SELECT count(DISTINCT title) FROM message") != [(2,)]:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
def test_a_deadlock_with_moviepilot_is_tried_again(library):
    first, second = add_messages(library, 2)
    theirs = library.moviepilot_connect()
    theirs.execute("BEGIN")
    theirs.execute("UPDATE message SET action = 5 WHERE id = %s", [second])
    made = plan(Message, {"text": Set("x")})
    done: list = []
    thread = threading.Thread(target=_apply_in_thread, args=[made, done])
    thread.start()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    end = time.monotonic() + 60
    while library.execute(waiting) != [(1,)]:
        assert time.monotonic() < end
        time.sleep(0.02)

    # We hold the first and wait for the second; now they want the first.
    theirs.execute("UPDATE message SET action = 5 WHERE id = %s", [first])
    theirs.execute("COMMIT")
    thread.join()

    [change_set] = done
    assert counts(change_set) == {"changed": 2}
    assert_settled(change_set)
    assert library.execute("SELECT DISTINCT action, text FROM message") == [(5, "x")]


def _apply_in_thread(made, done):
    try:
        done.append(apply(made))
    finally:
        connections.close_all()
