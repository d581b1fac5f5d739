"""The schema our migrations make, read back from the databases themselves."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections

from core.models.base import Record
from core.schema.facts import facts

TABLES = facts().tables

POSTGRESQL_INDEXES = """
    SELECT class.relname, index.indisunique,
           array(SELECT attribute.attname FROM unnest(index.indkey::int[])
                 WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute AS attribute
                   ON attribute.attrelid = index.indrelid
                  AND attribute.attnum = key.number
                 ORDER BY key.place)::text[]
    FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
    WHERE index.indrelid = %s::regclass
"""


def records():
    return [model for model in apps.get_models() if issubclass(model, Record)]


def rows(sql, *params):
    with connections["moviepilot"].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_models_have_the_columns_of_the_facts():
    found = {
        model._meta.db_table: {field.column: field.null for field in model._meta.fields}
        for model in records()
    }

    assert found == {
        name: {column.name: column.null for column in table.columns.values()}
        for name, table in TABLES.items()
    }


@pytest.mark.parametrize("model", records(), ids=lambda model: model._meta.label)
def test_every_column_is_explained(model):
    assert [field.name for field in model._meta.fields if not field.help_text] == []


@pytest.mark.parametrize("model", records(), ids=lambda model: model._meta.label)
def test_field_lists_of_a_model_name_its_fields(model):
    names = {field.attname for field in model._meta.fields}

    assert model.secret_fields <= names
    assert "id" in model.locked_fields <= names
    assert model.vocabularies.keys() <= names


def test_nothing_but_moviepilots_tables_is_made(library):
    assert set(found_tables(library)) == set(TABLES)


def found_tables(library):
    if library.vendor == "sqlite":
        # sqlite_sequence would be here if an id were AUTOINCREMENT.
        found = library.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        found = library.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public'"
        )
    return [name for (name,) in found]


@pytest.mark.parametrize("name", TABLES)
def test_sqlite_columns(sqlite_library, name):
    found = rows(f"PRAGMA table_info({name!r})")

    assert {
        column: (kind.upper(), not required, default, key)
        for _cid, column, kind, required, default, key in found
    } == {
        column.name: (column.sqlite, column.null, None, int(column.name == "id"))
        for column in TABLES[name].columns.values()
    }


@pytest.mark.parametrize("name", TABLES)
def test_sqlite_indexes(sqlite_library, name):
    found = {
        (index if origin == "c" else None, bool(unique), sqlite_index_columns(index))
        for _seq, index, unique, origin, partial in rows(f"PRAGMA index_list({name!r})")
        if not partial
    }

    table = TABLES[name]
    assert found == {
        *((index.name, index.unique, index.columns) for index in table.indexes),
        *((None, True, columns) for columns in table.unique),
    }


def sqlite_index_columns(index):
    return tuple(name for _seq, _cid, name in rows(f"PRAGMA index_info({index!r})"))


@pytest.mark.parametrize("name", TABLES)
def test_sqlite_foreign_keys(sqlite_library, name):
    found = rows(f"PRAGMA foreign_key_list({name!r})")

    assert [(key[3], (key[2], key[4]), key[6]) for key in found] == [
        (key.column, key.references, "NO ACTION") for key in TABLES[name].foreign_keys
    ]


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
def test_postgresql_columns(library, name):
    found = rows(
        "SELECT column_name, data_type, character_maximum_length, is_nullable, "
        "column_default, is_identity, identity_generation, identity_cycle "
        "FROM information_schema.columns WHERE table_name = %s",
        name,
    )

    identity = ("YES", "BY DEFAULT", "YES")
    plain = ("NO", None, "NO")
    assert {column: tuple(values) for column, *values in found} == {
        column.name: (
            column.postgresql,
            None,
            "YES" if column.null else "NO",
            None,
            *(identity if column.name == "id" else plain),
        )
        for column in TABLES[name].columns.values()
    }


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", TABLES)
def test_postgresql_indexes(library, name):
    found = {
        (index, unique, tuple(columns))
        for index, unique, columns in rows(POSTGRESQL_INDEXES, f'public."{name}"')
    }

    table = TABLES[name]
    assert found == {
        (f"{name}_pkey", True, ("id",)),
        *((index.name, index.unique, index.columns) for index in table.indexes),
        *((f"{name}_{'_'.join(cols)}_key", True, cols) for cols in table.unique),
    }


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
def test_postgresql_foreign_keys(library):
    found = rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f'"
    )

    assert found == [
        ("passkey_user_id_fkey", 'FOREIGN KEY (user_id) REFERENCES "user"(id)')
    ]


def test_ids_of_deleted_last_rows_come_back_on_sqlite(sqlite_library):
    first = sqlite_library.insert("systemconfig", key="a")
    sqlite_library.execute("DELETE FROM systemconfig")

    assert sqlite_library.insert("systemconfig", key="b") == first
