"""What forms offer to choose from, and lists that are ticked."""

from __future__ import annotations

import json
import re
import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core import choices
from core.admin import choosing, values
from core.admin.diff import diff
from core.admin.tests.test_record_form import Form, form_of, row
from core.changes import ChangeSet, Plan
from core.models import Subscribe
from core.reload import watching
from core.tests.support.servers import wait_until
from core.tests.test_browser import sign_in
from history.models import SubscribeHistory, TransferHistory
from sites.opers import SiteOper

GONE = 17
ODD = [None, 5, "text", {}, [None, 1, "x", [], {}, {"name": None}, {"name": 7}]]


def add_site(library, name, **more):
    return library.insert("site", name=name, url="u", **{"pri": 1, **more})


def configure(library, **settings):
    """Write settings as MoviePilot does, past the console."""
    for key, value in settings.items():
        library.execute("DELETE FROM systemconfig WHERE key = ?", key)
        library.insert("systemconfig", key=key, value=json.dumps(value))


def add_wanted(library, table="subscribe", **more):
    """A subscription; lists as MoviePilot writes them."""
    needed = {"name": "x", "type": "电影", "state": "N"}
    if table == "subscribehistory":
        del needed["state"]
    return library.insert(table, **{**needed, **more})


def fresh(read, expected, seconds=2.5):
    """Whether it reads so within the time that MoviePilot's settings are kept."""
    end = time.monotonic() + seconds
    while read() != expected and time.monotonic() < end:
        time.sleep(0.05)
    return read() == expected


@pytest.fixture
def three(library):
    """Three sites, not in the order of their ids, and two rule groups."""
    ids = [add_site(library, name, pri=9 - n) for n, name in enumerate("甲乙丙")]
    groups = [{"name": "4K"}, {"name": '<b>"日常"'}]
    configure(library, UserFilterRuleGroups=groups)
    return ids


# --- What there is to choose from


def test_sites_come_in_moviepilots_order(library, django_assert_num_queries):
    late = add_site(library, "late", pri=9)
    unset = add_site(library, "unset", pri=None, is_active=False)
    first = add_site(library, "first", pri=1)

    with django_assert_num_queries(1, using="moviepilot"):
        found = choices.sites()

    assert found == [(first, "first"), (late, "late"), (unset, "unset")]


def test_names_and_paths_come_from_the_settings(library):
    configure(
        library,
        Downloaders=[{"name": "qb"}, {"name": "tr", "enabled": False}, {"name": "qb"}],
        MediaServers=[{"name": "emby", "config": {"apikey": "synthetic-key-1"}}],
        UserFilterRuleGroups=[{"name": "4K"}],
        Directories=[
            {"download_path": "/d/电影", "library_path": "/m"},
            {"download_path": "/d/tv", "library_path": "/m"},
            {"download_path": None, "library_path": "/d/tv"},
        ],
    )

    assert fresh(choices.downloaders, ["qb", "tr"])
    assert choices.media_servers() == ["emby"]
    assert choices.rule_groups() == ["4K"]
    assert choices.directories() == ["/d/电影", "/d/tv", "/m"]


@pytest.mark.parametrize("value", ODD, ids=map(str, ODD))
def test_a_setting_of_any_shape_is_read(sqlite_library, value):
    keys = ("Downloaders", "MediaServers", "UserFilterRuleGroups", "Directories")
    configure(sqlite_library, **dict.fromkeys(keys, value))

    assert choices.downloaders() == choices.media_servers() == []
    assert choices.rule_groups() == choices.directories() == []


def test_a_table_that_cannot_be_read_has_no_choices(sqlite_library, caplog):
    sqlite_library.execute("DROP TABLE site")
    sqlite_library.execute("DROP TABLE systemconfig")

    assert choices.sites() == []
    assert choices.downloaders() == []
    assert "Sites: OperationalError." in caplog.text


def test_choices_are_kept_until_they_change(library, django_assert_num_queries):
    first = add_site(library, "first")
    configure(library, Downloaders=[{"name": "qb"}])

    with watching():
        assert choices.sites() == [(first, "first")]
        assert fresh(choices.downloaders, ["qb"])
        with django_assert_num_queries(0, using="moviepilot"):
            choices.sites()
            choices.downloaders()
        library.update("site", first, name="renamed")
        assert wait_until(lambda: told([(first, "renamed")]), lambda: True)
        SiteOper().update(first, pri=3, name="again")
        assert wait_until(lambda: told([(first, "again")]), lambda: True)
        configure(library, Downloaders=[])
        assert fresh(choices.downloaders, [], seconds=20)


def told(expected):
    """Raises while the sites are others."""
    if choices.sites() != expected:
        raise OSError


def test_nothing_is_kept_where_nobody_looks_for_changes(library):
    first = add_site(library, "first")
    with watching():
        assert choices.sites() == [(first, "first")]
    library.update("site", first, name="renamed")

    assert choices.sites() == [(first, "renamed")]
    with watching():
        assert choices.sites() == [(first, "renamed")]


# --- Inputs that suggest


def options(page, name):
    """What the input of this column suggests."""
    text = page.content.decode()
    listed = re.search(rf'<datalist id="id_{name}_list">(.*?)</datalist>', text)
    return re.findall(r'value="([^"]*)"', listed[1]) if listed else None


def test_names_are_suggested_and_anything_is_taken(operator_client, library):
    pk = add_wanted(library, downloader="old")
    transfer = library.insert("transferhistory", src="/a", status=True)
    configure(
        library,
        Downloaders=[{"name": 'a "b"'}, {"name": "half \ud800"}],
        Directories=[{"download_path": "/d"}],
    )
    assert fresh(choices.directories, ["/d"])
    form = form_of(operator_client, Subscribe, pk)

    assert options(form.page, "downloader") == ["a &quot;b&quot;"]
    assert options(form.page, "save_path") == ["/d"]
    assert form["downloader"] == "old"
    form["downloader"], form["save_path"] = "another", "/d"
    assert form.save().status_code == 302
    after = row(library, Subscribe, pk)
    assert (after["downloader"], after["save_path"]) == ("another", "/d")
    page = form_of(operator_client, TransferHistory, transfer).page
    assert options(page, "downloader") == ["a &quot;b&quot;"]
    assert options(page, "src") is None


# --- Lists to tick


def ticked(form, name):
    """The labels of the boxes as (text, whether ticked)."""
    text = form.page.content.decode()
    found = re.findall(
        rf'name="field-{name}-pick-[^"]*"( checked)?><span>(.*?)</span>', text
    )
    return [(re.sub("<[^>]*>", "", label).strip(), bool(on)) for on, label in found]


@pytest.mark.parametrize("model", [Subscribe, SubscribeHistory])
def test_a_list_is_ticked_and_only_its_column_written(
    operator_client, library, three, model
):
    first, second, third = three
    table = model._meta.db_table
    stored = f"[{third},{GONE},  {first}]"
    groups = '["4K", "old"]'
    pk = add_wanted(library, table, sites=stored, filter_groups=groups)
    neighbour = add_wanted(library, table, sites=stored)
    assert fresh(choices.rule_groups, ["4K", '<b>"日常"'])
    form = form_of(operator_client, model, pk)
    before = library.dump()

    assert ticked(form, "sites") == [
        (f"丙 {third}", True),
        (f"Site {GONE} (gone)", True),
        (f"甲 {first}", True),
        (f"乙 {second}", False),
    ]
    assert ticked(form, "filter_groups") == [
        ("4K", True),
        ("old (gone)", True),
        ("&lt;b&gt;&quot;日常&quot;", False),
    ]
    form.save()
    assert library.dump() == before
    form.untick("sites-pick-1")
    form["sites-pick-3"] = "on"
    assert form.save().status_code == 302

    changed = dict.fromkeys(("sites",), f"[{third}, {first}, {second}]")
    wanted = [
        value._replace(value=changed[value.column])
        if (value.table, value.id, value.column) == (table, pk, "sites")
        else value
        for value in before
    ]
    assert library.dump() == wanted
    assert row(library, model, neighbour)["sites"]
    assert ChangeSet.objects.count() == 1


def test_no_box_ticked_is_an_empty_list(operator_client, library, three):
    pk = add_wanted(library, sites=f"[{three[0]}]", filter_groups="[]")
    form = form_of(operator_client, Subscribe, pk)

    form.untick("sites-pick-0")
    assert form.save().status_code == 302

    stored = library.execute("SELECT sites, filter_groups FROM subscribe")[0]
    assert stored in [("[]", "[]"), ([], [])]


AWKWARD = ["null", "{}", "[[1]]", "[true]", "[1.5]", '"1"', "7"]


def test_what_is_no_plain_list_is_edited_as_json(operator_client, library, three):
    texts = [None, *AWKWARD, *(["{<"] if library.vendor == "sqlite" else [])]
    pks = [add_wanted(library, sites=text) for text in texts]
    before = library.dump()

    for pk, text in zip(pks, texts, strict=True):
        form = form_of(operator_client, Subscribe, pk)
        assert ticked(form, "sites") == [], text
        assert '<textarea name="field-sites"' in form.page.content.decode()
        form.save()

    assert library.dump() == before
    form = form_of(operator_client, Subscribe, pks[0])
    form["sites"] = f"[{three[1]}]"
    form["tmdbid"] = "no number"
    page = form.save()
    assert page.status_code == 200  # what was typed is ticked from here on
    assert (f"乙 {three[1]}", True) in ticked(form, "sites")
    form["tmdbid"] = ""
    assert form.save().status_code == 302
    assert json.dumps(json_of(library, pks[0])) == f"[{three[1]}]"


def json_of(library, pk):
    value = row(library, Subscribe, pk)["sites"]
    return json.loads(value) if isinstance(value, str) else value


def test_doubles_and_numbers_as_text_are_kept(operator_client, library, three):
    first, second, _third = three
    pk = add_wanted(library, sites=f'["{first}", {second}, {second}, "7"]')
    form = form_of(operator_client, Subscribe, pk)

    labels = [label for label, _on in ticked(form, "sites")]
    assert labels[:3] == [f"甲 {first}", f"乙 {second}", "Site 7 (gone)"]
    assert len(labels) == 4
    form.untick("sites-pick-2")
    form.save()
    assert "[0]" in form.errors()[0]  # MoviePilot does not take "1" for a number
    form.untick("sites-pick-0")
    assert form.save().status_code == 302

    assert json_of(library, pk) == [second, second]


def test_a_list_is_json_where_nothing_is_known_to_choose(operator_client, library):
    pk = add_wanted(library, sites="[1, 2]")
    form = form_of(operator_client, Subscribe, pk)

    assert ticked(form, "sites") == []
    assert json.loads(form["sites"]) == [1, 2]


def test_a_list_that_moved_meanwhile_is_asked_about(operator_client, library, three):
    first, second, third = three
    pk = add_wanted(library, sites=f"[{first}]")
    form = form_of(operator_client, Subscribe, pk)
    library.update("subscribe", pk, sites=f"[{third}]")

    form.save()
    assert json_of(library, pk) == [third]
    form["sites-pick-2"] = "on"
    page = form.save()

    assert "Changed meanwhile" in page.content.decode()
    assert (f"乙 {second}", True) in ticked(form, "sites")
    assert form.save(**{"field-sites-resolve": "mine"}).status_code == 302
    assert json_of(library, pk) == [first, second]


def test_a_new_record_is_ticked_as_well(operator_client, library, three):
    form = Form(operator_client, "/core/subscribe/add/")
    form["name"], form["type"], form["state"] = "x", "电影", "N"
    assert ticked(form, "sites")[2] == (f"甲 {three[0]}", False)
    form["sites-pick-2"] = "on"

    assert form.save().status_code == 302

    [pk] = [record.pk for record in Subscribe.objects.list()]
    assert json_of(library, pk) == [three[0]]


# --- In bulk


def bulk_address(client, pks):
    """Where the bulk form of these subscriptions is."""
    data = {"do": "edit", "selected": pks}
    return client.post("/core/subscribe/bulk/", data)["Location"]


def planned(preview):
    """The plan that a preview is of."""
    return Plan.objects.get(token=preview.redirect_chain[-1][0].split("/")[-2])


def test_a_list_is_ticked_in_bulk(operator_client, library, three):
    first, second, third = three
    pks = [add_wanted(library, sites=f"[{first}]") for _ in range(2)]
    address = bulk_address(operator_client, pks)
    page = operator_client.get(address).content.decode()
    assert page.count('name="sites-value-pick-') == 3
    offered = json.dumps([third, second, first])
    hidden = {"sites-value": "[]", "sites-value-boxes": offered}

    def send(mode, *picks):
        boxes = {f"sites-value-pick-{number}": "on" for number in picks}
        data = {**hidden, **boxes, "sites-mode": mode}
        return operator_client.post(address, data, follow=True)

    untold = send("leave", 0, 1).content.decode()
    assert "Something was given for “Set”, which is not chosen" in untold
    assert untold.count(" checked><span>") >= 2
    named = f"丙&nbsp;<code>{third}</code>, 乙&nbsp;<code>{second}</code>"
    preview = send("set", 0, 1)
    assert named in preview.content.decode()
    plan = planned(preview)
    assert plan.operations["sites"]["value"] == [third, second]
    edit = reverse("admin:core_subscribe_bulk_edit", args=[plan.token])
    again = operator_client.get(edit).content.decode()
    assert again.count(" checked><span>") >= 2
    assert f'name="sites-value" value="[{third}, {second}]"' in again
    assert "Nothing to do yet" in send("leave").content.decode()
    assert planned(send("set")).operations["sites"]["value"] == []
    assert ChangeSet.objects.count() == 0


# --- For reading


def test_sites_are_named_beside_their_ids(library, three):
    first, second, _third = three

    shown = values.show(Subscribe, "sites", [second, GONE, str(first)])

    assert shown == (
        f'<span class="named-list">乙&nbsp;<code>{second}</code>, <code>{GONE}</code>, '
        f"甲&nbsp;<code>{first}</code></span>"
    )
    assert values.show(Subscribe, "sites", None) == values.NULL
    assert values.show(Subscribe, "sites", []) == '<span class="json-brief">[]</span>'
    long = [*range(100, 110), second]
    lines = diff(Subscribe, "sites", json.dumps(long), json.dumps([*long, GONE]))
    assert f"\n{second} 乙\n<ins>{GONE}</ins>" in lines
    many = values.show(Subscribe, "sites", [*range(100)])
    assert many.count("<code>") == choosing.NAMED
    assert many.endswith("…</span>")


# --- In a browser


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_boxes_are_ticked_in_a_browser(
    sqlite_library, live_console, operator, browser_page, *, has_script
):
    ids = [add_site(sqlite_library, f"Site {n:02}", pri=n) for n in range(12)]
    pk = add_wanted(sqlite_library, sites=f"[{ids[5]}, {GONE}]")
    before = sqlite_library.dump()
    page = browser_page
    if not has_script:
        browser = page.context.browser
        page = browser.new_context(java_script_enabled=False).new_page()
        page.set_viewport_size({"width": 390, "height": 844})
    watch = sign_in(page, live_console)

    page.goto(f"{live_console.url}/core/subscribe/{pk}/change/")
    watch.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    assert sqlite_library.dump() == before
    boxes = page.get_by_role("group", name="Sites sites")
    expect(boxes.get_by_role("checkbox")).to_have_count(2)
    boxes.get_by_text("Not chosen: 11").click()
    boxes.get_by_role("checkbox", name="Site 03").check()
    boxes.get_by_role("checkbox", name=f"Site {GONE} (gone)").uncheck()
    watch.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved 1 field.")).to_be_visible()

    assert row(sqlite_library, Subscribe, pk)["sites"] == f"[{ids[5]}, {ids[3]}]"
    watch.check()


def test_a_list_is_ticked_in_bulk_in_a_browser(
    sqlite_library, live_console, operator, browser_page
):
    ids = [add_site(sqlite_library, f"Site {n}", pri=n) for n in range(3)]
    pk = add_wanted(sqlite_library, sites="[]")
    watch = sign_in(browser_page, live_console)
    browser_page.goto(f"{live_console.url}/core/subscribe/")
    browser_page.locator("[data-check]").first.check()
    browser_page.get_by_role("button", name="Edit").click()

    browser_page.locator("[name=sites-mode]").select_option("set")
    boxes = browser_page.get_by_role("group", name="Value of Sites")
    boxes.get_by_role("checkbox", name="Site 1").check()
    browser_page.get_by_role("button", name="Preview").click()
    watch.check()
    browser_page.get_by_role("button", name="Apply").click()
    expect(browser_page.get_by_text("Updated 1 record.")).to_be_visible()

    assert row(sqlite_library, Subscribe, pk)["sites"] == f"[{ids[1]}]"
    watch.check()
