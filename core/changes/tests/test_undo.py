"""Undo: exact, and careful with what others wrote since."""

import pytest

from core.changes import (
    ChangeSet,
    Delete,
    Kind,
    NothingToUndo,
    Selection,
    Set,
    State,
    apply,
    create_records,
    delete_records,
    plan,
    resume,
    undo,
)
from core.changes.run import Pace
from core.changes.tests.support import (
    add_items,
    add_messages,
    add_sites,
    assert_settled,
    counts,
    edit,
    stored,
)
from core.models import MediaServerItem, Message
from sites.models import Site


def entries_of(change_set, *record_ids):
    """The ids of the entries of these records."""
    entries = change_set.applied_entries().filter(record_id__in=record_ids)
    return [*entries.values_list("pk", flat=True)]


def test_an_undo_puts_every_record_back_and_is_a_change_itself(library, operator):
    first, second, neighbour = add_sites(library, 3)
    before = library.dump()
    change_set = edit(Site, [first, second], timeout=60, ua="x")

    result = undo(change_set, by=operator, reason="sorry")

    assert library.dump() == before
    assert (result.restored, result.conflicts) == ([first, second], [])
    undoing = result.change_set
    assert (undoing.kind, undoing.undoes, undoing.reason) == (
        Kind.UNDO,
        change_set,
        "sorry",
    )
    assert (undoing.operator, undoing.total) == (operator, 2)
    assert stored(Site, neighbour, "timeout") == 15
    assert_settled(undoing)


def test_an_undo_leaves_what_others_changed_in_other_columns(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    library.update("site", pk, ua="MoviePilot's")

    undo(change_set)

    assert (stored(Site, pk, "timeout"), stored(Site, pk, "ua")) == (15, "MoviePilot's")


def test_undo_skips_a_record_changed_since(library):
    first, second, gone = add_sites(library, 3)
    change_set = edit(Site, timeout=60)
    library.update("site", second, timeout=99)
    library.execute("DELETE FROM site WHERE id = ?", gone)

    result = undo(change_set)

    assert (result.restored, result.conflicts) == ([first], [second])
    assert counts(result.change_set) == {"changed": 1, "skipped": 2}
    assert sorted(result.change_set.problems) == [[second, "conflict"], [gone, "gone"]]
    assert stored(Site, second, "timeout") == 99


def test_a_record_put_back_by_somebody_else_counts_as_unchanged(library):
    first, second = add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    library.update("site", first, timeout=15)

    result = undo(change_set)

    assert (result.restored, result.conflicts) == ([second], [])
    assert counts(result.change_set) == {"changed": 1, "unchanged": 1}


def test_conflicts_are_forced_record_by_record_also_after_an_undo(library):
    first, second, third = add_sites(library, 3)
    change_set = edit(Site, timeout=60)
    library.execute("UPDATE site SET timeout = 99 WHERE id <> ?", first)
    undo(change_set)

    forced = undo(change_set, force=entries_of(change_set, second))

    assert (forced.restored, forced.conflicts) == ([second], [])
    assert forced.change_set.total == 1
    assert [stored(Site, pk, "timeout") for pk in (first, second, third)] == [
        15,
        15,
        99,
    ]
    undo(forced.change_set)
    assert stored(Site, second, "timeout") == 99


def test_forcing_one_record_first_leaves_the_rest_to_be_undone(library):
    first, second = add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    library.update("site", second, timeout=99)

    undo(change_set, force=entries_of(change_set, second))
    assert stored(Site, first, "timeout") == 60
    undo(change_set)

    assert [stored(Site, pk, "timeout") for pk in (first, second)] == [15, 15]


def test_nothing_can_be_forced_that_the_change_did_not_touch(library):
    first, _second = add_sites(library, 2)
    change_set = edit(Site, [first], timeout=60)

    with pytest.raises(NothingToUndo):
        undo(change_set, force=[998, 999])

    assert ChangeSet.objects.count() == 1


def test_undoing_twice_does_nothing(library):
    add_sites(library, 2)
    before = library.dump()
    change_set = edit(Site, timeout=60)
    undo(change_set)

    with pytest.raises(NothingToUndo):
        undo(change_set)

    assert library.dump() == before
    assert ChangeSet.objects.count() == 2
    assert not ChangeSet.objects.get(pk=change_set.pk).can_be_undone


def test_a_change_that_wrote_nothing_cannot_be_undone(library):
    add_sites(library, 1)

    with pytest.raises(NothingToUndo):
        undo(edit(Site, timeout=15))


def test_an_undo_that_found_only_conflicts_can_be_tried_again(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    library.update("site", pk, timeout=99)
    assert undo(change_set).conflicts == [pk]
    library.update("site", pk, timeout=60)

    result = undo(change_set)

    assert result.restored == [pk]


def test_an_undo_can_be_undone_and_so_on(library):
    add_sites(library, 3)
    before = library.dump()
    change_set = edit(Site, timeout=60)
    after = library.dump()

    for expected in (before, after, before, after):
        change_set = undo(change_set).change_set
        assert library.dump() == expected


def test_a_creation_is_undone_by_deleting_and_back(library):
    neighbour = add_sites(library, 1)
    before = library.dump()
    rows = [{"name": name, "url": "u"} for name in ("a", "b")]
    change_set = create_records(Site, rows)
    after = library.dump()

    undoing = undo(change_set).change_set
    assert library.dump() == before
    undo(undoing)
    assert library.dump() == after
    assert library.execute("SELECT count(*) FROM site") == [(len(neighbour) + 2,)]


def test_a_created_record_changed_since_is_kept(library):
    change_set = create_records(Site, [{"name": n, "url": "u"} for n in ("a", "b")])
    first, second = change_set.record_ids()
    library.update("site", second, timeout=99)

    result = undo(change_set)

    assert (result.restored, result.conflicts) == ([first], [second])
    assert undo(change_set, force=entries_of(change_set, second)).restored == [second]
    assert library.execute("SELECT count(*) FROM site") == [(0,)]


def test_a_restored_record_gets_a_new_id_when_its_own_is_taken(library):
    first, second = add_sites(library, 2)
    change_set = delete_records(Site, [first, second])
    library.execute(
        "INSERT INTO site (id, name, url) VALUES (?, 'theirs', 'u')", second
    )

    result = undo(change_set)

    [new] = [pk for pk in result.restored if pk != first]
    assert new not in (first, second)
    assert library.execute("SELECT name FROM site ORDER BY name") == [
        ("s0",),
        ("s1",),
        ("theirs",),
    ]
    assert stored(Site, new, "name") == "s1"
    assert result.change_set.problems == [[new, "new id"]]
    assert counts(result.change_set) == {"changed": 2}
    undo(result.change_set)
    assert library.execute("SELECT name FROM site") == [("theirs",)]


def test_a_record_restored_under_another_id_is_not_restored_twice(library):
    [pk] = add_sites(library, 1)
    change_set = delete_records(Site, [pk])
    library.execute("INSERT INTO site (id, name, url) VALUES (?, 'theirs', 'u')", pk)
    undo(change_set)

    result = undo(change_set, force=entries_of(change_set, pk))

    assert result.restored == []
    assert library.execute("SELECT count(*) FROM site") == [(2,)]


def test_a_restored_record_that_would_not_be_unique_is_told(library):
    first, second = add_items(library, 2)
    change_set = delete_records(MediaServerItem, [first, second])
    library.execute(
        "INSERT INTO mediaserveritem (id, server, item_id) VALUES (77, 'A', 'i0')"
    )

    result = undo(change_set)

    assert result.restored == [second]
    assert counts(result.change_set) == {"changed": 1, "failed": 1}
    assert_settled(result.change_set)


def test_unknown_columns_of_a_newer_moviepilot_survive_deleting_and_undoing(library):
    ids = add_sites(library, 3)
    stored(Site, ids[0], "name")  # the columns have been looked at before
    kinds = {"sqlite": ("VARCHAR", "BLOB"), "postgresql": ("uuid", "int4[]")}
    values = {
        "sqlite": ("x", b"\x00\xff"),
        "postgresql": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{1,2}"),
    }
    first, second = kinds[library.vendor]
    library.execute(f"ALTER TABLE site ADD COLUMN newer {first}")
    library.execute(f'ALTER TABLE site ADD COLUMN "odd name" {second}')
    one, other = values[library.vendor]
    library.execute(
        'UPDATE site SET newer = ?, "odd name" = ? WHERE id = ?', one, other, ids[1]
    )
    before = library.dump()

    change_set = apply(plan(Site, Delete(), selection=Selection(Site, ids=ids)))

    assert library.execute("SELECT count(*) FROM site") == [(0,)]
    undo(change_set)
    assert library.dump() == before


def test_a_record_is_left_alone_when_the_table_lost_a_column_of_it(library):
    [pk] = add_sites(library, 1)
    library.execute("ALTER TABLE site ADD COLUMN newer VARCHAR")
    library.update("site", pk, newer="x")
    change_set = delete_records(Site, [pk])
    library.execute("ALTER TABLE site DROP COLUMN newer")

    result = undo(change_set)

    assert counts(result.change_set) == {"failed": 1}
    assert result.change_set.problems == [[pk, "column"]]
    assert library.execute("SELECT count(*) FROM site") == [(0,)]


def test_many_different_values_come_back_each_to_its_record(library):
    add_messages(library, 700)
    before = library.dump()

    change_set = edit(Message, title="one", text="two")

    assert counts(change_set) == {"changed": 700}
    undo(change_set)
    assert library.dump() == before


def test_an_undo_stopped_half_way_is_gone_on_with(library, small_batches, monkeypatch):
    add_messages(library, 200)
    before = library.dump()
    change_set = edit(Message, text="x")
    rest, calls = Pace.rest, []

    def stop_in_third(pace):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        rest(pace)

    monkeypatch.setattr(Pace, "rest", stop_in_third)
    with pytest.raises(KeyboardInterrupt):
        undo(change_set)
    stopped = ChangeSet.objects.get(kind="undo")
    assert (stopped.state, counts(stopped)) == (State.STOPPED, {"changed": 100})
    assert not ChangeSet.objects.get(pk=change_set.pk).can_be_resumed
    monkeypatch.setattr(Pace, "rest", rest)

    result = undo(change_set)

    assert result.change_set == stopped
    assert counts(result.change_set) == {"changed": 200}
    assert library.dump() == before
    assert_settled(result.change_set)


def test_a_stopped_change_set_is_gone_on_with_or_undone(
    library, small_batches, monkeypatch
):
    add_messages(library, 200)
    before = library.dump()
    made = plan(Message, {"text": Set("x")})
    rest = Pace.rest

    def stop(pace):
        if pace.released:
            raise KeyboardInterrupt
        rest(pace)

    monkeypatch.setattr(Pace, "rest", stop)
    with pytest.raises(KeyboardInterrupt):
        apply(made)
    stopped = ChangeSet.objects.get()
    assert counts(stopped) == {"changed": 50}
    monkeypatch.setattr(Pace, "rest", rest)

    finished = resume(stopped)

    assert (finished.state, counts(finished)) == (State.APPLIED, {"changed": 200})
    assert_settled(finished)
    with pytest.raises(ValueError, match="resumed"):
        resume(finished)
    undo(finished)
    assert library.dump() == before


def test_a_stopped_change_set_that_was_undone_is_not_gone_on_with(library):
    add_messages(library, 100)
    before = library.dump()
    change_set = edit(Message, text="x")
    ChangeSet.objects.filter(pk=change_set.pk).update(state=State.STOPPED)
    change_set.refresh_from_db()
    undo(change_set)
    change_set = ChangeSet.objects.get(pk=change_set.pk)

    with pytest.raises(ValueError, match="resumed"):
        resume(change_set)

    assert library.dump() == before


def test_one_undo_at_a_time(library):
    add_sites(library, 2)
    change_set = edit(Site, timeout=60)
    ChangeSet.objects.create(
        table="sites.site",
        kind=Kind.UNDO,
        undoes=change_set,
        worker="elsewhere 1 x",
        database=change_set.database,
        lease_until="2999-01-01T00:00Z",
    )

    for force in ([], [1]):
        with pytest.raises(NothingToUndo):
            undo(change_set, force=force)
