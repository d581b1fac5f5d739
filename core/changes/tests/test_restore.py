"""Single records and fields, as they were before or after a change."""

import pytest

from core.changes import (
    ChangeSet,
    Kind,
    RecordMoved,
    RecordRefused,
    create_records,
    delete_records,
    save_record,
    undo,
)
from core.changes.restore import NotKnown, carried_by, find_target, restore
from core.changes.tests.support import add_items, add_sites, edit, stored
from core.changes.work import InvalidValues
from core.models import MediaServerItem, User
from core.tests.support import leaks
from sites.models import Site


def entry_of(change_set, record_id, table="sites.site"):
    return change_set.entries.get(record_id=record_id, table=table)


def put_back(entry, when="before", column="", **options):
    target = find_target(entry, when, column)
    return restore(target, shown=target.fingerprints(), **options)


def test_a_record_is_restored_as_it_was_before_a_change_and_back(library, operator):
    first, second = add_sites(library, 2)
    before = library.dump()
    change_set = edit(Site, [first, second], timeout=60, ua="x")
    edit(Site, [first], timeout=70)

    made = put_back(entry_of(change_set, first), by=operator, reason="as before")

    assert (stored(Site, first, "timeout"), stored(Site, first, "ua")) == (15, None)
    assert stored(Site, second, "timeout") == 60
    assert (made.kind, made.operator, made.reason) == (Kind.EDIT, operator, "as before")
    undo(made)
    assert stored(Site, first, "timeout") == 70
    assert before != library.dump()


def test_as_it_was_after_a_change_takes_back_what_came_later(library):
    [pk] = add_sites(library, 1)
    first = edit(Site, timeout=60)
    edit(Site, timeout=70, ua="x")
    library.update("site", pk, pri=9)  # MoviePilot's own stays

    put_back(entry_of(first, pk), "after")

    assert [stored(Site, pk, name) for name in ("timeout", "ua", "pri")] == [
        60,
        None,
        9,
    ]


def test_one_field_is_put_back_alone(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60, ua="x")

    put_back(entry_of(change_set, pk), column="timeout")

    assert (stored(Site, pk, "timeout"), stored(Site, pk, "ua")) == (15, "x")
    with pytest.raises(NotKnown):
        put_back(entry_of(change_set, pk), column="name")


def test_what_is_stored_already_makes_no_change(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    undo(change_set)

    assert put_back(entry_of(change_set, pk)) is None
    assert ChangeSet.objects.count() == 2


def test_a_value_that_moved_since_it_was_shown_is_not_overwritten(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    target = find_target(entry_of(change_set, pk), "before")
    shown = target.fingerprints()
    library.update("site", pk, timeout=99)

    with pytest.raises(RecordMoved):
        restore(find_target(entry_of(change_set, pk), "before"), shown=shown)
    with pytest.raises(RecordMoved):
        restore(target, shown=shown)

    assert stored(Site, pk, "timeout") == 99
    assert ChangeSet.objects.count() == 1


def test_a_deleted_record_comes_back_with_its_id(library):
    first, second = add_sites(library, 2)
    before = library.dump()
    change_set = delete_records(Site, [first, second])

    put_back(entry_of(change_set, first))
    assert library.execute("SELECT id FROM site") == [(first,)]
    put_back(entry_of(change_set, second))

    assert library.dump() == before
    assert ChangeSet.objects.get(pk=change_set.pk).is_undone


def test_a_deleted_record_comes_back_as_it_was_long_before(library):
    [pk] = add_sites(library, 1)
    before = library.dump()
    change_set = edit(Site, timeout=60)
    delete_records(Site, [pk])

    made = put_back(entry_of(change_set, pk))

    assert library.dump() == before
    assert made.kind == Kind.CREATE
    undo(made)
    assert library.execute("SELECT count(*) FROM site") == [(0,)]


def test_the_record_that_has_its_id_now_is_left_alone(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    delete_records(Site, [pk])
    library.execute("INSERT INTO site (id, name, url) VALUES (?, 'theirs', 'u')", pk)
    target = find_target(entry_of(change_set, pk), "before")
    assert (target.is_taken, target.now) == (True, None)

    restore(target, shown={})

    assert sorted(library.execute("SELECT name FROM site")) == [("s0",), ("theirs",)]


def test_a_restored_record_is_the_same_one_again(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    undo(delete_records(Site, [pk]))

    assert not find_target(entry_of(change_set, pk), "before").is_taken
    put_back(entry_of(change_set, pk))

    assert stored(Site, pk, "timeout") == 15


def test_before_its_creation_there_was_no_record(library):
    change_set = create_records(Site, [{"name": "a", "url": "u"}])
    [pk] = change_set.record_ids()

    with pytest.raises(NotKnown):
        find_target(entry_of(change_set, pk), "before")
    library.update("site", pk, timeout=99)
    put_back(entry_of(change_set, pk), "after")
    assert stored(Site, pk, "timeout") != 99


def test_a_deleted_record_has_no_single_field_to_put_back(library):
    [pk] = add_sites(library, 1)
    change_set = edit(Site, timeout=60)
    delete_records(Site, [pk])

    with pytest.raises(NotKnown):
        find_target(entry_of(change_set, pk), "before", "timeout")


def test_what_a_deletion_carried_comes_back_with_the_record(library):
    pk = library.insert("user", name="ada", hashed_password="synthetic-hash-1")
    keys = {"user_id": pk, "public_key": "synthetic", "name": "Phone"}
    library.insert(
        "passkey", credential_id="synthetic-1", sign_count=0, is_active=True, **keys
    )
    before = library.dump()
    change_set = delete_records(User, [pk])
    entry = entry_of(change_set, pk, "core.user")
    along = carried_by(entry)
    assert [each.table for each in along] == ["core.passkey"]

    put_back(entry, along=[each.pk for each in along])

    assert library.dump() == before


def test_what_went_with_one_of_many_deleted_records_is_told_apart(library):
    ids = []
    for number in range(2):
        pk = library.insert("user", name=f"u{number}", hashed_password="synthetic")
        keys = {"user_id": pk, "public_key": "synthetic", "name": "Phone"}
        library.insert(
            "passkey",
            credential_id=f"synthetic-{number}",
            sign_count=0,
            is_active=True,
            **keys,
        )
        ids.append(pk)
    change_set = delete_records(User, ids)
    entry = entry_of(change_set, ids[1], "core.user")

    along = carried_by(entry)
    put_back(entry, along=[each.pk for each in along])

    assert library.execute("SELECT user_id FROM passkey") == [(ids[1],)]
    assert library.execute('SELECT name FROM "user"') == [("u1",)]


def test_a_name_that_is_taken_by_now_is_refused(library):
    pk = library.insert("user", name="ada", hashed_password="synthetic")
    change_set = save_record(User, pk, {"name": "eve"})
    library.insert("user", name="ada", hashed_password="synthetic")
    target = find_target(entry_of(change_set, pk, "core.user"), "before")

    with pytest.raises(InvalidValues):
        restore(target, shown=target.fingerprints())

    assert stored(User, pk, "name") == "eve"
    assert ChangeSet.objects.count() == 1


def test_columns_that_are_gone_are_told(library):
    [pk] = add_sites(library, 1)
    library.execute("ALTER TABLE site ADD COLUMN newer VARCHAR")
    library.update("site", pk, newer="x")
    change_set = delete_records(Site, [pk])
    library.execute("ALTER TABLE site DROP COLUMN newer")
    entry = entry_of(change_set, pk)

    target = find_target(entry, "before")

    assert target.lost == ["newer"]
    made = restore(target, shown={})
    assert made.kind == Kind.CREATE
    assert stored(Site, pk, "name") == "s0"


def test_secrets_come_back_without_being_shown(library):
    secret = leaks.Secrets().new("a cookie")
    [pk] = add_sites(library, 1, cookie=secret)
    change_set = save_record(Site, pk, {"cookie": "synthetic-cookie-2"})

    put_back(entry_of(change_set, pk))

    assert stored(Site, pk, "cookie") == secret


def test_a_deleted_record_that_would_be_a_second_one_is_refused(library):
    first, _second = add_items(library, 2)
    change_set = delete_records(MediaServerItem, [first])
    library.execute(
        "INSERT INTO mediaserveritem (id, server, item_id) VALUES (77, 'A', 'i0')"
    )
    entry = entry_of(change_set, first, "core.mediaserveritem")

    with pytest.raises(RecordRefused):
        put_back(entry)

    assert library.execute("SELECT count(*) FROM mediaserveritem") == [(2,)]
