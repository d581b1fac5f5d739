"""What a change carries with it in other tables."""

import pytest

from core.changes import (
    BatchState,
    ChangeBatch,
    ChangeSet,
    CreateRecords,
    Delete,
    DeleteRecords,
    EditRecords,
    InvalidValues,
    Selection,
    State,
    apply,
    change,
    delete_records,
    plan,
    save_record,
    settle,
    undo,
)
from core.changes.tests.support import add, add_messages
from core.models import Message, PassKey, User, UserConfig
from core.models.base import Carried, Followed
from history.models import DownloadFiles, DownloadHistory


@pytest.fixture(autouse=True)
def declarations(monkeypatch):
    """Those of these tests, whatever else the models come to declare."""
    files = Carried("history.DownloadFiles", "download_hash", "download_hash")
    monkeypatch.setattr(DownloadHistory, "carries", (files,))
    monkeypatch.setattr(User, "carries", (Carried("core.PassKey", "user_id", "id"),))
    settings = Followed("core.UserConfig", "username", "name")
    monkeypatch.setattr(User, "followed_by", (settings,))
    monkeypatch.setattr(UserConfig, "unique_by", (("username", "key"),))


@pytest.fixture
def downloads(library):
    """Ids of downloads: a, and twice b. a has two files, b one, nobody c one."""
    ids = add(
        library,
        "downloadhistory",
        [
            {"path": f"/{n}", "type": "电影", "title": f"d{n}", "download_hash": each}
            for n, each in enumerate("abb")
        ],
    )
    files = [{"download_hash": each, "state": 1} for each in "aabc"]
    add(library, "downloadfiles", files)
    return ids


def hashes(library):
    found = library.execute("SELECT download_hash FROM downloadfiles ORDER BY id")
    return "".join(each for (each,) in found)


def test_a_deleted_download_takes_its_files_and_undo_brings_them_back(
    library, downloads
):
    before = library.dump()

    change_set = delete_records(DownloadHistory, downloads[:1])

    assert hashes(library) == "bc"
    assert (change_set.changed, change_set.carried) == (1, 2)
    assert change_set.record_ids() == downloads[:1]
    undone = undo(change_set)
    assert library.dump() == before
    assert (undone.change_set.changed, undone.change_set.carried) == (1, 2)
    undo(undone.change_set)
    assert hashes(library) == "bc"


def test_files_stay_as_long_as_one_of_their_downloads_does(library, downloads):
    _first, second, third = downloads

    delete_records(DownloadHistory, [second])
    assert hashes(library) == "aabc"

    delete_records(DownloadHistory, [third])
    assert hashes(library) == "aac"


@pytest.mark.parametrize("batch", [1, 5000])
def test_the_preview_counts_what_the_deletion_takes(
    library, downloads, monkeypatch, batch
):
    monkeypatch.setattr("core.changes.preview.BATCH", batch)
    before = library.dump()

    made = plan(DownloadHistory, Delete())
    change_set = apply(made)

    assert made.preview.carried == {"history.downloadfiles": 3}
    assert (change_set.changed, change_set.carried) == (3, 3)
    assert hashes(library) == "c"
    undo(change_set)
    assert library.dump() == before


def test_a_deleted_user_leaves_no_passkeys_behind(library):
    first, second = add(
        library,
        "user",
        [{"name": name, "hashed_password": "x"} for name in ("ada", "bob")],
    )
    keys = [
        {
            "user_id": pk,
            "credential_id": f"c{pk}",
            "public_key": "p",
            "name": "k",
            "sign_count": 0,
            "is_active": True,
        }
        for pk in (first, second)
    ]
    add(library, "passkey", keys)
    before = library.dump()

    change_set = delete_records(User, [second])

    assert [key.user_id for key in PassKey.objects.list()] == [first]
    undo(change_set)
    assert library.dump() == before


def test_a_renamed_user_keeps_its_settings(library):
    [pk] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    rows = [{"username": name, "key": "Layout", "value": "1"} for name in ("ada", "b")]
    add(library, "userconfig", rows)
    before = library.dump()

    change_set = save_record(User, pk, {"name": "eve"})

    names = library.execute("SELECT username FROM userconfig ORDER BY id")
    assert names == [("eve",), ("b",)]
    assert (change_set.changed, change_set.carried) == (1, 1)
    undo(change_set)
    assert library.dump() == before


def test_a_name_that_has_settings_already_is_refused(library):
    [pk] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    rows = [{"username": name, "key": "Layout", "value": "1"} for name in ("ada", "b")]
    add(library, "userconfig", rows)
    before = library.dump()

    with pytest.raises(InvalidValues) as refused:
        save_record(User, pk, {"name": "b"})

    assert refused.value.errors.keys() == {"name"}
    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_what_the_database_refuses_takes_nothing_along(library, downloads):
    trigger = (
        "CREATE TRIGGER no BEFORE DELETE ON downloadhistory "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    if library.vendor != "sqlite":
        pytest.skip("a trigger of SQLite")
    library.execute(trigger)

    change_set = delete_records(DownloadHistory, downloads)

    assert hashes(library) == "aabc"
    assert (change_set.changed, change_set.carried, change_set.failed) == (0, 0, 3)


@pytest.mark.parametrize("is_written", [True, False])
def test_after_a_crash_both_tables_are_looked_at(library, downloads, is_written):
    change_set = delete_records(DownloadHistory, downloads[:1])
    if not is_written:
        undo(change_set)
    ChangeBatch.objects.filter(change_set=change_set).update(state=BatchState.PENDING)
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=State.APPLYING, changed=0, carried=0, lease_until=None
    )
    change_set.refresh_from_db()

    settle(change_set)

    expected = (1, 2) if is_written else (0, 0)
    assert (change_set.changed, change_set.carried) == expected


def test_steps_are_one_change_and_undone_as_one(library):
    old = add_messages(library, 3)
    before = library.dump()

    change_set = change(
        CreateRecords(Message, [{"title": "new", "action": 0}]),
        EditRecords(Message, [*old[:2], 999], {"title": "same"}),
        DeleteRecords(Message, old[2:]),
        reason="steps",
    )

    titles = [message.title for message in Message.objects.list()]
    assert titles == ["same", "same", "new"]
    assert (change_set.total, change_set.changed) == (4, 4)
    undo(change_set)
    assert library.dump() == before


def test_steps_over_two_tables_count_apart(library, downloads):
    [message] = add_messages(library, 1)
    before = library.dump()

    change_set = change(
        EditRecords(DownloadFiles, [1, 2], {"state": 0}),
        DeleteRecords(Message, [message]),
    )

    assert change_set.table == "core.message"
    assert (change_set.changed, change_set.carried) == (1, 2)
    assert undo(change_set).restored == [message]
    assert library.dump() == before


def test_steps_that_change_nothing_leave_no_trace(library):
    [pk] = add_messages(library, 1)

    assert change(EditRecords(Message, [pk], {"title": "m0"})) is None
    assert not ChangeSet.objects.exists()


def test_steps_are_all_looked_at_before_the_first_is_done(library):
    [pk] = add_messages(library, 1)

    with pytest.raises(InvalidValues):
        change(
            DeleteRecords(Message, [pk]),
            CreateRecords(Message, [{"no such column": 1}]),
        )

    assert Message.objects.find(pk) is not None


def test_a_stopped_edit_of_known_records_knows_them(library):
    ids = add_messages(library, 2)

    change_set = change(EditRecords(Message, ids, {"title": "x"}))

    assert Selection.from_json(change_set.selection).record_ids() == ids
    assert change_set.operations == {"title": {"op": "set", "value": "x"}}
