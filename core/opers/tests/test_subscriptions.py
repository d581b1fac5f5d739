"""Subscriptions, made and found as MoviePilot does."""

import datetime as dt
import enum
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync

from core.changes import InvalidValues
from core.fields import local_now
from core.models import Subscribe
from core.opers.subscriptions import SubscribeOper
from core.opers.tests.support import ids, insert, stored, undo_last
from history.models import SubscribeHistory

NEW, KNOWN = "新增订阅成功", "订阅已存在"


class Kind(enum.Enum):
    TV = "电视剧"


def media(**values):
    """A media object of MoviePilot's, of a series."""
    whole = {
        "type": Kind.TV,
        "title": "Title",
        "year": "2026",
        "tmdb_id": None,
        "imdb_id": "tt1",
        "tvdb_id": 2,
        "douban_id": None,
        "bangumi_id": None,
        "episode_group": None,
        "vote_average": 7.5,
        "overview": "Plot.",
        "get_poster_image": lambda: "https://images.example/p.jpg",
        "get_backdrop_image": lambda: "https://images.example/b.jpg",
    }
    return SimpleNamespace(**{**whole, **values})


def subscribe(library, **values):
    values = {"name": "n", "type": "电视剧", "state": "R", **values}
    return insert(library, "subscribe", **values)


def days_ago(days):
    return f"{local_now() - dt.timedelta(days=days):%Y-%m-%d %H:%M:%S}"


def test_a_title_becomes_a_subscription(library):
    before = library.dump()
    oper = SubscribeOper()

    pk, words = oper.add(
        mediainfo=media(tmdb_id=1),
        season=2,
        username="mira",
        year="1900",
        search_imdbid=True,
        best_version=True,
        sites=[3],
    )

    assert words == NEW
    made = oper.get(sid=pk)
    assert (made.name, made.year, made.type) == ("Title", "2026", "电视剧")
    assert (made.tmdbid, made.imdbid, made.tvdbid) == (1, "tt1", 2)
    assert (made.doubanid, made.bangumiid, made.season) == (None, None, 2)
    assert made.poster == "https://images.example/p.jpg"
    assert made.backdrop == "https://images.example/b.jpg"
    assert (made.vote, made.description) == (7.5, "Plot.")
    assert (made.state, made.username, made.sites) == ("N", "mira", [3])
    assert len(made.date) == 19
    flags = ("search_imdbid", "best_version", "manual_total_episode")
    assert stored(library, "subscribe", pk, *flags) == (1, 1, 0)
    undo_last()
    assert library.dump() == before


def test_a_media_object_may_lack_attributes(library):
    oper = SubscribeOper()
    paths = {"poster_path": "/p.jpg", "backdrop_path": "/b.jpg"}

    plain = oper.add(
        SimpleNamespace(title="A", type="电影", tmdb_id=1, **paths), vote=3
    )
    bare = oper.add(SimpleNamespace(title="B"), poster="/kept.jpg")

    assert plain[1] == bare[1] == NEW
    made = oper.get(plain[0])
    assert (made.type, made.vote) == ("电影", 3)
    assert (made.poster, made.backdrop) == ("/p.jpg", "/b.jpg")
    assert oper.get(bare[0]).poster == "/kept.jpg"
    with pytest.raises(InvalidValues):
        oper.add(SimpleNamespace(title="C"), unknown=1)


def test_a_title_is_subscribed_to_once(library):
    first = subscribe(library, tmdbid=1, season=1, username="mira")
    second = subscribe(library, doubanid="d1")
    before = library.dump()
    oper = SubscribeOper()

    assert oper.add(media(tmdb_id=1), season=1) == (first, KNOWN)
    assert oper.add(media(tmdb_id=1, douban_id="d1")) == (first, KNOWN)
    assert oper.add(media(douban_id="d1"), season=9) == (second, KNOWN)
    own = {"season": 1, "owner_scope": True}
    assert oper.add(media(tmdb_id=1), username="mira", **own) == (first, KNOWN)
    assert oper.add(media(tmdb_id=1), **own) == (first, KNOWN)
    assert library.dump() == before

    assert oper.add(media(tmdb_id=1), season=2)[1] == NEW
    assert oper.add(media(tmdb_id=1), username="tobi", **own)[1] == NEW
    assert async_to_sync(oper.async_add)(media(tmdb_id=1), season=2)[1] == KNOWN


def test_a_title_known_to_bangumi_only_is_added_too(library):
    oper = SubscribeOper()

    pk, words = oper.add(media(bangumi_id=5))

    assert words == NEW
    assert oper.add(media(bangumi_id=5)) == (pk, KNOWN)
    assert oper.add(media())[1] == oper.add(media())[1] == NEW


def test_a_record_is_inserted_as_it_is(library):
    oper = SubscribeOper()

    pk, words = oper.add(Subscribe(id=7, name="N", date="2026-01-01"), reason="why")

    assert (pk, words) == (7, NEW)
    assert (oper.get(7).name, oper.get(7).date) == ("N", "2026-01-01")


@pytest.fixture
def wanted(library):
    rows = [
        {"tmdbid": 1, "season": 1, "username": "mira", "state": "N"},
        {"tmdbid": 1, "season": 2, "username": "mira", "date": days_ago(3)},
        {"doubanid": "d_1", "username": "mi_a", "date": days_ago(8)},
        {"bangumiid": 5, "type": "电影", "username": "mira", "state": "S"},
        {"tmdbid": 1, "type": "电影", "date": days_ago(1)},
    ]
    return [subscribe(library, **row) for row in rows]


def test_whether_a_title_is_subscribed_to(library, wanted):
    oper = SubscribeOper()

    assert oper.exists(1) is True
    assert oper.exists(tmdbid=1, season=2) is True
    assert oper.exists(tmdbid=1, doubanid="d_1", season=3) is False
    assert oper.exists(doubanid="d_1", season=3) is True
    assert oper.exists(doubanid="dx1") is False
    assert oper.exists() is False
    assert async_to_sync(oper.async_exists)(1, None, 1) is True


def test_a_subscription_is_found_by_type_and_any_of_its_ids(library, wanted):
    oper = SubscribeOper()

    def found(*args, **asked):
        return getattr(oper.get_by(*args, **asked), "pk", None)

    assert found("电视剧", tmdbid=1) == wanted[0]
    assert found("电视剧", "2", 1) == wanted[1]
    assert found("电影", tmdbid=1) == wanted[4]
    assert found("电视剧", doubanid="d_1") == wanted[2]
    assert found("电影", bangumiid="5") == wanted[3]
    assert found("电影", doubanid="d_1") is None
    assert found("电影") is None
    assert oper.get(sid=wanted[1]).pk == oper.get(season=2).pk == wanted[1]
    assert oper.get(sid=99) is None
    assert async_to_sync(oper.async_get_by)("电影", None, 1).pk == wanted[4]
    assert async_to_sync(oper.async_get)(sid=wanted[1]).pk == wanted[1]


def test_lists_are_oldest_first(library, wanted):
    a, b, c, d, e = wanted
    oper = SubscribeOper()

    assert ids(oper.list()) == ids(oper.list("")) == wanted
    assert ids(oper.list("N,S")) == [a, d]
    assert oper.list("X") == []
    assert ids(oper.list_by_tmdbid(1)) == [a, b, e]
    assert ids(oper.list_by_tmdbid(1, season=2)) == [b]
    assert ids(oper.list_by_username("mira")) == [a, b, d]
    assert ids(oper.list_by_username("mira", state="S", mtype="电影")) == [d]
    assert ids(oper.list_by_username("mi_a")) == [c]
    assert ids(oper.list_by_type("电视剧")) == [b]
    assert ids(oper.list_by_type("电视剧", days=9)) == [b, c]
    assert ids(oper.list_by_type("电视剧", None)) == [a, b, c]
    assert ids(async_to_sync(oper.async_list)("N,S")) == [a, d]
    assert ids(async_to_sync(oper.async_list_by_type)("电影", 2)) == [e]


def test_a_subscription_is_updated_and_taken_back(library, wanted):
    pk = wanted[0]
    before = library.dump()
    oper = SubscribeOper()

    payload = {"id": 99, "name": "A", "best_version": True, "unknown": 1}
    updated = oper.update(pk, payload)
    assert (updated.pk, updated.name, updated.best_version) == (pk, "A", 1)
    undo_last()
    assert oper.update(sid=pk, name="New Name").name == "New Name"
    undo_last()
    groups = async_to_sync(oper.async_update_filter_groups)(pk, ["4K"])
    assert groups.filter_groups == ["4K"]
    undo_last()
    assert library.dump() == before
    assert oper.update(99, payload) is None
    assert oper.update_filter_groups(99, ["4K"]) is None


def test_a_subscription_is_deleted_and_taken_back(library, wanted):
    before = library.dump()
    oper = SubscribeOper()

    assert oper.delete(sid=wanted[0]) is True
    assert oper.delete(sid=wanted[0]) is False
    assert ids(oper.list()) == wanted[1:]
    undo_last()
    assert library.dump() == before
    assert async_to_sync(oper.async_delete)(wanted[0]) is True


def test_a_finished_subscription_goes_to_the_history(library):
    before = library.dump()
    oper = SubscribeOper()

    pk = oper.add_history(
        id=77, name="N", type="电视剧", tmdbid=1, season=2, state="R", date="2026-01-01"
    )

    done = SubscribeHistory.objects.find(pk)
    assert (done.name, done.tmdbid, done.season, done.sites) == ("N", 1, 2, None)
    assert done.date > "2026-01-01"
    assert pk != 77
    assert oper.exist_history(1) is True
    assert oper.exist_history(tmdbid=1, season=1) is False
    assert oper.exist_history(doubanid="d1") is False
    assert async_to_sync(oper.async_exist_history)(1, None, 2) is True
    undo_last()
    assert library.dump() == before
    async_to_sync(oper.async_add_history)(name="N", doubanid="d1")
    assert oper.exist_history(doubanid="d1") is True
