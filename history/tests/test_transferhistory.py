"""Transfers, found, kept and given up."""

import datetime as dt
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet, InvalidValues, RecordRefused
from core.fields import local_now
from core.opers.base import ConfirmationNeeded
from core.opers.tests.support import ids, stored, undo_last
from history.models import TransferHistory
from history.opers import TransferHistoryOper
from history.tests.support import add_transfer
from sites.models import Site

STAMP = "%Y-%m-%d %H:%M:%S"


@pytest.fixture
def oper():
    return TransferHistoryOper()


def film(**values):
    """What MoviePilot knows of a film."""
    return SimpleNamespace(
        type=SimpleNamespace(value="电影"),
        category="华语电影",
        title="甲",
        year="2020",
        tmdb_id=1,
        imdb_id="tt1",
        tvdb_id=None,
        douban_id="2",
        episode_group="group-1",
        get_poster_image=lambda: "https://image.example/a.jpg",
        **values,
    )


def item(path, **values):
    """A file as MoviePilot's storages describe it."""
    return SimpleNamespace(storage="local", path=path, type="file", size=1, **values)


def model_item(path):
    """The same as a pydantic model."""
    return item(path, model_dump=lambda: {"storage": "local", "path": path})


META = SimpleNamespace(name="A", year="2020", season="S01", episode="E01")


# --- Finding


def test_get_takes_an_id_by_either_name_or_columns(library, oper):
    first = add_transfer(library)
    second = add_transfer(library, tmdbid=5)

    assert oper.get(second).pk == second
    assert oper.get(historyid=second).pk == second
    assert oper.get(sid=first).pk == first
    assert oper.get(tmdbid=5).pk == second
    assert oper.get(999) is None
    assert async_to_sync(oper.async_get)(historyid=first).pk == first


def test_pages_are_newest_first_and_those_without_a_time_come_last(library, oper):
    undated = add_transfer(library, date=None)
    old = add_transfer(library, date="2025-01-01 00:00:00")
    new = add_transfer(library, date="2026-01-01 00:00:00", status=False)
    same = add_transfer(library, date="2026-01-01 00:00:00")
    blank = add_transfer(library, date=None)
    whole = [same, new, old, blank, undated]

    assert ids(oper.list_by_page()) == whole
    assert ids(oper.list_by_page(count=-1)) == whole
    assert ids(oper.list_by_page(page=0, count=2)) == [same, new]
    assert ids(oper.list_by_page(page=-3, count=2)) == [same, new]
    assert ids(oper.list_by_page(None, 2)) == [same, new]
    assert ids(oper.list_by_page(2, 2)) == [old, blank]
    assert ids(oper.list_by_page(3, 2)) == [undated]
    assert ids(oper.list_by_page(4, 1)) == [blank]
    assert oper.list_by_page(4, 2) == []
    assert oper.list_by_page(count=0) == []
    assert ids(oper.list_by_page(status=False)) == [new]
    assert ids(async_to_sync(oper.async_list_by_page)(1, 1, status=True)) == [same]
    assert (oper.count(), oper.count(True), oper.count(False)) == (5, 4, 1)
    assert async_to_sync(oper.async_count)(status=False) == 1


def test_a_page_is_one_query(library, oper, django_assert_num_queries):
    for _ in range(3):
        add_transfer(library)

    with django_assert_num_queries(1, using="moviepilot"):
        oper.list_by_page(1, 3)
    with django_assert_num_queries(1, using="moviepilot"):
        oper.count_by_title("甲", status=True)


def test_a_text_is_looked_for_in_title_and_paths_and_means_itself(library, oper):
    title = add_transfer(library, title="100%_", date="2026-01-04 00:00:00")
    src = add_transfer(library, src="/x/100%_.mkv", date="2026-01-03 00:00:00")
    dest = add_transfer(library, dest="/y/100%_", date="2026-01-02", status=False)
    add_transfer(library, title="100ab", src="/x/1000.mkv", dest=None)

    assert ids(oper.list_by_title("100%_")) == [title, src, dest]
    assert ids(oper.list_by_title("100%_", status=False)) == [dest]
    assert ids(oper.list_by_title("100%_", 2, 1, status=True)) == [src]
    assert ids(oper.list_by_title("100%_", count=-1)) == [title, src, dest]
    assert ids(oper.get_by_title("%_")) == [title, src, dest]
    assert oper.count_by_title("100%_") == 3
    assert oper.count_by_title("100%_", status=True) == 2
    assert oper.get_by_title("nowhere") == []
    twin = async_to_sync(oper.async_list_by_title)
    assert ids(twin("100%_", status=True)) == [title, src]
    assert async_to_sync(oper.async_count_by_title)("100%_", status=False) == 1


def test_get_by_title_is_the_first_page(sqlite_library, oper):
    for _ in range(31):
        add_transfer(sqlite_library)

    assert len(oper.get_by_title("甲")) == 30


def test_one_record_is_found_by_path_or_number(library, oper):
    first = add_transfer(library, src="/a", dest="/b", tmdbid=7)
    other = add_transfer(library, src="/a", src_storage="u115", dest="/b", tmdbid=7)
    add_transfer(library, src="/a/", dest="/b/", type="电视剧", tmdbid=8)

    assert oper.get_by_src("/a").pk == first
    assert oper.get_by_src("/a", "u115").pk == other
    assert oper.get_by_src("/a", storage="") == oper.get_by_src("/a")
    assert oper.get_by_src("/a", "alist") is None
    assert oper.get_by_dest("/b").pk == first
    assert oper.get_by_dest("/B") is None
    assert oper.get_by_type_tmdbid("电影", 7).pk == first
    assert oper.get_by_type_tmdbid("电影", 8) is None
    assert async_to_sync(oper.async_get_by_src)("/a", storage="u115").pk == other


def test_records_of_a_torrent_or_after_a_time_are_listed(library, oper):
    first = add_transfer(library, download_hash="bb", date="2026-01-02 00:00:01")
    second = add_transfer(library, download_hash="bb", date="2026-01-02 00:00:00")
    last = add_transfer(library, date="2026-01-03 00:00:00")
    add_transfer(library, date=None)

    assert ids(oper.list_by_hash("bb")) == [first, second]
    assert oper.list_by_hash("b") == []
    assert ids(oper.list_by_date("2026-01-02 00:00:00")) == [last, first]
    assert ids(oper.list_by_date("2026-01-02")) == [last, second, first]
    assert ids(async_to_sync(oper.async_list_by_hash)("bb")) == [first, second]


def test_days_are_counted_in_order(library, oper):
    now = local_now()
    days = [now - dt.timedelta(days=number) for number in (0, 2, 2, 6, 8, 40)]
    for day in days:
        add_transfer(library, date=f"{day:{STAMP}}", status=day != days[1])
    add_transfer(library, date=None)

    week = [(f"{days[number]:%Y-%m-%d}", count) for number, count in ((3, 1), (1, 2))]
    assert oper.statistic() == [*week, (f"{now:%Y-%m-%d}", 1)]
    assert oper.statistic(None) == oper.statistic(7)
    assert len(oper.statistic(30)) == 4
    assert async_to_sync(oper.async_statistic)(days=1) == [(f"{now:%Y-%m-%d}", 1)]


def test_a_title_is_found_as_a_whole_by_season_or_by_episode(library, oper):
    series = {"type": "电视剧", "tmdbid": 3, "title": "乙", "year": "2021"}
    dest = "/tv/乙 100%/E01.mkv"
    one = add_transfer(library, **series, seasons="S01", episodes="E01", dest=dest)
    two = add_transfer(library, **series, seasons="S01", episodes="E02", dest=None)
    late = add_transfer(library, **series, seasons="S02", episodes="E01", dest="/x")
    movie = add_transfer(library, dest="/movie")
    add_transfer(library, type="电视剧", tmdbid=3, title="乙", year="1999")

    by_number = {"tmdbid": 3, "mtype": "电视剧"}
    by_name = {"title": "乙", "year": "2021"}
    assert ids(oper.get_by(**by_name)) == [one, two, late]
    assert len(oper.get_by(**by_number)) == 4
    for named in (by_number, by_name):
        episode = {**named, "season": "S01", "episode": "E01"}
        assert ids(oper.get_by(**named, season="S01")) == [one, two]
        assert ids(oper.get_by(**named, season="S01", dest="/z")) == [one, two]
        assert ids(oper.get_by(**episode, dest=dest)) == [one]
        assert oper.get_by(**episode, dest="/tv") == []
        assert oper.get_by(**episode) == []
        assert oper.get_by(**named, season="S01", episode="E02") == []
    assert ids(oper.get_by(tmdbid=1, mtype="电影", dest="/movie")) == [movie]
    assert oper.get_by(tmdbid=1, mtype="电影", dest="/mov") == []
    assert ids(async_to_sync(oper.async_get_by)("乙", "2021", season="S02")) == [late]


def test_a_season_is_found_by_where_its_path_begins(library, oper):
    tv = {"type": "电视剧", "seasons": "S01"}
    one = add_transfer(library, **tv, dest="/tv/100%/S01/E01.mkv")
    add_transfer(library, **tv, dest="/tv/1000/S01/E01.mkv")
    add_transfer(library, **{**tv, "seasons": "S02"}, dest="/tv/100%/S02/E01.mkv")

    assert ids(oper.get_by(mtype="电视剧", season="S01", dest="/tv/100%/")) == [one]


def test_too_little_finds_nothing(sqlite_library, oper):
    add_transfer(sqlite_library)

    assert oper.get_by() == []
    assert oper.get_by(tmdbid=1) == []
    assert oper.get_by(title="甲") == []
    assert oper.get_by(mtype="电影", season="S01") == []
    assert oper.get_by(mtype="电影", dest="/library") == []


# --- Writing


def test_values_or_a_record_are_added_and_can_be_taken_back(library, oper):
    before = library.dump()

    pk = oper.add(src="/a", title="甲", status=False, date="1999-01-01 00:00:00")
    [date, files] = stored(library, "transferhistory", pk, "date", "files")
    undo_last()
    assert library.dump() == before

    assert date[:10] == f"{local_now():%Y-%m-%d}"
    assert files == "[]"
    kept = oper.add(TransferHistory(src="/b", date="1999-01-01 00:00:00"))
    assert stored(library, "transferhistory", kept, "date", "status")[1] in (1, True)
    assert oper.get(kept).date == "1999-01-01 00:00:00"
    assert oper.get(async_to_sync(oper.async_add)(src="/a")).src == "/a"
    with pytest.raises(InvalidValues):
        oper.add(sorce="/a")


def test_a_newer_record_takes_the_place_of_the_same_files(library, oper):
    older = add_transfer(library, src="/a", src_storage="u115")
    neighbour = add_transfer(library, src="/a", src_storage="local")
    before = library.dump()

    newer = oper.add_force(src="/a", src_storage="u115", title="new", status=True)

    assert (newer.title, newer.src_storage) == ("new", "u115")
    assert ids(oper.list()) == [neighbour, newer.pk]
    assert ChangeSet.objects.count() == 1
    undo_last()
    assert library.dump() == before
    assert oper.get(older).src == "/a"
    first = oper.add_force(src="/a")
    assert ids(oper.list()) == [neighbour, first.pk]


def test_without_a_source_nothing_is_replaced(library, oper):
    other = add_transfer(library, src=None, title="other")

    added = oper.add_force(title="new")
    again = async_to_sync(oper.async_add_force)(src="/new", title="again")

    assert added.title == "new"
    assert again.title == "again"
    assert ids(oper.list()) == [other, added.pk, again.pk]


def test_a_record_the_database_refuses_replaces_nothing(sqlite_library, oper):
    add_transfer(sqlite_library, src="/a")
    sqlite_library.execute(
        "CREATE TRIGGER no BEFORE INSERT ON transferhistory WHEN new.title = 'no' "
        "BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END"
    )
    before = sqlite_library.dump()

    with pytest.raises(RecordRefused, match="trigger"):
        oper.add_force(src="/a", title="no")
    with pytest.raises(RecordRefused, match="trigger"):
        oper.add_force(src="/b", title="no")

    assert sqlite_library.dump() == before


def test_a_success_is_kept_with_all_that_is_known(library, oper):
    before = library.dump()
    target = item("/library/a.mkv", children=[item("/library/a/b.mkv")])
    info = SimpleNamespace(target_item=target, file_list=["/downloads/a.mkv"])

    kept = oper.add_success(
        model_item("/downloads/a.mkv"), "link", META, film(), info, "qb", "aa"
    )

    assert kept.src_fileitem == {"storage": "local", "path": "/downloads/a.mkv"}
    assert kept.dest_fileitem["children"] == [
        {"storage": "local", "path": "/library/a/b.mkv", "type": "file", "size": 1}
    ]
    expected = {
        "src": "/downloads/a.mkv",
        "src_storage": "local",
        "dest": "/library/a.mkv",
        "dest_storage": "local",
        "mode": "link",
        "type": "电影",
        "category": "华语电影",
        "title": "甲",
        "year": "2020",
        "tmdbid": 1,
        "imdbid": "tt1",
        "tvdbid": None,
        "doubanid": "2",
        "seasons": "S01",
        "episodes": "E01",
        "image": "https://image.example/a.jpg",
        "downloader": "qb",
        "download_hash": "aa",
        "status": True,
        "errmsg": None,
        "files": ["/downloads/a.mkv"],
        "episode_group": "group-1",
    }
    assert {name: getattr(kept, name) for name in expected} == expected
    undo_last()
    assert library.dump() == before


def test_a_failure_says_why_and_replaces_the_files_record(library, oper):
    add_transfer(library, src="/downloads/a.mkv")
    info = SimpleNamespace(target_item=None, file_list=[], message="no space")
    silent = SimpleNamespace(target_item=None, file_list=[], message=None)
    source = {"storage": "local", "path": "/downloads/a.mkv"}

    known = oper.add_fail(item("/downloads/a.mkv"), "move", META, film(), info)
    unsaid = oper.add_fail(item("/b"), "move", META, film(), silent)
    unknown = async_to_sync(oper.async_add_fail)(
        SimpleNamespace(**source, model_dump=lambda: source), "copy", META
    )

    assert (known.errmsg, known.status) == ("no space", False)
    assert (known.dest, known.episode_group, known.tmdbid) == (None, "group-1", 1)
    assert unsaid.errmsg == "未知错误"
    [fileitem] = stored(library, "transferhistory", unsaid.pk, "dest_fileitem")
    assert fileitem in (None, "null")
    assert (unknown.errmsg, unknown.title) == ("未识别到媒体信息", "A")
    assert (unknown.seasons, unknown.tmdbid, unknown.type) == ("S01", None, None)
    assert (unknown.dest_fileitem, unknown.files) == ({}, [])
    assert ids(oper.list()) == [unsaid.pk, unknown.pk]


def test_records_are_updated(library, oper):
    pk = add_transfer(library)
    neighbour = add_transfer(library)
    before = library.dump()

    assert oper.update_download_hash(pk, "bb").download_hash == "bb"
    assert oper.update_download_hash(historyid=999, download_hash="bb") is None
    undo_last()
    assert library.dump() == before
    assert oper.update(sid=pk, title="New").title == "New"
    assert oper.update(pk, {"title": "Newer", "id": 9, "unknown": 1}).pk == pk
    assert oper.get(neighbour).title == "甲"
    assert (
        async_to_sync(oper.async_update_download_hash)(pk, None).download_hash is None
    )


# --- Deleting


def test_nothing_is_deleted_without_a_confirmation(library, oper):
    pk = add_transfer(library)

    with pytest.raises(ConfirmationNeeded, match=rf"\.delete\({pk}, confirmed=True\)"):
        oper.delete(pk)
    with pytest.raises(ConfirmationNeeded, match=r"\.truncate\(confirmed=True\)"):
        oper.truncate()
    with pytest.raises(ConfirmationNeeded):
        async_to_sync(oper.async_delete)(historyid=pk)
    with pytest.raises(ConfirmationNeeded):
        async_to_sync(oper.async_truncate)()
    with pytest.raises(ConfirmationNeeded):
        TransferHistory.objects.delete(sid=pk)

    assert ids(oper.list()) == [pk]
    assert not ChangeSet.objects.exists()


def test_a_confirmed_deletion_can_be_taken_back(library, oper):
    first, second, third = (add_transfer(library) for _ in range(3))
    library.insert("site", name="s", url="u")
    before = library.dump()

    assert oper.delete(first, confirmed=True)
    assert not oper.delete(first, confirmed=True)
    assert ids(oper.list()) == [second, third]
    undo_last()
    assert library.dump() == before
    assert oper.truncate(confirmed=True) == 3
    assert oper.truncate(confirmed=True) == 0
    undo_last()
    assert library.dump() == before
    assert async_to_sync(oper.async_delete)(sid=second, confirmed=True)
    assert async_to_sync(oper.async_truncate)(confirmed=True) == 2
    assert Site.objects.count() == 1
