"""UserConfigOper: the users' settings, by name or by the user's id."""

import pytest
from asgiref.sync import async_to_sync

from core.changes import ChangeSet
from core.models import UserConfig
from core.opers.configuration import UnknownUser, UserConfigOper
from core.systemconfig.keys import UserConfigKey

FALSY = [None, "", 0, False, [], {}]


@pytest.fixture
def anna(library):
    """The id of a user."""
    return add_user(library, "anna")


def add_user(library, name):
    return library.insert(
        "user", name=name, hashed_password="x", is_active=True, is_superuser=False
    )


def rows(library):
    return library.execute("SELECT username, key FROM userconfig ORDER BY id")


def test_the_documents_example_works(library, anna):
    oper = UserConfigOper()

    oper.set(user_id=anna, key="notification_enabled", value=True)

    assert oper.get(user_id=anna, key="notification_enabled") is True
    assert rows(library) == [("anna", "notification_enabled")]


def test_a_name_does_as_well_in_moviepilots_order(library, anna):
    oper = UserConfigOper()

    oper.set("anna", UserConfigKey.Layout, "compact")

    assert oper.get("anna", UserConfigKey.Layout) == "compact"
    assert oper.get("anna", "Layout") == "compact"
    assert oper.get(user_id=anna, username="anna", key="Layout") == "compact"


def test_without_a_key_all_of_a_user_and_without_a_user_all_there_is(library, anna):
    library.insert("userconfig", username="gone", key="Layout", value='"wide"')
    library.insert("userconfig", username=None, key="Layout", value="1")
    oper = UserConfigOper()
    assert oper.get("anna") is None

    oper.set("anna", "Dashboard", {"cpu": True})

    assert oper.get("anna") == oper.get(user_id=anna) == {"Dashboard": {"cpu": True}}
    assert oper.get() == {
        "gone": {"Layout": "wide"},
        "anna": {"Dashboard": {"cpu": True}},
    }


def test_a_user_nobody_knows_is_an_error(library, anna):
    oper = UserConfigOper()

    for call in (oper.get, lambda *args, **kw: oper.set(*args, **kw, value=1)):
        with pytest.raises(UnknownUser, match="nobody"):
            call("nobody", "Layout")
        with pytest.raises(UnknownUser, match="999"):
            call(user_id=999, key="Layout")
        with pytest.raises(ValueError, match="not named"):
            call("bert", "Layout", user_id=anna)
        with pytest.raises(TypeError, match="user_id"):
            call(key="Layout")
    assert issubclass(UnknownUser, LookupError)
    assert rows(library) == []


def test_a_user_added_by_moviepilot_can_be_written_for_at_once(library, anna):
    UserConfigOper().get("anna")
    bert = add_user(library, "bert")

    UserConfigOper().set(user_id=bert, key="Layout", value="wide")

    assert rows(library) == [("bert", "Layout")]


def test_a_key_is_needed_to_set(library, anna):
    with pytest.raises(TypeError, match="key="):
        UserConfigOper().set("anna", value=1)


@pytest.mark.parametrize("value", FALSY, ids=repr)
def test_an_empty_value_deletes_and_is_stored_where_there_is_none(library, anna, value):
    oper = UserConfigOper()
    oper.set("anna", "Layout", "wide")
    oper.set("anna", "Dashboard", {"cpu": True})

    assert oper.set("anna", "Layout", value) is None
    assert rows(library) == [("anna", "Dashboard")]
    assert oper.get("anna", "Layout") is None

    oper.set("anna", "Layout", value)
    assert rows(library) == [("anna", "Dashboard"), ("anna", "Layout")]
    assert oper.get("anna", "Layout") == value


def test_what_is_read_is_a_copy_and_an_unchanged_value_is_not_written(library, anna):
    oper = UserConfigOper()
    oper.set("anna", "DashboardOrder", [1])

    oper.get("anna", "DashboardOrder").append(2)
    oper.set("anna", "DashboardOrder", [1])

    assert oper.get("anna", "DashboardOrder") == [1]
    assert ChangeSet.objects.count() == 1


def test_renaming_carries_the_settings_in_one_change(library, anna):
    add_user(library, "bert")
    oper = UserConfigOper()
    oper.set("anna", "Layout", "wide")
    oper.set("anna", "Dashboard", {})
    oper.set("bert", "Layout", "compact")
    before = ChangeSet.objects.count()

    assert oper.rename_user("anna", "ann") == 2

    assert rows(library) == [
        ("ann", "Layout"),
        ("ann", "Dashboard"),
        ("bert", "Layout"),
    ]
    assert ChangeSet.objects.count() == before + 1
    with pytest.raises(ValueError, match="bert"):
        oper.rename_user("ann", "bert")
    assert oper.rename_user("nobody", "else") == 0


def test_records_are_still_found_added_and_listed(library, anna):
    oper = UserConfigOper()

    pk = oper.add(UserConfig(username="anna", key="Layout", value="wide"))
    oper.update(pk, value="compact")

    assert oper.find(pk).value == oper.get(sid=pk).value == "compact"
    assert [record.pk for record in oper.list()] == [pk]
    assert oper.delete(pk) is True


def test_async_twins_do_the_same(library, anna):
    async def work():
        oper = UserConfigOper()
        await oper.async_set(user_id=anna, key="Layout", value="wide")
        assert await oper.async_get("anna", "Layout") == "wide"
        assert await oper.async_rename_user("anna", "ann") == 1
        assert await oper.async_all() == {"ann": {"Layout": "wide"}}

    async_to_sync(work)()
