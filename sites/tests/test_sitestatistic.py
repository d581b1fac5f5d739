"""Visits to sites, counted."""

import threading

import pytest
from asgiref.sync import async_to_sync
from django.db import connections

from core.fields import local_now
from core.opers.tests.support import insert, stored, undo_last
from sites.opers import SiteOper, SiteStatisticOper

NOTE = {f"2026-01-{day:02d} 00:00:00": day for day in range(1, 11)}


@pytest.fixture
def oper():
    return SiteOper()


def statistic(domain="a.example"):
    return SiteStatisticOper().get(domain=domain)


def test_the_first_visit_makes_a_record(library, oper):
    before = library.dump()

    oper.success("a.example", 3)

    found = statistic()
    assert (found.success, found.fail, found.seconds, found.lst_state) == (1, 0, 3, 0)
    assert [*found.note.values()] == [3]
    assert [*found.note] == [found.lst_mod_date]
    assert found.lst_mod_date[:10] == f"{local_now():%Y-%m-%d}"
    undo_last()
    assert library.dump() == before
    oper.fail("a.example")
    columns = ("success", "fail", "seconds", "note", "lst_state")
    failed = stored(library, "sitestatistic", statistic().pk, *columns)
    assert failed == (0, 1, None, None, 1)
    oper.success("b.example")
    assert (statistic("b.example").success, statistic("b.example").seconds) == (1, None)


def test_visits_are_counted(library, oper):
    pk = insert(library, "sitestatistic", domain="a.example", success=None, fail=4)
    other = insert(library, "sitestatistic", domain="a_example", success=7, fail=7)
    before = library.dump()

    oper.success("a.example")
    assert (statistic().success, statistic().fail, statistic().note) == (1, 4, None)
    undo_last()
    assert library.dump() == before
    async_to_sync(oper.async_success)(domain="a.example", seconds=2)
    async_to_sync(oper.async_fail)("a.example")

    found = statistic()
    assert (found.pk, found.success, found.fail, found.lst_state) == (pk, 1, 5, 1)
    assert found.seconds == 2
    assert stored(library, "sitestatistic", other, "success", "fail") == (7, 7)


def test_the_newest_ten_visits_are_kept_and_make_the_average(library, oper):
    insert(library, "sitestatistic", domain="a.example", success=10, note=NOTE)

    oper.success("a.example", 100)

    found = statistic()
    assert [*found.note.values()] == [*range(2, 11), 100]
    assert found.seconds == (sum(range(2, 11)) + 100) // 10


@pytest.mark.parametrize("note", ["[1, 2]", "null", '{"x": "odd", "y": 4}', "broken"])
def test_a_note_of_any_shape_does_not_matter(sqlite_library, oper, note):
    sqlite_library.insert("sitestatistic", domain="a.example", success=1, note=note)

    oper.success("a.example", 6)

    assert (statistic().success, statistic().seconds) == (2, 5 if "4" in note else 6)


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_no_visit_is_lost_when_several_are_counted_at_once(library, oper, known):
    if known:
        insert(library, "sitestatistic", domain="a.example", success=0, fail=0)

    def visit():
        oper.success("a.example")
        connections.close_all()

    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.success for each in SiteStatisticOper().list()] == [3]
