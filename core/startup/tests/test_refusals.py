"""`serve` in a real process, wherever it must refuse: one line, and nothing made."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from core.tests.support.libraries import Templates
from core.tests.support.live import manage
from core.tests.support.servers import PostgreSQL, free_port


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder to start the console in; nothing in it may change."""
    folder = tmp_path / "place"
    folder.mkdir()
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o700)


def refused(place: Path, **environment: str) -> str:
    """What `serve` said, after a look at how it ended and what it left behind."""
    before = contents(place)
    known = {"MPADMIN_DATA_DIR": str(place / "data"), "MPADMIN_PORT": str(free_port())}

    done = manage("serve", **{**known, **environment})

    assert done.returncode == 1, done
    assert_one_line(done)
    assert contents(place) == before
    return done.stderr


def assert_one_line(done: CompletedProcess[str]) -> None:
    """`mpadmin: what is wrong — what to do.` and nothing else."""
    assert done.stdout == ""
    assert done.stderr.startswith("mpadmin: ")
    assert " — " in done.stderr
    assert done.stderr.count("\n") == 1


def contents(folder: Path) -> dict[str, object]:
    """Every path with its mode, and the time and size of files."""
    found: dict[str, object] = {}
    for path in [folder, *folder.rglob("*")]:
        state = path.stat()
        file = (state.st_size, state.st_mtime_ns) if path.is_file() else ()
        found[str(path)] = (state.st_mode, *file)
    return found


def test_a_taken_port_is_named(place):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        said = refused(place, MPADMIN_PORT=port)

    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert "MPADMIN_PORT" in said


def test_a_port_that_is_no_number_is_refused(place):
    said = refused(place, MPADMIN_PORT="eighty")

    assert "MPADMIN_PORT is 'eighty'" in said


def test_an_address_of_another_machine_is_refused(place):
    said = refused(place, MPADMIN_ADDRESS="192.0.2.1")

    assert "no address 192.0.2.1" in said


def test_a_data_folder_below_a_file_is_refused(place):
    (place / "file").write_text("")

    said = refused(place, MPADMIN_DATA_DIR=str(place / "file" / "data"))

    assert f"{place / 'file'} is a file" in said


def test_a_data_folder_that_cannot_be_written_is_refused(place):
    (place / "locked").mkdir(mode=0o500)

    said = refused(place, MPADMIN_DATA_DIR=str(place / "locked"))

    assert f"{place / 'locked'} is not writable" in said


def test_a_secret_key_that_cannot_be_read_is_refused(place):
    (place / "data").mkdir()
    (place / "data" / "secret.key").write_text("synthetic")
    (place / "data" / "secret.key").chmod(0)

    said = refused(place)

    assert "secret.key cannot be read" in said


def test_a_configuration_folder_that_is_missing_is_refused(place):
    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place / "nowhere"))

    assert f"There is no folder {place / 'nowhere'}" in said


def test_an_unknown_time_zone_is_refused(place):
    (place / "app.env").write_text("TZ='Mars/Olympus'\n")

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert "TZ is 'Mars/Olympus'" in said


def test_a_missing_database_is_not_made(place):
    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert f"There is no MoviePilot database {place / 'user.db'}" in said


def test_an_unreadable_database_is_refused(place, templates: Templates):
    database = place / "user.db"
    database.write_bytes(templates.moviepilot.read_bytes())
    database.chmod(0)

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert f"{database} cannot be read (Permission denied)" in said


def test_a_database_in_a_read_only_folder_is_refused(place, templates: Templates):
    (place / "config").mkdir()
    database = place / "config" / "user.db"
    database.write_bytes(templates.moviepilot.read_bytes())
    (place / "config").chmod(0o500)

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place / "config"))

    assert f"{database} or its folder is read-only" in said


def test_a_file_that_is_no_database_is_refused(place):
    (place / "user.db").write_text("Not a database, but long enough to look like one.")

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert "is not an SQLite database" in said


def test_a_damaged_database_is_refused(place):
    (place / "user.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert "restore a backup" in said


def test_a_database_of_another_program_is_refused(place):
    other = sqlite(place / "other.db", "CREATE TABLE photo (id INTEGER)")

    said = refused(place, MOVIEPILOT_DATABASE_URL=f"sqlite:///{other}")

    assert f"{other} is not a MoviePilot v2 database" in said


def test_an_empty_database_is_refused(place):
    empty = sqlite(place / "user.db", "PRAGMA user_version=1")

    said = refused(place, MOVIEPILOT_DATABASE_URL=f"sqlite:///{empty}")

    assert f"{empty} is empty" in said


def test_two_ways_to_attach_at_once_are_refused(place):
    address = "postgres://someone:synthetic-Pass-2@127.0.0.1/moviepilot"

    said = refused(
        place, MOVIEPILOT_CONFIG_DIR=str(place), MOVIEPILOT_DATABASE_URL=address
    )

    assert "are both set" in said
    assert "synthetic-Pass-2" not in said


def test_an_address_of_another_kind_is_refused_without_its_password(place):
    address = "oracle://someone:synthetic-Pass-2@127.0.0.1/moviepilot"

    said = refused(place, MOVIEPILOT_DATABASE_URL=address)

    assert "MOVIEPILOT_DATABASE_URL cannot be read" in said
    assert "synthetic-Pass-2" not in said


def test_a_console_database_that_is_moviepilots_is_refused(place, templates: Templates):
    database = place / "user.db"
    database.write_bytes(templates.moviepilot.read_bytes())

    said = refused(
        place,
        MOVIEPILOT_CONFIG_DIR=str(place),
        DATABASE_URL=f"sqlite:///{database}",
    )

    assert "The console's database is MoviePilot's own" in said


def test_a_wrong_password_is_refused_and_not_repeated(
    place, postgresql_server: PostgreSQL
):
    said = refused(place, **attached(place, postgresql_server, "synthetic-Pass-2"))

    assert "wrong password or user" in said
    assert "synthetic-Pass-2" not in said


def test_a_database_the_server_does_not_have_is_refused(
    place, postgresql_server: PostgreSQL
):
    known = attached(place, postgresql_server, postgresql_server.password)

    said = refused(place, **known, DB_POSTGRESQL_DATABASE="nowhere")

    assert "has no database nowhere" in said


def test_an_empty_database_of_a_server_is_refused(place, postgresql_server: PostgreSQL):
    known = attached(place, postgresql_server, postgresql_server.password)

    said = refused(place, **known, DB_POSTGRESQL_DATABASE="postgres")

    assert "The PostgreSQL database postgres is empty" in said


def test_a_server_that_does_not_answer_is_named(place):
    (place / "app.env").write_text(
        "DB_TYPE='postgresql'\nDB_POSTGRESQL_HOST='127.0.0.1'\n"
        f"DB_POSTGRESQL_PORT='{free_port()}'\n"
    )

    said = refused(place, MOVIEPILOT_CONFIG_DIR=str(place))

    assert "PostgreSQL on 127.0.0.1 does not answer" in said


def attached(place: Path, server: PostgreSQL, password: str) -> dict[str, str]:
    """The environment that attaches the cluster through an app.env."""
    (place / "app.env").write_text(
        "DB_TYPE='postgresql'\nDB_POSTGRESQL_HOST='127.0.0.1'\n"
        f"DB_POSTGRESQL_PORT='{server.port}'\nDB_POSTGRESQL_PASSWORD='{password}'\n"
    )
    return {"MOVIEPILOT_CONFIG_DIR": str(place)}


def sqlite(path: Path, statement: str) -> Path:
    """A database file made by this statement."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    return path
