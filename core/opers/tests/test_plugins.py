"""What plugins keep."""

from asgiref.sync import async_to_sync

from core.changes import ChangeSet, undo
from core.opers.plugins import PluginDataOper
from core.opers.tests.support import ids, insert, stored


def keep(library, plugin_id, key, value):
    return insert(library, "plugindata", plugin_id=plugin_id, key=key, value=value)


def test_a_value_is_saved_once_under_its_key(library):
    other = keep(library, "Other", "day", '"Monday"')
    before = library.dump()
    oper = PluginDataOper()

    oper.save("SignIn", "day", {"n": [1, "晴"]})
    oper.save("SignIn", "day", {"n": [2]})

    assert oper.get_data("SignIn", "day") == {"n": [2]}
    [kept] = oper.get_data_all("SignIn")
    assert stored(library, "plugindata", kept.pk, "value") == ('{"n": [2]}',)
    assert oper.get_data("Other", "day") == "Monday"
    assert ids(oper.get_data_all("Other")) == [other]
    second, first = ChangeSet.objects.order_by("-pk")
    undo(second)
    assert oper.get_data("SignIn", "day") == {"n": [1, "晴"]}
    undo(first)
    assert library.dump() == before


def test_nothing_is_a_value_too(library):
    oper = PluginDataOper()

    for key, value in {"null": None, "zero": 0, "text": "", "list": []}.items():
        oper.save("SignIn", key, value)

    values = {kept.key: kept.pk for kept in oper.get_data_all("SignIn")}
    assert len(values) == 4
    [null] = library.execute(
        'SELECT value IS NULL FROM "plugindata" WHERE id = ?', values["null"]
    )[0]
    assert not null, "JSON null, not SQL NULL"
    assert oper.get_data("SignIn", "null") is None
    assert oper.get_data("SignIn", "zero") == 0
    assert oper.get_data("SignIn", "text") == ""
    assert oper.get_data("SignIn", "list") == []
    assert oper.get_data("SignIn", "nowhere") is None
    assert ids(oper.get_data("SignIn")) == sorted(values.values())


def test_of_two_records_with_one_key_the_older_is_meant(library):
    older = keep(library, "SignIn", "day", "1")
    keep(library, "SignIn", "day", "2")
    oper = PluginDataOper()

    assert oper.get_data("SignIn", "day") == 1
    assert async_to_sync(oper.async_get_data)("SignIn", "day") == 1
    assert oper.get_data_all("SignIn")[0].pk == older


def test_data_are_deleted_by_key_by_plugin_or_whole_each_in_one_change(library):
    keep(library, "SignIn", "day", "1")
    keep(library, "SignIn", "", "2")
    keep(library, "SignIn", "week", "3")
    keep(library, "Other", "day", "4")
    before = library.dump()
    oper = PluginDataOper()

    assert oper.del_data("SignIn", "nowhere") == 0
    assert oper.del_data("SignIn", "") == 1
    assert [kept.key for kept in oper.get_data_all("SignIn")] == ["day", "week"]
    assert async_to_sync(oper.async_del_data)("SignIn") == 2
    assert [kept.plugin_id for kept in oper.list()] == ["Other"]
    assert oper.truncate() == 1
    assert oper.list() == []
    assert oper.truncate() == 0

    for change_set in ChangeSet.objects.order_by("-pk"):
        undo(change_set)
    assert library.dump() == before


def test_twins_save_read_and_empty(sqlite_library):
    oper = PluginDataOper()

    async_to_sync(oper.async_save)("SignIn", "day", 1)

    assert [
        kept.value for kept in async_to_sync(oper.async_get_data_all)("SignIn")
    ] == [1]
    assert async_to_sync(oper.async_truncate)() == 1
