"""Ids handed out beside others that are given, in one batch.

SQLite's next id is one more than the highest there is, so those that a batch is about
to write have to be counted as well.
"""

from core.changes import Match, apply, delete_records, undo
from core.changes.tests.support import (
    add_sites,
    assert_settled,
    counts,
    plan_import,
)
from sites.models import Site


def names(library):
    """Of all sites, in order."""
    return [name for (name,) in library.execute("SELECT name FROM site ORDER BY name")]


def test_a_restored_record_never_gets_the_id_of_one_restored_beside_it(library):
    ids = add_sites(library, 3)
    change_set = delete_records(Site, ids)
    # MoviePilot begins again where the highest id is gone.
    library.execute(
        "INSERT INTO site (id, name, url) VALUES (?, 'theirs', 'u')", ids[0]
    )

    undoing = undo(change_set).change_set

    assert names(library) == ["s0", "s1", "s2", "theirs"]
    assert counts(undoing) == {"changed": 3}
    assert_settled(undoing)
    undo(undoing)
    assert names(library) == ["theirs"]


def test_a_new_record_never_gets_the_id_that_another_row_gives(sqlite_library):
    [pk] = add_sites(sqlite_library, 1)

    change_set = apply(
        plan_import(
            Site,
            "id,name,url\n"
            f"{pk + 1},given,https://given.example/\n"
            ",fresh,https://fresh.example/\n",
            match=Match.ID,
        )
    )

    assert names(sqlite_library) == ["fresh", "given", "s0"]
    assert counts(change_set) == {"changed": 2}
    assert_settled(change_set)


def test_nor_one_that_a_row_of_a_later_batch_gives(sqlite_library, small_batches):
    [pk] = add_sites(sqlite_library, 1)
    fresh = "".join(f",n{n},https://n{n}.example/\n" for n in range(60))

    change_set = apply(
        plan_import(
            Site,
            f"id,name,url\n{fresh}{pk + 5},given,https://given.example/\n",
            match=Match.ID,
        )
    )

    assert "given" in names(sqlite_library)
    assert counts(change_set) == {"changed": 61}
    assert_settled(change_set)
