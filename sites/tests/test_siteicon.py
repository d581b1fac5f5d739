"""Icons of sites."""

from asgiref.sync import async_to_sync

from core.changes import ChangeSet
from core.opers.tests.support import undo_last
from sites.opers import SiteIconOper, SiteOper


def test_an_icon_is_kept_and_replaced_only_by_another(library):
    oper = SiteOper()
    neighbour = library.insert("siteicon", name="乙", domain="a_example", url="u")
    before = library.dump()

    assert oper.update_icon("甲", "a.example", "https://a.example/1.ico", "QUJD")

    icon = oper.get_icon_by_domain("a.example")
    assert (icon.url, icon.base64) == (
        "https://a.example/1.ico",
        "data:image/ico;base64,QUJD",
    )
    undo_last()
    assert library.dump() == before
    assert oper.update_icon("甲", "a.example", "https://a.example/1.ico", "")
    assert oper.get_icon_by_domain("a.example").base64 == ""
    twin = async_to_sync(oper.async_update_icon)
    assert twin("甲", "a.example", "https://a.example/2.ico", "REVG")
    assert oper.update_icon("甲", "a.example", "https://a.example/3.ico", None)
    kept = async_to_sync(oper.async_get_icon_by_domain)("a.example")
    assert kept.url == "https://a.example/2.ico"
    assert kept.base64.endswith(",REVG")
    assert SiteIconOper().find(neighbour).url == "u"
    assert oper.get_icon_by_domain("none") is None
    assert ChangeSet.objects.exclude(kind="undo").count() == 3
