"""The console's own database may be PostgreSQL too (DATABASE_URL)."""

import pytest
from django.core.management import call_command

from core.changes import (
    ChangeSet,
    Delete,
    Set,
    SetNull,
    State,
    apply,
    create_records,
    plan,
    resume,
    save_record,
    settle_all,
    undo,
)
from core.changes.models import BatchState
from core.changes.tests.support import (
    add_items,
    add_sites,
    assert_settled,
    counts,
    edit,
)
from core.models import MediaServerItem
from core.startup.databases import bound
from mpadmin import attach
from sites.models import Site


@pytest.fixture
def postgresql_console(console, postgresql_server):
    """The console's tables in a PostgreSQL database."""
    name = "console"
    postgresql_server.create(name)
    login = postgresql_server.login(name)
    address = (
        f"postgres://{login['USER']}:{login['PASSWORD']}@{login['HOST']}:"
        f"{login['PORT']}/{name}"
    )
    with bound("default", attach.console(address, console.parent)):
        call_command("migrate", database="default", verbosity=0)
        yield
    postgresql_server.drop(name)


def test_changes_are_kept_and_taken_back(sqlite_library, postgresql_console):
    library = sqlite_library
    [first, *_rest] = add_sites(library, 5, cookie="synthetic-1", ua="a\x00b\ud7ff")
    library.update("site", first, name="n\x00", note='"\\u0000"')
    before = library.dump()

    done = [
        edit(Site, cookie="synthetic-2", ua="x", note={"a": "\x00"}),
        save_record(Site, first, {"timeout": 60, "name": "new"}),
        create_records(Site, [{"name": "n", "url": "u"}] * 3),
        apply(plan(Site, {"ua": SetNull(), "pri": Set(5)})),
        apply(plan(Site, Delete())),
    ]

    for change_set in reversed(done):
        assert_settled(change_set)
        undo(change_set)
    assert library.dump() == before


@pytest.mark.usefixtures("without_expectations")
def test_refused_records_and_crashes_are_sorted_out(sqlite_library, postgresql_console):
    ids = add_items(sqlite_library, 300)
    sqlite_library.insert("mediaserveritem", server="B", item_id="i7")
    before = sqlite_library.dump()

    change_set = edit(MediaServerItem, ids, server="B")
    assert counts(change_set) == {"changed": 299, "failed": 1}
    change_set.batches.update(state=BatchState.PENDING)
    ChangeSet.objects.update(
        state=State.APPLYING, worker="gone 1 x", changed=0, position=0, failed=0
    )

    [settled] = settle_all()

    assert counts(settled) == {"changed": 299, "failed": 1}
    undo(settled)
    assert sqlite_library.dump() == before


def test_a_stopped_change_set_is_gone_on_with(sqlite_library, postgresql_console):
    add_sites(sqlite_library, 3)
    change_set = edit(Site, timeout=60)
    ChangeSet.objects.update(state=State.STOPPED, position=0)
    sqlite_library.execute("UPDATE site SET timeout = 15 WHERE name = 's2'")

    resumed = resume(ChangeSet.objects.get(pk=change_set.pk))

    assert resumed.state == State.APPLIED
    assert sqlite_library.execute("SELECT DISTINCT timeout FROM site") == [(60,)]
