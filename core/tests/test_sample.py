"""The sample library: the same every time, shaped as MoviePilot stores, and whole."""

import datetime as dt
import json
import re
from collections import Counter
from itertools import chain

import bcrypt
import pytest

from core import sample
from core.fields import JSON_NULL, ClockField, FlagField, JSONColumn, StampField

DAY = dt.date(2026, 5, 25)
MIDNIGHT = "2026-05-25 00:00:00"
SMALL = 0.03
FORMATS = {
    "StampField": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?",
    "DayField": r"\d{4}-\d\d-\d\d",
    "ClockField": r"\d\d:\d\d:\d\d",
}
INT32 = 2**31


def build(**values):
    return {model.__name__: (model, rows) for model, rows in sample.tables(**values)}


@pytest.fixture(scope="module")
def whole():
    """The library as `fill` writes it, without a database."""
    return build(day=DAY)


def rows_of(whole, name):
    return whole[name][1]


def column(whole, name, field):
    return [row[field] for row in rows_of(whole, name)]


def values_of(whole, kind):
    """(model name, field name, value) of all fields of this class."""
    for name, (model, rows) in whole.items():
        for field in model._meta.fields:
            if isinstance(field, kind):
                yield from ((name, field, row[field.attname]) for row in rows)


def texts(value):
    """Every text inside a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(
            texts(each) for pair in value.items() for each in pair
        )
    elif isinstance(value, list):
        yield from chain.from_iterable(map(texts, value))


def test_the_same_seed_and_day_give_the_same_library():
    assert build(day=DAY, scale=SMALL) == build(day=DAY, scale=SMALL)


def test_another_seed_gives_another_library():
    first, second = build(day=DAY, scale=SMALL), build(seed=7, day=DAY, scale=SMALL)

    assert first["Subscribe"] != second["Subscribe"]
    assert len(first["Subscribe"][1]) == len(second["Subscribe"][1])


@pytest.mark.parametrize("day", [dt.date(2024, 2, 29), dt.date(2027, 1, 1)])
def test_every_day_of_the_year_gives_a_library(day):
    assert len(build(day=day, scale=SMALL)) == 17


def test_the_library_is_as_large_as_promised(whole):
    counts = {name: len(rows) for name, (_model, rows) in whole.items()}

    assert len(counts) == 17
    assert counts["Site"] == 40
    assert counts["Subscribe"] == 500
    assert counts["TransferHistory"] == 20_000
    assert counts["DownloadHistory"] == 8_000
    assert counts["DownloadFiles"] > counts["DownloadHistory"]
    assert min(counts.values()) >= 3


def test_a_row_names_every_column_and_ids_count_from_one(whole):
    for model, rows in whole.values():
        columns = {field.attname for field in model._meta.fields}

        assert {frozenset(row) for row in rows} == {frozenset(columns)}, model
        assert [row["id"] for row in rows] == list(range(1, len(rows) + 1)), model


def test_only_columns_that_may_be_empty_are_empty(whole):
    for model, rows in whole.values():
        required = [each.attname for each in model._meta.fields if not each.null]

        assert all(row[name] is not None for row in rows for name in required), model


def test_every_json_value_can_be_encoded(whole):
    for name, field, value in values_of(whole, JSONColumn):
        if value is not None and value is not JSON_NULL:
            assert json.dumps(value, allow_nan=False), (name, field)


def test_sql_null_and_json_null_stand_side_by_side(whole):
    notes = column(whole, "Subscribe", "note")

    assert None in notes
    assert any(note is JSON_NULL for note in notes)
    assert [] in notes


def test_times_are_text_before_the_day(whole):
    for name, field, value in values_of(whole, StampField):
        pattern = FORMATS[type(field).__name__]

        assert value is None or re.fullmatch(pattern, value), (name, field)
        assert isinstance(field, ClockField) or (value or "") <= MIDNIGHT, (name, field)


def test_flags_are_integers_and_no_booleans(whole):
    found = {type(value) for _name, _field, value in values_of(whole, FlagField)}

    assert found == {int}


def test_integers_fit_postgresql(whole):
    for model, rows in whole.values():
        for field in model._meta.fields:
            if "Integer" in type(field).__name__:
                numbers = [row[field.attname] or 0 for row in rows]
                assert max(map(abs, numbers)) < INT32, field


def test_history_leads_from_download_to_files_and_transfers(whole):
    downloads = set(column(whole, "DownloadHistory", "download_hash"))
    files = set(column(whole, "DownloadFiles", "download_hash"))
    transfers = set(column(whole, "TransferHistory", "download_hash"))

    assert files == downloads
    assert transfers - {None} <= downloads
    assert len(transfers) > 0.9 * len(downloads)
    assert all(re.fullmatch("[0-9a-f]{40}", each) for each in downloads)


def test_a_transfer_moves_a_file_of_its_download(whole):
    files = {
        (row["download_hash"], row["fullpath"])
        for row in rows_of(whole, "DownloadFiles")
    }
    moved = [row for row in rows_of(whole, "TransferHistory") if row["download_hash"]]

    assert {(row["download_hash"], row["src"]) for row in moved} <= files


def test_nothing_is_transferred_before_it_was_made(whole):
    known = [row for row in rows_of(whole, "TransferHistory") if row["year"]]

    assert all(row["date"][:4] >= row["year"] for row in known)


def test_some_torrents_were_added_twice(whole):
    hashes = Counter(column(whole, "DownloadHistory", "download_hash"))

    assert 2 in hashes.values()


def test_a_failed_transfer_has_a_reason_and_no_target(whole):
    transfers = rows_of(whole, "TransferHistory")
    failed = [row for row in transfers if not row["status"]]

    assert 0.04 < len(failed) / len(transfers) < 0.08
    assert all(row["errmsg"] and row["dest"] is None for row in failed)
    assert all(row["dest"].startswith("/media/") for row in transfers if row["status"])


def test_the_media_servers_hold_what_was_transferred(whole):
    moved = {row["title"] for row in rows_of(whole, "TransferHistory") if row["status"]}
    items = rows_of(whole, "MediaServerItem")
    keys = [(row["server"], row["item_id"]) for row in items]

    assert {row["title"] for row in items} == moved
    assert len(keys) == len(set(keys))
    assert all(key.isdigit() for row in items for key in row["seasoninfo"])


def test_subscriptions_name_sites_that_are_gone_too(whole):
    known = set(column(whole, "Site", "id"))
    named = set(chain.from_iterable(column(whole, "Subscribe", "sites")))

    assert named & known
    assert named - known


def test_passkeys_belong_to_users(whole):
    assert set(column(whole, "PassKey", "user_id")) <= set(column(whole, "User", "id"))


def test_a_login_that_was_never_set_is_null_or_empty(whole):
    cookies = column(whole, "Site", "cookie")

    assert None in cookies
    assert "" in cookies
    assert all("SAMPLE" in cookie for cookie in cookies if cookie)


def test_passwords_are_bcrypt_hashes_of_nothing_known(whole):
    hashes = column(whole, "User", "hashed_password")

    assert len(set(hashes)) == len(hashes)
    assert not any(bcrypt.checkpw(b"", each.encode()) for each in hashes[:2])
    assert [row["name"] for row in rows_of(whole, "User") if row["is_superuser"]] == [
        "admin"
    ]


def test_no_address_leads_anywhere(whole):
    found = set()
    for _model, rows in whole.values():
        every = chain.from_iterable(texts([*row.values()]) for row in rows)
        found |= {
            host for text in every for host in re.findall(r"https?://([\w.-]+)", text)
        }

    # The name of the SVG namespace is no address.
    assert {host for host in found if not host.endswith(".example")} == {"www.w3.org"}


def test_fill_writes_every_record_through_the_door(library, operator):
    from core.changes import ChangeSet

    sample.fill(operator, day=DAY, scale=SMALL)

    for model, rows in sample.tables(day=DAY, scale=SMALL):
        table = model._meta.db_table
        assert library.execute(f'SELECT count(*) FROM "{table}"') == [(len(rows),)]
    made = ChangeSet.objects.filter(operator=operator, kind="create", state="applied")
    assert made.count() == 17
    assert made.filter(failed=0, skipped=0).count() == 17


def test_fill_stores_what_tables_says(library, operator):
    sample.fill(operator, day=DAY, scale=SMALL)

    for model, rows in sample.tables(day=DAY, scale=SMALL):
        stored = {record.pk: record for record in model.objects.list()}
        for row in rows:
            record = stored[row["id"]]
            assert {name: getattr(record, name) for name in row} == row


def test_moviepilot_can_add_records_after_fill(library, operator):
    sample.fill(operator, day=DAY, scale=SMALL)
    [(highest,)] = library.execute("SELECT max(id) FROM message")

    assert library.insert("message", title="next") == highest + 1
