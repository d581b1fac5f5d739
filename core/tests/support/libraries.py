"""A MoviePilot database for one test, copied from a template."""

import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from core.fields import JSONColumn
from core.models.base import Record
from core.startup.databases import bound
from core.tests.support.servers import PostgreSQL
from mpadmin import attach

TEMPLATE = "template_moviepilot"


class Value(NamedTuple):
    """One stored value with its storage class, for comparing a database with itself."""

    table: str
    id: object
    column: str
    type: str
    value: object


class Connection(Protocol):
    """What sqlite3's and psycopg's connections have in common."""

    def execute(self, query: Any, params: Any = ...) -> Any: ...

    def close(self) -> None: ...


@dataclass
class Library:
    """MoviePilot's database as MoviePilot sees it, apart from Django and its locks."""

    database: dict[str, Any]
    _opened: list[Connection] = field(default_factory=list)

    vendor = ""

    @property
    def address(self) -> str:
        """What MOVIEPILOT_DATABASE_URL would be."""
        raise NotImplementedError

    def moviepilot_connect(self) -> Any:
        """A new connection like MoviePilot's: autocommit, foreign keys off."""
        connection = self._connect()
        self._opened.append(connection)
        return connection

    def execute(self, query: str, *params: object) -> list[tuple[Any, ...]]:
        """Run a statement (parameters: `?`) in MoviePilot's place; its rows, if any."""
        with closing(self._connect()) as connection:
            cursor = connection.execute(self._marked(query), params)
            return [*cursor.fetchall()] if cursor.description else []

    def insert(self, table: str, **values: object) -> int:
        """Add a row as MoviePilot would; returns its id."""
        columns = ", ".join(f'"{column}"' for column in values)
        marks = ", ".join("?" for _ in values)
        query = f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) RETURNING id'
        return int(self.execute(query, *values.values())[0][0])

    def update(self, table: str, pk: int, **values: object) -> None:
        """Change a row behind the console's back."""
        pairs = ", ".join(f'"{column}" = ?' for column in values)
        query = f'UPDATE "{table}" SET {pairs} WHERE id = ?'
        self.execute(query, *values.values(), pk)

    def dump(self) -> list[Value]:
        """Every stored value, typed, in a stable order."""
        with closing(self._connect()) as connection:
            return [
                Value(table, row[0], column, row[place], row[place + 1])
                for table in self._tables(connection)
                for columns in [self._columns(connection, table)]
                for row in self._typed_rows(connection, table, columns)
                for place, column in zip(
                    range(1, 2 * len(columns), 2), columns, strict=True
                )
            ]

    def schema(self) -> str:
        """The whole schema as the database itself tells it."""
        raise NotImplementedError

    def close(self) -> None:
        """Close what moviepilot_connect() opened."""
        for connection in self._opened:
            connection.close()

    def _connect(self) -> Any:
        raise NotImplementedError

    def _marked(self, query: str) -> str:
        return query

    def _tables(self, connection: Connection) -> list[str]:
        raise NotImplementedError

    def _columns(self, connection: Connection, table: str) -> list[str]:
        raise NotImplementedError

    def _typed_rows(
        self, connection: Connection, table: str, columns: list[str]
    ) -> list[tuple[Any, ...]]:
        """Rows of id, then type and value of each column."""
        # alembic_version has one column and one row.
        key = '"id"' if "id" in columns else f'"{columns[0]}"'
        picks = ", ".join(self._typed(column) for column in columns)
        query = f'SELECT {key} AS "row", {picks} FROM "{table}" ORDER BY 1'
        return [*connection.execute(query).fetchall()]

    def _typed(self, column: str) -> str:
        raise NotImplementedError


@dataclass
class SQLiteLibrary(Library):
    """MoviePilot's user.db."""

    path: Path = Path()

    vendor = "sqlite"

    @property
    def address(self) -> str:
        return f"sqlite:///{self.path}"

    def schema(self) -> str:
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2"
            )
            return "\n".join(map(repr, rows))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        # Text that is not UTF-8 must not stop a dump.
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return connection

    def _tables(self, connection: Connection) -> list[str]:
        rows = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        return [name for (name,) in rows]

    def _columns(self, connection: Connection, table: str) -> list[str]:
        return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]

    def _typed(self, column: str) -> str:
        return f'typeof("{column}"), "{column}"'


@dataclass
class PostgreSQLLibrary(Library):
    """MoviePilot's database in a PostgreSQL cluster."""

    server: PostgreSQL = None  # type: ignore[assignment]

    vendor = "postgresql"

    @property
    def address(self) -> str:
        login = self.database
        return (
            f"postgres://{login['USER']}:{login['PASSWORD']}@{login['HOST']}:"
            f"{login['PORT']}/{login['NAME']}"
        )

    def schema(self) -> str:
        where = f"-h {self.server.socket_dir} -p {self.server.port} -U moviepilot"
        command = ["pg_dump", "-s", *where.split(), self.database["NAME"]]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        # \restrict carries a random word in each dump.
        lines = done.stdout.splitlines()
        return "\n".join(line for line in lines if "restrict " not in line)

    def _connect(self) -> psycopg.Connection:
        return self.server.connect(self.database["NAME"])

    def _marked(self, query: str) -> str:
        return query.replace("%", "%%").replace("?", "%s")

    def _tables(self, connection: Connection) -> list[str]:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return [name for (name,) in rows]

    def _columns(self, connection: Connection, table: str) -> list[str]:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE "
            "table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in rows]

    def _typed(self, column: str) -> str:
        # ::text shows json as it was written and floats with all their digits.
        return f'pg_typeof("{column}")::text, "{column}"::text'


@dataclass(frozen=True)
class Templates:
    """Databases migrated once, to be copied by each test."""

    folder: Path

    @property
    def console(self) -> Path:
        return self.folder / "console.sqlite3"

    @property
    def moviepilot(self) -> Path:
        return self.folder / "user.db"


def make_templates(folder: Path) -> Templates:
    """Migrate a console file and a MoviePilot file."""
    templates = Templates(folder)
    with bound("default", hasty(attach.console_sqlite(templates.console))):
        call_command("migrate", database="default", verbosity=0)
        with bound("moviepilot", _empty_file(templates.moviepilot)):
            call_command("migrate", database="moviepilot", verbosity=0)
    return templates


def make_postgresql_template(server: PostgreSQL) -> None:
    """Migrate a MoviePilot database in the cluster; `default` must be bound."""
    server.create(TEMPLATE)
    with bound("moviepilot", _postgresql_settings(server, TEMPLATE)):
        call_command("migrate", database="moviepilot", verbosity=0)


@contextmanager
def bound_console(path: Path, templates: Templates) -> Iterator[Path]:
    """Bind a fresh console database to `default`."""
    shutil.copyfile(templates.console, path)
    with bound("default", hasty(attach.console_sqlite(path))):
        yield path


def hasty(database: dict[str, Any]) -> dict[str, Any]:
    """The same SQLite settings without waiting for the disk.

    Only a power cut could tell the difference; a test would mostly wait.
    """
    options = database["OPTIONS"]
    init = f"{options['init_command']}; PRAGMA synchronous=OFF"
    return {**database, "OPTIONS": {**options, "init_command": init}}


@contextmanager
def bound_sqlite(path: Path, templates: Templates) -> Iterator[SQLiteLibrary]:
    """Bind a fresh MoviePilot file to `moviepilot`."""
    shutil.copyfile(templates.moviepilot, path)
    database = hasty(attach.sqlite(path, settings.MOVIEPILOT_TZ))
    library = SQLiteLibrary(database, path=path)
    with bound("moviepilot", database), closing(library):
        yield library


@contextmanager
def bound_postgresql(server: PostgreSQL) -> Iterator[PostgreSQLLibrary]:
    """Bind a fresh MoviePilot database of the cluster to `moviepilot`."""
    name = f"moviepilot_{uuid.uuid4().hex}"
    server.create(name, template=TEMPLATE)
    database = _postgresql_settings(server, name)
    library = PostgreSQLLibrary(database, server=server)
    try:
        with bound("moviepilot", database), closing(library):
            yield library
    finally:
        server.drop(name)


def _postgresql_settings(server: PostgreSQL, name: str) -> dict[str, Any]:
    login: Mapping[str, Any] = server.login(name)
    return attach.postgresql(login, settings.MOVIEPILOT_TZ)


def _empty_file(path: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        # As MoviePilot makes it; the mode is kept in the file.
        connection.execute("PRAGMA journal_mode=WAL")
    return hasty(attach.sqlite(path, settings.MOVIEPILOT_TZ))


def expect_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the models declare of the records that MoviePilot can read."""
    nothing = {
        "unique_by": (),
        "required_fields": frozenset(),
        "checked_with": (),
        "carries": (),
        "followed_by": (),
    }
    for model in apps.get_models():
        if issubclass(model, Record):
            for name, value in nothing.items():
                monkeypatch.setattr(model, name, value)
            for field in model._meta.fields:
                if isinstance(field, JSONColumn):
                    monkeypatch.setattr(field, "shape", None)
