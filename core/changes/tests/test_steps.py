"""Several things done as one change."""

import pytest

from core.changes import (
    ChangeSet,
    CreateRecords,
    DeleteRecords,
    EditRecords,
    RecordRefused,
    State,
    change,
    undo,
)
from core.changes.tests.support import add_messages
from core.models import Message
from history.models import TransferHistory

REFUSING = (
    "CREATE TRIGGER no BEFORE {} ON message "
    "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
)


def titles():
    return [message.title for message in Message.objects.list()]


def test_a_refused_step_stops_those_after_it(sqlite_library):
    ids = add_messages(sqlite_library, 2)
    sqlite_library.execute(REFUSING.format("INSERT"))
    before = sqlite_library.dump()

    with pytest.raises(RecordRefused, match="trigger"):
        change(
            CreateRecords(Message, [{"title": "new", "action": 0}]),
            DeleteRecords(Message, ids),
        )

    assert sqlite_library.dump() == before
    assert not ChangeSet.objects.exists()


def test_what_was_written_before_a_refused_step_can_be_undone(sqlite_library):
    first, second = add_messages(sqlite_library, 2)
    sqlite_library.execute(REFUSING.format("DELETE"))
    before = sqlite_library.dump()

    with pytest.raises(RecordRefused):
        change(
            EditRecords(Message, [first], {"title": "x"}),
            DeleteRecords(Message, [second]),
            EditRecords(Message, [second], {"title": "y"}),
        )

    assert titles() == ["x", "m1"]
    change_set = ChangeSet.objects.get()
    assert (change_set.state, change_set.changed) == (State.STOPPED, 1)
    undo(change_set)
    assert sqlite_library.dump() == before


def test_a_step_about_a_record_that_is_gone_stops_nothing(library):
    [pk] = add_messages(library, 1)

    change_set = change(
        EditRecords(Message, [pk, 99], {"title": "x"}),
        CreateRecords(TransferHistory, [{"src": "/a", "status": True}]),
    )

    assert titles() == ["x"]
    assert (change_set.changed, change_set.carried) == (1, 1)


def test_of_one_step_a_refused_record_does_not_stop_the_others(sqlite_library):
    ids = add_messages(sqlite_library, 3)
    sqlite_library.execute(
        "CREATE TRIGGER no BEFORE UPDATE ON message WHEN old.title = 'm0' "
        "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
    )

    change_set = change(EditRecords(Message, ids, {"title": "x"}))

    assert titles() == ["m0", "x", "x"]
    assert (change_set.changed, change_set.failed) == (2, 1)
