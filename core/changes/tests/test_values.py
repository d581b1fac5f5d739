"""What is written, and what counts as changed, for every kind of column."""

import datetime as dt

import pytest

from core.changes import InvalidValues, Selection, Set, SetNull, apply, plan, undo
from core.changes.rows import Rows, holds, same
from core.changes.snapshot import dump, load
from core.changes.tests.support import add_sites, counts, edit, stored
from core.fields import JSON_NULL, BrokenJSON
from core.models import Message, PassKey, Subscribe, SystemConfig, User
from history.models import TransferHistory
from sites.models import Site, SiteUserData

SQLITE, POSTGRESQL = "sqlite", "postgresql"

# Model, table, column, value before in SQL, value set, what stands there afterwards.
WRITES = [
    (Site, "site", "ua", "NULL", "", ""),
    (Site, "site", "ua", "''", "電影 %s ' \" \\ \n\t 🎬", "電影 %s ' \" \\ \n\t 🎬"),
    (Site, "site", "ua", "'x'", "x" * 100_000, "x" * 100_000),
    (Site, "site", "ua", "NULL", "0", "0"),
    (Site, "site", "timeout", "NULL", 0, 0),
    (Site, "site", "timeout", "0", -(2**31), -(2**31)),
    (Site, "site", "timeout", "0", "15", 15),
    (Site, "site", "proxy", "NULL", True, 1),
    (Site, "site", "proxy", "1", False, 0),
    (Subscribe, "subscribe", "vote", "NULL", 8, 8.0),
    (Subscribe, "subscribe", "vote", "NULL", 0.1, 0.1),
    (Subscribe, "subscribe", "vote", "NULL", 1e-300, 1e-300),
    (Subscribe, "subscribe", "date", "NULL", "2025-01-01 00:00:00", None),
    (SiteUserData, "siteuserdata", "upload", "NULL", 2.0**60 + 1, 2.0**60),
    (SiteUserData, "siteuserdata", "userid", "NULL", "00123", "00123"),
]
NEEDED = {
    "site": {"name": "n", "url": "u"},
    "subscribe": {"name": "n", "state": "N"},
    "siteuserdata": {"domain": "d"},
    "message": {"title": "m"},
    "systemconfig": {"key": "k"},
    "user": {"name": "u"},
}


def make(library, table, column, sql):
    """A row holding an SQL expression in a column, and a neighbour like it."""
    ids = [library.insert(table, **NEEDED[table]) for _ in range(2)]
    library.execute(f'UPDATE "{table}" SET "{column}" = {sql}')
    return ids


def test_a_value_is_written_and_taken_back_exactly(library):
    for write in WRITES:
        check_write(library, *write)


def check_write(library, model, table, column, sql, value, expected):
    pk, neighbour = make(library, table, column, sql)
    before = library.dump()
    old = stored(model, pk, column)

    change_set = edit(model, [pk], **{column: value})

    expected = value if expected is None else expected
    assert same(stored(model, pk, column), expected)
    assert same(stored(model, neighbour, column), old)
    [entry] = change_set.entries.all()
    assert load(entry.after) == {column: expected}
    assert counts(edit(model, [pk], **{column: value})) == {"unchanged": 1}
    undo(change_set)
    assert library.dump() == before


JSON_WRITES = [
    (None, None, None),
    (JSON_NULL, "null", "null"),
    ({"b": [1, 2.50], "a": "電影"}, '{"b": [1, 2.5], "a": "\\u96fb\\u5f71"}', None),
    ([], "[]", "[]"),
    ("", '""', '""'),
    ("text", '"text"', '"text"'),
    (True, "true", "true"),
    (0, 0, "0"),
    (3.5, 3.5, "3.5"),
    (1.0, 1, "1.0"),
    (2**63 - 1, 2**63 - 1, str(2**63 - 1)),
    (2**70, float(2**70), str(2**70)),
    (1e300, 1e300, "1e+300"),
]


def test_json_is_written_as_moviepilot_would(library):
    for write in JSON_WRITES:
        check_json_write(library, *write)


def check_json_write(library, value, on_sqlite, on_postgresql):
    # 3 stands there as MoviePilot bound it: text, which a JSON column makes a number.
    pk, _neighbour = make(library, "message", "note", "'{\"x\":  3}'")
    before = library.dump()

    change_set = edit(Message, [pk], note=value)

    expected = on_sqlite
    if library.vendor == POSTGRESQL and on_postgresql is not None:
        expected = on_postgresql
    assert same(stored(Message, pk, "note"), expected)
    assert counts(edit(Message, [pk], note=value)) == {"unchanged": 1}
    undo(change_set)
    assert library.dump() == before


STORED_JSON = [
    "'null'",
    "'0'",
    "'-0.0'",
    "'3.14'",
    "'12345678901234567890'",
    "'true'",
    "'\"1\"'",
    "'[1,2 ,3]'",
    '\'{"b":1,"a":"\\u7535"}\'',
]
ODD_JSON = {
    SQLITE: ["''", "'{broken'", "x'00ff'", "NULL"],
    POSTGRESQL: ["'  {\"a\" : 1.50}  '", "NULL"],  # which keeps digits, but no junk
}


def test_whatever_json_stands_there_comes_back_to_the_byte(library):
    spellings = [*STORED_JSON, *ODD_JSON[library.vendor]]
    for sql in spellings:
        library.insert("message", title="m")
        library.execute(f"UPDATE message SET note = {sql} WHERE note IS NULL")
    before = library.dump()

    change_set = edit(Message, note={"new": 1})

    assert counts(change_set) == {"changed": len(spellings)}
    undo(change_set)
    assert library.dump() == before


def test_numbers_texts_and_flags_that_look_alike_are_kept_apart(sqlite_library):
    held = {"'1'": 1, "'1.5'": 1.5, "'\"1\"'": '"1"', "'true'": "true", "'[1]'": "[1]"}
    for sql, raw in held.items():
        sqlite_library.execute("DELETE FROM message")
        pk, _neighbour = make(sqlite_library, "message", "note", sql)
        assert same(stored(Message, pk, "note"), raw)

        outcomes = {}
        for value in (1, 1.5, "1", True, [1]):
            made = plan(
                Message, {"note": Set(value)}, selection=Selection(Message, ids=[pk])
            )
            outcomes[repr(value)] = made.preview.unchanged

        assert sum(outcomes.values()) == 1


def test_raw_values_are_the_same_only_with_their_type():
    values = [None, 0, 0.0, -0.0, False, 1, 1.0, True, "1", b"1", "", float("nan")]

    for place, one in enumerate(values):
        for other_place, other in enumerate(values):
            assert same(one, other) is (place == other_place)
    assert same(float("nan"), float("nan"))
    assert holds({"a": 1, "b": 2}, {"a": 1})
    assert not holds({"a": 1}, {"a": True})
    assert not holds({}, {"a": None})
    assert holds(None, None)
    assert not holds(None, {})


def test_snapshots_keep_every_raw_value():
    values = {
        "n": None,
        "i": 2**63 - 1,
        "big": 2**100,
        "f": 0.1 + 0.2,
        "z": -0.0,
        "inf": float("inf"),
        "t": 'a"b\\c\n\x00電🎬{"$secret":"no"}',
        "b": b"\x00\xff",
        "yes": True,
        'odd "name\\': 1,
    }

    read = load(dump(Site, values))

    assert read is not None
    assert [*read] == [*values]
    assert all(same(read[name], value) for name, value in values.items())
    assert (dump(Site, None), load(None)) == (None, None)


def test_real_date_columns_are_written_in_local_time(library):
    pk = library.insert("user", name="u")
    key = library.insert("passkey", user_id=pk, credential_id="c", public_key="k")
    rows = Rows(PassKey)
    field = PassKey.column("last_used_at")
    when = dt.datetime(2025, 3, 4, 5, 6, 7, 89)  # noqa: DTZ001 - as MoviePilot keeps it

    raw = rows.stored("last_used_at", field.get_db_prep_save(when, rows.connection))

    expected = {
        SQLITE: "2025-03-04 05:06:07.000089",
        POSTGRESQL: "2025-03-04 05:06:07.000089",
    }
    assert raw == expected[library.vendor]
    library.update("passkey", key, last_used_at=raw)
    assert stored(PassKey, key, "last_used_at") == raw


def test_real_dates_come_back_as_they_stood(library):
    user = library.insert("user", name="u")
    text = "2024-02-29 23:59:59.5"
    library.insert(
        "passkey", user_id=user, credential_id="c", public_key="k", created_at=text
    )
    before = library.dump()

    undo(edit(PassKey, name="other"))

    assert library.dump() == before


REFUSED = [
    ("timeout", 2**31),
    ("timeout", 2**64),
    ("timeout", "soon"),
    ("timeout", ""),
    ("timeout", float("nan")),
    ("ua", "a\x00b"),
    ("ua", "\ud800"),
    ("name", None),
    ("note", BrokenJSON("{broken")),
    ("note", float("nan")),
    ("note", {1, 2}),
    ("is_active", "maybe"),
]


def test_values_no_database_should_hold_are_refused(library):
    add_sites(library, 1)
    before = library.dump()

    for column, value in REFUSED:
        with pytest.raises(InvalidValues) as refused:
            plan(Site, {column: Set(value)})
        assert [*refused.value.errors] == [column]

    for value in (float("nan"), float("inf")):
        with pytest.raises(InvalidValues):
            plan(Subscribe, {"vote": Set(value)})
    assert library.dump() == before


def test_64_bit_numbers_already_there_are_kept(sqlite_library):
    pk = sqlite_library.insert("site", name="n", url="u", timeout=2**62, limit_count=7)
    before = sqlite_library.dump()

    undo(edit(Site, [pk], timeout=5))

    assert sqlite_library.dump() == before


def test_a_text_where_a_number_belongs_is_kept(sqlite_library):
    pk = sqlite_library.insert(
        "site", name="n", url="u", timeout="soon", is_active="no"
    )
    before = sqlite_library.dump()

    change_set = edit(Site, [pk], timeout=5, is_active=True)

    assert counts(change_set) == {"changed": 1}
    undo(change_set)
    assert sqlite_library.dump() == before


def test_null_is_refused_where_a_value_has_to_be(library):
    add_sites(library, 1)

    with pytest.raises(InvalidValues) as refused:
        plan(Site, {"name": SetNull(), "ua": SetNull()})

    assert [*refused.value.errors] == ["name"]


def test_the_database_refuses_null_where_the_model_is_not_asked(library, monkeypatch):
    ids = add_sites(library, 3)
    before = library.dump()
    monkeypatch.setattr(Site.column("url"), "null", True)

    change_set = apply(plan(Site, {"url": SetNull()}))

    assert counts(change_set) == {"failed": 3}
    assert [pk for pk, _why in change_set.problems] == ids
    assert library.dump() == before


def test_locked_columns_are_closed_to_every_operation(library):
    for column, operation in [("hashed_password", SetNull()), ("otp_secret", Set("x"))]:
        with pytest.raises(InvalidValues):
            plan(User, {column: operation})


def test_infinity_and_blobs_do_not_stop_a_preview(sqlite_library):
    pk = sqlite_library.insert("subscribe", name="n", state="N", vote=float("inf"))
    sqlite_library.update("subscribe", pk, poster=b"\x00\xff", keyword="a\x00b")
    before = sqlite_library.dump()

    made = plan(Subscribe, {"vote": Set(1), "poster": Set("p"), "keyword": Set("k")})

    [sample] = made.preview.samples
    assert sample.before == {"vote": "inf", "poster": "00ff", "keyword": "a␀b"}
    undo(apply(made))
    assert sqlite_library.dump() == before
    assert stored(Subscribe, pk, "poster") == b"\x00\xff"


def test_floats_keep_their_sign_and_their_bits_when_put_back_together(library):
    values = [0.0, -0.0, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 2.0**53 + 1]
    for value in values:
        library.insert("subscribe", name="n", state="N", vote=value)
    before = library.dump()

    undo(edit(Subscribe, vote=5))

    assert library.dump() == before


def test_booleans_are_written_as_the_column_holds_them(library):
    pk = library.insert("transferhistory", title="t", status=library.vendor != SQLITE)
    library.execute("UPDATE transferhistory SET status = NULL")

    edit(TransferHistory, [pk], status=False)

    raw = stored(TransferHistory, pk, "status")
    assert same(raw, 0 if library.vendor == SQLITE else False)


def test_a_setting_is_json_whatever_it_is(library):
    pk = library.insert("systemconfig", key="k")

    edit(SystemConfig, [pk], value="text")

    assert stored(SystemConfig, pk, "value") == '"text"'
