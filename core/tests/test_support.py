"""The fixtures themselves: a library is real, its own, and not touched by looking."""

import pytest
from django.db import DatabaseError, connections

from core.models import SystemConfig

VALUE = '{"a": "\\u8ba2"}'


def test_what_moviepilot_writes_is_found_and_dumped_as_it_is(library):
    pk = library.insert("systemconfig", key="what? 100%", value=VALUE)

    found = SystemConfig.objects.find(pk)
    rows = library.execute("SELECT id FROM systemconfig WHERE key = ?", "what? 100%")

    assert found.value == {"a": "订"}
    assert rows == [(pk,)]
    assert [value.value for value in library.dump() if value.column == "value"] == [
        VALUE
    ]


def test_a_library_is_empty_whatever_the_test_before_left(library):
    assert library.dump() == []
    assert not SystemConfig.objects.exists()


def test_looking_changes_neither_values_nor_schema(library):
    library.insert("systemconfig", key="one", value=VALUE)
    values, schema = library.dump(), library.schema()

    SystemConfig.objects.list()

    assert (library.dump(), library.schema()) == (values, schema)
    assert "systemconfig" in schema


def test_the_database_itself_refuses_writes_outside_the_door(library):
    pk = library.insert("systemconfig", key="one", value=VALUE)

    with (
        pytest.raises(DatabaseError, match=r"readonly|read-only"),
        connections["moviepilot"].cursor() as cursor,
    ):
        cursor.execute("DELETE FROM systemconfig WHERE id = %s", [pk])

    assert SystemConfig.objects.find(pk) is not None


def test_two_connections_are_as_independent_as_moviepilots(library):
    first, second = library.moviepilot_connect(), library.moviepilot_connect()

    first.execute("INSERT INTO systemconfig (key) VALUES ('one')")

    assert second.execute("SELECT count(*) FROM systemconfig").fetchone() == (1,)
