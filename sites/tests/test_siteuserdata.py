"""What the accounts on sites looked like, day by day."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet
from core.fields import day_now
from core.opers.tests.support import ids, undo_last
from sites.opers import SiteOper
from sites.tests.support import add_reading

KEPT = (True, "更新站点用户数据成功")


@pytest.fixture
def oper():
    return SiteOper()


def test_there_is_one_reading_a_day(library, oper):
    yesterday = add_reading(library)
    before = library.dump()

    assert oper.update_userdata("a.example", "甲", {"upload": 5, "odd": 1}) == KEPT
    [today] = oper.get_userdata_by_date(day_now())
    assert (today.domain, today.name, today.upload) == ("a.example", "甲", 5)
    assert (today.err_msg, len(today.updated_time)) == ("", 8)
    undo_last()
    assert library.dump() == before
    oper.update_userdata("a.example", "甲", {"upload": 5})
    oper.update_userdata("a.example", "甲", {"upload": 6})
    again = {"upload": 0, "err_msg": "no answer"}
    assert oper.update_userdata("a.example", "甲", again) == KEPT
    assert async_to_sync(oper.async_update_userdata)("b.example", "乙", again) == KEPT

    [first, same, other] = oper.get_userdata()
    assert (first.pk, first.upload) == (yesterday, 10.5)
    assert (same.upload, same.err_msg) == (6, "")
    assert (other.domain, other.err_msg) == ("b.example", "no answer")
    assert ChangeSet.objects.exclude(kind="undo").count() == 4


def test_a_reading_without_an_error_replaces_one_with(library, oper):
    oper.update_userdata("a.example", "甲", {"err_msg": "no answer"})
    oper.update_userdata("a.example", "甲", {"upload": 6, "seeding_info": [[1, 2]]})

    [reading] = oper.get_userdata()
    assert (reading.err_msg, reading.upload) == ("", 6)
    assert reading.seeding_info == [[1, 2]]


def test_readings_are_listed_by_site_and_day(library, oper):
    first = add_reading(library)
    second = add_reading(library, updated_day="2026-01-02")
    other = add_reading(library, domain="a_example", updated_day="2026-01-02")

    assert ids(oper.get_userdata()) == [first, second, other]
    assert ids(oper.get_userdata_by_domain("a.example")) == [first, second]
    assert ids(oper.get_userdata_by_domain("a.example", "2026-01-02")) == [second]
    assert oper.get_userdata_by_domain("a.example", workdate="2026-01-0_") == []
    assert ids(oper.get_userdata_by_date("2026-01-02")) == [second, other]
    twin = async_to_sync(oper.async_get_userdata_by_domain)
    assert ids(twin("a.example", "2026-01-01")) == [first]


def test_the_latest_readings_are_those_without_an_error(
    library, oper, django_assert_num_queries
):
    add_reading(library)
    day = {"updated_day": "2026-01-02"}
    latest = add_reading(library, **day, updated_time="09:00:00", err_msg=None)
    add_reading(library, **day, updated_time="10:00:00", err_msg="no answer")
    add_reading(library, updated_day="2026-01-03", err_msg="no answer")
    other = add_reading(library, domain="b.example", updated_time="23:00:00")
    untimed = add_reading(library, domain="c.example", updated_time=None)
    add_reading(library, domain="d.example", err_msg="no answer")
    add_reading(library, domain=None)
    add_reading(library, domain="e.example", updated_day=None)

    with django_assert_num_queries(1, using="moviepilot"):
        found = oper.get_userdata_latest()

    assert ids(found) == [other, latest, untimed]
    assert ids(async_to_sync(oper.async_get_userdata_latest)()) == ids(found)
