"""`manage.py rescue`: when nobody can sign in any more."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from core.auth.passwords import verify_password
from core.changes import ChangeSet
from core.changes.tests.support import stored
from core.management.commands.rescue import DONE, SESSIONS
from core.models import AuditEvent, Operator, User
from core.rescue import numbered
from core.tests.support import live
from core.tests.support.people import make_operator
from core.tests.test_rescue import add_keys, add_user

PASSWORD = "synthetic-password-1"


def run(*arguments: str, given: str = "") -> str:
    """What the command prints."""
    output, standard_input = io.StringIO(), sys.stdin
    try:
        sys.stdin = io.StringIO(given)
        call_command("rescue", *arguments, stdout=output)
    finally:
        sys.stdin = standard_input
    return output.getvalue()


def refused(*arguments: str, given: str = "") -> str:
    """The one line of the error."""
    with pytest.raises(CommandError) as caught:
        run(*arguments, given=given)
    assert "\n" not in str(caught.value)
    assert not ChangeSet.objects.exists()
    return str(caught.value)


@pytest.fixture
def attached(library, settings, tmp_path):
    """The library as if it were attached by the environment."""
    settings.MOVIEPILOT_ATTACHED = True
    settings.DATA_DIR = tmp_path
    return library


@pytest.fixture(autouse=True)
def umask():
    """The command's own mask is for its process."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


def test_several_things_at_once(attached):
    pk = add_user(attached)
    add_keys(attached, pk, "on")
    words = ("--password", "--clear-otp", "--drop-passkeys", "--activate")

    said = run("anna", *words, "--yes", given=f"{PASSWORD}\nignored\n")

    assert verify_password(PASSWORD, stored(User, pk, "hashed_password"))
    assert (stored(User, pk, "is_otp"), stored(User, pk, "otp_secret")) == (0, None)
    assert numbered(pk).is_active
    assert not numbered(pk).keys
    change_set = ChangeSet.objects.get()
    number = change_set.pk
    assert said.splitlines() == [
        f"User anna (id {pk}):",
        "  Password: none that works → a new one",
        "  One-time codes: on → off",
        "  Passkeys: 1 of 1 active → 1 deleted",
        "  Active: no → yes",
        DONE % {"number": number},
        SESSIONS,
    ]
    assert change_set.operator_name == "system"
    detail = AuditEvent.objects.get().detail
    assert (detail["user"], detail["command"]) == ("anna", "manage.py rescue")
    assert detail["os_user"]


def test_it_is_taken_back_by_its_number(attached):
    pk = add_user(attached, is_active=True)
    add_keys(attached, pk, "on")
    before = attached.dump()
    run("anna", "--clear-otp", "--disable-passkeys", "--yes", "--reason", "lost phone")
    number = ChangeSet.objects.get().pk
    assert ChangeSet.objects.get().reason == "Rescue: lost phone"

    said = run("--undo", str(number))

    assert said.startswith("Put back 2 records, as #")
    assert attached.dump() == before
    with pytest.raises(CommandError, match="nothing left"):
        run("--undo", str(number))
    with pytest.raises(CommandError, match="no rescue"):
        run("--undo", str(number + 1))


def test_an_undo_tells_what_it_leaves_alone(attached):
    pk = add_user(attached, is_active=True)
    run("anna", "--superuser", "--yes")

    said = run("--undo", str(ChangeSet.objects.get().pk))

    assert f"Left alone: record {pk}, This is the last active administrator" in said


def test_what_is_so_already(attached):
    add_user(attached, is_active=True)

    assert "nothing to do" in run("anna", "--activate", "--yes")
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("arguments", [(), ("--list",)])
def test_users_are_listed_without_secrets(attached, arguments):
    first = add_user(attached)
    second = add_user(
        attached, "b\x1b[2Jo", is_active=True, is_superuser=True, is_otp=None
    )
    add_keys(attached, second, "on", "off")

    said = run(*arguments)

    boss = "active, administrator, no password that works, passkeys: 1 active of 2"
    assert said.splitlines() == [
        f"anna (id {first}): disabled, no password that works, one-time codes",
        f"b�[2Jo (id {second}): {boss}",
    ]


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (("anna",), "", "Say what is to be done"),
        (("--activate",), "", "Say whose account"),
        (("ana", "--activate"), "", "Is it one of these: anna?"),
        (("zzz", "--activate"), "", "There is no user of this name."),
        (("anna", "--activate", "--id", "99999"), "", "has the id 99999, but"),
        (("anna", "--activate"), "", "add --yes"),
        (("anna", "--password", "--yes"), "", "no password on standard input"),
        (("anna", "--password", "--yes"), "short\n", "at least 8"),
        (("anna", "--password", "--yes"), "密" * 25 + "\n", "72 bytes"),
        (("nobody", "--operator", "--activate"), "", "no operator of this name"),
    ],
    ids=[
        "nothing",
        "nobody",
        "close",
        "unknown",
        "id",
        "no-terminal",
        "no-password",
        "short",
        "long",
        "no-operator",
    ],
)
def test_refusals(attached, arguments, given, words):
    add_user(attached)

    assert words in refused(*arguments, given=given)


def test_of_two_users_of_one_name_the_id_chooses(attached):
    first, second = add_user(attached), add_user(attached)

    assert f"--id ({first}, {second})" in refused("anna", "--activate", "--yes")

    run("anna", "--id", str(second), "--activate", "--yes")
    assert (numbered(first).is_active, numbered(second).is_active) == (False, True)


def test_an_unreadable_table_is_told_in_one_line(attached):
    attached.execute("DROP TABLE passkey")
    attached.execute('DROP TABLE "user"')

    told = refused("anna", "--activate", "--yes")

    assert "user" in told or "not a MoviePilot v2 database" in told
    assert "\n" not in told.strip()


def test_a_database_of_before_one_time_codes(attached):
    pk = add_user(attached)
    attached.execute('ALTER TABLE "user" DROP COLUMN is_otp')
    attached.execute("DROP TABLE passkey")

    assert "of before “is_otp”" in refused("anna", "--clear-otp", "--yes")
    assert "of before “passkey”" in refused("anna", "--drop-passkeys", "--yes")
    run("anna", "--activate", "--yes")
    assert numbered(pk).is_active


def test_a_busy_database_is_told_in_one_line(sqlite_library, settings, tmp_path):
    from django.db import connections

    settings.MOVIEPILOT_ATTACHED, settings.DATA_DIR = True, tmp_path
    pk = add_user(sqlite_library)
    connections["moviepilot"].cursor().execute("PRAGMA busy_timeout = 100")
    with closing(sqlite3.connect(sqlite_library.path)) as moviepilot:
        moviepilot.execute("BEGIN IMMEDIATE")
        moviepilot.execute(f'UPDATE "user" SET email = NULL WHERE id = {pk}')
        settings.DATABASES["moviepilot"]["OPTIONS"]["timeout"] = 0.1
        assert "locked" in refused("anna", "--activate", "--yes")
        moviepilot.execute("ROLLBACK")

    run("anna", "--activate", "--yes")


# --- The console's own


def test_a_local_operator(attached):
    make_operator("olga", None)
    words = ("--password", "--superuser", "--yes")

    said = run("olga", "--operator", *words, given=f"{PASSWORD}\n")

    operator = Operator.objects.get(username="olga")
    assert operator.check_password(PASSWORD)
    assert operator.is_superuser
    assert "signed out everywhere" in said
    assert not ChangeSet.objects.exists()


def test_an_operator_is_rescued_without_moviepilot(console, settings, tmp_path):
    settings.MOVIEPILOT_ATTACHED, settings.DATA_DIR = False, tmp_path
    make_operator("olga", None)

    run("olga", "--operator", "--superuser", "--yes")

    assert Operator.objects.get(username="olga").is_staff


# --- Processes of their own


def moviepilot_folder(library, folder):
    """A folder as MoviePilot's, with this database."""
    library.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(library.path, folder / "user.db")
    return folder


@pytest.fixture
def place(sqlite_library, tmp_path):
    """Variables of a console that has never been started, beside a MoviePilot."""
    add_user(sqlite_library)
    folder = tmp_path / "moviepilot"
    folder.mkdir()
    moviepilot_folder(sqlite_library, folder)
    return {
        "MOVIEPILOT_CONFIG_DIR": str(folder),
        "MPADMIN_DATA_DIR": str(tmp_path / "data"),
    }


def users_of(place):
    with closing(sqlite3.connect(f"{place['MOVIEPILOT_CONFIG_DIR']}/user.db")) as file:
        return file.execute(
            "SELECT name, is_active, hashed_password FROM user"
        ).fetchall()


def test_a_console_that_was_never_started_is_made(place):
    done = live.manage("rescue", "anna", "--activate", "--yes", **place)

    assert (done.returncode, done.stderr) == (0, "")
    assert users_of(place) == [("anna", 1, "forgotten")]
    assert "change #1" in done.stdout
    undone = live.manage("rescue", "--undo", "1", **place)
    assert "Put back 1 records" in undone.stdout
    assert users_of(place) == [("anna", 0, "forgotten")]


def test_without_moviepilot_it_is_one_line(tmp_path):
    done = live.manage(
        "rescue", "a", "--activate", MPADMIN_DATA_DIR=str(tmp_path / "d")
    )

    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: No MoviePilot .*\n", done.stderr)
    assert not (tmp_path / "d").exists()


def on_a_terminal(place, *arguments, answers):
    """What the command shows on a terminal, where these are typed when asked."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        live.command("rescue", *arguments),
        env=live.environment(**place),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    shown, seen, end = "", 0, time.monotonic() + 120
    for prompt, answer in answers:
        while prompt not in shown[seen:] and time.monotonic() < end:
            shown += _read(master)
        seen = len(shown)
        os.write(master, f"{answer}\n".encode())
    while process.poll() is None and time.monotonic() < end:
        shown += _read(master)
    shown += _read(master)
    os.close(master)
    return process.wait(10), shown.replace("\r\n", "\n")


def _read(terminal):
    if not select.select([terminal], [], [], 0.2)[0]:
        return ""
    try:
        return os.read(terminal, 65536).decode()
    except OSError:  # it has hung up
        return ""


def test_on_a_terminal_the_password_is_typed_twice_and_a_question_asked(place):
    answers = [
        ("New password", PASSWORD),
        ("Again", PASSWORD),
        ("Go on? [y/N]", "y"),
    ]

    status, shown = on_a_terminal(place, "anna", "--password", answers=answers)

    assert status == 0, shown
    assert "Password: none that works → a new one" in shown
    assert PASSWORD not in shown
    [(_name, _active, hashed)] = users_of(place)
    assert verify_password(PASSWORD, hashed)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([("New password", PASSWORD), ("Again", "another")], "not the same"),
        (
            [("New password", PASSWORD), ("Again", PASSWORD), ("[y/N]", "")],
            "Nothing was changed",
        ),
    ],
    ids=["mistyped", "no"],
)
def test_on_a_terminal_one_may_think_better_of_it(place, answers, words):
    _status, shown = on_a_terminal(place, "anna", "--password", answers=answers)

    assert words in shown
    assert users_of(place) == [("anna", 0, "forgotten")]
