"""The shapes in which MoviePilot's 2.2.7 schema is met: fresh, upgraded, moved."""

from core.schema import forget_columns
from core.schema.facts import facts
from core.tests.support.libraries import Library

HEAD = "1f0d2c3b4a5e"
PGLOADED = {
    "integer": "bigint",
    "character varying": "text",
    "timestamp without time zone": "timestamp with time zone",
}


def make_moviepilots(library: Library, revision: str = HEAD) -> None:
    """MoviePilot has started on it."""
    library.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    library.execute("INSERT INTO alembic_version VALUES (?)", revision)
    forget_columns()


def make_upgraded(library: Library) -> None:
    """An old SQLite file, upgraded in place: later columns stand at the end."""
    make_moviepilots(library)
    library.execute("DROP INDEX ix_workflow_trigger_type_state")
    for table in facts().tables.values():
        for column in table.columns.values():
            if column.since in ("2.1.8", "2.2.6", "2.2.7"):
                default = " DEFAULT '0'" if column.since == "2.2.7" else ""
                _move_to_end(library, table.name, column.name, column.sqlite + default)
    library.execute(
        "CREATE INDEX ix_workflow_trigger_type_state ON workflow (trigger_type, state)"
    )
    _move_to_end(library, "siteuserdata", "userid", "INTEGER")
    library.execute("CREATE TABLE userrequest (id INTEGER NOT NULL PRIMARY KEY)")


def make_moved(library: Library) -> None:
    """A SQLite file that pgloader took to PostgreSQL."""
    make_moviepilots(library)
    library.execute("ALTER TABLE passkey DROP CONSTRAINT passkey_user_id_fkey")
    for table in facts().tables.values():
        for index in table.indexes:
            library.execute(f"ALTER INDEX {index.name} RENAME TO idx_1_{index.name}")
        for column in table.columns.values():
            name = f'ALTER TABLE "{table.name}" ALTER COLUMN "{column.name}"'
            if kind := PGLOADED.get(column.postgresql):
                library.execute(f"{name} TYPE {kind}")
            if not column.null and column.name != "id":
                library.execute(f"{name} DROP NOT NULL")
    _move_to_end(library, "siteuserdata", "userid", "text")
    forget_columns()


def _move_to_end(library: Library, table: str, column: str, kind: str) -> None:
    library.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    library.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
