"""Numbering: the same numbers in the preview, the apply, and after a stop."""

import pytest

from core.changes import (
    ChangeSet,
    InvalidValues,
    Selection,
    apply,
    claim,
    plan,
    resume,
    undo,
)
from core.changes.operations import Copy, Sequence
from core.changes.run import run
from core.changes.tests.support import add_messages, add_sites, counts, stored
from core.models import Message
from sites.models import Site


def numbers(column, ids, model=Site):
    return [stored(model, pk, column) for pk in ids]


def test_records_are_numbered_by_id_in_steps(library):
    ids = add_sites(library, 4)
    before = library.dump()

    change_set = apply(plan(Site, {"pri": Sequence(10, 5)}))

    assert numbers("pri", ids) == [10, 15, 20, 25]
    assert counts(apply(plan(Site, {"pri": Sequence(10, 5)}))) == {"unchanged": 4}
    undo(change_set)
    assert library.dump() == before


def test_priorities_are_renumbered_in_their_own_order(library):
    ids = add_sites(library, 6)
    for pk, pri in zip(ids, (30, 7, "NULL", 30, -1, 7), strict=True):
        library.execute(f"UPDATE site SET pri = {pri} WHERE id = {pk}")

    made = plan(Site, {"pri": Sequence(1, 1, "pri")})
    apply(made)

    assert numbers("pri", ids) == [4, 2, 6, 5, 1, 3]
    again = apply(plan(Site, {"pri": Sequence(1, 1, "pri")}))
    assert counts(again) == {"unchanged": 6}


def test_only_selected_records_are_numbered(library):
    ids = add_sites(library, 4)
    selection = Selection(Site, ids=[ids[3], ids[1]])

    apply(plan(Site, {"pri": Sequence(100, -1, "name")}, selection=selection))

    assert numbers("pri", ids) == [0, 100, 2, 99]


def test_other_values_order_as_they_do_on_no_single_database(sqlite_library):
    ids = add_sites(sqlite_library, 5)
    for pk, ua in zip(ids, ("'b'", "x'00'", "NULL", "'a'", "'B'"), strict=True):
        sqlite_library.execute(f"UPDATE site SET ua = {ua} WHERE id = {pk}")

    apply(plan(Site, {"pri": Sequence(1, 1, "ua")}))

    assert numbers("pri", ids) == [3, 4, 5, 2, 1]


def test_the_order_is_that_of_the_plan_whatever_is_written_meanwhile(library):
    ids = add_sites(library, 4)
    made = plan(Site, {"pri": Sequence(1, 1, "pri")})
    shown = {each.record_id: each.after["pri"] for each in made.preview.samples}
    library.execute(f"UPDATE site SET pri = 99 WHERE id = {ids[0]}")

    apply(made)

    assert numbers("pri", ids) == [1, 2, 3, 4]
    assert shown.items() <= dict(zip(ids, [1, 2, 3, 4], strict=True)).items()


@pytest.mark.parametrize("by", ["", "action"])
def test_after_a_stop_the_numbers_go_on_where_they_would_have(
    library, small_batches, by
):
    count = 120
    ids = add_messages(library, count)
    library.execute("UPDATE message SET action = 1000 - id")
    made = plan(Message, {"action": Sequence(1, 1, by)})
    change_set, work = claim(made)
    decide, calls = work.decide, []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power is off")
        return decide(*args, **kwargs)

    work.decide = failing
    with pytest.raises(RuntimeError, match="power"):
        run(change_set, work)
    stopped = ChangeSet.objects.get(pk=change_set.pk)
    assert counts(stopped) == {"changed": 50}

    resume(stopped)

    expected = [*range(1, count + 1)]
    assert numbers("action", ids, Message) == (expected[::-1] if by else expected)


def test_a_record_that_is_gone_leaves_its_number_out(library):
    ids = add_sites(library, 3)
    operations = {"pri": Sequence(1, 1)}
    made = plan(Site, operations, selection=Selection(Site, ids=ids))
    change_set, work = claim(made)
    library.execute(f"DELETE FROM site WHERE id = {ids[1]}")

    run(change_set, work)

    assert numbers("pri", [ids[0], ids[2]]) == [1, 3]


def test_a_number_too_large_is_a_problem_of_its_record(library):
    add_sites(library, 3)

    made = plan(Site, {"pri": Sequence(2**31 - 2, 1)})

    assert (made.preview.changed, made.preview.invalid_count) == (2, 1)


def test_a_sequence_of_fractions_is_counted_in_decimals(library):
    from sites.models import SiteUserData

    ids = [library.insert("siteuserdata", domain=str(n)) for n in range(4)]

    apply(plan(SiteUserData, {"ratio": Sequence(0, 0.1)}))

    assert numbers("ratio", ids, SiteUserData) == [0.0, 0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    "sequence",
    [
        Sequence(1, 0),
        Sequence("1", 1),
        Sequence(1, 1, "nothing"),
        Sequence(1, 1, "cookie"),
        Sequence(1, 1, "note"),
    ],
    ids=range(5),
)
def test_what_numbers_nothing_is_told(sqlite_library, sequence):
    with pytest.raises(InvalidValues) as raised:
        plan(Site, {"pri": sequence})

    assert all(raised.value.errors["pri"])


def test_numbers_and_copies_are_read_in_one_query(
    sqlite_library, django_assert_num_queries
):
    from core.changes.rows import Rows
    from core.changes.work import EditWork

    ids = add_sites(sqlite_library, 60)
    operations = {"limit_count": Sequence(1, 1), "ua": Copy("name")}
    work = EditWork(Site, ids, operations)
    batch = next(work.batches(0, lambda: 60))

    rows = Rows(Site)
    with django_assert_num_queries(1, using="moviepilot"):
        decision = work.decide(rows, batch, lock=False)

    assert len(decision.changes) == 60
