"""Single records: saved from a form, created, deleted."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.changes import (
    ChangeSet,
    InvalidValues,
    RecordGone,
    RecordMoved,
    RecordRefused,
    create_records,
    delete_records,
    fingerprint,
    read_stored,
    save_record,
    undo,
)
from core.changes.tests.support import (
    add_items,
    add_sites,
    assert_settled,
    counts,
    nothing_recorded,
    stored,
)
from core.fields import JSON_NULL, stamp_now
from core.models import MediaServerItem, PassKey, SystemConfig, User, Workflow
from history.models import DownloadFiles
from sites.models import Site


def shown(model, pk, *columns):
    values = read_stored(model, pk)
    return {name: fingerprint(model, name, values[name]) for name in columns}


# --- Saving


def test_a_form_saves_the_fields_it_changed_and_no_other(library, operator):
    pk, neighbour = add_sites(library, 2)
    seen = shown(Site, pk, "timeout", "pri")
    library.update("site", pk, ua="MoviePilot wrote this meanwhile")

    change_set = save_record(
        Site, pk, {"timeout": 60}, shown=seen, by=operator, reason="slow"
    )

    assert (stored(Site, pk, "timeout"), stored(Site, neighbour, "timeout")) == (60, 15)
    assert stored(Site, pk, "ua") == "MoviePilot wrote this meanwhile"
    assert (change_set.total, counts(change_set)) == (1, {"changed": 1})
    assert (change_set.operator, change_set.reason) == (operator, "slow")
    assert_settled(change_set)


def test_a_field_that_moved_since_it_was_shown_stops_the_save(library):
    [pk] = add_sites(library, 1)
    seen = shown(Site, pk, "timeout", "pri", "ua")
    library.update("site", pk, timeout=30, ua="x")
    before = library.dump()

    with pytest.raises(RecordMoved) as moved:
        save_record(Site, pk, {"timeout": 60, "pri": 9}, shown=seen)

    assert moved.value.fields == {"timeout": 30}
    assert library.dump() == before
    assert nothing_recorded()


def test_a_field_that_moved_by_type_only_has_moved(sqlite_library):
    pk = sqlite_library.insert("systemconfig", key="k", value="1")
    seen = shown(SystemConfig, pk, "value")
    # The same to Python: 1 == 1.0, but not in the file.
    sqlite_library.execute("UPDATE systemconfig SET value = '1.5'")
    sqlite_library.execute("UPDATE systemconfig SET value = '\"1\"'")

    with pytest.raises(RecordMoved):
        save_record(SystemConfig, pk, {"value": 2}, shown=seen)


def test_a_fingerprint_tells_values_types_columns_and_tables_apart():
    values = [None, "", 0, 0.0, False, 1, 1.0, True, "1", "None", b"1"]

    prints = {fingerprint(Site, "ua", value) for value in values}
    prints |= {fingerprint(Site, "url", 1), fingerprint(User, "ua", 1)}

    assert len(prints) == len(values) + 2


def test_a_save_that_changes_nothing_leaves_no_trace_and_takes_no_lock(library):
    [pk] = add_sites(library, 1)
    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        saved = save_record(Site, pk, {"timeout": 15, "name": "s0"})

    assert saved is None
    assert save_record(Site, pk, {}) is None
    assert nothing_recorded()
    assert not [q for q in queries if q["sql"].startswith(("BEGIN", "UPDATE"))]


def test_a_record_that_is_gone_cannot_be_saved(library):
    [pk] = add_sites(library, 1)
    library.execute("DELETE FROM site")

    with pytest.raises(RecordGone):
        save_record(Site, pk, {"timeout": 60})

    assert nothing_recorded()
    assert read_stored(Site, pk) is None


@pytest.mark.usefixtures("without_expectations")
def test_a_save_the_database_refuses_leaves_nothing_behind(library):
    first, _second = add_items(library, 2)
    before = library.dump()

    with pytest.raises(RecordRefused, match=r"(?i)unique"):
        save_record(MediaServerItem, first, {"item_id": "i1"})

    assert library.dump() == before
    assert nothing_recorded()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Site, {"timeout": "soon"}),
        (Site, {"name": None}),
        (Site, {"id": 7}),
        (User, {"hashed_password": "x"}),
        (User, {"otp_secret": None}),
        (PassKey, {"user": 1}),
        (Workflow, {"context": {}}),
        (Workflow, {"context": None}),
    ],
)
def test_values_that_cannot_be_saved_are_named(library, model, values):
    with pytest.raises(InvalidValues) as refused:
        save_record(model, 1, values)

    assert {name.removesuffix("_id") for name in refused.value.errors} == {*values}
    assert nothing_recorded()


def test_saving_one_record_takes_few_queries(library):
    [pk] = add_sites(library, 1)

    with (
        CaptureQueriesContext(connections["moviepilot"]) as moviepilot,
        CaptureQueriesContext(connections["default"]) as console,
    ):
        save_record(Site, pk, {"timeout": 60}, shown=shown(Site, pk, "timeout"))

    assert len(moviepilot) <= 24
    assert len(console) <= 15


# --- Creating


def test_what_is_left_out_of_a_new_record_gets_moviepilots_default(library):
    change_set = create_records(Site, [{"name": "n", "url": "https://n.example/"}])

    [pk] = change_set.record_ids()
    values = read_stored(Site, pk)
    assert type(values["is_active"]) is (int if library.vendor == "sqlite" else bool)
    assert (values["is_active"], values["timeout"], values["cookie"]) == (1, 15, None)
    assert values["lst_mod_date"][:10] == stamp_now()[:10]
    assert library.execute("SELECT count(*) FROM site") == [(1,)]


def test_a_new_record_lacking_a_value_it_needs_is_refused(library):
    with pytest.raises(InvalidValues) as refused:
        create_records(Site, [{"domain": "n.example", "nonsense": 1}])

    assert set(refused.value.errors) == {"name", "url", "nonsense"}
    assert nothing_recorded()
    assert library.execute("SELECT count(*) FROM site") == [(0,)]


def test_defaults_that_matter_to_moviepilot_are_written(library):
    create_records(DownloadFiles, [{"fullpath": "/a"}])
    create_records(Workflow, [{"name": "w"}])
    create_records(User, [{"name": "u", "permissions": JSON_NULL}])

    assert library.execute("SELECT state FROM downloadfiles") == [(1,)]
    assert library.execute("SELECT state, run_count FROM workflow") == [("W", 0)]
    [(permissions, settings)] = library.execute(
        'SELECT CAST(permissions AS TEXT), CAST(settings AS TEXT) FROM "user"'
    )
    assert (permissions, settings) == ("null", "{}")


def test_not_even_a_new_workflow_may_bring_a_context(library):
    with pytest.raises(InvalidValues) as refused:
        create_records(Workflow, [{"name": "w", "context": {"content": "gASVAA=="}}])

    assert set(refused.value.errors) == {"context"}


def test_moviepilot_can_go_on_adding_records_after_a_creation(library):
    rows = [{"name": name, "url": f"https://{name}.example/"} for name in "abc"]
    create_records(Site, rows)

    pk = library.insert("site", name="theirs", url="https://t.example/")

    assert pk == 4


@pytest.mark.usefixtures("without_expectations")
def test_a_single_new_record_that_is_not_unique_leaves_nothing_behind(library):
    add_items(library, 1)

    with pytest.raises(RecordRefused, match=r"(?i)unique"):
        create_records(MediaServerItem, [{"server": "A", "item_id": "i0"}])

    assert nothing_recorded()


@pytest.mark.usefixtures("without_expectations")
def test_of_several_new_records_the_one_that_is_not_unique_is_refused(library):
    add_items(library, 1)
    rows = [{"server": "A", "item_id": f"i{n}"} for n in range(4)]

    change_set = create_records(MediaServerItem, rows)

    assert counts(change_set) == {"changed": 3, "failed": 1}
    assert library.execute("SELECT count(*) FROM mediaserveritem") == [(4,)]
    assert_settled(change_set)


@pytest.mark.usefixtures("without_expectations")
def test_a_sequence_behind_its_records_is_told_and_not_repaired(library):
    query = "INSERT INTO site (id, name, url) VALUES (1, 'n', 'u'), (2, 'n', 'u')"
    library.execute(query)
    row = {"name": "n", "url": "https://n.example/"}

    if library.vendor == "sqlite":
        assert create_records(Site, [row]).record_ids() == [3]
        return
    with pytest.raises(RecordRefused, match="id sequence"):
        create_records(Site, [row])

    assert nothing_recorded()
    assert library.execute("SELECT count(*) FROM site") == [(2,)]


# --- Deleting


def test_deleting_leaves_neighbours_and_missing_ids_alone(library, operator):
    first, second, neighbour = add_sites(library, 3)

    change_set = delete_records(Site, [second, first, 999], by=operator, reason="old")

    assert library.execute("SELECT id FROM site") == [(neighbour,)]
    assert (change_set.total, counts(change_set)) == (2, {"changed": 2})
    assert change_set.record_ids() == [first, second]


def test_deleting_and_undoing_restores_the_row_to_the_byte(library):
    [pk] = add_sites(library, 1, cookie="synthetic=1", note='{"b": 1,  "a":"\\u7535"}')
    before = library.dump()

    undo(delete_records(Site, [pk]))

    assert library.dump() == before


@pytest.mark.usefixtures("without_expectations")
def test_a_user_with_passkeys_is_deleted_only_where_the_database_lets_it(library):
    user = library.insert("user", name="u")
    library.insert("passkey", user_id=user, credential_id="c", public_key="k")

    change_set = delete_records(User, [user])

    if library.vendor == "sqlite":
        assert counts(change_set) == {"changed": 1}
    else:
        assert counts(change_set) == {"failed": 1}
        assert "foreign key" in change_set.problems[0][1]
        assert library.execute('SELECT name FROM "user"') == [("u",)]
    assert ChangeSet.objects.count() == 1
    assert_settled(change_set)


def test_a_locked_field_is_written_only_where_it_is_unlocked(library):
    user = library.insert("user", name="u", is_superuser=False)
    key = {"credential_id": "c", "public_key": "k", "sign_count": 1}
    pk = library.insert("passkey", user_id=user, **key)
    new = {"sign_count": 2}

    for unlocked in ((), ("last_used_at",)):
        with pytest.raises(InvalidValues, match="cannot be edited"):
            save_record(PassKey, pk, new, unlocked=unlocked)
    made = save_record(PassKey, pk, new, unlocked={"sign_count"})

    assert stored(PassKey, pk, "sign_count") == 2
    undo(made)
    assert stored(PassKey, pk, "sign_count") == 1
