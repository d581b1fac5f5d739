"""Keyset pages: every record once, whatever it is sorted by."""

import base64
import json

import pytest
from django.test.utils import CaptureQueriesContext

from core.changes.tests.support import add, add_messages
from core.models import Message, PassKey, Subscribe
from core.opers.filters import FilterError
from core.opers.keyset import Cursor, Keyset
from history.models import TransferHistory

VALUES = [None, "", "a", "a", "b", "Ä", "电影", "%", None, "b", "a", "'", "10", "9"]


def pages(queryset, ordering, size, *, backwards=False):
    """All pages from one end to the other, in reading order."""
    keyset = Keyset(queryset, ordering, size)
    page = keyset.page(last=backwards)
    found = [page]
    while cursor := page.previous if backwards else page.next:
        page = keyset.page(before=cursor) if backwards else keyset.page(after=cursor)
        found.append(page)
        assert len(found) < 100
    return found[::-1] if backwards else found


def read(found):
    return [record.pk for page in found for record in page.records]


@pytest.mark.parametrize("ordering", ["title", "-title", "action", "-action"])
def test_every_record_is_met_once_forwards_and_backwards(library, ordering):
    rows = [{"title": v, "action": len(v or "") or None} for v in VALUES]
    ids = add(library, "message", rows)
    records = Message.objects.get_queryset()

    for size in (1, 3, len(ids), len(ids) + 1):
        forwards = pages(records, [ordering, "pk"], size)
        backwards = pages(records, [ordering, "pk"], size, backwards=True)

        assert sorted(read(forwards)) == ids
        assert read(backwards) == read(forwards)
        assert [len(page.records) for page in forwards[:-1]] == [size] * (
            len(forwards) - 1
        )
    held = {record.pk: getattr(record, ordering.lstrip("-")) for record in records}
    nulls = [held[pk] is None for pk in read(forwards)]
    assert nulls == sorted(nulls)  # NULL comes last in both directions


@pytest.mark.parametrize("ordering", ["id", "-id"])
def test_pages_by_id_alone(library, ordering):
    ids = add_messages(library, 10)

    forwards = pages(Message.objects.get_queryset(), [ordering], 4)

    assert read(forwards) == (ids if ordering == "id" else ids[::-1])
    backwards = pages(Message.objects.get_queryset(), [ordering], 4, backwards=True)
    assert read(backwards) == read(forwards)


def test_the_ends_have_no_neighbours(library):
    add_messages(library, 5)
    keyset = Keyset(Message.objects.get_queryset(), ["-title"], 2)

    first = keyset.page()
    second = keyset.page(after=first.next)
    third = keyset.page(after=second.next)
    last = keyset.page(last=True)

    flags = [
        (page.previous is None, page.next is None)
        for page in (first, second, third, last)
    ]
    assert flags == [(True, False), (False, False), (False, True), (False, True)]
    back = keyset.page(before=third.previous)
    assert [r.pk for r in back.records] == [r.pk for r in second.records]
    beginning = keyset.page(before=second.previous)
    assert (beginning.previous, beginning.next is None) == (None, False)


def test_an_empty_table_has_one_empty_page(library):
    for name in ("title", "id"):
        keyset = Keyset(Message.objects.get_queryset(), [name], 10)
        for page in (keyset.page(), keyset.page(last=True)):
            assert (page.records, page.next, page.previous) == ([], None, None)


def test_a_filtered_list_is_paged_like_any_other(library):
    add_messages(library, 30)
    matching = Message.objects.get_queryset().filter(title__contains="1")

    found = read(pages(matching, ["-title"], 4))

    assert sorted(found) == sorted(matching.values_list("pk", flat=True))


def test_a_record_deleted_meanwhile_does_not_move_the_others(library):
    ids = add_messages(library, 6, action=1)
    keyset = Keyset(Message.objects.get_queryset(), ["action"], 2)
    first = keyset.page()
    library.execute("DELETE FROM message WHERE id IN (?, ?)", ids[1], ids[2])

    assert [r.pk for r in keyset.page(after=first.next).records] == ids[3:5]


def test_real_dates_and_floats_are_sorted_and_paged(library):
    user = library.insert("user", name="u")
    stamps = ["2025-01-01 00:00:00.000000", "2025-01-01 00:00:00.000001", None]
    for number, stamp in enumerate([*stamps, stamps[0], stamps[0]]):
        library.insert(
            "passkey",
            user_id=user,
            credential_id=str(number),
            public_key="k",
            created_at=stamp,
        )
    for value in (0.1, 0.1 + 2**-54, None, 3, -0.0, 1e300):
        library.insert("subscribe", name="n", state="N", vote=value)

    for model, name in ((PassKey, "created_at"), (Subscribe, "vote")):
        records = model.objects.get_queryset()
        for ordering in (name, "-" + name):
            forwards = read(pages(records, [ordering], 1))
            assert len(set(forwards)) == len(forwards) == records.count()
            assert read(pages(records, [ordering], 1, backwards=True)) == forwards


def test_text_in_a_number_column_is_paged_too(sqlite_library):
    values = [5, "soon", 7.5, None, "later", 5]
    add(sqlite_library, "message", [{"title": "m", "action": v} for v in values])

    found = read(pages(Message.objects.get_queryset(), ["action"], 1))

    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_null_is_found_where_the_model_says_there_is_none(library):
    if library.vendor == "sqlite":
        library.execute("ALTER TABLE subscribe RENAME TO strict")
        library.execute("CREATE TABLE subscribe AS SELECT * FROM strict")
    else:
        library.execute("ALTER TABLE subscribe ALTER COLUMN name DROP NOT NULL")
    rows = [{"id": n, "name": name, "state": "N"} for n, name in enumerate("ab", 1)]
    add(library, "subscribe", [*rows, {"id": 3, "name": None, "state": "N"}])

    for ordering, expected in (("name", [1, 2, 3]), ("-name", [2, 1, 3])):
        assert read(pages(Subscribe.objects.get_queryset(), [ordering], 1)) == expected


def test_a_page_costs_a_query_or_two_and_walks_an_index(sqlite_library):
    add_messages(sqlite_library, 50, reg_time="2025-01-01 00:00:00")
    keyset = Keyset(Message.objects.get_queryset(), ["-reg_time", "-id"], 10)
    page = keyset.page()
    from django.db import connections

    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        keyset.page(after=page.next)

    assert len(queries) == 1
    plan = sqlite_library.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"])
    assert "USING INDEX ix_message_reg_time_id" in plan[0][-1]
    assert "TEMP B-TREE" not in str(plan)


def token(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode()


BAD = [
    "x",
    "!!!",
    "电影",
    token("not json"),
    token([1]),
    token([1, 2, 3]),
    token({"a": 1, "b": 2}),
    token(["a", "b"]),
    token([["a"], 1]),
    token([{}, 1]),
    token(["a", 2**63]),
    token(["a", None]),
    token([2**63, 1]),
    token([-(2**63), 1]),
    token("[NaN, 1]"),
    token("[Infinity, 1]"),
    token('["a\\u0000b", 1]'),
    token('["\\ud800", 1]'),
    token("[" * 5000),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


def test_damaged_cursors_are_told(library):
    keyset = Keyset(Message.objects.get_queryset(), ["title"], 5)

    for text in BAD:
        with pytest.raises(FilterError, match="first page"):
            keyset.page(after=text)
        with pytest.raises(FilterError):
            keyset.page(before=text)


def test_a_cursor_of_another_order_is_told_or_leads_somewhere(library):
    add_messages(library, 3)
    library.insert("transferhistory", title="t", status=library.vendor != "sqlite")
    wrong = str(Cursor("text", 1))

    for model, name in ((Message, "action"), (TransferHistory, "status")):
        keyset = Keyset(model.objects.get_queryset(), [name], 5)
        if library.vendor == "postgresql":
            with pytest.raises(FilterError):
                keyset.page(after=wrong)
        else:
            assert keyset.page(after=wrong).records is not None


def test_a_cursor_reads_back(library):
    for value in (None, "", "电影", 0, 1.5, True, "2025-01-01"):
        assert Cursor.parse(str(Cursor(value, 7))) == Cursor(value, 7)
