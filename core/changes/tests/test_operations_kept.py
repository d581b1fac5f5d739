"""Which operations a field offers, and how plans keep and name them."""

import json
from dataclasses import fields

import pytest
from django.apps import apps

from core.changes import Selection, plan
from core.changes.models import Plan
from core.changes.operations import (
    Add,
    Case,
    Clamp,
    Copy,
    ListAdd,
    ListRemove,
    ListReplace,
    Multiply,
    Operation,
    Prefix,
    RemovePath,
    Replace,
    ReplaceRegex,
    Sequence,
    Set,
    SetNull,
    SetPath,
    Shift,
    Suffix,
    SwapPath,
    Toggle,
    Trim,
    offered,
    operations_from_json,
    operations_to_json,
)
from core.changes.operations.sources import Sort, sort_of
from core.changes.tests.support import add_sites
from core.fields import JSON_NULL
from core.models import SystemConfig
from core.models.base import Record
from sites.models import Site

SPECIFIC = {
    Sort.TEXT: {Prefix, Suffix, Replace, ReplaceRegex, SwapPath, Trim, Case},
    Sort.NUMBER: {Add, Multiply, Clamp, Sequence},
    Sort.FLAG: {Toggle},
    Sort.STAMP: {Shift},
    Sort.JSON: {SetPath, RemovePath},
}
OPERATIONS = [
    Set("x"),
    Set(JSON_NULL),
    SetNull(),
    Copy("name"),
    Prefix("\x00\ud800"),
    Suffix("电影"),
    Replace("a", ""),
    ReplaceRegex(r"(\d)", r"\1", ignore_case=True),
    SwapPath("C:\\a", "/b"),
    SwapPath("/a", "/b", ignore_case=False),
    Trim(),
    Case("title"),
    Add(1),
    Add(0.1),
    Multiply(1e300),
    Multiply(-0.0),
    Clamp(low=1),
    Clamp(1, 2.5),
    Sequence(1, 2, "pri"),
    Toggle(),
    Shift(-3600),
    ListAdd([1, "x", {"a": None}]),
    ListRemove(["\ud800"]),
    ListReplace(1, [2]),
    SetPath("a.b[0]", {"x": [1e-300, None, True]}),
    SetPath("a", JSON_NULL),
    RemovePath("a"),
]
NAMES = [f"{n}-{each.name}" for n, each in enumerate(OPERATIONS)]


def records():
    return [model for model in apps.get_models() if issubclass(model, Record)]


def test_every_editable_field_of_every_table_offers_what_makes_sense():
    assert len(records()) == 17
    for model in records():
        for field in model._meta.fields:
            found = offered(model, field.name)
            name = f"{model.__name__}.{field.name}"
            if field.attname in model.locked_fields:
                assert found == [], name
                continue
            assert found[0] is Set, name
            assert (SetNull in found) is not model.is_required(field.name), name
            assert Copy in found, name
            assert SPECIFIC[sort_of(field)] <= {*found}, name
            assert len(found) == len({*found}), name


def test_lists_are_offered_wherever_a_list_may_stand():
    lists = {ListAdd, ListRemove, ListReplace}
    for model in records():
        for field in model._meta.fields:
            shape = getattr(field, "shape", None) or {}
            is_json = sort_of(field) is Sort.JSON and offered(model, field.name)
            may_be_list = is_json and "object" not in shape.get("type", ())
            assert (lists <= {*offered(model, field.name)}) is bool(may_be_list)


def test_lists_come_first_where_a_column_holds_lists():
    def first(model, name):
        return next(each for each in offered(model, name) if "_" in each.name)

    subscribe, user = apps.get_model("core.Subscribe"), apps.get_model("core.User")
    assert first(subscribe, "sites") is ListAdd
    assert first(user, "settings") is SetPath


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_survives_being_kept(operation):
    kept = json.loads(json.dumps(operation.to_json()))

    [read] = operations_from_json({"x": kept}).values()

    assert read == operation
    assert repr(read) == repr(operation)


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_operation_says_what_it_does_and_what_to_ask(operation):
    kind = type(operation)
    names = {each.name for each in fields(kind)} - {"ids", "places"}

    assert str(kind.label)
    assert operation.words()
    assert {param.name for param in kind.params} == names
    assert all(str(param.label) for param in kind.params)
    assert all(param.choices for param in kind.params if param.kind == "choice")


def test_every_operation_is_among_those_tested_here():
    own = {
        each
        for each in Operation.registry.values()
        if each.__module__.startswith("core.changes.operations")
    }
    assert own == {type(each) for each in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_on_a_secret_column_everything_is_sealed(console, operation):
    kept = operations_to_json(Site, {"cookie": operation})

    assert {*kept["cookie"]} == {"op", "sealed"}
    assert operations_from_json(kept) == {"cookie": operation}


def test_a_plan_on_secret_json_holds_nothing_in_clear(library):
    library.insert("systemconfig", key="plugin.One", value='{"a": "synthetic-1"}')

    made = plan(SystemConfig, {"value": SetPath("token", "synthetic-token-2")})

    values = [*Plan.objects.filter(pk=made.pk).values_list()]
    assert made.preview.changed == 1
    assert "synthetic" not in repr(values)


def test_words_repeat_no_secret_of_a_path():
    assert "synthetic" not in SetPath("a.cookie", "synthetic-cookie-1").words()
    assert "synthetic" not in SetPath("a", {"token": "synthetic-token-1"}).words()
    assert "plain" in SetPath("a", "plain").words()


def test_a_plan_keeps_the_order_of_a_sequence_beside_its_operations(library):
    ids = add_sites(library, 3)
    selection = Selection(Site, ids=ids)

    by_id = plan(Site, {"pri": Sequence(1, 1)}, selection=selection)
    by_name = plan(Site, {"pri": Sequence(1, 1, "name")}, selection=selection)

    assert by_id.payload == b""
    assert by_name.payload
    assert by_name.operations["pri"] == {
        "op": "sequence",
        "start": 1,
        "step": 1,
        "by": "name",
    }
