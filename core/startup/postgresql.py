"""Reach a PostgreSQL server before Django does, to say clearly why it refuses."""

from typing import Any

import psycopg

# Options of Django's backend that mean nothing to the server.
DJANGO_OPTIONS = {"pool", "isolation_level", "assume_role", "server_side_binding"}


def connect(database: dict[str, Any]) -> psycopg.Connection:
    """A connection for an entry of settings.DATABASES. Raises psycopg.Error."""
    login = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    given = {name: value for name, value in login.items() if value}
    options = {
        name: value
        for name, value in database["OPTIONS"].items()
        if name not in DJANGO_OPTIONS
    }
    return psycopg.connect(**{"connect_timeout": 10, **options, **given})


def refusal(database: dict[str, Any], error: psycopg.Error) -> str:
    """Why the server did not let us in, in one line without the password."""
    text = str(error)
    host = database["HOST"] or "this machine"
    name, user = database["NAME"], database["USER"]
    if "password" in text:
        return (
            f"PostgreSQL on {host} refuses user {user}: wrong password or user — check "
            "DB_POSTGRESQL_USERNAME and DB_POSTGRESQL_PASSWORD, or the address."
        )
    if "does not exist" in text and "socket" not in text.partition("FATAL")[0]:
        return (
            f"PostgreSQL on {host} has no database {name} or no user {user} — check "
            "DB_POSTGRESQL_DATABASE and DB_POSTGRESQL_USERNAME, or the address."
        )
    return (
        f"PostgreSQL on {host} does not answer — check that it runs and can be reached "
        "from here: DB_POSTGRESQL_HOST and DB_POSTGRESQL_PORT, or the address."
    )
