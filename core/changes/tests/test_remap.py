"""One prefix in place of another, in every table at once."""

import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.changes import (
    ChangeSet,
    InvalidRecords,
    Problem,
    SelectionMoved,
    State,
    apply,
    claim,
    resume,
    settle_all,
    undo,
    work_of,
)
from core.changes.remap import Remap, moved_tables, plan_remap
from core.changes.remap.action import EVERYWHERE
from core.changes.remap.places import parts
from core.changes.tests.support import add
from core.changes.tests.test_crash import Crasher
from history.models import TransferHistory

OLD, NEW = "/media/a", "/mnt/b"


def add_transfers(library, *folders, **values):
    """Transfers of files in these folders of /media."""
    rows = [
        {
            "title": folder,
            "src": f"/media/{folder}/x.mkv",
            "src_fileitem": json.dumps({"path": f"/media/{folder}/x.mkv", "size": 1}),
            "files": json.dumps([f"/media/{folder}/x.mkv", "/other"]),
            "status": True,
            **values,
        }
        for folder in folders
    ]
    return add(library, "transferhistory", rows)


def add_subscriptions(library, *paths):
    rows = [{"name": "n", "state": "N", "save_path": path} for path in paths]
    return add(library, "subscribe", rows)


def add_setting(library, key, value):
    text = value if isinstance(value, str) else json.dumps(value)
    return add(library, "systemconfig", [{"key": key, "value": text}])


def column(library, table, name):
    found = library.execute(f"SELECT {name} FROM {table} ORDER BY id")
    return [value for (value,) in found]


def test_one_change_set_over_all_tables_and_one_undo(library):
    add_transfers(library, "a", "ab", "a/电影")
    add_subscriptions(library, "/media/a", "/media", None)
    add_setting(library, "Downloaders", [])
    mapping = [{"name": "q", "type": "t", "path_mapping": [["/media/a", "/x"]]}]
    library.execute(
        "UPDATE systemconfig SET value = ? WHERE key = 'Downloaders'",
        json.dumps(mapping),
    )
    before = library.dump()

    change_set = apply(plan_remap(Remap(OLD, NEW), reason="moved"))

    assert column(library, "transferhistory", "src") == [
        "/mnt/b/x.mkv",
        "/media/ab/x.mkv",
        "/mnt/b/电影/x.mkv",
    ]
    assert column(library, "subscribe", "save_path") == ["/mnt/b", "/media", None]
    assert (change_set.kind, change_set.state) == ("remap", State.APPLIED)
    assert (change_set.table, change_set.changed) == ("history.transferhistory", 2)
    assert (change_set.carried, change_set.total) == (2, 4)
    undone = undo(change_set).change_set
    assert library.dump() == before
    assert (undone.changed, undone.carried) == (2, 2)


def test_the_change_set_stands_under_the_first_table_with_hits(library):
    add_transfers(library, "ab")
    add_subscriptions(library, "/media/a")

    change_set = apply(plan_remap(Remap(OLD, NEW)))

    assert (change_set.table, change_set.changed) == ("core.subscribe", 1)
    assert change_set.operations["tables"] == {"core.subscribe": 1}


def test_the_preview_tells_every_place(library):
    ids = add_transfers(library, *[f"a/{n}" for n in range(8)])
    add_subscriptions(library, "/mnt/b/x")

    preview = plan_remap(Remap(OLD, NEW)).preview

    assert (preview.count, preview.changed, preview.unchanged) == (8, 8, 0)
    places = preview.facts["places"]
    assert {name: place["count"] for name, place in places.items()} == {
        "history.transferhistory.src": 8,
        "history.transferhistory.src_fileitem": 8,
        "history.transferhistory.files": 8,
    }
    samples = places["history.transferhistory.files"]["samples"]
    assert [sample[0] for sample in samples] == [*ids[:3], *ids[-2:]]
    assert samples[0][2:] == ("[0]", "/media/a/0/x.mkv", "/mnt/b/0/x.mkv")
    assert preview.facts["occurs"]
    assert not plan_remap(Remap(OLD, "/nowhere")).preview.facts["occurs"]


def test_a_place_that_is_off_is_left_alone(library):
    add_transfers(library, "a")
    before = column(library, "transferhistory", "src_fileitem")

    apply(plan_remap(Remap(OLD, NEW, ["history.transferhistory.src"])))

    assert column(library, "transferhistory", "src") == ["/mnt/b/x.mkv"]
    assert column(library, "transferhistory", "src_fileitem") == before


def test_secrets_of_a_setting_stay_out_of_the_plan(library):
    config = {"password": "/media/a/synthetic-1", "filepath": "/media/a/rclone.conf"}
    add_setting(library, "Storages", [{"type": "rclone", "config": config}])

    made = plan_remap(Remap(OLD, NEW))
    change_set = apply(made)

    assert "synthetic-1" not in json.dumps([made.outcome, made.operations])
    [entry] = change_set.entries.all()
    assert "synthetic-1" not in entry.before + entry.after
    [text] = column(library, "systemconfig", "value")
    stored = json.loads(text) if isinstance(text, str) else text
    assert stored[0]["config"] == {**config, "filepath": "/mnt/b/rclone.conf"}


@pytest.mark.parametrize(
    "broken", ['["/media/a/x.mkv"', '{"path": "/media/a", "path": "/media/a/y"}']
)
def test_json_that_cannot_be_changed_is_told_and_the_record_left_alone(
    sqlite_library, broken
):
    library = sqlite_library
    [bad] = add_transfers(library, "a", src_fileitem=broken)
    [good] = add_transfers(library, "a/b")
    made = plan_remap(Remap(OLD, NEW))
    before = library.dump()

    assert (made.preview.changed, made.preview.invalid_count) == (1, 1)
    [problem] = made.preview.facts["problems"]
    assert problem[:2] == ("history.transferhistory", bad)
    with pytest.raises(InvalidRecords):
        apply(made)
    assert library.dump() == before
    change_set = apply(made, skip_invalid=True)
    assert change_set.record_ids() == [good]
    assert [pk for pk, _why in change_set.problems] == [bad]
    assert (change_set.changed, change_set.failed) == (1, 1)


def test_a_setting_moviepilot_could_not_read_is_left_alone(sqlite_library):
    add_setting(sqlite_library, "Downloaders", [{"path_mapping": [["/media/a", "x"]]}])

    made = plan_remap(Remap(OLD, NEW))

    assert made.preview.changed == 0
    assert made.preview.invalid_count == 1


def test_other_hits_than_previewed_stop_it_and_are_told_by_table(library):
    first, second = add_transfers(library, "a", "a")
    [subscription] = add_subscriptions(library, "/media/a")
    made = plan_remap(Remap(OLD, NEW))
    library.update("transferhistory", first, src="/x", src_fileitem=None, files=None)
    [new] = add_transfers(library, "a")
    library.update("subscribe", subscription, save_path="/x")
    before = library.dump()

    with pytest.raises(SelectionMoved):
        apply(made)

    assert library.dump() == before
    assert moved_tables(made) == {
        "history.transferhistory": ({new}, {first}),
        "core.subscribe": (set(), {subscription}),
    }
    assert second not in {*moved_tables(made)["history.transferhistory"][0]}


def test_the_same_id_in_another_table_is_another_hit(library):
    [pk] = add_transfers(library, "a")
    library.insert("subscribe", id=pk, name="n", state="N", save_path="/x")
    made = plan_remap(Remap(OLD, NEW))
    library.update("transferhistory", pk, src="/x", src_fileitem=None, files=None)
    library.update("subscribe", pk, save_path="/media/a")

    with pytest.raises(SelectionMoved):
        apply(made)

    assert moved_tables(made) == {
        "history.transferhistory": (set(), {pk}),
        "core.subscribe": ({pk}, set()),
    }


def test_a_record_that_goes_meanwhile_is_passed_over(library):
    first, _second = add_transfers(library, "a", "a")
    add_subscriptions(library, "/media/a")
    made = plan_remap(Remap(OLD, NEW))
    change_set, _work = claim(made, state=State.QUEUED)
    library.execute("DELETE FROM transferhistory WHERE id = ?", first)

    again = work_of(ChangeSet.objects.get(pk=change_set.pk))
    assert (again.total, again.model) == (3, TransferHistory)
    from core.changes.tasks import start

    start(change_set, again)

    change_set.refresh_from_db()
    assert (change_set.changed, change_set.carried, change_set.skipped) == (1, 1, 1)
    assert change_set.problems == [[first, Problem.GONE]]


@pytest.mark.parametrize(("old", "new"), [("", "/x"), ("/x", ""), ("/x", "/x/")])
def test_prefixes_must_differ_and_be_something(old, new):
    with pytest.raises(ValueError, match="prefix"):
        Remap(old, new)


def test_a_place_must_be_chosen(sqlite_library):
    with pytest.raises(ValueError, match="place"):
        plan_remap(Remap(OLD, NEW, ["history.nothing"]))


def test_a_database_that_lacks_a_column_is_remapped_elsewhere(sqlite_library):
    add_transfers(sqlite_library, "a")
    sqlite_library.execute("ALTER TABLE subscribe DROP COLUMN save_path")
    sqlite_library.execute("ALTER TABLE transferhistory DROP COLUMN files")

    change_set = apply(plan_remap(Remap(OLD, NEW)))

    assert change_set.written == 1


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("then", ["resume", "undo"])
def test_killed_in_the_middle_it_is_settled_then_gone_on_with_or_undone(library, then):
    add_transfers(library, *["a"] * 70)
    add_subscriptions(library, *["/media/a"] * 60)
    before = library.dump()
    crasher = Crasher()
    try:
        # Batches: 50 and 20 transfers, 50 and 10 subscriptions.
        for point, batch, done in (("commit", 2, 50), ("mark", 3, 120)):
            outcome, _pid = crasher.run("remap", point=point, batch=batch)
            assert outcome == "killed"
            [change_set] = settle_all()
            change_set.refresh_from_db()
            assert (change_set.state, change_set.written) == (State.STOPPED, done)
            if then == "resume":
                change_set = resume(change_set)
                assert change_set.written == 130
                assert {*column(library, "subscribe", "save_path")} == {"/mnt/b"}
            undo(change_set)
            assert library.dump() == before
    finally:
        crasher.close()


def test_the_number_of_statements_does_not_grow_with_the_hits(library):
    def statements(count):
        add_transfers(library, *["a"] * count)
        with CaptureQueriesContext(connections["moviepilot"]) as queries:
            plan_remap(Remap(OLD, NEW))
        return len(queries)

    statements(1)  # the first of a connection asks more
    few = statements(2)

    assert statements(200) == few
    # Of each part, twice (the new prefix too): its columns, the search. Of hits: more.
    assert few <= 4 * len(parts(EVERYWHERE)) + 8
