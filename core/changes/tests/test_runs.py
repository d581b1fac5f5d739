"""Who works on a change set, and what it waits for before MoviePilot has to wait."""

import sqlite3
import threading
from contextlib import closing

import pytest
from django.db import connections

from core.changes import ChangeSet, Set, claim, plan, settle
from core.changes.journal import TakenOver
from core.changes.plan import reclaim
from core.changes.run import run
from core.changes.tests.support import add_messages, assert_settled, counts
from core.models import Message


def texts(library):
    """What the messages say."""
    return {text for (text,) in library.execute("SELECT text FROM message")}


def test_a_thread_given_up_for_dead_writes_nothing_beside_another_of_its_process(
    library,
):
    add_messages(library, 10, text="before")
    held_up, work = claim(plan(Message, {"text": Set("after")}))
    ChangeSet.objects.update(lease_until="2020-01-01T00:00Z")
    assert settle(ChangeSet.objects.get())
    resumed, rest = reclaim(ChangeSet.objects.get())

    with pytest.raises(TakenOver):
        run(held_up, work)

    assert texts(library) == {"before"}
    run(resumed, rest)
    assert texts(library) == {"after"}
    assert counts(resumed) == {"changed": 10}
    assert_settled(resumed)


def test_moviepilot_does_not_wait_for_who_holds_the_consoles_database(sqlite_library):
    add_messages(sqlite_library, 10, text="before")
    change_set, work = claim(plan(Message, {"text": Set("after")}))
    console = connections["default"].settings_dict["NAME"]
    with closing(sqlite3.connect(console, isolation_level=None)) as vacuum:
        vacuum.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=_run_in_thread, args=[change_set, work])
        thread.start()
        for _ in range(5):
            thread.join(0.1)
            with closing(sqlite3.connect(sqlite_library.path, timeout=0)) as theirs:
                theirs.execute("BEGIN IMMEDIATE")  # raises were it locked
        vacuum.execute("ROLLBACK")

    thread.join()

    assert texts(sqlite_library) == {"after"}


def _run_in_thread(change_set, work):
    try:
        run(change_set, work)
    finally:
        connections.close_all()
