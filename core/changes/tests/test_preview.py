"""What a preview counts, and which records it shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from core.changes import Delete, Selection, Set, plan
from core.changes.operations import ListAdd, ListRemove, Prefix
from core.changes.preview import BATCH, MOST_PROBLEMS, MOST_VALUES, preview
from core.changes.rows import Change
from core.changes.samples import SAMPLES, Picks
from core.changes.tests.support import add, add_messages, add_sites
from core.changes.work import EditWork
from core.models import Message, Subscribe
from sites.models import Site

if TYPE_CHECKING:
    from core.tests.support.libraries import Library, SQLiteLibrary


def picked(count: int, batch: int, seed: str) -> list[tuple[str, int]]:
    """(place, record) of what is picked from records 0, 1, … given in batches."""
    picks = Picks(seed)
    for start in range(0, count, batch):
        ids = range(start, min(start + batch, count))
        picks.add(Message, [Change(pk, "", {}, {}) for pk in ids])
    return [(place, change.record_id) for place, _model, change in picks.result()]


# --- Samples


@pytest.mark.parametrize("count", [0, 1, SAMPLES, SAMPLES + 1, 2 * SAMPLES + 1, 997])
def test_samples_are_the_first_the_last_and_others_between(count: int) -> None:
    found = picked(count, 100, "seed")

    by_place = {place: [pk for p, pk in found if p == place] for place, _pk in found}
    ids = [pk for _place, pk in found]
    assert by_place.get("first", []) == [*range(count)][:SAMPLES]
    assert by_place.get("last", []) == [*range(count)][SAMPLES:][-SAMPLES:]
    assert len(by_place.get("random", [])) == max(0, min(SAMPLES, count - 2 * SAMPLES))
    assert ids == sorted(set(ids))


def test_samples_do_not_depend_on_how_the_records_come() -> None:
    assert picked(5000, 1, "seed") == picked(5000, 5000, "seed")
    assert picked(5000, 7, "seed") == picked(5000, 1000, "seed")
    assert picked(5000, 100, "seed") != picked(5000, 100, "another")


def test_every_record_between_has_the_same_chance() -> None:
    found = Counter(
        pk
        for number in range(4000)
        for place, pk in picked(26, 5, str(number))
        if place == "random"
    )

    between = range(SAMPLES, 26 - SAMPLES)
    expected = 4000 * SAMPLES / len(between)
    assert set(found) == set(between)
    assert all(0.8 < found[pk] / expected < 1.2 for pk in between), found


def test_a_plan_shows_the_same_samples_each_time(library: Library) -> None:
    add_messages(library, 60)
    made = plan(Message, {"title": Set("x")})

    work = EditWork(Message, made.record_ids(), {"title": Set("x")})

    assert preview(work, seed=made.token).samples == made.preview.samples
    assert [s.place for s in made.preview.samples].count("random") == SAMPLES


def test_secrets_in_samples_are_masked(sqlite_library: SQLiteLibrary) -> None:
    add_sites(sqlite_library, 9, cookie="synthetic-cookie-1")

    made = plan(Site, {"cookie": Prefix("synthetic-more-")})

    assert "synthetic" not in str(made.outcome) + str(made.operations)
    assert made.preview.samples[4].after == {"cookie": {"masked": "••••••••"}}


# --- Values


def test_null_and_values_are_counted_as_they_stand(library: Library) -> None:
    add_sites(library, 4, ua="1080p")
    add_sites(library, 2, ua=None, name="null")
    add_sites(library, 1, ua="2160p", name="same")

    found = plan(Site, {"ua": Set("2160p")}).preview

    assert [*map(tuple, found.distribution["ua"])] == [
        ("1080p", "2160p", 4),
        (None, "2160p", 2),
    ]


def test_frequent_values_are_counted_to_the_end(sqlite_library: SQLiteLibrary) -> None:
    many = [{"title": f"t{n}"} for n in range(BATCH + MOST_VALUES)]
    add(sqlite_library, "message", [{"title": "often"}, *many, {"title": "often"}])

    found = plan(Message, {"title": Prefix("x")}).preview

    assert [*found.distribution["title"][0]] == ["often", "xoften", 2]
    assert found.has_more == ["title"]


def test_lists_are_counted_member_by_member(library: Library) -> None:
    for sites in ("[1, 2]", "[1,2]", "[2]", "null", None):
        library.insert("subscribe", name="n", state="R", sites=sites)

    added = plan(Subscribe, {"sites": ListAdd([1, 3])}).preview
    removed = plan(Subscribe, {"sites": ListRemove([2])}).preview

    assert [*map(tuple, added.members["sites"])] == [(3, 5, 0), (1, 3, 0)]
    assert [*map(tuple, removed.members["sites"])] == [(2, 0, 3)]


def test_what_is_no_list_has_no_members(library: Library) -> None:
    library.insert("subscribe", name="n", state="R", note='{"a": 1}')

    found = plan(Subscribe, {"note": Set([1])}).preview

    assert found.members == {}
    assert found.distribution["note"]


# --- Problems


def test_invalid_records_are_counted_beyond_those_that_are_kept(
    sqlite_library: SQLiteLibrary,
) -> None:
    count = MOST_PROBLEMS + 10
    rows = [{"name": f"s{n}", "url": "u", "domain": f"d{n}"} for n in range(count)]
    add(sqlite_library, "site", rows)

    found = plan(Site, {"domain": Set("same")}).preview

    assert (found.changed, found.invalid_count) == (1, count - 1)
    assert len(found.invalid) == MOST_PROBLEMS


def test_a_deletion_has_no_values_that_move(library: Library) -> None:
    ids = add_sites(library, 3)

    found = plan(Site, Delete(), selection=Selection(Site, ids=ids)).preview

    assert (found.distribution, found.members, found.has_more) == ({}, {}, [])
