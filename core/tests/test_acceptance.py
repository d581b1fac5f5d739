"""A foreign MoviePilot database is opened, changed all over, and is as it was."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from core.admin.tests import awkward
from core.changes import ChangeSet, State
from core.models import PassKey, Subscribe, SystemConfig
from core.startup.databases import bound
from core.startup.moviepilot import check_moviepilot
from core.tests.support import shapes
from core.tests.support.acceptance import TestClientVisitor, Tour
from history.models import TransferHistory
from mpadmin import attach
from sites.models import SiteUserData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from core.models.base import Record
    from core.tests.support.libraries import Library

    Ids = dict[type[Record], list[int]]

in_every_shape = pytest.mark.parametrize(
    ("library", "shape"),
    [
        pytest.param("sqlite", shapes.make_moviepilots, id="sqlite-fresh"),
        pytest.param("sqlite", shapes.make_upgraded, id="sqlite-upgraded"),
        pytest.param("postgresql", shapes.make_moviepilots, id="postgresql-fresh"),
        pytest.param("postgresql", shapes.make_moved, id="postgresql-moved"),
    ],
    indirect=["library"],
)
# Of what MoviePilot's columns have been seen to hold, what a round trip could lose.
FLOATS = [0.1 + 0.2, 1e22, -0.0, 5e-324, 2.0**63]
JSONS = [
    '{"b":1, "a" : [1.0,1e5,-0.0,0.10000000000000001],"a":"\\u6d41\\/"}',
    "12345678901234567890123",
    '  "text"  ',
    "null",
    '"\\ud800"',
]
TEXTS = ["\nleading", "line\r\nbreak", " spaces \t", "%s ? \\ ' \"", "lone\rreturn"]
KINDS = ["nulls", "script", "turning"]


def is_passkey(model: type[Record]) -> bool:
    """They belong to users, and PostgreSQL insists."""
    return model is PassKey


@pytest.fixture
def ids(library: Library, shape: Callable[[Library], None], tmp_path: Path) -> Ids:
    """A foreign database, attached; the ids of its awkward records."""
    shape(library)
    kinds = [*KINDS]
    if library.vendor == "sqlite":
        kinds.append("broken")  # PostgreSQL takes nothing of the kind
        # MoviePilot's mode; it runs meanwhile.
        library.execute("PRAGMA journal_mode = WAL")
        library.moviepilot_connect().execute("SELECT 1 FROM site")
    ids = {
        model: [awkward.add(library, model, kind) for kind in kinds]
        for model in sorted(awkward.record_models(), key=is_passkey)
    }
    if library.vendor == "sqlite":  # it keeps a BLOB wherever it is put
        for model, column in ((SystemConfig, "value"), (SiteUserData, "updated_day")):
            pk = awkward.add(library, model, "nulls-2", **{column: b"\xff"})
            ids[model].insert(0, pk)
    for number, json, text in zip(FLOATS, JSONS, TEXTS, strict=True):
        given = {"upload": number, "seeding_info": json, "name": text}
        ids[SiteUserData].append(awkward.add(library, SiteUserData, "nulls", **given))
        given = {"vote": number, "note": json, "name": text}
        ids[Subscribe].append(awkward.add(library, Subscribe, "nulls", **given))
    attachment = attach.find({"MOVIEPILOT_DATABASE_URL": library.address}, tmp_path)
    assert attachment.is_foreign
    with bound("moviepilot", attachment.database):
        check_moviepilot()
        yield ids


@pytest.fixture
def tours(operator_client: Client, ids: Ids) -> list[Tour]:
    """The ways through the pages of each table."""
    visitor = TestClientVisitor(operator_client)
    return [Tour(visitor, model) for model in ids]


@contextmanager
def put_back(library: Library) -> Iterator[None]:
    """See that the block leaves every value and the schema as they were."""
    before, schema, journal = library.dump(), library.schema(), journal_mode(library)
    yield
    assert library.dump() == before
    assert library.schema() == schema
    assert journal_mode(library) == journal


def journal_mode(library: Library) -> object:
    """SQLite's journal mode and version counters; PostgreSQL's sequences."""
    if library.vendor == "sqlite":
        names = ("journal_mode", "user_version", "schema_version", "application_id")
        return [library.execute(f"PRAGMA {name}") for name in names]
    return library.execute(
        "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
    )


@in_every_shape
def test_every_table_opens_and_edited_records_come_back(
    library: Library, tours: list[Tour], ids: Ids
) -> None:
    assert len(tours) == 17

    with put_back(library):
        for tour in tours:
            page = tour.list()
            assert len(page.record_links) == len(ids[tour.model])
            assert "?all=1" in page.links
            record = tour.save_unedited(ids[tour.model][-1])
            tour.edit(record).undo()


@in_every_shape
def test_everything_edited_in_bulk_comes_back(
    library: Library, tours: list[Tour]
) -> None:
    with put_back(library):
        for tour in tours:
            if tour.model is not SystemConfig:  # each setting has a shape of its own
                tour.bulk_edit().undo()


@in_every_shape
def test_deleted_records_and_emptied_tables_come_back(
    library: Library, tours: list[Tour], ids: Ids
) -> None:
    # Passkeys first: PostgreSQL keeps users that have some.
    tours.sort(key=lambda tour: not is_passkey(tour.model))
    library.execute('UPDATE "user" SET is_superuser = false')  # the last one would stay
    with put_back(library):
        for tour in tours:
            tour.delete(ids[tour.model][-1]).undo()
        emptied = [tour.delete_all() for tour in tours]
        assert {value.table for value in library.dump()} == {"alembic_version"}
        for page in reversed(emptied):
            page.undo()

    states = set(ChangeSet.objects.values_list("state", "skipped", "failed"))
    assert states == {(State.APPLIED, 0, 0)}


def test_long_values_go_to_the_browser_and_back(
    sqlite_library: Library, operator_client: Client
) -> None:
    pk = awkward.add(sqlite_library, TransferHistory, "huge")
    tour = Tour(TestClientVisitor(operator_client), TransferHistory)

    with put_back(sqlite_library):
        tour.edit(tour.save_unedited(pk)).undo()
