"""Sites, found and kept."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet, InvalidValues
from core.opers.tests.support import ids, insert, stored, undo_last
from sites.models import Site
from sites.opers import SiteOper
from sites.tests.support import add_site


@pytest.fixture
def oper():
    return SiteOper()


def test_a_site_is_found_by_id_domain_or_name(library, oper):
    first = add_site(library)
    twice = add_site(library)
    other = add_site(library, name="乙%", domain="b%.example")

    assert oper.get(sid=twice).pk == twice
    assert oper.get(domain="b%.example").pk == other
    assert oper.get_by_domain("a.example").pk == first
    assert oper.get_by_domain("b_.example") is None
    assert oper.get_by_name("甲").pk == first
    assert oper.get_by_name("乙") is None
    assert oper.exists("a.example")
    assert not oper.exists("b_.example")
    assert async_to_sync(oper.async_get)(other).pk == other
    assert async_to_sync(oper.async_get_by_domain)("a.example").pk == first
    assert async_to_sync(oper.async_get_by_name)(name="甲").pk == first
    assert async_to_sync(oper.async_exists)("b%.example")


def test_sites_are_listed(library, oper, django_assert_num_queries):
    late = add_site(library, pri=9, is_active=None)
    unset = add_site(library, domain="b.example", pri=None, is_active=False)
    first = add_site(library, domain="c.example", pri=1)
    same = add_site(library, domain=None, pri=1)

    with django_assert_num_queries(1, using="moviepilot"):
        assert ids(oper.list_order_by_pri()) == [first, same, late, unset]
    assert ids(oper.list()) == [late, unset, first, same]
    assert ids(oper.list_active()) == [first, same]
    with django_assert_num_queries(1, using="moviepilot"):
        domains = oper.get_domains_by_ids([same, first, 999, late])
    assert domains == ["a.example", "c.example"]
    assert oper.get_domains_by_ids([]) == []
    assert ids(async_to_sync(oper.async_list)()) == ids(oper.list())
    assert ids(async_to_sync(oper.async_list_active)()) == [first, same]
    assert async_to_sync(oper.async_get_domains_by_ids)([late]) == ["a.example"]


def test_a_site_is_added_once(library, oper):
    before = library.dump()
    site = {"name": "甲", "domain": "a.example", "url": "https://a.example/"}

    assert oper.add(**site) == (True, "新增站点成功")
    [added] = oper.list()
    assert oper.add(**site) == (False, "站点已存在")
    assert async_to_sync(oper.async_add)(**site) == (False, "站点已存在")

    assert (added.pri, added.timeout, added.is_active) == (1, 15, True)
    assert ids(oper.list()) == [added.pk]
    undo_last()
    assert library.dump() == before
    pk = oper.add(Site(**site))
    assert oper.get(pk).domain == "a.example"
    assert oper.add(name="no domain", url="u") == (True, "新增站点成功")
    with pytest.raises(InvalidValues):
        oper.add(domain="b.example")


def test_a_site_is_updated(library, oper):
    pk = add_site(library)
    neighbour = add_site(library, domain="b.example")
    before = library.dump()

    updated = oper.update(pk, {"name": "新", "id": 99, "unknown": 1})

    assert (updated.pk, updated.name) == (pk, "新")
    assert updated.lst_mod_date == "2026-01-01 00:00:00"
    assert oper.get(neighbour).name == "甲"
    undo_last()
    assert library.dump() == before
    assert oper.update(sid=999, payload={"name": "新"}) is None
    assert async_to_sync(oper.async_update)(999, {}) is None
    assert async_to_sync(oper.async_update)(pk, payload={"pri": 3}).pri == 3
    assert oper.update(pk, timeout=30).timeout == 30
    with pytest.raises(InvalidValues):
        oper.update(pk, timeout="soon")


def test_cookie_and_feed_are_set_by_domain(library, oper):
    pk = add_site(library)
    neighbour = add_site(library, domain="a_example")
    before = library.dump()

    done = oper.update_cookie("a.example", "synthetic-cookie-2")

    assert done == (True, "更新站点Cookie成功")
    assert stored(library, "site", pk, "cookie") == ("synthetic-cookie-2",)
    assert stored(library, "site", neighbour, "cookie") == ("synthetic-cookie-1",)
    undo_last()
    assert library.dump() == before
    assert oper.update_rss("a.example", "https://x/rss") == (
        True,
        "更新站点RSS地址成功",
    )
    assert oper.get(pk).rss == "https://x/rss"
    assert oper.update_cookie("none", "c") == (False, "站点不存在")
    assert async_to_sync(oper.async_update_cookie)("none", "c")[0] is False
    assert async_to_sync(oper.async_update_rss)(domain="none", rss="r")[0] is False


def test_a_site_is_deleted_and_comes_back(library, oper):
    pk = add_site(library)
    neighbour = add_site(library, domain="b.example")
    before = library.dump()

    assert oper.delete(pk)

    assert ids(oper.list()) == [neighbour]
    assert not oper.delete(sid=pk)
    assert ChangeSet.objects.count() == 1
    undo_last()
    assert library.dump() == before
    assert async_to_sync(oper.async_delete)(pk)


def test_a_deleted_site_is_listed_nowhere_any_more(library, oper):
    gone, stays = add_site(library), add_site(library, domain="b.example")
    wanted = insert(library, "subscribe", name="t", state="R", sites=[gone, stays])
    chosen = insert(library, "systemconfig", key="RssSites", value=[stays, gone])
    done = insert(library, "subscribehistory", name="t", sites=[gone])
    icon = insert(library, "siteicon", name="甲", domain="a.example", url="u")
    before = library.dump()

    assert oper.delete(gone)

    assert stored(library, "subscribe", wanted, "sites") == (f"[{stays}]",)
    assert stored(library, "systemconfig", chosen, "value") == (f"[{stays}]",)
    assert stored(library, "subscribehistory", done, "sites") == (f"[{gone}]",)
    assert stored(library, "siteicon", icon, "domain") == ("a.example",)
    undo_last()
    assert library.dump() == before
