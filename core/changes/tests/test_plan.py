"""Plans: previewed, proven, used once."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.utils import timezone

from core.changes import (
    ChangeSet,
    Create,
    Delete,
    InvalidValues,
    Plan,
    PlanUsed,
    Selection,
    SelectionMoved,
    Set,
    SetNull,
    apply,
    complete,
    draft,
    plan,
    prove,
)
from core.changes.idset import digest, pack, unpack
from core.changes.plan import forget_old_plans
from core.changes.preview import MOST_VALUES, SHOWN_LENGTH, SHOWN_VALUES
from core.changes.tests.support import add_messages, add_sites, counts, edit, stored
from core.fields import JSON_NULL
from core.models import Message
from core.opers.filters import FilterError
from sites.models import Site, SiteUserData


def test_a_preview_says_what_would_change_and_writes_nothing(library):
    add_sites(library, 12)
    library.execute("UPDATE site SET timeout = 60 WHERE name = 's3'")
    before = library.dump()

    preview = plan(Site, {"timeout": Set(60)}).preview

    assert (preview.count, preview.changed, preview.unchanged) == (12, 11, 1)
    assert [*map(tuple, preview.distribution["timeout"])] == [(15, 60, 11)]
    ends = [each.label for each in preview.samples if each.place != "random"]
    assert ends == ["s0", "s1", "s2", "s9", "s10", "s11"]
    assert preview.samples[0].before == {"timeout": 15}
    assert library.dump() == before
    assert not ChangeSet.objects.exists()


def test_a_plan_reads_back_as_it_was_made(library, operator):
    ids = add_sites(library, 3)
    made = plan(
        Site,
        {"timeout": Set(60), "ua": SetNull()},
        selection=Selection(Site, filter={"pri__gte": "1"}),
        reason="why",
        by=operator,
    )

    found = Plan.objects.get(pk=made.token)

    assert (found.operator, found.reason, found.model) == (operator, "why", Site)
    assert found.record_ids() == ids[1:]
    assert found.preview == Plan.objects.get(pk=made.token).preview
    assert counts(apply(found)) == {"changed": 2}
    assert stored(Site, ids[0], "timeout") == 15


def test_a_preview_counts_many_different_values_and_says_there_are_more(library):
    add_messages(library, SHOWN_VALUES + 3)
    few = plan(Message, {"title": Set("x")}).preview
    long = plan(Message, {"text": Set("y" * (SHOWN_LENGTH + 1))}).preview

    assert len(few.distribution["title"]) == SHOWN_VALUES
    assert few.has_more == ["title"]
    assert long.has_more == []
    assert len(long.distribution["text"][0][1]) == SHOWN_LENGTH
    assert MOST_VALUES > SHOWN_VALUES


@pytest.mark.parametrize("sql", ["INSERT", "DELETE"])
def test_other_matching_records_than_previewed_stop_the_plan(library, sql):
    _first, second, _third = add_sites(library, 3)
    made = plan(
        Site, {"timeout": Set(60)}, selection=Selection(Site, filter={"timeout": "15"})
    )
    if sql == "INSERT":
        new = library.insert("site", name="n", url="https://n.example/", timeout=15)
        expected = ([new], [])
    else:
        library.execute("DELETE FROM site WHERE id = ?", second)
        expected = ([], [second])
    before = library.dump()

    with pytest.raises(SelectionMoved) as moved:
        apply(made)

    assert (moved.value.added, moved.value.removed) == expected
    assert library.dump() == before
    assert not ChangeSet.objects.exists()
    with pytest.raises(SelectionMoved):
        prove(made)


def test_a_selection_that_swapped_one_record_for_another_has_moved(library):
    first, second = add_sites(library, 2)
    library.update("site", second, timeout=20)
    selection = Selection(Site, filter={"timeout": "15"})
    made = plan(Site, {"ua": Set("x")}, selection=selection)
    library.update("site", first, timeout=20)
    library.update("site", second, timeout=15)

    with pytest.raises(SelectionMoved) as moved:
        apply(made)

    assert (moved.value.added, moved.value.removed) == ([second], [first])


def test_a_plan_is_used_once_even_where_the_selection_has_moved_since(library):
    add_sites(library, 3)
    selection = Selection(Site, filter={"timeout": "15"})
    made = plan(Site, {"timeout": Set(60)}, selection=selection)
    change_set = apply(made)
    before = library.dump()

    with pytest.raises(PlanUsed) as used:
        apply(made)  # the object still says it is unused

    assert used.value.change_set == change_set
    assert library.dump() == before
    assert ChangeSet.objects.count() == 1


def test_of_two_who_apply_a_plan_at_once_one_gets_it(library):
    add_messages(library, 300)
    made = plan(Message, {"text": Set("x")})
    outcomes: list = []
    barrier = threading.Barrier(4)

    def press():
        barrier.wait()
        try:
            outcomes.append(apply(Plan.objects.get(pk=made.pk)))
        except PlanUsed as used:
            outcomes.append(used.change_set)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ChangeSet.objects.count() == 1
    assert {outcome.pk for outcome in outcomes} == {ChangeSet.objects.get().pk}
    assert len(outcomes) == 4


def test_a_draft_gets_its_operations_later_and_cannot_be_applied_before(library):
    ids = add_sites(library, 2)
    made = draft(Selection(Site, ids=[*ids, 10_000]))

    with pytest.raises(ValueError, match="draft"):
        apply(made)
    complete(made, {"timeout": Set(60)}, reason="later")

    assert made.record_ids() == ids
    assert counts(apply(made)) == {"changed": 2}


def test_a_value_that_fits_no_record_is_refused_before_anything_is_written(library):
    add_sites(library, 2)
    before = library.dump()

    with pytest.raises(InvalidValues) as refused:
        plan(Site, {"timeout": Set("soon"), "name": SetNull(), "pri": Set(5)})

    assert set(refused.value.errors) == {"timeout", "name"}
    assert library.dump() == before


def test_a_junk_filter_makes_no_plan(library):
    with pytest.raises(FilterError):
        plan(Site, Delete(), selection=Selection(Site, filter={"nonsense": "1"}))

    assert not Plan.objects.exists()


def test_creation_is_planned_like_any_other_change(library):
    made = plan(Site, Create([{"name": "n", "url": "https://n.example/"}]))

    assert (made.count, made.preview.changed) == (1, 1)
    assert made.preview.samples[0].before is None
    change_set = apply(made)

    assert (change_set.kind, counts(change_set)) == ("create", {"changed": 1})
    assert library.execute("SELECT name FROM site") == [("n",)]


@pytest.mark.usefixtures("without_expectations")
def test_awkward_values_outlast_the_plan_that_keeps_them(library):
    values = {"seeding_info": JSON_NULL, "name": "n", "upload": 1.5}
    notes = [{"a": "\x00 \ud800 \\u0000"}, JSON_NULL, None, "text", [1.0, 2**70], {}]
    rows = [{**values, "message_unread_contents": note} for note in notes]

    made = plan(SiteUserData, Create(rows))
    apply(Plan.objects.get(pk=made.pk))
    held = [*SiteUserData.objects.order_by("pk")]
    for note in notes:
        made = plan(SiteUserData, {"seeding_info": Set(note)})
        apply(Plan.objects.get(pk=made.pk))
        assert SiteUserData.objects.get(1).seeding_info == note

    assert [record.message_unread_contents for record in held] == notes
    assert {record.seeding_info for record in held} == {JSON_NULL}


def test_plans_older_than_a_week_are_forgotten(library):
    add_sites(library, 1)
    old, used, fresh = (plan(Site, {"timeout": Set(n)}) for n in (60, 61, 62))
    change_set = apply(used)
    long_ago = timezone.now() - dt.timedelta(days=8)
    Plan.objects.filter(pk__in=[old.pk, used.pk]).update(created_at=long_ago)

    draft(Selection(Site))

    assert Plan.objects.count() == 2
    assert Plan.objects.filter(pk=fresh.pk).exists()
    assert ChangeSet.objects.get() == change_set
    forget_old_plans()
    assert Plan.objects.count() == 2


def test_an_empty_selection_changes_nothing(library):
    change_set = edit(Site, timeout=60)

    assert (change_set.total, counts(change_set), change_set.state) == (
        0,
        {},
        "applied",
    )


@pytest.mark.parametrize(
    "ids", [[], [1], [5, 6, 1000], [*range(1, 100_000, 3)], [2**62, 2**63 - 1]]
)
def test_ids_are_packed_and_proven(ids):
    assert unpack(pack(ids)) == ids
    assert digest(ids) == digest(tuple(ids))
    assert digest(ids) != digest([*ids, 2**63 - 1][1:] or [7])


def test_a_million_ids_in_a_row_take_little_room():
    assert len(pack(range(1, 1_000_001))) < 100_000
    assert unpack(b"") == []
