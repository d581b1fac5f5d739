"""MoviePilot's users, as its own programs look them up."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import InvalidValues
from core.models import User
from core.opers.accounts import UserOper
from core.opers.tests.support import ids, insert, undo_last

HASH = "$2b$12$synthetic.hash.1"


@pytest.fixture
def people(library):
    rows = [
        {"name": "mira", "permissions": {"search": True}, "settings": {"qq": "7"}},
        {"name": "tobi", "permissions": None, "settings": {"telegram_userid": "42"}},
        {"name": "mira", "permissions": [], "settings": "null"},
        {"name": "Mira", "permissions": "null", "settings": None},
    ]
    return [
        insert(library, "user", hashed_password=HASH, is_active=True, **row)
        for row in rows
    ]


def test_a_user_is_found_by_name_and_by_id(library, people):
    oper = UserOper()

    assert oper.get_by_name("mira").pk == people[0]
    assert oper.get_by_name("Mira").pk == people[3]
    assert oper.get_by_name("nobody") is None
    assert oper.get_by_name("m%") is None
    assert oper.get_by_id(people[1]).name == "tobi"
    assert oper.get_by_id(99) is None
    assert ids(oper.list()) == people
    assert async_to_sync(oper.async_get_by_name)("mira").pk == people[0]
    assert async_to_sync(oper.async_get_by_id)(people[1]).name == "tobi"
    assert ids(async_to_sync(oper.async_list)()) == people


def test_permissions_and_settings_are_always_objects(library, people):
    oper = UserOper()

    assert oper.get_permissions("mira") == {"search": True}
    assert oper.get_permissions("tobi") == {}
    assert oper.get_permissions("Mira") == {}
    assert oper.get_permissions("nobody") == {}
    assert oper.get_settings("mira") == {"qq": "7"}
    assert oper.get_settings("Mira") == {}
    assert oper.get_settings("nobody") is None
    assert oper.get_setting("mira", "qq") == "7"
    assert oper.get_setting("mira", "slack_userid") is None
    assert oper.get_setting("nobody", "qq") is None
    assert async_to_sync(oper.async_get_setting)("mira", "qq") == "7"


def test_a_name_is_found_by_any_setting(library, people):
    insert(library, "user", name="none", settings={"telegram_userid": "None"})
    oper = UserOper()

    assert oper.get_name(telegram_userid=42) == "tobi"
    assert oper.get_name(telegram_userid="1", qq="7") == "mira"
    assert oper.get_name(telegram_userid="4_") is None
    assert oper.get_name(telegram_userid=None) is None
    assert oper.get_name() is None
    assert async_to_sync(oper.async_get_name)(qq=7) == "mira"


def test_a_user_is_added_and_taken_back(library, people):
    before = library.dump()
    oper = UserOper()

    pk = oper.add(name="yuki", hashed_password=HASH, settings={"qq": "8"})

    added = oper.get_by_id(pk)
    assert (added.name, added.hashed_password) == ("yuki", HASH)
    assert (added.is_active, added.is_superuser, added.permissions) == (True, False, {})
    assert added.settings == {"qq": "8"}
    undo_last()
    assert library.dump() == before
    again = oper.add(User(name="yuki", hashed_password=HASH), reason="new")
    assert oper.get_by_id(again).name == "yuki"
    with pytest.raises(InvalidValues):
        oper.add(name="noor", nickname="n")
