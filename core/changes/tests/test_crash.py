"""The process is killed between every two steps: nothing is lost, undo works."""

import json
import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import connections

from core.changes import (
    ChangeEntry,
    ChangeSet,
    State,
    resume,
    settle,
    settle_all,
    undo,
)
from core.changes.models import BatchState
from core.changes.tests.crasher import POINTS
from core.changes.tests.support import add_messages, assert_settled, counts, edit
from core.models import Message
from core.tests.support import live

TOTAL = 150
BATCHES = 3
START = (
    "import django; django.setup(); import core.changes.tests.crasher as c; c.main()"
)


class Crasher:
    """Starts processes that die where they are told to."""

    def __init__(self):
        aliases = ("default", "moviepilot")
        self.databases = {alias: connections[alias].settings_dict for alias in aliases}
        variables = {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
        self.process = subprocess.Popen(
            [sys.executable, "-c", START],
            cwd=settings.BASE_DIR,
            env=live.environment(**variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, job, *arguments, point="", batch=1, signal="SIGKILL"):
        """Do a job in a process that gets the signal at this point."""
        return self._send(
            {
                "databases": self.databases,
                "job": job,
                "arguments": arguments,
                "point": point,
                "batch": batch,
                "signal": signal,
            }
        )

    def go_on(self, pid):
        """Let a stopped process go on to its end."""
        return self._send({"go_on": pid})

    def _send(self, order):
        self.process.stdin.write(json.dumps(order, default=str) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["outcome"], answer["pid"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


@pytest.fixture
def crasher(library):
    crasher = Crasher()
    yield crasher
    crasher.close()


def crashes():
    """Every point of the first, the middle and the last batch."""
    for point in POINTS:
        for batch in (1,) if point == "finish" else range(1, BATCHES + 1):
            yield point, batch


def crash(crasher, point, batch, job, *arguments):
    """Let a process die there, and settle what it left behind."""
    outcome, _pid = crasher.run(job, *arguments, point=point, batch=batch)
    assert outcome == "killed", (point, batch)
    unfinished = ChangeSet.objects.get(state=State.APPLYING)
    assert settle_all() == [unfinished], (point, batch)
    unfinished.refresh_from_db()
    assert_right(unfinished, point, batch)
    assert settle_all() == []
    return unfinished


def assert_right(change_set, point, batch):
    """State, counts and entries say what really happened."""
    done = batch if point in ("mark", "marked") else batch - 1
    done = BATCHES if point == "finish" else done
    where = (point, batch)
    assert counts(change_set) == ({"changed": 50 * done} if done else {}), where
    is_whole = done == BATCHES
    assert change_set.state == (State.APPLIED if is_whole else State.STOPPED), where
    assert change_set.position == 50 * done, where
    assert change_set.lease_until is None
    assert_settled(change_set)


def messages(library):
    """The table of messages: quicker to compare than all."""
    return library.execute("SELECT * FROM message ORDER BY id")


def written(change_set):
    """Ids of the records the change set says it wrote."""
    return sorted(change_set.record_ids())


@pytest.mark.parametrize("then", ["resume", "undo"])
def test_a_killed_edit_is_settled_then_gone_on_with_or_undone(library, crasher, then):
    ids = add_messages(library, TOTAL, text="before")
    before, rows = library.dump(), messages(library)

    for point, batch in crashes():
        change_set = crash(crasher, point, batch, "edit")
        held = dict(library.execute("SELECT id, text FROM message"))
        assert set(held.values()) <= {"before", "after"}
        after = [pk for pk in ids if held[pk] == "after"]
        assert written(change_set) == after
        if then == "resume" and change_set.state == State.STOPPED:
            change_set = resume(change_set)
            assert counts(change_set) == {"changed": TOTAL}
            assert_settled(change_set)
        if change_set.changed:
            assert undo(change_set).restored == written(change_set)
        assert messages(library) == rows, (point, batch)
    assert library.dump() == before


@pytest.mark.parametrize("then", ["resume", "undo"])
def test_a_killed_deletion_is_settled_then_gone_on_with_or_undone(
    library, crasher, then
):
    ids = add_messages(library, TOTAL, note='{"a":  1}')
    before, rows = library.dump(), messages(library)

    for point, batch in crashes():
        change_set = crash(crasher, point, batch, "delete")
        left = {pk for (pk,) in library.execute("SELECT id FROM message")}
        assert written(change_set) == sorted(set(ids) - left)
        if then == "resume" and change_set.state == State.STOPPED:
            change_set = resume(change_set)
            assert library.execute("SELECT count(*) FROM message") == [(0,)]
        if change_set.changed:
            undo(change_set)
        assert messages(library) == rows, (point, batch)
    assert library.dump() == before


def test_a_killed_creation_is_settled_and_undone(library, crasher):
    neighbours = add_messages(library, 3)
    before, rows = library.dump(), messages(library)

    for point, batch in crashes():
        change_set = crash(crasher, point, batch, "create", TOTAL)
        found = [pk for (pk,) in library.execute("SELECT id FROM message")]
        assert written(change_set) == sorted(set(found) - set(neighbours))
        assert not change_set.can_be_resumed
        if change_set.changed:
            undo(change_set)
        assert messages(library) == rows, (point, batch)
    assert library.dump() == before


@pytest.mark.parametrize("then", ["resume", "undo"])
def test_a_killed_import_is_settled_then_gone_on_with_or_undone(library, crasher, then):
    ids = add_messages(library, TOTAL // 2, text="before")
    before, rows = library.dump(), messages(library)
    lines = [f"{pk},after" for pk in ids] + [",after"] * (TOTAL // 2)

    for point, batch in crashes():
        change_set = crash(
            crasher, point, batch, "import", "\n".join(["id,text", *lines])
        )
        found = library.execute(
            "SELECT id FROM message WHERE text = 'after' ORDER BY id"
        )
        assert written(change_set) == [pk for (pk,) in found]
        if then == "resume" and change_set.state == State.STOPPED:
            change_set = resume(change_set)
            assert counts(change_set) == {"changed": TOTAL}
            assert_settled(change_set)
        if change_set.changed:
            undo(change_set)
        assert messages(library) == rows, (point, batch)
    assert library.dump() == before


def test_a_killed_undo_is_settled_and_gone_on_with(library, crasher):
    add_messages(library, TOTAL, text="before")
    before, rows = library.dump(), messages(library)

    for point, batch in crashes():
        change_set = edit(Message, text="after")
        undoing = crash(crasher, point, batch, "undo", change_set.pk)
        held = {text for (text,) in library.execute("SELECT text FROM message")}
        assert held <= {"before", "after"}
        if undoing.state == State.STOPPED:
            assert undo(change_set).change_set == undoing
        assert messages(library) == rows, (point, batch)
        undoing.refresh_from_db()
        assert counts(undoing) == {"changed": TOTAL}
    assert library.dump() == before


def test_a_killed_undo_of_a_deletion_restores_nothing_twice(library, crasher):
    ids = add_messages(library, TOTAL)
    change_set = _deleted(crasher)
    # All ids but the first batch's have been taken since.
    taken = [{"id": pk, "title": "theirs"} for pk in ids[:100]]
    for row in taken:
        library.insert("message", **row)

    crash(crasher, "mark", 2, "undo", change_set.pk)
    result = undo(change_set)

    assert counts(result.change_set) == {"changed": TOTAL}
    titles = [title for (title,) in library.execute("SELECT title FROM message")]
    assert sorted(titles) == sorted(
        [*(f"m{n}" for n in range(TOTAL)), *["theirs"] * 100]
    )


def _deleted(crasher):
    outcome, _pid = crasher.run("delete")
    assert outcome == "exit 0"
    return ChangeSet.objects.get()


def test_what_others_wrote_between_crash_and_settling_is_kept(library, crasher):
    ids = add_messages(library, TOTAL, text="before")
    crasher.run("edit", point="mark", batch=2)
    library.update("message", ids[60], text="theirs")
    library.update("message", ids[61], text="before")
    library.execute("DELETE FROM message WHERE id = ?", ids[62])

    [change_set] = settle_all()

    # Of the three nobody can tell; the second looks as if it had not been written.
    assert counts(change_set) == {"changed": 99, "failed": 1}
    assert change_set.problems == [[ids[61], "lost"]]
    assert ids[61] not in change_set.record_ids()
    assert undo(change_set).conflicts == [ids[60]]
    held = dict(library.execute("SELECT id, text FROM message"))
    assert {pk for pk, text in held.items() if text != "before"} == {ids[60]}


def test_problems_of_the_batch_that_was_being_written_are_not_lost(library, crasher):
    ids = add_messages(library, TOTAL, text="before")
    change_set = edit(Message, text="after")
    library.update("message", ids[-1], text="theirs")
    library.update("message", ids[-2], text="before")

    undoing = crasher.run("undo", change_set.pk, point="mark")
    assert undoing[0] == "killed"
    [settled] = settle_all()

    assert counts(settled) == {"changed": 48, "unchanged": 1, "skipped": 1}
    assert settled.problems == [[ids[-1], "conflict"]]


def test_a_change_set_whose_process_is_alive_is_left_alone(library, crasher):
    add_messages(library, TOTAL, text="before")
    outcome, pid = crasher.run("edit", point="begin", batch=2, signal="SIGSTOP")
    assert outcome == "stopped"

    assert settle_all() == []

    assert crasher.go_on(pid)[0] == "exit 0"
    change_set = ChangeSet.objects.get()
    assert (change_set.state, counts(change_set)) == (
        State.APPLIED,
        {"changed": TOTAL},
    )


def test_a_process_held_up_for_longer_than_its_lease_writes_nothing_more(
    library, crasher
):
    add_messages(library, TOTAL, text="before")
    before = library.dump()
    _outcome, pid = crasher.run("edit", point="begin", batch=2, signal="SIGSTOP")
    ChangeSet.objects.update(lease_until="2020-01-01T00:00Z")

    [change_set] = settle_all()
    undo(change_set)
    assert crasher.go_on(pid)[0] == "exit 2"

    assert library.dump() == before
    change_set.refresh_from_db()
    assert (change_set.state, counts(change_set)) == (State.STOPPED, {"changed": 50})
    assert_settled(change_set)


def test_settling_waits_for_a_batch_that_is_still_being_written(library, crasher):
    add_messages(library, TOTAL, text="before")
    _outcome, pid = crasher.run("edit", point="commit", batch=1, signal="SIGSTOP")
    ChangeSet.objects.update(lease_until="2020-01-01T00:00Z")
    settled: list = []
    thread = threading.Thread(target=_settle_in_thread, args=[settled])
    thread.start()
    thread.join(0.5)
    assert settled == []  # the batch has been written, but not committed

    crasher.go_on(pid)
    thread.join()

    [change_set] = settled
    assert counts(change_set) == {"changed": 50}
    assert library.execute("SELECT count(*) FROM message WHERE text = 'after'") == [
        (50,)
    ]
    assert_settled(change_set)


def _settle_in_thread(settled):
    try:
        settled += settle_all()
    finally:
        connections.close_all()


def test_of_two_who_settle_at_once_one_does(library, crasher):
    add_messages(library, TOTAL, text="before")
    crasher.run("edit", point="mark", batch=2)
    barrier, outcomes = threading.Barrier(4), []

    def settle_now():
        change_set = ChangeSet.objects.get()
        barrier.wait()
        try:
            outcomes.append(settle(change_set))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=settle_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, False, False, True]
    change_set = ChangeSet.objects.get()
    assert counts(change_set) == {"changed": 100}
    assert_settled(change_set)


def test_settling_a_large_batch_takes_no_time_for_each_pair(library):
    ids = add_messages(library, 5000, text="before")
    change_set = edit(Message, text="after")
    change_set.batches.update(state=BatchState.PENDING)
    ChangeSet.objects.update(state=State.APPLYING, worker="gone 1 x", changed=0)

    assert settle(ChangeSet.objects.get())

    assert written(ChangeSet.objects.get()) == ids
    assert ChangeEntry.objects.count() == 5000
