"""An undo of a part, killed between every two steps: gone on with, or left as it is."""

from __future__ import annotations

import pytest

from core.changes import ChangeSet, State, resume, undo
from core.changes.tests.crasher import POINTS
from core.changes.tests.support import add_messages, counts, edit
from core.changes.tests.test_crash import BATCHES, TOTAL, crash, messages
from core.changes.tests.test_crash import crasher as crasher  # the fixture
from core.models import Message

MORE = 40


@pytest.mark.parametrize("then", ["resume", "the rest"])
def test_a_killed_undo_of_a_part(library, crasher, then):
    add_messages(library, TOTAL + MORE, text="before")
    before, rows = library.dump(), messages(library)

    for point in POINTS:
        change_set = edit(Message, text="after")
        entries = change_set.applied_entries().order_by("pk")
        part = [*entries.values_list("pk", flat=True)][20 : TOTAL + 20]
        undoing = crash(
            crasher, point, 1 if point == "finish" else 2, "undo", change_set.pk, part
        )
        assert counts(undoing)["changed"] == undoing.position
        if then == "resume" and undoing.state == State.STOPPED:
            assert counts(resume(undoing)) == {"changed": TOTAL}

        rest = undo(change_set).change_set

        made = ChangeSet.objects.get(pk=change_set.pk)
        undoing.refresh_from_db()
        assert undoing.written + rest.written == TOTAL + MORE, point
        assert (made.is_undone, made.can_be_undone) == (True, False)
        assert messages(library) == rows, point
    assert library.dump() == before
    assert BATCHES * 50 == TOTAL
