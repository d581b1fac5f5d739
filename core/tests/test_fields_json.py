"""JSON columns: what MoviePilot wrote is read, what is written is its style."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.fields import (
    JSON_NULL,
    BrokenJSON,
    JSONColumn,
    decode_json,
    encode_json,
    readable_json,
)
from core.models import PluginData, SystemConfig

INT64 = 2**63
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
).map(lambda value: JSON_NULL if value is None else value)


def field():
    return SystemConfig._meta.get_field("value")


def stored(library, value):
    """Put the value into a fresh row as the field binds it; returns the row's id."""
    bound = field().get_db_prep_save(value, connections["moviepilot"])
    return library.insert("systemconfig", key="a", value=bound)


def text_in(library, pk):
    sql = "SELECT CAST(value AS TEXT) FROM systemconfig WHERE id = ?"
    return library.execute(sql, pk)[0][0]


# --- Reading and writing


@given(value=VALUES)
@example(JSON_NULL)
@example("\x00")
@example("\ud800")
@example([INT64, -0.0, 1e300])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_value_comes_back_as_it_was_written(library, value):
    pk = stored(library, value)

    found = SystemConfig.objects.find(pk).value

    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if library.vendor == "sqlite" and is_number:
        # A column declared JSON has numeric affinity: SQLite keeps a bare number
        # as INTEGER or REAL.
        assert found == pytest.approx(value, rel=1e-15)
    else:
        assert encode_json(found) == encode_json(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("3.14", 3.14),
        ("true", True),
        ("null", JSON_NULL),
        ('"text"', "text"),
        ('""', ""),
        ("[]", []),
        ('{"b": 1, "a": [null]}', {"b": 1, "a": [None]}),
        ('"\\u7535\\u5f71"', "电影"),
        ('"电影"', "电影"),
        ('"\\u0000"', "\x00"),
    ],
)
def test_reads_what_moviepilot_writes(library, text, value):
    pk = library.insert("plugindata", plugin_id="P", key="k", value=text)

    found = PluginData.objects.get(pk=pk).value

    assert (type(found), found) == (type(value), value)


def test_tells_json_null_from_sql_null(library):
    library.insert("plugindata", plugin_id="P", key="json", value="null")
    library.insert("plugindata", plugin_id="P", key="sql", value=None)

    found = dict(PluginData.objects.values_list("key", "value"))

    assert found == {"json": JSON_NULL, "sql": None}
    assert PluginData.objects.filter(value__isnull=True).count() == 1


@pytest.mark.parametrize(
    "text",
    ["", " ", "{", "{'a': 1}", "NaN", "[Infinity]", "[1e999]", "nul", "[" * 5000],
)
def test_shows_broken_text_and_keeps_it(sqlite_library, text):
    pk = sqlite_library.insert("plugindata", plugin_id="P", key="k", value=text)

    found = PluginData.objects.get(pk=pk).value

    assert isinstance(found, BrokenJSON)
    assert found == text
    assert field().get_db_prep_save(found, connections["moviepilot"]) == text


def test_reads_bytes_and_infinite_numbers():
    assert decode_json(b'{"a": 1}') == {"a": 1}
    assert decode_json(b"\xff") == BrokenJSON("\\xff")
    assert decode_json(float("inf")) == BrokenJSON("inf")


def test_writes_moviepilots_style(library):
    value = {"标题": ["a", 1.0, True, None], "b": {"ä": "🌐"}}

    pk = stored(library, value)

    expected = (
        '{"\\u6807\\u9898": ["a", 1.0, true, null], "b": {"\\u00e4": "\\ud83c\\udf10"}}'
    )
    assert text_in(library, pk) == expected == json.dumps(value)


def test_column_is_json_and_not_jsonb(library):
    connection = connections["moviepilot"]

    assert field().db_type(connection).lower() == "json"


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {1, 2}, object()])
def test_refuses_what_json_cannot_hold(value):
    with pytest.raises((ValueError, TypeError)):
        encode_json(value)
    with pytest.raises(ValidationError):
        field().validate(value, None)


def test_refuses_to_validate_broken_text():
    with pytest.raises(ValidationError, match="not valid JSON"):
        field().validate(BrokenJSON("{"), None)


def test_refuses_sql_null_where_it_may_not_stand():
    with pytest.raises(ValidationError):
        JSONColumn().validate(None, None)


def test_json_null_stays_itself():
    assert copy.deepcopy([JSON_NULL]) == [JSON_NULL]
    assert pickle.loads(pickle.dumps(JSON_NULL)) is JSON_NULL  # noqa: S301 - our own
    assert not JSON_NULL
    assert str(JSON_NULL) == "null"


# --- Lookups


@pytest.fixture
def settings_rows(library):
    for key, value in [
        ("list", "[1, 2]"),
        ("escaped", '["\\u7535\\u5f71"]'),
        ("plain", '["电影"]'),
        ("percent", '"100%_"'),
        ("number", "7"),
        ("json null", "null"),
        ("sql null", None),
    ]:
        library.insert("systemconfig", key=key, value=value)


@pytest.mark.usefixtures("settings_rows")
@pytest.mark.parametrize(
    ("lookup", "value", "keys"),
    [
        ("exact", "[1, 2]", {"list"}),
        ("exact", [1, 2], {"list"}),
        ("exact", "7", {"number"}),
        ("exact", JSON_NULL, {"json null"}),
        ("isnull", True, {"sql null"}),
        ("contains", "电影", {"escaped", "plain"}),
        ("icontains", "NULL", {"json null"}),
        ("icontains", "电", {"escaped", "plain"}),
        ("contains", "\\u7535", {"escaped"}),
        ("contains", "%_", {"percent"}),
        ("startswith", "[", {"list", "escaped", "plain"}),
    ],
)
def test_lookups_compare_the_stored_text(lookup, value, keys):
    found = SystemConfig.objects.filter(**{f"value__{lookup}": value})

    assert {record.key for record in found} == keys


@pytest.mark.usefixtures("settings_rows")
def test_lookups_work_beside_negation_and_counting():
    found = SystemConfig.objects.exclude(value__contains="电影").filter(
        value__isnull=False
    )

    assert found.count() == 4


# --- In forms


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", None),
        ("  ", None),
        ("null", JSON_NULL),
        ("{}", {}),
        ('\r\n{"a":\r\n 1}', {"a": 1}),
        ("0", 0),
        ("false", False),
    ],
)
def test_form_field_parses(typed, value):
    assert field().formfield().clean(typed) == value


def test_form_field_says_where_the_mistake_is():
    with pytest.raises(ValidationError, match="line 2, column 7"):
        field().formfield().clean('{\n "a": oops}')


@pytest.mark.parametrize("typed", ["NaN", "[1e999]", "[" * 100_000, "1" * 5000])
def test_form_field_refuses_what_the_parser_would_let_pass(typed):
    with pytest.raises(ValidationError):
        field().formfield().clean(typed)


def test_form_field_shows_json_laid_out():
    prepare = field().formfield().prepare_value

    assert prepare({"标": [1]}) == '{\n  "标": [\n    1\n  ]\n}'
    assert prepare(None) == ""
    assert prepare(JSON_NULL) == "null"
    assert prepare(BrokenJSON("{")) == "{"


def test_readable_json_can_be_sent_to_a_browser():
    text = readable_json(["\ud800", "\x00", "🌐"])

    assert json.loads(text) == ["\ud800", "\x00", "🌐"]
    assert text.encode()
