"""Fixtures of all tests: real databases, Redis, server and browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import caches

from core.tests.support import layers, libraries, live, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client
    from playwright.sync_api import Page
    from pytest_django import DjangoDbBlocker

    from core.models.operators import Operator
    from core.roles import Role
    from core.tests.support.libraries import Library, SQLiteLibrary, Templates
    from core.tests.support.live import LiveConsole
    from core.tests.support.servers import PostgreSQL


@pytest.fixture(scope="session", autouse=True)
def watched_queries() -> Iterator[None]:
    """Nothing but an Oper builds a query on MoviePilot's tables, whatever is tested."""
    with pytest.MonkeyPatch.context() as patch:
        layers.watch_queries(patch)
        yield


# --- Servers


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A private PostgreSQL cluster."""
    with servers.run_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a private Redis."""
    with servers.run_redis() as address:
        yield address


# --- Databases


@pytest.fixture(scope="session")
def templates(
    django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Templates:
    """Both databases, migrated once, as files to copy."""
    with django_db_blocker.unblock():
        return libraries.make_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def postgresql_template(
    django_db_blocker: DjangoDbBlocker,
    postgresql_server: PostgreSQL,
    templates: Templates,
    tmp_path_factory: pytest.TempPathFactory,
) -> PostgreSQL:
    """The cluster, with a migrated MoviePilot database to copy."""
    spare = tmp_path_factory.mktemp("postgresql") / "console.sqlite3"
    with (
        django_db_blocker.unblock(),
        libraries.bound_console(spare, templates),
    ):
        libraries.make_postgresql_template(postgresql_server)
    return postgresql_server


@pytest.fixture
def console(
    django_db_blocker: DjangoDbBlocker, templates: Templates, tmp_path: Path
) -> Iterator[Path]:
    """A fresh console database behind `default`; yields its file."""
    path = tmp_path / "mpadmin.sqlite3"
    with django_db_blocker.unblock(), libraries.bound_console(path, templates):
        yield path
    # What was counted here must not be believed by the next test.
    caches["default"].clear()


@pytest.fixture
def sqlite_library(
    console: Path, templates: Templates, tmp_path: Path
) -> Iterator[SQLiteLibrary]:
    """A fresh MoviePilot file behind `moviepilot`, and a fresh console database."""
    with libraries.bound_sqlite(tmp_path / "user.db", templates) as library:
        yield library


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    """The same on each of the two databases MoviePilot runs on."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_library")
        return
    request.getfixturevalue("console")
    server = request.getfixturevalue("postgresql_template")
    with libraries.bound_postgresql(server) as library:
        yield library


@pytest.fixture
def without_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any value into any column, for tests of how exactly it is kept."""
    libraries.expect_nothing(monkeypatch)


# --- People


@pytest.fixture
def operator(console: Path) -> Operator:
    """A local operator who may do everything."""
    from core.models.operators import Operator

    return Operator.objects.create_superuser("olivia", password=live.PASSWORD)


@pytest.fixture
def operator_client(client: Client, operator: Operator) -> Client:
    """A test client signed in as that operator."""
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client_as(console: Path) -> Callable[[Role], Client]:
    """Makes a test client that is signed in as a local operator of a role."""
    from core.tests.support import people

    return lambda role: people.client_of(people.make_operator(role.name.lower(), role))


# --- Server and browser


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as `serve` collects them."""
    return live.collect_static(tmp_path_factory.mktemp("static"))


@pytest.fixture
def live_console(
    request: pytest.FixtureRequest, console: Path, static_root: Path, tmp_path: Path
) -> Iterator[LiveConsole]:
    """The console served by gunicorn on a free port, on the test's own databases.

    MoviePilot's is the test's `library`, or `sqlite_library` where it asks for none.
    """
    name = "library" if "library" in request.fixturenames else "sqlite_library"
    library = request.getfixturevalue(name)
    with live.serve(library, console, static_root, tmp_path) as served:
        yield served


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium."""
    return live.chromium()


@pytest.fixture
def browser_page(chromium_path: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page of a fresh browser at 1440 × 900."""
    # Playwright's event loop runs in this thread; the ORM would refuse to work.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with live.open_page(chromium_path) as page:
        yield page
