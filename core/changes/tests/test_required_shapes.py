"""What MoviePilot could not read is not written, one by one or in bulk."""

import itertools
import json

import pytest

from core.admin.tests import awkward
from core.changes import (
    ChangeSet,
    InvalidValues,
    Set,
    SetNull,
    apply,
    create_records,
    plan,
    save_record,
    undo,
)
from core.changes.tests.support import edit, stored
from core.fields import JSON_NULL, JSONColumn
from core.models import (
    MediaServerItem,
    Message,
    PassKey,
    PluginData,
    Subscribe,
    SystemConfig,
    User,
    UserConfig,
    Workflow,
)
from core.sample.fill import tables as sample_tables
from history.models import (
    DownloadFiles,
    DownloadHistory,
    SubscribeHistory,
    TransferHistory,
)
from sites.models import Site, SiteIcon, SiteStatistic, SiteUserData

SHAPES = [
    (Subscribe, "sites", [1, 2], [{}, "1", ["1"], [1.5], {"1": 2}, 1]),
    (Subscribe, "filter_groups", ["中字"], [[1], "中字", {}, [None]]),
    (Subscribe, "episode_priority", {"1": 90}, [[], [1], {"1": "90"}, "x"]),
    (SubscribeHistory, "sites", [1], [{}, "[1]", ["a"]]),
    (SubscribeHistory, "filter_groups", [], [[1], {}]),
    (SubscribeHistory, "episode_priority", {}, [[], {"1": None}]),
    (TransferHistory, "src_fileitem", {"path": "/a"}, [[], "/a", 1]),
    (TransferHistory, "dest_fileitem", {}, [[{}], True]),
    (TransferHistory, "files", ["/a"], [{}, "/a", [1], [{}]]),
    (DownloadHistory, "note", {"source": None}, [[], "Manual"]),
    (MediaServerItem, "seasoninfo", {"1": [1, 2]}, [[], {"1": 1}, {"1": ["1"]}]),
    (User, "permissions", {"manage": True}, [[], "manage", 1]),
    (User, "settings", {"telegram_userid": "1"}, [[], ""]),
    (SiteStatistic, "note", {"2025-03-04 05:06:07": 3}, [[], {"a": "3"}]),
    (SiteUserData, "seeding_info", [[3, 5.5]], [{}, [3, 5], [["3", 5]], [[1, 2, 3]]]),
    (SiteUserData, "message_unread_contents", [["t", "d", "c"]], [{}, ["t"]]),
    (Workflow, "actions", [{"id": "1"}], [{}, ["1"], "[]"]),
    (Workflow, "flows", [], [{}, [[]]]),
    (Workflow, "event_conditions", {"a": "b"}, [[], "a"]),
]
ANY_JSON = {
    # MoviePilot reads these in whatever shape they are.
    (Subscribe, "note"),
    (Site, "note"),
    (Message, "note"),
    (MediaServerItem, "note"),
    (PluginData, "value"),
    (UserConfig, "value"),
    (SystemConfig, "value"),  # by its key: core.systemconfig.shapes
    (Workflow, "context"),  # nobody writes it
}
REQUIRED = [(TransferHistory, "status"), (User, "is_superuser")]
UNIQUE = [
    (Site, {"name": "a", "url": "u"}, ("domain",)),
    (Site, {"url": "u"}, ("name",)),
    (SiteIcon, {"name": "a", "url": "u"}, ("domain",)),
    (SiteStatistic, {}, ("domain",)),
    (PluginData, {}, ("plugin_id", "key")),
    (Workflow, {}, ("name",)),
    (User, {}, ("name",)),
    (MediaServerItem, {}, ("server", "item_id")),
]
NEEDED = {
    Subscribe: {"name": "n"},
    SubscribeHistory: {"name": "n"},
    TransferHistory: {},
    DownloadHistory: {"path": "p", "type": "电影", "title": "t"},
    DownloadFiles: {
        "download_hash": "h",
        "fullpath": "f",
        "savepath": "s",
        "filepath": "p",
    },
    MediaServerItem: {},
    Message: {},
    PluginData: {"plugin_id": "P", "key": "k"},
    SystemConfig: {},
    UserConfig: {},
    User: {"name": "n"},
    PassKey: {"user_id": 1, "credential_id": "c", "public_key": "k"},
    Site: {"name": "n", "url": "u"},
    SiteIcon: {"name": "n", "url": "u"},
    SiteStatistic: {},
    SiteUserData: {},
    Workflow: {"name": "n"},
}
"""What a record of each table must be given."""
ANY = {
    TransferHistory: {"title": "t"},
    MediaServerItem: {"title": "t"},
    SiteStatistic: {"success": 1},
    SiteUserData: {"name": "n"},
}
"""An INSERT names at least one column."""


def add(library, model, **values):
    """A record MoviePilot wrote."""
    if model is PassKey and not library.execute('SELECT 1 FROM "user"'):
        add(library, User)
    given = {**NEEDED[model], **ANY.get(model, {}), **values}
    if model in (Subscribe, Workflow):
        given.setdefault("state", "N")
    if model is DownloadFiles:
        given.setdefault("state", 1)
    return library.insert(model._meta.db_table, **given)


def cases(shapes):
    return [
        pytest.param(model, column, good, bad, id=f"{model.__name__}-{column}-{number}")
        for model, column, good, bads in shapes
        for number, bad in enumerate(bads)
    ]


def test_every_json_column_is_looked_at_here():
    known = {(model, column) for model, column, *_ in SHAPES} | ANY_JSON
    columns = {
        (model, field.attname)
        for model in awkward.record_models()
        for field in model._meta.fields
        if isinstance(field, JSONColumn)
    }

    assert columns == known
    for model, column in ANY_JSON:
        assert model.column(column).shape is None


@pytest.mark.parametrize(("model", "column", "good", "bad"), cases(SHAPES))
def test_another_shape_is_refused(sqlite_library, model, column, good, bad):
    pk = add(sqlite_library, model)
    before = sqlite_library.dump()
    values = {**NEEDED[model], "name": "other", column: bad}
    values = {name: v for name, v in values.items() if name in field_names(model)}

    with pytest.raises(InvalidValues) as saving:
        save_record(model, pk, {column: bad})
    with pytest.raises(InvalidValues) as creating:
        create_records(model, [values])
    with pytest.raises(InvalidValues) as planning:
        plan(model, {column: Set(bad)})

    assert saving.value.errors.keys() == {column}
    assert saving.value.errors[column][0].startswith("At $")
    assert creating.value.errors == planning.value.errors == saving.value.errors
    assert sqlite_library.dump() == before
    assert not ChangeSet.objects.exists()


def field_names(model):
    return {field.attname for field in model._meta.fields}


@pytest.mark.parametrize(("model", "column", "good", "bads"), SHAPES)
def test_the_shape_null_and_json_null_are_written(library, model, column, good, bads):
    pk, neighbour = add(library, model), add(library, model, **other(model))
    untouched = stored(model, neighbour, column)

    for value, text in (
        (good, json.dumps(good)),
        (JSON_NULL, "null"),
        (None, None),
    ):
        assert save_record(model, pk, {column: value}) or value is None
        assert stored(model, pk, column) == text
    apply(plan(model, {column: Set(good)}))
    with pytest.raises(InvalidValues):
        save_record(model, pk, {column: bads[0]})

    assert stored(model, neighbour, column) == json.dumps(good)
    assert untouched is None


def other(model):
    """Values that keep a second record of the table from being a duplicate."""
    return {
        name: "second"
        for group in model.unique_by
        for name in group
        if name in NEEDED[model]
    }


def test_undo_restores_exactly_what_could_not_be_written_today(library):
    bad = [
        (Subscribe, "sites", '{"1" :  2}'),
        (TransferHistory, "status", None),
        (SiteUserData, "seeding_info", "{}"),
    ]
    pks = [add(library, model, **{column: raw}) for model, column, raw in bad]
    before = library.dump()
    good = [[1], True, []]

    made = [
        save_record(model, pk, {column: value})
        for (model, column, _raw), pk, value in zip(bad, pks, good, strict=True)
    ]
    assert all(made)
    for change_set in made:
        undo(change_set)

    assert library.dump() == before


def test_a_record_may_keep_what_could_not_be_written_today(library):
    pk = add(library, Subscribe, sites="{}", filter_groups="[1]")

    assert save_record(Subscribe, pk, {"name": "new"}) is not None
    edit(Subscribe, vote=7)

    assert stored(Subscribe, pk, "sites") == "{}"


@pytest.mark.parametrize(("model", "column"), REQUIRED)
def test_null_is_refused_where_moviepilot_reads_none(library, model, column):
    pk = add(library, model, **{column: True})
    before = library.dump()

    for value in (None, ""):
        with pytest.raises(InvalidValues):
            save_record(model, pk, {column: value})
    with pytest.raises(InvalidValues):
        create_records(model, [{**NEEDED[model], column: None}])
    with pytest.raises(InvalidValues):
        plan(model, {column: SetNull()})

    assert library.dump() == before


@pytest.mark.parametrize(("model", "given", "key"), UNIQUE)
def test_a_second_record_of_a_key_is_refused(library, model, given, key):
    same, others = dict.fromkeys(key, "same"), dict.fromkeys(key, "other")
    first = add(library, model, **{**given, **same})
    second = add(library, model, **{**given, **others, **unlike(model, key, "2")})
    third = add(library, model, **{**given, **unlike(model, key, "3"), **third_of(key)})
    before = library.dump()
    new = {**NEEDED[model], **given, **unlike(model, key, "4"), **same}

    with pytest.raises(InvalidValues) as saving:
        save_record(model, second, same)
    with pytest.raises(InvalidValues) as creating:
        create_records(model, [new])
    planned = plan(model, {name: Set("same") for name in key})

    assert str(first) in saving.value.errors[key[-1]][0]
    assert creating.value.errors.keys() == {key[-1]}
    assert [pk for pk, _why in planned.preview.invalid] == [second, third]
    assert "MoviePilot expects only one" in planned.preview.invalid[0][1]
    assert planned.preview.changed == 0
    assert library.dump() == before


def third_of(key):
    return dict.fromkeys(key, "third")


def unlike(model, key, text):
    """Values for the table's other keys, so that only this one is the same."""
    needed = {name for name in NEEDED[model] if name in ("name", "domain")}
    groups = itertools.chain.from_iterable(model.unique_by)
    return dict.fromkeys({*needed, *groups} - {*key}, text)


def test_a_second_passkey_of_a_credential_is_refused(library):
    add(library, PassKey, credential_id="synthetic-credential")
    new = {**NEEDED[PassKey], "credential_id": "synthetic-credential"}
    before = library.dump()

    with pytest.raises(InvalidValues) as creating:
        create_records(PassKey, [new])

    assert creating.value.errors.keys() == {"credential_id"}
    assert "synthetic" not in str(creating.value)
    assert library.dump() == before


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("season", ["", "S01", 1.5]),
        ("tmdbid", ["", "tt1"]),
        ("vote", ["", "good", float("nan")]),
        ("total_episode", [1.5, "1.5", ""]),
        ("best_version", ["yes", ""]),
        ("state", [None]),
    ],
)
def test_a_number_is_a_number_and_a_state_is_there(library, column, values):
    pk = add(library, Subscribe)
    before = library.dump()

    for value in values:
        with pytest.raises(InvalidValues):
            save_record(Subscribe, pk, {column: value})

    assert library.dump() == before


def test_the_sample_holds_nothing_that_would_be_refused():
    for model, rows in sample_tables(scale=0.2):
        for field in model._meta.fields:
            values = [row[field.attname] for row in rows if field.attname in row]
            if isinstance(field, JSONColumn):
                for value in values:
                    field.validate(value, None)
            if model.is_required(field.name):
                assert None not in values
        for group in model.unique_by:
            keys = [tuple(row.get(name) for name in group) for row in rows]
            keys = [key for key in keys if None not in key]
            assert len(keys) == len({*keys}), (model, group)
