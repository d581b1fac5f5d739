"""A disk that is full, of either database, in the middle of a change: nothing is lost.

SQLite tells so itself when a file may grow no further. PostgreSQL is made to by a
trigger, with the error it gives then.
"""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connections

from core.changes import (
    ChangeSet,
    Delete,
    Set,
    State,
    apply,
    create_records,
    plan,
    resume,
    settle_all,
    undo,
)
from core.changes.rows import Rows
from core.changes.tests.support import add_messages, assert_settled, plan_import
from core.models import Message

TOTAL = 150
LONG = "long " * 400
"""So that no page of the file takes it."""
HEADROOMS = (0, 2, 40, 120)
"""Pages by which the file may still grow."""


def edit():
    apply(plan(Message, {"text": Set(LONG)}))


def delete():
    apply(plan(Message, Delete()))


def create():
    create_records(Message, [{"text": LONG}] * TOTAL)


def import_rows():
    ids = [pk for (pk,) in Rows(Message).all([])]
    rows = [f"{pk},{LONG}" for pk in ids] + [f",{LONG}"] * 20
    apply(plan_import(Message, "\n".join(["id,text", *rows])))


def take_back():
    undo(ChangeSet.objects.latest("pk"))


@contextmanager
def full(alias, headroom):
    """Let the file behind the alias grow by so many pages only."""
    with connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        [pages] = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + headroom}")
    try:
        yield
    finally:
        with connections[alias].cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")


def run_out(job, alias, headroom):
    """Do the job with little space; whether it came to an error."""
    told = ""
    with full(alias, headroom):
        try:
            job()
        except DatabaseError as error:
            told = str(error)
    assert "full" in told or not told
    return bool(told)


def settle_and_take_back():
    """What an operator does once there is space again."""
    settle_all()
    for change_set in ChangeSet.objects.order_by("-pk"):
        if change_set.can_be_resumed:
            change_set = resume(change_set)
            assert change_set.state == State.APPLIED
        assert_settled(change_set)
        if change_set.can_be_undone and change_set.kind != "undo":
            undo(change_set)


@pytest.mark.parametrize(
    ("job", "alias"),
    [
        (edit, "moviepilot"),
        (create, "moviepilot"),
        (import_rows, "moviepilot"),
        (edit, "default"),
        (delete, "default"),
        (create, "default"),
        (import_rows, "default"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_a_change_that_runs_out_of_space_is_gone_on_with_and_undone(
    sqlite_library, small_batches, job, alias
):
    add_messages(sqlite_library, TOTAL, text="before", note=f'["{LONG}"]')
    before = sqlite_library.dump()

    failed = [run_out_and_take_back(job, alias, headroom) for headroom in HEADROOMS]

    assert any(failed)
    assert sqlite_library.dump() == before


def run_out_and_take_back(job, alias, headroom):
    """Whether it failed; afterwards all is as it was."""
    has_failed = run_out(job, alias, headroom)
    settle_and_take_back()
    return has_failed


@pytest.mark.parametrize("alias", ["moviepilot", "default"])
def test_an_undo_that_runs_out_of_space_is_gone_on_with(
    sqlite_library, small_batches, alias
):
    add_messages(sqlite_library, TOTAL, text=LONG)
    before, failed = sqlite_library.dump(), []

    for headroom in HEADROOMS:
        apply(plan(Message, {"text": Set("short")}))
        sqlite_library.execute("VACUUM")
        failed.append(run_out(take_back, alias, headroom))
        settle_and_take_back()

    assert any(failed)
    assert sqlite_library.dump() == before


FULL_AT = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF COALESCE(NEW.title, OLD.title) = 'm75' THEN
        RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
      END IF;
      RETURN COALESCE(NEW, OLD);
    END $$;
    CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE OR DELETE ON message
      FOR EACH ROW EXECUTE FUNCTION disk_full();
"""
SPACE_AGAIN = "DROP TRIGGER disk_full ON message; DROP FUNCTION disk_full()"


@pytest.mark.parametrize(
    "job", [edit, delete, import_rows, take_back], ids=lambda each: each.__name__
)
@pytest.mark.parametrize("library", ["postgresql"], indirect=True)
def test_a_postgresql_that_runs_out_of_space_stops_the_change(
    library, small_batches, job
):
    add_messages(library, TOTAL, text="before")
    before = library.dump()
    if job is take_back:
        edit()
    library.execute(FULL_AT.replace("%", "%%"))

    with pytest.raises(DatabaseError, match="could not extend file"):
        job()

    library.execute(SPACE_AGAIN)
    stopped = ChangeSet.objects.latest("pk")
    assert stopped.state == State.STOPPED
    assert 0 < stopped.changed < TOTAL
    settle_and_take_back()
    assert library.dump() == before
