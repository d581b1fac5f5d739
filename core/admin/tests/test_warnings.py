"""What an operator is told before a change: consequences, offers, warnings."""

import json

import pytest
from django.contrib import admin
from django.urls import reverse

from core.admin.consequences import lines
from core.admin.tests.test_record_form import form_of
from core.admin.warnings import field_warnings, warnings
from core.changes import ChangeSet, Delete, Selection, Set, plan
from core.changes.tests.support import add, add_sites
from core.models import MediaServerItem, Operator, Subscribe, SystemConfig, User
from history.models import TransferHistory
from sites.models import Site, SiteStatistic, SiteUserData


def only(model, *ids):
    return Selection(model, ids=[*ids])


def told(made):
    return " ".join(warnings(made))


ANYBODY = Operator(is_superuser=True)


def said(made):
    return [line.text for line in lines(admin.site, ANYBODY, made.preview)]


def add_subscription(library, **values):
    row = {"name": "t", "state": "R", "type": "电视剧", **values}
    return add(library, "subscribe", [row])[0]


# --- Warnings


@pytest.mark.parametrize(
    ("model", "column", "value", "words"),
    [
        (Subscribe, "lack_episode", 1, "“Missing episodes” anew"),
        (Subscribe, "total_episode", 1, "“episodes set by hand”"),
        (Subscribe, "state", "R", "next scheduled run"),
        (SiteStatistic, "success", 1, "each time it visits"),
        (SiteUserData, "upload", 1.5, "today's reading"),
        (MediaServerItem, "title", "x", "lasts until the next one"),
        (SystemConfig, "key", "x", "restarted"),
    ],
)
def test_what_moviepilot_writes_itself_comes_with_a_warning(
    sqlite_library, model, column, value, words
):
    made = plan(model, {column: Set(value)})

    assert words in told(made)


@pytest.mark.parametrize("column", ["keyword", "sites", "save_path"])
def test_other_columns_come_without_a_warning(column):
    assert not field_warnings(Subscribe, [column])


def test_columns_of_one_rule_are_named_together():
    [text] = field_warnings(Subscribe, ["note", "lack_episode", "year"])

    assert "“Missing episodes”, “Downloaded” anew" in text


def test_every_warning_is_of_a_column_there_is():
    from django.apps import apps

    from core.admin.warnings import ADVICE, REWRITTEN

    for table, rules in REWRITTEN.items():
        for rule in rules:
            assert all(apps.get_model(table).column(name) for name in rule.columns)
    for table in ADVICE:
        assert apps.get_model(table).usually_once


def test_a_deletion_that_goes_on_in_memory_says_so(library):
    [site] = add_sites(library, 1)
    value = json.dumps([site])
    add(library, "systemconfig", [{"key": "RssSites", "value": value}])

    made = plan(Site, Delete())

    assert "“System settings”, which MoviePilot holds in memory" in told(made)


# --- Duplicates


def test_subscriptions_that_would_look_alike_are_counted(library):
    first = add_subscription(library, name="a", tmdbid=1, season=1)
    second = add_subscription(library, name="b", tmdbid=1, season=2)
    third = add_subscription(library, name="c", tmdbid=1, season=3)
    add_subscription(library, name="d", tmdbid=2, season=4)
    add_subscription(library, name="e", season=5)

    made = plan(Subscribe, {"season": Set(1)}, selection=only(Subscribe, second, third))

    [duplicate] = made.preview.duplicates
    assert duplicate["count"] == 2
    assert duplicate["samples"] == [[second, "b", first], [third, "c", first]]
    assert made.preview.invalid_count == 0
    text = told(made)
    assert "2 records would hold the same “Type”, “TMDB id”, “Season”" in text
    assert f"“b” like record {first}" in text


def test_two_of_one_change_may_look_alike(library):
    ids = [add_subscription(library, tmdbid=7, season=number) for number in (1, 2)]
    add_subscription(library, season=5)

    made = plan(Subscribe, {"season": Set(5)})

    [duplicate] = made.preview.duplicates
    assert (duplicate["count"], duplicate["samples"][0][0]) == (1, ids[1])


@pytest.mark.parametrize("batch", [1, 5000])
def test_records_of_different_batches_may_look_alike(library, monkeypatch, batch):
    monkeypatch.setattr("core.changes.preview.BATCH", batch)
    rows = [
        {"src": name, "src_storage": storage, "title": name, "status": True}
        for name, storage in (("a", "local"), ("b", "u115"), ("c", "local"))
    ]
    first, _second, third = add(library, "transferhistory", rows)

    made = plan(TransferHistory, {"src": Set("/x")})

    [duplicate] = made.preview.duplicates
    assert duplicate["samples"] == [[third, "c", first]]


@pytest.mark.parametrize("column", ["season", "name"])
def test_records_that_stay_apart_are_no_duplicates(library, column):
    for number in (1, 2):
        add_subscription(library, tmdbid=number, season=number)
    value = {"season": 3, "name": "same"}[column]

    made = plan(Subscribe, {column: Set(value)})

    assert not made.preview.duplicates


def test_transfers_of_one_source_are_counted(library):
    rows = [
        {"src": f"/{name}", "src_storage": "local", "title": name, "status": True}
        for name in "ab"
    ]
    _first, second = add(library, "transferhistory", rows)

    made = plan(
        TransferHistory,
        {"src": Set("/a")},
        selection=only(TransferHistory, second),
    )

    assert "keeps one record of a source file" in told(made)


# --- Consequences


@pytest.fixture
def site(sqlite_library):
    """The id of a site that two subscriptions and two settings list."""
    [pk, _other] = add_sites(sqlite_library, 2)
    sqlite_library.execute(f"UPDATE site SET domain = 'a.example' WHERE id = {pk}")
    add_subscription(sqlite_library, name="甲<b>", sites=f"[{pk}]")
    add_subscription(sqlite_library, name="b", sites=f"[{pk}, 99]")
    rows = [
        {"key": "IndexerSites", "value": f"[{pk}]"},
        {"key": "DefaultTvSubscribeConfig", "value": json.dumps({"sites": [pk, 9]})},
    ]
    add(sqlite_library, "systemconfig", rows)
    icon = {"name": "i", "domain": "a.example", "url": "u", "base64": "x"}
    add(sqlite_library, "siteicon", [icon])
    return pk


def test_consequences_are_said_in_words(sqlite_library, site):
    made = plan(Site, Delete(), selection=only(Site, site))

    assert said(made) == [
        "2 subscriptions lose this site",
        "The setting “sites used for searching” loses this site",
        "The setting “defaults for series subscriptions” loses this site",
    ]
    notes = [line.note for line in lines(admin.site, ANYBODY, made.preview)]
    assert notes[0].startswith("1 of them names no other")
    assert notes[2] == ""


def test_names_that_disappear_and_names_that_change_are_said(library):
    value = json.dumps([{"name": each, "rule_string": each} for each in "AB"])
    [pk] = add(
        library, "systemconfig", [{"key": "UserFilterRuleGroups", "value": value}]
    )
    add_subscription(library, filter_groups='["A", "B"]')
    [user] = add(library, "user", [{"name": "ada", "hashed_password": "x"}])
    row = {"username": "ada", "key": "Layout", "value": "1"}
    add(library, "userconfig", [row])

    new = [{"name": "C", "rule_string": "A"}]
    made = plan(SystemConfig, {"value": Set(new)}, selection=only(SystemConfig, pk))
    renamed = plan(User, {"name": Set("eve")}, selection=only(User, user))

    assert said(made) == [
        "1 subscription loses “B”",
        "1 subscription takes on the new name: “A” → “C”",
    ]
    assert said(renamed) == ["1 user setting takes on the new name: “ada” → “eve”"]


def test_the_page_of_a_deletion_shows_consequences_and_offers(
    sqlite_library, site, operator, operator_client
):
    made = plan(Site, Delete(), selection=only(Site, site), by=operator)
    address = reverse("admin:core_plan_preview", args=[made.token])

    page = operator_client.get(address).content.decode()

    assert "2 subscriptions lose this site" in page
    assert "甲&lt;b&gt;" in page
    assert 'name="along" value="icon" form="apply"' in page
    assert 'id="apply"' in page
    assert 'value="accounts"' not in page  # there are none
    ticked = {"along-shown": "1", "along": ["icon", "nonsense"]}
    again = operator_client.post(address, ticked)["Location"]
    assert (
        "1 site icon is deleted with it" in operator_client.get(again).content.decode()
    )
    operator_client.post(again, ticked)
    change_set = ChangeSet.objects.get()
    assert change_set.operations == {"along": ["icon"]}
    assert (change_set.changed, change_set.carried) == (1, 5)


def test_the_page_of_one_record_offers_the_same(sqlite_library, site, operator_client):
    address = reverse("admin:sites_site_delete", args=[site])

    page = operator_client.get(address).content.decode()

    assert "2 subscriptions lose this site" in page
    assert 'name="along" value="icon"' in page
    operator_client.post(address, {"along": "icon"})
    assert not sqlite_library.execute("SELECT id FROM siteicon")
    assert sqlite_library.execute("SELECT sites FROM subscribe ORDER BY id") == [
        ("[]",),
        ("[99]",),
    ]


def test_nothing_goes_along_that_was_not_ticked(sqlite_library, site, operator_client):
    address = reverse("admin:sites_site_delete", args=[site])

    operator_client.post(address)

    assert sqlite_library.execute("SELECT domain FROM siteicon") == [("a.example",)]


def test_the_form_of_a_setting_says_what_followed(sqlite_library, operator_client):
    value = json.dumps([{"name": each, "rule_string": each} for each in "AB"])
    row = {"key": "UserFilterRuleGroups", "value": value}
    [pk] = add(sqlite_library, "systemconfig", [row])
    add_subscription(sqlite_library, filter_groups='["A", "B"]')
    form = form_of(operator_client, SystemConfig, pk)
    form["value"] = json.dumps([{"name": "A", "rule_string": "A"}])

    answer = form.save()

    page = operator_client.get(answer["Location"]).content.decode()
    assert "1 other record has been changed with it." in page
    assert "MoviePilot must be restarted" in page
