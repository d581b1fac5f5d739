"""What the attached database has and lacks, and whose it is."""

from __future__ import annotations

import io
import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections

from core.models.base import Record
from core.schema import (
    Kind,
    column_types,
    columns,
    forget_columns,
    inspect,
    inspect_table,
    recognise,
)
from core.schema.facts import facts
from core.tests.support.shapes import make_moved, make_moviepilots, make_upgraded


@pytest.fixture
def connection(library):
    return connections["moviepilot"]


def report(*options):
    """Run schema_report; returns its exit code and what it printed."""
    out = io.StringIO()
    try:
        call_command("schema_report", *options, stdout=out, no_color=True)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def lines(text):
    return {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()}


# --- The report


def test_reports_a_complete_database(library):
    make_moviepilots(library)
    library.insert("site", name="a", url="u")

    code, text = report()

    assert code == 0
    found = lines(text)
    assert found.pop("Database:") == (
        "moviepilot, Alembic revision 1f0d2c3b4a5e (2.2.7)"
    )
    assert found.pop("site") == "1 complete"
    assert found == dict.fromkeys(set(facts().tables) - {"site"}, "0 complete")


def test_reports_as_json(library):
    library.insert("site", name="a", url="u")
    library.execute("ALTER TABLE site ADD COLUMN colour TEXT")
    library.execute("ALTER TABLE workflow DROP COLUMN flows")
    library.execute("ALTER TABLE message DROP COLUMN note")
    forget_columns()

    code, text = report("--json")

    found = json.loads(text)
    assert code == 1
    assert (found["database"], found["revision"]) == ("moviepilot", None)
    assert found["tables"]["site"] == {
        "exists": True,
        "usable": True,
        "rows": 1,
        "missing": {},
        "extra": ["colour"],
        "needed_version": None,
    }
    assert found["tables"]["workflow"]["missing"] == {"flows": "2.1.2"}
    assert found["tables"]["workflow"]["needed_version"] == "2.1.2"
    assert found["tables"]["message"]["missing"] == {"note": None}
    assert found["tables"]["message"]["needed_version"] is None


def test_missing_columns_are_named_with_the_version_that_adds_them(library):
    library.execute("ALTER TABLE subscribe DROP COLUMN best_version_full")
    library.execute("ALTER TABLE subscribe DROP COLUMN episode_group")
    forget_columns()

    code, text = report()

    assert code == 1
    assert lines(text)["subscribe"] == (
        "0 missing columns: best_version_full (2.2.7), episode_group (2.1.3)"
    )
    assert lines(text)["site"] == "0 complete"


def test_the_newest_needed_version_counts_as_a_number(library, connection):
    library.execute("DROP TABLE passkey")
    library.execute("ALTER TABLE subscribe DROP COLUMN downloader")
    library.execute("ALTER TABLE subscribe DROP COLUMN custom_words")
    forget_columns()

    assert inspect_table(connection, "subscribe").needed_version == "2.0.7"
    assert inspect_table(connection, "passkey").needed_version is None


def test_a_missing_table_is_unusable(library, connection):
    library.execute("DROP TABLE passkey")
    forget_columns()

    code, text = report()

    assert code == 1
    assert lines(text)["passkey"] == "- missing table"
    assert inspect_table(connection, "passkey").rows is None


def test_extra_columns_and_tables_are_no_problem(library):
    library.execute("ALTER TABLE message ADD COLUMN colour VARCHAR")
    library.execute("CREATE TABLE agentchat (id INTEGER)")
    forget_columns()

    code, text = report()

    assert code == 0
    assert lines(text)["message"] == "0 extra columns: colour"


def test_rows_are_counted_only_when_asked_for(
    library, connection, django_assert_num_queries
):
    inspect(connection)
    asked = 1 if library.vendor == "sqlite" else 0

    with django_assert_num_queries(asked * len(facts().tables), using="moviepilot"):
        reports = inspect(connection)
    with django_assert_num_queries(1, using="moviepilot"):
        assert (reports["site"].rows, reports["site"].rows) == (0, 0)


def test_the_report_only_reads(library):
    make_moviepilots(library)
    library.insert("site", name="a", url="u")
    before = library.schema(), library.dump()

    report()

    assert (library.schema(), library.dump()) == before


# --- The three shapes


def read_everything():
    for model in apps.get_models():
        if issubclass(model, Record):
            yield from model.objects.all()


def test_an_upgraded_file_is_complete(sqlite_library):
    make_upgraded(sqlite_library)
    sqlite_library.insert("siteuserdata", userid="4711")
    sqlite_library.insert("workflow", name="a", state="W")

    code, text = report()

    assert code == 0
    assert lines(text)["siteuserdata"] == "1 complete"
    account, workflow = sorted(read_everything(), key=lambda r: r._meta.label)[::-1]
    assert account.userid == 4711
    assert workflow.trigger_type is None


@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
def test_a_database_moved_by_pgloader_is_complete(library, connection):
    user = library.insert("user", name="a", permissions='{"b": 1}')
    library.insert(
        "passkey",
        user_id=user,
        credential_id="c",
        public_key="k",
        created_at="2026-01-02 03:04:05",
        sign_count=7,
    )
    make_moved(library)
    library.insert("transferhistory", title="t", tmdbid=2**40, status=True)

    code, text = report()

    assert code == 0, text
    assert len(list(read_everything())) == 3
    assert column_types(connection, "passkey")["created_at"] == "timestamptz"
    assert column_types(connection, "transferhistory")["tmdbid"] == "int8"


# --- Whose database it is


@pytest.mark.parametrize(
    ("revision", "version"),
    [("1f0d2c3b4a5e", "2.2.7"), ("8ab72c49d1e3", "2.2.10"), ("09c91570f4a2", None)],
)
def test_recognises_moviepilot_and_its_version(library, connection, revision, version):
    make_moviepilots(library, revision)

    found = recognise(connection)

    assert found.kind is Kind.MOVIEPILOT
    assert (found.has_alembic, found.revision, found.version) == (
        True,
        revision,
        version,
    )


def test_recognises_moviepilot_without_a_revision(library, connection):
    make_moviepilots(library)
    library.execute("DELETE FROM alembic_version")

    found = recognise(connection)

    assert (found.kind, found.has_alembic) == (Kind.MOVIEPILOT, True)
    assert (found.revision, found.version) == (None, None)


def test_recognises_another_programs_database(library, connection):
    library.execute("DROP TABLE systemconfig")
    forget_columns()

    assert recognise(connection).kind is Kind.OTHER


def test_recognises_an_empty_database(library, connection):
    for table in ["passkey", *(set(facts().tables) - {"passkey"})]:
        library.execute(f'DROP TABLE "{table}"')
    forget_columns()

    assert recognise(connection).kind is Kind.EMPTY


# --- Column types


def test_column_types_are_the_declared_ones(library, connection):
    found = column_types(connection, "passkey")

    assert next(iter(found)) == "id"
    expected = {
        "sqlite": ("integer", "varchar", "text", "datetime", "boolean"),
        "postgresql": ("int4", "varchar", "text", "timestamp", "bool"),
    }
    names = ("id", "name", "public_key", "created_at", "is_active")
    assert tuple(found[name] for name in names) == expected[library.vendor]
    assert column_types(connection, "nothing") == {}


def test_column_types_are_read_once(library, connection, django_assert_num_queries):
    column_types(connection, "site")
    asked = 1 if library.vendor == "sqlite" else 0

    with django_assert_num_queries(asked, using="moviepilot"):
        column_types(connection, "message")


def test_a_schema_that_moviepilot_changes_is_noticed(library, connection, monkeypatch):
    # SQLite tells; PostgreSQL is asked again after a while.
    monkeypatch.setattr(columns, "POSTGRESQL_TTL", 0)
    column_types(connection, "site")

    library.execute("ALTER TABLE site ADD COLUMN colour VARCHAR")

    assert column_types(connection, "site")["colour"] == "varchar"
