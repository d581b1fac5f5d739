"""The same promises in every shape in which MoviePilot's schema is met."""

import pytest

from core.admin.tests import awkward
from core.changes import (
    Create,
    Delete,
    RecordRefused,
    apply,
    create_records,
    delete_records,
    plan,
    save_record,
    undo,
)
from core.changes.rows import same
from core.changes.tests.support import assert_settled, counts, edit, stored
from core.fields import JSON_NULL, JSONColumn, LocalDateTimeField
from core.models import PassKey
from core.tests.support import shapes
from sites.models import Site, SiteUserData

ROW = {"name": "n", "url": "https://n.example/"}

in_every_shape = pytest.mark.parametrize(
    ("library", "shape"),
    [
        pytest.param("sqlite", shapes.make_moviepilots, id="sqlite-fresh"),
        pytest.param("sqlite", shapes.make_upgraded, id="sqlite-upgraded"),
        pytest.param("postgresql", shapes.make_moviepilots, id="postgresql-fresh"),
        pytest.param("postgresql", shapes.make_moved, id="postgresql-moved"),
    ],
    indirect=["library"],
)
on_postgresql = pytest.mark.parametrize("library", ["postgresql"], indirect=True)


def new_value(field):
    """Something the column does not hold yet."""
    if isinstance(field, JSONColumn):
        return {"新": [1.5, None]}
    kinds = {
        "BooleanColumn": True,
        "FlagField": 1,
        "FloatColumn": 0.1,
        "TextColumn": "新 %s '\n",
    }
    return kinds.get(type(field).__name__, "7" if field.empty_strings_allowed else 7)


def editable(model):
    return [
        field
        for field in model._meta.fields
        if field.attname not in model.locked_fields
        and not isinstance(field, LocalDateTimeField)
    ]


@in_every_shape
def test_every_column_is_set_emptied_and_put_back(library, shape, without_expectations):
    shape(library)
    tables = awkward.fill(library)
    before, schema = library.dump(), library.schema()

    done = []
    for model in tables:
        fields = editable(model)
        done.append(edit(model, **{f.name: new_value(f) for f in fields}))
        nulls = {f.name: None for f in fields if f.null}
        done.append(edit(model, **nulls))
        texts = {f.name: "" for f in fields if f.empty_strings_allowed}
        done.append(edit(model, **texts))

    # Two have unique keys, and of the users one has to stay a superuser.
    refused = {"core.userconfig", "core.mediaserveritem", "core.user"}
    assert {change_set.table for change_set in done if change_set.failed} == refused
    for change_set in reversed(done):
        assert_settled(change_set)
        if change_set.changed:
            assert undo(change_set).conflicts == []
    assert library.dump() == before
    assert library.schema() == schema


@in_every_shape
def test_every_record_is_deleted_and_put_back(library, shape):
    shape(library)
    tables = awkward.fill(library)
    library.execute('UPDATE "user" SET is_superuser = false')  # the last one would stay
    before = library.dump()
    order = sorted(tables, key=lambda model: model is not PassKey)

    done = [apply(plan(model, Delete())) for model in order]

    rows = [v for v in library.dump() if v.table not in ("alembic_version",)]
    assert rows == []
    for change_set in reversed(done):
        undo(change_set)
    assert library.dump() == before


@in_every_shape
def test_records_are_saved_and_created(library, shape):
    shape(library)
    before = library.dump()

    first = create_records(Site, [{**ROW, "note": JSON_NULL}])
    second = apply(plan(Site, Create([{**ROW, "name": "2"}, {**ROW, "name": "3"}])))
    third = save_record(Site, first.record_ids()[0], {"timeout": 60, "proxy": True})

    assert library.execute("SELECT count(*) FROM site") == [(3,)]
    for change_set in (third, second, first):
        undo(change_set)
    assert library.dump() == before


@in_every_shape
def test_a_user_id_is_what_the_column_makes_of_it(library, shape):
    shape(library)
    pk = library.insert("siteuserdata", domain="d", userid="text")
    is_number = shape is shapes.make_upgraded

    for text in ("123", "00123", "1e3", "abc", ""):
        before = library.dump()
        change_set = edit(SiteUserData, [pk], userid=text)
        raw = stored(SiteUserData, pk, "userid")
        if not is_number:
            assert same(raw, text)
        assert counts(edit(SiteUserData, [pk], userid=text)) == {"unchanged": 1}
        undo(change_set)
        assert library.dump() == before
    edit(SiteUserData, [pk], userid="123")
    assert same(stored(SiteUserData, pk, "userid"), 123 if is_number else "123")


@on_postgresql
def test_without_a_sequence_records_are_deleted_and_put_back_but_not_made(library):
    shapes.make_moved(library)
    library.execute("ALTER TABLE site ALTER COLUMN id DROP IDENTITY")
    library.execute("ALTER TABLE site ALTER COLUMN id TYPE bigint")
    query = "INSERT INTO site (id, name, url) VALUES (?, 'n', 'u')"
    library.execute(query, 2**40)
    library.execute(query, 7)
    before = library.dump()

    with pytest.raises(RecordRefused, match="has no id sequence"):
        create_records(Site, [ROW])
    change_set = delete_records(Site, [7, 2**40])
    undo(change_set)
    assert library.dump() == before

    again = delete_records(Site, [7, 2**40])
    library.execute(query.replace("'n'", "'theirs'"), 7)
    result = undo(again)
    assert result.restored == [2**40]
    assert counts(result.change_set) == {"changed": 1, "failed": 1}
    assert_settled(result.change_set)


@on_postgresql
@pytest.mark.usefixtures("without_expectations")
def test_a_sequence_that_only_the_default_names_is_used(library):
    shapes.make_moved(library)
    library.execute("ALTER TABLE site ALTER COLUMN id DROP IDENTITY")
    library.execute("CREATE SEQUENCE some_seq START 41")
    library.execute("ALTER TABLE site ALTER id SET DEFAULT nextval('some_seq')")

    change_set = create_records(Site, [ROW, ROW])

    assert change_set.record_ids() == [41, 42]
    assert library.insert("site", name="theirs", url="u") == 43


@on_postgresql
def test_columns_of_unheard_of_types_are_read_and_written(library):
    shapes.make_moved(library)
    library.execute("ALTER TABLE site ALTER COLUMN proxy TYPE smallint")
    library.execute("ALTER TABLE site ALTER COLUMN timeout TYPE numeric")
    library.execute("ALTER TABLE site ALTER COLUMN note TYPE jsonb USING note::jsonb")
    library.execute("ALTER TABLE site ALTER COLUMN pri TYPE real")
    library.insert("site", name="n", url="u", timeout="15.50", pri=0.1, note='{"a": 1}')
    before = library.dump()

    change_set = edit(Site, timeout=60, proxy=True, pri=5, note={"b": 1.50})

    assert counts(change_set) == {"changed": 1}
    assert stored(Site, 1, "timeout") == "60"
    repeat = edit(Site, timeout=60, proxy=True, pri=5, note={"b": 1.50})
    assert counts(repeat) == {"unchanged": 1}
    undo(change_set)
    assert library.dump() == before
