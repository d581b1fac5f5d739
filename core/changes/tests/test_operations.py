"""What each operation makes of a value: texts, numbers, flags, times, copies."""

import pytest
from django.core.exceptions import ValidationError

from core.changes import InvalidValues, Selection, Set, apply, plan, undo
from core.changes.operations import (
    Add,
    Case,
    Clamp,
    Copy,
    Multiply,
    Prefix,
    Replace,
    ReplaceRegex,
    Shift,
    Suffix,
    SwapPath,
    Toggle,
    Trim,
)
from core.changes.operations.texts import LONGEST
from core.changes.rows import Rows, same
from core.changes.tests.support import add, add_sites, counts, stored
from core.models import Subscribe, User
from history.models import TransferHistory
from sites.models import Site, SiteUserData

LARGE = 2**31 - 1
REFUSED = ValidationError

CASES = [
    # Texts
    (Site, "ua", Prefix("x "), "y", "x y"),
    (Site, "ua", Prefix("x"), "", "x"),
    (Site, "ua", Prefix("x"), None, None),
    (Site, "ua", Prefix("x"), 5, REFUSED),
    (Site, "ua", Prefix("x"), b"y", REFUSED),
    (Site, "ua", Prefix("x"), "a\x00", REFUSED),
    (Site, "ua", Suffix("电影"), "y", "y电影"),
    (Site, "ua", Replace("a", "b"), "banana", "bbnbnb"),
    (Site, "ua", Replace("a%_", "b"), "axx", "axx"),
    (Site, "ua", Replace("%_", r"\1"), "a%_", r"a\1"),
    (Site, "ua", Replace("a"), "banana", "bnn"),
    (Site, "ua", Replace("aa", "a"), "aaaa", "aa"),
    (Site, "ua", Replace("A", "b"), "banana", "banana"),
    (Site, "ua", Replace("x", "y"), "a\x00", "a\x00"),
    (Site, "ua", Replace("x", "y" * 2000), "x" * 2000, REFUSED),
    (Site, "ua", Trim(), "\u3000 \t a b \n", "a b"),
    (Site, "ua", Trim(), "  ", ""),
    (Site, "ua", Case("upper"), "straße é", "STRASSE É"),
    (Site, "ua", Case("lower"), "ÀB", "àb"),
    (Site, "ua", Case("title"), "two words", "Two Words"),
    (Site, "ua", Case("upper"), "电影", "电影"),
    (Site, "ua", SwapPath("/a", "/b"), "/a/x", "/b/x"),
    (Site, "ua", SwapPath("/a", "/b"), "/ab", "/ab"),
    (Site, "ua", SwapPath("C:\\a", "/b"), "c:/A/x\\y", "/b/x/y"),
    (Site, "ua", SwapPath("/a", "/b", ignore_case=True), "/A/x", "/b/x"),
    (Site, "url", Replace("x", ""), "x", ""),
    # Numbers
    (Site, "pri", Add(1), 1, 2),
    (Site, "pri", Add(-5), 1, -4),
    (Site, "pri", Add(1), None, None),
    (Site, "pri", Add(1), LARGE, REFUSED),
    (Site, "pri", Add(1), 2**63 - 1, REFUSED),
    (Site, "pri", Add(0), 2**63 - 1, 2**63 - 1),
    (Site, "pri", Add(1), "abc", REFUSED),
    (Site, "pri", Add(1), "7", REFUSED),
    (Site, "pri", Add(1), 1.5, REFUSED),
    (Site, "pri", Add(1), b"7", REFUSED),
    (Site, "pri", Add(0.5), 1, REFUSED),
    (Site, "pri", Add(2.0), 1, 3),
    (Site, "pri", Multiply(1.1), 10, 11),
    (Site, "pri", Multiply(1.1), 9, REFUSED),
    (Site, "pri", Multiply(0), 9, 0),
    (Site, "pri", Multiply(1e300), 9, REFUSED),
    (Site, "pri", Clamp(low=5), 1, 5),
    (Site, "pri", Clamp(high=5), 9, 5),
    (Site, "pri", Clamp(1, 5), 3, 3),
    (Site, "pri", Clamp(1.5), 1, REFUSED),
    (Site, "pri", Clamp(1, 5), None, None),
    (Subscribe, "vote", Add(0.2), 0.1, 0.3),
    (Subscribe, "vote", Multiply(3), 0.1, 0.3),
    (Subscribe, "vote", Multiply(10), 1e308, REFUSED),
    (Subscribe, "vote", Add(1), float("inf"), REFUSED),
    (Subscribe, "vote", Add(1), "8", REFUSED),
    (Subscribe, "vote", Add(0), -0.0, -0.0),
    (Subscribe, "vote", Clamp(high=8), 8.5, 8.0),
    (SiteUserData, "upload", Add(1), 2.0**60, 2.0**60),
    # Flags
    (Site, "proxy", Toggle(), 0, 1),
    (Site, "proxy", Toggle(), 1, 0),
    (Site, "proxy", Toggle(), None, None),
    (Site, "proxy", Toggle(), 7, REFUSED),
    (Site, "is_active", Toggle(), "false", REFUSED),
    # Times
    (Subscribe, "date", Shift(3600), "2025-01-01 23:30:00", "2025-01-02 00:30:00"),
    (Subscribe, "date", Shift(-1), "2025-01-01 00:00:00", "2024-12-31 23:59:59"),
    (Subscribe, "date", Shift(60), "2025-01-01T00:00:00", "2025-01-01T00:01:00"),
    (
        Subscribe,
        "date",
        Shift(60),
        "2025-01-01 00:00:00.120",
        "2025-01-01 00:01:00.120",
    ),
    (Subscribe, "date", Shift(60), "", ""),
    (Subscribe, "date", Shift(60), None, None),
    (Subscribe, "date", Shift(60), "yesterday", REFUSED),
    (Subscribe, "date", Shift(60), "2025-02-30 00:00:00", REFUSED),
    (Subscribe, "date", Shift(60), "9999-12-31 23:59:59", REFUSED),
    (Subscribe, "date", Shift(60), 20250101, REFUSED),
    (SiteUserData, "updated_day", Shift(86_400), "2024-02-28", "2024-02-29"),
    (SiteUserData, "updated_day", Shift(86_400), "2024-02-28 00:00:00", REFUSED),
    (SiteUserData, "updated_time", Shift(61), "10:00:00", "10:01:01"),
    (SiteUserData, "updated_time", Shift(-61), "00:01:00", REFUSED),
    (SiteUserData, "updated_time", Shift(1), "25:00:00", REFUSED),
]


def result(model, column, operation, raw, *others):
    """What the operation makes of a raw value."""
    operate = operation.compile(Rows(model), model.column(column))
    try:
        return operate(raw, *others)
    except ValidationError:
        return REFUSED


def test_an_operation_makes_one_value_of_another(sqlite_library):
    for model, column, operation, raw, expected in CASES:
        found = result(model, column, operation, raw)

        told = (operation, str(raw)[:99], str(found)[:99])
        if expected is REFUSED:
            assert found is REFUSED, told
        else:
            assert same(found, expected), told


def test_a_text_may_not_grow_beyond_all_measure(sqlite_library):
    long = "x" * (LONGEST - 1)

    assert result(Site, "ua", Suffix("yy"), long) is REFUSED
    assert result(Site, "ua", Replace("x", ""), long + "xx") == ""


IMPOSSIBLE = [
    (Site, "ua", Prefix("")),
    (Site, "ua", Prefix("\x00")),
    (Site, "ua", Replace("")),
    (Site, "ua", Replace("a", "\ud800")),
    (Site, "ua", SwapPath("", "/b")),
    (Site, "ua", SwapPath("/a", "")),
    (Site, "ua", Case("sideways")),
    (Site, "ua", Add(1)),
    (Site, "ua", Toggle()),
    (Site, "ua", Shift(1)),
    (Site, "pri", Prefix("x")),
    (Site, "pri", ReplaceRegex("x")),
    (Site, "pri", Toggle()),
    (Site, "pri", Add("1")),
    (Site, "pri", Add(amount=True)),
    (Site, "pri", Add(float("nan"))),
    (Site, "pri", Clamp()),
    (Site, "pri", Clamp(5, 1)),
    (Site, "proxy", Add(1)),
    (Site, "lst_mod_date", Shift(0.5)),
    (Site, "lst_mod_date", Shift(10**12)),
    (Site, "lst_mod_date", Prefix("x")),
    (SiteUserData, "updated_day", Shift(3600)),
    (Site, "note", Prefix("x")),
    (Site, "ua", Copy("nothing")),
    (Site, "ua", Copy("ua")),
    (Site, "ua", Copy("note")),
    (Site, "ua", Copy("cookie")),
    (Site, "proxy", Copy("name")),
    (User, "name", Copy("hashed_password")),
]


@pytest.mark.parametrize("number", range(len(IMPOSSIBLE)))
def test_what_can_be_done_to_no_record_is_told_before_any_is_read(
    sqlite_library, number
):
    model, column, operation = IMPOSSIBLE[number]

    with pytest.raises(InvalidValues) as raised:
        plan(model, {column: operation})

    assert all(raised.value.errors[column])


COPIES = [
    (Site, "ua", "name", "s", "s"),
    (Site, "ua", "name", 5, REFUSED),
    (Site, "ua", "pri", 5, "5"),
    (Site, "ua", "pri", "five", REFUSED),
    (Site, "ua", "lst_mod_date", "2025-01-01 00:00:00", "2025-01-01 00:00:00"),
    (Site, "ua", "name", None, None),
    (Site, "lst_mod_date", "ua", "2025-01-01 00:00:00", "2025-01-01 00:00:00"),
    (Site, "lst_mod_date", "ua", "yesterday", REFUSED),
    (Site, "name", "ua", None, REFUSED),
    (Site, "pri", "timeout", 15, 15),
    (Site, "pri", "timeout", 2**40, REFUSED),
    (Site, "pri", "timeout", 1.5, REFUSED),
    (Site, "pri", "ua", "15", 15),
    (Site, "pri", "ua", "fifteen", REFUSED),
    (Site, "pri", "id", 7, 7),
    (Site, "proxy", "render", 1, 1),
    (Site, "proxy", "is_active", 1, 1),
    (Site, "proxy", "pri", 5, REFUSED),
    (Site, "is_active", "proxy", 0, 0),
    (Site, "cookie", "token", "synthetic-token-1", "synthetic-token-1"),
    (Subscribe, "note", "sites", ' [1 , 2.50,"\\u7535"]', ' [1 , 2.50,"\\u7535"]'),
    (Subscribe, "sites", "note", "[1]", "[1]"),
    (Subscribe, "sites", "note", '["x"]', REFUSED),
    (Subscribe, "sites", "note", "{broken", REFUSED),
    (Subscribe, "note", "sites", "null", "null"),
    (Subscribe, "note", "sites", None, None),
    (Subscribe, "note", "name", "电", '"\\u7535"'),
]


def test_a_copy_is_a_value_that_fits_the_column(sqlite_library):
    for model, column, source, value, expected in COPIES:
        found = result(model, column, Copy(source), "before", value)

        assert found is expected or same(found, expected), (column, source, value)


def test_copies_take_what_stood_there_before_any_field_was_changed(library):
    pk, neighbour = add_sites(library, 2, pri=1, limit_count=2)
    before = library.dump()
    crossed = {"pri": Copy("limit_count"), "limit_count": Copy("pri")}

    change_set = apply(plan(Site, crossed, selection=Selection(Site, ids=[pk])))

    assert (stored(Site, pk, "pri"), stored(Site, pk, "limit_count")) == (2, 1)
    assert stored(Site, neighbour, "pri") == 1
    undo(change_set)
    assert library.dump() == before


def test_several_operations_are_one_change_of_a_record(library):
    [pk] = add_sites(library, 1, ua="a", proxy=0, is_active=True)
    operations = {
        "ua": Suffix("b"),
        "pri": Add(4),
        "proxy": Toggle(),
        "is_active": Toggle(),
        "downloader": Copy("name"),
        "timeout": Set(60),
    }

    change_set = apply(plan(Site, operations))

    [entry] = change_set.entries.all()
    found = {each.field: each.after for each in entry.fields()}
    inactive = 0 if library.vendor == "sqlite" else False
    assert found == {
        "ua": "ab",
        "pri": 4,
        "proxy": 1,
        "is_active": inactive,
        "downloader": "s0",
        "timeout": 60,
    }
    assert stored(Site, pk, "ua") == "ab"


def test_all_that_is_wrong_with_a_record_is_told_with_the_fields_names(
    sqlite_library,
):
    ok, bad = add_sites(sqlite_library, 2, ua="x")
    sqlite_library.execute(
        f"UPDATE site SET pri = 'high', proxy = 'no' WHERE id = {bad}"
    )
    before = sqlite_library.dump()

    made = plan(Site, {"pri": Add(1), "proxy": Toggle(), "ua": Prefix("y")})

    [(pk, why)] = made.preview.invalid
    assert pk == bad
    assert "Priority: " in why
    assert "Use proxy: " in why
    change_set = apply(made, skip_invalid=True)
    assert counts(change_set) == {"changed": 1, "failed": 1}
    undo(change_set)
    assert stored(Site, ok, "ua") == "x"
    assert sqlite_library.dump() == before


def test_a_second_record_of_which_there_is_one_is_a_problem(library):
    add_sites(library, 3, ua="x")
    library.execute("UPDATE site SET domain = 'a' WHERE name = 's0'")
    library.execute("UPDATE site SET domain = 'www.a' WHERE name = 's1'")
    library.execute("UPDATE site SET domain = 'www.b' WHERE name = 's2'")

    made = plan(Site, {"domain": Replace("www.", "")})

    assert (made.preview.changed, made.preview.invalid_count) == (1, 1)
    assert "the same domain" in made.preview.invalid[0][1].lower()
    assert counts(apply(made, skip_invalid=True)) == {
        "changed": 1,
        "unchanged": 1,
        "failed": 1,
    }


def test_a_shape_holds_whatever_the_operation(library):
    rows = [{"name": "n", "state": "N", "sites": "[1]", "note": '["x"]'}]
    add(library, "subscribe", rows)

    made = plan(Subscribe, {"sites": Copy("note")})

    [(_pk, why)] = made.preview.invalid
    assert "$[0]" in why


def test_many_different_values_are_written_at_once_and_taken_back(library):
    count = 120
    rows = [
        {
            "src": f"/media/a/电影 {n} %s.mkv",
            "title": None if n % 5 == 0 else f"t{n}",
            "tmdbid": n,
            "status": bool(n % 2) if library.vendor == "postgresql" else n % 2,
            "date": "2025-01-01 00:00:00",
            "files": f'["/{n}"]',
        }
        for n in range(count)
    ]
    ids = add(library, "transferhistory", rows)
    before = library.dump()
    operations = {
        "src": SwapPath("/media/a", "D:\\b"),
        "title": Case("upper"),
        "tmdbid": Add(10),
        "status": Toggle(),
        "date": Shift(60),
    }

    change_set = apply(plan(TransferHistory, operations))

    assert counts(change_set) == {"changed": count}
    assert stored(TransferHistory, ids[7], "src") == "D:\\b\\电影 7 %s.mkv"
    assert stored(TransferHistory, ids[7], "title") == "T7"
    assert stored(TransferHistory, ids[5], "title") is None
    assert stored(TransferHistory, ids[7], "tmdbid") == 17
    undo(change_set)
    assert library.dump() == before
