"""Downloads, found, kept, and deleted with their files."""

import datetime as dt

import pytest
from asgiref.sync import async_to_sync

from core.changes import (
    ChangeSet,
    Delete,
    InvalidValues,
    Selection,
    apply,
    delete_records,
    plan,
)
from core.fields import local_now
from core.opers.tests.support import ids, undo_last
from history.models import DownloadHistory
from history.opers import DownloadFilesOper, DownloadHistoryOper
from history.tests.support import add_download, add_file


@pytest.fixture
def oper():
    return DownloadHistoryOper()


def test_one_download_is_found_by_path_or_torrent(library, oper):
    old = add_download(library, path="/a", date="2025-01-01 00:00:00")
    new = add_download(library, path="/a", date="2026-01-01 00:00:00")
    undated = add_download(library, path="/b%", date=None)

    assert oper.get(sid=new).pk == new
    assert oper.get_by_path("/a").pk == old
    assert oper.get_by_path("/b_") is None
    assert oper.get_by_hash("aa").pk == new
    assert oper.get_by_hash("a") is None
    assert async_to_sync(oper.async_get_by_path)(path="/b%").pk == undated
    assert async_to_sync(oper.async_get_by_hash)("aa").pk == new


def test_the_newest_of_many_torrents_are_one_query(
    library, oper, django_assert_num_queries
):
    new = add_download(library, download_hash="aa", date="2026-01-02 00:00:00")
    add_download(library, download_hash="aa", date="2026-01-01 00:00:00")
    add_download(library, download_hash="bb", date="2026-01-01 00:00:00")
    same = add_download(library, download_hash="bb", date="2026-01-01 00:00:00")
    undated = add_download(library, download_hash="cc", date=None)
    add_download(library, download_hash="")

    with django_assert_num_queries(1, using="moviepilot"):
        found = oper.get_by_hashes(["cc", "bb", "", "aa", "missing", "bb"])

    assert {each: record.pk for each, record in found.items()} == {
        "cc": undated,
        "bb": same,
        "aa": new,
    }
    assert [*found] == ["cc", "bb", "aa"]
    assert oper.get_by_hashes([""]) == {}
    assert async_to_sync(oper.async_get_by_hashes)(["aa"])["aa"].pk == new


def test_downloads_of_a_title_are_listed(library, oper):
    first = add_download(library, tmdbid=7, doubanid="70")
    second = add_download(library, tmdbid=7, type="电视剧", seasons="S01")
    third = add_download(library, tmdbid=None, doubanid="70")
    episode = add_download(
        library, tmdbid=7, type="电视剧", seasons="S01", episodes="E01"
    )
    series = {"mtype": "电视剧", "tmdbid": 7}

    assert ids(oper.get_by_mediaid(7, "70")) == [first, second, episode]
    assert ids(oper.get_by_mediaid(None, "70")) == [first, third]
    assert oper.get_by_mediaid(None, None) == oper.get_by_mediaid(0, "") == []
    assert ids(oper.get_last_by(**series)) == [episode, second]
    assert ids(oper.get_last_by(**series, season="S01")) == [episode, second]
    assert ids(oper.get_last_by(**series, season="S01", episode="E01")) == [episode]
    assert len(oper.get_last_by(title="甲", year="2020")) == 4
    assert ids(oper.get_last_by(title="甲", year="2020", episode="E01")) == [episode]
    assert oper.get_last_by(tmdbid=7) == oper.get_last_by(title="甲") == []
    assert oper.get_last_by() == []
    assert ids(async_to_sync(oper.async_get_last_by)("电影", tmdbid=7)) == [first]


def test_pages_are_in_order_of_ids(library, oper, django_assert_num_queries):
    made = [add_download(library, date=f"2026-01-0{9 - n}") for n in range(3)]

    with django_assert_num_queries(1, using="moviepilot"):
        assert ids(oper.list_by_page()) == made
    assert ids(oper.list_by_page(1, 2)) == ids(oper.list_by_page(0, 2)) == made[:2]
    assert ids(oper.list_by_page(page=2, count=2)) == made[2:]
    assert oper.list_by_page(3, 2) == []
    assert ids(oper.list_by_page(count=-1)) == made
    assert ids(async_to_sync(oper.async_list_by_page)(-1, 1)) == made[:1]


def test_downloads_after_a_time_are_newest_first(library, oper):
    before = add_download(library, date="2026-01-01 00:00:00", username="u%")
    at = add_download(library, date="2026-01-02 00:00:00", username="u%")
    after = add_download(library, date="2026-01-02 00:00:01", username="u%")
    other = add_download(library, date="2026-01-03 00:00:00", seasons="S02")
    add_download(library, date=None, username="u%")
    time = "2026-01-02 00:00:00"

    assert ids(oper.list_by_user_date(time)) == [other, after]
    assert ids(oper.list_by_user_date("2026-01-02", "u%")) == [after, at]
    assert oper.list_by_user_date("2026-01-01", "u_") == []
    assert before not in ids(oper.list_by_user_date(time))
    assert ids(oper.list_by_date(time, "电影", "1")) == [other, after]
    assert ids(oper.list_by_date(time, "电影", 1, "S02")) == [other]
    assert oper.list_by_date(time, "电视剧", "1") == []
    assert oper.list_by_date(date=time, type="电影", tmdbid="2") == []
    assert oper.list_by_date(time, "电影", "unknown") == []
    twin = async_to_sync(oper.async_list_by_user_date)
    assert ids(twin(time, username="u%")) == [after]


def test_downloads_of_the_last_days_are_listed_by_type(library, oper):
    days = [local_now() - dt.timedelta(days=number) for number in (1, 6, 8)]
    made = [add_download(library, date=f"{day:%Y-%m-%d %H:%M:%S}") for day in days]
    add_download(library, type="电视剧", date=f"{days[0]:%Y-%m-%d %H:%M:%S}")

    assert ids(oper.list_by_type("电影")) == made[1::-1]
    assert ids(oper.list_by_type("电影", days=30)) == made[::-1]
    assert ids(async_to_sync(oper.async_list_by_type)("电影", 3)) == made[:1]


def test_downloads_are_added_as_they_are(library, oper):
    before = library.dump()

    oper.add(path="/a", type="电影", title="甲")
    undo_last()
    assert library.dump() == before
    pk = oper.add(path="/a", type="电影", title="甲", note={"source": "x"})
    kept = oper.add(DownloadHistory(path="/b", type="电影", title="乙"))

    assert (oper.get(pk).date, oper.get(pk).note) == (None, {"source": "x"})
    assert oper.get(async_to_sync(oper.async_add)(path="/", type="", title="")).pk
    with pytest.raises(InvalidValues):
        oper.add(title="no path")
    assert oper.update(kept, {"title": "丙"}).title == "丙"
    assert oper.update(999, {"title": "丙"}) is None


# --- Files


def test_files_are_added_and_cleared_in_one_change_each(library, oper):
    download = add_download(library)
    before = library.dump()

    added = oper.add_files(
        [{"download_hash": "aa", "fullpath": f"/{n}"} for n in range(3)]
    )

    assert added == 3
    assert ChangeSet.objects.count() == 1
    assert [file.state for file in oper.get_files_by_hash("aa")] == [1, 1, 1]
    assert oper.add_files([]) == 0
    with pytest.raises(InvalidValues):
        oper.add_files([{"fullpath": "/x"}, {"full": "/y"}])
    assert oper.truncate_files() == 3
    assert oper.truncate_files() == 0
    undo_last()
    assert len(oper.get_files_by_hash("aa")) == 3
    assert async_to_sync(oper.async_truncate_files)() == 3
    assert library.dump() == before
    assert async_to_sync(oper.async_add_files)([{"fullpath": "/z"}]) == 1
    assert oper.get(download).pk == download


def test_files_are_found_by_torrent_and_paths(library, oper):
    first = add_file(library, fullpath="/a%", savepath="/s_")
    gone = add_file(library, fullpath="/a%", state=0, download_hash=None)
    other = add_file(library, fullpath="/ab", savepath="/sx", download_hash="bb")

    assert ids(oper.get_files_by_hash("aa")) == [first]
    assert oper.get_files_by_hash("aa", state=0) == []
    assert ids(oper.get_files_by_hash("bb", 1)) == [other]
    assert oper.get_file_by_fullpath("/a%").pk == gone
    assert oper.get_file_by_fullpath("/a_") is None
    assert ids(oper.get_files_by_fullpath("/a%")) == [gone, first]
    assert ids(oper.get_files_by_savepath("/s_")) == [first]
    assert oper.get_files_by_savepath(fullpath="/s") == []
    assert oper.get_hash_by_fullpath("/ab") == "bb"
    assert oper.get_hash_by_fullpath("/a%") == ""
    assert oper.get_hash_by_fullpath("/none") == ""
    assert async_to_sync(oper.async_get_hash_by_fullpath)("/ab") == "bb"


def test_a_file_is_marked_as_gone_or_deleted(library, oper):
    first = add_file(library, fullpath="/a")
    second = add_file(library, fullpath="/a")
    gone = add_file(library, fullpath="/a", state=0)
    neighbour = add_file(library, fullpath="/A")
    before = library.dump()

    assert oper.delete_file_by_fullpath("/a") == 2
    assert [file.state for file in oper.get_files_by_fullpath("/a")] == [0, 0, 0]
    assert oper.get_file_by_fullpath("/A").state == 1
    assert ChangeSet.objects.count() == 1
    assert oper.delete_file_by_fullpath("/a") == 0
    undo_last()
    assert library.dump() == before
    assert oper.delete_downloadfile(first)
    assert not oper.delete_downloadfile(first)
    assert async_to_sync(oper.async_delete_downloadfile)(downloadfileid=second)
    assert ids(DownloadFilesOper().list()) == [gone, neighbour]


# --- Deleting


@pytest.fixture
def season(library):
    """Two downloads of one torrent, one of another, one without; files of all."""
    made = [
        add_download(library, download_hash=name) for name in ("aa", "aa", "bb", None)
    ]
    for name in ("aa", "aa", "bb", None):
        add_file(library, download_hash=name)
    return made


def hashes():
    """The torrents of the files there are."""
    return [file.download_hash for file in DownloadFilesOper().list()]


def test_the_last_download_of_a_torrent_takes_its_files(library, oper, season):
    assert oper.delete_history(season[0])
    assert hashes() == ["aa", "aa", "bb", None]
    before = library.dump()

    assert async_to_sync(oper.async_delete_history)(historyid=season[1])

    assert hashes() == ["bb", None]
    undo_last()
    assert library.dump() == before
    assert not oper.delete_history(season[0])
    assert oper.delete(season[3])
    assert hashes() == ["aa", "aa", "bb", None]


@pytest.mark.parametrize("how", ["records", "plan", "oper"])
def test_files_go_with_their_downloads_and_come_back(library, oper, season, how):
    before = library.dump()
    both = season[:2]

    if how == "records":
        delete_records(DownloadHistory, both)
    elif how == "plan":
        selection = Selection(DownloadHistory, ids=both)
        apply(plan(DownloadHistory, Delete(), selection=selection))
    else:
        assert oper.truncate() == 4

    assert hashes() == ([None] if how == "oper" else ["bb", None])
    assert ChangeSet.objects.count() == 1
    undo_last()
    assert library.dump() == before
