"""SystemConfigOper: MoviePilot's settings, as the database holds them."""

import threading

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.changes import (
    ChangeSet,
    InvalidValues,
    Set,
    apply,
    create_records,
    plan,
    save_record,
)
from core.changes.door import write_transaction
from core.current import acting_as
from core.fields import BrokenJSON
from core.models import SystemConfig
from core.opers.configuration import SystemConfigOper
from core.systemconfig.keys import SystemConfigKey

FEEDS = SystemConfigKey.RssUrls
FALSY = [None, "", 0, False, [], {}]


def rows(library):
    return library.execute("SELECT id, key, value FROM systemconfig ORDER BY id")


def keep(library, key, text):
    """A setting as MoviePilot stores it."""
    return library.insert("systemconfig", key=key, value=text)


def test_the_documents_example_works(library):
    oper = SystemConfigOper()

    oper.set(SystemConfigKey.RssUrls, ["https://example.com/rss"])

    assert oper.get(SystemConfigKey.RssUrls) == ["https://example.com/rss"]


def test_the_manager_and_an_oper_alone_are_the_same(library):
    SystemConfigOper().set(FEEDS, ["a"])

    assert SystemConfig.objects.get(FEEDS) == ["a"]


@pytest.mark.parametrize("key", ["RssUrls", "plugin.Mine", "Elsewhere", 7, ""])
def test_a_bare_text_is_no_key(library, key):
    oper = SystemConfigOper()

    for call in (oper.get, oper.delete, lambda key: oper.set(key, 1)):
        with pytest.raises(TypeError, match="SystemConfigKey"):
            call(key)
    assert rows(library) == []


def test_the_refusal_names_the_member_to_use(library):
    with pytest.raises(TypeError, match=r"SystemConfigKey\.RssUrls"):
        SystemConfigOper().get("RssUrls")
    with pytest.raises(TypeError, match=r'SystemConfigKey\.plugin\("Mine"\)'):
        SystemConfigOper().get("plugin.Mine")


def test_a_value_is_stored_as_moviepilot_writes_it(library):
    assert SystemConfigOper().set(SystemConfigKey.CustomReleaseGroups, ["组"]) is True

    [(_pk, key, text)] = rows(library)
    assert key == "CustomReleaseGroups"
    assert text in ('["\\u7ec4"]', ["组"])


def test_a_write_is_a_change_set_of_the_operator(library, operator):
    with acting_as(operator):
        SystemConfigOper().set(FEEDS, ["a"])

    assert ChangeSet.objects.get().operator_name == "olivia"


@pytest.mark.parametrize("value", [["a"], None, [], {"a": 1}], ids=repr)
def test_an_unchanged_value_is_not_written(library, value):
    oper, key = SystemConfigOper(), SystemConfigKey.plugin("Mine")
    assert oper.set(key, value) is True

    assert oper.set(key, value) is None

    assert ChangeSet.objects.count() == 1


def test_one_is_not_true_and_the_order_of_keys_means_nothing(library):
    oper, key = SystemConfigOper(), SystemConfigKey.plugin("Mine")
    oper.set(key, {"a": 1, "b": 2})

    assert oper.set(key, {"b": 2, "a": 1}) is None
    assert oper.set(key, {"a": True, "b": 2}) is True
    assert oper.get(key)["a"] is True


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_an_empty_value_is_stored_where_there_is_none(library, value):
    key = SystemConfigKey.plugin("Mine")

    assert SystemConfigOper().set(key, value) is True

    assert SystemConfigOper().get(key) == value
    assert SystemConfigOper().all() == {"plugin.Mine": value}


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_an_empty_value_deletes_what_there_is(library, value):
    neighbour = keep(library, "IndexerSites", "[1]")
    keep(library, "RssUrls", '["a"]')

    assert SystemConfigOper().set(FEEDS, value) is True

    assert [row[0] for row in rows(library)] == [neighbour]
    assert SystemConfigOper().get(FEEDS) is None


def test_what_the_database_holds_counts_not_what_was_read(library):
    pk = keep(library, "RssUrls", '["a"]')
    oper = SystemConfigOper()
    assert oper.get(FEEDS) == ["a"]
    library.update("systemconfig", pk, value='["b"]')

    assert oper.set(FEEDS, ["b"]) is None
    assert oper.set(FEEDS, ["a"]) is True

    assert oper.get(FEEDS) == ["a"]


def test_of_a_key_in_two_rows_the_first_counts(library):
    first, second = keep(library, "RssUrls", '["a"]'), keep(library, "RssUrls", '["b"]')
    oper = SystemConfigOper()

    assert oper.get(FEEDS) == ["a"]
    assert oper.set(FEEDS, ["c"]) is True
    assert oper.get(FEEDS) == ["c"]
    assert oper.find(second).value == ["b"]
    assert oper.find(first).value == ["c"]
    assert oper.delete(FEEDS) is True

    assert rows(library) == []


def test_an_empty_value_deletes_every_row_of_a_key(library):
    keep(library, "RssUrls", '["a"]')
    keep(library, "RssUrls", '["b"]')

    SystemConfigOper().set(FEEDS, [])

    assert SystemConfigOper().get(FEEDS) is None


def test_deleting_says_true_even_of_nothing(library):
    keep(library, "RssUrls", '["a"]')

    assert SystemConfigOper().delete(FEEDS) is True
    assert SystemConfigOper().delete(FEEDS) is True

    assert ChangeSet.objects.count() == 1


def test_what_is_read_is_a_copy(library):
    oper = SystemConfigOper()
    oper.set(FEEDS, ["a"])

    oper.get(FEEDS).append("b")
    oper.all()["RssUrls"].append("c")
    oper.get()["RssUrls"].append("d")

    assert oper.get(FEEDS) == ["a"]


def test_all_holds_keys_of_plugins_and_unknown_ones(library):
    keep(library, "RssUrls", '["a"]')
    keep(library, "plugin.Mine", '{"cron": "5 8 * * *"}')
    keep(library, "WorkflowCache-1", "[]")
    keep(library, None, "1")

    expected = {
        "RssUrls": ["a"],
        "plugin.Mine": {"cron": "5 8 * * *"},
        "WorkflowCache-1": [],
    }
    assert SystemConfigOper().all() == SystemConfigOper().get() == expected


def test_null_reads_as_none(library):
    keep(library, "RssUrls", "null")
    keep(library, "RssSites", None)

    assert SystemConfigOper().all() == {"RssUrls": None, "RssSites": None}
    assert SystemConfigOper().set(FEEDS, None) is None


def test_what_is_no_json_is_left_out_and_named_once(sqlite_library, caplog):
    keep(sqlite_library, "RssUrls", "synthetic-secret-1 {")
    oper = SystemConfigOper()

    assert oper.get(FEEDS) is None
    assert oper.all() == {}
    sqlite_library.insert("systemconfig", key="RssSites", value="[1]")
    SystemConfig.objects.set(SystemConfigKey.IndexerSites, [1])
    assert oper.all() == {"RssSites": [1], "IndexerSites": [1]}

    said = [record for record in caplog.records if "RssUrls" in record.getMessage()]
    assert len(said) == 1
    assert "synthetic-secret-1" not in caplog.text


def test_what_is_no_json_can_be_set_and_deleted(sqlite_library):
    keep(sqlite_library, "RssUrls", "a {")
    keep(sqlite_library, "RssSites", "")
    oper = SystemConfigOper()

    assert oper.set(FEEDS, ["a"]) is True
    assert oper.delete(SystemConfigKey.RssSites) is True

    assert oper.all() == {"RssUrls": ["a"]}


def test_a_value_of_another_shape_is_refused_and_its_place_named(library):
    keep(library, "Downloaders", "[]")
    key, before = SystemConfigKey.Downloaders, rows(library)

    with pytest.raises(InvalidValues, match=r"\[1\]\.path_mapping\[0\]"):
        SystemConfigOper().set(
            key,
            [
                {"name": "a", "type": "qbittorrent"},
                {"name": "b", "type": "rtorrent", "path_mapping": [["/only"]]},
            ],
        )

    assert rows(library) == before
    assert not ChangeSet.objects.exists()


NO_JSON = {"set": {1, 2}, "nan": float("nan"), "object": object()}


@pytest.mark.parametrize("value", NO_JSON.values(), ids=NO_JSON.keys())
def test_what_json_cannot_hold_is_refused(library, value):
    with pytest.raises((TypeError, ValueError)):
        SystemConfigOper().set(SystemConfigKey.plugin("Mine"), value)

    assert rows(library) == []


def test_records_are_still_found_added_updated_and_listed(library):
    oper = SystemConfigOper()

    pk = oper.add(SystemConfig(key="WorkflowCache-1", value=["a"]))
    oper.update(sid=pk, value=["b"])

    assert oper.find(pk).value == oper.get(sid=pk).value == ["b"]
    assert [record.pk for record in oper.list()] == [pk]
    assert oper.all() == {"WorkflowCache-1": ["b"]}
    assert (oper.delete(sid=pk), oper.delete(sid=pk)) == (True, False)
    assert oper.get(sid=pk) is None


def test_a_key_is_not_stored_twice(library):
    SystemConfigOper().set(FEEDS, ["a"])

    with pytest.raises(InvalidValues):
        create_records(SystemConfig, [{"key": "RssUrls", "value": ["b"]}])
    with pytest.raises(InvalidValues):
        SystemConfigOper().add(SystemConfig(key="RssUrls", value=["b"]))


def test_every_door_checks_the_shape(library):
    pk = keep(library, "WorkflowCache-1", '{"any": 1}')

    with pytest.raises(InvalidValues, match="value"):
        create_records(SystemConfig, [{"key": "RssSites", "value": ["one"]}])
    with pytest.raises(InvalidValues, match="value"):
        save_record(SystemConfig, pk, {"key": "RssSites"})
    save_record(SystemConfig, pk, {"key": "RssSites", "value": [1]})

    assert SystemConfigOper().all() == {"RssSites": [1]}


@pytest.mark.parametrize("text", ["", "{", "NaN"])
def test_what_stops_moviepilot_cannot_be_stored(library, text):
    pk = keep(library, "Elsewhere", "1")

    with pytest.raises(InvalidValues):
        save_record(SystemConfig, pk, {"value": BrokenJSON(text)})

    assert SystemConfigOper().all() == {"Elsewhere": 1}


def test_async_twins_do_the_same(library):
    async def work():
        oper = SystemConfigOper()
        assert await oper.async_set(FEEDS, ["a"]) is True
        assert await oper.async_set(FEEDS, ["a"]) is None
        assert await oper.async_get(FEEDS) == ["a"]
        assert await oper.async_all() == {"RssUrls": ["a"]}
        assert await oper.async_delete(FEEDS) is True
        assert await oper.async_get(FEEDS) is None

    async_to_sync(work)()


class Cancelled(Exception):
    """Rolls a transaction back."""


def read_and_roll_back(oper):
    with write_transaction():
        with connections["moviepilot"].cursor() as cursor:
            cursor.execute("UPDATE systemconfig SET value = '[\"b\"]'")
        assert oper.get(FEEDS) == ["b"]
        raise Cancelled


def test_a_read_inside_a_write_transaction_is_not_remembered(library):
    keep(library, "RssUrls", '["a"]')
    oper = SystemConfigOper()

    with pytest.raises(Cancelled):
        read_and_roll_back(oper)

    assert oper.get(FEEDS) == ["a"]


def test_a_bulk_edit_is_checked_record_by_record(library):
    sites, clients = (
        keep(library, "RssSites", "[2]"),
        keep(library, "Downloaders", "[]"),
    )

    made = plan(SystemConfig, {"value": Set([1])})
    change_set = apply(made, skip_invalid=True)

    [(pk, why)] = made.preview.invalid
    assert (pk, "$[0]" in why) == (clients, True)
    assert change_set.record_ids() == [sites]
    assert SystemConfigOper().all() == {"RssSites": [1], "Downloaders": []}


def test_reading_again_asks_nothing_and_writing_little(library):
    oper = SystemConfigOper()
    keep(library, "RssSites", "[2]")
    oper.set(FEEDS, ["a"])
    oper.get(FEEDS)

    with CaptureQueriesContext(connections["moviepilot"]) as reading:
        oper.get(FEEDS)
        oper.all()
    with CaptureQueriesContext(connections["moviepilot"]) as comparing:
        oper.set(FEEDS, ["a"])
    with CaptureQueriesContext(connections["moviepilot"]) as writing:
        oper.set(FEEDS, ["b"])

    assert (len(reading), len(comparing)) == (0, 1)
    assert len(writing) <= 20


def test_of_many_who_set_a_new_key_one_adds_it(library):
    def work(number):
        try:
            for turn in range(3):
                SystemConfigOper().set(FEEDS, [f"{number}.{turn}"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(rows(library)) == 1
    assert SystemConfigOper().get(FEEDS)[0].endswith(".2")
