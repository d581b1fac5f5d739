"""Applying: what is written, what is left alone, and what is remembered of it."""

import threading

import pytest
from django.db import DatabaseError, connections
from django.test.utils import CaptureQueriesContext

from core.changes import (
    BatchState,
    ChangeEntry,
    ChangeSet,
    Delete,
    Selection,
    Set,
    SetNull,
    State,
    apply,
    plan,
    undo,
)
from core.changes.run import Pace
from core.changes.tests.support import (
    add,
    add_items,
    add_messages,
    add_sites,
    assert_settled,
    counts,
    edit,
    stored,
)
from core.current import acting_as
from core.models import MediaServerItem, Message, UserConfig
from core.secrets import encrypt
from sites.models import Site


def test_an_edit_reaches_the_selected_records_and_no_neighbour(library, operator):
    first, second, neighbour = add_sites(library, 3)
    made = plan(
        Site,
        {"timeout": Set(60), "ua": SetNull()},
        selection=Selection(Site, ids=[first, second]),
        reason="slow",
    )

    change_set = apply(made, by=operator)

    assert [stored(Site, pk, "timeout") for pk in (first, second, neighbour)] == [
        60,
        60,
        15,
    ]
    assert (change_set.state, change_set.kind, change_set.reason) == (
        State.APPLIED,
        "edit",
        "slow",
    )
    assert (change_set.operator, change_set.operator_name) == (operator, "olivia")
    assert change_set.table == "sites.site"
    assert change_set.record_ids() == [first, second]
    assert_settled(change_set)


def test_entries_hold_only_the_columns_that_changed(library):
    same, other = add_sites(library, 2)
    library.update("site", same, ua="curl")

    change_set = edit(Site, timeout=60, ua="curl")

    found = {entry.record_id: entry for entry in change_set.entries.all()}
    assert [(c.field, c.before, c.after) for c in found[same].fields()] == [
        ("timeout", 15, 60)
    ]
    assert [(c.field, c.before, c.after) for c in found[other].fields()] == [
        ("timeout", 15, 60),
        ("ua", None, "curl"),
    ]
    assert (found[same].label, found[same].kind) == ("s0", "update")


def test_a_record_that_holds_the_value_already_is_not_touched(library):
    add_sites(library, 3)
    library.execute("UPDATE site SET timeout = 60 WHERE name = 's1'")

    change_set = edit(Site, timeout=60)

    assert counts(change_set) == {"changed": 2, "unchanged": 1}
    assert_settled(change_set)


def test_applying_twice_changes_nothing_the_second_time(library):
    add_sites(library, 3)
    edit(Site, timeout=60)

    again = edit(Site, timeout=60)

    assert (counts(again), again.state) == ({"unchanged": 3}, State.APPLIED)
    assert not again.batches.exists()


def test_a_deletion_removes_the_selected_records_only(library):
    first, second, neighbour = add_sites(library, 3)
    made = plan(Site, Delete(), selection=Selection(Site, ids=[first, second]))

    change_set = apply(made)

    assert library.execute("SELECT id FROM site") == [(neighbour,)]
    assert [entry.kind for entry in change_set.entries.all()] == ["delete"] * 2
    assert_settled(change_set)


def test_a_record_gone_meanwhile_is_skipped(library, monkeypatch):
    first, second = add_sites(library, 2)
    made = plan(Site, {"timeout": Set(60)})
    rest = Pace.rest

    def delete_and_rest(pace):
        library.execute("DELETE FROM site WHERE id = ?", first)
        rest(pace)

    monkeypatch.setattr(Pace, "rest", delete_and_rest)
    change_set = apply(made)

    assert counts(change_set) == {"changed": 1, "skipped": 1}
    assert change_set.problems == [[first, "gone"]]
    assert change_set.record_ids() == [second]


@pytest.mark.parametrize("table", ["mediaserveritem", "userconfig"])
def test_of_5000_records_the_one_the_database_does_not_take_is_refused(
    library, table, without_expectations
):
    if table == "mediaserveritem":
        model, column, ids = MediaServerItem, "server", add_items(library, 5000)
        library.insert("mediaserveritem", server="B", item_id="i2500")
    else:
        model, column = UserConfig, "username"
        rows = [{"username": "A", "key": f"i{n}"} for n in range(5000)]
        ids = add(library, "userconfig", rows)
        library.insert("userconfig", username="B", key="i2500")
    before = library.dump()
    selection = Selection(model, ids=ids)

    change_set = apply(plan(model, {column: Set("B")}, selection=selection))

    assert counts(change_set) == {"changed": 4999, "failed": 1}
    assert change_set.state == State.APPLIED
    [(refused, why)] = change_set.problems
    assert refused == ids[2500]
    assert "unique" in why.lower()
    assert stored(model, refused, column) == "A"
    assert_settled(change_set)
    undo(change_set)
    assert library.dump() == before


def test_records_that_would_all_become_one_are_refused_but_the_first(library):
    ids = add_items(library, 300)

    change_set = edit(MediaServerItem, item_id="same")

    assert counts(change_set) == {"changed": 1, "failed": 299}
    assert change_set.record_ids() == ids[:1]
    assert_settled(change_set)


def test_a_broken_connection_stops_the_change_set_which_can_be_gone_on_with(
    library, small_batches, monkeypatch
):
    add_messages(library, 120)
    before = library.dump()
    made = plan(Message, {"text": Set("x")})
    _lose_table_after(library, monkeypatch, batches=1)

    with pytest.raises(DatabaseError):
        apply(made)

    change_set = ChangeSet.objects.get()
    assert (change_set.state, counts(change_set)) == (State.STOPPED, {"changed": 50})
    assert change_set.lease_until is None
    assert_settled(change_set)
    undo(change_set)
    assert library.dump() == before


def _lose_table_after(library, monkeypatch, *, batches):
    """Let the table be away while one batch is written."""
    rest, calls = Pace.rest, []

    def rest_then_lose(pace):
        calls.append(1)
        if len(calls) == batches + 1:
            library.execute("ALTER TABLE message RENAME TO away")
        rest(pace)

    monkeypatch.setattr(Pace, "rest", rest_then_lose)
    from core.changes import run

    settle = run.settle_pending

    def find_again(change_set):
        library.execute("ALTER TABLE away RENAME TO message")
        monkeypatch.setattr(Pace, "rest", rest)
        settle(change_set)

    monkeypatch.setattr(run, "settle_pending", find_again)


def test_unknown_failure_while_the_journal_is_written_leaves_no_row_changed(
    library, settings
):
    add_sites(library, 3, cookie="synthetic-1")
    before = library.dump()
    made = plan(Site, {"cookie": Set("synthetic-2")})
    settings.SECRET_KEY_IS_EPHEMERAL = True

    with pytest.raises(Exception, match="no lasting SECRET_KEY"):
        apply(made)

    assert library.dump() == before
    change_set = ChangeSet.objects.get()
    assert (change_set.state, counts(change_set)) == (State.STOPPED, {})
    assert not ChangeEntry.objects.exists()
    with pytest.raises(Exception, match="no lasting SECRET_KEY"):
        encrypt("x")


def test_the_number_of_queries_does_not_grow_with_the_records(library):
    ids = add_messages(library, 1000)
    few, many = (
        _queries(plan(Message, {"text": Set(text)}, selection=Selection(Message, ids)))
        for text, ids in (("a", ids[:10]), ("b", ids))
    )

    assert len(many["moviepilot"]) == len(few["moviepilot"])
    assert len(many["default"]) == len(few["default"])
    assert len(few["moviepilot"]) <= 14
    assert len(few["default"]) == 19


def _queries(made):
    found = {}
    with (
        CaptureQueriesContext(connections["moviepilot"]) as moviepilot,
        CaptureQueriesContext(connections["default"]) as console,
    ):
        apply(made)
    found["moviepilot"] = moviepilot.captured_queries
    found["default"] = console.captured_queries
    return found


def test_batches_grow_and_shrink_with_the_time_they_take():
    pace = Pace()

    pace.note(1000, 0.045)
    assert pace.size == 2000
    pace.note(2000, 0.18)
    assert pace.size == 1000
    pace.note(3, 10.0)  # a last batch that is not full says nothing
    assert pace.size == 1000
    for _ in range(20):
        pace.note(pace.size, 10.0)
    assert pace.size == Pace.smallest
    for _ in range(20):
        pace.note(pace.size, 0.0)
    assert pace.size == Pace.largest


def test_the_operator_at_work_is_named_where_no_other_is(library, operator):
    add_sites(library, 1)

    with acting_as(operator):
        change_set = edit(Site, timeout=60)

    assert change_set.operator == operator
    assert edit(Site, timeout=61).operator_name == "system"


def test_entries_of_two_plans_applied_at_once_tell_one_history(library, small_batches):
    add_messages(library, 400)
    plans = [plan(Message, {"text": Set(text)}) for text in ("one", "two")]

    change_sets = _at_once(*(lambda made=made: apply(made) for made in plans))

    assert [counts(c) for c in change_sets] == [{"changed": 400}] * 2
    moves: dict = {}
    for entry in ChangeEntry.objects.all():
        [change] = entry.fields()
        moves.setdefault(entry.record_id, {})[change.before] = change.after
    for pk, text in library.execute("SELECT id, text FROM message"):
        first = moves[pk][None]
        assert moves[pk][first] == text  # NULL → the one → the other, which stands


def _at_once(*functions):
    """Call the functions in threads of their own; their results."""
    results: list = [None] * len(functions)

    def call(place):
        try:
            results[place] = functions[place]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=[i]) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.usefixtures("without_expectations")
def test_discarded_entries_are_not_told_as_done(library):
    add_items(library, 10)
    library.insert("mediaserveritem", server="B", item_id="i5")

    change_set = edit(MediaServerItem, server="B")

    assert change_set.entries.count() == 10
    assert change_set.applied_entries().count() == 9
    assert set(change_set.batches.values_list("state", flat=True)) == {
        BatchState.APPLIED,
        BatchState.DISCARDED,
    }
