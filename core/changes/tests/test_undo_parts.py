"""Undo of a part: exact, adding up, and never twice."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from core.changes import (
    ChangeSet,
    CreateRecords,
    DeleteRecords,
    EditRecords,
    NothingToUndo,
    State,
    change,
    create_records,
    delete_records,
    resume,
    undo,
)
from core.changes.run import Pace
from core.changes.tasks import apply_change_set
from core.changes.tests.support import (
    add_messages,
    add_sites,
    counts,
    edit,
    stored,
)
from core.changes.undo import claim_undo
from core.changes.undo_preview import preview_undo
from core.models import Message
from sites.models import Site


def entries_of(change_set, *record_ids, table="sites.site"):
    """The ids of the entries of these records."""
    entries = change_set.applied_entries().filter(table=table)
    found = entries.filter(record_id__in=record_ids).order_by("pk")
    return [*found.values_list("pk", flat=True)]


def again(change_set):
    """The change set as it stands now."""
    return ChangeSet.objects.get(pk=change_set.pk)


def timeouts(*ids):
    return [stored(Site, pk, "timeout") for pk in ids]


def several_tables(library):
    """One change set over two tables whose records have the same ids."""
    first, second = add_sites(library, 2)
    add_messages(library, 2)
    before = library.dump()
    made = change(
        EditRecords(Message, [first, second], {"text": "x"}),
        CreateRecords(Message, [{"title": "new"}]),
        EditRecords(Site, [first], {"timeout": 60}),
        DeleteRecords(Site, [second]),
        EditRecords(Site, [first], {"timeout": 61, "ua": "x"}),
    )
    return made, before, (first, second)


def test_a_part_is_taken_back_and_the_rest_stays_undoable(library):
    first, second, third = add_sites(library, 3)
    before = library.dump()
    change_set = edit(Site, timeout=60)

    part = undo(change_set, entries=entries_of(change_set, second))

    assert (part.restored, timeouts(first, second, third)) == ([second], [60, 15, 60])
    made = again(change_set)
    assert (made.is_undone, made.is_partly_undone, made.put_back) == (False, True, 1)
    assert made.can_be_undone
    rest = undo(change_set)
    assert (rest.restored, rest.change_set.total) == ([first, third], 2)
    assert library.dump() == before
    made = again(change_set)
    assert (made.is_undone, made.can_be_undone) == (True, False)
    with pytest.raises(NothingToUndo):
        undo(change_set)


def test_what_was_taken_back_is_not_taken_back_twice(library):
    first, second = add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    chosen = entries_of(change_set, first)
    undo(change_set, entries=chosen)
    library.update("site", first, timeout=60)  # and somebody wants it so after all

    with pytest.raises(NothingToUndo):
        undo(change_set, entries=chosen)
    undo(change_set)

    assert timeouts(first, second) == [60, 15]


def test_a_conflict_in_a_part_is_left_alone_until_forced(library):
    first, second, third = add_sites(library, 3)
    change_set = edit(Site, timeout=60)
    library.update("site", second, timeout=99)

    part = undo(change_set, entries=entries_of(change_set, first, second))

    assert (part.restored, part.conflicts) == ([first], [second])
    rest = undo(change_set)
    assert (rest.restored, timeouts(first, second, third)) == ([third], [15, 99, 15])
    assert again(change_set).is_partly_undone
    forced = undo(change_set, force=entries_of(change_set, second))
    assert forced.restored == [second]
    assert again(change_set).is_undone


def test_forcing_is_by_entry_not_by_the_id_of_the_record(library):
    made, _before, (first, second) = several_tables(library)
    library.execute("UPDATE message SET text = 'theirs' WHERE title <> 'new'")
    chosen = entries_of(made, second, table="core.message")

    forced = undo(made, force=chosen).change_set

    assert (forced.changed, forced.carried) == (0, 1)
    assert [stored(Message, pk, "text") for pk in (first, second)] == ["theirs", None]
    assert library.execute("SELECT id FROM site") == [(first,)]


def test_a_change_over_several_tables_comes_back_exactly(library):
    made, before, (first, second) = several_tables(library)
    after = library.dump()

    undoing = undo(made).change_set

    assert library.dump() == before
    assert undo(undoing).change_set.written == made.written
    assert library.dump() == after
    undo(made, entries=entries_of(made, second))
    assert stored(Site, second, "timeout") == 15
    assert timeouts(first) == [61]
    undo(made)
    assert library.dump() == before


def test_a_record_written_twice_comes_back_step_by_step(library):
    [pk] = add_sites(library, 1)
    before = library.dump()
    made = change(
        EditRecords(Site, [pk], {"timeout": 20}),
        EditRecords(Site, [pk], {"timeout": 30}),
        EditRecords(Site, [pk], {"timeout": 40, "ua": "x"}),
    )
    told = preview_undo(made)

    undo(made)

    assert library.dump() == before
    assert (told.changed, told.conflicting) == (3, [])


def test_the_earlier_entry_alone_of_a_record_written_twice_is_a_conflict(library):
    [pk] = add_sites(library, 1)
    made = change(
        EditRecords(Site, [pk], {"timeout": 20}),
        EditRecords(Site, [pk], {"timeout": 30}),
    )
    first, last = entries_of(made, pk)

    result = undo(made, entries=[first])

    assert (result.restored, result.conflicts, timeouts(pk)) == ([], [pk], [30])
    undo(made, entries=[last])
    undo(made)
    assert timeouts(pk) == [15]


def test_an_undo_of_a_part_can_be_undone_and_the_part_undone_again(library):
    first, second = add_sites(library, 2)
    before = library.dump()
    change_set = edit(Site, timeout=60)
    after = library.dump()
    part = undo(change_set, entries=entries_of(change_set, first)).change_set

    undo(part)

    assert library.dump() == after
    made = again(change_set)
    assert (made.is_partly_undone, made.can_be_undone) == (False, True)
    assert undo(change_set).change_set.total == 2
    assert library.dump() == before
    assert second


def test_a_part_of_a_deletion_and_then_the_rest(library):
    ids = add_sites(library, 4)
    before = library.dump()
    change_set = delete_records(Site, ids)

    undo(change_set, entries=entries_of(change_set, *ids[1:3]))
    assert library.execute("SELECT id FROM site ORDER BY id") == [
        (n,) for n in ids[1:3]
    ]
    undo(change_set)

    assert library.dump() == before


def test_a_record_restored_under_another_id_is_not_restored_by_the_rest(library):
    first, second = add_sites(library, 2)
    change_set = delete_records(Site, [first, second])
    library.execute("INSERT INTO site (id, name, url) VALUES (?, 'theirs', 'u')", first)
    undo(change_set, entries=entries_of(change_set, first))

    undo(change_set)

    assert sorted(library.execute("SELECT name FROM site")) == [
        ("s0",),
        ("s1",),
        ("theirs",),
    ]


def test_a_part_of_a_creation(library):
    change_set = create_records(Site, [{"name": n, "url": "u"} for n in "abc"])
    first, second, third = change_set.record_ids()

    undo(change_set, entries=entries_of(change_set, first, third))

    assert library.execute("SELECT id FROM site") == [(second,)]
    assert again(change_set).put_back == 2


def test_two_operators_who_undo_overlapping_parts_at_once(library, operator):
    add_messages(library, 60)
    before = library.dump()
    change_set = edit(Message, text="x")
    ids = [*change_set.applied_entries().order_by("pk").values_list("pk", flat=True)]
    parts, outcomes = [ids[:40], ids[20:]], []

    def take_back(part):
        try:
            outcomes.append(undo(change_set, entries=part).change_set.written)
        except NothingToUndo:
            outcomes.append(0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_back, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    # The second finds nothing to do while the first is at work, else what is left.
    assert sorted(outcomes) in ([0, 40], [20, 40])
    made = again(change_set)
    assert made.put_back == sum(outcomes)
    if made.can_be_undone:
        undo(made)
    assert library.dump() == before


@pytest.fixture
def interrupted(monkeypatch):
    """Stops the undo of a part in its second batch; returns it."""
    rest = Pace.rest

    def stop(pace):
        if pace.released:
            raise KeyboardInterrupt
        rest(pace)

    def interrupt(change_set, entries):
        monkeypatch.setattr(Pace, "rest", stop)
        with pytest.raises(KeyboardInterrupt):
            undo(change_set, entries=entries)
        monkeypatch.setattr(Pace, "rest", rest)
        return ChangeSet.objects.get(kind="undo")

    return interrupt


def a_stopped_part(library, interrupted):
    add_messages(library, 200)
    before = library.dump()
    change_set = edit(Message, text="x")
    ids = [*change_set.applied_entries().order_by("pk").values_list("pk", flat=True)]
    stopped = interrupted(change_set, ids[30:180])
    assert (stopped.state, stopped.written, stopped.total) == (State.STOPPED, 50, 150)
    return change_set, stopped, ids, before


def test_a_stopped_undo_of_a_part_is_gone_on_with(library, small_batches, interrupted):
    change_set, stopped, _ids, before = a_stopped_part(library, interrupted)

    resumed = resume(stopped)

    assert (resumed.state, counts(resumed)) == (State.APPLIED, {"changed": 150})
    assert again(change_set).put_back == 150
    assert undo(change_set).change_set.total == 50
    assert library.dump() == before


def test_the_same_part_again_goes_on_with_the_stopped_undo(
    library, small_batches, interrupted
):
    change_set, stopped, ids, _before = a_stopped_part(library, interrupted)

    result = undo(change_set, entries=ids[30:180])

    assert result.change_set == stopped
    assert counts(result.change_set) == {"changed": 150}


def test_the_rest_of_a_stopped_part_can_be_undone_otherwise(
    library, small_batches, interrupted
):
    change_set, stopped, _ids, before = a_stopped_part(library, interrupted)
    made = again(change_set)
    assert (made.put_back, made.can_be_undone) == (50, True)

    rest = undo(change_set)

    assert rest.change_set != stopped
    assert counts(rest.change_set) == {"changed": 150}
    assert library.dump() == before
    with pytest.raises(ValueError, match="resumed"):
        resume(again(stopped))


def test_a_preview_says_per_table_what_an_undo_then_does(library):
    made, _before, (first, _second) = several_tables(library)
    library.update("message", first, text="theirs")
    before = library.dump()

    told = preview_undo(made)

    assert library.dump() == before
    assert {table: (n.changed, n.conflicts) for table, n in told.tables.items()} == {
        "sites.site": (3, 0),
        "core.message": (2, 1),
    }
    assert told.conflicting == entries_of(made, first, table="core.message")
    undoing = undo(made).change_set
    assert (undoing.changed, undoing.carried, undoing.skipped) == (3, 2, 1)


def test_the_ids_of_a_large_part_take_little_room(library):
    add_messages(library, 3000)
    change_set = edit(Message, text="x")
    ids = [*change_set.applied_entries().order_by("pk").values_list("pk", flat=True)]

    undoing = undo(change_set, entries=ids[:2000]).change_set

    assert undoing.selection == {"part": 2000, "fresh": 2000, "forced": 0}
    assert len(undoing.ids) < 200


def test_the_cost_of_opening_an_undo_of_a_part(library, django_assert_max_num_queries):
    ids = add_sites(library, 40)
    change_set = edit(Site, timeout=60)
    chosen = entries_of(change_set, *ids[:20])

    # Open, one batch through its four steps, and close.
    with django_assert_max_num_queries(32):
        undo(change_set, entries=chosen)


def test_another_process_does_a_queued_part_with_what_is_forced(library):
    first, second, third = add_sites(library, 3)
    change_set = edit(Site, timeout=60)
    library.execute("UPDATE site SET timeout = 99 WHERE id <> ?", first)

    undoing, _work = claim_undo(
        change_set,
        entries=entries_of(change_set, first, third),
        force=entries_of(change_set, second),
        state=State.QUEUED,
    )
    with pytest.raises(NothingToUndo):
        undo(change_set)
    apply_change_set.call(undoing.pk)

    assert timeouts(first, second, third) == [15, 15, 99]
    undoing.refresh_from_db()
    assert (undoing.state, counts(undoing)) == (
        State.APPLIED,
        {"changed": 2, "skipped": 1},
    )
    assert undoing.payload == b""
