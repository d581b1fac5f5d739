"""One data folder may serve first the sample, then a real MoviePilot."""

from core.changes import ChangeSet, create_records, settle_all, undo
from core.tests.support import libraries
from sites.models import Site

SITE = {"name": "s", "url": "https://s.example/"}


def test_changes_of_another_database_are_neither_listed_nor_settled(
    sqlite_library, templates, tmp_path
):
    made = create_records(Site, [SITE])
    ChangeSet.objects.filter(pk=made.pk).update(state="applying", worker="gone")

    with libraries.bound_sqlite(tmp_path / "other.db", templates):
        seen, settled = [*ChangeSet.objects.all()], settle_all()

    assert (seen, settled) == ([], [])
    assert ChangeSet.objects.get(pk=made.pk).state == "applying"


def test_a_database_that_comes_back_brings_its_changes(
    sqlite_library, templates, tmp_path
):
    made = create_records(Site, [SITE])
    with libraries.bound_sqlite(tmp_path / "other.db", templates):
        create_records(Site, [SITE])

    result = undo(ChangeSet.objects.get())

    assert result.restored == made.record_ids()
