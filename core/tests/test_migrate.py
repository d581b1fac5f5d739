"""`migrate --database moviepilot`: it makes a database, and never touches another's."""

from __future__ import annotations

import io
import shutil
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.db.utils import InternalError

from core.models import AppliedMigration
from core.schema import forget_columns
from core.schema.facts import facts
from core.startup.databases import bound
from core.tests.support import libraries
from core.tests.support.shapes import make_moviepilots
from mpadmin import attach

TABLES = set(facts().tables)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_library(request, console, tmp_path):
    """An empty database behind `moviepilot`."""
    if request.param == "sqlite":
        path = tmp_path / "user.db"
        database = libraries._empty_file(path)
        library = libraries.SQLiteLibrary(database, path=path)
        with bound("moviepilot", database):
            yield library
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{uuid.uuid4().hex}"
    server.create(name)
    database = libraries._postgresql_settings(server, name)
    with bound("moviepilot", database):
        yield libraries.PostgreSQLLibrary(database, server=server)
    server.drop(name)


def migrate(**options):
    """Run `migrate --database moviepilot`; returns what it printed."""
    out = io.StringIO()
    call_command("migrate", database="moviepilot", stdout=out, **options)
    return out.getvalue()


def tables(alias="moviepilot"):
    return set(connections[alias].introspection.table_names())


def assert_refused(library, match):
    before = library.schema(), library.dump()

    with pytest.raises(CommandError, match=match) as refused:
        migrate()

    assert "\n" not in str(refused.value)
    assert (library.schema(), library.dump()) == before


def test_makes_moviepilots_tables_and_nothing_else(empty_library):
    printed = migrate()

    assert tables() == TABLES
    assert "Applying core.0001" in printed
    assert "auth" not in printed


def test_remembers_in_the_console_what_ran(empty_library):
    migrate()

    ran = set(AppliedMigration.objects.values_list("app", flat=True))
    assert ran >= {"core", "history", "sites"}


def test_a_second_run_changes_nothing(empty_library):
    migrate()
    before = empty_library.schema()

    printed = migrate()

    assert printed == "No migrations to apply.\n"
    assert empty_library.schema() == before


def test_takes_the_arguments_of_the_test_runner(empty_library):
    migrate(verbosity=0, interactive=False, run_syncdb=True)

    assert tables() == TABLES


def test_later_migrations_reach_a_database_made_here(empty_library):
    migrate()
    empty_library.execute("DROP TABLE siteicon")
    for table in ("site", "sitestatistic", "siteuserdata"):
        empty_library.execute(f"DROP TABLE {table}")
    AppliedMigration.objects.filter(app="sites").delete()

    printed = migrate()

    assert tables() == TABLES
    assert "Applying sites.0001" in printed
    assert "Applying core" not in printed


def test_the_connection_is_read_only_again_afterwards(empty_library):
    migrate()

    connection = connections["moviepilot"]
    with (
        connection.cursor() as cursor,
        pytest.raises((OperationalError, InternalError), match=r"read-?only"),
    ):
        cursor.execute("INSERT INTO site (name, url) VALUES ('a', 'u')")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys")
            assert cursor.fetchone() == (0,)


def test_refuses_a_database_moviepilot_made(library):
    make_moviepilots(library)

    assert_refused(library, "made by MoviePilot")


def test_refuses_a_moviepilot_database_it_did_not_make(library):
    AppliedMigration.objects.all().delete()

    assert_refused(library, "made by MoviePilot")


def test_refuses_the_database_of_another_program(empty_library):
    empty_library.execute("CREATE TABLE invoice (id INTEGER)")

    assert_refused(empty_library, "another program")


def test_refuses_before_it_is_asked_what_it_would_do(library):
    make_moviepilots(library)

    with pytest.raises(CommandError):
        migrate(plan=True)
    with pytest.raises(CommandError):
        migrate(check_unapplied=True)


def test_a_file_moved_elsewhere_is_still_known(sqlite_library, tmp_path):
    path = tmp_path / "moved.db"
    shutil.move(sqlite_library.path, path)

    with bound("moviepilot", attach.sqlite(path, settings.MOVIEPILOT_TZ)):
        assert migrate() == "No migrations to apply.\n"


def test_a_file_put_in_the_place_of_ours_is_not_taken_for_ours(
    sqlite_library, tmp_path
):
    replacement = tmp_path / "replacement.db"
    shutil.copyfile(sqlite_library.path, replacement)
    libraries.SQLiteLibrary({}, path=replacement).execute("PRAGMA application_id = 0")
    connections["moviepilot"].close()
    Path(replacement).replace(sqlite_library.path)
    forget_columns()

    assert_refused(sqlite_library, "made by MoviePilot")


@pytest.mark.parametrize(
    "options",
    [{"app_label": "core"}, {"fake": True}, {"fake_initial": True}, {"prune": True}],
)
def test_refuses_options_that_make_no_sense_here(empty_library, options):
    with pytest.raises(CommandError, match="There is no"):
        migrate(**options)

    assert tables() == set()


def test_check_and_plan_only_look(empty_library):
    with pytest.raises(SystemExit):
        migrate(check_unapplied=True)
    assert "core.0001_initial" in migrate(plan=True)
    assert tables() == set()

    migrate(verbosity=0)

    assert migrate(check_unapplied=True) == "No planned migration operations.\n"


def test_the_consoles_database_gets_none_of_moviepilots_tables(console):
    found = tables("default")

    assert not found & TABLES
    assert {"core_operator", "core_changeset", "django_migrations"} <= found
