"""The Opers' restrictions, and values outside the vocabularies."""

from __future__ import annotations

import pytest
from django.apps import apps

from core.models import (
    MediaServerItem,
    Message,
    PassKey,
    PluginData,
    Subscribe,
    SystemConfig,
    User,
    UserConfig,
    Workflow,
)
from core.models.base import Record
from core.vocabularies import MediaType, SubscribeState
from history.models import (
    DownloadFiles,
    DownloadHistory,
    SubscribeHistory,
    TransferHistory,
)
from sites.models import Site, SiteIcon, SiteStatistic, SiteUserData

RECORDS = [model for model in apps.get_models() if issubclass(model, Record)]
SITE = {"name": "a", "url": "u"}
DOWNLOAD = {"path": "p", "type": "电影", "title": "t"}

RESTRICTIONS = [
    (Subscribe, "in_state", ["P"], {"name": "a", "state": "P"}, {"state": "R"}),
    (Subscribe, "active", [], {"name": "a", "state": "R"}, {"state": "S"}),
    (
        Subscribe,
        "for_media",
        [7],
        {"name": "a", "state": "N", "tmdbid": 7},
        {"tmdbid": 8},
    ),
    (MediaServerItem, "on_server", ["a"], {"server": "a"}, {"server": "b"}),
    (MediaServerItem, "for_media", [7], {"tmdbid": 7}, {"tmdbid": None}),
    (SystemConfig, "of_plugins", [], {"key": "plugin.A"}, {"key": "Downloaders"}),
    (UserConfig, "of_user", ["a"], {"username": "a"}, {"username": "b"}),
    (User, "active", [], {"name": "a", "is_active": True}, {"is_active": None}),
    (
        User,
        "superusers",
        [],
        {"name": "a", "is_superuser": True},
        {"is_superuser": False},
    ),
    (User, "named", ["a"], {"name": "a"}, {"name": "A"}),
    (Message, "received", [], {"action": 0}, {"action": 1}),
    (Message, "sent", [], {"action": 1}, {"action": None}),
    (
        PluginData,
        "of_plugin",
        ["A"],
        {"plugin_id": "A", "key": "k"},
        {"plugin_id": "B"},
    ),
    (Workflow, "in_state", ["F"], {"name": "a", "state": "F"}, {"state": "S"}),
    (Workflow, "enabled", [], {"name": "a", "state": "W"}, {"state": "P"}),
    (Site, "active", [], {**SITE, "is_active": True}, {"is_active": False}),
    (Site, "without_login", [], {**SITE, "cookie": ""}, {"token": "SYNTHETIC"}),
    (SiteIcon, "of_domain", ["a"], {**SITE, "domain": "a"}, {"domain": "b"}),
    (SiteStatistic, "of_domain", ["a"], {"domain": "a"}, {"domain": "b"}),
    (SiteStatistic, "failing", [], {"lst_state": 1}, {"lst_state": 0}),
    (SiteUserData, "of_domain", ["a"], {"domain": "a"}, {"domain": "b"}),
    (
        SiteUserData,
        "on_day",
        ["2026-01-02"],
        {"updated_day": "2026-01-02"},
        {"updated_day": ""},
    ),
    (SiteUserData, "failed", [], {"err_msg": "no"}, {"err_msg": ""}),
    (SiteUserData, "failed", [], {"err_msg": "no"}, {"err_msg": None}),
    (TransferHistory, "succeeded", [], {"status": True}, {"status": None}),
    (TransferHistory, "failed", [], {"status": False}, {"status": True}),
    (TransferHistory, "for_media", [7], {"tmdbid": 7}, {"tmdbid": 8}),
    (
        TransferHistory,
        "of_download",
        ["h"],
        {"download_hash": "h"},
        {"download_hash": ""},
    ),
    (DownloadHistory, "for_media", [7], {**DOWNLOAD, "tmdbid": 7}, {"tmdbid": 8}),
    (
        DownloadHistory,
        "of_download",
        ["h"],
        {**DOWNLOAD, "download_hash": "h"},
        {"download_hash": "i"},
    ),
    (
        DownloadFiles,
        "of_download",
        ["h"],
        {"state": 1, "download_hash": "h"},
        {"download_hash": "i"},
    ),
    (DownloadFiles, "present", [], {"state": 1}, {"state": 0}),
    (SubscribeHistory, "for_media", [7], {"name": "a", "tmdbid": 7}, {"tmdbid": 8}),
    (
        SubscribeHistory,
        "of_user",
        ["a"],
        {"name": "a", "username": "a"},
        {"username": "b"},
    ),
]


@pytest.mark.parametrize(
    ("model", "method", "arguments", "kept", "other"),
    RESTRICTIONS,
    ids=lambda value: getattr(value, "__name__", None) or str(value),
)
def test_restriction(sqlite_library, model, method, arguments, kept, other):
    table = model._meta.db_table
    pk = sqlite_library.insert(table, **kept)
    sqlite_library.insert(table, **{**kept, **other})

    found = getattr(model.objects, method)(*arguments)

    assert [record.pk for record in found] == [pk]


def test_passkeys_of_a_user(library):
    owner, other = (library.insert("user", name=name) for name in "ab")
    for user, credential, active in ((owner, "1", True), (other, "2", False)):
        library.insert(
            "passkey",
            user_id=user,
            credential_id=credential,
            public_key="k",
            is_active=active,
        )

    assert PassKey.objects.of_user(owner).get(user=owner).credential_id == "1"
    assert [key.user_id for key in PassKey.objects.active()] == [owner]


def test_an_orphaned_passkey_is_read(sqlite_library):
    sqlite_library.insert(
        "passkey", user_id=99, credential_id="c", public_key="k", name="n"
    )

    passkey = PassKey.objects.get()

    assert (passkey.user_id, str(passkey)) == (99, "n")


def test_sites_in_the_order_they_are_searched(library):
    for name, priority in (("b", 2), ("a", 1), ("c", 2)):
        library.insert("site", name=name, url="u", pri=priority)

    assert [site.name for site in Site.objects.by_priority()] == ["a", "b", "c"]


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_an_oper_works_alone(sqlite_library, model):
    oper = type(model.objects)()

    assert oper.record == model._meta.label
    assert oper.list() == []
    assert oper.get(sid=1) is None


def test_vocabularies_are_open(library):
    library.insert("subscribe", name="a", type="音乐", state="X")

    subscribe = Subscribe.objects.get()
    for name in ("type", "state"):
        field = Subscribe._meta.get_field(name)
        assert field.clean(getattr(subscribe, name), subscribe)
    assert "音乐" not in MediaType.values
    assert "X" not in SubscribeState.values


def test_a_record_is_told_apart_by_its_season():
    assert str(Subscribe(name="a", season=3)) == "a S03"
    assert str(Subscribe(name="a", season=None)) == "a"
