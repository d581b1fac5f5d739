"""Beside a running MoviePilot: short locks, no lost writes, no deadlock that stops."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connections

from core.changes import Delete, Selection, Set, apply, plan, undo
from core.changes.tests.support import (
    add,
    add_messages,
    assert_settled,
    counts,
    plan_import,
)
from core.models import Message
from history.models import TransferHistory

WRITER = Path(__file__).with_name("moviepilot_writer.py")
EDITED, DELETED = 100_000, 40_000
RECORDS = EDITED + DELETED
IMPORTED, NEW = 8000, 2000


@pytest.fixture
def moviepilots(library):
    """Two programs that write to the database: one patient, one not so much."""
    row = {"title": "t", "tmdbid": 0, "tvdbid": 0}
    add(library, "transferhistory", [{**row, "category": "a"}] * EDITED)
    add(library, "transferhistory", [{**row, "category": "old"}] * DELETED)
    if library.vendor == "sqlite":
        library.execute("PRAGMA journal_mode=WAL")
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                str(WRITER),
                place(library),
                timeout,
                column,
                str(RECORDS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for timeout, column in (("60", "tmdbid"), ("5", "tvdbid"))
    ]
    yield processes
    for process in processes:
        process.communicate(timeout=90)


def place(library):
    """Where the other programs find the database."""
    if library.vendor == "sqlite":
        return str(library.path)
    return library.address.replace("postgres://", "postgresql://")


def test_moviepilot_goes_on_writing_while_we_edit_delete_import_and_undo(
    library, moviepilots, capsys
):
    wait_for_messages(library)

    edited = run({"category": Set("b")}, "a")
    assert held(library, "b") == EDITED
    deleted = run(Delete(), "old")
    assert held(library, "old") == 0
    imported = import_rows()
    assert held(library, "imported") == IMPORTED + NEW
    undone = [undo(each).change_set for each in (imported, deleted, edited)]

    reports = [json.loads(process.communicate()[0]) for process in moviepilots]
    with capsys.disabled():
        longest = max(report["longest"] for report in reports)
        print(f" [longest wait: {longest * 1000:.0f} ms]", end="")  # noqa: T201
    assert [report["errors"] for report in reports] == [[], []]
    assert all(report["done"] for report in reports)
    assert_nothing_lost(library, reports)
    assert counts(imported) == counts(undone[0]) == {"changed": IMPORTED + NEW}
    assert counts(deleted) == counts(undone[1]) == {"changed": DELETED}
    assert counts(edited) == counts(undone[2]) == {"changed": EDITED}
    for change_set in (edited, deleted, imported, *undone):
        assert_settled(change_set)


def run(doing, category):
    """Do it to the records of a category."""
    selection = Selection(TransferHistory, filter={"category": category})
    return apply(plan(TransferHistory, doing, selection=selection))


def import_rows():
    """Import a file with rows for records that are there, and new ones."""
    known = [f"{pk},imported" for pk in range(1, IMPORTED + 1)]
    rows = ["id,category", *known, *[",imported"] * NEW]
    return apply(plan_import(TransferHistory, "\n".join(rows)))


def held(library, category):
    """How many records there are of a category."""
    sql = "SELECT count(*) FROM transferhistory WHERE category = ?"
    return library.execute(sql, category)[0][0]


def assert_nothing_lost(library, reports):
    """All that the other programs have written is there, and what we put back."""
    sums = "SELECT sum(tmdbid), sum(tvdbid) FROM transferhistory"
    assert library.execute(sums) == [tuple(r["counted"] for r in reports)]
    for table in ("message", "transferhistory WHERE category = 'theirs'"):
        added = f"SELECT count(*) FROM {table} GROUP BY title ORDER BY title"
        assert library.execute(added) == [(r["done"],) for r in reports]
    assert (held(library, "a"), held(library, "old")) == (EDITED, DELETED)


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
