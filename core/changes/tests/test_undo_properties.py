"""Edits, creations and deletions, and undos of parts of them in any order: what is left
at the end, once all is taken back, is what there was.
"""

from __future__ import annotations

from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.changes import (
    ChangeSet,
    CreateRecords,
    DeleteRecords,
    EditRecords,
    NothingToUndo,
    change,
    undo,
)
from core.changes.tests.support import add
from core.changes.undo_preview import preview_undo
from core.models import Message
from sites.models import Site

TEXTS = st.sampled_from(["", "1", "1.0", "null", "电影", "a"])
NUMBERS = st.integers(0, 3)
TABLES = {
    Site: st.fixed_dictionaries({"timeout": NUMBERS, "ua": TEXTS}),
    Message: st.fixed_dictionaries({"text": TEXTS, "action": NUMBERS}),
}
WHICH = st.lists(st.integers(0, 5), max_size=4)
"""Of the records there are, by their place; of entries likewise."""
DOING = st.tuples(st.sampled_from(["edit", "edit", "create", "delete"]), WHICH)
CHANGE = st.lists(
    st.tuples(st.sampled_from([*TABLES]), DOING, TEXTS, NUMBERS), min_size=1, max_size=4
)
UNDO = st.tuples(st.integers(0, 20), st.none() | WHICH)
"""Which of the change sets so far, and which of its entries; None for all."""
HISTORY = st.lists(
    CHANGE.map(lambda steps: ("change", steps)) | UNDO.map(lambda u: ("undo", u)),
    min_size=2,
    max_size=9,
)

bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # a failure in CI is one here
    phases=[Phase.generate],  # to make an example smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def filled(library):
    """A few records before; nothing of it, nor in the log, afterwards."""
    add(library, "site", [{"name": f"s{n}", "url": "u"} for n in range(4)])
    add(library, "message", [{"title": f"m{n}", "action": n} for n in range(4)])
    yield
    library.execute("DELETE FROM site")
    library.execute("DELETE FROM message")
    while found := ChangeSet.objects.filter(undone_by=None):
        found.delete()


def ids_of(library, model):
    table = model._meta.db_table
    return [pk for (pk,) in library.execute(f'SELECT id FROM "{table}" ORDER BY id')]


def chosen(found, which):
    return [found[place] for place in {*which} if place < len(found)]


def step_of(library, model, doing, text, number):
    kind, which = doing
    ids = chosen(ids_of(library, model), which)
    values = {"timeout": number, "ua": text}
    values = values if model is Site else {"text": text, "action": number}
    if kind == "create":
        needed = {"name": "new", "url": "u"} if model is Site else {"title": "new"}
        return CreateRecords(model, [{**needed, **values}])
    if kind == "delete":
        return DeleteRecords(model, ids)
    return EditRecords(model, ids, values)


def take_back(change_set, which=None):
    """Undo it, or a part of it, and see that the preview had it right."""
    entries = [*change_set.applied_entries().order_by("pk")]
    ids = None if which is None else [entry.pk for entry in chosen(entries, which)]
    told = preview_undo(change_set, ids)
    try:
        undoing = undo(change_set, entries=ids).change_set
    except NothingToUndo:
        assert (
            not told.changed
            or not ChangeSet.objects.get(pk=change_set.pk).can_be_undone
        )
        return
    assert undoing.failed == 0
    assert undoing.written == told.changed


def do(library, history):
    for kind, what in history:
        if kind == "change":
            change(*(step_of(library, *each) for each in what))
        else:
            number, which = what
            made = [*ChangeSet.objects.order_by("pk")]
            if made:
                take_back(made[number % len(made)], which)


@bounded
@given(HISTORY)
def test_once_all_is_taken_back_it_is_as_it_was(library, without_expectations, history):
    with filled(library):
        before = library.dump()
        do(library, history)

        # The last one first, so that each finds what it has left.
        for change_set in ChangeSet.objects.order_by("-pk"):
            if change_set.can_be_undone:
                take_back(change_set)

        assert library.dump() == before
