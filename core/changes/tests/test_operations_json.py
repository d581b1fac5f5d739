"""Operations on JSON: lists, objects, and the text they are kept as."""

import json

import pytest

from core.changes import InvalidValues, apply, plan, undo
from core.changes.operations import (
    ListAdd,
    ListRemove,
    ListReplace,
    RemovePath,
    SetPath,
)
from core.changes.operations.objects import parse_path
from core.changes.rows import same
from core.changes.tests.support import add, counts, stored
from core.changes.tests.test_operations import REFUSED, result
from core.fields import JSON_NULL
from core.models import Subscribe, Workflow
from sites.models import Site

LISTS = [
    (ListAdd([3]), "[1, 2]", "[1, 2, 3]"),
    (ListAdd([2, 3, 3]), "[1, 2]", "[1, 2, 3]"),
    (ListAdd([2]), "[1,2]", "[1,2]"),
    (ListAdd([1]), '["1"]', '["1"]'),
    (ListAdd([3]), '["1",2]', '["1", 2, 3]'),
    (ListAdd([3]), '["x"]', REFUSED),
    (ListAdd([3]), "[1.5]", REFUSED),
    (ListAdd([3]), None, "[3]"),
    (ListAdd([3]), "null", "[3]"),
    (ListAdd([3]), "[]", "[3]"),
    (ListAdd([3]), "{}", REFUSED),
    (ListAdd([3]), '"1"', REFUSED),
    (ListAdd([3]), 5, REFUSED),
    (ListAdd([3]), "", REFUSED),
    (ListAdd([3]), "[1", REFUSED),
    (ListAdd([3]), "[NaN]", REFUSED),
    (ListAdd([3]), "[1e999]", REFUSED),
    (ListAdd([3]), b"[1]", REFUSED),
    (ListAdd([3]), "[" * 100_000, REFUSED),
    (ListRemove([1]), '[1, 2, "1", 1]', "[2]"),
    (ListRemove(["1"]), '[1, 2, "1", 1]', "[2]"),
    (ListRemove([1]), "[1]", "[]"),
    (ListRemove([9]), "[1,2]", "[1,2]"),
    (ListRemove([1]), "[true, 1.0]", "[true, 1.0]"),
    (ListRemove([1]), None, None),
    (ListRemove([1]), "null", "null"),
    (ListRemove([1]), " [2 ,3] ", " [2 ,3] "),
    (ListReplace(1, 9), "[3, 1, 2]", "[3, 9, 2]"),
    (ListReplace(1, 9), '["1", 2]', "[9, 2]"),
    (ListReplace(1, 2), "[3, 1, 2]", "[3, 2]"),
    (ListReplace(1, 2), '["2", 1]', '["2"]'),
    (ListReplace(1, 2), '["2",3]', '["2",3]'),
    (ListReplace(7, 2), "[2,2]", "[2,2]"),
    (ListReplace(1, 2), None, None),
]


@pytest.mark.parametrize("number", range(len(LISTS)))
def test_a_list_keeps_its_order_and_what_is_not_meant(sqlite_library, number):
    operation, raw, expected = LISTS[number]

    assert result(Subscribe, "sites", operation, raw) == expected


def test_texts_in_lists_are_told_apart_by_every_character(sqlite_library):
    text = json.dumps(["组 A", "组 a", "01", "1"])

    found = result(Subscribe, "filter_groups", ListRemove(["01"]), text)

    assert json.loads(found) == ["组 A", "组 a", "1"]


OBJECTS = [
    ("a", 1, "{}", '{"a": 1}'),
    ("a.b", 1, '{"x": 2}', '{"x": 2, "a": {"b": 1}}'),
    ("a.b", 1, '{"a": {"b": 1}}', '{"a": {"b": 1}}'),
    ("a", 1, '{"a": 1.0}', '{"a": 1}'),
    ("a", True, '{"a": 1}', '{"a": true}'),
    ("a", None, "{}", '{"a": null}'),
    ("a", JSON_NULL, "{}", '{"a": null}'),
    ("a[1].b", 1, '{"a": [0, {"b": 2}]}', '{"a": [0, {"b": 1}]}'),
    ("a[2]", 1, '{"a": [0, 1]}', REFUSED),
    ("a[0]", 1, '{"a": {"0": 1}}', REFUSED),
    ("a[0]", 1, "{}", REFUSED),
    ("a.b", 1, '{"a": [1]}', REFUSED),
    ("a.b", 1, '{"a": "text"}', REFUSED),
    ("a.b", 1, '{"a": null}', '{"a": {"b": 1}}'),
    ("a", "电", None, '{"a": "\\u7535"}'),
    ("a", 1, "null", '{"a": 1}'),
    ("[0]", 1, None, REFUSED),
    ("[0]", 1, "[5, 6]", "[1, 6]"),
    ("a", 1, "[]", REFUSED),
    ("a", 1, 5, REFUSED),
    ("a", 1, '{"b": 1, "b": 2}', REFUSED),
    ("a", 1, "{", REFUSED),
    ('["a.b"]', 1, '{"a.b": 0}', '{"a.b": 1}'),
    ("a b-c", 1, "{}", '{"a b-c": 1}'),
]


@pytest.mark.parametrize("number", range(len(OBJECTS)))
def test_a_value_is_set_at_a_path(sqlite_library, number):
    path, value, raw, expected = OBJECTS[number]

    assert result(Site, "note", SetPath(path, value), raw) == expected


REMOVALS = [
    ("a", '{"a": 1, "b": 2}', '{"b": 2}'),
    ("a.b", '{"a":{"b":1}}', '{"a": {}}'),
    ("a.x", '{"a":{"b":1}}', '{"a":{"b":1}}'),
    ("a.b.c", '{"a":{"b":1}}', '{"a":{"b":1}}'),
    ("a[0]", '{"a": [1, 2]}', '{"a": [2]}'),
    ("a[5]", '{"a":[1,2]}', '{"a":[1,2]}'),
    ("a", "[1]", "[1]"),
    ("a", None, None),
    ("a", "null", "null"),
    ("a", 5, 5),
    ("a", '{"a": 1, "a": 2}', REFUSED),
    ("a", '{"a": NaN}', REFUSED),
]


@pytest.mark.parametrize("number", range(len(REMOVALS)))
def test_what_stands_at_a_path_is_removed(sqlite_library, number):
    path, raw, expected = REMOVALS[number]

    found = result(Site, "note", RemovePath(path), raw)

    assert found is expected or same(found, expected)


def test_a_path_is_written_as_names_and_places():
    assert parse_path("a.b[2].c") == ["a", "b", 2, "c"]
    assert parse_path('["a.b"].c["\\""]') == ["a.b", "c", '"']
    assert parse_path("[0][1]") == [0, 1]
    assert parse_path("电影.名") == ["电影", "名"]


@pytest.mark.parametrize(
    "path",
    ["", ".", "a.", ".a", "a..b", "a[", "a[-1]", "a[01]", "a[x]", "[0]a", 'a["', "a]"],
)
def test_what_is_no_path_is_told(sqlite_library, path):
    with pytest.raises(InvalidValues):
        plan(Site, {"note": RemovePath(path)})


@pytest.mark.parametrize(
    ("model", "column", "operation"),
    [
        (Subscribe, "sites", ListAdd([])),
        (Subscribe, "sites", ListAdd(["x"])),
        (Subscribe, "sites", ListAdd([1.5])),
        (Subscribe, "sites", ListRemove([])),
        (Subscribe, "sites", ListReplace(1, "x")),
        (Subscribe, "sites", ListReplace(1, "1")),
        (Subscribe, "filter_groups", ListAdd([1])),
        (Subscribe, "name", ListAdd(["x"])),
        (Subscribe, "name", SetPath("a", 1)),
        (Site, "note", SetPath("a", float("nan"))),
        (Workflow, "context", SetPath("a", 1)),
    ],
    ids=range(11),
)
def test_what_fits_no_record_is_told_before_any_is_read(
    sqlite_library, model, column, operation
):
    with pytest.raises(InvalidValues):
        plan(model, {column: operation})


def test_a_shape_holds_within_objects(library):
    rows = [{"name": "n", "state": "W", "event_conditions": '{"a": 1}'}]
    add(library, "workflow", rows)

    made = plan(Workflow, {"actions": SetPath("a", 1)})

    assert (made.preview.changed, made.preview.invalid_count) == (0, 1)


def test_json_that_is_not_touched_keeps_every_byte(library):
    texts = ['{"b":1.50,"a":"电"}', ' {"a" : 1e2}', "[1 ,2]", "null"]
    ids = add(library, "message", [{"title": "m", "note": text} for text in texts])
    before = library.dump()
    from core.models import Message

    made = plan(Message, {"note": RemovePath("gone.for.good")})

    assert (made.preview.unchanged, made.preview.invalid_count) == (4, 0)
    apply(made)
    assert library.dump() == before
    change_set = apply(plan(Message, {"note": SetPath("b", 2)}), skip_invalid=True)
    assert counts(change_set) == {"changed": 3, "failed": 1}
    assert stored(Message, ids[0], "note") == '{"b": 2, "a": "\\u7535"}'
    undo(change_set)
    assert library.dump() == before
