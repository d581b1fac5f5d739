"""The cache of what media servers hold."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet
from core.models import MediaServerItem
from core.opers.library import MediaServerOper
from core.opers.tests.support import ids, insert, stored, undo_last

OLD, NEW = "2026-01-01 00:00:00", "2026-01-02 00:00:00.000001"


def item(library, server, item_id, **values):
    values = {"title": "Metropolis", "item_type": "电影", "lst_mod_date": NEW, **values}
    return insert(library, "mediaserveritem", server=server, item_id=item_id, **values)


def test_an_item_is_added_once(library):
    item(library, "B", "1")
    before = library.dump()
    oper = MediaServerOper()

    assert oper.add(server="A", item_id="1", title="t", id=77, unknown=1) is True
    assert oper.add(server="A", item_id="1", title="other") is False
    assert oper.add(server="A", title="t") is False
    assert oper.add(item_id="1", server="") is False
    assert oper.add(MediaServerItem(server="B", item_id="1")) is False

    added = oper.get(server="A")
    assert (added.title, added.seasoninfo) == ("t", {})
    assert added.pk != 77
    assert len(added.lst_mod_date) == 19
    assert len(oper.list()) == 2
    undo_last()
    assert library.dump() == before
    assert oper.add(MediaServerItem(server="A", item_id="1", title="t")) is True
    assert async_to_sync(oper.async_add)(server="A", item_id="2") is True


def test_an_item_is_inserted_or_written_to(library):
    here = item(library, "A", "1", seasoninfo={"1": [1]}, year="1927")
    there = item(library, "B", "1")
    before = library.dump()
    oper = MediaServerOper()

    assert oper.upsert(server="A", item_id="1", title="new", unknown=1) is False
    columns = ("title", "year", "seasoninfo", "lst_mod_date")
    now = stored(library, "mediaserveritem", here, *columns)
    assert now == ("new", "1927", '{"1": [1]}', NEW)
    assert oper.find(there).title == "Metropolis"
    undo_last()
    assert library.dump() == before
    assert oper.upsert(server="A", item_id="2", title="second") is True
    assert oper.get(item_id="2").title == "second"
    assert oper.upsert(server="A", title="t") is False
    assert oper.upsert(item_id="2", title="t") is False
    assert async_to_sync(oper.async_upsert)(server="A", item_id="2", year="1") is False
    assert len(oper.list()) == 3


def test_a_server_or_all_of_them_are_emptied_in_one_change(library):
    here = [item(library, "A", "1"), item(library, "A", "2")]
    there = [item(library, "B", "1"), item(library, None, "1")]
    before = library.dump()
    oper = MediaServerOper()

    assert oper.empty("") == 0
    assert oper.empty("A_") == 0
    assert oper.empty("A") == 2
    assert ids(oper.list()) == there
    undo_last()
    assert async_to_sync(oper.async_empty)() == 4
    assert oper.list() == []
    assert ChangeSet.objects.filter(kind="delete").count() == 2

    undo_last()
    assert ids(oper.list()) == here + there
    assert library.dump() == before


def test_what_a_sync_has_not_seen_is_deleted(library):
    item(library, "A", "1", lst_mod_date=OLD)
    seen = item(library, "A", "2", lst_mod_date=NEW)
    item(library, "A", "3", lst_mod_date=None)
    there = item(library, "B", "1", lst_mod_date=OLD)
    before = library.dump()
    oper = MediaServerOper()

    assert oper.delete_stale("A", NEW) == 2
    assert ids(oper.list()) == [seen, there]
    assert oper.delete_stale("A", NEW) == 0
    assert oper.delete_stale("nowhere", NEW) == 0

    undo_last()
    assert library.dump() == before


def test_servers_that_are_gone_lose_their_items_but_not_for_an_empty_list(library):
    here = item(library, "A", "1")
    item(library, "B", "1")
    item(library, None, "2")
    before = library.dump()
    oper = MediaServerOper()

    assert oper.delete_excluded_servers([]) == 0
    assert oper.delete_excluded_servers(["A"]) == 2
    assert ids(oper.list()) == [here]
    assert async_to_sync(oper.async_delete_excluded_servers)(["A", "C"]) == 0

    undo_last()
    assert library.dump() == before


@pytest.fixture
def titles(library):
    return [
        item(library, "A", "1", tmdbid=19, year="1927"),
        item(library, "A", "2", tmdbid=19, item_type="电视剧", seasoninfo={"1": [1]}),
        item(library, "B", "3", tmdbid=19, item_type="电视剧", seasoninfo={"2": [1]}),
        item(library, "B", "4", tmdbid=20, year="2001", seasoninfo="null"),
        item(library, "B", None, title="No id"),
    ]


def test_a_title_is_found_by_number_or_by_name(library, titles):
    oper = MediaServerOper()

    def found(**asked):
        return getattr(oper.exists(**asked), "pk", None)

    assert found(tmdbid=19) == titles[0]
    assert found(tmdbid=19, mtype="电视剧") == titles[1]
    assert found(tmdbid=21, title="Metropolis") is None
    assert found(title="Metropolis") == titles[0]
    assert found(title="Metropolis", year="2001") == titles[3]
    assert found(title="Metropolis", mtype="电视剧") == titles[1]
    assert found(title="Metropolis", mtype="电视剧", year="2001") is None
    assert found(title="M%") is None
    assert found() is None
    assert found(mtype="电影") is None


def test_the_season_may_be_a_number_or_a_text(library, titles):
    oper = MediaServerOper()

    assert oper.exists(tmdbid=19, season=1).pk == titles[1]
    assert oper.exists(tmdbid=19, season="2").pk == titles[2]
    assert oper.exists(tmdbid=19, season=0) is None
    assert oper.exists(tmdbid=20, season=1) is None
    assert oper.get_item_id(tmdbid=19, season=2) == "3"
    assert oper.get_item_id(tmdbid=21) is None
    assert oper.get_item_id(title="No id") is None
    assert async_to_sync(oper.async_exists)(tmdbid=19, season=1).pk == titles[1]
    assert async_to_sync(oper.async_get_item_id)(tmdbid=20) == "4"
