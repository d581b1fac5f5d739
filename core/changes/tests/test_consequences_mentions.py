"""Names of what is gone, or is called otherwise now, where others mention them."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.changes import (
    BatchState,
    ChangeBatch,
    ChangeSet,
    Delete,
    DeleteRecords,
    Import,
    Match,
    Selection,
    Set,
    State,
    apply,
    change,
    delete_records,
    edit_records,
    plan,
    resume,
    save_record,
    settle,
    undo,
)
from core.changes.consequences import offered
from core.changes.operations import Prefix
from core.changes.tests.support import add, add_sites, stored
from core.exchange.reading import read
from core.models import Subscribe, SystemConfig, User
from core.opers.configuration import SystemConfigOper
from core.systemconfig.keys import SystemConfigKey
from sites.models import Site


def add_subscriptions(library, *values, **more):
    """Subscriptions with these values of `sites`, as JSON text, or of other columns."""
    rows = [
        {
            "name": f"t{number}",
            "state": "R",
            "sites": value if value is None else str(value),
            "filter_groups": "[]",
            "downloader": None,
            **more,
        }
        for number, value in enumerate(values)
    ]
    return add(library, "subscribe", rows)


def add_settings(library, **values):
    """Settings with these values; texts are JSON already. Returns ids by key."""
    rows = [
        {"key": key, "value": each if isinstance(each, str) else json.dumps(each)}
        for key, each in values.items()
    ]
    return dict(zip(values, add(library, "systemconfig", rows), strict=True))


def column(library, name, table="subscribe"):
    """What the column holds as text, record by record."""
    cast = f'SELECT CAST("{name}" AS TEXT) FROM "{table}" ORDER BY id'
    return [value for (value,) in library.execute(cast)]


def sites_of(library):
    return column(library, "sites")


def setting(library, key):
    return SystemConfig.objects.filter(key=key).get().value


def dumped(library, *tables):
    return [line for line in library.dump() if line[0] in tables]


# --- Sites


def test_a_deleted_site_leaves_every_list_of_sites(library):
    one, two, three = add_sites(library)
    texts = [[one, two, three], [one], [str(two), f"{one}"], [two], [], None, "null"]
    add_subscriptions(
        library,
        *(json.dumps(each) if isinstance(each, list) else each for each in texts),
    )
    add_settings(
        library,
        IndexerSites=[one, two],
        RssSites=[three, one],
        DefaultMovieSubscribeConfig={"quality": "蓝光", "sites": [one], "include": ""},
        DefaultTvSubscribeConfig={"sites": [two]},
        **{"plugin.Other": {"sites": [one]}},
    )
    before = library.dump()

    change_set = delete_records(Site, [one])

    kept = [f"[{two}, {three}]", "[]", f'["{two}"]', f"[{two}]", "[]", None, "null"]
    assert sites_of(library) == kept
    assert setting(library, "IndexerSites") == [two]
    assert setting(library, "RssSites") == [three]
    assert setting(library, "DefaultMovieSubscribeConfig") == {
        "quality": "蓝光",
        "sites": [],
        "include": "",
    }
    assert setting(library, "DefaultTvSubscribeConfig") == {"sites": [two]}
    assert setting(library, "plugin.Other") == {"sites": [one]}
    assert (change_set.changed, change_set.carried) == (1, 6)
    undo(change_set)
    assert library.dump() == before


def test_finished_subscriptions_keep_their_sites(library):
    [site] = add_sites(library, 1)
    rows = [{"name": "done", "sites": f"[{site}]"}]
    add(library, "subscribehistory", rows)

    delete_records(Site, [site])

    assert column(library, "sites", "subscribehistory") == [f"[{site}]"]


@pytest.mark.parametrize(
    "odd", ["{}", '"[1, 2]"', "1", "true", "[true, 1.0, null, [1]]", "[1", "[]"]
)
def test_what_is_no_list_of_sites_stays_as_it_is(library, odd):
    if odd == "[1" and library.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no broken JSON")
    [site] = add_sites(library, 1)
    assert site == 1
    add_subscriptions(library, odd)
    add_settings(library, IndexerSites=odd, DefaultMovieSubscribeConfig=odd)
    untouched = dumped(library, "subscribe", "systemconfig")

    change_set = delete_records(Site, [site])

    assert dumped(library, "subscribe", "systemconfig") == untouched
    assert change_set.carried == 0


def test_the_preview_says_what_is_applied(library):
    ids = add_sites(library, 4)
    add_subscriptions(library, *(json.dumps([pk, 99]) for pk in ids), f"[{ids[0]}]")
    add_settings(library, RssSites=ids)

    made = plan(Site, Delete(), selection=Selection(Site, ids=ids[:2]))
    change_set = apply(made)

    assert made.preview.carried == {"core.subscribe": 3, "core.systemconfig": 1}
    assert change_set.carried == 4
    subscriptions = made.preview.consequences[0]
    assert subscriptions["what"] == "loses"
    assert subscriptions["count"] == 3
    assert subscriptions["emptied"] == 1
    assert [label for _pk, label in subscriptions["samples"]] == ["t0", "t1", "t4"]
    assert made.preview.consequences[1]["key"] == "RssSites"


def test_many_sites_touch_a_subscription_once(library):
    ids = add_sites(library, 80)
    add_subscriptions(library, *[json.dumps(ids)] * 30)

    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        change_set = delete_records(Site, ids)

    assert (change_set.changed, change_set.carried) == (80, 30)
    assert change_set.applied_entries().count() == 110
    assert len(queries) < 40


def test_sites_deleted_in_several_batches_leave_one_after_the_other(
    library, small_batches
):
    ids = add_sites(library, 120)
    add_subscriptions(library, json.dumps([*ids, 500]))
    before = library.dump()

    made = plan(Site, Delete())
    change_set = apply(made)

    assert sites_of(library) == ["[500]"]
    assert made.preview.carried == {"core.subscribe": 1}
    assert change_set.carried == 3
    undo(change_set)
    assert library.dump() == before


def test_what_belongs_to_a_site_goes_only_when_asked_for(library):
    one, two = add_sites(library, 2)
    for pk, domain in ((one, "a.example"), (two, "b.example")):
        library.execute(f"UPDATE site SET domain = '{domain}' WHERE id = {pk}")
        add(library, "siteicon", [{"name": "i", "domain": domain, "url": "u"}])
        add(library, "sitestatistic", [{"domain": domain, "success": 1}])
        add(library, "siteuserdata", [{"domain": domain, "name": "n"}] * 2)
    before = library.dump()
    assert [each.name for each in offered(Site)] == ["icon", "statistics", "accounts"]

    kept = delete_records(Site, [one])
    assert len(column(library, "domain", "siteicon")) == 2
    undo(kept)
    along = Delete(["icon", "accounts"])
    made = plan(Site, along, selection=Selection(Site, ids=[one]))
    change_set = apply(made)

    assert made.preview.carried == {"sites.siteicon": 1, "sites.siteuserdata": 2}
    assert change_set.operations == {"along": ["icon", "accounts"]}
    assert column(library, "domain", "siteicon") == ["b.example"]
    assert column(library, "domain", "siteuserdata") == ["b.example"] * 2
    assert len(column(library, "domain", "sitestatistic")) == 2
    undo(change_set)
    assert library.dump() == before


def test_a_site_of_the_same_domain_keeps_what_belongs_to_both(library):
    one, _two = add_sites(library, 2, domain="a.example")
    add(library, "siteicon", [{"name": "i", "domain": "a.example", "url": "u"}])

    change(DeleteRecords(Site, [one], along=["icon"]))

    assert len(column(library, "domain", "siteicon")) == 1


def test_only_what_is_offered_goes_along(library):
    ids = add_sites(library, 1)

    with pytest.raises(ValueError, match="settings"):
        delete_records(Site, ids, along=["settings"])

    assert not ChangeSet.objects.exists()


def test_the_oper_takes_the_site_out_as_well(library):
    one, two, _three = add_sites(library)
    add_subscriptions(library, f"[{one}, {two}]")

    assert Site.objects.delete(one)

    assert sites_of(library) == [f"[{two}]"]


def test_a_stopped_deletion_goes_on_with_what_was_chosen(library):
    [pk] = add_sites(library, 1, domain="a.example")
    add(library, "siteicon", [{"name": "i", "domain": "a.example", "url": "u"}])
    change_set = delete_records(Site, [pk], along=["icon"])
    undo(change_set)
    ChangeSet.objects.filter(undoes=change_set).delete()
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=State.STOPPED, position=0, changed=0, carried=0
    )
    change_set.batches.all().delete()

    resume(ChangeSet.objects.get(pk=change_set.pk))

    assert column(library, "domain", "siteicon") == []


@pytest.mark.parametrize("is_written", [True, False])
def test_after_a_crash_the_lists_are_looked_at_too(library, is_written):
    one, two, _three = add_sites(library)
    add_subscriptions(library, f"[{one}, {two}]")
    change_set = delete_records(Site, [one])
    if not is_written:
        undo(change_set)
    crash(change_set)

    settle(change_set)

    expected = (1, 1) if is_written else (0, 0)
    assert (change_set.changed, change_set.carried) == expected


def crash(change_set):
    """As if the process had died before the last mark."""
    ChangeBatch.objects.filter(change_set=change_set).update(state=BatchState.PENDING)
    ChangeSet.objects.filter(pk=change_set.pk).update(
        state=State.APPLYING, changed=0, carried=0, lease_until=None
    )
    change_set.refresh_from_db()


# --- Users


def test_a_deleted_users_settings_go_only_when_asked_for(library):
    [pk] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    rows = [{"username": name, "key": "Layout", "value": "1"} for name in ("ada", "b")]
    add(library, "userconfig", rows)
    add_subscriptions(library, "[]", username="ada")
    add(library, "message", [{"title": "m", "action": 0, "userid": "ada"}])
    before = library.dump()

    undo(delete_records(User, [pk]))
    assert library.dump() == before
    change_set = delete_records(User, [pk], along=["settings"])

    assert column(library, "username", "userconfig") == ["b"]
    assert column(library, "username") == ["ada"]
    assert column(library, "userid", "message") == ["ada"]
    assert (change_set.changed, change_set.carried) == (1, 1)
    undo(change_set)
    assert library.dump() == before


def test_many_renamed_users_are_followed_without_a_question_for_each(library):
    names = [f"u{number}" for number in range(40)]
    ids = add(
        library, "user", [{"name": name, "hashed_password": "x"} for name in names]
    )
    rows = [{"username": name, "key": "Layout", "value": "1"} for name in names]
    add(library, "userconfig", rows)

    made = plan(User, {"name": Prefix("x")}, selection=Selection(User, ids=ids[1:]))
    with CaptureQueriesContext(connections["moviepilot"]) as queries:
        change_set = apply(made)

    assert change_set.carried == 39
    assert column(library, "username", "userconfig")[:2] == ["u0", "xu1"]
    assert sum(query["sql"].startswith("SELECT") for query in queries) < 25
    assert made.preview.carried == {"core.userconfig": 39}


# --- Subscriptions


def test_a_deleted_subscription_is_left_where_others_speak_of_it(library):
    [pk] = add_subscriptions(library, "[]", username="ada")
    value = json.dumps([{"id": pk, "name": "t0"}])
    add(
        library,
        "userconfig",
        [{"username": "ada", "key": "SubscribeOrder", "value": value}],
    )
    add(library, "message", [{"title": "t0", "action": 1, "note": value}])
    before = dumped(library, "userconfig", "message")

    change_set = delete_records(Subscribe, [pk])

    assert change_set.carried == 0
    assert dumped(library, "userconfig", "message") == before


# --- What settings list


def group(name, rule="4K", **more):
    return {"name": name, "rule_string": rule, **more}


def client(name, kind="qbittorrent", **more):
    return {
        "name": name,
        "type": kind,
        "config": {"password": "synthetic-password-1"},
        **more,
    }


@pytest.fixture
def groups(library):
    """A library with three rule groups that are named in many places."""
    ids = add_settings(
        library,
        UserFilterRuleGroups=[group("A"), group("B", "HDR"), group("丙", "BLU")],
        SearchFilterRuleGroups=["A", "B"],
        SubscribeFilterRuleGroups=["丙"],
        BestVersionFilterRuleGroups=["B", "A", "old"],
        DefaultTvSubscribeConfig={"filter_groups": ["A", "丙"], "sites": [1]},
    )
    texts = ['["A", "B"]', r'["\u4e19"]', "[]", None]
    rows = [
        {"name": f"t{n}", "state": "R", "filter_groups": text}
        for n, text in enumerate(texts)
    ]
    add(library, "subscribe", rows)
    return ids


def test_a_rule_group_that_disappears_is_named_nowhere(library, groups):
    before = library.dump()

    change_set = save_record(
        SystemConfig,
        groups["UserFilterRuleGroups"],
        {"value": [group("B", "HDR"), group("丙", "BLU")]},
    )

    assert column(library, "filter_groups") == ['["B"]', r'["\u4e19"]', "[]", None]
    assert setting(library, "SearchFilterRuleGroups") == ["B"]
    assert setting(library, "SubscribeFilterRuleGroups") == ["丙"]
    assert setting(library, "BestVersionFilterRuleGroups") == ["B", "old"]
    assert setting(library, "DefaultTvSubscribeConfig") == {
        "filter_groups": ["丙"],
        "sites": [1],
    }
    # The settings are of one table: its own record, and three that it carries.
    assert (change_set.changed, change_set.carried) == (4, 1)
    assert len(change_set.record_ids()) == 4
    undo(change_set)
    assert library.dump() == before


def test_a_renamed_rule_group_keeps_its_places(library, groups):
    before = library.dump()

    change_set = save_record(
        SystemConfig,
        groups["UserFilterRuleGroups"],
        {"value": [group("A"), group("乙", "HDR"), group("丙", "BLU")]},
    )

    assert column(library, "filter_groups")[0] == r'["A", "\u4e59"]'
    assert setting(library, "BestVersionFilterRuleGroups") == ["乙", "A", "old"]
    undo(change_set)
    assert library.dump() == before


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        pytest.param([client("a"), client("b")], [client("b")], {"a": None}, id="gone"),
        pytest.param([client("a")], [client("x")], {"a": "x"}, id="renamed"),
        pytest.param(
            [client("a")],
            [client("x", enabled=False)],
            {"a": "x"},
            id="renamed and edited",
        ),
        pytest.param(
            [client("a")], [client("x", "transmission")], {"a": None}, id="replaced"
        ),
        pytest.param(
            [client("a", n=1), client("b", n=2)],
            [client("x", n=1), client("y", n=2)],
            {"a": "x", "b": "y"},
            id="two renamed",
        ),
        pytest.param(
            [client("a"), client("b")],
            [client("x"), client("y")],
            {"a": None, "b": None},
            id="two alike",
        ),
        pytest.param(
            [client("a", n=1), client("b", n=2)],
            [client("b", n=2), client("x", n=1)],
            {"a": "x"},
            id="renamed and moved",
        ),
        pytest.param(
            [client("a", n=1)],
            [client("x", n=1), client("y", n=1)],
            {"a": None},
            id="two to choose from",
        ),
        pytest.param(
            [client("a", n=1), client("b", n=2)],
            [client("b", n=2), client("x", n=3)],
            {"a": None},
            id="other place and other content",
        ),
        pytest.param(
            [client("a"), client("b")], [client("b"), client("a")], {}, id="order"
        ),
        pytest.param([client("a")], [client("a"), client("b")], {}, id="added"),
        pytest.param([client("a")], None, {"a": None}, id="null"),
    ],
)
def test_what_counts_as_renamed(sqlite_library, before, after, moves):
    ids = add_settings(sqlite_library, Downloaders=before)
    names = ["a", "b", None, ""]
    rows = [{"name": "t", "state": "R", "downloader": name} for name in names]
    add(sqlite_library, "subscribe", rows)

    edit_records(SystemConfig, [ids["Downloaders"]], {"value": after})

    assert column(sqlite_library, "downloader") == [
        moves.get(name, name) for name in names
    ]


DOORS = ["form", "bulk", "set", "command", "import", "empty", "delete"]


@pytest.mark.parametrize("door", DOORS)
def test_a_downloader_disappears_through_every_door(library, door):
    [pk] = add_settings(library, Downloaders=[client("qb"), client("tr")]).values()
    add_settings(
        library, DefaultMovieSubscribeConfig={"downloader": "qb", "quality": "x"}
    )
    [one, _two] = add_sites(library, 2, downloader="qb")
    library.execute("UPDATE site SET downloader = 'tr' WHERE name = 's1'")
    add_subscriptions(library, "[]", "[]", downloader="qb")
    rows = [{"downloader": "qb", "path": "/", "type": "电影", "title": "t"}]
    add(library, "downloadhistory", rows)
    before = library.dump()
    rest = [client("tr")]

    match door:
        case "form":
            save_record(SystemConfig, pk, {"value": rest})
        case "bulk":
            selection = Selection(SystemConfig, ids=[pk])
            apply(plan(SystemConfig, {"value": Set(rest)}, selection=selection))
        case "set":
            assert SystemConfigOper().set(SystemConfigKey.Downloaders, rest)
        case "command":
            call_command("config", "set", "Downloaders", json.dumps(rest))
        case "import":
            apply(imported(pk, rest))
        case "empty":
            assert SystemConfigOper().set(SystemConfigKey.Downloaders, [])
        case "delete":
            assert SystemConfigOper().delete(sid=pk)

    is_all_gone = door in ("empty", "delete")
    assert stored(Site, one, "downloader") is None
    assert column(library, "downloader", "site")[1] == (None if is_all_gone else "tr")
    assert column(library, "downloader") == [None, None]
    assert setting(library, "DefaultMovieSubscribeConfig") == {
        "downloader": None,
        "quality": "x",
    }
    assert column(library, "downloader", "downloadhistory") == ["qb"]
    undo(ChangeSet.objects.get())
    assert library.dump() == before


def imported(pk, value):
    """A plan that puts a value in place of a setting's, from a file."""
    text = json.dumps({"id": pk, "value": value})
    packed = read(
        io.BytesIO(f"[{text}]".encode()), name="a.json", is_sealed=True
    ).packed
    columns = {name: place for place, name in enumerate(packed.head.names)}
    doing = Import(packed, columns, match=Match.ID)
    return plan(SystemConfig, doing, selection=Selection(SystemConfig, ids=[]))


def test_a_setting_of_the_same_change_is_left_as_the_change_says(library):
    ids = add_settings(
        library,
        Downloaders=[client("qb")],
        DefaultMovieSubscribeConfig={"downloader": "qb"},
        DefaultTvSubscribeConfig={"downloader": "qb"},
    )
    before = library.dump()
    gone = [ids["Downloaders"], ids["DefaultMovieSubscribeConfig"]]

    change_set = delete_records(SystemConfig, gone)

    assert column(library, "key", "systemconfig") == ["DefaultTvSubscribeConfig"]
    assert setting(library, "DefaultTvSubscribeConfig") == {"downloader": None}
    assert (change_set.changed, change_set.carried) == (3, 0)
    undo(change_set)
    assert library.dump() == before


def test_of_a_setting_that_stands_twice_the_first_counts(library):
    first, second = add(
        library,
        "systemconfig",
        [
            {"key": "Downloaders", "value": json.dumps([client(name)])}
            for name in ("qb", "tr")
        ],
    )
    add_subscriptions(library, "[]", downloader="tr")

    delete_records(SystemConfig, [second])
    assert column(library, "downloader") == ["tr"]
    undo(ChangeSet.objects.get())
    delete_records(SystemConfig, [first])

    assert column(library, "downloader") == ["tr"]


def test_a_setting_under_another_key_lists_nothing_any_more(library):
    ids = add_settings(library, Downloaders=[client("qb")])
    add_subscriptions(library, "[]", downloader="qb")

    save_record(SystemConfig, ids["Downloaders"], {"key": "Elsewhere"})

    assert column(library, "downloader") == [None]


def test_an_edit_that_takes_no_name_away_carries_nothing(library, groups):
    change_set = save_record(
        SystemConfig,
        groups["UserFilterRuleGroups"],
        {"value": [group("new"), group("A", "x"), group("丙"), group("B")]},
    )

    assert (change_set.changed, change_set.carried) == (1, 0)


@pytest.mark.parametrize("is_written", [True, False])
def test_after_a_crash_carried_settings_are_told_from_others(
    library, groups, is_written
):
    change_set = delete_records(SystemConfig, [groups["UserFilterRuleGroups"]])
    counted = (change_set.changed, change_set.carried)
    if not is_written:
        undo(change_set)
    crash(change_set)

    settle(change_set)

    assert (change_set.changed, change_set.carried) == (
        counted if is_written else (0, 0)
    )


def test_the_preview_of_a_setting_names_what_goes_where(library, groups):
    made = plan(
        SystemConfig,
        {"value": Set([group("A"), group("C", "HDR")])},
        selection=Selection(SystemConfig, ids=[groups["UserFilterRuleGroups"]]),
    )

    told = {
        (line["what"], line["key"] or line["table"]): (line["count"], line["names"])
        for line in made.preview.consequences
    }
    assert told["renames", "core.subscribe"] == (1, [["B", "C"]])
    assert told["loses", "core.subscribe"] == (1, [["丙", None]])
    assert told["loses", "SubscribeFilterRuleGroups"] == (1, [["丙", None]])
    assert made.preview.carried == {"core.subscribe": 2, "core.systemconfig": 4}
